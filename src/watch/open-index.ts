import type { Provider } from "ethers";

import { checkDeployment, type Deployment } from "../sdk/index.js";
import { type Connection, Database } from "../sqlite/index.js";
import { ChainIndex } from "./chain-index.js";
import { Consumers } from "./consumers.js";
import { asIndexError, otherIndex } from "./index-errors.js";
import { Follower, type IndexScope, type SyncProgress } from "./follower.js";
import { configure, createTables, isCurrent, isEmpty, requireIndex } from "./schema.js";

/** Where an index's one file is, on whatever platform. */
export interface IndexPlace {
  /** What messages call it. */
  readonly file: string;
  /** Opens it, and makes it first where it is missing. */
  connect: () => Connection;
}

/** What to index, and how much of it. */
export interface IndexOptions {
  /** The node. */
  provider: Provider;
  deployment: Deployment;
  /** What it keeps (default: `"asked"`). An index that once kept everything goes on to. */
  scope?: IndexScope;
  /** Told while older blocks are read. */
  onProgress?: (progress: SyncProgress) => void;
}

/**
 * Opens an index of a deployment's events, for this program alone, until it is closed. One of another edition or of another
 * deployment stays as it is: its events the chain has, but not up to where {@link watch} told each consumer.
 *
 * @throws INDEX_IN_USE at once when another program, or this one, has it open; INDEX_UNWRITABLE, INDEX_FULL
 * @throws INDEX_CORRUPT when it is damaged, or something else than an index
 * @throws INDEX_MISMATCH when it is one of another deployment, or of another edition
 * @throws CHAIN_UNREACHABLE, DEPLOYMENT_INVALID, WRONG_CHAIN, CHAIN_RESTARTED, CONTRACTS_NOT_DEPLOYED
 */
export async function openIndexAt(place: IndexPlace, options: IndexOptions): Promise<ChainIndex> {
  const { provider, deployment, scope = "asked", onProgress } = options;
  await checkDeployment(provider, deployment);
  const database = usable(place, fingerprintOf(deployment));
  try {
    configure(database);
    const consumers = new Consumers(database);
    const follower = new Follower(database, consumers, provider, deployment, onProgress);
    if (scope === "whole") follower.followAll();
    return new ChainIndex(database, follower, consumers);
  } catch (error) {
    database.close();
    throw error;
  }
}

/** What is there, or a new one. What can't be gone on with is left alone. */
function usable({ file, connect }: IndexPlace, fingerprint: string): Database {
  const database = Database.open(file, connect, asIndexError);
  try {
    if (isEmpty(database)) return made(database, fingerprint);
    requireIndex(database);
    if (!isCurrent(database)) throw otherIndex(file, "edition");
    if (fingerprintIn(database) !== fingerprint) throw otherIndex(file, "deployment");
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function made(database: Database, fingerprint: string): Database {
  database.transaction(() => {
    createTables(database);
    database.run("INSERT INTO source VALUES ('deployment', ?)", fingerprint);
  });
  return database;
}

const fingerprintIn = (database: Database): string | undefined =>
  database.get<{ value: string }>("SELECT value FROM source WHERE name = 'deployment'")?.value;

const fingerprintOf = ({ chainId, genesisHash, block, contracts }: Deployment): string =>
  JSON.stringify([chainId, genesisHash, block, Object.entries(contracts).sort()]);
