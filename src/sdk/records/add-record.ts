import { getBytes, hexlify } from "ethers";

import { nameOfKind, randomInt } from "../../crypto/index.js";
import { ChartChainError } from "../../errors/index.js";
import { settlePending, type Sent } from "../chain/transactions.js";
import type { Addition } from "../../vault/index.js";
import { currentTime, ownId, requireSigner, requireStore, requireVault, type Context } from "../context.js";
import type { Standing } from "../relationships/approved-terms.js";
import { requireIdentityStands } from "../people/identity-stands.js";
import { anchorSealed, discardRecords } from "./anchor-record.js";
import { knowContent } from "./content-digest.js";
import { admitRecord, type AdmittedRecord } from "./admit-record.js";
import { keepCurrent, type Rounds } from "./keep-current.js";
import { currentRound, ownCompartment, roundToSealUnder, type Chart } from "./rounds.js";
import { confidentialIn, kindAsked, kindIn } from "./import/kind-of-input.js";
import { alone, keepsPlaces, nextBatch } from "./next-batch.js";
import { sealInPacks, type NewRecord, type Packed } from "./seal-pack.js";
import { anchoringOf, batchesOf, inTurns, releaseWhatCanBe, settleAddition } from "./settle-additions.js";
import { settleEnvelopes } from "./settle-envelopes.js";
import { letWait } from "./waiting.js";
import { namesOfKind, type Category, type SensitivityClass } from "../vocabulary.js";

/** What to add. */
export interface RecordInput {
  /** The patient's participant id. */
  patient: number;
  category: Category;
  /** The plaintext; a function that streams it, where it is large. It is asked for more than once. */
  content: Uint8Array | (() => AsyncIterable<Uint8Array>);
  /** Size in bytes; needed where `content` streams. */
  size?: number;
  /** RFC 6838; `application/fhir+json` when left out. */
  mediaType?: string;
  /**
   * Of a SENSITIVE record, which classes of sensitive data it holds: only who holds keys for all of them opens it. What FHIR
   * content says itself when left out; OTHER where nothing tells.
   */
  sensitivities?: readonly SensitivityClass[];
  /**
   * True for care that a minor consented to alone: nobody who acts for the patient gets the record or hears of it. Until the
   * patient has come of age it is its steward's, and an emergency's. What amends or disputes such a record is one, too, and so is
   * the same content once more.
   */
  confidential?: boolean;
  /** Digest of the record that this one replaces. */
  amends?: string;
  /** Digest of the record that this one contradicts. */
  disputes?: string;
  /** True to add the same content once more, as another record. */
  again?: boolean;
  /** Leaves the anchoring to `anchorWaiting`, see {@link AdditionsInput.spread}. */
  spread?: number;
  /** Stops it as long as no transaction has left; nothing of the record remains then. */
  signal?: AbortSignal;
  /** A person's reason to take it although it contradicts what is known of this one; logged. */
  override?: string;
}

/** A record that is anchored, or waits for that. */
export interface AddedRecord extends Partial<Sent> {
  /** True when the same content was added before: nothing was sealed or sent, and there is no receipt. */
  alreadyThere: boolean;
  /** Digest of the record's manifest: its name everywhere. */
  digest: string;
  /** CID of the pack that it lies in. */
  cid: string;
  /** What it is filed under; of one that was there already, perhaps not what was asked for now. */
  category: Category;
  /** Care that a minor consented to alone; of one that was there already, perhaps not what was asked for now. */
  confidential: boolean;
  /** Place in the patient's history, from 1; 0 while it waits to be anchored. */
  index: number;
  round: number;
  /** True when a new round was opened: its key has to be delivered to the patient and to {@link members}. */
  roundOpened: boolean;
  /** The viewers who are entitled to the category now; empty for one that was there already. */
  members: number[];
  /** What says too little, or something else, of whose data it is, in words for a person; left out where nothing does. */
  warnings?: string[];
}

/** A week, in seconds: who waits longer has forgotten it. */
const LONGEST_SPREAD = 604_800;

/** What to add to a chart at once. */
export interface AdditionsInput {
  /** The patient's participant id. */
  patient: number;
  records: readonly Omit<RecordInput, "patient" | "signal" | "spread">[];
  /**
   * Seals, stores and pins the records now and leaves anchoring them to `anchorWaiting`, from a moment on that is chosen at
   * random within so many seconds, once for all that waits of this patient: who watches doesn't tell by the time which file is
   * whose. Nobody can be given them before. 0 to let them wait for the next call.
   */
  spread?: number;
  /** Stops it: what was anchored by then stays, and nothing remains of the others. */
  signal?: AbortSignal;
  /** Is told of each record that was there before or is anchored, with its place in `records`, and waited for. */
  onAdded?: (added: AddedRecord, at: number) => Promise<void> | void;
}

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
    const keepPlace = waiting.length > 0 && (await keepsPlaces(ctx, of));
    while (waiting.length > 0) {
      const pending = waiting.map(({ record: { kind }, digest }) => ({ kind, digest }));
      await keepCurrent(ctx, of, rounds, pending);
      signal?.throwIfAborted();
      const { chosen: anchored, batch } = nextBatch(waiting, keepPlace);
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

/** The record that this vault has of a content; one that an interruption left is brought to its end first. */
async function heldAlready(
  ctx: Context,
  of: Chart,
  key: Uint8Array,
  mayWait: boolean,
): Promise<AddedRecord | undefined> {
  const vault = requireVault(ctx);
  const isOpen = ({ state }: Addition): boolean => state !== "anchored" && !(mayWait && state === "waiting");
  const additions = vault.additions.find(key);
  if (additions.some(isOpen)) {
    if (additions.some(({ state }) => state === "waiting")) await settlePending(ctx);
    await settleEnvelopes(ctx, { patient: of.patient });
  }
  for (const addition of additions) {
    const id = addition.digest;
    const settled = isOpen(addition) ? settleAddition(vault, addition) : "anchored";
    if (settled === "undone") await releaseWhatCanBe(ctx);
    if (settled === "open" && !(await finish(ctx, of, id))) continue;
    const envelope = vault.envelopes.get(id);
    if (envelope?.metadata === undefined) continue;
    const { compartmentId, anchor, metadata } = envelope;
    const { category, confidential } = namesOfKind(metadata);
    return {
      alreadyThere: true,
      digest: hexlify(id),
      cid: metadata.cid,
      category,
      confidential,
      index: anchor === undefined ? 0 : anchor.index + 1,
      round: ownCompartment(vault, compartmentId, of)?.round ?? 0,
      roundOpened: false,
      members: [],
    };
  }
  return undefined;
}

/**
 * Finishes a record whose transaction may be under way: the journal's is waited for. Without one, the same digest is
 * anchored once more, under a round whose members may all see it.
 *
 * @returns false when it can't be finished
 */
async function finish(ctx: Context, of: Chart, digest: Uint8Array): Promise<boolean> {
  const vault = requireVault(ctx);
  const { compartmentId, metadata } = vault.envelopes.get(digest)!;
  const sentFor = (anchored: Uint8Array) => vault.transactions.find(anchoringOf(anchored)) !== undefined;
  const sentIn = batchesOf(vault, digest).find(sentFor);
  const journaled = sentIn !== undefined || sentFor(digest);
  if (!journaled) {
    const compartmentKey = ownCompartment(vault, compartmentId, of);
    if (compartmentKey === undefined) return false;
    const round = { compartmentKey, opened: false, members: [], asOf: 0 };
    const rounds: Rounds = new Map([[nameOfKind(compartmentKey), round]]);
    await keepCurrent(ctx, of, rounds, [{ kind: compartmentKey, digest }]);
    await requireStore(ctx).pin(metadata!.cid);
  }
  try {
    const batch = journaled
      ? sentIn && vault.batches.get(sentIn)
      : alone(digest, metadata!, await keepsPlaces(ctx, of));
    await anchorSealed(ctx, { patient: of.patient, author: of.steward, records: [digest], batch, journaled });
    return true;
  } catch (error) {
    // Taken back: the same content is added anew.
    if (vault.envelopes.get(digest) === undefined) return false;
    throw error;
  }
}

/** Throws SPREAD_INVALID unless it is a whole number of seconds up to a week. */
export function requireSpread(spread: number): void {
  if (Number.isInteger(spread) && spread >= 0 && spread <= LONGEST_SPREAD) return;
  throw new ChartChainError("SPREAD_INVALID", `anchoring can't be spread over ${spread} seconds`, {
    details: { spread },
    hint: "Give a whole number of seconds from 0 to 604,800, which is a week.",
  });
}

/**
 * Asks the chain whether the client may anchor for a patient, before anything is done: in one question where one node is asked
 * and nothing is in the way. Throws as {@link addRecord}.
 *
 * @returns `author`: the client's participant; `standing`: how its relationship with the patient stands
 */
export async function requireMayAnchor(ctx: Context, patient: number): Promise<{ author: number; standing: Standing }> {
  const { Records, Summary } = ctx.contracts;
  const from = await requireSigner(ctx).getAddress();
  const { author, admitted, withdrawn, relationship } = await Summary.anchoringOf(patient, from);
  // The contract says what is in the way.
  if (!admitted) {
    const probe = `0x${"ff".repeat(32)}`;
    await Records.anchor.staticCall(patient, probe, { from });
  }
  if (withdrawn || ctx.nodes.length > 1) await requireIdentityStands(ctx, patient);
  // An account that acts only since then.
  return { author: Number(author) || (await ownId(ctx)), standing: relationship };
}
