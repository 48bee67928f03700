import { send, type Sent } from "../../chain/transactions.js";
import { currentTime, ownId, requireSigner } from "../../context.js";
import { ChartChainError } from "../../../errors/index.js";
import { signAction, type SignedActionFile } from "../../handover/signed-action.js";
import { SIGNED } from "./signed.js";
import { seasonTimes, type SeasonTimes } from "./seasons.js";
import { signatureEpochOf } from "../../people/accounts.js";
import { identityCommitment, type IdentityClaim } from "../../people/identity.js";
import { DEFAULT_SIGNATURE_LIFETIME } from "../../people/register.js";
import type { BankContext } from "./contracts.js";

/** A patient's account with the Data Bank. Amounts in units of 10^-18 of a token. */
export interface BankAccount {
  patient: number;
  /** May be withdrawn now. */
  available: bigint;
  /** Vests until `vestedAt`. */
  locked: bigint;
  /** When everything has vested, in seconds since 1970; 0 before the first interest. */
  vestedAt: number;
}

/** A season of the Data Bank. Amounts in units of 10^-18 of a token. */
export interface Season extends SeasonTimes {
  season: number;
  /** What the season mints at the most. */
  emission: bigint;
  /** How many deposits were confirmed, by the stewards' word. */
  deposits: number;
  /** What one deposit earns, before the bonus; final once the season after it is over. */
  interest: bigint;
}

/** What to withdraw, and where to. */
export interface Withdrawal {
  /** Who gets the tokens; the client's own account when left out. */
  to?: string;
  /** In units of 10^-18 of a token; all that has vested when left out. */
  amount?: bigint;
}

const HOUR = 60 * 60;

/**
 * Opens an account with the Data Bank: needed for interest and for studies. Needs an identity that a licensed provider
 * attested ({@link attestIdentity}), so that nobody has two.
 *
 * @param claim the attested identity; only its commitment goes on chain
 * @throws IDENTITY_NOT_ATTESTED, ISSUER_NOT_LICENSED, ACCOUNT_ALREADY_OPEN, NOT_A_PERSON, RECOVERY_PENDING, NO_FUNDS
 *
 * @example
 * await patient.openBankAccount({ issuer: 4, identifier: "http://clinic.example/mrn|7", salt });
 */
export async function openBankAccount(ctx: BankContext, claim: IdentityClaim): Promise<Sent> {
  return send(ctx, "openBankAccount", {
    contract: ctx.contracts.DataBank,
    method: "openAccount",
    args: [claim.issuer, identityCommitment(claim)],
  });
}

/**
 * Signs the opening of an account for somebody else to relay: the patient needs no ether.
 *
 * @param lifetime how long the signature counts, in seconds
 *
 * @example
 * const file = await patient.signOpenBankAccount({ issuer: 4, identifier: "http://clinic.example/mrn|7", salt });
 */
export async function signOpenBankAccount(
  ctx: BankContext,
  { lifetime = DEFAULT_SIGNATURE_LIFETIME, ...claim }: IdentityClaim & { lifetime?: number },
): Promise<SignedActionFile> {
  const patient = await ownId(ctx);
  return signAction(ctx, SIGNED.actions.openBankAccount, {
    patient,
    issuer: claim.issuer,
    commitment: identityCommitment(claim),
    signatureEpoch: await signatureEpochOf(ctx, patient),
    deadline: (await currentTime(ctx)) + lifetime,
  });
}

/**
 * A patient's account with the Data Bank; undefined for who has none.
 *
 * @param patient the client's own when left out
 * @throws NOT_REGISTERED, CHAIN_UNREACHABLE
 *
 * @example
 * const { available } = (await patient.bankAccountOf())!;
 */
export async function bankAccountOf(
  ctx: BankContext,
  { patient }: { patient?: number } = {},
): Promise<BankAccount | undefined> {
  const id = patient ?? (await ownId(ctx));
  const account = await ctx.contracts.DataBank.accountOf(id);
  if (!account.open) return undefined;
  const { available, locked, vestedAt } = account;
  return { patient: id, available, locked, vestedAt: Number(vestedAt) * HOUR };
}

/**
 * A season of the Data Bank: a season takes 30 days, and is confirmed by stewards in the next one.
 *
 * @param season the current one when left out
 * @throws CHAIN_UNREACHABLE
 *
 * @example
 * const { season, endsAt } = await client.seasonOf();
 */
export async function seasonOf(ctx: BankContext, { season }: { season?: number } = {}): Promise<Season> {
  const { DataBank } = ctx.contracts;
  const asked = season ?? (await currentSeason(ctx));
  const [times, emission, deposits, interest] = await Promise.all([
    seasonTimes(ctx, asked),
    DataBank.emissionOf(asked),
    DataBank.depositsOf(asked),
    DataBank.interestOf(asked),
  ]);
  return { season: asked, ...times, emission, deposits: Number(deposits), interest };
}

/** The season of now, by the head's clock. */
export const currentSeason = async (ctx: BankContext): Promise<number> =>
  Number(await ctx.contracts.DataBank.currentSeason());

/**
 * How many tokens an account has, in units of 10^-18.
 *
 * @param account the client's own when left out
 * @throws SIGNER_MISSING, CHAIN_UNREACHABLE
 *
 * @example
 * const tokens = await researcher.tokenBalanceOf();
 */
export async function tokenBalanceOf(ctx: BankContext, { account }: { account?: string } = {}): Promise<bigint> {
  const owner = account ?? (await requireSigner(ctx).getAddress());
  return ctx.contracts.ChartToken.balanceOf(owner);
}

/**
 * Takes tokens out of the client's account: they are minted then.
 *
 * @throws NOT_VESTED for more than has vested, or when nothing has; NO_ACCOUNT, RECOVERY_PENDING, NO_FUNDS
 *
 * @example
 * await patient.withdrawInterest({ amount: 5n * 10n ** 18n });
 */
export async function withdrawInterest(ctx: BankContext, withdrawal: Withdrawal = {}): Promise<Sent> {
  const { to, amount } = await withdrawalOf(ctx, await ownId(ctx), withdrawal);
  return send(ctx, "withdrawInterest", {
    contract: ctx.contracts.DataBank,
    method: "withdraw",
    args: [to, amount],
  });
}

/**
 * Signs a withdrawal for somebody else to relay. It dies with the next signed withdrawal.
 *
 * @example
 * const file = await patient.signWithdrawInterest({ to: "0x…" });
 */
export async function signWithdrawInterest(
  ctx: BankContext,
  { lifetime = DEFAULT_SIGNATURE_LIFETIME, ...withdrawal }: Withdrawal & { lifetime?: number } = {},
): Promise<SignedActionFile> {
  const patient = await ownId(ctx);
  const { to, amount } = await withdrawalOf(ctx, patient, withdrawal);
  return signAction(ctx, SIGNED.actions.withdrawInterest, {
    patient,
    to,
    amount: String(amount),
    withdrawal: Number((await ctx.contracts.DataBank.accountOf(patient)).withdrawals),
    signatureEpoch: await signatureEpochOf(ctx, patient),
    deadline: (await currentTime(ctx)) + lifetime,
  });
}

async function withdrawalOf(
  ctx: BankContext,
  patient: number,
  { to, amount }: Withdrawal,
): Promise<{ to: string; amount: bigint }> {
  const account = await bankAccountOf(ctx, { patient });
  const available = account?.available ?? 0n;
  const asked = amount ?? available;
  if (account !== undefined && (asked > available || asked <= 0n)) {
    throw new ChartChainError("NOT_VESTED", `${available} can be withdrawn now, and ${asked} was asked for`, {
      details: { asked: String(asked), available: String(available) },
      hint: "Interest vests over 180 days. Look at the account for how far it has.",
    });
  }
  return { to: to ?? (await requireSigner(ctx).getAddress()), amount: asked };
}
