import {
  BaseWallet,
  JsonRpcApiProvider,
  type BaseContract,
  type Signer,
  type TransactionReceipt,
  type TransactionRequest,
} from "ethers";

import { ChartChainError } from "../../errors/index.js";
import type { JournaledTransaction, Vault } from "../../vault/index.js";
import { requireSigner, type Context } from "../context.js";
import { isUnanswered, translate, underneath } from "./errors.js";
import { currentFees, priceOf } from "./fees.js";
import { gather, readAnswer } from "./node-answers.js";
import { isKeptByNode, signOnly } from "./signing.js";
import { sleep } from "../time.js";

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

/** What a vault keeps together with what its journal notes of a transaction, each in one transaction of the vault. */
export interface Beside {
  /** With what is about to leave. */
  leaving?: () => void;
  /** With the receipt, where the transaction did what it should. */
  mined?: (sent: Sent) => void;
}

const REBROADCAST_AFTER_MS = 10_000;
const GIVE_UP_AFTER_MS = 180_000;
/** How long a node that was there may be out of reach while a receipt is waited for. */
const UNREACHABLE_AFTER_MS = 5_000;
/** The least pause after a node said that it was asked too often. */
const RATE_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

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
 * @param beside what the vault keeps with it
 * @throws the contract's own error by its code; NO_FUNDS, FEE_TOO_HIGH, CHAIN_UNREACHABLE, RATE_LIMITED,
 *   TRANSACTION_ALTERED, TRANSACTION_REVERTED, TRANSACTION_REPLACED, TRANSACTION_PENDING
 */
export async function send(
  ctx: Context,
  step: string,
  call: Call,
  key: string = crypto.randomUUID(),
  { leaving, mined }: Beside = {},
): Promise<Sent> {
  const signer = requireSigner(ctx);
  const started = performance.now();
  const turn = (queues.get(signer) ?? Promise.resolve())
    .catch(() => {})
    .then(() => submit(ctx, signer, call, key, leaving));
  queues.set(signer, turn);
  const hash = await turn;

  const sentBy = (receipt: TransactionReceipt): Sent => ({ receipt, events: decodeEvents(call.contract, receipt) });
  const receipt = await settle(ctx, key, hash, { mined: (of) => of.status === 1 && mined?.(sentBy(of)) });
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
  return sentBy(receipt);
}

/**
 * Whether what an account sends is certainly in the journal before it leaves: where it isn't, nothing was sent. Other
 * signers may be able to sign without sending, too, but that is known only once they were asked.
 */
export const isJournaled = (signer: Signer): boolean => signer instanceof BaseWallet;

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
      await settle(ctx, entry.key, entry.hash, { resend: true });
    } catch (error) {
      // What can never be mined is noted as dropped; whoever wanted it is gone.
      if (ctx.vault?.transactions.find(entry.key)?.status === "pending") throw error;
    }
  }
  return pending.length;
}

async function submit(
  ctx: Context,
  signer: Signer,
  call: Call,
  key: string,
  leaving: Beside["leaving"],
): Promise<string> {
  const known = ctx.vault?.transactions.find(key);
  if (known !== undefined) return known.hash;

  const from = await signer.getAddress();
  // Before anything is estimated: what a node had lost may change what the call does and costs.
  const nonce = await nextNonce(ctx, from);
  // Asked beside the estimate, and looked at when the call is known to do what it should.
  const price = Promise.all([currentFees(ctx), ctx.provider.getBalance(from)]);
  price.catch(() => undefined);
  const to = await call.contract.getAddress();
  const data = encodeCall(call);
  const value = call.value ?? 0n;
  const estimate = await ctx.provider.estimateGas({ from, to, data, value });
  const gasLimit = (estimate * 5n) / 4n;
  const [fees, balance] = await price;
  // A node asks for what the limit would cost, not for what the call will.
  if (balance < gasLimit * priceOf(fees) + value) {
    throw new ChartChainError("NO_FUNDS", `account ${from} can't pay for the transaction`, {
      details: { account: from },
      hint: "Send it some ether, or sign the action and let somebody else relay it.",
    });
  }

  const request: TransactionRequest = { from, to, data, value, gasLimit, ...fees };
  const hasNoJournal = ctx.vault === undefined && isKeptByNode(signer);
  const signed = hasNoJournal
    ? undefined
    : await signOnly(signer, { ...request, nonce, chainId: ctx.deployment.chainId });
  if (signed === undefined) {
    if (leaving !== undefined) ctx.vault?.transaction(leaving);
    return (await signer.sendTransaction(request)).hash;
  }
  const { raw, hash } = signed;
  ctx.vault?.transaction(() => {
    leaving?.();
    ctx.vault?.transactions.begin({ key, raw, hash, nonce, from });
  });
  if ((await broadcast(ctx, { key, raw, hash })) === "ahead") await resendLost(ctx, from);
  return hash;
}

// What was sent again and isn't known to be in a block yet, by key: whoever first waited for it may be gone.
const resent = new WeakMap<Vault, Map<string, JournaledTransaction>>();

function resentOf({ vault }: Context): Map<string, JournaledTransaction> {
  const known = (vault && resent.get(vault)) ?? new Map<string, JournaledTransaction>();
  if (vault !== undefined) resent.set(vault, known);
  return known;
}

/** The nonce after what the node knows and what it lost, which is sent again first and waited for. */
async function nextNonce(ctx: Context, from: string): Promise<number> {
  for (;;) {
    const nonce = await resendLost(ctx, from);
    let areMined = true;
    for (const [key, { hash }] of resentOf(ctx)) {
      await settle(ctx, key, hash).catch((error: unknown) => {
        if (ctx.vault?.transactions.find(key)?.status === "pending") throw error;
        areMined = false;
      });
      resentOf(ctx).delete(key);
    }
    // Where one was given up, another took its place, and more may have followed.
    if (areMined) return nonce;
  }
}

/** Sends again what never arrived, or what a reorganisation took out of the chain; gives the nonce after it. */
async function resendLost(ctx: Context, from: string): Promise<number> {
  let nonce = await ctx.provider.getTransactionCount(from, "pending");
  for (;;) {
    const lost = ctx.vault?.transactions.at(from, nonce);
    if (lost === undefined) return nonce;
    // It was in a block, and a reorganisation took it out again.
    if (lost.status !== "pending") ctx.vault?.transactions.reopen(lost.key);
    resentOf(ctx).set(lost.key, lost);
    try {
      await broadcast(ctx, lost);
      nonce++;
    } catch (error) {
      if (isUnanswered(error)) throw error;
      // The node refused it for good: its nonce is free.
      resentOf(ctx).delete(lost.key);
    }
  }
}

// Nethermind and OpenEthereum say it in their own words.
const HAS_IT =
  /already ?known|known transaction|already (been )?imported|nonce too low|nonce has already been used|old ?nonce/i;
// Those before it are gone since its nonce was given out. Nodes with a queue say nothing and keep it.
const IS_AHEAD = /nonce (is )?too (high|distant)|nonce ?gap|nonce too far|future nonce/i;

/**
 * Sends a signed transaction.
 *
 * @returns `ahead` when the node wants others before it; they, and it, are to be sent then
 */
async function broadcast(
  ctx: Context,
  { key, raw, hash }: Pick<JournaledTransaction, "key" | "raw" | "hash">,
): Promise<"sent" | "ahead"> {
  try {
    // The same bytes: sent twice, they are one transaction.
    await sendRaw(ctx.provider, raw);
    return "sent";
  } catch (error) {
    const { text } = gather(error);
    // The node has it already, or it is mined already: the receipt will tell.
    if (HAS_IT.test(text)) return "sent";
    if (ctx.vault !== undefined && IS_AHEAD.test(text)) return "ahead";
    // It may have arrived: it stays in the journal.
    if (isUnanswered(error)) throw error;
    // A local node takes a transaction that reverts and answers with an error.
    if ((await ctx.provider.getTransaction(hash)) !== null) return "sent";
    ctx.vault?.transactions.settle(key, { status: "dropped" });
    throw error;
  }
}

/** ethers also asks for the newest block, and recovers the sender twice, to give back what nobody looks at. */
const sendRaw = (provider: Context["provider"], raw: string): Promise<unknown> =>
  provider instanceof JsonRpcApiProvider
    ? provider.send("eth_sendRawTransaction", [raw])
    : provider.broadcastTransaction(raw);

async function settle(
  ctx: Context,
  key: string,
  hash: string,
  { resend = false, mined }: { resend?: boolean; mined?: (receipt: TransactionReceipt) => unknown } = {},
): Promise<TransactionReceipt> {
  const entry = ctx.vault?.transactions.find(key);
  const started = performance.now();
  let [lastSent, lastAnswer] = [started, started];
  for (let pause = 5; ; pause = Math.min(pause * 2, 1_000)) {
    let wait = pause;
    let receipt: TransactionReceipt | null = null;
    try {
      receipt = await ctx.provider.getTransactionReceipt(hash);
      lastAnswer = performance.now();
      if (receipt === null && entry !== undefined && (resend || lastAnswer - lastSent > REBROADCAST_AFTER_MS)) {
        if (!resend) await requireNotReplaced(ctx, entry);
        lastSent = performance.now();
        resend = false;
        await broadcast(ctx, entry);
        // A reorganisation may have taken out those that it has to follow.
        await resendLost(ctx, entry.from);
      }
    } catch (error) {
      wait = waitAfter(error, pause, performance.now() - lastAnswer);
    }
    if (receipt !== null) {
      noteMined(ctx, entry, receipt, mined);
      return receipt;
    }
    if (performance.now() - started > GIVE_UP_AFTER_MS) {
      throw new ChartChainError("TRANSACTION_PENDING", "the transaction isn't in a block yet", {
        details: { hash },
        hint: "It may still be mined. Make a new client later: it waits for this transaction before anything new is sent.",
      });
    }
    await sleep(wait);
  }
}

/** Notes how a transaction ended, and with it what goes beside it. */
function noteMined(
  { vault }: Context,
  entry: JournaledTransaction | undefined,
  receipt: TransactionReceipt,
  mined?: (receipt: TransactionReceipt) => unknown,
): void {
  vault?.transaction(() => {
    const { blockNumber: block, status } = receipt;
    if (entry !== undefined)
      vault.transactions.settle(entry.key, { block, status: status === 1 ? "success" : "reverted" });
    mined?.(receipt);
  });
}

/**
 * How long to wait for a receipt after an error: the transaction is on its way whatever the node says now.
 *
 * @param silence how long the node hasn't answered, in milliseconds
 * @throws the error, when it isn't a passing one
 */
function waitAfter(error: unknown, pause: number, silence: number): number {
  const { refusal, retryAfter } = readAnswer(underneath(error));
  if (!isUnanswered(error)) throw error;
  if ((refusal === "lost" || refusal === "unreachable") && silence > UNREACHABLE_AFTER_MS) throw error;
  const least = refusal === "rate" ? RATE_PAUSE_MS : pause;
  return Math.min(Math.max(retryAfter ?? least, pause), LONGEST_PAUSE_MS);
}

async function requireNotReplaced(ctx: Context, { key, from, nonce, hash }: JournaledTransaction): Promise<void> {
  const next = await ctx.provider.getTransactionCount(from, "latest");
  // Mined a moment ago, or still waiting at a node that is ahead of the one that counted.
  if (next <= nonce || (await ctx.provider.getTransaction(hash)) !== null) return;
  ctx.vault?.transactions.settle(key, { status: "dropped" });
  throw new ChartChainError("TRANSACTION_REPLACED", "another transaction of the account took this one's place", {
    details: { hash, nonce },
    hint: "The action was not carried out: look at the state and try again.",
  });
}

/**
 * A call as it is sent.
 *
 * @throws ARGUMENT_INVALID
 */
export function encodeCall({ contract, method, args }: Call): string {
  try {
    return contract.interface.encodeFunctionData(method, args);
  } catch (error) {
    throw translate(error);
  }
}

function decodeEvents(contract: BaseContract, receipt: TransactionReceipt): Sent["events"] {
  const events: Sent["events"] = {};
  for (const log of receipt.logs) {
    const parsed = contract.interface.parseLog(log);
    if (parsed !== null) events[parsed.name] = parsed.args.toObject();
  }
  return events;
}
