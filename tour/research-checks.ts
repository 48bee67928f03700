import { openedByForce } from "./adversary.js";
import { envelopesOf, isDenied, isRefused, throws } from "./attempts.js";
import type { Category } from "../src/sdk/index.js";
import type { Actor } from "../devnet/published.js";
import { readable, type Deposits, type Research, type TourStudy } from "./research.js";
import { actFor, type Tour, type TourPatient } from "./workflow.js";

const PATIENT_PERCENT = 80n;
const STEWARD_PERCENT = 15n;

/** What a participant got of a study, a share in percent. Rounded down, as the contract does. */
const shareOf = (price: bigint, percent: bigint): bigint => (price * percent) / 100n;

/** However many records a patient has, and whoever stated one of them besides: one deposit, one interest. */
export async function splittingEarnsNothing(tour: Tour, { season, split }: Deposits): Promise<boolean> {
  const { generalHospital: hospital, patients } = tour;
  const { interest } = await hospital.client.seasonOf({ season });
  if (interest === 0n) return false;
  for (const { client, id } of patients) {
    const account = await client.bankAccountOf({ patient: id });
    if (account === undefined || account.available + account.locked !== interest) return false;
  }
  const most = Math.max(...patients.map(({ written }) => written.length));
  if (most < 2 || split.written.length < 2) return false;
  const deposit = { steward: hospital.id, season };
  return throws(["ALREADY_CLAIMED"], () =>
    actFor(tour, split, {
      direct: (client) => client.claimInterest(deposit),
      signed: (client) => client.signClaimInterest(deposit),
    }),
  );
}

/**
 * A study that is one participant short releases nothing: no delivery, no key for research, nothing by force. When it ends
 * the whole escrow goes back, and nobody is paid.
 */
export async function cohortMinimumHeld(
  tour: Tour,
  { researcher }: Deposits,
  small: TourStudy & { category: Category },
): Promise<boolean> {
  const closed = await releasesNothing(tour, researcher, small);
  return (await givesEverythingBack(tour, researcher, small)) && closed;
}

async function releasesNothing(
  tour: Tour,
  researcher: Actor,
  { study, category, participants }: TourStudy & { category: Category },
): Promise<boolean> {
  const { generalHospital: hospital } = tour;
  const { joined, minimum } = await researcher.client.studyOf({ study });
  if (joined !== participants.length || joined >= minimum) return false;
  if (!(await throws(["NOT_RELEASED"], () => researcher.client.releaseStudy({ study })))) return false;
  // Nor when somebody asks the contract past the library, and past whatever the library puts up with.
  const Studies = researcher.client.contracts.Studies.connect(researcher.wallet.connect(tour.devnet.provider));
  const ids = participants.map(({ id }) => id).sort((a, b) => a - b);
  await (await Studies.release(study, ids)).wait();
  if (await Studies.isReleased(study)) return false;
  for (const patient of participants) {
    const records = readable(tour, patient, category);
    if (!(await throws(["NOT_RELEASED"], () => hospital.client.deliverToStudy({ study, patient: patient.id })))) {
      return false;
    }
    for (const holder of [hospital, patient]) {
      const asked = { patient: patient.id, viewer: researcher.id, purpose: "HRESCH" as const };
      if (!(await isDenied(() => holder.client.releaseKeys(asked)))) return false;
    }
    for (const { digest } of records) {
      if (!(await isRefused(() => researcher.client.openRecord({ digest, purpose: "HRESCH" })))) return false;
    }
    if ((await openedByForce(researcher, researcher.received, envelopesOf(hospital, records))) > 0) return false;
  }
  return true;
}

async function givesEverythingBack(
  tour: Tour,
  researcher: Actor,
  { study, price, participants }: TourStudy,
): Promise<boolean> {
  const { devnet, generalHospital: hospital } = tour;
  const before = await researcher.client.tokenBalanceOf();
  await devnet.increaseTime(2 * 60 * 60 + 7 * 24 * 60 * 60);
  await researcher.client.settleStudy({ study });
  await researcher.client.refundStudy({ study });
  const escrow = price * BigInt(participants.length + 1);
  if ((await researcher.client.tokenBalanceOf()) - before !== escrow) return false;
  const { status } = await researcher.client.studyOf({ study });
  if (
    status !== "Cancelled" ||
    !(await throws(["NOTHING_TO_REFUND"], () => researcher.client.refundStudy({ study })))
  ) {
    return false;
  }
  for (const patient of participants) if (!(await isUnpaid(tour, patient, study))) return false;
  const owner = await tour.devnet.ownerOf(hospital);
  return throws(["NOTHING_TO_PAY"], () => owner.payoutStudy({ study }));
}

/**
 * The researcher read what was paid for while the study ran, and nothing else, each participant and the hospital have their shares to the last
 * unit, nobody is paid twice, and nothing is left behind.
 */
export async function studyPaidExactly(tour: Tour, deposits: Deposits, research: Research): Promise<boolean> {
  const { generalHospital: hospital, patients } = tour;
  const owner = await tour.devnet.ownerOf(hospital);
  const { researcher } = deposits;
  const { category, whole, left } = research;
  for (const patient of whole.participants) {
    for (const { digest, plaintext } of readable(tour, patient, category)) {
      const content = research.read.get(digest);
      if (content === undefined || Buffer.compare(content, plaintext) !== 0) return false;
      // The study is over, and so is the grant.
      if (!(await isRefused(() => researcher.client.openRecord({ digest, purpose: "HRESCH" })))) return false;
    }
    const others = patient.written.filter((record) => record.category !== category);
    if ((await openedByForce(researcher, researcher.received, envelopesOf(hospital, others))) > 0) return false;
    if (!(await isUnpaid(tour, patient, whole.study))) return false;
  }
  if (!(await throws(["NOTHING_TO_PAY"], () => owner.payoutStudy({ study: whole.study })))) return false;

  let [paid, earned] = [0n, 0n];
  for (const patient of patients) {
    const studies = [whole, left].filter(({ participants }) => participants.includes(patient));
    const due = studies.reduce((sum, { price }) => sum + shareOf(price, PATIENT_PERCENT), 0n);
    if ((await balanceOf(tour, patient.wallet.address)) !== due) return false;
    paid += due;
    earned += studies.reduce((sum, { price }) => sum + shareOf(price, STEWARD_PERCENT), 0n);
  }
  if ((await balanceOf(tour, hospital.owner!.address)) !== earned) return false;
  const { Studies, DataBank } = hospital.client.deployment.contracts;
  const spent = [whole, left].reduce((sum, { price, participants }) => sum + price * BigInt(participants.length), 0n);
  const had = deposits.sold * BigInt(patients.length);
  if ((await balanceOf(tour, researcher.wallet.address)) !== had - spent) return false;
  if ((await balanceOf(tour, DataBank!)) !== spent - paid - earned) return false;
  return (await balanceOf(tour, Studies!)) === 0n && paid > 0n;
}

/** Who left a study before anything was delivered has nothing of it, and nothing more is delivered. */
export async function withdrawnEarnsNothing(tour: Tour, { leaver, whole, left }: Research): Promise<boolean> {
  const { generalHospital: hospital } = tour;
  const { study } = left;
  const { stage } = await hospital.client.participationOf({ study, patient: leaver.id });
  if (stage !== "Withdrawn" || !(await isUnpaid(tour, leaver, study))) return false;
  const deliver = () => hospital.client.deliverToStudy({ study, patient: leaver.id });
  if (!(await throws(["WRONG_STAGE"], deliver))) return false;
  return (await balanceOf(tour, leaver.wallet.address)) === shareOf(whole.price, PATIENT_PERCENT);
}

/** Whether a study pays a patient nothing, or nothing more. */
const isUnpaid = (tour: Tour, patient: TourPatient, study: number): Promise<boolean> =>
  throws(["NOTHING_TO_PAY"], () =>
    actFor(tour, patient, {
      direct: (client) => client.payoutStudy({ study }),
      signed: (client) => client.signPayoutStudy({ study }),
    }),
  );

const balanceOf = (tour: Tour, account: string): Promise<bigint> =>
  tour.generalHospital.client.tokenBalanceOf({ account });
