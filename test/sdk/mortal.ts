import { Wallet, type JsonRpcProvider } from "ethers";

import type { ClientOptions } from "../../src/sdk/index.js";
import type { Actor } from "../../devnet/index.js";

/** What a process leaves behind when it is killed: nothing that comes after a certain moment. */
export interface Mortal {
  /** Vault, store and account of the actor, which do nothing more from that moment on. */
  options: Pick<ClientOptions, "vault" | "store" | "runner">;
  /** The call that it was killed right before, once it was. */
  died(): string | undefined;
}

/** Whatever reaches the disk or the chain. Calls that only read are no moments of their own. */
const WRITES = new Set([
  ...["transaction", "shred", "put", "begin", "settle", "finish", "sending", "wait", "markAnchored", "released", "set"],
  ...["pin", "unpin", "gc", "putBlock", "markSeen", "addExposed", "append", "eth_sendRawTransaction"],
]);

/**
 * An actor whose process is killed right before its nth write: that one and everything after it throws and does nothing.
 * What was under way at the operating system is done; a commit that was answered is on disk. So are vault, store and chain
 * real, and only the moment is chosen.
 *
 * @param n from 1
 */
export function mortal(actor: Actor, provider: JsonRpcProvider, n: number): Mortal {
  let left = n;
  let last: string | undefined;
  /** Passes calls on until the end has come. A transaction of the vault is one write, with all that is in it. */
  const inside = { transaction: false };
  const guard = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(of, name) {
        const value: unknown = Reflect.get(of, name, of);
        if (typeof value === "object" && value !== null && isTable(value)) return guard(value);
        if (typeof value !== "function") return value;
        return (...args: unknown[]) => {
          if (last !== undefined) throw new Error(`killed before ${last}`);
          const asked = String(name === "send" ? args[0] : name);
          if (WRITES.has(asked) && !inside.transaction && --left === 0) {
            last = asked;
            throw new Error(`killed before ${last}`);
          }
          if (name !== "transaction") return (value as (...args: unknown[]) => unknown).apply(of, args);
          inside.transaction = true;
          try {
            return (value as (...args: unknown[]) => unknown).apply(of, args);
          } finally {
            inside.transaction = false;
          }
        };
      },
    });
  return {
    options: {
      vault: guard(actor.vault),
      store: guard(actor.store),
      runner: new Wallet(actor.wallet.privateKey, guard(provider)),
    },
    died: () => last,
  };
}

const isTable = (value: object): boolean =>
  /^(Additions|Envelopes|Pins|Transactions|Compartments|Settings|Inbox|Cursors|Tombstones|Releases|Identity|Denials)$/.test(
    value.constructor.name,
  );
