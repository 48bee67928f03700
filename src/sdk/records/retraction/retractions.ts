import { getBytes, hexlify, ZeroHash as ZERO_HASH } from "ethers";

import { manifestDigest, retractionDigest, type Manifest, type PackPlace } from "../../../crypto/index.js";
import { ChartChainError } from "../../../errors/index.js";
import type { EnvelopeEntry } from "../../../vault/index.js";
import { queryEvents } from "../../chain/events.js";
import { requireVault, type Context } from "../../context.js";
import type { FindAnchor } from "../history.js";
import { anchorWithin } from "../verified-history.js";

/** A manifest as a vault keeps it, with its pack and what would retract it. */
export const describedManifest = (
  manifest: Manifest,
  { cid }: PackPlace,
): Manifest & { cid: string; retraction: Uint8Array } => ({
  ...manifest,
  cid,
  retraction: retractionDigest(manifest),
});

/**
 * Whether a record that comes in was retracted, as its patient's anchors or an earlier statement say; what the anchors
 * say is noted. It counts from the record's author alone.
 */
export function noteRetraction(ctx: Context, find: FindAnchor, manifest: Manifest): boolean {
  const { retractions } = requireVault(ctx);
  const record = manifestDigest(manifest);
  const retraction = retractionDigest(manifest);
  const { patient, author } = manifest;
  if (find({ digest: hexlify(retraction), author }) === undefined) return retractions.get(record, author) !== undefined;
  retractions.note({ record, patient, author, anchored: retraction });
  return true;
}

/** How many patients a node is asked about at once. */
const PATIENTS_AT_ONCE = 500;

/**
 * Brings what this vault knows of retractions up to the head: reads what was anchored for these patients since the last
 * time, and compares it with what would retract each record that is held here. A retraction that was once seen stays,
 * also when a reorganisation takes it out of the chain.
 */
export async function settleRetractions(ctx: Context, patients: Iterable<number>): Promise<void> {
  const { cursors } = requireVault(ctx);
  const head = await ctx.provider.getBlock("latest");
  if (head?.hash == null) {
    throw new ChartChainError("CHAIN_UNREACHABLE", "the node gives no block", {
      hint: "Check that it runs and has synced.",
    });
  }
  const isDone = (patient: number) => cursors.get(cursorOf(patient))?.hash === head.hash;
  const behind = [...new Set(patients)].filter((patient) => !isDone(patient));
  for (const group of await byDistance(ctx, behind, head.number)) {
    for (let at = 0; at < group.length; at += PATIENTS_AT_ONCE) {
      await settle(ctx, group.slice(at, at + PATIENTS_AT_ONCE), { number: head.number, hash: head.hash });
    }
  }
}

const cursorOf = (patient: number): string => `retractions:${patient}`;

/** A patient, and the first block that wasn't looked at; everything where that is undefined. */
interface Unread {
  patient: number;
  from: number | undefined;
}

/**
 * Patients who may be asked about together: the last look at each was about as long ago. Of nobody's blocks more than twice as
 * many are read for another one's sake, and there are no more groups than a block's number has bits.
 */
async function byDistance(ctx: Context, patients: readonly number[], head: number): Promise<Unread[][]> {
  const hashes = new Map<number, Promise<string | null | undefined>>();
  const hashOf = (block: number) => {
    const asked = hashes.get(block) ?? ctx.provider.getBlock(block).then((there) => there?.hash);
    hashes.set(block, asked);
    return asked;
  };
  const unread = await Promise.all(
    patients.map(async (patient): Promise<Unread> => {
      const cursor = requireVault(ctx).cursors.get(cursorOf(patient));
      // Everything again after a reorganisation.
      const stands = cursor !== undefined && (await hashOf(cursor.block)) === cursor.hash;
      return { patient, from: stands ? cursor.block + 1 : undefined };
    }),
  );
  const groups = new Map<number, Unread[]>();
  for (const each of unread) {
    const distance = each.from === undefined ? Infinity : Math.floor(Math.log2(head - each.from + 1));
    groups.set(distance, [...(groups.get(distance) ?? []), each]);
  }
  return [...groups.values()];
}

async function settle(ctx: Context, group: Unread[], head: { number: number; hash: string }): Promise<void> {
  const vault = requireVault(ctx);
  const { Records } = ctx.contracts;
  // The typed filter takes one patient; the node takes any of several.
  const filter = Records.filters.RecordAnchored(group.map(({ patient }) => patient) as unknown as number);
  const starts = group.flatMap(({ from }) => (from === undefined ? [] : [from]));
  const from = starts.length === 0 ? undefined : Math.min(...starts);
  const events = await queryEvents(ctx, Records, filter, from, head.number);
  vault.transaction(() => {
    for (const { args } of events) {
      const [author, anchored] = [Number(args["author"]), getBytes(args["digest"] as string)];
      const entry = vault.envelopes.retractedBy(anchored, author);
      if (entry?.patient !== Number(args["patient"])) continue;
      vault.retractions.note({ record: entry.digest, patient: entry.patient, author, anchored });
    }
    for (const { patient } of group) {
      vault.cursors.set(cursorOf(patient), { block: head.number, hash: head.hash });
    }
  });
}

/** Whether a record that this vault holds was retracted by its author, as far as the vault knows. */
export function isRetracted(ctx: Context, { digest, patient, metadata }: EnvelopeEntry): boolean {
  if (metadata === undefined) return false;
  const { retractions, anchors } = requireVault(ctx);
  const { author, retraction } = metadata;
  if (retractions.get(digest, author) !== undefined) return true;
  // The verified history may have come further than the last look for retractions.
  return retraction !== undefined && anchors.find(patient, retraction).some((anchor) => anchor.author === author);
}

/**
 * Lets the next look for retractions begin where a patient's verified history ends: records come in that are compared with
 * that history alone, and the last look may have gone further.
 *
 * @returns sets the place, in the transaction that keeps the records
 */
export async function lookAgain(ctx: Context, patient: number): Promise<() => void> {
  const { cursors, anchors } = requireVault(ctx);
  const block = anchors.last(patient)?.block ?? 0;
  const there = await ctx.provider.getBlock(block);
  return () => {
    const looked = cursors.get(cursorOf(patient));
    // Nobody's block has the hash of zeros: then everything is read once more.
    if (looked !== undefined && looked.block > block) {
      cursors.set(cursorOf(patient), { block, hash: there?.hash ?? ZERO_HASH });
    }
  };
}

/**
 * Stops where a record was retracted by its author, as this vault knows or the patient's verified history says.
 *
 * @param count how many records of the history are verified
 * @throws RECORD_RETRACTED
 */
export function requireNotRetracted(ctx: Context, digest: string, manifest: Manifest, count: number): void {
  const { retractions } = requireVault(ctx);
  const { patient, author } = manifest;
  const record = getBytes(digest);
  if (retractions.get(record, author) === undefined) {
    const retraction = retractionDigest(manifest);
    if (anchorWithin(ctx, count, { patient, author, digest: hexlify(retraction) }) === undefined) return;
    retractions.note({ record, patient, author, anchored: retraction });
  }
  throw new ChartChainError("RECORD_RETRACTED", "its author took the record back: it was entered in error", {
    details: { digest, author: manifest.author },
    hint: "Don't use what you read of it before. Ask the author for the right record.",
  });
}
