import { hexlify, type Block, type EventLog } from "ethers";

import { createCompartmentKey, kindOf, type CompartmentKey, type RecordKind } from "../../crypto/index.js";
import { ChartChainError } from "../../errors/index.js";
import type { StoredCompartment, Vault } from "../../vault/index.js";
import { requireWithinTerms, type Standing } from "../relationships/approved-terms.js";
import { eventsAbout } from "../chain/events.js";
import { requireVault, type Context } from "../context.js";
import { recoveryEndOf } from "../people/participants.js";
import {
  CATEGORIES,
  categoryIndex,
  categoryMask,
  EVERY_STEWARD,
  laneEnd,
  PURPOSES,
  type Category,
  UNCONSTRAINED,
} from "../vocabulary.js";

/** Whose records. */
export interface Chart {
  patient: number;
  steward: number;
}

/** Whose records of which kind a compartment holds. */
export interface Scope extends Chart, RecordKind {}

/** Whose records of which category somebody was let in to. */
interface Lane extends Chart {
  category: Category;
}

const laneOf = ({ patient, steward, category }: Chart & RecordKind): Lane => ({
  patient,
  steward,
  category: CATEGORIES[category]!,
});

/** The compartment that the next record goes into. */
export interface Round {
  compartmentKey: CompartmentKey;
  /** True when this call opened it: the patient doesn't have its key yet. */
  opened: boolean;
  /** The viewers who are entitled to it now; none where that wasn't asked yet. */
  members: number[];
  /** The time of the block at which that was asked, in seconds since 1970; 0 where it wasn't. */
  asOf: number;
}

/**
 * The compartment for the next record: the current round, or a fresh one when somebody who could have got its key may
 * no longer see what comes.
 *
 * Whoever was granted the category at any time since the round opened counts as having its key: the patient may have
 * handed it out without the steward.
 *
 * What the chain said is remembered until a new block comes: many records of one import ask once. Right before something is
 * anchored, {@link membersNow} asks again.
 *
 * @param standing how the relationship stands, where that was just asked
 * @throws OUTSIDE_TERMS where the patient agreed to other categories
 */
export async function currentRound(ctx: Context, scope: Scope, standing?: Standing): Promise<Round> {
  const lane = laneOf(scope);
  await requireWithinTerms(ctx, lane, standing);
  const vault = requireVault(ctx);
  const current = vault.compartments.current(scope);
  const head = await latestBlock(ctx);
  const admissions = await admissionsAt(ctx, scope, [lane.category], head, { again: false });
  const members = membersOf(admissions, scope);
  if (current !== undefined && (await isSafe(ctx, current, admissions))) {
    return { compartmentKey: current, opened: false, members, asOf: head.timestamp };
  }

  const round = current === undefined ? 0 : current.round + 1;
  const { patient, steward } = scope;
  const compartmentKey = createCompartmentKey({ patient, steward, ...kindOf(scope), round });
  const opened = vault.transaction(() => {
    // Another write may have opened this round meanwhile.
    if (vault.compartments.current(scope)?.round !== current?.round) return false;
    vault.compartments.put(compartmentKey, { openedAtBlock: head.number, source: "own" });
    vault.compartments.addExposed(compartmentKey.id, members);
    vault.cursors.set(openingOf(compartmentKey.id), { block: head.number, hash: head.hash! });
    return true;
  });
  return opened ? { compartmentKey, opened, members, asOf: head.timestamp } : currentRound(ctx, scope);
}

/**
 * The round that a record is sealed under for now: the newest, whoever has its key, where there is one. Nobody gets to see the
 * envelope before the record is anchored, and right before that {@link membersNow} is asked, and the envelope written again
 * where somebody has the key who shouldn't.
 *
 * @throws what {@link currentRound} throws
 */
export async function roundToSealUnder(ctx: Context, scope: Scope, standing: Standing): Promise<Round> {
  const vault = requireVault(ctx);
  const compartmentKey = vault.compartments.current(scope);
  const asOf = read.get(vault)?.time;
  if (compartmentKey === undefined || asOf === undefined) return currentRound(ctx, scope, standing);
  await requireWithinTerms(ctx, laneOf(scope), standing);
  return { compartmentKey, opened: false, members: [], asOf };
}

/**
 * Who is entitled to these rounds now, of each; undefined where somebody else could have one's key. Asked right before
 * anchoring, once for all of them.
 *
 * @param rounds one or none of each kind
 */
export async function membersNow(
  ctx: Context,
  chart: Chart,
  rounds: readonly Pick<Round, "compartmentKey">[],
): Promise<number[][] | undefined> {
  const vault = requireVault(ctx);
  const categories = [...new Set(rounds.map(({ compartmentKey }) => CATEGORIES[compartmentKey.category]!))];
  const admissions = await admissionsAt(ctx, chart, categories, await latestBlock(ctx), { again: true });
  const safe = await Promise.all(
    rounds.map(async ({ compartmentKey }) => {
      // Somebody else's key may have the same id in another scope, and come first.
      const compartment = ownCompartment(vault, compartmentKey.id, chart);
      return compartment !== undefined && isSafe(ctx, compartment, admissions);
    }),
  );
  return safe.includes(false) ? undefined : rounds.map(({ compartmentKey }) => membersOf(admissions, compartmentKey));
}

/** The key that this vault's owner made for a round of a scope. */
export const ownCompartment = (vault: Vault, id: Uint8Array, scope: Chart): StoredCompartment | undefined =>
  vault.compartments.find(id, scope).find(({ source }) => source === "own");

/** What the chain says at one block about who may see, or ever might have seen, a steward's records of a patient. */
interface Admissions extends History {
  head: Block;
  /** The categories, of those that were asked about, that each viewer who was ever let in may see now, as a mask. */
  seen: ReadonlyMap<number, number>;
}

/** A patient's events up to a block. */
interface History {
  /** Who was let in, and to what: grants, delegates, representatives, broken glasses. */
  given: EventLog[];
  /** Changes of keys, recoveries and licences of the patient and of everybody who was let in. */
  changes: EventLog[];
}

/** What was read at one block, by what was asked. None of it is another at that block. */
interface ReadAtBlock {
  hash: string;
  /** The block's, in seconds since 1970. */
  time: number;
  histories: Map<number, Promise<History>>;
  seen: Map<string, Promise<ReadonlyMap<number, number>>>;
  openings: Map<number, Promise<Block | null>>;
}

const read = new WeakMap<Vault, ReadAtBlock>();

function readAt(ctx: Context, head: Block): ReadAtBlock {
  const vault = requireVault(ctx);
  const known = read.get(vault);
  if (known?.hash === head.hash) return known;
  const nothing = {
    hash: head.hash!,
    time: head.timestamp,
    histories: new Map(),
    seen: new Map(),
    openings: new Map(),
  };
  read.set(vault, nothing);
  return nothing;
}

/** What was asked before under this name, or what `ask` gives, which is remembered if it doesn't fail. */
function once<K, V>(answers: Map<K, Promise<V>>, name: K, ask: () => Promise<V>, again = false): Promise<V> {
  const known = again ? undefined : answers.get(name);
  if (known !== undefined) return known;
  const asked = ask();
  answers.set(name, asked);
  asked.catch(() => answers.delete(name));
  return asked;
}

/** @param options.again asks anew who may see, also where it was asked at this block */
async function admissionsAt(
  ctx: Context,
  { patient, steward }: Chart,
  categories: readonly Category[],
  head: Block,
  { again }: { again: boolean },
): Promise<Admissions> {
  const { histories, seen } = readAt(ctx, head);
  const history = await once(histories, patient, () => historyOf(ctx, patient, head));
  const viewers = [...new Set(categories.flatMap((category) => letIn(history.given, { steward, category })))];
  const asked = `${patient}/${steward}/${categories.join()}`;
  const masks = await once(
    seen,
    asked,
    () => viewersAmong(ctx, { patient, steward }, categories, viewers, history.given, head),
    again,
  );
  return { head, ...history, seen: masks };
}

async function historyOf(ctx: Context, patient: number, head: Block): Promise<History> {
  const { Consents, Delegates, Registrar } = ctx.contracts;
  const kinds = ["KeyChanging", "Recovered", "Licensed", "Reinstated"];
  const events = await eventsAbout(
    ctx,
    [
      [Consents, ["Granted", "GrantConstrained", "GlassBroken"]],
      [Delegates, ["DelegateAppointed"]],
      [Registrar, kinds],
    ],
    [patient],
    undefined,
    head.number,
  );
  const given = events.filter(({ eventName }) => !kinds.includes(eventName));
  // A representative comes and goes with the licence of the court that appointed it.
  const viewers = [...new Set(given.flatMap((event) => [viewerOf(event), ...sourceOf(event)]))].filter(
    (viewer) => viewer !== patient,
  );
  const others =
    viewers.length === 0 ? [] : await eventsAbout(ctx, [[Registrar, kinds]], viewers, undefined, head.number);
  return { given, changes: [...events.filter(({ eventName }) => kinds.includes(eventName)), ...others] };
}

async function viewersAmong(
  ctx: Context,
  { patient, steward }: Chart,
  categories: readonly Category[],
  viewers: readonly number[],
  given: readonly EventLog[],
  head: Block,
): Promise<ReadonlyMap<number, number>> {
  const size = Math.floor(QUESTIONS / categories.length);
  const pages = Array.from({ length: Math.ceil(viewers.length / size) }, (_, i) =>
    viewers.slice(size * i, size * (i + 1)),
  );
  const masks = await Promise.all(
    pages.map((page) =>
      ctx.contracts.Summary.viewersAmong(patient, steward, categoryMask(categories), page, { blockTag: head.number }),
    ),
  );
  const may = new Map(masks.flat().map((mask, i) => [viewers[i]!, Number(mask)]));
  // A grant with a constraint, and a broken glass, give single records, and no compartment's key.
  const isSingle = ({ eventName, args }: EventLog) =>
    eventName === "GrantConstrained" || (eventName === "GlassBroken" && Number(args["until"]) > head.timestamp);
  for (const viewer of new Set(given.filter(isSingle).map(viewerOf))) {
    const sees = categories.filter((category) => covers(may.get(viewer) ?? 0, category));
    const free = await Promise.all(
      sees.map((category) => seesFreely(ctx, { patient, steward, category }, viewer, head)),
    );
    may.set(viewer, free.some(Boolean) ? categoryMask(sees.filter((_, i) => free[i])) : 0);
  }
  return may;
}

/** Whether somebody who may see a category may do so by more than what gives single records. */
async function seesFreely(ctx: Context, scope: Lane, viewer: number, head: Block): Promise<boolean> {
  const { patient, steward, category } = scope;
  if (viewer === steward) return true;
  const { Consents, Delegates } = ctx.contracts;
  const at = { blockTag: head.number };
  const lane = categoryIndex(category);
  const answers = await Promise.all([
    Delegates.mayView(patient, viewer, lane, at),
    ...PURPOSES.map(async (_, purpose) => {
      const [may, ...words] = await Promise.all([
        Consents.canView(patient, steward, viewer, lane, purpose, at),
        ...[steward, EVERY_STEWARD].map(async (of) => {
          const word = [patient, viewer, purpose, of] as const;
          const [[, lanes], constraint] = await Promise.all([
            Consents.grantOf(...word, at),
            Consents.constraintOf(...word, at),
          ]);
          return { live: laneEnd(lanes, category) > head.timestamp, constraint };
        }),
      ]);
      return may && words.some(({ live, constraint }) => live && constraint === UNCONSTRAINED);
    }),
  ]);
  return answers.includes(true);
}

/**
 * About how many viewers, times categories, one call asks: each takes up to 120,000 gas, and a node may hold calls to what one
 * transaction may use (EIP-7825: 16,777,216).
 */
const QUESTIONS = 96;

const covers = (mask: unknown, category: Category) => (Number(mask) & (1 << categoryIndex(category))) !== 0;

/** Of what is confidential nobody: whoever gets such a key, in an emergency or as a grown patient's viewer, has that round's. */
const membersOf = ({ seen }: Admissions, { category, confidential }: RecordKind): number[] =>
  confidential ? [] : [...seen].filter(([, mask]) => covers(mask, CATEGORIES[category]!)).map(([viewer]) => viewer);

/**
 * The viewers who were given this category of this steward, from a block on: by a grant, as a delegate or as a
 * representative. Whoever broke the glass was given single records.
 */
function letIn(
  given: readonly EventLog[],
  { steward, category }: Pick<Lane, "steward" | "category">,
  fromBlock = 0,
): number[] {
  const isGiven = ({ eventName, args }: EventLog): boolean => {
    switch (eventName) {
      case "Granted":
      case "GrantConstrained":
        return [EVERY_STEWARD, steward].includes(Number(args["steward"])) && covers(args["categories"], category);
      case "GlassBroken":
        return false;
      case "DelegateAppointed":
        return covers((args["delegation"] as Delegation).viewing, category);
      default:
        return true;
    }
  };
  const viewers = given.filter((event) => event.blockNumber >= fromBlock && isGiven(event)).map(viewerOf);
  return [...new Set(viewers)];
}

/** Whom an event let in. */
const viewerOf = ({ args }: EventLog): number => Number(args["viewer"] ?? args["delegate"] ?? args["responder"]);

/** What is read of a `Delegation`; seconds since 1970. */
interface Delegation {
  viewing: bigint;
  from: bigint;
}

/** The institution whose word an appointment is, if it isn't the patient's own. */
const sourceOf = ({ args }: EventLog): number[] => (args["source"] ? [Number(args["source"])] : []);

/** Whether an appointment began to count within a round: a court's is announced before. */
const beganSince = ({ eventName, args }: EventLog, opening: Block, head: Block): boolean => {
  if (eventName !== "DelegateAppointed") return false;
  const { from } = args["delegation"] as Delegation;
  return from > opening.timestamp && from <= head.timestamp;
};

/** Whether it doesn't count yet. */
const isAhead = ({ eventName, args }: EventLog, head: Block): boolean =>
  eventName === "DelegateAppointed" && (args["delegation"] as Delegation).from > head.timestamp;

/** Whether nobody but its members could have a round's key. Members are noted: from now on they count as having it. */
async function isSafe(ctx: Context, compartment: StoredCompartment, admissions: Admissions): Promise<boolean> {
  const { id, openedAtBlock, patient } = compartment;
  const { compartments, cursors } = requireVault(ctx);
  const { head, given } = admissions;
  const lane = laneOf(compartment);
  const opening = await once(readAt(ctx, head).openings, openedAtBlock, () => ctx.provider.getBlock(openedAtBlock));
  // After a reorganisation a grant may stand in a block before the opening, where nobody looked.
  if (opening?.hash == null || opening.hash !== cursors.get(openingOf(id))?.hash) return false;
  const members = membersOf(admissions, compartment);
  if (await isKeyReplaced(ctx, [patient, ...members], opening, admissions)) return false;
  // Who was let in by the end of the opening block and isn't entitled there was never given this key.
  const begun = given.filter((event) => !isAhead(event, head));
  const since = [
    ...letIn(begun, lane, openedAtBlock + 1),
    ...letIn(
      begun.filter((event) => beganSince(event, opening, head)),
      lane,
    ),
  ];
  const others = letIn(begun, lane).filter((viewer) => !members.includes(viewer) && !since.includes(viewer));
  const again = await readmitted(ctx, others, opening, admissions);
  const noted = compartments.exposed(id);
  if (!members.every((member) => noted.has(member))) compartments.addExposed(id, members);
  return [...noted, ...since, ...again].every((viewer) => members.includes(viewer));
}

const openingOf = (compartment: Uint8Array): string => `round:${hexlify(compartment)}`;

/** Changes of one participant, of these kinds, from a block on. */
const changesOf = (changes: readonly EventLog[], id: number, kinds: readonly string[], fromBlock = 0): EventLog[] =>
  changes.filter(
    ({ args, eventName, blockNumber }) =>
      Number(args["id"]) === id && kinds.includes(eventName) && blockNumber >= fromBlock,
  );

/**
 * Who of these, or whose court, regained good standing at any time since a round opened, and with it what an older grant or
 * appointment still says.
 */
async function readmitted(
  ctx: Context,
  viewers: readonly number[],
  opening: Block,
  { head, given, changes }: Admissions,
): Promise<number[]> {
  const regained = async (id: number) => {
    if (changesOf(changes, id, ["Licensed", "Reinstated"], opening.number).length > 0) return true;
    const { suspendedUntil } = await participantAt(ctx, id, head);
    // A suspension that lapses leaves no event.
    return suspendedUntil > opening.timestamp && suspendedUntil <= head.timestamp;
  };
  const answers = await Promise.all(
    viewers.map(async (viewer) => {
      const sources = given.filter((event) => viewerOf(event) === viewer).flatMap(sourceOf);
      return (await Promise.all([viewer, ...new Set(sources)].map(regained))).includes(true);
    }),
  );
  return viewers.filter((_, i) => answers[i]);
}

/**
 * Whether the patient, or a member, has another key since the round opened, or another account after a recovery: whoever
 * had the former one may have the round's key.
 */
async function isKeyReplaced(
  ctx: Context,
  participants: readonly number[],
  opening: Block,
  { head, changes }: Admissions,
): Promise<boolean> {
  const answers = await Promise.all(
    participants.map(async (id) => {
      if (changesOf(changes, id, ["Recovered"], opening.number + 1).length > 0) return true;
      const announced = changesOf(changes, id, ["KeyChanging"]);
      if (announced.length === 0) return false;
      // A change that came due while a recovery was pending counts when that lapses.
      const thawed = recoveryEndOf(await participantAt(ctx, id, head));
      return announced.some(({ args, blockNumber }) => {
        const from = Number(args["from"]);
        // Blocks may share a second, so the time alone doesn't tell.
        const countsAt = (block: Block, time: number) => block.number >= blockNumber && block.timestamp >= time;
        return [from, Math.max(from, thawed)].some((time) => countsAt(head, time) && !countsAt(opening, time));
      });
    }),
  );
  return answers.includes(true);
}

const participantAt = (ctx: Context, id: number, head: Block) =>
  ctx.contracts.Registrar.participant(id, { blockTag: head.number });

async function latestBlock(ctx: Context): Promise<Block> {
  const head = await ctx.provider.getBlock("latest");
  if (head?.hash != null) return head;
  throw new ChartChainError("CHAIN_UNREACHABLE", "the node gives no block", {
    hint: "Check that it runs and has synced.",
  });
}
