import { ChartChainError } from "../../errors/index.js";
import { queryEvents } from "../chain/events.js";
import { send, type Sent } from "../chain/transactions.js";
import { RECOVERY_ACCEPTANCE } from "../handover/signed/recovery.js";
import { currentTime, ownId, requireSigner, type Context } from "../context.js";
import { signMessage } from "../handover/signature.js";
import { signAction, type SignedActionFile } from "../handover/signed-action.js";
import { authorizationOf } from "../handover/signed/action.js";
import { SIGNED_ACTIONS } from "../handover/signed/index.js";
import { RECOVERY_STAGES, type RecoveryStage } from "../vocabulary.js";
import type { Guardians } from "../handover/guardians.js";
import { keptGuardians, readGuardians } from "./guardians.js";
import { prepareRecoveryKey, settleKeyVersion } from "./keys.js";
import { DEFAULT_SIGNATURE_LIFETIME } from "./register.js";

/** A recovery of a person. */
export interface RecoveryState {
  participant: number;
  /** The guardian who started it. */
  starter: number;
  /** Counts the recoveries of the person that this guardian started. */
  number: number;
  stage: RecoveryStage;
  newAccount: string;
  /** How many guardians approved. */
  approvals: number;
  /** Who of them, by the place in the guardians' file, from 0. */
  approvedBy: number[];
  /** When the stage was reached, in seconds since 1970. */
  since: number;
}

/**
 * The recoveries of a person that are open, each guardian's latest one. The one that is further than Collecting runs.
 *
 * @example
 * const [open] = await client.listRecoveries({ participant: 7 });
 */
export async function listRecoveries(ctx: Context, { participant }: { participant: number }): Promise<RecoveryState[]> {
  const { Registrar } = ctx.contracts;
  const events = await queryEvents(ctx, Registrar, Registrar.filters.RecoveryStarted(participant));
  const starters = [...new Set(events.map(({ args }) => Number(args["starter"])))];
  const recoveries = await Promise.all(starters.map((starter) => recoveryOf(ctx, { participant, starter })));
  return recoveries.filter(({ stage }) => stage !== "None");
}

/** The latest recovery of a person that a guardian started; stage None when it was executed, ended or lapsed. */
export async function recoveryOf(
  ctx: Context,
  { participant, starter }: { participant: number; starter: number },
): Promise<RecoveryState> {
  const stored = await ctx.contracts.Registrar.recoveryOf(participant, starter);
  const approvedBy = [...Array(16).keys()].filter((place) => (stored.approvals >> BigInt(place)) & 1n);
  return {
    participant,
    starter,
    number: Number(stored.number),
    stage: RECOVERY_STAGES[Number(stored.stage)]!,
    newAccount: stored.newAccount,
    approvals: approvedBy.length,
    approvedBy,
    since: Number(stored.since) * 60,
  };
}

/**
 * Starts a recovery as a guardian, which is also the first approval. Make sure in person that the account is the one of
 * the person who asks.
 *
 * @param file the guardians' file
 * @param newAccount the account that the person will have
 * @throws HANDOVER_…, NO_GUARDIANS, GUARDIANS_MISMATCH, NOT_A_GUARDIAN, RECOVERY_OPEN, ALREADY_REGISTERED
 */
export async function startRecovery(
  ctx: Context,
  { file, newAccount }: { file: unknown; newAccount: string },
): Promise<Sent> {
  const { participant, guardians } = readGuardians(ctx, file);
  return call(ctx, "startRecovery", [participant, newAccount, guardians]);
}

/** Signs the start of a recovery for somebody else to relay. */
export async function signStartRecovery(
  ctx: Context,
  { file, newAccount, lifetime }: { file: unknown; newAccount: string; lifetime?: number },
): Promise<SignedActionFile> {
  const { participant } = readGuardians(ctx, file);
  const starter = await ownId(ctx);
  const { number } = await recoveryOf(ctx, { participant, starter });
  return signApproval(ctx, SIGNED_ACTIONS.startRecovery, { file, newAccount, starter, number: number + 1, lifetime });
}

/**
 * Approves an open recovery as a guardian.
 *
 * @param newAccount the account that the guardian has verified in person; one for another account isn't approved
 * @throws HANDOVER_…, NO_RECOVERY_FOR_ACCOUNT, NOT_A_GUARDIAN, ALREADY_APPROVED, RECOVERY_PENDING
 */
export async function approveRecovery(
  ctx: Context,
  { file, newAccount }: { file: unknown; newAccount: string },
): Promise<Sent> {
  const { participant, guardians } = readGuardians(ctx, file);
  const { starter, number } = await recoveryFor(ctx, participant, newAccount, await placeOf(ctx, guardians));
  return call(ctx, "approveRecovery", [participant, starter, number, guardians]);
}

/** Signs the approval of an open recovery for somebody else to relay. */
export async function signApproveRecovery(
  ctx: Context,
  { file, newAccount, lifetime }: { file: unknown; newAccount: string; lifetime?: number },
): Promise<SignedActionFile> {
  const { participant, guardians } = readGuardians(ctx, file);
  const { starter, number } = await recoveryFor(ctx, participant, newAccount, await placeOf(ctx, guardians));
  return signApproval(ctx, SIGNED_ACTIONS.approveRecovery, { file, newAccount, starter, number, lifetime });
}

/**
 * Vetoes the recovery of the client's own participant that runs, once: it goes on only with one more approval and twice
 * the delay.
 *
 * @param file the guardians' file; the vault has it where the client set them
 * @throws NO_RECOVERY_RUNNING, NOT_VETOABLE
 */
export async function vetoRecovery(ctx: Context, { file }: { file?: unknown } = {}): Promise<Sent> {
  const { participant, guardians } = readGuardians(ctx, file ?? (await keptGuardians(ctx)));
  const { starter, number } = await runningRecovery(ctx, participant);
  return call(ctx, "vetoRecovery", [starter, number, guardians]);
}

/** Signs a veto for somebody else to relay. */
export async function signVetoRecovery(
  ctx: Context,
  { file, lifetime = DEFAULT_SIGNATURE_LIFETIME }: { file?: unknown; lifetime?: number } = {},
): Promise<SignedActionFile> {
  const { participant, guardians } = readGuardians(ctx, file ?? (await keptGuardians(ctx)));
  const { starter, number } = await runningRecovery(ctx, participant);
  const deadline = (await currentTime(ctx)) + lifetime;
  return signAction(ctx, SIGNED_ACTIONS.vetoRecovery, { participant, starter, number, deadline }, { guardians });
}

/**
 * Executes a recovery with the new account, once its delay is over. Every former account is dead then, everything that
 * was granted ended; relationships stay. Whoever had the former key may have read the vault, so the client's vault brings
 * another one, which counts at once. See {@link formerGrants} for granting again.
 *
 * @throws NO_RECOVERY_FOR_ACCOUNT, NO_RECOVERY_PENDING, RECOVERY_TOO_EARLY
 */
export async function executeRecovery(ctx: Context, { file }: { file: unknown }): Promise<Sent> {
  const { participant, guardians } = readGuardians(ctx, file);
  const message = await acceptance(ctx, participant);
  const signed = await signMessage(ctx, RECOVERY_ACCEPTANCE, message);
  const sent = await call(ctx, "executeRecovery", [
    participant,
    message.starter,
    message.keyDocument,
    guardians,
    authorizationOf(signed),
  ]);
  await settleKeyVersion(ctx);
  return sent;
}

/** Signs the execution with the new account, for somebody else to relay. */
export async function signExecuteRecovery(
  ctx: Context,
  { file, lifetime }: { file: unknown; lifetime?: number },
): Promise<SignedActionFile> {
  const { participant, guardians } = readGuardians(ctx, file);
  return signAction(ctx, SIGNED_ACTIONS.executeRecovery, await acceptance(ctx, participant, lifetime), { guardians });
}

const placeOf = async (ctx: Context, { members }: Guardians): Promise<number> => members.indexOf(await ownId(ctx));

/** @param place the guardian's who wants to approve it */
async function recoveryFor(
  ctx: Context,
  participant: number,
  newAccount: string,
  place?: number,
): Promise<RecoveryState> {
  const open = await listRecoveries(ctx, { participant });
  const mayApprove = ({ approvedBy }: RecoveryState) => place === undefined || !approvedBy.includes(place);
  const found = open
    .filter((recovery) => recovery.newAccount.toLowerCase() === newAccount.toLowerCase())
    // Several guardians may have started one. The one that still lacks this guardian, and is nearest to its end.
    .sort((a, b) => Number(mayApprove(b)) - Number(mayApprove(a)) || rank(b) - rank(a))[0];
  if (found !== undefined) return found;
  throw new ChartChainError("NO_RECOVERY_FOR_ACCOUNT", `no recovery of participant ${participant} is open for it`, {
    details: { participant, newAccount, open: open.map((recovery) => recovery.newAccount) },
    hint: "If one is open for another account, don't approve it. Ask the person, in person, which account it is.",
  });
}

const rank = ({ stage, approvals }: RecoveryState): number => RECOVERY_STAGES.indexOf(stage) * 100 + approvals;

async function runningRecovery(ctx: Context, participant: number): Promise<RecoveryState> {
  const running = (await listRecoveries(ctx, { participant })).find(({ stage }) => stage !== "Collecting");
  if (running !== undefined) return running;
  throw new ChartChainError("NO_RECOVERY_RUNNING", `no recovery of participant ${participant} runs`, {
    details: { participant },
    hint: "There is nothing to veto: guardians who only collect approvals change nothing.",
  });
}

async function signApproval(
  ctx: Context,
  action: typeof SIGNED_ACTIONS.startRecovery,
  input: { file: unknown; newAccount: string; starter: number; number: number; lifetime: number | undefined },
): Promise<SignedActionFile> {
  const { participant, guardians } = readGuardians(ctx, input.file);
  const { newAccount, starter, number, lifetime = DEFAULT_SIGNATURE_LIFETIME } = input;
  const deadline = (await currentTime(ctx)) + lifetime;
  const guardian = await ownId(ctx);
  return signAction(ctx, action, { guardian, participant, starter, number, newAccount, deadline }, { guardians });
}

async function acceptance(ctx: Context, participant: number, lifetime = DEFAULT_SIGNATURE_LIFETIME) {
  const account = await requireSigner(ctx).getAddress();
  const { starter, number } = await recoveryFor(ctx, participant, account);
  const keyDocument = await prepareRecoveryKey(ctx, participant, account);
  const deadline = (await currentTime(ctx)) + lifetime;
  return { participant, account, keyDocument, starter, number, deadline };
}

const call = (ctx: Context, method: string, args: unknown[]): Promise<Sent> =>
  send(ctx, method, { contract: ctx.contracts.Registrar, method, args });
