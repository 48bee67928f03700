import { getBytes, hexlify, ZeroHash as ZERO_HASH } from "ethers";

import { decodeEnvelope, manifestDigest, retractionDigest, wipe, type Manifest } from "../../crypto/index.js";
import { ChartChainError } from "../../errors/index.js";
import type { EnvelopeEntry } from "../../vault/index.js";
import { chainCall } from "../chain/errors.js";
import { queryEvents } from "../chain/events.js";
import { requireVault, type Context } from "../context.js";
import { openWithHeldKey } from "./envelope-keys.js";
import type { FindAnchor } from "./history.js";
import { verifiedAnchor } from "./verified-history.js";

/** A manifest as a vault keeps it, with what would retract it. */
export const describedManifest = (manifest: Manifest): Manifest & { retraction: Uint8Array } => ({
  ...manifest,
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
  const head = await chainCall(() => ctx.provider.getBlock("latest"));
  if (head?.hash == null) {
    throw new ChartChainError("CHAIN_UNREACHABLE", "the node gives no block", {
      hint: "Check that it runs and has synced.",
    });
  }
  const isDone = (patient: number) => cursors.get(cursorOf(patient))?.hash === head.hash;
  const behind = [...new Set(patients)].filter((patient) => !isDone(patient));
  for (let at = 0; at < behind.length; at += PATIENTS_AT_ONCE) {
    await settle(ctx, behind.slice(at, at + PATIENTS_AT_ONCE), { number: head.number, hash: head.hash });
  }
}

const cursorOf = (patient: number): string => `retractions:${patient}`;

async function settle(ctx: Context, patients: number[], head: { number: number; hash: string }): Promise<void> {
  const vault = requireVault(ctx);
  const { Records } = ctx.contracts;
  // The typed filter takes one patient; the node takes any of several.
  const filter = Records.filters.RecordAnchored(patients as unknown as number);
  const events = await queryEvents(ctx, Records, filter, await firstUnread(ctx, patients), head.number);
  const anchors = new Set(events.map(({ args }) => `${String(args["digest"])}/${Number(args["author"])}`));
  const concerned = new Set(events.map(({ args }) => Number(args["patient"])));
  vault.transaction(() => {
    for (const entry of [...concerned].flatMap((patient) => vault.envelopes.list({ patient }))) {
      const retraction = retractionOf(ctx, entry);
      const author = entry.metadata?.author;
      if (retraction === undefined || author === undefined || !anchors.has(`${hexlify(retraction)}/${author}`))
        continue;
      vault.retractions.note({ record: entry.digest, patient: entry.patient, author, anchored: retraction });
    }
    for (const patient of patients) vault.cursors.set(cursorOf(patient), { block: head.number, hash: head.hash });
  });
}

/** The first block that wasn't looked at for one of these patients; everything after a reorganisation. */
async function firstUnread(ctx: Context, patients: number[]): Promise<number | undefined> {
  const cursors = new Map<number, string>();
  for (const patient of patients) {
    const cursor = requireVault(ctx).cursors.get(cursorOf(patient));
    if (cursor === undefined || (cursors.get(cursor.block) ?? cursor.hash) !== cursor.hash) return undefined;
    cursors.set(cursor.block, cursor.hash);
  }
  for (const [block, hash] of cursors) {
    const there = await chainCall(() => ctx.provider.getBlock(block));
    if (there?.hash !== hash) return undefined;
  }
  return Math.min(...cursors.keys()) + 1;
}

/** What would retract a record; read from its envelope where it isn't kept beside it. */
function retractionOf(ctx: Context, { digest, patient, steward, metadata }: EnvelopeEntry): Uint8Array | undefined {
  if (metadata?.retraction !== undefined) return metadata.retraction;
  const vault = requireVault(ctx);
  const opened = openWithHeldKey(ctx, decodeEnvelope(vault.envelopes.get(digest)!.bytes), { patient, steward });
  if (opened === undefined) return undefined;
  const { manifest, dek } = opened;
  wipe(dek);
  const described = describedManifest(manifest);
  vault.envelopes.describe(digest, described);
  return described.retraction;
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
 * Lets the next look for retractions begin anew: records came in that were compared with a history that may end before the
 * place where the last look ended.
 */
export function lookAnew(ctx: Context, patient: number): void {
  const { cursors } = requireVault(ctx);
  if (cursors.get(cursorOf(patient)) !== undefined) cursors.set(cursorOf(patient), { block: 0, hash: ZERO_HASH });
}

/**
 * Stops where a record was retracted by its author, as this vault knows or the patient's verified history says.
 *
 * @throws RECORD_RETRACTED, HISTORY_UNVERIFIED, NODES_DISAGREE, CHAIN_UNREACHABLE
 */
export async function requireNotRetracted(ctx: Context, digest: string, manifest: Manifest): Promise<void> {
  const { retractions } = requireVault(ctx);
  const { patient, author } = manifest;
  const record = getBytes(digest);
  if (retractions.get(record, author) === undefined) {
    const retraction = retractionDigest(manifest);
    if ((await verifiedAnchor(ctx, { patient, author, digest: hexlify(retraction) })) === undefined) return;
    retractions.note({ record, patient, author, anchored: retraction });
  }
  throw new ChartChainError("RECORD_RETRACTED", "its author took the record back: it was entered in error", {
    details: { digest, author: manifest.author },
    hint: "Don't use what you read of it before. Ask the author for the right record.",
  });
}
