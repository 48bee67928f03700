// Long, because every fault that a check of the tour has to see is planted here, with nothing but real means.
import { randomBytes, randomUUID } from "node:crypto";
import { copyFile, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { AbiCoder, getBytes, hexlify, JsonRpcProvider, keccak256, toUtf8Bytes, Wallet } from "ethers";

import {
  Batch,
  createManifest,
  encodeEnvelope,
  encodeKeyWrap,
  manifestDigest,
  sealEnvelope,
  sealRecord,
  wrapCompartmentKey,
  type CompartmentKey,
} from "../../src/crypto/index.js";
import { CATEGORIES, createClient, type Category, type Purpose } from "../../src/sdk/index.js";
import { allModules } from "../../src/sdk/modules/index.js";
import { sha256FromCid, type RecordStore } from "../../src/storage/index.js";
import { restoreVault } from "../../src/vault/node/index.js";
import type { Actor } from "../../devnet/index.js";
import { findBlockFile } from "../../tour/files.js";
import type { Tour, TourPatient, WrittenRecord } from "../../tour/workflow.js";

/** Plants a fault. What it returns takes the fault away again, right before the next check. */
export type Plant = (tour: Tour) => Promise<void | (() => Promise<void>)>;

export const onlyPatient = (tour: Tour): TourPatient => tour.patients[0]!;
const grantedRecord = ({ written, granted }: TourPatient): WrittenRecord =>
  written.find(({ category }) => granted.includes(category))!;
export const laneOf = (category: Category): number => CATEGORIES.indexOf(category);

/** The first record's block is gone from the disk. */
export const deletedBlock: Plant = async (tour) => {
  const { file, bytes } = await blockOf(tour, onlyPatient(tour).written[0]!);
  await rm(file);
  return () => writeFile(file, bytes);
};

/** One bit of the first record's block is another on disk. */
export const flippedBlock: Plant = async (tour) => {
  const { file, bytes } = await blockOf(tour, onlyPatient(tour).written[0]!);
  const flipped = Buffer.from(bytes);
  flipped[flipped.length - 1]! ^= 0x80;
  await writeFile(file, flipped);
  return () => writeFile(file, bytes);
};

/** A record that the viewer was granted can't be had. */
export const unreadableGrantedRecord: Plant = async (tour) => {
  const { file, bytes } = await blockOf(tour, grantedRecord(onlyPatient(tour)));
  await rm(file);
  return () => writeFile(file, bytes);
};

/** The viewer has the key and the envelope of a category that was never granted. */
export const leakedCategory: Plant = async (tour) => {
  const { generalHospital: hospital, cityClinic: viewer } = tour;
  const { written, granted } = onlyPatient(tour);
  const { digest } = written.find(({ category }) => !granted.includes(category))!;
  const envelope = hospital.vault.envelopes.get(getBytes(digest))!;
  const key = hospital.vault.compartments.get(envelope.compartmentId)!;
  viewer.vault.compartments.put(key, { openedAtBlock: key.openedAtBlock, source: hospital.id });
  viewer.vault.envelopes.put(envelope);
};

/** The patient grants the viewer one more category than the tour knows of, and has it delivered. */
export const oneMoreCategory: Plant = async (tour) => {
  const { generalHospital: hospital, cityClinic: viewer } = tour;
  const patient = onlyPatient(tour);
  await grant(tour, viewer, "TREAT", [patient.withheld]);
  const file = await hospital.client.deliver({ patient: patient.id, viewer: viewer.id, purpose: "TREAT" });
  await viewer.client.takeDelivery({ file });
};

/** The patient grants the outsider what the tour granted others, for this purpose. */
export const grantedOutsider =
  (purpose: Purpose): Plant =>
  async (tour) =>
    grant(tour, tour.institute, purpose, onlyPatient(tour).granted);

/** The patient grants a former viewer again. */
export const grantedAgain =
  (which: "insurer" | "cityClinic", purpose: Purpose): Plant =>
  async (tour) =>
    grant(tour, tour[which], purpose, onlyPatient(tour).granted);

/** The steward wraps the newest key of a granted category to somebody, past the SDK and the contract. */
export const newestKeyFor =
  (which: "institute" | "insurer" | "cityClinic"): Plant =>
  async (tour) => {
    const { generalHospital: hospital } = tour;
    const patient = onlyPatient(tour);
    const category = laneOf(patient.granted[0]!);
    const key = hospital.vault.compartments.current({ patient: patient.id, steward: hospital.id, category })!;
    await handRawKey(tour[which], key);
  };

/** No new round: a later record lies under the key that a former viewer has. */
export const sealedUnderKeyOf =
  (which: "insurer" | "cityClinic"): Plant =>
  async (tour) => {
    const patient = onlyPatient(tour);
    const category = patient.granted.at(-1)!;
    const held = tour[which].vault.compartments.list({ patient: patient.id, category: laneOf(category) });
    await writeUnder(tour, patient, category, held[0]!);
  };

/** The viewer is denied nothing: its node just doesn't answer. */
export const silentNode =
  (which: "insurer" | "cityClinic"): Plant =>
  async (tour) => {
    const viewer = tour[which];
    const { client, vault, store } = viewer;
    const provider = new SilencedProvider(tour.devnet.provider._getConnection().url);
    const runner = new Wallet(viewer.wallet.privateKey, provider);
    viewer.client = await createClient({ runner, deployment: client.deployment, modules: allModules, vault, store });
    provider.silent = true;
    return async () => {
      viewer.client = client;
      provider.destroy();
    };
  };

/** The patient who should have none has ether. */
export const fundedPatient: Plant = async (tour) => {
  await setBalance(tour, 1n);
  return () => setBalance(tour, 0n);
};

/** The patient who should need nobody's network fee sent a transaction, and has nothing left. */
export const sendingPatient: Plant = async (tour) => {
  const { wallet } = onlyPatient(tour);
  await setBalance(tour, 10n ** 18n);
  await (await wallet.sendTransaction({ to: wallet.address })).wait();
  await setBalance(tour, 0n);
};

/** The patient's store remembers what it served once, and never looks at the disk again. */
export const rememberingStore: Plant = async (tour) => {
  const patient = onlyPatient(tour);
  const { client, vault, wallet } = patient;
  const store = withMemory(patient.store);
  patient.client = await createClient({
    runner: wallet,
    deployment: client.deployment,
    modules: allModules,
    vault,
    store,
  });
  for (const { digest } of patient.written) await patient.client.openRecord({ digest });
};

/** A record was never delivered to the patient. */
export const undeliveredRecord: Plant = async (tour) => {
  const patient = onlyPatient(tour);
  const category = patient.withheld;
  const plaintext = new Uint8Array(randomBytes(64));
  const { digest, cid } = await tour.generalHospital.client.addRecord({
    patient: patient.id,
    category,
    content: plaintext,
  });
  patient.written.push({ digest, cid, category, plaintext });
};

/** The steward hands out each path with another record. */
export const swappedPaths: Plant = async ({ generalHospital: { client } }) => {
  const { releaseEnvelopes } = client;
  client.releaseEnvelopes = async (input) =>
    (await releaseEnvelopes(input)).map((file) => {
      const proofs = file.proofs ?? [];
      const swapped = proofs.map(({ envelope }, i) => ({ envelope, proof: proofs[(i + 1) % proofs.length]!.proof }));
      return { ...file, proofs: swapped };
    });
  return async () => {
    client.releaseEnvelopes = releaseEnvelopes;
  };
};

/** The steward hands out a path that leads to a batch which it never anchored. */
export const unanchoredBatch: Plant = async (tour) => {
  const record = getBytes(onlyPatient(tour).written[0]!.digest);
  const batch = Batch.of([record, new Uint8Array(randomBytes(32))]);
  tour.generalHospital.vault.batches.keepProof(record, batch.proofOf(record)!);
};

/** The steward anchors something that nobody was told of. */
export const secretAnchor: Plant = async (tour) => {
  const { Records } = tour.generalHospital.client.contracts;
  const sent = await Records.anchor(onlyPatient(tour).id, randomBytes(32));
  await sent.wait();
};

/** The patient's node leaves the newest event out of its answers. */
export const forgetfulNode: Plant = async (tour) => {
  const patient = onlyPatient(tour);
  const { client, vault, store } = patient;
  const provider = new ForgetfulProvider(tour.devnet.provider._getConnection().url);
  const runner = new Wallet(patient.wallet.privateKey, provider);
  patient.client = await createClient({ runner, deployment: client.deployment, modules: allModules, vault, store });
  return async () => {
    patient.client = client;
    provider.destroy();
  };
};

/** Somebody left a copy of the patient's vault beside it, before the record was shredded. */
export const forgottenCopy: Plant = async (tour) => {
  const { home } = onlyPatient(tour);
  for (const name of await readdir(home)) await copyFile(join(home, name), join(home, `${name}.copy`));
};

/** A vault that was restored from a backup, which was made before the shredding. */
export class RestoredVault {
  readonly #passphrase = "of a test";
  #backup: Uint8Array = new Uint8Array();

  readonly backUp: Plant = async (tour) => {
    this.#backup = await onlyPatient(tour).vault.backup(this.#passphrase);
  };

  /** The patient goes on with it. */
  readonly useIt: Plant = async (tour) => {
    const patient = onlyPatient(tour);
    const { client } = patient;
    const directory = join(dirname(patient.home), `restored-${randomUUID()}`);
    const options = { directory, passphrase: this.#passphrase, backup: this.#backup, cost: 10 };
    const vault = await restoreVault({ ...options, chain: patient.vault.chain });
    const { wallet: runner, store } = patient;
    patient.client = await createClient({ runner, deployment: client.deployment, modules: allModules, vault, store });
    return async () => {
      patient.client = client;
      vault.close();
    };
  };

  /** The patient goes on with the vault that shredded, but what is imported reaches the other one. */
  readonly importIntoIt: Plant = async (tour) => {
    const patient = onlyPatient(tour);
    const { client } = patient;
    const undo = await this.useIt(tour);
    patient.client = { ...client, takeEnvelopes: patient.client.takeEnvelopes };
    return undo;
  };
}

/** This text lies open in a pinned block. */
export const plaintextBlock =
  (textOf: (tour: Tour) => string): Plant =>
  async (tour) =>
    void (await tour.generalHospital.store.putBlock(toUtf8Bytes(`{"name":"${textOf(tour)}"}`), { pin: true }));

/** The keccak-256 of this text goes to the chain, without a salt. */
export const unsaltedHash =
  (textOf: (tour: Tour) => string): Plant =>
  async (tour) => {
    const { wallet } = tour.generalHospital;
    const data = AbiCoder.defaultAbiCoder().encode(["bytes32"], [keccak256(toUtf8Bytes(textOf(tour)))]);
    await (await wallet.sendTransaction({ to: wallet.address, data })).wait();
  };

export async function blockOf(tour: Tour, { cid }: WrittenRecord): Promise<{ file: string; bytes: Buffer }> {
  const file = (await findBlockFile(tour.devnet.ipfs, Buffer.from(sha256FromCid(cid)).toString("hex")))!;
  return { file, bytes: await readFile(file) };
}

async function grant(tour: Tour, viewer: Actor, purpose: Purpose, categories: Category[]): Promise<void> {
  const { generalHospital: hospital, devnet } = tour;
  const until = (await devnet.provider.getBlock("latest"))!.timestamp + 3600;
  const input = { viewer: viewer.id, categories, purpose, steward: hospital.id, until };
  await hospital.client.relay({ file: await onlyPatient(tour).client.signGrantAccess(input) });
}

/** Wraps a key to somebody, past the SDK and the contract, who keeps it. */
export async function handRawKey(to: Actor, compartmentKey: CompartmentKey): Promise<void> {
  const { publicKey } = await to.vault.identity.keyPair();
  const { keyVersion } = to.vault.identity;
  const wrap = await wrapCompartmentKey({
    compartmentKey,
    recipientPublicKey: publicKey,
    participant: to.id,
    keyVersion,
  });
  const wraps = [Buffer.from(encodeKeyWrap(wrap)).toString("base64")];
  to.received.push({ grant: { wraps }, envelopes: [] } as unknown as Actor["received"][number]);
}

/** What addRecord does, under a key of the caller's choice. */
async function writeUnder(tour: Tour, patient: TourPatient, category: Category, key: CompartmentKey): Promise<void> {
  const { client, store, vault, id: steward } = tour.generalHospital;
  const plaintext = new Uint8Array(randomBytes(64));
  const sealed = sealRecord({ source: [plaintext], size: plaintext.length });
  const { dek, recordId, keyCommitment } = sealed;
  const { cid } = await store.put(sealed.ciphertext, { pin: true });
  const packed = { cid, offset: 0, packSize: sealed.length, packing: 0 };
  const manifest = createManifest({
    recordId,
    patient: patient.id,
    steward,
    author: steward,
    category: key.category,
    sha256: sealed.sha256(),
    size: plaintext.length,
    mediaType: "application/fhir+json",
    createdAt: Math.floor(Date.now() / 1000),
    keyCommitment,
  });
  const digest = manifestDigest(manifest);
  const { id: compartmentId } = key;
  const bytes = encodeEnvelope(sealEnvelope({ manifest, dek, place: packed, compartmentKey: key }));
  const place = { patient: patient.id, steward, metadata: { ...manifest, cid } };
  vault.envelopes.put({ digest, compartmentId, bytes, ...place, status: "pending" });
  await (await client.contracts.Records.anchor(patient.id, digest)).wait();
  patient.written.push({ digest: hexlify(digest), cid, category, plaintext });
  const file = await client.deliver({ patient: patient.id, viewer: patient.id, purpose: "PATRQT" });
  await patient.client.takeDelivery({ file });
}

const setBalance = (tour: Tour, wei: bigint): Promise<void> =>
  tour.devnet.provider.send("hardhat_setBalance", [onlyPatient(tour).wallet.address, `0x${wei.toString(16)}`]);

/** The store, but for reads that were done before. */
function withMemory(store: RecordStore): RecordStore {
  const memory = new Map<string, Uint8Array[]>();
  async function* get(cid: string): AsyncGenerator<Uint8Array> {
    let chunks = memory.get(cid);
    if (chunks === undefined) {
      memory.set(cid, (chunks = []));
      for await (const chunk of store.get(cid)) chunks.push(chunk);
    }
    yield* chunks;
  }
  return new Proxy(store, {
    get(target, name: keyof RecordStore) {
      return name === "get" ? get : (target[name] as () => unknown).bind(target);
    },
  });
}

class ForgetfulProvider extends JsonRpcProvider {
  override async send(method: string, params: unknown[]): Promise<unknown> {
    const answer: unknown = await super.send(method, params as never);
    return method === "eth_getLogs" ? (answer as unknown[]).slice(0, -1) : answer;
  }
}

class SilencedProvider extends JsonRpcProvider {
  silent = false;

  override async send(method: string, params: unknown[]): Promise<unknown> {
    if (this.silent) throw Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
    return super.send(method, params as never);
  }
}
