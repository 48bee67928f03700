import { ChartChainError } from "../../errors/index.js";
import type { Client, ListedRecord } from "../../sdk/index.js";

/**
 * The record of this vault that a digest, or the beginning of one, names.
 *
 * @returns undefined for a whole digest that the vault doesn't hold
 * @throws RECORD_UNKNOWN when a beginning fits no record, RECORD_RETRACTED when it fits one that its author took back;
 *   RECORD_AMBIGUOUS when it fits several
 */
export async function findRecord(client: Client, digest: string): Promise<ListedRecord | undefined> {
  const found = (await client.listRecords()).filter((record) => record.digest.startsWith(digest));
  if (found.length === 1 || digest.length === 66) return found[0];
  if (found.length === 0) {
    const retractions = await client.listRetractions();
    if (retractions.some(({ record }) => record?.startsWith(digest) === true)) {
      throw new ChartChainError("RECORD_RETRACTED", "its author took the record back: it was entered in error", {
        details: { digest },
        hint: "Don't act on it. What it said instead may be another record of the same author.",
      });
    }
    throw new ChartChainError("RECORD_UNKNOWN", `this vault holds no record ${digest}…`, {
      details: { digest },
      hint: "See what it holds: chartchain record list. Take in what you were given: chartchain record take FILE.",
    });
  }
  throw new ChartChainError("RECORD_AMBIGUOUS", `${found.length} records begin with ${digest}`, {
    details: { digest, records: found.map((record) => record.digest) },
    hint: "Give more digits.",
  });
}
