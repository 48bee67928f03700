import type { BaseContract, EventLog } from "ethers";

import { type Context, type ContractName, eventsAmong } from "../../sdk/index.js";
import { indexOf } from "../chain-index.js";
import type { Newest } from "../event-table.js";
import { type Head, type LogFilter, topicOf } from "../follower.js";

/** The block as of which an overview holds. */
export interface AsOf {
  block: number;
  /**
   * The later of the block's time and the client's clock, in seconds since 1970: what ended by then isn't shown as standing. An
   * idle chain's newest block may be old.
   */
  time: number;
}

/** Which events: by contract, and about whom, by the place of the indexed parameter (any participant where it is left out). */
export interface Wanted {
  kinds: { readonly [Name in ContractName]?: readonly string[] };
  about?: readonly (readonly number[] | undefined)[];
}

/** What is read at one block. */
export interface Events extends Head {
  of: (wanted: Wanted, newest?: Newest) => EventLog[];
}

/**
 * Reads events of one block from a client's index.
 *
 * @param wanted what `work` may ask for; it is followed from then on
 * @throws INDEX_MISSING, and what the index throws
 */
export function readEvents<T>(client: Context, wanted: readonly Wanted[], work: (events: Events) => T): Promise<T> {
  return indexOf(client).read(
    wanted.map((each) => filterOf(client, each)),
    ({ logs, ...head }) =>
      work({
        ...head,
        time: Math.max(head.time, client.clock()),
        of: (each, newest) => eventsAmong(client, contractsOf(client, each), logs(filterOf(client, each), newest)),
      }),
  );
}

function filterOf(client: Context, wanted: Wanted): LogFilter {
  const contracts = contractsOf(client, wanted);
  const names = Object.values(wanted.kinds);
  const kinds = contracts.flatMap((contract, i) =>
    names[i]!.map((name) => contract.interface.getEvent(name)!.topicHash),
  );
  const places = (wanted.about ?? []).map((ids) => ids?.map(topicOf) ?? null);
  return { address: contracts.map(({ target }) => target as string), topics: [kinds, ...places] };
}

const contractsOf = ({ contracts }: Context, { kinds }: Wanted): BaseContract[] =>
  Object.keys(kinds).map((name) => contracts[name as ContractName]);

/** A participant, or another number, of an event. */
export const numberIn = ({ args }: EventLog, name: string): number => Number(args[name]);
