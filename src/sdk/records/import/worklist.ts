import { ChartChainError } from "../../../errors/index.js";
import { assertValid, bundleBytes, parseFhirText, splitIntoRecords, type FhirDocument } from "../../../fhir/index.js";
import type { Decision, JsonValue, LoggedDecision, WorklistEntry, WorklistItem } from "../../../vault/index.js";
import { currentTime, ownId, requireVault, type Context } from "../../context.js";
import { requireReason } from "../../reason.js";
import {
  asOnePatients,
  digestOfContent,
  DISCARDED,
  documentIn,
  isDoubt,
  putOnWorklist,
  SENSITIVITY_IN_DOUBT,
  SPLIT_OFF,
} from "./doubts.js";
import { admitToChart, whoseIs } from "./known-people.js";
import { inTurnOfPatient } from "../settle-additions.js";
import type { AddedRecord } from "../added-record.js";
import { requireMayAnchor } from "../may-anchor.js";
import { addSplit } from "./import-fhir.js";

/** What waits for a person's word. */
export interface WaitingInput {
  /** Its number on the list, from 1; never used again. */
  item: number;
  /** Why it waits: the code of the refusal, SPLIT_OFF or SENSITIVITY_IN_DOUBT. */
  code: string;
  /** When it came, in seconds since 1970. */
  at: number;
  /** In bytes; 0 where the record is in the chart already. */
  size: number;
  /** The chart that it was meant for, or is in. */
  patient: number | undefined;
  file: string | undefined;
  /** What is in doubt: places in the input, or elements of Patient. */
  places: string[];
  /** Digest of the record whose sensitivity is in doubt. */
  record: string | undefined;
  /** Care that a minor consented to alone: so is all that becomes of it. */
  confidential: boolean;
}

/** What a person says about something on the worklist. */
export interface Resolution {
  /** Its number on the list. */
  item: number;
  /** Why, in 1 to 200 characters; logged. */
  reason: string;
}

/**
 * What waits for a person's word: inputs that were refused in doubt, and records whose sensitivity is.
 *
 * @example
 * for (const { item, code, places } of await clinic.listWorklist()) console.log(item, code, places);
 */
export async function listWorklist(ctx: Context): Promise<WaitingInput[]> {
  return requireVault(ctx).worklist.list().map(waiting);
}

/**
 * What an input on the worklist holds, to decide about it: its resources in their order, with their text.
 *
 * @returns `entries` from 0 on, as {@link splitInput} counts them
 * @throws WORKLIST_ITEM_UNKNOWN, and what reading FHIR JSON throws
 *
 * @example
 * const { entries } = await clinic.readWaitingInput({ item: 3 });
 */
export async function readWaitingInput(
  ctx: Context,
  { item }: { item: number },
): Promise<WaitingInput & { entries: FhirDocument["entries"] }> {
  const found = requireItem(ctx, item);
  return { ...waiting(found), entries: found.size === 0 ? [] : documentOf(found).entries };
}

/**
 * Puts an input on the worklist into a chart, as a person decided: the whole of it is this patient's. It is held against
 * what is known of the patient all the same.
 *
 * @param override true to take it although the chart contradicts it
 * @throws WORKLIST_ITEM_UNKNOWN, WORKLIST_ITEM_WRONG, REASON_MISSING, CHART_CONTRADICTED; what `addRecords` throws.
 *   It stays on the list then, and no assignment is logged
 *
 * @example
 * await clinic.assignInput({ item: 3, patient: 7, reason: "the ward confirmed the wristband" });
 */
export async function assignInput(
  ctx: Context,
  { item, patient, reason, override = false }: Resolution & { patient: number; override?: boolean },
): Promise<AddedRecord[]> {
  const found = requireInput(ctx, item);
  const because = requireReason(reason);
  const parsed = asOnePatients(found.content, nameOf(found));
  await assertValid(nameOf(found), parsed);
  const whose = whoseIs(parsed);
  const vault = requireVault(ctx);
  return inTurnOfPatient(vault, patient, async () => {
    // What can't be done isn't decided, either.
    await requireMayAnchor(ctx, patient);
    await admitToChart(ctx, { patient, whose, among: true, whole: true, override: override ? because : undefined });
    const { confidential } = waiting(found);
    const split = splitIntoRecords(parsed).map((each) => (confidential ? { ...each, confidential } : each));
    const added = await addSplit(ctx, patient, split);
    const [by, at] = [await ownId(ctx), await currentTime(ctx)];
    vault.transaction(() => {
      const about = { item, patient, code: found.code };
      vault.decisions.append({ kind: "assign", by, at, reason: because, about });
      vault.worklist.remove(item);
    });
    return added;
  });
}

/**
 * Divides an input on the worklist in two, each of which then waits by itself, with the doubt that is left of it.
 *
 * @param entries positions of what is split off, from 0, as {@link readWaitingInput} gives them
 * @returns the items of what was split off and of the rest
 * @throws WORKLIST_ITEM_UNKNOWN, WORKLIST_ITEM_WRONG, SPLIT_INVALID, REASON_MISSING
 *
 * @example
 * const { splitOff } = await clinic.splitInput({ item: 3, entries: [4, 5], reason: "the mother's, not the child's" });
 */
export async function splitInput(
  ctx: Context,
  { item, entries, reason }: Resolution & { entries: readonly number[] },
): Promise<{ splitOff: number; rest: number }> {
  const found = requireInput(ctx, item);
  const because = requireReason(reason);
  const all = documentOf(found).entries;
  const chosen = new Set(entries);
  if (chosen.size === 0 || chosen.size >= all.length || [...chosen].some((at) => all[at] === undefined)) {
    throw new ChartChainError(
      "SPLIT_INVALID",
      `the input has ${all.length} resources, and not these are some of them`,
      {
        details: { item, entries: [...chosen], resources: all.length },
        hint: "Name some of its resources, from 0, and leave at least one.",
      },
    );
  }
  const part = (isOff: boolean) => bundleBytes(all.filter((_, at) => chosen.has(at) === isOff));
  const [off, rest] = [await partOf(ctx, found, part(true)), await partOf(ctx, found, part(false))];
  const items = { splitOff: await off(), rest: await rest() };
  await logDecision(ctx, "split", because, { item, entries: [...chosen], ...items }, item);
  return items;
}

/**
 * Takes an input off the worklist for good: nothing of it remains but the decision.
 *
 * @throws WORKLIST_ITEM_UNKNOWN, WORKLIST_ITEM_WRONG, REASON_MISSING
 *
 * @example
 * await clinic.discardInput({ item: 3, reason: "sent to us by mistake; the sender knows" });
 */
export async function discardInput(ctx: Context, { item, reason }: Resolution): Promise<void> {
  const found = requireInput(ctx, item);
  const about = { item, code: found.code, digest: digestOfContent(found.content) };
  await logDecision(ctx, DISCARDED, requireReason(reason), about, item);
}

/**
 * What people decided against a doubt, oldest first: overrides, assignments, divisions, discards, and words on what is
 * sensitive. The log is append-only.
 *
 * @example
 * for (const { kind, reason } of await clinic.listDecisions()) console.log(kind, reason);
 */
export async function listDecisions(ctx: Context): Promise<LoggedDecision[]> {
  return requireVault(ctx).decisions.list();
}

/**
 * Logs what a person decided.
 *
 * @param resolved the item of the worklist that this ends: it leaves the list in the same transaction
 */
export async function logDecision(
  ctx: Context,
  kind: string,
  reason: string,
  about: Decision["about"],
  resolved?: number,
): Promise<void> {
  const [by, at] = [await ownId(ctx), await currentTime(ctx)];
  const vault = requireVault(ctx);
  vault.transaction(() => {
    vault.decisions.append({ kind, by, at, reason, about });
    if (resolved !== undefined) vault.worklist.remove(resolved);
  });
}

/** The item of that number. Throws WORKLIST_ITEM_UNKNOWN. */
export function requireItem(ctx: Context, item: number): WorklistItem {
  const found = requireVault(ctx).worklist.get(item);
  if (found !== undefined) return found;
  throw new ChartChainError("WORKLIST_ITEM_UNKNOWN", `nothing waits on the worklist as item ${item}`, {
    details: { item },
    hint: "List what waits. What was resolved is in the log of decisions.",
  });
}

/** The input of that number. Throws WORKLIST_ITEM_UNKNOWN, WORKLIST_ITEM_WRONG. */
function requireInput(ctx: Context, item: number): WorklistItem {
  const found = requireItem(ctx, item);
  if (found.code !== SENSITIVITY_IN_DOUBT) return found;
  throw wrongItem(item, "it is a record in a chart, of which only the sensitivity is in doubt");
}

/** An item that this can't be done with. */
export const wrongItem = (item: number, why: string): ChartChainError =>
  new ChartChainError("WORKLIST_ITEM_WRONG", `item ${item} of the worklist can't be resolved like this: ${why}`, {
    details: { item },
    hint: "An input is assigned, split or discarded; the sensitivity of a record is confirmed or lifted.",
  });

function waiting({ id, code, at, size, about }: WorklistEntry): WaitingInput {
  const { patient, file, places, record, confidential } = about as Partial<Record<string, JsonValue>>;
  return {
    ...{ item: id, code, at, size },
    patient: patient as number | undefined,
    file: file as string | undefined,
    places: (places as string[] | undefined) ?? [],
    record: record as string | undefined,
    confidential: confidential === true,
  };
}

const nameOf = ({ id, about }: WorklistEntry): string => (about["file"] as string | undefined) ?? `item ${id}`;

const documentOf = (item: WorklistItem): FhirDocument => documentIn(item.content, nameOf(item));

/** A part of an input, as it will wait: with the doubt that the parser still has about it. */
async function partOf(
  ctx: Context,
  { about, ...item }: WorklistItem,
  content: Uint8Array,
): Promise<() => Promise<number>> {
  const { patient, file, confidential } = waiting({ about, ...item });
  const of = { ...(patient === undefined ? {} : { patient }), ...(file === undefined ? {} : { file }) };
  const input = { content, confidential, ...of };
  try {
    await parseFhirText(content, nameOf({ about, ...item }));
    return () => putOnWorklist(ctx, input, SPLIT_OFF, []);
  } catch (error) {
    if (!isDoubt(error)) throw error;
    const places = [error.details["place"], error.details["places"]].flat();
    return () =>
      putOnWorklist(
        ctx,
        input,
        error.code,
        places.filter((one) => typeof one === "string"),
      );
  }
}
