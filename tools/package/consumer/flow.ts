/**
 * examples/sdk.ts by somebody who has the package alone: one record, from a clinic to its patient to another clinic and no
 * further. Type-checked and run in a folder of its own, against a devnet of the repository: flow.ts URL DEPLOYMENT FOLDER.
 */
import { deepEqual, equal, rejects } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { argv } from "node:process";

import { registrarAbi } from "chartchain/abi";
import { isChartChainError } from "chartchain/errors";
import { connect, createClient, parseDeployment, type Client, type KeyDocuments } from "chartchain/sdk";
import { createEmbeddedStore } from "chartchain/storage/node";
import { openVault } from "chartchain/vault/node";
import { Contract } from "ethers";

const [url, path, folder] = argv.slice(2) as [string, string, string];
const deployment = parseDeployment(JSON.parse(readFileSync(path, "utf8")));
const { chainId, genesisHash, contracts } = deployment;
const chain = { chainId: BigInt(chainId), genesisHash, contracts };
const provider = await connect(url);

const documents = new Map<string, Uint8Array>();
const keyDocuments: KeyDocuments = {
  get: async (digest) => documents.get(digest),
  put: async (digest, document) => void documents.set(digest, document),
};

const closing: (() => Promise<void>)[] = [];
async function actor(participant: string, account: number): Promise<Client> {
  const directory = join(folder, participant);
  const vault = await openVault({ directory, chain, passphrase: "a passphrase of a test", cost: 10, create: true });
  const store = await createEmbeddedStore({ directory: join(folder, "ipfs"), participant });
  closing.push(async () => {
    vault.close();
    await store.close();
  });
  return createClient({ runner: await provider.getSigner(account), deployment, vault, store, keyDocuments });
}

const authority = await createClient({ runner: await provider.getSigner(0), deployment });
const hospital = await actor("hospital", 1);
const clinic = await actor("clinic", 2);
const alice = await actor("alice", 3);

const now = (await provider.getBlock("latest"))!.timestamp;
const { participant: hospitalId } = await hospital.registerInstitution({ name: "General Hospital" });
const { participant: clinicId } = await clinic.registerInstitution({ name: "City Clinic" });
for (const institution of [hospitalId, clinicId]) {
  await authority.licenseInstitution({ institution, roles: ["PROVIDER"], until: now + 86_400 });
}
const { participant: patient } = await alice.registerPatient();

const { terms } = await hospital.proposeRelationship({ patient });
await alice.importTerms({ file: terms });
const [proposal] = await alice.listPending();
await alice.approveRelationship(proposal!);

const content = new TextEncoder().encode('{"resourceType":"AllergyIntolerance"}');
const { digest } = await hospital.addRecord({ patient, category: "SUMMARY", content });
await alice.importDelivery({ file: await hospital.deliver({ patient, viewer: patient }) });
await alice.openRecord({ digest });

await alice.grantAccess({ viewer: clinicId, categories: ["SUMMARY"], purpose: "TREAT", until: now + 3_600 });
await clinic.importDelivery({ file: await alice.deliver({ patient, viewer: clinicId, purpose: "TREAT" }) });
const opened = await clinic.openRecord({ digest, purpose: "TREAT" });
deepEqual(new Uint8Array(opened.content), content);

await alice.revokeAccess({ viewer: clinicId });
await rejects(clinic.openRecord({ digest, purpose: "TREAT" }), (error) => isChartChainError(error, "CONSENT_DENIED"));

// The contracts by their ABI alone, as another library would call them; and by the SDK's types.
const registrar = new Contract(contracts.Registrar, registrarAbi, provider);
const owner = await provider.getSigner(3);
equal(await registrar.getFunction("authenticate")(owner.address), BigInt(patient));
equal(await alice.contracts.Registrar.authenticate(owner.address), BigInt(patient));

for (const close of closing) await close();
provider.destroy();
console.log("opened");
