import { AbiCoder, keccak256 } from "ethers";

import type { Actor } from "../../devnet/index.js";
import type { Tour } from "../../tour/workflow.js";
import { handRawKey, laneOf, onlyPatient, type Plant } from "./faults.js";
import { actorOf } from "./safeguard-faults.js";

const BOND = 10n ** 14n;
const RESEARCHER = "Clinical Trials Unit";

/** Another clinic confirms the same records as a deposit of its own; the patient claims for both. */
export const depositedTwice: Plant = async (tour) => {
  const { devnet, cityClinic: clinic } = tour;
  const patient = onlyPatient(tour);
  const increaseTime = devnet.increaseTime.bind(devnet);
  let seasons = 0;
  devnet.increaseTime = async (seconds) => {
    await increaseTime(seconds);
    const { DataBank } = clinic.client.contracts;
    seasons++;
    if (seasons === 1) {
      await devnet.authority.setDepositBudget({ steward: clinic.id, budget: 1 });
      await clinic.client.postBond({ amount: BOND });
      const leaf = AbiCoder.defaultAbiCoder().encode(["uint40", "uint40", "uint32"], [patient.id, clinic.id, 0]);
      await (await DataBank.confirmSeason(0, keccak256(keccak256(leaf)), 1)).wait();
    }
    if (seasons === 2) {
      await fund(devnet, patient);
      await (await DataBank.connect(patient.wallet).claim(clinic.id, 0, [])).wait();
    }
  };
  return undefined;
};

/** Moves a unit from one to another behind everybody's back. */
export const tokensMoved =
  (from: (tour: Tour) => Actor, to: (tour: Tour) => Actor): Plant =>
  async (tour) => {
    // As they are now: later the patient may have another account.
    const [giver, taker] = [from(tour), to(tour)];
    await transfer(tour, giver, taker);
    return () => transfer(tour, taker, giver);
  };

async function transfer({ devnet }: Tour, from: Actor, to: Actor): Promise<void> {
  await fund(devnet, from);
  const { ChartToken } = from.client.contracts;
  await (await ChartToken.connect(from.wallet).transfer(to.wallet.address, 1n)).wait();
}

const fund = ({ provider }: Tour["devnet"], { wallet }: Actor): Promise<unknown> =>
  provider.send("hardhat_setBalance", [wallet.address, "0xde0b6b3a7640000"]);

export const researcherOf = (tour: Tour): Actor => actorOf(tour, RESEARCHER);
/** With the account that is paid: its owner's. */
export const hospitalOf = ({ generalHospital }: Tour): Actor => ({
  ...generalHospital,
  wallet: generalHospital.owner ?? generalHospital.wallet,
});
export const patientOf = (tour: Tour): Actor => onlyPatient(tour);

/** The researcher has a key of what the study is about, before the study may have it. */
export const keyTooEarly: Plant = async (tour) => {
  const { id: patient, written } = onlyPatient(tour);
  const { vault, id: steward } = tour.generalHospital;
  for (const category of new Set(written.map((record) => record.category))) {
    const key = vault.compartments.list({ patient, steward, category: laneOf(category) }).at(-1);
    if (key !== undefined) await handRawKey(researcherOf(tour), key);
  }
};

/** Of the escrow that goes back, a unit goes elsewhere. */
export const refundShort: Plant = async (tour) => {
  const researcher = researcherOf(tour);
  const { refundStudy } = researcher.client;
  researcher.client.refundStudy = async (input) => {
    researcher.client.refundStudy = refundStudy;
    const sent = await refundStudy(input);
    await transfer(tour, researcher, hospitalOf(tour));
    return sent;
  };
  return () => transfer(tour, hospitalOf(tour), researcher);
};
