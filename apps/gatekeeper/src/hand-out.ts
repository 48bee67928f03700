import type { Client } from "chartchain";
import type { Database } from "chartchain/sqlite";
import type { RecordStore } from "chartchain/storage";
import type { Vault } from "chartchain/vault";
import type { FastifyInstance } from "fastify";

import type { Permits } from "./access/permits.js";
import { Blocks } from "./blocks/blocks.js";
import { followChain } from "./deliveries/follow.js";
import { Outbox } from "./deliveries/outbox.js";
import { Releaser } from "./deliveries/releaser.js";
import type { Entries } from "./entries/entries.js";
import { deliveriesRoutes } from "./http/deliveries-routes.js";
import { ipfsRoutes } from "./http/ipfs-routes.js";
import type { Authentication } from "./http/who-asks.js";
import type { Log } from "./operate/log.js";

/** What handing out stands on. */
export interface HandOutOptions {
  client: Client;
  vault: Vault;
  store: RecordStore;
  institution: number;
  permits: Permits;
  /** Forgets what was answered. */
  onTaken: () => void;
  authentication: Authentication;
  entries: Entries;
  log: Log;
  clock: () => number;
  /** How often the chain is looked at, in seconds. */
  every: number;
}

/** Hands out keys and sealed records: follows the chain for it, and answers at `/deliveries` and `/ipfs`. */
export function handOut(
  app: FastifyInstance,
  journal: Database,
  options: HandOutOptions,
): { stop: () => Promise<void> } {
  const { client, vault, store, institution, permits, onTaken, authentication, entries, log, clock, every } = options;
  const outbox = new Outbox(journal);
  const onReleased = (deliveries: number) => log("released", { deliveries });
  const releaser = new Releaser({ client, vault, outbox, institution, clock, onReleased });
  const following = followChain({
    ...{ client, vault, outbox, releaser, institution, log },
    interval: every * 1_000,
  });
  const { catchUp } = following;
  deliveriesRoutes(app, {
    ...{ client, outbox, permits, institution, catchUp, authentication, entries, clock, onTaken },
  });
  const blocks = new Blocks({ vault, store, permits, outbox, institution });
  ipfsRoutes(app, { blocks, authentication, entries, clock });
  return { stop: following.stop };
}
