/**
 * One record, from a clinic to its patient to another clinic and no further: npx tsx examples/sdk.ts
 *
 * `openStage` starts a local chain with everything deployed and makes actors, each with an account, a vault and a store
 * of its own; how a client is made of these is in scripts/tour/cast.ts.
 */
import "../scripts/lib/quiet.js";

import { openStage } from "../scripts/tour/cast.js";
import type { ChartChainError } from "../src/sdk/index.js";

const report = ({ code, message }: ChartChainError) => console.log(code, message);

const stage = await openStage();
const { client: hospital } = await stage.actor("General Hospital", true);
const { client: clinic } = await stage.actor("City Clinic", true);
const { client: alice } = await stage.actor("Alice", true);

// README begin
const { timestamp: now } = (await stage.provider.getBlock("latest"))!;
const { participant: hospitalId } = await hospital.registerInstitution({ name: "General Hospital" });
const { participant: clinicId } = await clinic.registerInstitution({ name: "City Clinic" });
for (const institution of [hospitalId, clinicId]) {
  await stage.authority.licenseInstitution({ institution, roles: ["PROVIDER"], until: now + 86_400 });
}
const { participant: patient } = await alice.registerPatient();

await hospital.proposeRelationship({ patient });
const [proposal] = await alice.listPending(); // terms fetched, verified and opened
await alice.approveRelationship(proposal!);

const content = new TextEncoder().encode('{"resourceType":"AllergyIntolerance"}');
const { digest } = await hospital.addRecord({ patient, category: "SUMMARY", content });
await alice.importDelivery({ file: await hospital.deliver({ patient, viewer: patient }) });
await alice.openRecord({ digest });

await alice.grantAccess({ viewer: clinicId, categories: ["SUMMARY"], purpose: "TREAT", until: now + 3_600 });
await clinic.importDelivery({ file: await alice.deliver({ patient, viewer: clinicId, purpose: "TREAT" }) });
const opened = await clinic.openRecord({ digest, purpose: "TREAT" });
console.log(new TextDecoder().decode(opened.content));

await alice.revokeAccess({ viewer: clinicId });
await clinic.openRecord({ digest, purpose: "TREAT" }).catch(report); // CONSENT_DENIED
// README end

await stage.close();
