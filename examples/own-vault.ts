/**
 * The way of sdk.ts, with every client made by hand of an account, a vault and a store: npx tsx examples/own-vault.ts
 *
 * Against a network leave out `startNode` and `deployContracts`, read the deployment's file and bring accounts of your own.
 */
import { deepEqual, equal, rejects } from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { registrarAbi } from "chartchain/abi";
import { deployContracts, startNode } from "chartchain/devnet";
import { isChartChainError } from "chartchain/errors";
import { connect, createClient, type Client, type KeyDocuments } from "chartchain/sdk";
import { createEmbeddedStore } from "chartchain/storage/node";
import { openVault } from "chartchain/vault/node";
import { Contract } from "ethers";

const folder = await mkdtemp(join(tmpdir(), "chartchain-example-"));
const node = await startNode();
const deployment = await deployContracts({ url: node.url, delay: 1 });
const { chainId, genesisHash, contracts } = deployment;
const chain = { chainId: BigInt(chainId), genesisHash, contracts };
const provider = await connect(node.url);

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
await alice.takeTerms({ file: terms });
const [proposal] = await alice.listPending();
await alice.approveRelationship(proposal!);

const content = new TextEncoder().encode('{"resourceType":"AllergyIntolerance"}');
const { digest } = await hospital.addRecord({ patient, category: "SUMMARY", content });
await alice.takeDelivery({ file: await hospital.deliver({ patient, viewer: patient }) });
await alice.openRecord({ digest });

await alice.grantAccess({ viewer: clinicId, categories: ["SUMMARY"], purpose: "TREAT", until: now + 3_600 });
await clinic.takeDelivery({ file: await alice.deliver({ patient, viewer: clinicId, purpose: "TREAT" }) });
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
await node.close();
await rm(folder, { recursive: true });
console.log(new TextDecoder().decode(opened.content));
