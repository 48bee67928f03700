import type { Client } from "chartchain";

import type { Permits } from "../access/permits.js";
import { Refusal } from "../http/outcome.js";
import { narrowingOf } from "./contents.js";
import type { Delivery, Outbox } from "./outbox.js";

/** So much goes into one answer, in characters of JSON; one delivery at least. */
const A_PAGE = 4 * 1_048_576;

/** What is handed to a recipient. */
export interface Handed {
  deliveries: Delivery[];
  /** Names the place after them. */
  next: string;
  more: boolean;
  /** How much may come that isn't ready. */
  waiting: number;
}

/** What handing out works with. */
export interface Handing {
  client: Client;
  outbox: Outbox;
  permits: Permits;
  institution: number;
}

/**
 * Hands deliveries to their recipient, after a place. Each is asked about once more: what was allowed when it was made may be over. What may
 * not go out is passed by, and comes again after a new grant.
 *
 * @param after what an earlier answer named; everything where it is of another outbox, or empty
 * @throws CHAIN_UNREACHABLE, NODE_BEHIND and what else a decision throws: then nothing goes out
 */
export async function handTo(viewer: number, after: string, handing: Handing): Promise<Handed> {
  const { outbox } = handing;
  const place = placeIn(after, outbox);
  const { deliveries, more } = outbox.after(viewer, place, A_PAGE);
  const allowed: Delivery[] = [];
  for (const delivery of deliveries) {
    if (await mayGoOut(delivery, handing)) allowed.push(delivery);
    else outbox.pass(delivery.id);
  }
  const last = deliveries.at(-1)?.number ?? place;
  return { deliveries: allowed, next: `${outbox.name}.${last}`, more, waiting: outbox.waiting(viewer) };
}

function placeIn(after: string, outbox: Outbox): number {
  const [name, number] = after.split(".");
  const place = Number(number);
  // One that lies ahead is of a journal that was lost since, and brought back older.
  const isHere = name === outbox.name && Number.isSafeInteger(place) && place >= 0 && place <= outbox.last;
  return isHere ? place : 0;
}

async function mayGoOut(delivery: Delivery, { client, permits, institution }: Handing): Promise<boolean> {
  const { patient, viewer, purpose, kinds, singles, narrowing } = delivery;
  for (const { singly, ...kind } of kinds) {
    const { allowed, reason } = await permits.decide({ patient, viewer, purpose, ...kind });
    if (allowed) continue;
    // Nobody said that it is over: it waits, with all that comes after it.
    if (reason?.startsWith("NODE") === true)
      throw new Refusal(503, "transient", "This can't be decided now. Try again in a moment.");
    // Which records a constraint admits was asked when they were sealed one by one.
    if (!(singly && (reason === "CONSTRAINED" || reason === "SINGLE_RECORDS"))) return false;
  }
  return singles.length === 0 || narrowing === (await narrowingOf(client, delivery, institution));
}
