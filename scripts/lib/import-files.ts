import { ChartChainError, isChartChainError } from "../../src/errors/index.js";
import type {
  ConstrainedWord,
  ImportedDelivery,
  ImportedEnvelopes,
  ImportedGrant,
  RefusedEnvelope,
  RefusedKey,
  RetractionMessage,
} from "../../src/sdk/index.js";
import type { FullClient } from "../../src/sdk/modules/index.js";

/** What an imported file brought. */
export interface Imported {
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
 * Importing one twice changes nothing.
 *
 * @throws HANDOVER_WRONG_KIND and what the SDK's imports throw
 */
export async function importFile(client: FullClient, path: string, file: unknown): Promise<Imported> {
  const kind = (file as { kind?: unknown } | null)?.kind;
  switch (kind) {
    case "chartchain/grant":
      return sum(path, await newGrant(() => client.importGrant({ file })), []);
    case "chartchain/envelopes":
      return sum(path, undefined, [await client.importEnvelopes({ file })]);
    case "chartchain/retraction":
      return { ...sum(path, undefined, []), retractions: [await client.importRetraction({ file })] };
    case "chartchain/constraint":
      return { ...sum(path, undefined, []), constraintOf: await client.importConstraint({ file }) };
    case "chartchain/study-delivery":
      return sumOf(path, await client.importStudyDelivery({ file }));
    case "chartchain/signed-action":
    case "chartchain/offer":
      throw new ChartChainError("HANDOVER_WRONG_KIND", `this is a ${kind} file, which holds no records: ${path}`, {
        details: { path, kind },
        hint: "A signed action goes to relay, an offer to approve-relationship.",
      });
    default: {
      // What is no ChartChain file at all is refused here, too.
      return sumOf(path, await client.importDelivery({ file }));
    }
  }
}

/** The keys of a grant; of one that came before, and newer ones since, they are here. */
async function newGrant(importing: () => Promise<ImportedGrant>): Promise<ImportedGrant | undefined> {
  try {
    return await importing();
  } catch (error) {
    if (isChartChainError(error, "GRANT_REPLAYED")) return undefined;
    throw error;
  }
}

function sumOf(file: string, delivery: ImportedDelivery): Imported {
  const { grant, recordKeys, envelopes, retractions = [], withheld } = delivery;
  return { ...sum(file, grant, envelopes, recordKeys), retractions, ...(withheld ? { withheld } : {}) };
}

function sum(
  file: string,
  grant: ImportedGrant | undefined,
  envelopes: readonly ImportedEnvelopes[],
  recordKeys?: ImportedGrant,
): Imported {
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
