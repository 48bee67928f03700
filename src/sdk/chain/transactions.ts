import {
  keccak256,
  Wallet,
  type BaseContract,
  type Signer,
  type TransactionReceipt,
  type TransactionRequest,
} from "ethers";
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import { ChartChainError, isChartChainError } from "../../errors/index.js";
import type { JournaledTransaction } from "../../vault/index.js";
import { requireSigner, type Context } from "../context.js";
import { chainCall, translate } from "./errors.js";

/** What an action's transaction came to. */
export interface Sent {
  receipt: TransactionReceipt;
  /** The events that the called contract emitted, decoded, by name. */
  events: Record<string, Record<string, unknown>>;
}

/** A call to a contract. */
export interface Call {
  contract: BaseContract;
  method: string;
  args: readonly unknown[];
  /** What goes with it, in wei. */
  value?: bigint;
}

const REBROADCAST_AFTER_MS = 10_000;
const GIVE_UP_AFTER_MS = 180_000;

// One queue for each account: nonces are given out one after the other.
const queues = new WeakMap<Signer, Promise<unknown>>();

/**
 * Sends a transaction exactly once and waits for its receipt.
 *
 * It is signed and written to the vault's journal before it leaves, so that after a crash the same transaction, and
 * never a second one, is sent again ({@link settlePending}). A call that would revert is refused before it costs
 * anything.
 *
 * @param step the name of the SDK action, for reports
 * @param key the same key never leads to two transactions; random when left out
 * @throws the contract's own error by its code; NO_FUNDS, FEE_TOO_HIGH, CHAIN_UNREACHABLE, TRANSACTION_REVERTED,
 *   TRANSACTION_REPLACED, TRANSACTION_PENDING
 */
export async function send(ctx: Context, step: string, call: Call, key: string = randomUUID()): Promise<Sent> {
  const signer = requireSigner(ctx);
  const started = performance.now();
  const turn = (queues.get(signer) ?? Promise.resolve()).catch(() => {}).then(() => submit(ctx, signer, call, key));
  queues.set(signer, turn);
  const hash = await turn;

  const receipt = await settle(ctx, key, hash);
  ctx.onTransaction?.({
    step,
    account: receipt.from,
    hash,
    block: receipt.blockNumber,
    gas: Number(receipt.gasUsed),
    ms: performance.now() - started,
  });
  if (receipt.status !== 1) {
    throw new ChartChainError("TRANSACTION_REVERTED", `${step} reverted in block ${receipt.blockNumber}`, {
      details: { hash },
      hint: "Something changed between the check and the block: look at the state and try again.",
    });
  }
  return { receipt, events: decodeEvents(call.contract, receipt) };
}

/** Whether what an account sends is in the journal before it leaves: where it isn't, nothing was sent. */
export const isJournaled = (signer: Signer): boolean => signer instanceof Wallet;

/**
 * Brings every transaction that a crash left in the journal to its end: sends it again, unless it is in a block.
 *
 * @returns how many there were
 * @throws CHAIN_UNREACHABLE, TRANSACTION_PENDING
 */
export async function settlePending(ctx: Context): Promise<number> {
  const pending = ctx.vault?.transactions.pending() ?? [];
  for (const entry of pending) {
    try {
      await settle(ctx, entry.key, entry.hash, true);
    } catch (error) {
      // What can never be mined is noted as dropped; whoever wanted it is gone.
      if (ctx.vault?.transactions.find(entry.key)?.status === "pending") throw error;
    }
  }
  return pending.length;
}

async function submit(ctx: Context, signer: Signer, call: Call, key: string): Promise<string> {
  const known = ctx.vault?.transactions.find(key);
  if (known !== undefined) return known.hash;

  const from = await signer.getAddress();
  // Before anything is estimated: what a node had lost may change what the call does and costs.
  const nonce = await nextNonce(ctx, from);
  const to = await call.contract.getAddress();
  const data = await chainCall(async () => call.contract.interface.encodeFunctionData(call.method, call.args));
  const value = call.value ?? 0n;
  const estimate = await chainCall(() => ctx.provider.estimateGas({ from, to, data, value }));
  const gasLimit = (estimate * 5n) / 4n;
  const request: TransactionRequest = { from, to, data, value, gasLimit };
  const fees = await chainCall(() => ctx.provider.getFeeData());
  const price = fees.maxFeePerGas ?? fees.gasPrice ?? 0n;
  if (ctx.maxFeePerGas !== undefined && price > ctx.maxFeePerGas) {
    throw new ChartChainError(
      "FEE_TOO_HIGH",
      `gas costs ${price} wei now, more than the ceiling of ${ctx.maxFeePerGas}`,
      {
        details: { price: String(price), ceiling: String(ctx.maxFeePerGas) },
        hint: "Wait until gas is cheaper, or raise the ceiling.",
      },
    );
  }
  // A node asks for what the limit would cost, not for what the call will.
  if ((await chainCall(() => ctx.provider.getBalance(from))) < gasLimit * price + value) {
    throw new ChartChainError("NO_FUNDS", `account ${from} can't pay for the transaction`, {
      details: { account: from },
      hint: "Send it some ether, or sign the action and let somebody else relay it.",
    });
  }

  // Only a wallet can sign without sending; others (a browser's, a node's account) do both in one step.
  if (!isJournaled(signer)) {
    return (await chainCall(() => signer.sendTransaction(request))).hash;
  }
  const raw = await signer.signTransaction({
    ...request,
    nonce,
    chainId: ctx.deployment.chainId,
    ...(fees.maxFeePerGas === null
      ? { type: 0, gasPrice: price }
      : { type: 2, maxFeePerGas: price, maxPriorityFeePerGas: fees.maxPriorityFeePerGas ?? 0n }),
  });
  const hash = keccak256(raw);
  ctx.vault?.transactions.begin({ key, raw, hash, nonce, from });
  await broadcast(ctx, { key, raw, hash });
  return hash;
}

/** The nonce after what the node knows and what it lost, which is sent again first and waited for. */
async function nextNonce(ctx: Context, from: string): Promise<number> {
  for (;;) {
    const { nonce, resent } = await resendLost(ctx, from);
    let areMined = true;
    for (const { key, hash } of resent) {
      await settle(ctx, key, hash).catch((error: unknown) => {
        if (ctx.vault?.transactions.find(key)?.status === "pending") throw error;
        areMined = false;
      });
    }
    // Where one was given up, another took its place, and more may have followed.
    if (areMined) return nonce;
  }
}

/** Sends again what never arrived, or what a reorganisation took out of the chain; gives the nonce after it. */
async function resendLost(ctx: Context, from: string): Promise<{ nonce: number; resent: JournaledTransaction[] }> {
  const resent: JournaledTransaction[] = [];
  let nonce = await chainCall(() => ctx.provider.getTransactionCount(from, "pending"));
  for (;;) {
    const lost = ctx.vault?.transactions.at(from, nonce);
    if (lost === undefined) return { nonce, resent };
    // It was in a block, and a reorganisation took it out again.
    if (lost.status !== "pending") ctx.vault?.transactions.reopen(lost.key);
    try {
      await broadcast(ctx, lost);
      resent.push(lost);
      nonce++;
    } catch (error) {
      // The node refused it for good: its nonce is free.
      if (isChartChainError(error, "CHAIN_UNREACHABLE")) throw error;
    }
  }
}

async function broadcast(
  ctx: Context,
  { key, raw, hash }: Pick<JournaledTransaction, "key" | "raw" | "hash">,
): Promise<void> {
  try {
    await ctx.provider.broadcastTransaction(raw);
  } catch (error) {
    // The node has it already, or it is mined already: the receipt will tell.
    if (
      /already known|known transaction|already imported|nonce too low|nonce has already been used/i.test(String(error))
    )
      return;
    const problem = translate(error);
    // It may have arrived: it stays in the journal.
    if (problem.code === "CHAIN_UNREACHABLE") throw problem;
    // A local node takes a transaction that reverts and answers with an error.
    if ((await chainCall(() => ctx.provider.getTransaction(hash))) !== null) return;
    ctx.vault?.transactions.settle(key, { status: "dropped" });
    throw problem;
  }
}

async function settle(ctx: Context, key: string, hash: string, resend = false): Promise<TransactionReceipt> {
  const entry = ctx.vault?.transactions.find(key);
  const started = performance.now();
  let lastSent = started;
  for (let pause = 5; ; pause = Math.min(pause * 2, 1_000)) {
    const receipt = await chainCall(() => ctx.provider.getTransactionReceipt(hash));
    if (receipt !== null) {
      if (entry !== undefined) {
        const status = receipt.status === 1 ? "success" : "reverted";
        ctx.vault?.transactions.settle(key, { block: receipt.blockNumber, status });
      }
      return receipt;
    }
    if (resend && entry !== undefined) await broadcast(ctx, entry);
    resend = false;
    const now = performance.now();
    if (now - started > GIVE_UP_AFTER_MS) {
      throw new ChartChainError("TRANSACTION_PENDING", "the transaction isn't in a block yet", {
        details: { hash },
        hint: "It may still be mined. Make a new client later: it waits for this transaction before anything new is sent.",
      });
    }
    if (entry !== undefined && now - lastSent > REBROADCAST_AFTER_MS) {
      lastSent = now;
      await requireNotReplaced(ctx, entry);
      await broadcast(ctx, entry);
    }
    await sleep(pause);
  }
}

async function requireNotReplaced(ctx: Context, { key, from, nonce, hash }: JournaledTransaction): Promise<void> {
  const next = await chainCall(() => ctx.provider.getTransactionCount(from, "latest"));
  if (next <= nonce || (await chainCall(() => ctx.provider.getTransactionReceipt(hash))) !== null) return;
  ctx.vault?.transactions.settle(key, { status: "dropped" });
  throw new ChartChainError("TRANSACTION_REPLACED", "another transaction of the account took this one's place", {
    details: { hash, nonce },
    hint: "The action was not carried out: look at the state and try again.",
  });
}

function decodeEvents(contract: BaseContract, receipt: TransactionReceipt): Sent["events"] {
  const events: Sent["events"] = {};
  for (const log of receipt.logs) {
    const parsed = contract.interface.parseLog(log);
    if (parsed !== null) events[parsed.name] = parsed.args.toObject();
  }
  return events;
}
