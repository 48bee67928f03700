import type { Block, EventLog } from "ethers";

import type { RecordKind } from "../../crypto/index.js";
import type { Vault } from "../../vault/index.js";
import { eventsAbout } from "../chain/events.js";
import { requireVault, type Context } from "../context.js";
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
export interface Lane extends Chart {
  category: Category;
}

export const laneOf = ({ patient, steward, category }: Chart & RecordKind): Lane => ({
  patient,
  steward,
  category: CATEGORIES[category]!,
});

/** What the chain says at one block about who may see, or ever might have seen, a steward's records of a patient. */
export interface Admissions extends History {
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

/** The time of the newest block at which this vault asked something, in seconds since 1970; undefined where it hasn't yet. */
export const lastAskedAt = (vault: Vault): number | undefined => read.get(vault)?.time;

export function readAt(ctx: Context, head: Block): ReadAtBlock {
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
export function once<K, V>(answers: Map<K, Promise<V>>, name: K, ask: () => Promise<V>, again = false): Promise<V> {
  const known = again ? undefined : answers.get(name);
  if (known !== undefined) return known;
  const asked = ask();
  answers.set(name, asked);
  asked.catch(() => answers.delete(name));
  return asked;
}

/** @param options.again asks anew who may see, also where it was asked at this block */
export async function admissionsAt(
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
export const membersOf = ({ seen }: Admissions, { category, confidential }: RecordKind): number[] =>
  confidential ? [] : [...seen].filter(([, mask]) => covers(mask, CATEGORIES[category]!)).map(([viewer]) => viewer);

/**
 * The viewers who were given this category of this steward, from a block on: by a grant, as a delegate or as a
 * representative. Whoever broke the glass was given single records.
 */
export function letIn(
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
export const viewerOf = ({ args }: EventLog): number => Number(args["viewer"] ?? args["delegate"] ?? args["responder"]);

/** What is read of a `Delegation`; seconds since 1970. */
export interface Delegation {
  viewing: bigint;
  from: bigint;
}

/** The institution whose word an appointment is, if it isn't the patient's own. */
export const sourceOf = ({ args }: EventLog): number[] => (args["source"] ? [Number(args["source"])] : []);
