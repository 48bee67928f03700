import { getBytes, isHexString } from "ethers";

import { ChartChainError } from "../../../errors/index.js";
import { depositTree } from "./deposit-tree.js";
import { recordsOfSeason, seasonTimes } from "./seasons.js";
import { queryEvents } from "../../chain/events.js";
import { send, type Sent } from "../../chain/transactions.js";
import { currentTime, ownId, requireSigner, requireVault } from "../../context.js";
import { header } from "../../handover/file.js";
import { signAction, type SignedActionFile } from "../../handover/signed-action.js";
import { SIGNED } from "./signed.js";
import { anchorsIn } from "../../records/history.js";
import { currentSeason } from "./accounts.js";
import type { DepositProofFile } from "./interest.js";
import { DEFAULT_SIGNATURE_LIFETIME } from "../../people/register.js";
import type { BankContext } from "./contracts.js";

/** What a steward may confirm, and what stands for it. */
export interface BankSteward {
  steward: number;
  /** How many deposits the authority lets it confirm in a season. */
  budget: number;
  /** In wei. */
  bond: bigint;
  /** When the bond may be taken out, in seconds since 1970; 0: nobody asked. */
  bondFreeAt: number;
  /** How many deposits it confirmed that may still be struck: the bond stands for all of them together. */
  exposed: number;
  /** How many deposits budget and bond allow in the season that can be confirmed now. */
  allowed: number;
  /** The season that can be confirmed now; undefined in season 0. */
  season: number | undefined;
  /** How many deposits of it were confirmed, in the batch and by statements. */
  confirmed: number;
  /** Whether it has its batch. */
  batchSent: boolean;
}

/** A confirmed season. */
export interface ConfirmedSeason extends Sent {
  season: number;
  root: string;
  /** How many deposits are in the batch. */
  count: number;
  /** One file for each patient; hand it over. */
  proofs: DepositProofFile[];
  /** Patients whose records were anchored and who have no account: they are in no batch. */
  withoutAccount: number[];
}

/**
 * States that a patient's record was deposited in the season before, with a signature that anybody may relay: for what is
 * in no batch, such as a record that the patient wrote and the steward answers for.
 *
 * @param recordDigest the digest of the record that is anchored on chain, by the client or by the patient
 * @throws NO_SEASON_TO_CONFIRM in season 0, RECORD_NOT_IN_SEASON; {@link relay} throws NO_ACCOUNT, BUDGET_EXCEEDED,
 *   DEPOSIT_ALREADY_CONFIRMED, DEPOSIT_IS_STRUCK, NOT_A_LICENSED_PROVIDER
 *
 * @example
 * const file = await clinic.stateDeposit({ patient: 7, recordDigest: "0x…" });
 * await anybody.relay({ file });
 */
export async function stateDeposit(
  ctx: BankContext,
  {
    patient,
    recordDigest,
    lifetime = DEFAULT_SIGNATURE_LIFETIME,
  }: { patient: number; recordDigest: string; lifetime?: number },
): Promise<SignedActionFile> {
  const steward = await ownId(ctx);
  const season = await confirmable(ctx);
  const records = await recordsOfSeason(ctx, season, { patient });
  const find = anchorsIn(records);
  const proofs = isHexString(recordDigest, 32) ? ctx.vault?.batches.proofsOf(getBytes(recordDigest)) : undefined;
  const record = [steward, patient].find((author) => find({ digest: recordDigest, author, proofs }) !== undefined);
  if (record === undefined) {
    throw new ChartChainError(
      "RECORD_NOT_IN_SEASON",
      `season ${season} has no such record of patient ${patient}, by this steward or by the patient`,
      {
        details: { patient, season, recordDigest },
        hint: "A season's deposits are stated in the next one. Name the digest as it was anchored.",
      },
    );
  }
  // Later it would be about another season, and invalid.
  const { endsAt } = await seasonTimes(ctx, season + 1);
  const deadline = Math.min((await currentTime(ctx)) + lifetime, endsAt - 1);
  return signAction(ctx, SIGNED.actions.confirmDeposit, { steward, patient, season, recordDigest, deadline });
}

/**
 * Confirms the deposits of the season before in one batch: every patient with an account of whom the client anchored a
 * record in it, however many records. Who was stated already isn't among them. Hand each patient its proof.
 *
 * @param season refused unless it is the one before the current; one that is mined later is refused by the contract
 * @throws NO_SEASON_TO_CONFIRM, SEASON_NOT_CONFIRMABLE, EMPTY_BATCH, BATCH_ALREADY_CONFIRMED, BUDGET_EXCEEDED,
 *   NOT_A_LICENSED_PROVIDER, NO_FUNDS
 *
 * @example
 * const { proofs } = await clinic.confirmSeason();
 */
export async function confirmSeason(ctx: BankContext, { season }: { season?: number } = {}): Promise<ConfirmedSeason> {
  const steward = await ownId(ctx);
  const due = await confirmable(ctx);
  if (season !== undefined && season !== due) {
    throw new ChartChainError("SEASON_NOT_CONFIRMABLE", `season ${due} is confirmed now, not ${season}`, {
      details: { season, confirmable: due },
      hint: "A season is confirmed in the one after it.",
    });
  }
  const block = await ctx.provider.getBlockNumber();
  const { patients, withoutAccount } = await depositors(ctx, steward, due, block);
  if (patients.length === 0) {
    throw new ChartChainError("EMPTY_BATCH", `season ${due} has no deposit to confirm`, {
      details: { season: due, withoutAccount },
      hint: "Only records of patients with an account count. Those that were stated are confirmed already.",
    });
  }
  const { root } = depositTree(steward, due, patients);
  // Before it is sent: the proofs can be made again after a crash.
  ctx.vault?.settings.set(batchName(due), block);
  const sent = await send(ctx, "confirmSeason", {
    contract: ctx.contracts.DataBank,
    method: "confirmSeason",
    args: [due, root, patients.length],
  });
  const proofs = proofFiles(ctx, steward, due, patients);
  return { ...sent, season: due, root, count: patients.length, proofs, withoutAccount };
}

/**
 * Makes the proofs of a confirmed season again, from the chain's events.
 *
 * @throws BATCH_UNKNOWN when the steward sent no batch, or the events don't lead to its root
 *
 * @example
 * const files = await clinic.depositProofs({ season: 2 });
 */
export async function depositProofs(ctx: BankContext, { season }: { season: number }): Promise<DepositProofFile[]> {
  const steward = await ownId(ctx);
  const { DataBank } = ctx.contracts;
  const [event] = await queryEvents(ctx, DataBank, DataBank.filters.SeasonConfirmed(steward, season));
  const noted = requireVault(ctx).settings.get(batchName(season));
  if (event !== undefined) {
    // A vault that was restored doesn't know at which block the batch was made: the one before it was sent, most likely.
    const blocks = [...(typeof noted === "number" ? [noted] : []), event.blockNumber - 1];
    for (const block of blocks) {
      const { patients } = await depositors(ctx, steward, season, block);
      if (patients.length > 0 && depositTree(steward, season, patients).root === event.args["root"]) {
        return proofFiles(ctx, steward, season, patients);
      }
    }
  }
  throw new ChartChainError("BATCH_UNKNOWN", `the batch of season ${season} can't be made again`, {
    details: { season, confirmed: event !== undefined },
    hint: "Confirm the season first; later, use a node that keeps old logs, and the vault that it was confirmed with.",
  });
}

/**
 * What a steward may confirm, and what stands for it.
 *
 * @param steward the client's own when left out
 * @throws NOT_REGISTERED, CHAIN_UNREACHABLE
 *
 * @example
 * const { allowed, confirmed } = await clinic.bankStewardOf();
 */
export async function bankStewardOf(ctx: BankContext, { steward }: { steward?: number } = {}): Promise<BankSteward> {
  const id = steward ?? (await ownId(ctx));
  const { DataBank } = ctx.contracts;
  const [{ budget, bond, bondFreeAt, exposed }, perDeposit, current] = await Promise.all([
    DataBank.stewardOf(id),
    DataBank.BOND_PER_DEPOSIT(),
    currentSeason(ctx),
  ]);
  const season = current === 0 ? undefined : current - 1;
  const confirmation = season === undefined ? undefined : await DataBank.confirmationOf(id, season);
  const confirmed = confirmation?.count ?? 0n;
  const covered = bondFreeAt > 0n ? 0n : bond / perDeposit;
  const most = confirmed + (covered > exposed ? covered - exposed : 0n);
  return {
    steward: id,
    budget: Number(budget),
    bond,
    bondFreeAt: Number(bondFreeAt),
    exposed: Number(exposed),
    allowed: Number(most < budget ? most : budget),
    season,
    confirmed: Number(confirmed),
    batchSent: confirmation !== undefined && BigInt(confirmation.root) !== 0n,
  };
}

/**
 * Raises a steward's bond. 0.0001 ether has to stand for each deposit that may still be struck: those of fourteen seasons.
 *
 * @param steward the client's own when left out; anybody may pay for one
 * @param amount in wei
 * @throws NO_FUNDS
 *
 * @example
 * await clinic.postBond({ amount: parseEther("0.1") });
 */
export async function postBond(
  ctx: BankContext,
  { steward, amount }: { steward?: number; amount: bigint },
): Promise<Sent> {
  return send(ctx, "postBond", {
    contract: ctx.contracts.DataBank,
    method: "postBond",
    args: [steward ?? (await ownId(ctx))],
    value: amount,
  });
}

/**
 * Asks for the client's bond: it is free after 420 days, when nothing that it stands for can be struck any more, and
 * confirms nothing from now on. Asking again begins anew.
 *
 * @throws NOT_REGISTERED, NO_FUNDS
 *
 * @example
 * await clinic.releaseBond();
 */
export const releaseBond = (ctx: BankContext): Promise<Sent> => changeBond(ctx, "releaseBond", []);

/**
 * Leaves the bond where it is after all: it confirms deposits again.
 *
 * @throws BOND_NOT_RELEASING, NO_FUNDS
 *
 * @example
 * await clinic.keepBond();
 */
export const keepBond = (ctx: BankContext): Promise<Sent> => changeBond(ctx, "keepBond", []);

/**
 * Takes the client's bond out, all of it.
 *
 * @param to who gets the ether; the client's own account when left out
 * @throws BOND_NOT_FREE before its time, BOND_NOT_PAID when `to` doesn't take it, NO_FUNDS
 *
 * @example
 * await clinic.withdrawBond();
 */
export const withdrawBond = async (ctx: BankContext, { to }: { to?: string } = {}): Promise<Sent> =>
  changeBond(ctx, "withdrawBond", [to ?? (await requireSigner(ctx).getAddress())]);

const changeBond = (ctx: BankContext, method: "releaseBond" | "keepBond" | "withdrawBond", args: unknown[]) =>
  send(ctx, method, { contract: ctx.contracts.DataBank, method, args });

/** The season that can be confirmed now: the one before the current. */
async function confirmable(ctx: BankContext): Promise<number> {
  const current = await currentSeason(ctx);
  if (current > 0) return current - 1;
  const { endsAt } = await seasonTimes(ctx, 0);
  throw new ChartChainError("NO_SEASON_TO_CONFIRM", "season 0 isn't over yet", {
    details: { endsAt },
    hint: "A season's deposits are confirmed in the next one.",
  });
}

/**
 * The patients of whom the steward anchored records in a season: with an account and not stated by a block, which is all
 * that events up to there say.
 */
async function depositors(
  ctx: BankContext,
  steward: number,
  season: number,
  block: number,
): Promise<{ patients: number[]; withoutAccount: number[] }> {
  const { DataBank } = ctx.contracts;
  const first = ctx.deployment.block;
  const [records, accounts, stated] = await Promise.all([
    recordsOfSeason(ctx, season, { author: steward }),
    queryEvents(ctx, DataBank, DataBank.filters.AccountOpened(), first, block),
    queryEvents(ctx, DataBank, DataBank.filters.DepositConfirmed(undefined, steward, season), first, block),
  ]);
  const patientsIn = (events: typeof accounts) => new Set(events.map(({ args }) => Number(args["patient"])));
  const [open, done] = [patientsIn(accounts), patientsIn(stated)];
  const all = [...new Set(records.map(({ patient }) => patient))].filter((patient) => !done.has(patient));
  return {
    patients: all.filter((patient) => open.has(patient)),
    withoutAccount: all.filter((patient) => !open.has(patient)),
  };
}

function proofFiles(
  ctx: BankContext,
  steward: number,
  season: number,
  patients: readonly number[],
): DepositProofFile[] {
  const { root, proofs } = depositTree(steward, season, patients);
  return patients.map((patient) => ({
    ...header(ctx, "chartchain/deposit-proof"),
    patient,
    steward,
    season,
    root,
    proof: proofs.get(patient)!,
  }));
}

const batchName = (season: number): string => `deposit-batch:${season}`;
