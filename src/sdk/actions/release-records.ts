import { hexlify } from "ethers";

import {
  createCompartmentKey,
  decodeEnvelope,
  encodeEnvelope,
  openEnvelope,
  resealEnvelope,
} from "../../crypto/index.js";
import { isChartChainError } from "../../errors/index.js";
import type { EnvelopeEntry, StoredCompartment } from "../../vault/index.js";
import { chainCall } from "../chain/errors.js";
import { admits, heldConstraint, UNCONSTRAINED, type AskedRecord, type HeldConstraint } from "../consent/constraint.js";
import { decide, type Decision } from "../consent/decide.js";
import { ownId, requireVault, type Context } from "../context.js";
import { header, toBase64 } from "../handover/file.js";
import { keyDocumentOf } from "../participants.js";
import { wrappable } from "../records/confirmed-keys.js";
import { isRetracted } from "../records/retractions.js";
import { CATEGORIES, EVERY_STEWARD, type Purpose } from "../vocabulary.js";
import { currentConstraint, sealConstraint, type ConstraintFile } from "./constraints.js";
import { proveIn, type EnvelopesFile } from "./export-envelopes.js";
import { release, type GrantFile } from "./export-grant.js";
import { contentOf } from "./open-record.js";

/** Single records, each with a key of its own that opens nothing else. */
export interface RecordsFile {
  grant: GrantFile;
  envelopes: EnvelopesFile[];
}

/** What record delivery has for a viewer. */
export interface ReleasedRecords {
  constraints: ConstraintFile[];
  records: RecordsFile | undefined;
  /** Whether this vault holds what narrows a grant of the viewer's: without it nothing goes out. */
  isHeld: boolean;
  /** Notes that it was given. */
  given: () => void;
}

interface Asked {
  patient: number;
  viewer: number;
  purpose: Purpose;
  /** Everything again. */
  again: boolean;
}

/** What a viewer was given singly: constraints by their digests, records by theirs and the pack that they lay in then. */
interface Given {
  [name: string]: string[];
  constraints: string[];
  records: string[];
}

/** So that the note fits into one setting of the vault; what came before is given again. */
const MOST_NOTED = 400;

/**
 * Record delivery: under a constraint no compartment's key goes out. Each record that the constraint admits, and that the
 * viewer wasn't given yet, is sealed again under a key of its own, and that key is released, by the same checks and into the
 * same log as any other.
 *
 * @throws KEY_UNCONFIRMED; what {@link release} throws
 */
export async function releaseRecords(ctx: Context, asked: Asked): Promise<ReleasedRecords> {
  const { patient, viewer, purpose, again } = asked;
  const { settings, envelopes } = requireVault(ctx);
  const own = await ownId(ctx);
  const before = (again ? undefined : (settings.get(nameOf(asked)) as Given | undefined)) ?? {
    constraints: [],
    records: [],
  };
  const entries = envelopes.list({ patient, status: "anchored", ...(own === patient ? {} : { steward: own }) });
  const stewards = [...new Set(entries.map(({ steward }) => steward))];
  const words = await constraintsOf(ctx, asked, [...stewards, EVERY_STEWARD]);
  const constraints: ConstraintFile[] = [];
  for (const [steward, { held, digest }] of words) {
    if (before.constraints.includes(digest)) continue;
    constraints.push(await sealConstraint(ctx, { patient, viewer, purpose, steward }, held, viewer));
  }
  const given = (released: readonly EnvelopeEntry[]) => () =>
    settings.set(nameOf(asked), {
      constraints: [...words.values()].map(({ digest }) => digest),
      records: [...before.records, ...released.map(noteOf)].slice(-MOST_NOTED),
    });
  const fresh = words.size === 0 ? [] : entries.filter((entry) => !before.records.includes(noteOf(entry)));
  const { admitted, block } = await admittedOf(ctx, asked, fresh, words);
  const chosen = await confirmedFor(ctx, viewer, admitted);
  const isHeld = words.size > 0;
  if (chosen.length === 0) return { constraints, records: undefined, isHeld, given: isHeld ? given([]) : () => {} };
  const records = await sealSingly(ctx, asked, chosen, block!);
  return { constraints, records, isHeld, given: given(chosen.map(({ entry }) => entry)) };
}

const noteOf = ({ digest, metadata }: EnvelopeEntry): string => `${hexlify(digest)}/${metadata?.cid ?? ""}`;

const nameOf = ({ patient, viewer, purpose }: Asked): string => `delivered-records:${patient}:${viewer}:${purpose}`;

/** The constraints that narrow the viewer's grants now and that this vault holds, by whose records they are of. */
async function constraintsOf(
  ctx: Context,
  { patient, viewer, purpose }: Asked,
  stewards: readonly number[],
): Promise<Map<number, { held: HeldConstraint; digest: string }>> {
  const words = new Map<number, { held: HeldConstraint; digest: string }>();
  for (const steward of stewards) {
    const word = { patient, viewer, purpose, steward };
    const digest = await currentConstraint(ctx, word);
    const held = digest === UNCONSTRAINED ? undefined : heldConstraint(ctx, digest, word);
    if (held !== undefined) words.set(steward, { held, digest });
  }
  return words;
}

/** Those of the records that only go out singly, and may. */
async function admittedOf(
  ctx: Context,
  { patient, viewer, purpose }: Asked,
  entries: readonly EnvelopeEntry[],
  words: ReadonlyMap<number, { held: HeldConstraint }>,
): Promise<{ admitted: EnvelopeEntry[]; block: Decision["block"] | undefined }> {
  const scopes = new Map<string, Decision>();
  const admitted: EnvelopeEntry[] = [];
  let block: Decision["block"] | undefined;
  for (const entry of entries) {
    const { steward, metadata } = entry;
    if (metadata === undefined || metadata.author !== steward || isRetracted(ctx, entry)) continue;
    const record = askedRecord(ctx, entry);
    // Asked here first, where it costs nothing; what counts is the decision.
    const held = [steward, EVERY_STEWARD].flatMap((of) => words.get(of)?.held ?? []);
    if (!(await someAdmit(held, record, ctx.clock()))) continue;
    const question = { patient, steward, viewer, category: CATEGORIES[metadata.category]!, purpose };
    const scope = `${steward}/${question.category}`;
    if (!scopes.has(scope)) scopes.set(scope, await decide(ctx, question));
    // With a free grant it goes with the compartment's key.
    if (scopes.get(scope)!.reason !== "CONSTRAINED") continue;
    const decision = await decide(ctx, { ...question, record });
    if (!decision.allowed) continue;
    admitted.push(entry);
    block = decision.block;
  }
  return { admitted, block };
}

function askedRecord(ctx: Context, { digest, metadata }: EnvelopeEntry): AskedRecord {
  const name = hexlify(digest);
  let content: Promise<Uint8Array> | undefined;
  const noted = metadata?.sensitivities ?? [];
  return { digest: name, content: () => (content ??= contentOf(ctx, name)), noted };
}

async function someAdmit(held: readonly HeldConstraint[], record: AskedRecord, now: number): Promise<boolean> {
  for (const each of held) if (await admits(each, record, now)) return true;
  return false;
}

interface Chosen {
  entry: EnvelopeEntry;
  /** The key that opens its envelope here. */
  from: StoredCompartment;
}

/** Those of the records whose own compartment's key might go to the viewer's key of now. */
async function confirmedFor(ctx: Context, viewer: number, entries: readonly EnvelopeEntry[]): Promise<Chosen[]> {
  const chosen = entries.flatMap((entry) => {
    const from = openingKey(ctx, entry);
    return from === undefined ? [] : [{ entry, from }];
  });
  if (chosen.length === 0) return [];
  const { keyVersion, onlyAfter } = await keyDocumentOf(ctx, viewer);
  const keys = await wrappable(
    ctx,
    chosen.map(({ from }) => from),
    { participant: viewer, keyVersion, onlyAfter },
  );
  return chosen.filter(({ from }) => keys.includes(from));
}

function openingKey(ctx: Context, entry: EnvelopeEntry): StoredCompartment | undefined {
  const { compartments, envelopes } = requireVault(ctx);
  const envelope = decodeEnvelope(envelopes.get(entry.digest)!.bytes);
  return compartments.find(entry.compartmentId, entry).find((key) => {
    try {
      openEnvelope(envelope, key);
      return true;
    } catch (error) {
      if (isChartChainError(error)) return false;
      throw error;
    }
  });
}

async function sealSingly(
  ctx: Context,
  asked: Asked,
  chosen: readonly Chosen[],
  block: Decision["block"],
): Promise<RecordsFile> {
  const { compartments, envelopes } = requireVault(ctx);
  const openedAtBlock = await chainCall(() => ctx.provider.getBlockNumber());
  const held = compartments.list({ patient: asked.patient }).filter(({ source }) => source === "own");
  const keys: StoredCompartment[] = [];
  const files = new Map<number, EnvelopesFile>();
  for (const { entry, from } of chosen) {
    const { patient, steward, digest } = entry;
    const isIts = ({ record }: StoredCompartment) => record !== undefined && hexlify(record) === hexlify(digest);
    let key = held.find(isIts);
    if (key === undefined) {
      // One key for a record, whoever gets it: a second one would contradict the first.
      const made = createCompartmentKey({ patient, steward, category: from.category, round: 0, record: digest });
      compartments.put(made, { openedAtBlock, source: "own" });
      key = { ...made, openedAtBlock, source: "own" };
    }
    keys.push(key);
    const envelope = resealEnvelope(decodeEnvelope(envelopes.get(digest)!.bytes), from, key);
    const file = files.get(steward) ?? {
      ...header(ctx, "chartchain/envelopes"),
      ...{ patient, steward, next: entry.sequence, envelopes: [] },
    };
    file.envelopes.push(toBase64(encodeEnvelope(envelope)));
    proveIn(ctx, file, digest);
    files.set(steward, file);
  }
  return { grant: await release(ctx, asked, keys, block), envelopes: [...files.values()] };
}
