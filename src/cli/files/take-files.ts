import { ChartChainError, isChartChainError } from "../../errors/index.js";
import type {
  ConstrainedWord,
  TakenDelivery,
  TakenEnvelopes,
  TakenKeys,
  RefusedEnvelope,
  RefusedKey,
  RetractionMessage,
} from "../../sdk/index.js";
import type { FullClient } from "../../sdk/modules/index.js";

/** What a file brought. */
export interface Taken {
  file: string;
  /** Keys that were new, of compartments and of single records. */
  keys: number;
  /** How many of them are of single records. */
  keysOfRecords: number;
  /** Envelopes that were new. */
  records: number;
  /** Envelopes that were here already, were shredded here, or whose key is missing. */
  known: number;
  shredded: number;
  locked: number;
  /** Keys and envelopes that were left out, because they are wrong or not on chain yet. */
  refused: (RefusedKey | RefusedEnvelope)[];
  /** In an emergency: the steward has SENSITIVE records besides, and the patient lets that be said. */
  withheld?: true;
  /** Envelopes of records that their author retracted. */
  retracted: number;
  /** What authors said about records that they retracted. */
  retractions: RetractionMessage[];
  /** The grant whose constraint it was. */
  constraintOf?: ConstrainedWord;
}

/**
 * Takes a file that somebody handed over into the vault: a delivery, a grant, envelopes, a retraction or a constraint.
 * Taking one twice changes nothing.
 *
 * @throws HANDOVER_WRONG_KIND, and what the SDK throws when it takes it
 */
export async function takeFile(client: FullClient, path: string, file: unknown): Promise<Taken> {
  const kind = (file as { kind?: unknown } | null)?.kind;
  switch (kind) {
    case "chartchain/grant":
      return sum(path, await newGrant(() => client.takeKeys({ file })), []);
    case "chartchain/envelopes":
      return sum(path, undefined, [await client.takeEnvelopes({ file })]);
    case "chartchain/retraction":
      return { ...sum(path, undefined, []), retractions: [await client.takeRetraction({ file })] };
    case "chartchain/constraint":
      return { ...sum(path, undefined, []), constraintOf: await client.takeConstraint({ file }) };
    case "chartchain/study-delivery":
      return sumOf(path, await client.takeStudyDelivery({ file }));
    case "chartchain/signed-action":
    case "chartchain/offer":
      throw new ChartChainError("HANDOVER_WRONG_KIND", `this is a ${kind} file, which holds no records: ${path}`, {
        details: { path, kind },
        hint: "A signed action is sent with chartchain relay, an offer accepted with chartchain relationship approve --offer.",
      });
    default: {
      // What is no ChartChain file at all is refused here, too.
      return sumOf(path, await client.takeDelivery({ file }));
    }
  }
}

/** The keys of a grant; of one that came before, and newer ones since, they are here. */
async function newGrant(taking: () => Promise<TakenKeys>): Promise<TakenKeys | undefined> {
  try {
    return await taking();
  } catch (error) {
    if (isChartChainError(error, "GRANT_REPLAYED")) return undefined;
    throw error;
  }
}

/** What a delivery brought. */
export function sumOf(file: string, delivery: TakenDelivery): Taken {
  const { grant, recordKeys, envelopes, retractions = [], withheld } = delivery;
  return { ...sum(file, grant, envelopes, recordKeys), retractions, ...(withheld ? { withheld } : {}) };
}

function sum(
  file: string,
  grant: TakenKeys | undefined,
  envelopes: readonly TakenEnvelopes[],
  recordKeys?: TakenKeys,
): Taken {
  const total = (name: "added" | "known" | "shredded" | "locked" | "retracted") =>
    envelopes.reduce((count, each) => count + (each[name] ?? 0), 0);
  return {
    file,
    keys: (grant?.added ?? 0) + (recordKeys?.added ?? 0),
    keysOfRecords: recordKeys?.added ?? 0,
    records: total("added"),
    known: total("known"),
    shredded: total("shredded"),
    locked: total("locked"),
    refused: [
      ...(grant?.refused ?? []),
      ...(recordKeys?.refused ?? []),
      ...envelopes.flatMap(({ refused = [] }) => refused),
    ],
    retracted: total("retracted"),
    retractions: [],
  };
}
