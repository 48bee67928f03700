import { hexlify } from "ethers";

import {
  Batch,
  batchDigest,
  decodeBatchProof,
  decodeEnvelope,
  verifyInBatch,
  wipe,
  type BatchProof,
  type Manifest,
  type PackPlace,
  equalBytes,
} from "../../crypto/index.js";
import type { ChartChainError } from "../../errors/index.js";
import { isChartChainError, type ErrorCode } from "../../errors/index.js";
import type { StoredEnvelope } from "../../vault/index.js";
import { approvedTerms } from "../relationships/approved-terms.js";
import { requireVault, type Context } from "../context.js";
import { fromBase64, is, malformed, parseHandover } from "../handover/file.js";
import { isSilence } from "../chain/nodes.js";
import { anchorChecks, inVault, isSigned, unproven } from "../records/author-signature.js";
import { openWithHeldKey, requireBySteward } from "../records/envelope-keys.js";
import { anchorsIn, type AnchoredRecord, type FindAnchor } from "../records/history.js";
import { verifiedRecords } from "../records/verified-history.js";
import { describedManifest, lookAgain, noteRetraction } from "../records/retraction/retractions.js";
import type { EnvelopesFile, HandedSignature } from "./release-envelopes.js";
import { notAnchored } from "../records/anchor-record.js";

/** An envelope that was left out, and why. */
export interface RefusedEnvelope {
  /** Its place in the file, from 0. */
  position: number;
  /** The record's digest; undefined when the envelope can't be read. */
  digest: string | undefined;
  /** The code of the error. */
  code: ErrorCode;
  reason: string;
}

/** What taking envelopes came to. */
export interface TakenEnvelopes {
  patient: number;
  steward: number;
  /** Newly kept. */
  added: number;
  /** Here already; where a record was packed again since, the new place is noted. */
  known: number;
  /** Left out, because this vault has no key for them. */
  locked: number;
  /** Left out, because this vault shredded them. */
  shredded: number;
  /** Left out, because they are wrong, or not anchored as far as the node knows. Not there when there are none. */
  refused?: RefusedEnvelope[];
  /** Left out, because their author retracted them. Not there when there are none. */
  retracted?: number;
}

const LARGEST_BATCH = 32_768;

/** 32,768 digests of 32 bytes in base64, and what stands around them. */
const LONGEST_LIST = 1_400_000;

const SHAPE = {
  patient: is.id,
  steward: is.id,
  next: is.count,
  envelopes: is.listOf((envelope) => is.base64(envelope) && (envelope as string).length < 65_536),
  proofs: is.optional(is.listOf(isProof)),
  signatures: is.listOf(isSignature),
  batches: is.optional(is.listOf((list) => is.base64(list) && (list as string).length < LONGEST_LIST)),
};

/**
 * Takes envelopes into the vault. Each has to open with a key that is held here, be about this patient, be written by
 * this steward, and be anchored by it on chain, with its signature for that; one that was shredded here stays out. One that isn't right is named and
 * left out, and the others are taken. The same file may be taken again: that completes what was missing.
 *
 * @param file what {@link releaseEnvelopes} made
 * @returns what came in, and which envelopes were {@link TakenEnvelopes.refused}
 * @throws HANDOVER_…; and where nothing in the file is any good, for its first envelope: RECORD_NOT_ANCHORED,
 *   AUTHOR_UNPROVEN, ACCOUNT_UNPROVEN, RECORD_NOT_BY_STEWARD, ENVELOPE_REFUSED, MANIFEST_MISMATCH, KEY_COMMITMENT_MISMATCH, COMPARTMENT_MISMATCH
 *
 * @example
 * const { refused = [] } = await viewer.takeEnvelopes({ file: JSON.parse(await readFile("envelopes.json", "utf8")) });
 */
export async function takeEnvelopes(ctx: Context, { file }: { file: unknown }): Promise<TakenEnvelopes> {
  const { imported, problem } = await takeOrTell(ctx, file);
  if (problem !== undefined && !hasAnyGood(imported)) throw problem;
  return imported;
}

/** Whether a file held anything but what was refused. */
export const hasAnyGood = ({ added, known, locked, shredded, retracted = 0 }: TakenEnvelopes): boolean =>
  added + known + locked + shredded + retracted > 0;

/** {@link takeEnvelopes}, which gives the first refusal back instead of throwing it. */
export async function takeOrTell(
  ctx: Context,
  file: unknown,
): Promise<{ imported: TakenEnvelopes; problem: ChartChainError | undefined }> {
  const vault = requireVault(ctx);
  const parsed = parseHandover<EnvelopesFile>(ctx, "chartchain/envelopes", SHAPE, file);
  const { patient, steward, envelopes } = parsed;
  const proofs = proofsIn(parsed);
  const lists = listsIn(parsed);
  const history = envelopes.length === 0 && lists.length === 0 ? [] : await verifiedRecords(ctx, patient);
  const find = anchorsIn(history);
  const { proved, unproved } = await checkSignatures(ctx, parsed, history);
  const lookFromThere = await lookAgain(ctx, patient);
  // From then on listRecords tells what the patient never agreed to.
  await approvedTerms(ctx, { patient, provider: steward });
  const counts = { added: 0, known: 0, locked: 0, shredded: 0, retracted: 0 };
  const problems: { refused: RefusedEnvelope; error: ChartChainError }[] = [];
  vault.transaction(() => {
    for (const { digest, count, ...signed } of proved) {
      vault.authorSignatures.keep(inVault({ patient, author: steward, digest, count }), signed);
    }
    for (const [position, encoded] of envelopes.entries()) {
      const bytes = fromBase64(encoded);
      try {
        const about = { patient, steward, find, unproved, proofs: proofs.get(position) ?? [] };
        counts[takeEnvelope(ctx, bytes, about)]++;
      } catch (error) {
        if (!isChartChainError(error) || error.code.startsWith("VAULT_")) throw error;
        const refused = { position, digest: digestOf(bytes), code: error.code, reason: error.message };
        problems.push({ refused, error });
      }
    }
    for (const batch of lists) {
      const digest = hexlify(batch.digest());
      // Any other list says nothing about this patient's history.
      const isTheirs = (anchor: AnchoredRecord) =>
        anchor.author === steward && anchor.size === batch.header.size && isSigned(ctx, patient, anchor);
      if (history.some((anchor) => anchor.digest === digest && isTheirs(anchor))) vault.batches.keep(patient, batch);
    }
    if (counts.added > 0) lookFromThere();
  });
  const refused = problems.length === 0 ? {} : { refused: problems.map((each) => each.refused) };
  const { retracted, ...others } = counts;
  const takenBack = retracted === 0 ? {} : { retracted };
  return { imported: { patient, steward, ...others, ...takenBack, ...refused }, problem: problems[0]?.error };
}

/** What an envelope is held against. */
interface About {
  patient: number;
  steward: number;
  find: FindAnchor;
  proofs: readonly BatchProof[];
  /** What is wrong with the author's signatures in the file, by what they are about. */
  unproved: ReadonlyMap<string, ChartChainError>;
}

function takeEnvelope(
  ctx: Context,
  bytes: Uint8Array,
  about: About,
): "added" | "known" | "locked" | "shredded" | "retracted" {
  const { patient, steward, find, proofs } = about;
  const vault = requireVault(ctx);
  const envelope = decode(bytes);
  if (vault.tombstones.has(envelope.digest)) return "shredded";
  const record = envelope.digest;
  const keepProofs = () => {
    for (const proof of proofs) {
      if (verifyInBatch({ digest: batchDigest(proof), record, proof })) vault.batches.keepProof(record, proof);
    }
  };
  const held = vault.envelopes.get(record);
  // After a reorganisation it may stand in another batch.
  if (held !== undefined) keepProofs();
  if (held !== undefined && equalBytes(held.bytes, bytes)) return "known";
  const opened = openWithHeldKey(ctx, envelope, { patient, steward });
  if (opened === undefined) return held === undefined ? "locked" : "known";
  const { manifest, place, dek } = opened;
  wipe(dek);
  if (held !== undefined && !isNewer(ctx, place, held)) return "known";
  requireBySteward(manifest);
  if (manifest.patient !== patient || manifest.steward !== steward) throw notAnchored(hexlify(record), manifest);
  const anchor = signedAnchor(ctx, hexlify(record), manifest, about);
  // A history names what was retracted by its place in the batch, too.
  keepProofs();
  if (noteRetraction(ctx, find, manifest)) return "retracted";
  vault.envelopes.put({
    digest: envelope.digest,
    compartmentId: envelope.compartmentId,
    bytes,
    patient,
    steward,
    status: "anchored",
    anchor: { block: anchor.block, index: anchor.index - 1 },
    metadata: describedManifest(manifest, place),
    replace: true,
  });
  return held === undefined ? "added" : "known";
}

/** Where the author anchored a record, and signed for that. Throws RECORD_NOT_ANCHORED, AUTHOR_UNPROVEN, ACCOUNT_UNPROVEN. */
function signedAnchor(ctx: Context, digest: string, manifest: Manifest, { find, proofs, unproved }: About) {
  const { patient, author } = manifest;
  const sought = { digest, author, proofs };
  const signed = find({ ...sought, counts: (each) => isSigned(ctx, patient, each) });
  if (signed !== undefined) return signed;
  if (find(sought) === undefined) throw notAnchored(digest, manifest);
  const problems = [digest, ...proofs.map((proof) => hexlify(batchDigest(proof)))].map((of) => unproved.get(of));
  throw problems.find((problem) => problem !== undefined) ?? unproven({ patient, author, digest }, "it isn't signed");
}

/**
 * Checks the author's signatures in a file over what the chain has of this patient. What isn't anchored, or was checked
 * before, isn't looked at.
 */
async function checkSignatures(
  ctx: Context,
  { patient, steward: author, signatures }: EnvelopesFile,
  history: readonly AnchoredRecord[],
): Promise<{ proved: HandedSignature[]; unproved: Map<string, ChartChainError> }> {
  const { authorSignatures } = requireVault(ctx);
  const check = anchorChecks(ctx);
  const proved: HandedSignature[] = [];
  const unproved = new Map<string, ChartChainError>();
  const anchors = new Map(
    history.filter((each) => each.author === author).map((each) => [`${each.digest}/${each.size ?? 0}`, each]),
  );
  for (const signed of signatures) {
    const { digest, count } = signed;
    const statement = { patient, author, digest, count };
    const anchor = anchors.get(`${digest}/${count}`);
    if (anchor === undefined || authorSignatures.get(inVault(statement)) !== undefined) continue;
    try {
      await check(statement, signed, anchor.block);
      proved.push(signed);
    } catch (error) {
      if (!isChartChainError(error) || isSilence(error)) throw error;
      unproved.set(digest, error);
    }
  }
  return { proved, unproved };
}

/** Whether a record was packed again since it was in the place that a held envelope says. */
function isNewer(ctx: Context, { packing }: PackPlace, held: StoredEnvelope): boolean {
  const opened = openWithHeldKey(ctx, decodeEnvelope(held.bytes), held);
  wipe(opened?.dek);
  return opened === undefined || opened.place.packing < packing;
}

function isProof(value: unknown): boolean {
  if (!is.object(value)) return false;
  const { envelope, proof, ...others } = value as Record<string, unknown>;
  return is.count(envelope) && is.base64(proof) && (proof as string).length < 2_048 && Object.keys(others).length === 0;
}

const SIGNATURE = { digest: is.digest, count: is.count, account: is.address, signature: is.hex };

function isSignature(value: unknown): boolean {
  const fields = value as Record<string, unknown>;
  return (
    is.object(value) &&
    Object.keys(fields).length === Object.keys(SIGNATURE).length &&
    Object.entries(SIGNATURE).every(([name, accepts]) => accepts(fields[name])) &&
    (fields["count"] as number) <= LARGEST_BATCH
  );
}

/** The proofs in a file, by the place of the envelope that each is about. Throws HANDOVER_MALFORMED. */
function proofsIn({ proofs = [] }: EnvelopesFile): Map<number, BatchProof[]> {
  const found = new Map<number, BatchProof[]>();
  for (const { envelope, proof } of proofs) {
    found.set(envelope, [
      ...(found.get(envelope) ?? []),
      readable("a proof", () => decodeBatchProof(fromBase64(proof))),
    ]);
  }
  return found;
}

/** The lists of batches in a file. Throws HANDOVER_MALFORMED. */
const listsIn = ({ batches = [] }: EnvelopesFile): Batch[] =>
  batches.map((list) => readable("the list of a batch", () => Batch.decode(fromBase64(list))));

const decode = (bytes: Uint8Array) => readable("an envelope", () => decodeEnvelope(bytes));

function readable<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw malformed(`${what} in it can't be read`, cause);
  }
}

function digestOf(bytes: Uint8Array): string | undefined {
  try {
    return hexlify(decodeEnvelope(bytes).digest);
  } catch {
    return undefined;
  }
}
