import { ChartChainError } from "../../../errors/index.js";
import type { JsonValue } from "../../../vault/index.js";
import { verifyDeposit, type DepositKey } from "./deposit-tree.js";
import { seasonTimes } from "./seasons.js";
import { queryEvents } from "../../chain/events.js";
import { send, type Sent } from "../../chain/transactions.js";
import { currentTime, ownId, requireVault } from "../../context.js";
import { isDepositProof } from "./deposit-proof.js";
import { altered, is, parseHandover, type HandoverHeader } from "../../handover/file.js";
import { signAction, type SignedActionFile } from "../../handover/signed-action.js";
import { SIGNED } from "./signed.js";
import { signatureEpochOf } from "../../people/accounts.js";
import { currentSeason } from "./accounts.js";
import { DEFAULT_SIGNATURE_LIFETIME } from "../../people/register.js";
import type { BankContext } from "./contracts.js";

/** A steward's proof that a patient's deposit is in its batch of a season. Says nothing without the chain. */
export interface DepositProofFile extends HandoverHeader, DepositKey {
  kind: "chartchain/deposit-proof";
  root: string;
  proof: string[];
}

/** A deposit whose interest a patient didn't claim yet. */
export interface ClaimableDeposit {
  steward: number;
  season: number;
  /** How the steward confirmed it. */
  confirmed: "stated" | "batch";
  /** When its interest can be claimed, in seconds since 1970, before `until`. */
  from: number;
  until: number;
  /** Whether that is now. */
  claimable: boolean;
  /** What it earns as of now, before the bonus for deposits in a row; in units of 10^-18 of a token. */
  interest: bigint;
}

/** Which deposit. */
export interface ClaimInput {
  steward: number;
  season: number;
}

const CLAIMED = 2n;
const STRUCK = 3n;

/**
 * Takes a steward's proof into the vault, after holding it against the batch on chain.
 *
 * @param file what {@link confirmSeason} or {@link depositProofs} made
 * @throws HANDOVER_…, PROOF_FOR_SOMEBODY_ELSE
 *
 * @example
 * await patient.takeDepositProof({ file: JSON.parse(await readFile("proof.json", "utf8")) });
 */
export async function takeDepositProof(ctx: BankContext, { file }: { file: unknown }): Promise<DepositProofFile> {
  const shape = { patient: is.id, steward: is.id, season: is.count, root: is.digest, proof: isDepositProof };
  const given = parseHandover<DepositProofFile>(ctx, "chartchain/deposit-proof", shape, file);
  const own = await ownId(ctx);
  if (given.patient !== own) {
    throw new ChartChainError("PROOF_FOR_SOMEBODY_ELSE", `the proof is of patient ${given.patient}`, {
      details: { patient: given.patient, own },
      hint: "Only the patient it names can use it.",
    });
  }
  const { root } = await ctx.contracts.DataBank.confirmationOf(given.steward, given.season);
  if (root !== given.root || !verifyDeposit(given, given.proof, root)) throw altered("the proof of the deposit");
  requireVault(ctx).settings.set(nameOf(given), JSON.parse(JSON.stringify(given)) as JsonValue);
  return given;
}

/**
 * The client's deposits with interest to claim, now or later, the oldest first: those that a steward stated, and those
 * that the vault holds a proof of. A deposit in a batch without a proof isn't among them: ask the steward for its file.
 *
 * @throws NOT_REGISTERED, CHAIN_UNREACHABLE
 *
 * @example
 * for (const { steward, season } of await patient.listClaimable()) await patient.claimInterest({ steward, season });
 */
export async function listClaimable(ctx: BankContext): Promise<ClaimableDeposit[]> {
  const patient = await ownId(ctx);
  const { DataBank } = ctx.contracts;
  const stated = await queryEvents(ctx, DataBank, DataBank.filters.DepositConfirmed(patient));
  const deposits = new Map<string, DepositKey>();
  for (const { args } of stated) {
    const deposit = { patient, steward: Number(args["steward"]), season: Number(args["season"]) };
    deposits.set(nameOf(deposit), deposit);
  }
  for (const file of keptProofs(ctx, patient)) deposits.set(nameOf(file), file);
  const current = await currentSeason(ctx);
  const entries = await Promise.all([...deposits.values()].map((deposit) => claimableOf(ctx, deposit, current)));
  return entries.filter((entry) => entry !== undefined).sort((a, b) => a.season - b.season || a.steward - b.steward);
}

/**
 * Claims the interest of one deposit. It vests over 180 days, together with what hasn't vested yet. Claim the older
 * season first: a row of deposits that earns a bonus goes on only after the one before was claimed.
 *
 * @throws NO_ACCOUNT, TOO_EARLY_TO_CLAIM, TOO_LATE_TO_CLAIM, NOT_CONFIRMED (also where the vault has no proof),
 *   ALREADY_CLAIMED, DEPOSIT_IS_STRUCK, BATCH_USED_UP, RECOVERY_PENDING, NO_FUNDS
 *
 * @example
 * await patient.claimInterest({ steward: 4, season: 2 });
 */
export async function claimInterest(ctx: BankContext, { steward, season }: ClaimInput): Promise<Sent> {
  const proof = keptProof(ctx, { patient: await ownId(ctx), steward, season });
  return send(ctx, "claimInterest", {
    contract: ctx.contracts.DataBank,
    method: "claim",
    args: [steward, season, proof],
  });
}

/**
 * Signs a claim for somebody else to relay, with the proof in the file.
 *
 * @example
 * const file = await patient.signClaimInterest({ steward: 4, season: 2 });
 */
export async function signClaimInterest(
  ctx: BankContext,
  { steward, season, lifetime = DEFAULT_SIGNATURE_LIFETIME }: ClaimInput & { lifetime?: number },
): Promise<SignedActionFile> {
  const patient = await ownId(ctx);
  const message = {
    patient,
    steward,
    season,
    signatureEpoch: await signatureEpochOf(ctx, patient),
    deadline: (await currentTime(ctx)) + lifetime,
  };
  return signAction(ctx, SIGNED.actions.claimInterest, message, {
    proof: keptProof(ctx, { patient, steward, season }),
  });
}

async function claimableOf(
  ctx: BankContext,
  { patient, steward, season }: DepositKey,
  current: number,
): Promise<ClaimableDeposit | undefined> {
  const { DataBank } = ctx.contracts;
  const [{ status }, interest, after, until] = await Promise.all([
    DataBank.depositOf(patient, steward, season),
    DataBank.interestOf(season),
    DataBank.CLAIM_AFTER(),
    DataBank.CLAIM_UNTIL(),
  ]);
  const [first, last] = [season + Number(after), season + Number(until)];
  if (status === CLAIMED || status === STRUCK || current > last) return undefined;
  const [{ startsAt }, { endsAt }] = await Promise.all([seasonTimes(ctx, first), seasonTimes(ctx, last)]);
  return {
    steward,
    season,
    confirmed: status === 0n ? "batch" : "stated",
    from: startsAt,
    until: endsAt,
    claimable: current >= first,
    interest,
  };
}

const PREFIX = "deposit-proof:";

const nameOf = ({ patient, steward, season }: DepositKey): string => `${PREFIX}${patient}:${steward}:${season}`;

/** The proof of a deposit; empty where the vault has none. */
function keptProof({ vault }: BankContext, deposit: DepositKey): string[] {
  const file = vault?.settings.get(nameOf(deposit)) as DepositProofFile | undefined;
  return file?.proof ?? [];
}

function keptProofs({ vault }: BankContext, patient: number): DepositProofFile[] {
  if (vault === undefined) return [];
  const names = vault.settings.names().filter((name) => name.startsWith(`${PREFIX}${patient}:`));
  return names.map((name) => vault.settings.get(name) as unknown as DepositProofFile);
}
