import { parseEther } from "ethers";

import { CATEGORIES, type Category } from "../src/sdk/index.js";
import type { StudyTermsFile } from "../src/sdk/modules/studies/index.js";
import { throughJson, type Actor } from "../devnet/published.js";
import { codeToStudy, measuredIn } from "./measure.js";
import { actFor, type Progress, type Tour, type TourPatient } from "./workflow.js";

const HOUR = 60 * 60;
const DAY = 24 * HOUR;
/** How long a delivery can be disputed. */
const DISPUTE = 7 * DAY;
/** The season in which the tour writes its records. */
const SEASON = 0;
/** From the season after that on its interest is claimed. */
const CLAIMED_IN = SEASON + 3;
/** In wei: ample for a deposit of each patient. */
const BOND = parseEther("1");

/** A season of records, deposited and claimed. Amounts in units of 10^-18 of a token. */
export interface Deposits {
  season: number;
  /** Who will study the patients' data. */
  researcher: Actor;
  /** The patient of whom the hospital stated a record besides: one deposit all the same. */
  split: TourPatient;
  /** What each patient sold to the researcher, who needs tokens. */
  sold: bigint;
  /** What a study pays for each participant. Two studies of everybody cost less than what was sold. */
  price: bigint;
}

/** A study that came to an end. */
export interface TourStudy {
  study: number;
  price: bigint;
  participants: TourPatient[];
}

/** What the researcher found out, and what was paid for it. */
export interface Research {
  category: Category;
  /** Everybody's data is delivered and paid. */
  whole: TourStudy;
  /** The first participant withdraws. */
  left: TourStudy;
  leaver: TourPatient;
  /** What the researcher read, by the record's digest. */
  read: ReadonlyMap<string, Uint8Array>;
  finding: Finding;
}

/** A mean over the cohort: more than that nobody is shown. */
export interface Finding {
  what: string;
  participants: number;
  mean: number;
}

/** Patients open accounts; the hospital confirms the season in a batch, and one more record of one patient by a statement. */
export async function depositSeason(tour: Tour, progress: Progress): Promise<Deposits> {
  const { devnet, generalHospital: hospital, patients } = tour;
  await devnet.authority.setDepositBudget({ steward: hospital.id, budget: patients.length + 1 });
  await hospital.client.postBond({ amount: BOND });
  for (const patient of patients) {
    await actFor(tour, patient, {
      direct: (client) => client.openBankAccount(patient.identity),
      signed: (client) => client.signOpenBankAccount(patient.identity),
    });
  }
  await advanceToSeason(tour, SEASON + 1);
  const { proofs } = await hospital.client.confirmSeason({ season: SEASON });
  const [split] = patients as [TourPatient];
  const recordDigest = split.written.at(-1)!.digest;
  const statement = await hospital.client.stateDeposit({ patient: split.id, recordDigest });
  await tour.cityClinic.client.relay({ file: throughJson(statement) });

  await advanceToSeason(tour, CLAIMED_IN);
  for (const [i, patient] of patients.entries()) {
    const proof = proofs.find((each) => each.patient === patient.id);
    await patient.client.takeDepositProof({ file: throughJson(proof) });
    const deposit = { steward: hospital.id, season: SEASON };
    await actFor(tour, patient, {
      direct: (client) => client.claimInterest(deposit),
      signed: (client) => client.signClaimInterest(deposit),
    });
    progress("claiming interest on deposits", i + 1, patients.length);
  }
  const { interest } = await hospital.client.seasonOf({ season: SEASON });
  const sold = (interest * 4n) / 5n;
  return { season: SEASON, researcher: await openResearch(tour), split, sold, price: (interest * 3n) / 10n };
}

async function openResearch(tour: Tour): Promise<Actor> {
  const { devnet } = tour;
  const name = "Clinical Trials Unit";
  const researcher = await devnet.institution(name, ["RESEARCHER"]);
  tour.publicNames.push(name);
  return researcher;
}

/** When it has vested, patients sell most of their interest to the researcher; what is paid for it isn't the chain's business. */
export async function sellInterest(tour: Tour, { sold, researcher }: Deposits): Promise<void> {
  await tour.devnet.increaseTime(180 * DAY + HOUR);
  const withdrawal = { to: researcher.wallet.address, amount: sold };
  for (const patient of tour.patients) {
    await actFor(tour, patient, {
      direct: (client) => client.withdrawInterest(withdrawal),
      signed: (client) => client.signWithdrawInterest(withdrawal),
    });
  }
}

/** A study that finds one participant too few: enrolment is over, and it still stands. */
export async function missCohort(
  tour: Tour,
  { price, researcher }: Deposits,
): Promise<TourStudy & { category: Category }> {
  const { category, participants } = cohortOf(tour);
  const size = participants.length + 1;
  const study = await openStudy(tour, researcher, { category, minimum: size, maximum: size, price });
  for (const patient of participants) await join(tour, patient, study.terms, category);
  await tour.devnet.increaseTime(HOUR + 60);
  return { study: study.study, price, participants, category };
}

/** Two studies of the same cohort: one that everybody stays in, one that the first participant leaves. */
export async function study(tour: Tour, { price, researcher }: Deposits, progress: Progress): Promise<Research> {
  const { devnet, generalHospital: hospital } = tour;
  const { category, participants } = cohortOf(tour);
  const offer = { category, minimum: 1, maximum: participants.length, price };
  const whole = await openStudy(tour, researcher, { ...offer, minimum: participants.length });
  const left = await openStudy(tour, researcher, offer);
  for (const { terms } of [whole, left]) {
    for (const patient of participants) await join(tour, patient, terms, category);
  }
  const [leaver] = participants as [TourPatient];
  await leave(tour, leaver, left.study);

  await devnet.increaseTime(HOUR + 60);
  for (const { study: number } of participants.length > 1 ? [whole, left] : [whole]) {
    await researcher.client.releaseStudy({ study: number });
  }
  for (const [i, patient] of participants.entries()) {
    for (const { study: number } of patient === leaver ? [whole] : [whole, left]) {
      const { file } = await hospital.client.deliverToStudy({ study: number, patient: patient.id });
      researcher.received.push(file.delivery);
      await researcher.client.takeStudyDelivery({ file: throughJson(file) });
    }
    progress("delivering data to the study", i + 1, participants.length);
  }
  const { read, finding } = await find(tour, researcher, category, participants);

  await devnet.increaseTime(HOUR + DISPUTE + 60);
  for (const { study: number } of [whole, left]) {
    await researcher.client.settleStudy({ study: number });
    for (const patient of participants.filter((each) => number === whole.study || each !== leaver)) {
      const payout = { study: number, to: patient.wallet.address };
      await actFor(tour, patient, {
        direct: (client) => client.payoutStudy(payout),
        signed: (client) => client.signPayoutStudy(payout),
      });
    }
    if (number === whole.study || participants.length > 1) {
      await (await tour.devnet.ownerOf(hospital)).payoutStudy({ study: number });
      await researcher.client.payoutBank({ study: number });
    }
  }
  await researcher.client.refundStudy({ study: left.study });
  return {
    category,
    whole: { study: whole.study, price, participants },
    left: { study: left.study, price, participants: participants.filter((each) => each !== leaver) },
    leaver,
    read,
    finding,
  };
}

/** What of each patient's records the study can be about: measurements where there are any, or what most patients have. */
function cohortOf(tour: Tour): { category: Category; participants: TourPatient[] } {
  const having = (category: Category) =>
    tour.patients.filter((patient) => readable(tour, patient, category).length > 0);
  const best = CATEGORIES.toSorted((a, b) => having(b).length - having(a).length)[0]!;
  const category = having("OBSERVATION").length > 0 ? "OBSERVATION" : best;
  return { category, participants: having(category) };
}

/** A patient's records of a category, without the one that was shredded. */
export const readable = (tour: Tour, patient: TourPatient, category: Category): TourPatient["written"] =>
  patient.written.filter((record) => record.category === category && record.digest !== tour.shredded?.record.digest);

async function openStudy(
  tour: Tour,
  researcher: Actor,
  { category, ...offer }: { category: Category; minimum: number; maximum: number; price: bigint },
): Promise<{ study: number; terms: StudyTermsFile }> {
  const now = await tour.devnet.now();
  return researcher.client.openStudy({
    title: "A mean over the cohort",
    description: "The mean of what was measured, over all participants",
    contact: researcher.name,
    dataUse: ["HMB"],
    categories: [category],
    ...offer,
    enrolUntil: now + HOUR,
    closesAt: now + 2 * HOUR,
  });
}

async function join(tour: Tour, patient: TourPatient, terms: StudyTermsFile, category: Category): Promise<void> {
  await patient.client.setResearchPreferences({ dataUse: ["HMB"], categories: [category] });
  const input = { terms: throughJson(terms), steward: tour.generalHospital.id };
  await actFor(tour, patient, {
    direct: (client) => client.joinStudy(input),
    signed: (client) => client.signJoinStudy(input),
  });
}

async function leave(tour: Tour, patient: TourPatient, number: number): Promise<void> {
  if (!patient.etherless) return void (await patient.client.withdrawFromStudy({ study: number }));
  const { withdrawal, revocation } = await patient.client.signWithdrawFromStudy({ study: number });
  for (const file of [revocation, withdrawal]) {
    if (file !== undefined) await tour.generalHospital.client.relay({ file: throughJson(file) });
  }
}

/** The researcher opens what was delivered, and counts. */
async function find(
  tour: Tour,
  researcher: Actor,
  category: Category,
  participants: readonly TourPatient[],
): Promise<Pick<Research, "read" | "finding">> {
  const read = new Map<string, Uint8Array>();
  const measured = [];
  for (const patient of participants) {
    const records = readable(tour, patient, category);
    for (const { digest } of records) {
      read.set(digest, (await researcher.client.openRecord({ digest, purpose: "HRESCH" })).content);
    }
    const values = records.flatMap(({ digest }) => measuredIn(read.get(digest)!));
    measured.push({ records: records.length, values });
  }
  const code = codeToStudy(measured.map(({ values }) => values));
  const of = measured.map(({ records, values }) => {
    const same = values.filter((each) => each.code === code);
    return code === undefined ? [records] : same.map(({ value }) => value);
  });
  const means = of.filter((values) => values.length > 0).map(mean);
  const example = measured.flatMap(({ values }) => values).find((each) => each.code === code);
  const what = example === undefined ? "records of a participant" : `${example.name}, ${example.unit}`;
  return { read, finding: { what, participants: means.length, mean: mean(means) } };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

async function advanceToSeason({ devnet, generalHospital }: Tour, season: number): Promise<void> {
  const { startsAt } = await generalHospital.client.seasonOf({ season });
  await devnet.increaseTime(startsAt + HOUR - (await devnet.now()));
}
