import { ZeroHash } from "ethers";

import { verifyDeposit, type DepositKey } from "./deposit-tree.js";
import { asAuthority, notAnnounced, type OnWait } from "../../chain/as-authority.js";
import { send, type Sent } from "../../chain/transactions.js";
import { describeParticipant } from "../../people/participants.js";
import { currentSeason } from "./accounts.js";
import { type ErrorCode } from "../../../errors/index.js";
import type { BankContext } from "./contracts.js";

const [NONE, STRUCK] = [0n, 3n];

/**
 * Sets, as the authority and after its delay, how many deposits a steward may confirm in a season. Takes nothing back
 * that was confirmed. Interrupted and run again, it goes on where it was.
 *
 * @param budget at most 1,000,000; 0 lets it confirm none
 * @param onWait told when the delay begins
 * @throws UNKNOWN_PARTICIPANT, BUDGET_TOO_LARGE, ACCESS_MANAGER_UNAUTHORIZED_CALL
 *
 * @example
 * await authority.setDepositBudget({ steward: 4, budget: 5_000 });
 */
export async function setDepositBudget(
  ctx: BankContext,
  { steward, budget, onWait }: { steward: number; budget: number; onWait?: OnWait },
): Promise<Sent> {
  await describeParticipant(ctx, { id: steward });
  const largest = Number(await ctx.contracts.DataBank.MAX_BUDGET());
  if (budget > largest) {
    throw notAnnounced("BUDGET_TOO_LARGE", `a budget of ${budget} exceeds ${largest}`, { budget, largest });
  }
  const call = { contract: ctx.contracts.DataBank, method: "setBudget", args: [steward, budget] };
  return asAuthority(ctx, "setDepositBudget", call, onWait);
}

/**
 * Strikes, as the authority and after its delay, a deposit that was proven false: what hasn't vested of its interest is
 * clawed back, and the steward's bond loses a hundred times what stands for one deposit.
 *
 * @param proof of the patient's leaf, from its proof file; needed where the deposit is in a batch and wasn't claimed
 * @param onWait told when the delay begins
 * @throws NOT_CONFIRMED, DEPOSIT_IS_STRUCK, TOO_LATE_TO_STRIKE, ACCESS_MANAGER_UNAUTHORIZED_CALL
 *
 * @example
 * await authority.strikeDeposit({ patient: 7, steward: 4, season: 2, proof: file.proof });
 */
export async function strikeDeposit(
  ctx: BankContext,
  { proof = [], onWait, ...deposit }: DepositKey & { proof?: readonly string[]; onWait?: OnWait },
): Promise<Sent> {
  await requireStrikable(ctx, deposit, proof);
  const { patient, steward, season } = deposit;
  const call = { contract: ctx.contracts.DataBank, method: "strike", args: [patient, steward, season, proof] };
  return asAuthority(ctx, "strikeDeposit", call, onWait);
}

/**
 * Burns the tokens that studies paid to the Data Bank; anybody may.
 *
 * @throws NO_FUNDS
 *
 * @example
 * await client.burnBankFees();
 */
export const burnBankFees = (ctx: BankContext): Promise<Sent> =>
  send(ctx, "burnBankFees", { contract: ctx.contracts.DataBank, method: "burnFees", args: [] });

async function requireStrikable(ctx: BankContext, deposit: DepositKey, proof: readonly string[]): Promise<void> {
  const { patient, steward, season } = deposit;
  const { DataBank } = ctx.contracts;
  const [{ status }, { root }, until, current] = await Promise.all([
    DataBank.depositOf(patient, steward, season),
    DataBank.confirmationOf(steward, season),
    DataBank.STRIKE_UNTIL(),
    currentSeason(ctx),
  ]);
  const refused = (code: ErrorCode, message: string) => notAnnounced(code, message, { patient, steward, season });
  if (current > season + Number(until))
    throw refused("TOO_LATE_TO_STRIKE", `season ${season} can't be struck any more`);
  if (status === STRUCK) throw refused("DEPOSIT_IS_STRUCK", "it is struck already");
  if (status === NONE && (root === ZeroHash || !verifyDeposit(deposit, proof, root))) {
    throw refused("NOT_CONFIRMED", "nobody confirmed this deposit, or the proof doesn't fit");
  }
}
