import { ChartChainError } from "../../errors/index.js";
import type { SensitivityClass } from "../../fhir/index.js";
import { queryEvents } from "../chain/events.js";
import { currentTime, type Context } from "../context.js";
import { askNodes, speaking } from "../chain/nodes.js";
import {
  CATEGORIES,
  EVERY_STEWARD,
  laneEnd,
  purposeIndex,
  type Category,
  type Purpose,
  UNCONSTRAINED,
} from "../vocabulary.js";
import {
  heldConstraint,
  isWithin,
  makeConstraint,
  narrowingIn,
  type ConstrainedWord,
  type Narrowing,
} from "./constraint.js";

/** A grant as far as it matters to what narrows it. */
export interface NarrowedGrant {
  viewer: number;
  purpose: Purpose;
  /** Whose records; every steward's when left out. */
  steward?: number;
  categories: readonly Category[];
  /** `null` lifts what there is; left out, it stays. */
  constraint?: Narrowing | null;
}

/** Something that narrows no longer, or not at all, once a grant is written. */
export interface LostNarrowing {
  /** Of which categories. */
  categories: Category[];
  /** The grant whose narrowing it is: whose records, `EVERY_STEWARD` for one over all of them. */
  steward: number;
  /** What it narrows to; undefined where this vault doesn't hold it. */
  narrowing: Narrowing | undefined;
  /** The live grant that is wider, where it isn't the written one's own change: grants add up. */
  besides?: number;
}

/** What a grant would come to, as the chain stands. */
export interface GrantPreview {
  /** Everything that the grant is of once it is written: what is named, and what lives already. */
  categories: Category[];
  /** What narrows all of that then; `null` for nothing, undefined for what this vault doesn't hold. */
  narrowing: Narrowing | null | undefined;
  lost: LostNarrowing[];
}

/** A grant on chain. */
interface WordState {
  steward: number;
  live: Category[];
  digest: string;
}

/** Other changes that are written together with a grant: revocations come first. */
interface Together {
  revocations: readonly { viewer: number; purpose: Purpose; steward?: number; categories?: readonly Category[] }[];
  grants: readonly NarrowedGrant[];
}

const ALONE: Together = { revocations: [], grants: [] };

/**
 * What a grant would come to. A word has one constraint, and the words of a viewer for a purpose add up: so one that is about
 * some categories may change what narrows others. Of several nodes, what any of them says is lost counts.
 *
 * @throws CONSTRAINT_MALFORMED, CHAIN_UNREACHABLE
 */
export async function previewOf(
  ctx: Context,
  patient: number,
  grant: NarrowedGrant,
  together: Together = ALONE,
): Promise<GrantPreview> {
  const { viewer, purpose, steward = EVERY_STEWARD, constraint } = grant;
  const word = { patient, viewer, purpose, steward };
  // Refused here, it is refused before anything is asked.
  if (constraint != null) makeConstraint(word, constraint);
  const asked = await askNodes(ctx, (view) => readWords(view, word, together));
  const answers = speaking(asked);
  if (answers.length === 0) throw asked[0]!.failure!;
  const refused = answers.find(({ refusal }) => refusal !== undefined);
  if (refused !== undefined) throw refused.refusal!;
  const previews = answers.map(({ value }) => previewBy(ctx, word, grant, value!));
  const covered = previews.flatMap(({ categories }) => categories);
  const lost = new Map(previews.flatMap((each) => each.lost.map((loss) => [JSON.stringify(loss), loss] as const)));
  return {
    categories: CATEGORIES.filter((category) => covered.includes(category)),
    narrowing: previews[0]!.narrowing,
    lost: [...lost.values()],
  };
}

/**
 * Refuses a grant that would leave something narrowed no longer, or would be narrowed in vain.
 *
 * @throws NARROWING_LOST
 */
export function requireNothingLost(patient: number, grant: NarrowedGrant, { lost }: GrantPreview): void {
  if (lost.length === 0) return;
  const { viewer, purpose, steward: own = EVERY_STEWARD } = grant;
  const ways = new Set(lost.map(({ besides }) => wayOut(own, besides)));
  throw new ChartChainError("NARROWING_LOST", lost.map(lossInWords).join("; "), {
    details: { patient, viewer, purpose, lost },
    hint: `Nothing was sent. ${[...ways].join(" ")} If it is meant, say so: loseNarrowing, or --lose-narrowing.`,
  });
}

/** What keeps a narrowing: it depends on which of the grants is the wider one. */
function wayOut(own: number, besides: number | undefined): string {
  if (besides === undefined)
    return "Name all of these categories in this grant, or give a narrowing within the former one.";
  if (besides === own)
    return "This grant is the wider one: narrow it within the other, or leave these categories out of it.";
  return `Revoke the wider grant, that of ${whose(besides)}, first.`;
}

/** What is lost, in a sentence. */
export function lossInWords({ categories, steward, narrowing, besides }: LostNarrowing): string {
  const what = `${categories.join(", ")} of ${whose(steward)}`;
  const parts = narrowing === undefined ? ["something that this vault doesn't hold"] : narrowingInWords(narrowing);
  const former = parts.length === 0 ? "single records" : parts.join(", ");
  return besides === undefined
    ? `${what}, which this grant doesn't name, would no longer be narrowed to ${former}`
    : `narrowing ${what} to ${former} narrows nothing beside the wider grant of ${whose(besides)}: grants add up`;
}

const whose = (steward: number): string => (steward === EVERY_STEWARD ? "every provider" : `provider ${steward}`);

/** How what narrows a grant is told to somebody: a time, records, classes of sensitive data. */
export interface NarrowingWords {
  time: (seconds: number) => string;
  records: (digests: readonly string[]) => string;
  classes: (classes: readonly SensitivityClass[]) => string[];
}

const PLAIN_WORDS: NarrowingWords = {
  time: (seconds) => new Date(seconds * 1000).toISOString(),
  records: ({ length }) => (length === 1 ? "1 record" : `${length} records`),
  classes: (classes) => [`classes ${classes.join(", ")}`],
};

/**
 * What a grant is narrowed to, part by part.
 *
 * @param words how a person is told, where that isn't plain text
 */
export function narrowingInWords(narrowing: Narrowing, words: NarrowingWords = PLAIN_WORDS): string[] {
  const { records, classes, from, to, encounter, notBefore } = narrowing;
  return [
    ...(records === undefined ? [] : [words.records(records)]),
    ...(classes === undefined ? [] : classes.length === 0 ? ["nothing that is sensitive"] : words.classes(classes)),
    ...(from === undefined ? [] : [`what is about ${words.time(from)} or later`]),
    ...(to === undefined ? [] : [`what is about ${words.time(to)} or earlier`]),
    ...(encounter === undefined ? [] : [`what belongs to ${encounter}`]),
    ...(notBefore === undefined ? [] : [`nothing before ${words.time(notBefore)}`]),
  ];
}

/** The word that is written, and those whose records are also its. */
async function readWords(
  ctx: Context,
  word: ConstrainedWord,
  together: Together,
): Promise<{ own: WordState; others: WordState[] }> {
  const now = await currentTime(ctx);
  const stewards = word.steward === EVERY_STEWARD ? await stewardsGranted(ctx, word, together) : [EVERY_STEWARD];
  const [own, ...others] = await Promise.all(
    [word.steward, ...stewards].map((steward) => readWord(ctx, { ...word, steward }, now, together)),
  );
  return { own: own!, others };
}

/** The stewards of whose records alone the viewer was ever granted something: the contract keeps no list of them. */
async function stewardsGranted(
  ctx: Context,
  { patient, viewer, purpose }: ConstrainedWord,
  { grants }: Together,
): Promise<number[]> {
  const { Consents } = ctx.contracts;
  const filters = [Consents.filters.Granted(patient, viewer), Consents.filters.GrantConstrained(patient, viewer)];
  const events = (await Promise.all(filters.map((filter) => queryEvents(ctx, Consents, filter)))).flat();
  const granted = events
    .filter(({ args }) => Number(args["purpose"]) === purposeIndex(purpose))
    .map(({ args }) => Number(args["steward"]));
  const alongside = grants.filter((each) => each.viewer === viewer && each.purpose === purpose);
  const stewards = new Set([...granted, ...alongside.map(({ steward = EVERY_STEWARD }) => steward)]);
  stewards.delete(EVERY_STEWARD);
  return [...stewards];
}

async function readWord(ctx: Context, word: ConstrainedWord, now: number, together: Together): Promise<WordState> {
  const { patient, viewer, purpose, steward } = word;
  const about = [patient, viewer, purposeIndex(purpose), steward] as const;
  const { Consents } = ctx.contracts;
  const [[, lanes], digest] = await Promise.all([Consents.grantOf(...about), Consents.constraintOf(...about)]);
  const isThis = (each: Pick<NarrowedGrant, "viewer" | "purpose" | "steward">) =>
    each.viewer === viewer && each.purpose === purpose && (each.steward ?? EVERY_STEWARD) === steward;
  const revoked = together.revocations.filter(isThis).flatMap(({ categories = CATEGORIES }) => categories);
  const granted = together.grants.filter(isThis).flatMap(({ categories }) => categories);
  const isLive = (each: Category) => granted.includes(each) || (laneEnd(lanes, each) > now && !revoked.includes(each));
  return { steward, live: CATEGORIES.filter(isLive), digest };
}

function previewBy(
  ctx: Context,
  word: ConstrainedWord,
  { categories: named, constraint }: NarrowedGrant,
  { own, others }: { own: WordState; others: readonly WordState[] },
): GrantPreview {
  const narrowingOf = ({ steward, digest }: WordState): Narrowing | null | undefined => {
    if (digest === UNCONSTRAINED) return null;
    const held = ctx.vault === undefined ? undefined : heldConstraint(ctx, digest, { ...word, steward });
    return held === undefined ? undefined : narrowingIn(held);
  };
  const former = narrowingOf(own);
  const after = constraint === undefined ? former : constraint;
  const covered = CATEGORIES.filter((each) => named.includes(each) || own.live.includes(each));
  const lost: LostNarrowing[] = [];
  const lose = (steward: number, narrowing: Narrowing | undefined, categories: Category[], besides?: number) =>
    void lost.push({ categories, steward, narrowing, ...(besides === undefined ? {} : { besides }) });

  const unnamed = own.live.filter((each) => !named.includes(each));
  if (constraint !== undefined && unnamed.length > 0 && former !== null && !admitsNoMore(after, former)) {
    lose(own.steward, former, unnamed);
  }
  const concerned = constraint === undefined ? named : covered;
  for (const other of others) {
    const shared = other.live.filter((each) => concerned.includes(each));
    if (shared.length === 0) continue;
    const beside = narrowingOf(other);
    if (after !== null && !admitsNoMore(beside, after)) lose(own.steward, after, shared, other.steward);
    if (beside !== null && !admitsNoMore(after, beside)) lose(other.steward, beside, shared, own.steward);
  }
  return { categories: covered, narrowing: after, lost };
}

/** Whether a grant that is narrowed like this admits nothing that one narrowed like that doesn't; unknown is any. */
const admitsNoMore = (inner: Narrowing | null | undefined, outer: Narrowing | null | undefined): boolean =>
  outer === null || (inner != null && outer !== undefined && isWithin(inner, outer));
