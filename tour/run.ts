import { formatEther } from "ethers";

import {
  batchProved,
  everyRecordReadBack,
  etherlessPatientServed,
  formerViewerDenied,
  historyComplete,
  noPersonalDataOnChain,
  outsiderDenied,
  shreddedUnreadable,
  tamperedBlockRefused,
  viewerReadsOnlyGrantedCategories,
  type CheckName,
} from "./checks.js";
import { createDevnet, type Devnet, type DevnetOptions, startNode } from "../devnet/published.js";
import { openGatekeeper, type OpeningGatekeeper } from "./gatekeeper.js";
import { gatekeeperEnforces, reductionAtOnce } from "./gatekeeper-checks.js";
import { constraintHeld, nameRecords } from "./narrowed.js";
import { retractedEverywhere, retractOne } from "./retracted.js";
import { breakGlassReviewed, delegateWithinMask, failsAs, thiefLoses } from "./safeguard-checks.js";
import { answerEmergency, appointProxy, recoverFromTheft } from "./safeguards.js";
import {
  cohortMinimumHeld,
  splittingEarnsNothing,
  studyPaidExactly,
  withdrawnEarnsNothing,
} from "./research-checks.js";
import { depositSeason, missCohort, sellInterest, study, type Finding } from "./research.js";
import type { TourInput } from "./input.js";
import {
  grantViewers,
  letGrantsExpire,
  openInstitutions,
  registerPatients,
  revokeViewers,
  sealedBytes,
  shredOne,
  writeRecords,
  type Progress,
  type Tour,
} from "./workflow.js";

/** What `--json` writes. */
export interface TourReport {
  chainId: number;
  contracts: Record<string, string>;
  patients: number;
  resources: number;
  /** Sealed records. */
  records: number;
  /** Bytes of plaintext in them. */
  bytes: number;
  /** One entry for each transaction; `ms` from the call to the receipt. */
  steps: { step: string; actor: string; gas: number; ms: number }[];
  /** What the study found out. */
  study: Finding;
  /** What each patient earned, in tokens. */
  earnings: { patient: string; records: number; interest: string; study: string }[];
  checks: Record<CheckName, boolean>;
}

/** Where a listener can look at the tour, or change something in it to see a check fail. */
export type Moment =
  | "read"
  | "view"
  | "outside"
  | "expired"
  | "revoked"
  | "served"
  | "gatekeeper"
  | "reduced"
  | "delegate"
  | "narrowed"
  | "emergency"
  | "retracted"
  | "tamper"
  | "proved"
  | "history"
  | "shredded"
  | "deposited"
  | "cohort"
  | "studied"
  | "left"
  | "recovered"
  | "scan";

/** Who is told what. */
export interface TourListener {
  progress?: Progress;
  check?: (name: CheckName, passed: boolean) => void;
  /** Called right before the check of that moment. */
  before?: Partial<Record<Moment, (tour: Tour) => Promise<void>>>;
  /**
   * What stands between everybody and the node. An index of each one's own when left out, as patients' devices and institutions
   * have it.
   */
  devnet?: DevnetOptions;
}

/** What a run came to. */
export interface TourResult {
  report: TourReport;
  deploymentGas: number;
  retained: Tour["retained"];
}

/** Runs the whole workflow on a local chain of its own, and checks what it promises by doing it. */
export async function runTour(input: TourInput, listener: TourListener = {}): Promise<TourResult> {
  const { progress = () => {}, check: tell = () => {}, before = {} } = listener;
  const checks: Partial<Record<CheckName, boolean>> = {};
  progress("starting a local chain and deploying to it", 0, 1);
  const devnet = await createDevnet(startNode, listener.devnet ?? { index: "asked" });
  const deploymentGas = await gasSpent(devnet);
  progress("starting a local chain and deploying to it", 1, 1);
  let gatekeeper: OpeningGatekeeper | undefined;
  try {
    const tour = await openInstitutions(devnet, input);
    const check = async (moment: Moment, name: CheckName, ask: () => Promise<boolean>) => {
      await before[moment]?.(tour);
      checks[name] = await ask();
      tell(name, checks[name]);
    };

    await registerPatients(tour, progress);
    await writeRecords(tour, progress);
    await check("read", "everyRecordReadBack", () => everyRecordReadBack(tour, progress));

    await grantViewers(tour, progress);
    await check("view", "viewerReadsOnlyGrantedCategories", () => viewerReadsOnlyGrantedCategories(tour, progress));
    await check("outside", "outsiderDenied", () => outsiderDenied(tour, progress));

    gatekeeper = await openGatekeeper(tour);
    progress("starting a gatekeeper", 1, 1);
    await letGrantsExpire(tour, progress);
    await check("expired", "expiredViewerDenied", () => formerViewerDenied(tour, "expired", progress));
    await revokeViewers(tour, progress);
    await check("revoked", "revokedViewerDenied", () => formerViewerDenied(tour, "revoked", progress));
    await check("served", "etherlessPatientServed", () => etherlessPatientServed(tour));

    const proxy = await appointProxy(tour);
    progress("appointing a proxy", 1, 1);
    await check("delegate", "delegateWithinMask", () => delegateWithinMask(tour, proxy));
    const narrowed = await nameRecords(tour);
    progress("naming records for a payer", 1, 1);
    await check("narrowed", "constraintHeld", () => constraintHeld(tour, narrowed));
    const emergency = await answerEmergency(tour);
    progress("breaking the glass", 1, 1);
    await check("emergency", "breakGlassReviewed", () => breakGlassReviewed(tour, emergency));

    const retracted = await retractOne(tour, narrowed);
    progress("retracting a record", 1, 1);
    await check("retracted", "retractedEverywhere", () => retractedEverywhere(tour, retracted));

    await check("tamper", "tamperedBlockRefused", () => tamperedBlockRefused(tour));
    await check("proved", "batchProved", () => batchProved(tour));
    await check("history", "historyComplete", () => historyComplete(tour));
    await tour.generalHospital.client.publishReleaseLog();
    await shredOne(tour);
    await check("shredded", "shreddedUnreadable", () => shreddedUnreadable(tour));

    // It took its data in meanwhile.
    const gate = (tour.gatekeeper = await gatekeeper.ready());
    progress("reading through a gatekeeper", 1, 1);
    await check("gatekeeper", "gatekeeperEnforces", () => gatekeeperEnforces(tour, gate));
    await check("reduced", "reductionAtOnce", () => reductionAtOnce(tour, gate));
    await gatekeeper.stop();

    const deposits = await depositSeason(tour, progress);
    await check("deposited", "splittingEarnsNothing", () => splittingEarnsNothing(tour, deposits));
    const { interest } = await tour.generalHospital.client.seasonOf({ season: deposits.season });
    await sellInterest(tour, deposits);
    const small = await missCohort(tour, deposits);
    progress("opening a study that finds too few", 1, 1);
    await check("cohort", "cohortMinimumHeld", () => cohortMinimumHeld(tour, deposits, small));
    const research = await study(tour, deposits, progress);
    await check("studied", "studyPaidExactly", () => studyPaidExactly(tour, deposits, research));
    await check("left", "withdrawnEarnsNothing", () => withdrawnEarnsNothing(tour, research));
    const earnings = await Promise.all(
      tour.patients.map(async ({ client, written, wallet }, i) => ({
        patient: `patient ${i + 1}`,
        records: written.length,
        interest: formatEther(interest),
        study: formatEther(await client.tokenBalanceOf({ account: wallet.address })),
      })),
    );
    const theft = await recoverFromTheft(tour, failsAs);
    progress("recovering a stolen account", 1, 1);
    await check("recovered", "thiefLoses", () => thiefLoses(tour, theft));

    await check("scan", "noPersonalDataOnChain", () => noPersonalDataOnChain(tour, progress));

    const report: TourReport = {
      chainId: devnet.deployment.chainId,
      contracts: devnet.deployment.contracts,
      patients: tour.patients.length,
      resources: input.resources,
      records: tour.patients.reduce((sum, { written }) => sum + written.length, 0),
      bytes: sealedBytes(tour),
      steps: devnet.reports.map(({ step, actor, gas, ms }) => ({ step, actor, gas, ms: Math.round(ms * 10) / 10 })),
      study: research.finding,
      earnings,
      checks: checks as Record<CheckName, boolean>,
    };
    return { report, deploymentGas, retained: tour.retained };
  } finally {
    await gatekeeper?.stop();
    await devnet.close();
  }
}

/** What everything on the chain so far came to. */
async function gasSpent({ provider }: Devnet): Promise<number> {
  const last = await provider.getBlockNumber();
  const blocks = await Promise.all(Array.from({ length: last + 1 }, (_, number) => provider.getBlock(number)));
  return blocks.reduce((sum, block) => sum + Number(block?.gasUsed ?? 0n), 0);
}
