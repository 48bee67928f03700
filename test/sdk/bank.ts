import { identitySalt, type IdentityClaim } from "../../src/sdk/index.js";
import { bytes, HOUR } from "./helpers.js";
import { type Actor, type Devnet, throughJson } from "../../devnet/index.js";

export const DAY = 24 * HOUR;
export const CHART = 10n ** 18n;

/** Lets a clinic attest who a patient is, and gives what the patient knows of it. */
export async function attested(clinic: Actor, patient: Actor): Promise<IdentityClaim> {
  const claim = { issuer: clinic.id, identifier: `http://clinic.example/mrn|${patient.id}`, salt: identitySalt() };
  const { identifier, salt } = claim;
  const code = await patient.client.ownAttestationCode();
  const file = await clinic.client.attestIdentity({ account: patient.wallet.address, code, identifier, salt });
  await clinic.client.linkIdentity({ file: throughJson(file) });
  return claim;
}

/** Opens an account for an attested patient, who needs no ether for it. */
export async function openAccount(clinic: Actor, patient: Actor): Promise<void> {
  const file = await patient.client.signOpenBankAccount(await attested(clinic, patient));
  await clinic.client.relay({ file: throughJson(file) });
}

/** Lets a steward confirm so many deposits in a season. */
export async function allowDeposits(world: Devnet, steward: Actor, budget: number): Promise<void> {
  const onWait = () => void world.increaseTime(2);
  await world.authority.setDepositBudget({ steward: steward.id, budget, onWait });
  await steward.client.postBond({ amount: BigInt(budget) * 10n ** 14n });
}

/** Moves the chain's clock to the first day of a season that hasn't begun. */
export async function toSeason(world: Devnet, season: number): Promise<void> {
  const { startsAt } = await world.authority.seasonOf({ season });
  await world.provider.send("evm_setNextBlockTimestamp", [startsAt + HOUR]);
  await world.provider.send("evm_mine", []);
}

/** A record of the steward's, whose deposit earns. */
export const write = async (steward: Actor, patient: Actor, category: "OBSERVATION" | "CARE" = "OBSERVATION") =>
  steward.client.addRecord({
    patient: patient.id,
    category,
    content: bytes(`${category} of ${patient.name}`),
    again: true,
  });

/**
 * Earns tokens for somebody, the only way there is: the patient's deposit of a season is confirmed, claimed three seasons
 * later, vested and withdrawn. Takes about 270 days of the chain's time.
 */
export async function earnFor(world: Devnet, steward: Actor, patient: Actor, to: string): Promise<void> {
  const { season } = await world.authority.seasonOf();
  await write(steward, patient);
  await toSeason(world, season + 1);
  const { proofs } = await steward.client.confirmSeason();
  await patient.client.takeDepositProof({ file: throughJson(proofs[0]) });
  await toSeason(world, season + 3);
  await patient.client.claimInterest({ steward: steward.id, season });
  await world.increaseTime(181 * DAY);
  await patient.client.withdrawInterest({ to });
}
