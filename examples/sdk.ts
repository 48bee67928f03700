/**
 * One record, from a clinic to its patient to another clinic and no further: npx tsx examples/sdk.ts
 *
 * `createDevnet` starts a local chain with everything deployed and makes actors, each with an account, a vault and a store
 * of its own; how a client is made of these is in own-vault.ts.
 */
import { createDevnet } from "chartchain/devnet";
import type { ChartChainError } from "chartchain/errors";

const report = ({ code, message }: ChartChainError) => console.log(code, message);

const devnet = await createDevnet();
const { client: hospital } = await devnet.actor("General Hospital");
const { client: clinic } = await devnet.actor("City Clinic");
const { client: alice } = await devnet.actor("Alice");

const now = await devnet.now();
const { participant: hospitalId } = await hospital.registerInstitution({ name: "General Hospital" });
const { participant: clinicId } = await clinic.registerInstitution({ name: "City Clinic" });
for (const institution of [hospitalId, clinicId]) {
  await devnet.authority.licenseInstitution({ institution, roles: ["PROVIDER"], until: now + 86_400 });
}
const { participant: patient } = await alice.registerPatient();

const { terms } = await hospital.proposeRelationship({ patient });
await alice.takeTerms({ file: terms }); // they travel in a file: no digest on chain is a CID
const [proposal] = await alice.listPending(); // terms opened and verified
await alice.approveRelationship(proposal!);

const content = new TextEncoder().encode('{"resourceType":"AllergyIntolerance"}');
const { digest } = await hospital.addRecord({ patient, category: "SUMMARY", content });
await alice.takeDelivery({ file: await hospital.deliver({ patient, viewer: patient }) });
await alice.openRecord({ digest });

await alice.grantAccess({ viewer: clinicId, categories: ["SUMMARY"], purpose: "TREAT", until: now + 3_600 });
await clinic.takeDelivery({ file: await alice.deliver({ patient, viewer: clinicId, purpose: "TREAT" }) });
const opened = await clinic.openRecord({ digest, purpose: "TREAT" });
console.log(new TextDecoder().decode(opened.content));

await alice.revokeAccess({ viewer: clinicId });
await clinic.openRecord({ digest, purpose: "TREAT" }).catch(report); // CONSENT_DENIED

await devnet.close();
