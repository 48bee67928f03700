import type { Client, Purpose } from "chartchain";
import { isChartChainError } from "chartchain/errors";
import type { Vault } from "chartchain/vault";
import { watch, whoseRecords, type Notice, type NoticeHandlers, type Watching } from "chartchain/watch";

import type { Log } from "../operate/log.js";
import { EVERYBODY, type Outbox } from "./outbox.js";
import type { Releaser } from "./releaser.js";

/** By which name the index remembers how far the chain was followed. */
const CONSUMER = "gatekeeper-deliveries";

/** What following works with. */
export interface FollowOptions {
  client: Client;
  vault: Vault;
  outbox: Outbox;
  releaser: Releaser;
  institution: number;
  /** How often the chain is looked at, in milliseconds. */
  interval: number;
  log: Log;
}

/** The chain is being followed. */
export interface Following {
  /** Deals with everything up to the node's newest block, as far as it can be now. Throws what the node and the vault throw. */
  catchUp: () => Promise<void>;
  stop: () => Promise<void>;
}

/**
 * Follows the chain and has released what follows from it, until it is told to stop. What happens is noted durably before the next thing
 * is looked at, and noting twice is noting once: so nothing is forgotten, and nothing done twice, where the process ends.
 */
export function followChain(options: FollowOptions): Following {
  const { client, releaser, interval, log } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const pause = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, interval);
      signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
    });
  let told: Watching | undefined;
  const telling = async () => {
    while (!signal.aborted) {
      try {
        await using watching = await watch(client, handlersFor(options), {
          ...{ about: "everybody", consumer: CONSUMER, from: "deployment", interval },
        });
        told = watching;
        signal.addEventListener("abort", () => void watching.stop(), { once: true });
        await watching.done;
      } catch (error) {
        log("trouble", { part: "following the chain", code: codeOf(error) });
      }
      if (!signal.aborted) await pause();
    }
  };
  const releasing = async () => {
    while (!signal.aborted) {
      await releaser.run().catch((error: unknown) => log("trouble", { part: "releasing", code: codeOf(error) }));
      if (!signal.aborted) await pause();
    }
  };
  const running = Promise.all([telling(), releasing()]);
  return {
    async catchUp() {
      await told?.once();
      await releaser.run();
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

/** What follows from what happened: who may have something to get. Whether, the chain is asked when it is looked at. */
function handlersFor({ client, vault, outbox, institution }: FollowOptions): NoticeHandlers {
  const isKnown = (patient: number) =>
    vault.envelopes.list({ patient, limit: 1 }).length > 0 || vault.compartments.list({ patient }).length > 0;
  const note = (patient: number, viewer: number, purpose: Purpose, block: number) => {
    if (isKnown(patient) && viewer !== institution) outbox.note({ patient, viewer, purpose, block });
  };
  const everybody = (patient: number, block: number) => {
    if (isKnown(patient)) outbox.note({ patient, viewer: EVERYBODY, purpose: "", block });
  };
  /** Another key, or a licence, changes what goes to one of whoever's records. */
  const everyone = async (viewer: number, block: number) => {
    const { patients } = await whoseRecords(client, { viewer });
    for (const { patient, seers } of patients)
      for (const { purpose = "TREAT" } of seers) note(patient, viewer, purpose, block);
  };
  const account = async ({ participant, block }: Notice<"account">) => {
    note(participant, participant, "PATRQT", 0);
    await everyone(participant, block);
  };
  return {
    onRecord: ({ patient, author, block }) => {
      if (author === institution) {
        note(patient, patient, "PATRQT", 0);
        everybody(patient, block);
      }
    },
    onGrant: ({ patient, viewer, steward, purpose, block }) => {
      if (steward === 0 || steward === institution) note(patient, viewer, purpose, block);
    },
    // An emergency doesn't wait.
    onEmergency: ({ patient, responder }) => note(patient, responder, "ETREAT", 0),
    onDelegate: ({ patient, delegate, change, block }) => {
      if (change === "appointed") note(patient, delegate, "TREAT", block);
    },
    // Whoever comes back by a recovery has another key.
    onRecovery: ({ participant, step, block }) => {
      if (step === "executed") everybody(participant, block);
    },
    onAccount: account,
    onLicence: ({ institution: whose, block }) => everyone(whose, block),
    onRelationship: ({ patient, provider, block }) => {
      if (provider === institution) everybody(patient, block);
    },
  };
}

const codeOf = (error: unknown): string => (isChartChainError(error) ? error.code : (error as Error).name);
