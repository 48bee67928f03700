import type { Client } from "chartchain";
import type { Database } from "chartchain/sqlite";
import type { Vault } from "chartchain/vault";
import type { FastifyInstance } from "fastify";

import type { AccessDecider, Deciding } from "./access/access.js";
import type { HandedOver } from "./access/explain.js";
import type { Permits } from "./access/permits.js";
import { ActionBook, type ReceivedAction } from "./actions/book.js";
import { Desk } from "./actions/desk.js";
import { Relayer } from "./actions/relayer.js";
import { Revocations } from "./actions/revocations.js";
import { Sponsor } from "./actions/sponsor.js";
import type { Config } from "./config.js";
import { deskRoute, relayRoutes } from "./http/relay-routes.js";
import { revocationsRoute } from "./http/revocations-route.js";
import type { Authentication } from "./http/who-asks.js";
import type { Log } from "./operate/log.js";

/** What taking signed actions stands on. */
export interface TakeActionsOptions {
  client: Client;
  vault: Vault;
  institution: number;
  access: AccessDecider;
  permits: Permits;
  onTaken: () => void;
  authentication: Authentication;
  log: Log;
  clock: () => number;
  relay: Config["relay"];
}

/** How often what waits is tried, in milliseconds. */
const EVERY = 1_000;

/**
 * Takes signed actions: revocations, which count at once; and, where the configuration says so, what is sent for patients, and grants at
 * the desk.
 *
 * @returns what decides from now on, and what counts beside the chain
 */
export function takeActions(
  app: FastifyInstance,
  journal: Database,
  options: TakeActionsOptions,
): {
  access: Deciding;
  handedOver: (patient: number, viewer: number) => HandedOver[];
  stop: () => Promise<void>;
} {
  const { client, vault, institution, access, permits, onTaken, authentication, log, clock, relay } = options;
  const book = new ActionBook(journal);
  const relayer = relay === undefined ? undefined : new Relayer(client, book, { log, clock });
  const onWaiting = () => void relayer?.run();
  const relays = relayer !== undefined;
  const revocations = new Revocations({ client, book, relays, onTaken, onWaiting, clock });
  revocationsRoute(app, revocations);
  let desk: Desk | undefined;
  if (relay !== undefined) {
    const given = { client, vault, book, journal, revocations, institution, onWaiting, clock };
    relayRoutes(app, { sponsor: new Sponsor({ ...given, budget: relay }), book, authentication });
    const { purposes, lasts } = relay.desk;
    if (purposes.length > 0) {
      desk = new Desk({ ...given, permits, access, purposes, lasts });
      deskRoute(app, desk);
    }
  }

  // What waits is tried on and on; what comes is tried at once.
  const trying = relayer && setInterval(() => void relayer.run(), EVERY);
  return {
    access: desk ?? access,
    handedOver: (patient, viewer) =>
      [...revocations.about(patient, viewer), ...(desk?.about(patient, viewer) ?? [])].map(handedOverOf),
    async stop() {
      clearInterval(trying);
      await relayer?.stop();
    },
  };
}

const handedOverOf = ({ handed, says, received, until, state }: ReceivedAction): HandedOver => ({
  ...{ says, received, state },
  ...(handed === "revocation" ? { deniedSince: received } : { countsUntil: until }),
});
