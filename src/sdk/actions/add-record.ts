import { getBytes, hexlify } from "ethers";

import { createManifest, encodeEnvelope, manifestDigest, sealEnvelope, sealRecord, wipe } from "../../crypto/index.js";
import { ChartChainError, isChartChainError } from "../../errors/index.js";
import { chainCall, isUnanswered } from "../chain/errors.js";
import { send, type Sent } from "../chain/transactions.js";
import { currentTime, ownId, requireStore, requireVault, type Context } from "../context.js";
import { currentRound, isStillCurrent, type Round, type Scope } from "../records/rounds.js";
import { categoryIndex, type Category, type SensitivityClass } from "../vocabulary.js";

/** What to add. */
export interface RecordInput {
  /** The patient's participant id. */
  patient: number;
  category: Category;
  /** The plaintext; a function that streams it, where it is large. It may be asked for again. */
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
}

/** A record that is anchored. */
export interface AddedRecord extends Sent {
  /** Digest of the record's manifest: its name everywhere. */
  digest: string;
  cid: string;
  /** Place in the patient's history, from 1. */
  index: number;
  round: number;
  /** True when a new round was opened: its key has to be delivered to the patient and to {@link members}. */
  roundOpened: boolean;
  /** The viewers who are entitled to the category now. */
  members: number[];
}

const ATTEMPTS = 3;

/**
 * Seals a record under a fresh key, pins it, and anchors its digest. The client is a steward with an active
 * relationship, or the patient, who reports something.
 *
 * Who may see the record is checked at the chain's head right before anchoring: when somebody lost access meanwhile, it
 * is sealed again under a new round.
 *
 * @throws NOT_AN_ACTIVE_STEWARD, STEWARD_NOT_LICENSED, UNKNOWN_PARTICIPANT, RECORD_SIZE_MISSING, MEMBERSHIP_UNSTABLE;
 *   what the store and {@link send} throw. Nothing is anchored then.
 *
 * @example
 * const { digest } = await clinic.addRecord({ patient: 7, category: "SUMMARY", content: bytes });
 */
export async function addRecord(ctx: Context, input: RecordInput): Promise<AddedRecord> {
  const vault = requireVault(ctx);
  const author = await ownId(ctx);
  const scope: Scope = { patient: input.patient, steward: author, category: input.category };
  await requireMayAnchor(ctx, input.patient);

  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const round = await currentRound(ctx, scope);
    const { digest, cid } = await seal(ctx, scope, round, input);
    if (!(await isStillCurrent(ctx, scope, round))) {
      await discard(ctx, digest, cid);
      continue;
    }
    const sent = await anchor(ctx, input.patient, digest, cid);
    const index = Number(sent.events["RecordAnchored"]?.["index"]);
    vault.envelopes.markAnchored(getBytes(digest), { block: sent.receipt.blockNumber, index: index - 1 });
    return {
      ...sent,
      digest,
      cid,
      index,
      round: round.compartmentKey.round,
      roundOpened: round.opened,
      members: round.members,
    };
  }
  throw new ChartChainError("MEMBERSHIP_UNSTABLE", "who may see the record changed each time it was sealed", {
    details: { attempts: ATTEMPTS },
    hint: "Nothing was anchored. Try again.",
  });
}

async function requireMayAnchor(ctx: Context, patient: number): Promise<void> {
  const probe = `0x${"ff".repeat(32)}`;
  const from = await ctx.signer!.getAddress();
  await chainCall(() => ctx.contracts.Records.anchor.staticCall(patient, probe, { from }));
}

async function seal(
  ctx: Context,
  scope: Scope,
  { compartmentKey }: Round,
  input: RecordInput,
): Promise<{ digest: string; cid: string }> {
  const store = requireStore(ctx);
  const vault = requireVault(ctx);
  const { content } = input;
  const size = content instanceof Uint8Array ? content.length : input.size;
  if (size === undefined) {
    throw new ChartChainError("RECORD_SIZE_MISSING", "the size of a streamed record isn't given", {
      hint: "Give its size in bytes.",
    });
  }
  const amends = input.amends === undefined ? {} : { amends: getBytes(input.amends) };
  const disputes = input.disputes === undefined ? {} : { disputes: getBytes(input.disputes) };
  const sealed = sealRecord({
    source: content instanceof Uint8Array ? [content] : content(),
    size,
    round: compartmentKey.round,
    ...amends,
  });
  try {
    const { cid } = await store.put(sealed.ciphertext, { pin: true });
    const manifest = createManifest({
      recordId: sealed.recordId,
      patient: scope.patient,
      steward: scope.steward,
      author: scope.steward,
      category: categoryIndex(scope.category),
      round: compartmentKey.round,
      cid,
      size,
      mediaType: input.mediaType ?? "application/fhir+json",
      createdAt: await currentTime(ctx),
      keyCommitment: sealed.keyCommitment,
      ...amends,
      ...disputes,
    });
    const digest = manifestDigest(manifest);
    const envelope = sealEnvelope({ manifest, dek: sealed.dek, compartmentKey });
    vault.transaction(() => {
      vault.envelopes.put({
        digest,
        compartmentId: compartmentKey.id,
        bytes: encodeEnvelope(envelope),
        patient: scope.patient,
        steward: scope.steward,
        status: "pending",
        metadata: { ...manifest, ...(input.sensitivities ? { sensitivities: input.sensitivities } : {}) },
      });
      vault.pins.put({ digest, cid });
    });
    return { digest: hexlify(digest), cid };
  } finally {
    wipe(sealed.dek);
  }
}

async function anchor(ctx: Context, patient: number, digest: string, cid: string): Promise<Sent> {
  const call = { contract: ctx.contracts.Records, method: "anchor", args: [patient, digest] };
  const key = `anchor:${digest}`;
  try {
    return await send(ctx, "addRecord", call, key);
  } catch (error) {
    // As long as the transaction may still be mined, the record is kept: settleEnvelopes finds it then.
    const unknown = isUnanswered(error) || isChartChainError(error, "TRANSACTION_PENDING");
    const status = requireVault(ctx).transactions.find(key)?.status;
    if (status === "reverted" || status === "dropped" || (status === undefined && !unknown)) {
      await discard(ctx, digest, cid);
    }
    throw error;
  }
}

async function discard(ctx: Context, digest: string, cid: string): Promise<void> {
  const participant = await ownId(ctx);
  requireVault(ctx).shred(getBytes(digest), { participant, reason: "never anchored" });
  await requireStore(ctx).unpin(cid);
}
