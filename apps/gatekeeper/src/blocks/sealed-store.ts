import { createEmbeddedStore, createKuboStore } from "chartchain/storage/node";
import type { RecordStore } from "chartchain/storage";

import type { Config } from "../config.js";

/**
 * Opens where sealed records lie.
 *
 * @param account whose pins are meant, in a folder
 */
export async function sealedStore(
  place: NonNullable<Config["deliveries"]>["store"],
  account: string,
): Promise<RecordStore> {
  if ("folder" in place) return createEmbeddedStore({ directory: place.folder, participant: account });
  // Loaded where there is a node alone.
  const { create } = await import("kubo-rpc-client");
  return createKuboStore({ client: create({ url: place.kubo }) });
}
