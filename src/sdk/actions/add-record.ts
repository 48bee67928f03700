import { getBytes, hexlify } from "ethers";

import { createManifest, encodeEnvelope, manifestDigest, sealEnvelope, sealRecord, wipe } from "../../crypto/index.js";
import { ChartChainError } from "../../errors/index.js";
import { chainCall } from "../chain/errors.js";
import type { Sent } from "../chain/transactions.js";
import { currentTime, ownId, requireStore, requireVault, type Context } from "../context.js";
import { anchorSealed, discardRecords } from "../records/anchor-record.js";
import { knowContent, type KnownContent } from "../records/content-digest.js";
import { describedManifest } from "../records/retractions.js";
import { admitRecord } from "../records/admit-record.js";
import type { Admission } from "../records/known-people.js";
import { keepCurrent } from "../records/keep-current.js";
import { currentRound, ownCompartment, type Round, type Scope } from "../records/rounds.js";
import { anchoringOf, batchesOf, inTurn, releaseWhatCanBe, settleAddition } from "../records/settle-additions.js";
import { settleEnvelopes } from "../records/settle-envelopes.js";
import { CATEGORIES, categoryIndex, type Category, type SensitivityClass } from "../vocabulary.js";

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
  /** Which classes of sensitive data it holds; kept in the client's vault alone. */
  sensitivities?: readonly SensitivityClass[];
  /** Digest of the record that this one replaces. */
  amends?: string;
  /** Digest of the record that this one contradicts. */
  disputes?: string;
  /** True to add the same content once more, as another record. */
  again?: boolean;
  /** Stops it as long as no transaction has left; nothing of the record remains then. */
  signal?: AbortSignal;
  /** A person's reason to take it although it contradicts what is known of this one; logged. */
  override?: string;
}

/** A record that is anchored. */
export interface AddedRecord extends Partial<Sent> {
  /** True when the same content was added before: nothing was sealed or sent, and there is no receipt. */
  alreadyThere: boolean;
  /** Digest of the record's manifest: its name everywhere. */
  digest: string;
  cid: string;
  /** What it is filed under; of one that was there already, perhaps not what was asked for now. */
  category: Category;
  /** Place in the patient's history, from 1. */
  index: number;
  round: number;
  /** True when a new round was opened: its key has to be delivered to the patient and to {@link members}. */
  roundOpened: boolean;
  /** The viewers who are entitled to the category now; empty for one that was there already. */
  members: number[];
  /** What says too little, or something else, of whose data it is, in words for a person; left out where nothing does. */
  warnings?: string[];
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
 *   MEMBERSHIP_UNSTABLE, OUTSIDE_TERMS; what the store and {@link anchorSealed} throw; the reason of `signal`. Nothing is
 *   anchored then.
 *
 * @example
 * const { digest, alreadyThere } = await clinic.addRecord({ patient: 7, category: "SUMMARY", content: bytes });
 */
export const addRecord = (ctx: Context, input: RecordInput): Promise<AddedRecord> => addVia(ctx, input, alone(ctx));

/** How a sealed record comes onto the chain. */
export interface Anchoring {
  /** Before the turn of a content comes, by its key: what waits for an earlier record of the same content is over then. */
  beforeTurn(content: Uint8Array): Promise<void>;
  /** Anchors the record, under a round whose members may all see it; or takes it back, and throws why. */
  anchor(record: SealedForAnchoring): Promise<{ sent: Sent; index: number; round: Round }>;
}

/** A record that is sealed, and in the vault. */
export interface SealedForAnchoring {
  scope: Scope;
  /** Manifest digest, 32 bytes. */
  digest: Uint8Array;
  /** Content key, see {@link Anchoring.beforeTurn}. */
  content: Uint8Array;
  /** The round that it was sealed under. */
  round: Round;
  signal: AbortSignal | undefined;
}

/** Each record in a transaction of its own. */
const alone = (ctx: Context): Anchoring => ({
  beforeTurn: () => Promise.resolve(),
  anchor: ({ scope, digest, round, signal }) => anchorAlone(ctx, scope, digest, round, signal),
});

/** Anchors a sealed record in a transaction of its own. */
export async function anchorAlone(
  ctx: Context,
  scope: Scope,
  digest: Uint8Array,
  first: Round,
  signal: AbortSignal | undefined,
): Promise<{ sent: Sent; index: number; round: Round }> {
  let round: Round;
  try {
    round = await keepCurrent(ctx, scope, digest, first);
    signal?.throwIfAborted();
  } catch (error) {
    await discardRecords(ctx, [digest]);
    throw error;
  }
  const { patient } = scope;
  const { sent, places } = await anchorSealed(ctx, { patient, records: [digest], batch: undefined, journaled: true });
  return { sent, index: places[0]!, round };
}

/** {@link addRecord} that brings the record onto the chain in a certain way. */
export async function addVia(ctx: Context, input: RecordInput, anchoring: Anchoring): Promise<AddedRecord> {
  const vault = requireVault(ctx);
  const author = await ownId(ctx);
  const scope: Scope = { patient: input.patient, steward: author, category: input.category };
  categoryIndex(input.category);
  await requireMayAnchor(ctx, input.patient);
  return admitRecord(ctx, input, async ({ accept, warnings }) => {
    const record = await know(input);
    const { digest: content } = record.known;
    const key = vault.additions.keyOf({ patient: input.patient, author, content, ...record.refersTo });
    const told = warnings.length === 0 ? {} : { warnings };
    await anchoring.beforeTurn(key);
    return inTurn(vault, key, async () => {
      const held = input.again === true ? undefined : await heldAlready(ctx, scope, key);
      if (held === undefined) {
        return { ...(await addNew(ctx, scope, key, { ...record, signal: input.signal, accept }, anchoring)), ...told };
      }
      const digest = getBytes(held.digest);
      // A record that was entered in error teaches nothing.
      if (vault.retractions.get(digest, author) === undefined) accept(digest);
      return { ...held, ...told };
    });
  });
}

/** A record whose content was read once. */
interface KnownRecord {
  known: KnownContent;
  size: number;
  mediaType: string;
  sensitivities: readonly SensitivityClass[] | undefined;
  refersTo: { amends?: Uint8Array; disputes?: Uint8Array };
}

/** A record as it is sealed. */
interface NewRecord extends KnownRecord {
  signal?: AbortSignal | undefined;
  /** Remembers whom the record is about, by its digest. */
  accept: Admission["accept"];
}

async function know(input: RecordInput): Promise<KnownRecord> {
  const { content, amends, disputes, sensitivities, mediaType = "application/fhir+json" } = input;
  const size = content instanceof Uint8Array ? content.length : input.size;
  if (size === undefined) {
    throw new ChartChainError("RECORD_SIZE_MISSING", "the size of a streamed record isn't given", {
      hint: "Give its size in bytes.",
    });
  }
  const known = await knowContent(content, size, mediaType);
  input.signal?.throwIfAborted();
  const refersTo = {
    ...(amends === undefined ? {} : { amends: getBytes(amends) }),
    ...(disputes === undefined ? {} : { disputes: getBytes(disputes) }),
  };
  return { known, size, mediaType, sensitivities, refersTo };
}

/** The record that this vault has of a content; one that an interruption left is brought to its end first. */
async function heldAlready(ctx: Context, scope: Scope, key: Uint8Array): Promise<AddedRecord | undefined> {
  const vault = requireVault(ctx);
  const additions = vault.additions.find(key);
  if (additions.some(({ state }) => state !== "anchored")) await settleEnvelopes(ctx, { patient: scope.patient });
  for (const addition of additions) {
    const id = addition.digest;
    const settled = addition.state === "anchored" ? "anchored" : settleAddition(vault, addition);
    if (settled === "undone") await releaseWhatCanBe(ctx);
    if (settled === "open" && !(await finish(ctx, scope, id))) continue;
    const envelope = vault.envelopes.get(id);
    if (envelope?.metadata === undefined) continue;
    const { compartmentId, anchor, metadata } = envelope;
    return {
      alreadyThere: true,
      digest: hexlify(id),
      cid: metadata.cid,
      category: CATEGORIES[metadata.category]!,
      index: (anchor?.index ?? 0) + 1,
      round: ownCompartment(vault, compartmentId, scope)?.round ?? 0,
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
async function finish(ctx: Context, scope: Scope, digest: Uint8Array): Promise<boolean> {
  const vault = requireVault(ctx);
  const { compartmentId, metadata } = vault.envelopes.get(digest)!;
  const sentFor = (anchored: Uint8Array) => vault.transactions.find(anchoringOf(anchored)) !== undefined;
  const sentIn = batchesOf(vault, digest).find(sentFor);
  const journaled = sentIn !== undefined || sentFor(digest);
  if (!journaled) {
    const compartmentKey = ownCompartment(vault, compartmentId, scope);
    const category = CATEGORIES[metadata!.category]!;
    if (compartmentKey === undefined) return false;
    await keepCurrent(ctx, { ...scope, category }, digest, { compartmentKey, opened: false, members: [] });
    await requireStore(ctx).pin(metadata!.cid);
  }
  try {
    const batch = sentIn === undefined ? undefined : vault.batches.get(sentIn);
    await anchorSealed(ctx, { patient: scope.patient, records: [digest], batch, journaled });
    return true;
  } catch (error) {
    // Taken back: the same content is added anew.
    if (vault.envelopes.get(digest) === undefined) return false;
    throw error;
  }
}

async function addNew(
  ctx: Context,
  scope: Scope,
  content: Uint8Array,
  record: NewRecord,
  anchoring: Anchoring,
): Promise<AddedRecord> {
  const first = await currentRound(ctx, scope);
  const { digest, cid } = await seal(ctx, scope, first, content, record);
  const { sent, index, round } = await anchoring.anchor({
    scope,
    digest,
    content,
    round: first,
    signal: record.signal,
  });
  return {
    ...sent,
    alreadyThere: false,
    digest: hexlify(digest),
    cid,
    category: scope.category,
    index,
    round: round.compartmentKey.round,
    roundOpened: round.opened,
    members: round.members,
  };
}

/** Asks the chain whether the client may anchor for a patient, before anything is done. Throws as {@link addRecord}. */
export async function requireMayAnchor(ctx: Context, patient: number): Promise<void> {
  const probe = `0x${"ff".repeat(32)}`;
  const from = await ctx.signer!.getAddress();
  await chainCall(() => ctx.contracts.Records.anchor.staticCall(patient, probe, { from }));
}

async function seal(
  ctx: Context,
  scope: Scope,
  { compartmentKey }: Round,
  content: Uint8Array,
  { known, size, mediaType, sensitivities, refersTo, signal, accept }: NewRecord,
): Promise<{ digest: Uint8Array; cid: string }> {
  const store = requireStore(ctx);
  const vault = requireVault(ctx);
  const { amends } = refersTo;
  const sealed = sealRecord({
    source: known.source(),
    size,
    ...(amends === undefined ? {} : { amends }),
  });
  try {
    const { cid } = await store.put(sealed.ciphertext, signal === undefined ? {} : { signal });
    const manifest = createManifest({
      recordId: sealed.recordId,
      patient: scope.patient,
      steward: scope.steward,
      author: scope.steward,
      category: categoryIndex(scope.category),
      cid,
      size,
      mediaType,
      createdAt: await currentTime(ctx),
      keyCommitment: sealed.keyCommitment,
      ...refersTo,
    });
    const digest = manifestDigest(manifest);
    const envelope = sealEnvelope({ manifest, dek: sealed.dek, compartmentKey });
    vault.transaction(() => {
      // With the record, so that no crash leaves one without the other: the next input is held against both or neither.
      accept(digest);
      vault.envelopes.put({
        digest,
        compartmentId: compartmentKey.id,
        bytes: encodeEnvelope(envelope),
        patient: scope.patient,
        steward: scope.steward,
        status: "pending",
        metadata: { ...describedManifest(manifest), ...(sensitivities === undefined ? {} : { sensitivities }) },
      });
      vault.pins.put({ digest, cid });
      vault.additions.begin({ digest, content });
    });
    // Only now: a pin without a note would be left behind by a crash. Until it is pinned, the store's grace keeps it.
    try {
      await store.pin(cid);
    } catch (error) {
      await discardRecords(ctx, [digest]);
      throw error;
    }
    return { digest, cid };
  } finally {
    wipe(sealed.dek);
  }
}
