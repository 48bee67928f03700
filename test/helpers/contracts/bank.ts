import { AbiCoder, ZeroAddress, concat, keccak256, type Signer } from "ethers";

import { asAuthority, type Chain } from "../../../devnet/index.js";
import { COMMITMENT, digestOf } from "./world.js";
import { DAY, authorize, type Authorization } from "./typed-data.js";

/** How long a season takes, in seconds. */
export const SEASON = 30 * DAY;
export const VESTING = 180 * DAY;
/** What stands for one deposit, in wei. */
export const BOND = 10n ** 14n;
export const CHART = 10n ** 18n;
export const RECORD = digestOf("the manifest of a record");

/** The signature of nobody, where none is looked at. */
export const NO_SIGNATURE: Authorization = { account: ZeroAddress, deadline: 0n, signature: "0x" };

/** Lets the time pass until a season begins, unless it has. */
export async function toSeason(chain: Chain, season: number): Promise<void> {
  const { time } = chain.networkHelpers;
  const begins = Number(await chain.dataBank.start()) + season * SEASON;
  if ((await time.latest()) < begins) await time.increaseTo(begins);
}

/** The authority allows a steward so many deposits in a season. */
export async function setBudget(chain: Chain, steward: bigint, budget: number) {
  const data = chain.dataBank.interface.encodeFunctionData("setBudget", [steward, budget]);
  return asAuthority(chain, chain.dataBank, data);
}

/** A budget for a steward, and the bond for it. */
export async function fund(chain: Chain, steward: bigint, budget: number): Promise<void> {
  await setBudget(chain, steward, budget);
  await (await chain.dataBank.postBond(steward, { value: BigInt(budget) * BOND })).wait();
}

/** The authority strikes a deposit. */
export async function strike(
  chain: Chain,
  patient: bigint,
  steward: bigint,
  season: number,
  proof: readonly string[] = [],
) {
  const data = chain.dataBank.interface.encodeFunctionData("strike", [patient, steward, season, [...proof]]);
  return asAuthority(chain, chain.dataBank, data);
}

/** A provider attests the identity of an account. */
export async function attest(chain: Chain, provider: Signer, account: string, commitment = COMMITMENT) {
  const issuer = await chain.registrar.participantOf(await provider.getAddress());
  const deadline = BigInt(await chain.networkHelpers.time.latest()) + BigInt(DAY);
  const message = { issuer, account, commitment, deadline };
  const authorization = await authorize(chain.registrar, "IdentityAttestation", message, provider);
  await (await chain.registrar.linkIdentity(account, commitment, authorization)).wait();
}

/** Attests a patient's identity and opens the account. */
export async function openAccount(chain: Chain, patient: Signer, provider: Signer, commitment = COMMITMENT) {
  await attest(chain, provider, await patient.getAddress(), commitment);
  const issuer = await chain.registrar.participantOf(await provider.getAddress());
  await (await chain.dataBank.connect(patient).openAccount(issuer, commitment)).wait();
}

/** A steward's statement about a season. */
export async function signStatement(chain: Chain, steward: Signer, patient: bigint, season: number) {
  const id = await chain.registrar.participantOf(await steward.getAddress());
  const deadline = BigInt(await chain.networkHelpers.time.latest()) + BigInt(DAY);
  const message = { steward: id, patient, season, recordDigest: RECORD, deadline };
  return authorize(chain.dataBank, "DepositStatement", message, steward);
}

/** A statement about the season before, handed in. */
export async function state(chain: Chain, steward: Signer, patient: bigint) {
  const season = Number(await chain.dataBank.currentSeason()) - 1;
  return chain.dataBank.confirmDeposit(patient, RECORD, await signStatement(chain, steward, patient, season));
}

/** Tokens, minted as the bank mints what it owes. */
export async function endow(chain: Chain, to: string, amount: bigint): Promise<void> {
  const bank = await chain.dataBank.getAddress();
  const helpers = chain.networkHelpers;
  const before = await chain.provider.getBalance(bank);
  await helpers.impersonateAccount(bank);
  await helpers.setBalance(bank, before + CHART);
  await (await chain.chartToken.connect(await chain.ethers.getSigner(bank)).mint(to, amount)).wait();
  await helpers.setBalance(bank, before);
  await helpers.stopImpersonatingAccount(bank);
}

/** A steward's batch: what it publishes, and what it hands to each patient. */
export function batchOf(patients: readonly bigint[], steward: bigint, season: number) {
  const coder = AbiCoder.defaultAbiCoder();
  const leaf = (patient: bigint) =>
    keccak256(keccak256(coder.encode(["uint40", "uint40", "uint32"], [patient, steward, season])));
  const levels = [patients.map(leaf)];
  while (levels.at(-1)!.length > 1) {
    const below = levels.at(-1)!;
    levels.push(Array.from({ length: Math.ceil(below.length / 2) }, (_, i) => pair(below[2 * i]!, below[2 * i + 1])));
  }
  const proofOf = (patient: bigint) => {
    let index = patients.indexOf(patient);
    return levels.slice(0, -1).flatMap((level) => {
      const partner = level[index ^ 1];
      index >>= 1;
      return partner === undefined ? [] : [partner];
    });
  };
  return { root: levels.at(-1)![0]!, count: patients.length, proofOf };
}

/** Sorted, as OpenZeppelin's MerkleProof hashes it; one without a partner moves up. */
function pair(a: string, b: string | undefined): string {
  if (b === undefined) return a;
  return keccak256(BigInt(a) < BigInt(b) ? concat([a, b]) : concat([b, a]));
}
