import { isChartChainError } from "../../errors/index.js";
import { isUnanswered } from "../chain/errors.js";
import { takeConstraint } from "../consent/constraint-files.js";
import type { Context } from "../context.js";
import { is, parseHandover } from "../handover/file.js";
import { takeRetraction } from "../records/retraction/take-retraction.js";
import type { RetractionMessage } from "../records/retraction/retraction-statement.js";
import type { DeliveryFile } from "./deliver.js";
import type { KeysFile } from "./release-keys.js";
import { hasAnyGood, takeOrTell, type TakenEnvelopes } from "./take-envelopes.js";
import { takeKeys, type TakenKeys } from "./take-keys.js";
import type { RecordsFile } from "./seal-singly.js";

/** What a delivery brought. */
export interface TakenDelivery {
  grant: TakenKeys | undefined;
  /** Of record delivery: the keys of single records. Not there when none came, or the same came before. */
  recordKeys?: TakenKeys;
  envelopes: TakenEnvelopes[];
  /** The steward has SENSITIVE records besides, and the patient lets that be said. Left out, it says nothing. */
  withheld?: true;
  /** What authors said about records that they retracted. Not there when nobody did. */
  retractions?: RetractionMessage[];
}

/**
 * Takes the keys, then the envelopes and then the retractions of a delivery into the vault. What isn't right is named and
 * left out, and the rest is taken. After an interruption, or where the node hadn't seen the newest block, take the same
 * file again.
 *
 * @throws what {@link takeKeys} throws but GRANT_REPLAYED: the keys of such a file are here. What
 *   {@link takeEnvelopes} throws, where no envelope of the whole delivery is any good; keys and retractions are kept
 *   then. What {@link takeRetraction} throws
 *
 * @example
 * await patient.takeDelivery({ file: JSON.parse(await readFile("delivery.json", "utf8")) });
 */
export async function takeDelivery(ctx: Context, { file }: { file: unknown }): Promise<TakenDelivery> {
  const withheld = is.optional((value) => value === true);
  const lists = { envelopes: is.listOf(is.object), retractions: is.optional(is.listOf(is.object)) };
  const single = { constraints: is.optional(is.listOf(is.object)), records: is.optional(isRecords) };
  const shape = { grant: is.optional(is.object), ...lists, ...single, withheld };
  const delivery = parseHandover<DeliveryFile>(ctx, "chartchain/delivery", shape, file);
  const stale: unknown[] = [];
  for (const each of delivery.constraints ?? []) {
    await takeConstraint(ctx, { file: each }).catch((error: unknown) => {
      // A later delivery brings the newer one; what is free, or was admitted before, comes in.
      if (!isChartChainError(error, "CONSTRAINT_STALE")) throw error;
      stale.push(error);
    });
  }
  const grant = delivery.grant === undefined ? undefined : await takeNewKeys(ctx, delivery.grant);
  const recordKeys = delivery.records === undefined ? undefined : await takeNewKeys(ctx, delivery.records.grant);
  const taken = [];
  for (const each of [...delivery.envelopes, ...(delivery.records?.envelopes ?? [])]) {
    taken.push(await takeOrTell(ctx, each));
  }
  const retractions: RetractionMessage[] = [];
  const problems: unknown[] = [...stale, ...taken.flatMap(({ problem }) => problem ?? [])];
  for (const each of delivery.retractions ?? []) {
    try {
      retractions.push(await takeRetraction(ctx, { file: each }));
    } catch (error) {
      // One that is wrong keeps nobody from the next.
      if (isUnanswered(error)) throw error;
      problems.push(error);
    }
  }
  const envelopes = taken.map(({ imported }) => imported);
  if (problems.length > 0 && retractions.length === 0 && !envelopes.some(hasAnyGood)) throw problems[0];
  const said = retractions.length === 0 ? {} : { retractions };
  return {
    grant,
    ...(recordKeys && { recordKeys }),
    envelopes,
    ...said,
    ...(delivery.withheld ? { withheld: true } : {}),
  };
}

const isRecords = (value: unknown): boolean =>
  is.object(value) &&
  Object.keys(value as object).length === 2 &&
  is.object((value as RecordsFile).grant) &&
  is.listOf(is.object)((value as RecordsFile).envelopes);

async function takeNewKeys(ctx: Context, file: KeysFile): Promise<TakenKeys | undefined> {
  try {
    return await takeKeys(ctx, { file });
  } catch (error) {
    // Its keys came long ago. An interruption may have kept the envelopes out.
    if (isChartChainError(error, "GRANT_REPLAYED")) return undefined;
    throw error;
  }
}
