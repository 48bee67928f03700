import type { EventLog } from "ethers";

import { eventsAbout, queryEvents } from "../chain/events.js";
import { signedCall } from "../chain/signed-call.js";
import { heldConstraint, narrowingIn, type Narrowing } from "../consent/constraint.js";
import type { Context } from "../context.js";
import { accountEvents } from "../handover/pinned.js";
import {
  categoriesOf,
  laneEnd,
  PURPOSES,
  purposeIndex,
  UNCONSTRAINED,
  type Category,
  type Purpose,
} from "../vocabulary.js";
import type { ExportBlock } from "./block-times.js";

/** How a category of a grant stands at the export's block. */
export type GrantStanding = "active" | "expired" | "revoked" | "replaced";

/** By whose word something was granted. */
export interface Granter {
  /** The participant; undefined where the transaction doesn't tell. */
  by: number | undefined;
  basis: "patient" | "delegate" | "representative" | "unknown";
}

/** One act of granting, and what became of it. */
export interface GrantAct extends Granter {
  viewer: number;
  purpose: Purpose;
  /** Whose records; `EVERY_STEWARD` for those of all. */
  steward: number;
  /** When it was granted, in seconds since 1970. */
  at: number;
  block: number;
  transaction: string;
  /** When it was to end, in seconds since 1970. */
  until: number;
  categories: readonly { category: Category; standing: GrantStanding }[];
  /** What narrows it: null for nothing, undefined where something does that this vault doesn't hold. */
  narrowing: Narrowing | null | undefined;
}

/** What a grant's category rests on while the events are gone through. */
interface Lane {
  act: Draft;
  category: Category;
}

type Draft = Omit<GrantAct, "categories" | "narrowing" | keyof Granter> & {
  event: EventLog;
  constraint: string;
  standings: Map<Category, GrantStanding>;
};

/**
 * Every act by which a patient's records were ever opened to somebody, oldest first, and how each of its categories stands at a
 * block: by the events, and where they say that it is live, by the contract's state.
 *
 * @throws CHAIN_UNREACHABLE, CHAIN_CALL_FAILED
 */
export async function grantActs(ctx: Context, patient: number, block: ExportBlock): Promise<GrantAct[]> {
  const { Consents, Registrar } = ctx.contracts;
  const kinds = [
    [Consents, ["Granted", "GrantConstrained", "GrantRevoked", "ViewerRevoked"]],
    [Registrar, ["AllRevoked", "Recovered", "CameOfAge"]],
  ] as const;
  const events = await eventsAbout(ctx, kinds, [patient], undefined, block.number);
  const drafts = await followed(events, block);
  await holdAgainstState(ctx, patient, drafts, block);
  const speakers = await speakersOf(ctx, patient, block.number);
  return Promise.all(
    drafts.map(async ({ event, constraint, standings, ...act }) => {
      const word = { patient, viewer: act.viewer, purpose: act.purpose, steward: act.steward };
      const held = constraint === UNCONSTRAINED ? undefined : heldConstraint(ctx, constraint, word);
      return {
        ...act,
        ...(await granterOf(ctx, act, event, patient, speakers)),
        categories: [...standings].map(([category, standing]) => ({ category, standing })),
        narrowing: constraint === UNCONSTRAINED ? null : held && narrowingIn(held),
      };
    }),
  );
}

/** Goes through the events in their order. */
async function followed(events: readonly EventLog[], block: ExportBlock): Promise<Draft[]> {
  const drafts: Draft[] = [];
  const lanes = new Map<string, Lane>();
  const constraints = new Map<string, string>();
  const end = (isEnded: (lane: Lane) => boolean, standing: GrantStanding, at: number) => {
    for (const [key, lane] of lanes) {
      if (!isEnded(lane)) continue;
      lane.act.standings.set(lane.category, lane.act.until <= at ? "expired" : standing);
      lanes.delete(key);
    }
  };
  for (const event of events) {
    const at = await block.timeOf(event.blockNumber);
    const { eventName, args } = event;
    const viewer = Number(args["viewer"]);
    if (eventName === "ViewerRevoked") {
      end((lane) => lane.act.viewer === viewer, "revoked", at);
      for (const word of constraints.keys()) if (word.startsWith(`${viewer}/`)) constraints.delete(word);
      continue;
    }
    if (args["categories"] === undefined) {
      end(() => true, "revoked", at);
      constraints.clear();
      continue;
    }
    const [purpose, steward] = [Number(args["purpose"]), Number(args["steward"])];
    const categories = categoriesOf(Number(args["categories"]));
    const word = `${viewer}/${purpose}/${steward}`;
    const isOfWord = ({ act, category }: Lane) => wordOf(act) === word && categories.includes(category);
    end(isOfWord, eventName === "GrantRevoked" ? "revoked" : "replaced", at);
    if (eventName === "GrantRevoked") continue;
    if (eventName === "GrantConstrained") constraints.set(word, args["constraintDigest"] as string);
    const act: Draft = {
      ...{ viewer, purpose: PURPOSES[purpose]!, steward, at, block: event.blockNumber, event },
      transaction: event.transactionHash,
      until: Number(args["until"]),
      constraint: constraints.get(word) ?? UNCONSTRAINED,
      standings: new Map(categories.map((category) => [category, "active"])),
    };
    drafts.push(act);
    for (const category of categories) lanes.set(`${word}/${category}`, { act, category });
  }
  end(({ act }) => act.until <= block.time, "expired", block.time);
  return drafts;
}

const wordOf = ({ viewer, purpose, steward }: Draft): string => `${viewer}/${purposeIndex(purpose)}/${steward}`;

/** What the contract's state doesn't bear out isn't live; and what narrows a live grant is what the state says. */
async function holdAgainstState(
  ctx: Context,
  patient: number,
  drafts: readonly Draft[],
  block: ExportBlock,
): Promise<void> {
  const { Consents } = ctx.contracts;
  const at = { blockTag: block.number };
  const live = drafts.filter(({ standings }) => [...standings.values()].includes("active"));
  for (const act of live) {
    const word = [patient, act.viewer, purposeIndex(act.purpose), act.steward] as const;
    const [[, lanes], constraint] = await Promise.all([
      Consents.grantOf(...word, at),
      Consents.constraintOf(...word, at),
    ]);
    act.constraint = constraint;
    for (const [category, standing] of act.standings) {
      const ends = laneEnd(lanes, category);
      if (standing === "active" && (ends <= block.time || ends !== act.until)) act.standings.set(category, "revoked");
    }
  }
}

/** Who could grant: the patient, and whom somebody ever appointed, with the accounts of each. */
interface Speaker {
  id: number;
  accounts: readonly string[];
  /** The appointments, oldest first: from which block, and whether by an institution. */
  appointed: readonly { block: number; byInstitution: boolean }[];
}

async function speakersOf(ctx: Context, patient: number, block: number): Promise<Speaker[]> {
  const { Delegates } = ctx.contracts;
  const appointments = await queryEvents(
    ctx,
    Delegates,
    Delegates.filters.DelegateAppointed(patient),
    undefined,
    block,
  );
  const ids = [...new Set([patient, ...appointments.map(({ args }) => Number(args["delegate"]))])];
  return Promise.all(
    ids.map(async (id) => ({
      id,
      accounts: (await accountEvents(ctx, id, block)).map(({ account }) => account),
      appointed: appointments
        .filter(({ args }) => Number(args["delegate"]) === id)
        .map(({ blockNumber, args }) => ({ block: blockNumber, byInstitution: Number(args["source"]) !== 0 })),
    })),
  );
}

/** The contracts don't note who granted: the transaction says whose call it was, or whose signature it carried. */
async function granterOf(
  ctx: Context,
  { purpose, block }: { purpose: Purpose; block: number },
  event: EventLog,
  patient: number,
  speakers: readonly Speaker[],
): Promise<Granter> {
  // Nobody but the patient grants for research, by which contract it may come.
  if (purpose === "HRESCH") return { by: patient, basis: "patient" };
  const call = await signedCall(ctx, ctx.contracts.Consents, event);
  const { authorization } = (call?.args.toObject() ?? {}) as { authorization?: { account: string } };
  const account = authorization?.account ?? call?.signer;
  const speaker = speakers.find(({ accounts }) => account !== undefined && accounts.includes(account));
  if (speaker === undefined) return { by: undefined, basis: "unknown" };
  if (speaker.id === patient) return { by: patient, basis: "patient" };
  const appointment = speaker.appointed.findLast((each) => each.block <= block);
  return { by: speaker.id, basis: appointment?.byInstitution === true ? "representative" : "delegate" };
}
