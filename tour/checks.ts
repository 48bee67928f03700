import { readFile, writeFile } from "node:fs/promises";
import { CarBlockIterator } from "@ipld/car";
import { formatEther, hexlify } from "ethers";

import { batchDigest, decodeBatchProof, decodeEnvelope, verifyInBatch } from "../src/crypto/index.js";
import { CATEGORIES, type Purpose } from "../src/sdk/index.js";
import { sha256FromCid, type RecordStore } from "../src/storage/index.js";
import { openedByForce } from "./adversary.js";
import { attempt, envelopesOf, isDenied, isRefused, mayViewAnything, throws } from "./attempts.js";
import { findBlockFile, someFileContains } from "./files.js";
import { findLeaks } from "./leak-scan.js";
import type { Progress, Tour } from "./workflow.js";

export const CHECKS = [
  "everyRecordReadBack",
  "viewerReadsOnlyGrantedCategories",
  "outsiderDenied",
  "expiredViewerDenied",
  "revokedViewerDenied",
  "etherlessPatientServed",
  "gatekeeperEnforces",
  "reductionAtOnce",
  "tamperedBlockRefused",
  "batchProved",
  "historyComplete",
  "delegateWithinMask",
  "constraintHeld",
  "breakGlassReviewed",
  "retractedEverywhere",
  "shreddedUnreadable",
  "splittingEarnsNothing",
  "cohortMinimumHeld",
  "studyPaidExactly",
  "withdrawnEarnsNothing",
  "thiefLoses",
  "noPersonalDataOnChain",
] as const;
export type CheckName = (typeof CHECKS)[number];

/** Each patient opens every record and gets exactly what was sealed. */
export async function everyRecordReadBack(tour: Tour, progress: Progress): Promise<boolean> {
  const total = tour.patients.reduce((sum, { written }) => sum + written.length, 0);
  let done = 0;
  for (const patient of tour.patients) {
    for (const { digest, plaintext } of patient.written) {
      const opened = await attempt(() => patient.client.openRecord({ digest }));
      if (opened === undefined || Buffer.compare(opened.content, plaintext) !== 0) return false;
      progress("reading everything back", ++done, total);
    }
  }
  return total > 0;
}

/** The clinic reads every record of the granted categories, and none of the others, by the SDK or by force. */
export async function viewerReadsOnlyGrantedCategories(tour: Tour, progress: Progress = () => {}): Promise<boolean> {
  const { cityClinic: viewer, generalHospital: hospital } = tour;
  let read = 0;
  for (const [i, patient] of tour.patients.entries()) {
    progress("checking patients", i + 1, tour.patients.length);
    for (const { digest, category, plaintext } of patient.written) {
      const open = () => viewer.client.openRecord({ digest, purpose: "TREAT" });
      if (patient.granted.includes(category)) {
        const opened = await attempt(open);
        if (opened === undefined || Buffer.compare(opened.content, plaintext) !== 0) return false;
        read++;
      } else if (!(await isRefused(open))) return false;
    }
    const others = patient.written.filter(({ category }) => !patient.granted.includes(category));
    if (others.length === 0 || (await openedByForce(viewer, viewer.received, envelopesOf(hospital, others))) > 0)
      return false;
    const categories = CATEGORIES.filter((category) => !patient.granted.includes(category));
    const asked = { patient: patient.id, viewer: viewer.id, purpose: "TREAT" as const, categories };
    if (!(await isDenied(() => hospital.client.releaseKeys(asked)))) return false;
  }
  return read > 0;
}

/** Somebody without a grant gets nothing: no key from anybody, nothing out of others' files, nothing by force. */
export async function outsiderDenied(tour: Tour, progress: Progress = () => {}): Promise<boolean> {
  const { institute: outsider, generalHospital: hospital, cityClinic, insurer } = tour;
  const others = [...cityClinic.received, ...insurer.received, ...tour.patients.flatMap(({ received }) => received)];
  for (const [i, patient] of tour.patients.entries()) {
    progress("checking patients", i + 1, tour.patients.length);
    if (await mayViewAnything(tour, patient, outsider)) return false;
    for (const holder of [hospital, patient]) {
      const asked = { patient: patient.id, viewer: outsider.id, purpose: "HRESCH" as const };
      if (!(await isDenied(() => holder.client.releaseKeys(asked)))) return false;
    }
    const envelopes = envelopesOf(hospital, patient.written);
    if (envelopes.length === 0 || (await openedByForce(outsider, [...others, ...outsider.received], envelopes)) > 0) {
      return false;
    }
  }
  for (const file of others) {
    if (file.grant !== undefined && (await attempt(() => outsider.client.takeDelivery({ file }))) !== undefined) {
      return false;
    }
  }
  return true;
}

/** A former viewer who keeps everything gets no more keys, and no later record opens, whatever it tries. */
export async function formerViewerDenied(
  tour: Tour,
  which: "expired" | "revoked",
  progress: Progress = () => {},
): Promise<boolean> {
  const viewer = which === "expired" ? tour.insurer : tour.cityClinic;
  const purpose: Purpose = which === "expired" ? "HPAYMT" : "TREAT";
  const hospital = tour.generalHospital;
  for (const [i, patient] of tour.patients.entries()) {
    progress("checking patients", i + 1, tour.patients.length);
    for (const holder of [hospital, patient]) {
      const asked = { patient: patient.id, viewer: viewer.id, purpose };
      if (!(await isDenied(() => holder.client.releaseKeys(asked)))) return false;
    }
    const granted = patient.written.filter(({ category }) => patient.granted.includes(category));
    const later = granted.slice(-patient.granted.length);
    if ((await openedByForce(viewer, viewer.received, envelopesOf(hospital, later))) > 0) return false;
    for (const { digest } of granted) {
      if (!(await isRefused(() => viewer.client.openRecord({ digest, purpose })))) return false;
    }
    // Not a failure: nothing can make somebody forget. It also proves that the attack above would have worked.
    tour.retained[which] += await openedByForce(viewer, viewer.received, envelopesOf(hospital, granted));
  }
  return tour.retained[which] > 0;
}

/** Some patient was served from registration to revocation without ever having ether or sending a transaction. */
export async function etherlessPatientServed(tour: Tour): Promise<boolean> {
  const { provider } = tour.devnet;
  const etherless = tour.patients.filter((patient) => patient.etherless);
  for (const patient of etherless) {
    const [balance, sent] = await Promise.all([
      provider.getBalance(patient.wallet.address),
      provider.getTransactionCount(patient.wallet.address),
    ]);
    const { relationships } = await patient.client.overviewOf({ patient: patient.id });
    const active = relationships.some(({ status }) => status === "Active");
    if (formatEther(balance) !== "0.0" || sent !== 0 || !active || patient.written.length === 0) return false;
  }
  return etherless.length > 0;
}

/** One bit of a pinned block is flipped on disk: the record is refused. Then the block is put back. */
export async function tamperedBlockRefused(tour: Tour): Promise<boolean> {
  const patient = tour.patients[0]!;
  const { digest, cid } = patient.written[0]!;
  const file = await findBlockFile(tour.devnet.ipfs, Buffer.from(sha256FromCid(cid)).toString("hex"));
  if (file === undefined) return false;
  const bytes = await readFile(file);
  const flipped = Buffer.from(bytes);
  flipped[flipped.length >> 1]! ^= 1;
  try {
    await writeFile(file, flipped);
    return await throws(["BLOCK_CORRUPT"], () => patient.client.openRecord({ digest }));
  } finally {
    await writeFile(file, bytes);
  }
}

/**
 * Every path that the hospital hands out leads from its record to a batch that the chain holds, by the hospital and of as many
 * records, and every record that was anchored in a batch has one.
 */
export async function batchProved(tour: Tour): Promise<boolean> {
  const { id: author, client } = tour.generalHospital;
  let proved = 0;
  for (const patient of tour.patients) {
    const { Records } = patient.client.contracts;
    const events = await Records.queryFilter(Records.filters.BatchAnchored(patient.id, author));
    const counts = new Map(events.map(({ args: { digest, count } }) => [digest, Number(count)]));
    const found = new Set<string>();
    for (const { envelopes, proofs = [] } of await client.releaseEnvelopes({
      patient: patient.id,
      viewer: patient.id,
    })) {
      for (const { envelope, proof: encoded } of proofs) {
        const record = decodeEnvelope(Buffer.from(envelopes[envelope]!, "base64")).digest;
        const proof = decodeBatchProof(Buffer.from(encoded, "base64"));
        const digest = batchDigest(proof);
        if (counts.get(hexlify(digest)) !== proof.size || !verifyInBatch({ digest, record, proof })) return false;
        found.add(hexlify(record));
      }
    }
    const inBatch = patient.written.filter((record) => record.inBatch);
    if (!inBatch.every(({ digest }) => found.has(digest))) return false;
    proved += inBatch.length;
  }
  return proved > 0;
}

/** Each patient's records add up to the head on chain, and none is missing in the patient's vault. */
export async function historyComplete(tour: Tour): Promise<boolean> {
  for (const patient of tour.patients) {
    const { complete, count, batches, retracted } = await patient.client.verifyHistory({ patient: patient.id });
    const dummies = batches.reduce((sum, { unknown }) => sum + unknown, 0);
    // What was retracted stands there, too, and so does that it was.
    const records = [...patient.written, ...(tour.retracted?.patient.id === patient.id ? [tour.retracted.record] : [])];
    const retractions = retracted.filter((anchored) => !records.some(({ digest }) => digest === anchored));
    if (!complete || count - dummies !== records.length + retractions.length) return false;
  }
  return true;
}

/** In every vault that shredded: not opened, not taken again, and not a trace in the files on disk. */
export async function shreddedUnreadable(tour: Tour): Promise<boolean> {
  const { patient, record, traces, envelopes } = tour.shredded!;
  for (const holder of [tour.generalHospital, patient]) {
    const { client, home } = holder;
    if (!(await throws(["RECORD_SHREDDED"], () => client.openRecord({ digest: record.digest })))) return false;
    for (const file of envelopes) {
      const taken = await attempt(() => client.takeEnvelopes({ file }));
      if (taken?.shredded !== 1) return false;
    }
    if (!(await throws(["RECORD_SHREDDED"], () => client.openRecord({ digest: record.digest })))) return false;
    for (const trace of traces) if (await someFileContains(home, trace)) return false;
  }
  return traces.length > 0;
}

/** No personal data in anything public. */
export async function noPersonalDataOnChain(tour: Tour, progress: Progress): Promise<boolean> {
  const ciphertexts = new Set<string>();
  const sealed = [
    ...tour.patients.flatMap(({ written }) => written),
    ...(tour.retracted ? [tour.retracted.record] : []),
  ];
  for (const { cid } of sealed) {
    for (const digest of await blocksOf(tour.generalHospital.store, cid)) ciphertexts.add(digest);
  }
  const { leaks, scanned } = await findLeaks({
    provider: tour.devnet.provider,
    network: tour.devnet.ipfs,
    tokens: tour.input.patients.flatMap(({ tokens }) => tokens),
    ciphertexts,
    publicTexts: tour.publicNames,
    progress: (done, of) => progress("searching the chain's blocks for personal data", done, of),
  });
  return leaks.length === 0 && scanned > 0;
}

/** The digests (hex) of a sealed record's blocks: a large one has several. */
async function blocksOf(store: RecordStore, cid: string): Promise<string[]> {
  const digests: string[] = [];
  await attempt(async () => {
    const car = await CarBlockIterator.fromIterable(store.exportCar(cid));
    for await (const block of car) digests.push(Buffer.from(block.cid.multihash.digest).toString("hex"));
  });
  return digests;
}
