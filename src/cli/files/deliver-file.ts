import { ChartChainError } from "../../errors/index.js";
import type { Client, DeliveryFile, DeliveryInput } from "../../sdk/index.js";
import type { OutputFile } from "./output-file.js";
import { count } from "../terminal/tables.js";

/** What went into a delivery file. */
export interface Delivered {
  file: string;
  /** Of compartments and of single records. */
  keys: number;
  /** How many of them are of single records. */
  keysOfRecords: number;
  records: number;
  /** What authors say about records that they retracted. */
  retractions: number;
  /** Records that were passed over: a constraint asks what they say, and they can't be read here. Not there when none were. */
  unread?: string[];
}

/**
 * Writes what a recipient may see and wasn't given yet.
 *
 * @throws NOTHING_TO_DELIVER when that is nothing; what the SDK's `deliver` throws
 */
export async function writeDelivery(client: Client, input: DeliveryInput, output: OutputFile): Promise<Delivered> {
  let [keys, keysOfRecords, records, retractions] = [0, 0, 0, 0];
  let isWritten = false;
  const keep = async (delivery: DeliveryFile): Promise<void> => {
    const { grant, records: single, constraints = [] } = delivery;
    keysOfRecords = single?.grant.wraps.length ?? 0;
    keys = (grant?.wraps.length ?? 0) + keysOfRecords;
    records = recordsIn(delivery.envelopes) + recordsIn(single?.envelopes ?? []);
    retractions = delivery.retractions?.length ?? 0;
    const lists = delivery.envelopes.filter(({ batches }) => batches !== undefined);
    isWritten = keys + records + retractions + constraints.length + lists.length > 0;
    if (isWritten) await output.writeJson(delivery);
  };
  const unread: string[] = [];
  const onUnread = ({ digest }: { digest: string }) => void unread.push(digest);
  await client.deliver({ ...input, keep, onUnread });
  if (!isWritten) {
    throw new ChartChainError("NOTHING_TO_DELIVER", `participant ${input.viewer} was given everything before`, {
      details: { patient: input.patient, viewer: input.viewer },
      hint: "If the earlier file was lost, --deliver-only with --again writes everything once more.",
    });
  }
  return { file: output.path, keys, keysOfRecords, records, retractions, ...(unread.length === 0 ? {} : { unread }) };
}

const recordsIn = (envelopes: DeliveryFile["envelopes"]): number =>
  envelopes.reduce((sum, file) => sum + file.envelopes.length, 0);

/** "3 keys (2 of single records)" */
export const keysInWords = (
  { keys, keysOfRecords }: Pick<Delivered, "keys" | "keysOfRecords">,
  what: "key" | "new key" = "key",
): string => `${count(keys, what)}${keysOfRecords === 0 ? "" : ` (${keysOfRecords} of single records)`}`;

export const deliveredInWords = ({ records, retractions, unread = [], ...keys }: Delivered): string =>
  [
    `${keysInWords(keys)} and the envelopes of ${count(records, "record")}`,
    ...(retractions === 0 ? [] : [count(retractions, "retraction")]),
    ...(unread.length === 0
      ? []
      : [`without ${count(unread.length, "record")} that can't be read here: ${unread.join(" ")}`]),
  ].join(", ");

/** The command that writes what somebody hasn't got yet. The patient's own delivery is for no purpose. */
export const deliveryCommand = (patient: number, viewer: number, purpose?: string): string =>
  `chartchain consent grant ${viewer} --deliver-only --patient ${patient}${purpose === undefined ? "" : ` --purpose ${purpose}`} --deliver for-${viewer}.json`;

/** For a step whose transaction is done while the delivery after it failed: says so, and what is left to do. */
export function notDelivered(what: string, cause: unknown, hint: string): ChartChainError {
  return new ChartChainError("DELIVERY_FAILED", `${what}, but the delivery file could not be made`, { cause, hint });
}
