import { hexlify } from "ethers";

import { isChartChainError, type ChartChainError, type ErrorCode } from "../../errors/index.js";
import type { EnvelopeEntry } from "../../vault/index.js";
import { currentConstraint, sealConstraint, type ConstraintFile } from "../consent/constraint-files.js";
import { admits, heldConstraint, type AskedRecord, type HeldConstraint } from "../consent/constraint.js";
import { decide, type Decision } from "../consent/decide.js";
import { leavesRecords } from "../consent/denials.js";
import { ownId, requireVault, type Context } from "../context.js";
import { factsHere } from "../records/known-facts.js";
import { contentOf } from "../records/open-record.js";
import { isRetracted } from "../records/retraction/retractions.js";
import { CATEGORIES, classesIn, EVERY_STEWARD, type Purpose, UNCONSTRAINED } from "../vocabulary.js";
import { isShownInEmergency } from "./emergency-wish.js";
import { confirmedFor, sealSingly, type RecordsFile } from "./seal-singly.js";

/** What record delivery has for a viewer. */
export interface ReleasedRecords {
  constraints: ConstraintFile[];
  records: RecordsFile | undefined;
  /** Whether a grant of the viewer's is narrowed by what this vault doesn't hold: under it nothing goes out. */
  isLacking: boolean;
  /** Records that were passed over, because a constraint asks what they say and they can't be read here. */
  unread: UnreadRecord[];
  /** Notes that it was given. */
  given: () => void;
}

/** A record that can't be read, and why. */
export interface UnreadRecord {
  digest: string;
  error: ChartChainError;
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
 * Record delivery: under a constraint, and through a broken glass, no compartment's key goes out. Each record that the
 * constraint admits, or the glass opens, and that the viewer wasn't given yet, is sealed again under a key of its own, and
 * that key is released, by the same checks and into the same log as any other.
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
  const { words, isNarrowed } = await constraintsOf(ctx, asked, [...stewards, EVERY_STEWARD]);
  const constraints: ConstraintFile[] = [];
  for (const [steward, { held, digest }] of words) {
    if (before.constraints.includes(digest)) continue;
    constraints.push(await sealConstraint(ctx, { patient, viewer, purpose, steward }, held, viewer));
  }
  const standing = isNarrowed || purpose === "ETREAT" ? entries.filter((entry) => isGood(ctx, entry)) : [];
  const scopes = await singleScopes(ctx, asked, standing);
  const isLacking = [...scopes].some(([, { steward, reason }]) => {
    const held = [steward, EVERY_STEWARD].some((of) => words.has(of));
    return reason === "CONSTRAINED" && !held;
  });
  const fresh = standing.filter((entry) => !before.records.includes(noteOf(entry)));
  const { admitted, block, unread } = await admittedOf(ctx, asked, fresh, { words, scopes });
  const chosen = await confirmedFor(ctx, viewer, admitted);
  const given = () => {
    if (words.size === 0 && chosen.length === 0) return;
    settings.set(nameOf(asked), {
      constraints: [...words.values()].map(({ digest }) => digest),
      records: [...before.records, ...chosen.map(({ entry }) => noteOf(entry))].slice(-MOST_NOTED),
    });
  };
  const records = chosen.length === 0 ? undefined : await sealSingly(ctx, asked, chosen, block!);
  return { constraints, records, isLacking, unread, given };
}

const isGood = (ctx: Context, entry: EnvelopeEntry): boolean =>
  entry.metadata !== undefined && entry.metadata.author === entry.steward && !isRetracted(ctx, entry);

const noteOf = ({ digest, metadata }: EnvelopeEntry): string => `${hexlify(digest)}/${metadata?.cid ?? ""}`;

const nameOf = ({ patient, viewer, purpose }: Asked): string => `delivered-records:${patient}:${viewer}:${purpose}`;

/** The constraints that narrow the viewer's grants now and that this vault holds, by whose records they are of. */
async function constraintsOf(
  ctx: Context,
  { patient, viewer, purpose }: Asked,
  stewards: readonly number[],
): Promise<{ words: Map<number, { held: HeldConstraint; digest: string }>; isNarrowed: boolean }> {
  const words = new Map<number, { held: HeldConstraint; digest: string }>();
  let isNarrowed = false;
  for (const steward of stewards) {
    const word = { patient, viewer, purpose, steward };
    const digest = await currentConstraint(ctx, word);
    if (digest === UNCONSTRAINED) continue;
    isNarrowed = true;
    const held = heldConstraint(ctx, digest, word);
    if (held !== undefined) words.set(steward, { held, digest });
  }
  return { words, isNarrowed };
}

/** Whose records of which category, confidential or not, go out singly alone. */
interface SingleScope {
  steward: number;
  reason: Decision["reason"];
}

type Scopes = ReadonlyMap<string, SingleScope>;

const scopeOf = ({ steward, metadata }: EnvelopeEntry): string =>
  `${steward}/${metadata!.category}/${metadata!.confidential}`;

async function singleScopes(ctx: Context, asked: Asked, entries: readonly EnvelopeEntry[]): Promise<Scopes> {
  const scopes = new Map<string, SingleScope>();
  const firsts = new Map(entries.map((entry) => [scopeOf(entry), entry]));
  for (const [scope, entry] of firsts) {
    const { reason } = await decide(ctx, questionOf(asked, entry));
    // With a free grant it goes with the compartment's key.
    if (leavesRecords(reason)) scopes.set(scope, { steward: entry.steward, reason });
  }
  return scopes;
}

const questionOf = ({ patient, viewer, purpose }: Asked, { steward, metadata }: EnvelopeEntry) => ({
  ...{ patient, steward, viewer, purpose },
  category: CATEGORIES[metadata!.category]!,
  confidential: metadata!.confidential,
});

/** Those of the records that only go out singly, and may. */
async function admittedOf(
  ctx: Context,
  asked: Asked,
  entries: readonly EnvelopeEntry[],
  { words, scopes }: { words: ReadonlyMap<number, { held: HeldConstraint }>; scopes: Scopes },
): Promise<{ admitted: EnvelopeEntry[]; block: Decision["block"] | undefined; unread: UnreadRecord[] }> {
  const admitted: EnvelopeEntry[] = [];
  const unread: UnreadRecord[] = [];
  const opened = new Map<string, Decision>();
  let block: Decision["block"] | undefined;
  for (const entry of entries) {
    const scope = scopes.get(scopeOf(entry));
    if (scope === undefined) continue;
    const record = askedRecord(ctx, entry, asked.again);
    try {
      // Asked here first, where it costs nothing; what counts is the decision.
      const isGlass = scope.reason === "SINGLE_RECORDS";
      // Of what is confidential the glass alone shows something: a constraint may be a representative's word.
      const asking = isGlass && entry.metadata?.confidential === true ? [] : [entry.steward, EVERY_STEWARD];
      const held = asking.flatMap((of) => words.get(of)?.held ?? []);
      const isShown = isGlass && (await isShownInEmergency(ctx, entry, asked.again));
      if (!isShown && !(await someAdmit(held, record, ctx.clock()))) continue;
      // What the glass doesn't show takes a grant: a constraint may be of one that ended, or of another category's.
      const question = { ...questionOf(asked, entry), record, ...(isShown ? {} : { withoutGlass: true as const }) };
      const decision = (isShown ? opened.get(scopeOf(entry)) : undefined) ?? (await decide(ctx, question));
      // A broken glass opens one record of a scope like another.
      if (isShown) opened.set(scopeOf(entry), decision);
      if (!decision.allowed) continue;
      admitted.push(entry);
      block = decision.block;
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      unread.push({ digest: record.digest, error });
    }
  }
  return { admitted, block, unread };
}

/** One record's own damage, which keeps no other from going out. */
const isUnreadable = (error: unknown): error is ChartChainError =>
  isChartChainError(error) && UNREADABLE.includes(error.code);

const UNREADABLE: readonly ErrorCode[] = [
  "BLOCK_MISSING",
  "BLOCK_CORRUPT",
  "BLOCK_TOO_LARGE",
  "DAG_TOO_DEEP",
  "DAG_INVALID",
  "CIPHERTEXT_REFUSED",
  "SIZE_MISMATCH",
  "PADDING_INVALID",
  "KEY_COMMITMENT_MISMATCH",
  "KEY_MISSING",
];

function askedRecord(ctx: Context, { digest, metadata }: EnvelopeEntry, again: boolean): AskedRecord {
  const name = hexlify(digest);
  let facts: ReturnType<typeof factsHere> | undefined;
  const noted = classesIn(metadata?.classes);
  return { digest: name, facts: () => (facts ??= factsHere(ctx, name, () => contentOf(ctx, name), again)), noted };
}

async function someAdmit(held: readonly HeldConstraint[], record: AskedRecord, now: number): Promise<boolean> {
  for (const each of held) if (await admits(each, record, now)) return true;
  return false;
}
