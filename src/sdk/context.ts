import type { Provider, Signer } from "ethers";

import { ChartChainError } from "../errors/index.js";
import type { RecordStore } from "../storage/index.js";
import type { Vault } from "../vault/index.js";
import type { KeyDocuments } from "./handover/key-document-source.js";
import type { Contracts } from "./chain/contracts.js";
import type { Deployment } from "./chain/deployment.js";
import type { EventSource } from "./chain/event-source.js";
import type { Node } from "./chain/node.js";
import type { Module } from "./module-type.js";

/**
 * Which block counts as final. `"tag"`: the node's `finalized` block. A number: that many blocks below the head, for a
 * chain without the tag. A grant counts only if it stands at that block and at the head.
 */
export type Finality = "tag" | number;

/** One transaction, as reports show it. */
export interface TransactionReport {
  /** The SDK action that sent it. */
  step: string;
  /** The account that sent it. */
  account: string;
  hash: string;
  block: number;
  gas: number;
  /** From the call to the receipt, in milliseconds. */
  ms: number;
}

/** What every action works with. Made by {@link createClient}. */
export interface Context {
  readonly provider: Provider;
  readonly signer: Signer | undefined;
  readonly deployment: Deployment;
  readonly contracts: Contracts;
  /** What was handed to {@link createClient} beside the core. */
  readonly modules: readonly Module[];
  /** Where events are read from: this client's own node, or an index of what it has. */
  readonly events: EventSource;
  /** The nodes that decisive answers are asked of: this client's own first. */
  readonly nodes: readonly Node[];
  /** How many of them have to say so before anything increases. */
  readonly agreement: number;
  readonly vault: Vault | undefined;
  readonly store: RecordStore | undefined;
  /** Where key documents come from that aren't in the vault. */
  readonly keyDocuments: KeyDocuments | undefined;
  readonly finality: Finality;
  /** The most wei that a transaction may pay for one unit of gas; undefined: no ceiling. */
  readonly maxFeePerGas: bigint | undefined;
  /** The most wei that a transaction may pay beyond the base fee; undefined: a ceiling relative to the base fee. */
  readonly maxPriorityFeePerGas: bigint | undefined;
  /** The local time, in seconds since 1970. */
  readonly clock: () => number;
  readonly onTransaction: ((report: TransactionReport) => void) | undefined;
}

export function requireSigner(ctx: Context): Signer {
  if (ctx.signer !== undefined) return ctx.signer;
  throw new ChartChainError("SIGNER_MISSING", "this client has no account", {
    hint: "Create the client with a signer as its runner.",
  });
}

export function requireVault(ctx: Context): Vault {
  if (ctx.vault !== undefined) return ctx.vault;
  throw new ChartChainError("VAULT_MISSING", "this client has no vault", {
    hint: "Open the participant's vault and give it to createClient.",
  });
}

export function requireStore(ctx: Context): RecordStore {
  if (ctx.store !== undefined) return ctx.store;
  throw new ChartChainError("STORE_MISSING", "this client has no record store", {
    hint: "Open a record store and give it to createClient.",
  });
}

/**
 * The participant whom this client acts for.
 *
 * @throws NOT_REGISTERED when the account belongs to nobody
 */
export async function ownId(ctx: Context): Promise<number> {
  const account = await requireSigner(ctx).getAddress();
  return Number(await ctx.contracts.Registrar.authenticate(account));
}

/** The later of the local clock and the newest block, in seconds: a local chain may run ahead of the clock. */
export async function currentTime(ctx: Context): Promise<number> {
  const head = await ctx.provider.getBlock("latest");
  return Math.max(ctx.clock(), head?.timestamp ?? 0);
}
