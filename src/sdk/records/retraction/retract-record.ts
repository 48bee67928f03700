import { getBytes, hexlify } from "ethers";

import { retractionDigest, wipe, type Manifest } from "../../../crypto/index.js";
import { ChartChainError, isChartChainError } from "../../../errors/index.js";
import type { EnvelopeEntry } from "../../../vault/index.js";
import { send } from "../../chain/transactions.js";
import { currentTime, ownId, requireVault, type Context } from "../../context.js";
import { hearsOfConfidential } from "../../consent/confidential.js";
import { describeParticipant } from "../../people/participants.js";
import { requireReason } from "../../reason.js";
import { keyHoldersOf } from "../key-holders.js";
import {
  keepStatement,
  NO_RECORD,
  signRetraction,
  statementOn,
  type RetractionMessage,
} from "./retraction-statement.js";
import { copiesOf, itemAbout } from "../import/sensitivity-in-doubt.js";
import { verifiedAnchor } from "../verified-history.js";
import { CATEGORIES } from "../../vocabulary.js";
import { listRetractions, type RetractedRecord } from "./list-retractions.js";
import { openStoredEnvelope } from "../open-record.js";

/** Which record was entered in error. */
export interface RetractionInput {
  /** The record's digest. */
  digest: string;
  /** Why, in 1 to 200 characters. Both patients read it: write nothing into it about either of them. */
  reason: string;
  /**
   * The patient whose data it is, where it is known: the next delivery tells that patient, too; but not a child of what is
   * confidential.
   */
  rightPatient?: number;
}

/** A record that its author took back. */
export interface RetractedWithCopies extends RetractedRecord {
  /** What was retracted together with it: the ordinary copies of a record whose doubt about being SENSITIVE was lifted. */
  copies: RetractedRecord[];
}

/**
 * Marks a record as entered in error, as its author. What is anchored says to everybody who holds the record, and to
 * nobody else, that it is retracted: from then on no client opens it, lists it or hands it on. A signed statement with
 * the reason goes with the next delivery to the patient whose chart it is in, and to the right patient if one is named.
 *
 * Where the author may no longer anchor for the patient, the statement alone says so, to whom it is delivered; so it does for
 * what is confidential, as long as the patient is a child.
 * Retracting again changes nothing, and completes what was interrupted.
 *
 * A record whose doubt about being SENSITIVE was lifted (`reclassify`) goes together with the copies that were made of it, each
 * with a statement of its own: the same content isn't left in the chart under another category. A question about its
 * sensitivity that still waits leaves the worklist.
 *
 * @throws NOT_THE_AUTHOR, RECORD_UNKNOWN, RECORD_SHREDDED, KEY_MISSING, RECORD_NOT_ANCHORED, RIGHT_PATIENT_WRONG,
 *   REASON_MISSING; HISTORY_UNVERIFIED, NODES_DISAGREE; what {@link send} throws
 *
 * @example
 * const { keyHolders } = await clinic.retractRecord({ digest, reason: "filed under another person", rightPatient: 9 });
 */
export async function retractRecord(ctx: Context, input: RetractionInput): Promise<RetractedWithCopies> {
  const { digest, rightPatient } = input;
  const vault = requireVault(ctx);
  const reason = requireReason(input.reason);
  const record = await requireOwn(ctx, digest);
  const { patient } = record.manifest;
  if (rightPatient !== undefined) await requirePatient(ctx, rightPatient, record.manifest);
  const copies = await ownAmong(ctx, copiesOf(ctx, getBytes(digest)));
  const item = itemAbout(vault, digest);
  const all = [record, ...copies];
  // From here on they are refused here, whatever becomes of the transactions.
  vault.transaction(() => {
    for (const { note } of all) vault.retractions.note(note);
    if (item !== undefined) vault.worklist.remove(item);
  });
  for (const each of all) await retractOne(ctx, each, { reason, rightPatient });
  const retracted = new Map((await listRetractions(ctx, { patient })).map((each) => [each.record, each]));
  const byDigest = (each: OwnRecord): RetractedRecord => retracted.get(each.digest)!;
  return { ...byDigest(record), copies: copies.map(byDigest) };
}

/** A record that this client wrote and anchored. */
interface OwnRecord {
  digest: string;
  manifest: Manifest;
  note: { record: Uint8Array; patient: number; author: number };
}

/** Throws NOT_THE_AUTHOR, RECORD_NOT_ANCHORED, and what opening an envelope throws. */
async function requireOwn(ctx: Context, digest: string): Promise<OwnRecord> {
  const author = await ownId(ctx);
  const { manifest, dek } = openStoredEnvelope(ctx, digest);
  wipe(dek);
  if (manifest.author !== author) throw notTheAuthor(manifest, author, digest);
  const { patient } = manifest;
  if ((await verifiedAnchor(ctx, { patient, author, digest })) === undefined) {
    throw new ChartChainError("RECORD_NOT_ANCHORED", "the chain doesn't have this record from this author", {
      details: { digest, author },
      hint: "There is nothing to retract. If it was just added, wait for its block.",
    });
  }
  return { digest, manifest, note: { record: getBytes(digest), patient, author } };
}

/** Those of a record's copies that are in the chart; one that never was anchored is in nobody's. */
async function ownAmong(ctx: Context, copies: readonly EnvelopeEntry[]): Promise<OwnRecord[]> {
  const own: OwnRecord[] = [];
  for (const { digest } of copies) {
    try {
      own.push(await requireOwn(ctx, hexlify(digest)));
    } catch (error) {
      if (!isChartChainError(error, "RECORD_NOT_ANCHORED")) throw error;
    }
  }
  return own;
}

async function retractOne(
  ctx: Context,
  { digest, manifest, note }: OwnRecord,
  { reason, rightPatient }: { reason: string; rightPatient: number | undefined },
): Promise<void> {
  const vault = requireVault(ctx);
  const { patient, author } = manifest;
  const retraction = retractionDigest(manifest);
  // A digest that stands alone on chain and that nobody explains would tell whoever represents the child.
  const isHidden = manifest.confidential === true && !(await hearsOfConfidential(ctx, patient));
  const isAnchored =
    (await verifiedAnchor(ctx, { patient, author, digest: hexlify(retraction) })) !== undefined ||
    (!isHidden && (await anchor(ctx, manifest, retraction)));
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
    await tell(ctx, { ...said, reason: reasonBefore, patient, record: digest, retraction: marker });
  }
  if (rightPatient === undefined) return;
  // Whoever represents a child reads what is said to it.
  const isToldToo = manifest.confidential !== true || (await hearsOfConfidential(ctx, rightPatient));
  if (isToldToo) await tellRightPatient(ctx, note, { ...said, patient: rightPatient });
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
  note: OwnRecord["note"],
  said: Omit<RetractionMessage, "record" | "retraction">,
): Promise<void> {
  const vault = requireVault(ctx);
  if (vault.retractions.get(note.record, note.author)?.told?.includes(said.patient) === true) return;
  const signed = await signRetraction(ctx, { ...said, record: NO_RECORD, retraction: NO_RECORD });
  vault.transaction(() => {
    keepStatement(ctx, signed);
    vault.retractions.note({ ...note, told: [said.patient] });
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
