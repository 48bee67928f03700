import { getBytes, hexlify } from "ethers";

import { retractionDigest, wipe, type Manifest } from "../../crypto/index.js";
import { ChartChainError, isChartChainError } from "../../errors/index.js";
import { send } from "../chain/transactions.js";
import { currentTime, ownId, requireVault, type Context } from "../context.js";
import { describeParticipant } from "../participants.js";
import { requireReason } from "../reason.js";
import { anchoredRecords, isAnchoredBy } from "../records/history.js";
import { keyHoldersOf } from "../records/key-holders.js";
import {
  keepStatement,
  NO_RECORD,
  signRetraction,
  statementOn,
  type RetractionMessage,
} from "../records/retraction-statement.js";
import { CATEGORIES } from "../vocabulary.js";
import { listRetractions, type RetractedRecord } from "./list-retractions.js";
import { openStoredEnvelope } from "./open-record.js";

/** Which record was entered in error. */
export interface RetractionInput {
  /** The record's digest. */
  digest: string;
  /** Why, in 1 to 200 characters. Both patients read it: write nothing into it about either of them. */
  reason: string;
  /** The patient whose data it is, where it is known: the next delivery tells that patient, too. */
  rightPatient?: number;
}

/**
 * Marks a record as entered in error, as its author. What is anchored says to everybody who holds the record, and to
 * nobody else, that it is retracted: from then on no client opens it, lists it or hands it on. A signed statement with
 * the reason goes with the next delivery to the patient whose chart it is in, and to the right patient if one is named.
 *
 * Where the author may no longer anchor for the patient, the statement alone says so, to whom it is delivered.
 * Retracting again changes nothing, and completes what was interrupted.
 *
 * @throws NOT_THE_AUTHOR, RECORD_UNKNOWN, RECORD_SHREDDED, KEY_MISSING, RECORD_NOT_ANCHORED, RIGHT_PATIENT_WRONG,
 *   REASON_MISSING; what {@link send} throws
 *
 * @example
 * const { keyHolders } = await clinic.retractRecord({ digest, reason: "filed under another person", rightPatient: 9 });
 */
export async function retractRecord(ctx: Context, input: RetractionInput): Promise<RetractedRecord> {
  const { digest, rightPatient } = input;
  const vault = requireVault(ctx);
  const reason = requireReason(input.reason);
  const author = await ownId(ctx);
  const { manifest, dek } = openStoredEnvelope(ctx, digest);
  wipe(dek);
  if (manifest.author !== author) throw notTheAuthor(manifest, author, digest);
  if (rightPatient !== undefined) await requirePatient(ctx, rightPatient, manifest);
  const anchors = await anchoredRecords(ctx, manifest.patient);
  if (!isAnchoredBy(anchors, { digest, author })) {
    throw new ChartChainError("RECORD_NOT_ANCHORED", "the chain doesn't have this record from this author", {
      details: { digest, author },
      hint: "There is nothing to retract. If it was just added, wait for its block.",
    });
  }

  const note = { record: getBytes(digest), patient: manifest.patient, author };
  const retraction = retractionDigest(manifest);
  // From here on it is refused here, whatever becomes of the transaction.
  vault.retractions.note(note);
  const isAnchored =
    isAnchoredBy(anchors, { digest: hexlify(retraction), author }) || (await anchor(ctx, manifest, retraction));
  if (isAnchored) vault.retractions.note({ ...note, anchored: retraction });

  const said = {
    author,
    category: CATEGORIES[manifest.category]!,
    reason,
    keyHolders: keyHoldersOf(ctx, digest).length,
    retractedAt: await currentTime(ctx),
  };
  const marker = isAnchored ? hexlify(retraction) : NO_RECORD;
  const earlier = statementOn(ctx, note);
  // Said once; again when it is on chain by now.
  if (earlier === undefined || (isAnchored && earlier.retraction === NO_RECORD)) {
    const reasonBefore = earlier?.reason ?? reason;
    await tell(ctx, { ...said, reason: reasonBefore, patient: manifest.patient, record: digest, retraction: marker });
  }
  if (rightPatient !== undefined) await tellRightPatient(ctx, digest, { ...said, patient: rightPatient });
  return (await listRetractions(ctx, { patient: manifest.patient })).find(({ record }) => record === digest)!;
}

/** Anchors a retraction. False where the author may anchor nothing for this patient any more. */
async function anchor(ctx: Context, { patient }: Manifest, retraction: Uint8Array): Promise<boolean> {
  const digest = hexlify(retraction);
  const { transactions } = requireVault(ctx);
  // One that was dropped or reverted is over for good: its key leads to no other.
  let key = `anchor:${digest}`;
  for (let attempt = 2; ["dropped", "reverted"].includes(transactions.find(key)?.status ?? ""); attempt++) {
    key = `anchor:${digest}:${attempt}`;
  }
  try {
    await send(
      ctx,
      "retractRecord",
      { contract: ctx.contracts.Records, method: "anchor", args: [patient, digest] },
      key,
    );
    return true;
  } catch (error) {
    const isOver =
      isChartChainError(error, "NOT_AN_ACTIVE_STEWARD") || isChartChainError(error, "STEWARD_NOT_LICENSED");
    if (isOver) return false;
    throw error;
  }
}

const tell = async (ctx: Context, message: RetractionMessage): Promise<void> =>
  keepStatement(ctx, await signRetraction(ctx, message));

/** Tells the patient whose data it was, once for each record, without a word about whose chart it stood in. */
async function tellRightPatient(
  ctx: Context,
  digest: string,
  said: Omit<RetractionMessage, "record" | "retraction">,
): Promise<void> {
  const { settings } = requireVault(ctx);
  const name = `retraction-told:${digest}`;
  const told = (settings.get(name) as number[] | undefined) ?? [];
  if (told.includes(said.patient)) return;
  const file = await signRetraction(ctx, { ...said, record: NO_RECORD, retraction: NO_RECORD });
  requireVault(ctx).transaction(() => {
    keepStatement(ctx, file);
    settings.set(name, [...told, said.patient]);
  });
}

async function requirePatient(ctx: Context, rightPatient: number, { patient }: Manifest): Promise<void> {
  if (rightPatient !== patient) {
    const { kind } = await describeParticipant(ctx, { id: rightPatient });
    if (kind === "person") return;
  }
  throw new ChartChainError("RIGHT_PATIENT_WRONG", `participant ${rightPatient} can't be the right patient`, {
    details: { rightPatient, patient },
    hint: "Name the person whose data it is; leave it out where the record belongs to nobody here.",
  });
}

function notTheAuthor({ author, patient }: Manifest, own: number, digest: string): ChartChainError {
  return new ChartChainError("NOT_THE_AUTHOR", `participant ${author} wrote the record, not ${own}`, {
    details: { digest, author, own, patient },
    hint: "Nobody but its author retracts a record. Add one that disputes it, and ask the author.",
  });
}
