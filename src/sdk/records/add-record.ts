import { getBytes, hexlify } from "ethers";

import { nameOfKind, randomInt } from "../../crypto/index.js";
import { ChartChainError } from "../../errors/index.js";
import type { Sent } from "../chain/transactions.js";
import { currentTime, requireVault, type Context } from "../context.js";
import type { Standing } from "../relationships/approved-terms.js";
import type { AddedRecord, AdditionsInput, RecordInput } from "./added-record.js";
import { admitRecord, type AdmittedRecord } from "./admit-record.js";
import type { Chart } from "./admissions.js";
import { anchorSealed, discardRecords } from "./anchor-record.js";
import { knowContent } from "./content-digest.js";
import { heldAlready } from "./held-record.js";
import { confidentialIn, kindAsked, kindIn } from "./import/kind-of-input.js";
import { keepCurrent, type Rounds } from "./keep-current.js";
import { requireMayAnchor } from "./may-anchor.js";
import { keepsPlaces, nextBatch } from "./next-batch.js";
import { currentRound, roundToSealUnder } from "./rounds.js";
import { sealInPacks, type NewRecord, type Packed } from "./seal-pack.js";
import { inTurns } from "./settle-additions.js";
import { letWait, requireSpread } from "./waiting.js";
import { namesOfKind } from "../vocabulary.js";

/**
 * Seals a record under a fresh key, pins it, and anchors its digest. The client is a steward with an active
 * relationship, or the patient, who reports something.
 *
 * Adding is safe to repeat. What this vault added before with the same content, for the same patient and amending or
 * disputing the same, is given back as it is ({@link AddedRecord.alreadyThere}); two at once make one record. What was
 * interrupted is finished where its transaction may still be mined, and else taken back and added anew. A record that was
 * shredded here is forgotten, so that the same content makes a new one. One that was entered in error is not: `again` adds
 * it once more.
 *
 * Who may see the record is checked at the chain's head right before anchoring: when somebody lost access meanwhile, its
 * envelope is written again under a new round.
 *
 * What a FHIR record says of its patient, by a Patient resource, a reference or an identifier, is first held against what
 * this vault knows of the participant; one that contradicts it goes onto the worklist.
 *
 * @throws CHART_CONTRADICTED, NOT_AN_ACTIVE_STEWARD, STEWARD_NOT_LICENSED, UNKNOWN_PARTICIPANT, RECORD_SIZE_MISSING,
 *   SPREAD_INVALID, MEMBERSHIP_UNSTABLE, OUTSIDE_TERMS; what the store and {@link anchorSealed} throw; the reason of `signal`. Nothing is
 *   anchored then.
 *
 * @example
 * const { digest, alreadyThere } = await clinic.addRecord({ patient: 7, category: "SUMMARY", content: bytes });
 */
export async function addRecord(ctx: Context, input: RecordInput): Promise<AddedRecord> {
  const { patient, signal, spread, ...record } = input;
  const options = { ...(signal && { signal }), ...(spread === undefined ? {} : { spread }) };
  const [added] = await addRecords(ctx, { patient, records: [record], ...options });
  return added!;
}

/**
 * {@link addRecord} for several records of one chart: they lie in common packs, whatever their categories are, so that neither
 * a pack's size nor who fetches it shows what was read. What is new is anchored in one transaction, as a batch, where it is
 * more than one.
 *
 * @returns in the order of `records`
 * @throws what {@link addRecord} throws, and what `onAdded` throws: what was anchored before that stays
 *
 * @example
 * await clinic.addRecords({ patient: 7, records: [{ category: "SUMMARY", content }, { category: "CARE", content: note }] });
 */
export async function addRecords(ctx: Context, input: AdditionsInput): Promise<AddedRecord[]> {
  const { patient, records, signal } = input;
  const vault = requireVault(ctx);
  for (const record of records) kindAsked(record);
  if (input.spread !== undefined) requireSpread(input.spread);
  const { author, standing } = await requireMayAnchor(ctx, patient);
  const candidates: Candidate[] = [];
  const isConfidential = confidentialIn(ctx, { patient, author });
  for (const record of records) {
    const known = await know(ctx, record, signal);
    const said = { patient, author, content: known.known.digest };
    if (isConfidential(said.content)) known.kind = { ...known.kind, confidential: true };
    const { accept, warnings, keepIfRefused } = await admitRecord(ctx, {
      ...{ patient, ...record },
      // Where it waits for a person's word, it stays what it would be in the chart.
      confidential: known.kind.confidential === true,
    });
    const key = vault.additions.keyOf({ ...said, ...known.refersTo });
    const { again = false } = record;
    candidates.push({ ...known, key, accept, keepIfRefused, again, warnings });
  }
  const keys = candidates.map(({ key }) => key);
  try {
    return await inTurns(vault, keys, () =>
      addAll(ctx, { patient, steward: author }, candidates, { ...input, standing }),
    );
  } catch (cause) {
    let error: unknown = cause;
    for (const { keepIfRefused } of candidates) error = await keepIfRefused(error);
    throw error;
  }
}

/** A record whose content was read once. */
interface Candidate extends NewRecord, Pick<AdmittedRecord, "keepIfRefused" | "warnings"> {
  again: boolean;
}

async function addAll(
  ctx: Context,
  of: Chart,
  candidates: readonly Candidate[],
  { signal, onAdded, spread, standing }: AdditionsInput & { standing: Standing },
): Promise<AddedRecord[]> {
  const added = new Map<Candidate, AddedRecord>();
  const done = async (candidate: Candidate, record: AddedRecord): Promise<void> => {
    const { warnings } = candidate;
    const told = warnings.length === 0 ? record : { ...record, warnings: [...warnings] };
    added.set(candidate, told);
    await onAdded?.(told, candidates.indexOf(candidate));
  };
  const giveBack = async (candidate: Candidate): Promise<boolean> => {
    const held = candidate.again ? undefined : await heldAlready(ctx, of, candidate.key, spread !== undefined);
    if (held === undefined) return false;
    const digest = getBytes(held.digest);
    // A record that was entered in error teaches nothing.
    if (requireVault(ctx).retractions.get(digest, of.steward) === undefined) candidate.accept(digest);
    await done(candidate, held);
    return true;
  };

  // Another call may have added the same meanwhile; of what comes twice in this one, one marks all.
  const isHeld = confidentialIn(ctx, { patient: of.patient, author: of.steward });
  const said = ({ known }: Candidate) => hexlify(known.digest);
  const marked = new Set(candidates.filter(({ kind }) => kind.confidential === true).map(said));
  for (const each of candidates) {
    if (marked.has(said(each)) || isHeld(each.known.digest)) each.kind = { ...each.kind, confidential: true };
  }
  const missing: Candidate[] = [];
  const seen = new Set<string>();
  for (const candidate of candidates) {
    const { key, again } = candidate;
    // What comes twice is there already when it comes the second time.
    if (!again && seen.has(hexlify(key))) continue;
    if (await giveBack(candidate)) continue;
    if (!again) seen.add(hexlify(key));
    missing.push(candidate);
  }
  await addMissing(ctx, of, missing, done, { signal, spread, standing });
  for (const candidate of candidates) if (!added.has(candidate)) await giveBack(candidate);
  return candidates.map((candidate) => added.get(candidate)!);
}

async function addMissing(
  ctx: Context,
  of: Chart,
  missing: readonly Candidate[],
  done: (candidate: Candidate, record: AddedRecord) => Promise<void>,
  { signal, spread, standing }: { signal: AbortSignal | undefined; spread: number | undefined; standing: Standing },
): Promise<void> {
  const vault = requireVault(ctx);
  const rounds: Rounds = new Map();
  const waiting: Packed<Candidate>[] = [];
  const tell = ({ record, digest, cid }: Packed<Candidate>, index: number, sent?: Sent): Promise<void> => {
    const name = nameOfKind(record.kind);
    const round = rounds.get(name)!;
    const { compartmentKey, opened: roundOpened, members } = round;
    // Whoever reads of a new round delivers its key, once.
    rounds.set(name, { ...round, opened: false });
    const { category, confidential } = namesOfKind(record.kind);
    const about = { alreadyThere: false, digest: hexlify(digest), cid, category, confidential, index };
    return done(record, { ...sent, ...about, round: compartmentKey.round, roundOpened, members });
  };
  try {
    // What waits isn't asked about again before it is told of.
    const roundFor = spread === undefined ? roundToSealUnder : currentRound;
    for (const { kind } of missing) {
      const name = nameOfKind(kind);
      if (!rounds.has(name)) rounds.set(name, await roundFor(ctx, { ...of, ...kind }, standing));
    }
    const roundOf = ({ kind }: Candidate) => rounds.get(nameOfKind(kind))!;
    waiting.push(...(await sealInPacks(ctx, of, roundOf, missing, signal)));
    if (spread !== undefined) {
      const due = (await currentTime(ctx)) + randomInt(spread + 1);
      signal?.throwIfAborted();
      vault.transaction(() => letWait(vault, of.patient, waiting, due));
      for (const each of waiting.splice(0)) await tell(each, 0);
    }
    // Asked beside who may see: whichever answer comes first, both are there before anything is anchored.
    const keepPlace = waiting.length > 0 ? keepsPlaces(ctx, of) : Promise.resolve(false);
    keepPlace.catch(() => undefined);
    while (waiting.length > 0) {
      const pending = waiting.map(({ record: { kind }, digest }) => ({ kind, digest }));
      await keepCurrent(ctx, of, rounds, pending);
      signal?.throwIfAborted();
      const { chosen: anchored, batch } = nextBatch(waiting, await keepPlace);
      for (const each of anchored) waiting.splice(waiting.indexOf(each), 1);
      const digests = anchored.map(({ digest }) => digest);
      const by = { patient: of.patient, author: of.steward };
      const { sent, places } = await anchorSealed(ctx, { ...by, records: digests, batch, journaled: true });
      for (const [at, each] of anchored.entries()) await tell(each, places[at]!, sent);
    }
  } catch (error) {
    const sealed = waiting.map(({ digest }) => digest);
    await discardRecords(ctx, sealed);
    throw error;
  }
}

async function know(
  ctx: Context,
  input: AdditionsInput["records"][number],
  signal: AbortSignal | undefined,
): Promise<Omit<NewRecord, "key" | "accept">> {
  const { content, amends, disputes, mediaType = "application/fhir+json" } = input;
  const size = content instanceof Uint8Array ? content.length : input.size;
  if (size === undefined) {
    throw new ChartChainError("RECORD_SIZE_MISSING", "the size of a streamed record isn't given", {
      hint: "Give its size in bytes.",
    });
  }
  const known = await knowContent(content, size, mediaType);
  signal?.throwIfAborted();
  const refersTo = {
    ...(amends === undefined ? {} : { amends: getBytes(amends) }),
    ...(disputes === undefined ? {} : { disputes: getBytes(disputes) }),
  };
  return { known, size, mediaType, kind: kindIn(ctx, input), refersTo };
}
