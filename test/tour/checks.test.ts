import { join } from "node:path";
import { expect } from "chai";

import type { DevnetOptions } from "../../devnet/index.js";
import { connect } from "../../src/sdk/index.js";
import { CHECKS, type CheckName } from "../../tour/checks.js";
import { readInput, type TourInput } from "../../tour/input.js";
import { runTour, type Moment, type TourListener, type TourResult } from "../../tour/run.js";
import type { Tour } from "../../tour/workflow.js";
import { startFaultyNode } from "../support/faulty-node.js";
import {
  deletedBlock,
  flippedBlock,
  forgetfulNode,
  forgottenCopy,
  fundedPatient,
  grantedAgain,
  grantedOutsider,
  leakedCategory,
  newestKeyFor,
  oneMoreCategory,
  plaintextBlock,
  rememberingStore,
  RestoredVault,
  sealedUnderKeyOf,
  secretAnchor,
  sendingPatient,
  silentNode,
  swappedPaths,
  unanchoredBatch,
  undeliveredRecord,
  unreadableGrantedRecord,
  unsaltedHash,
  type Plant,
} from "./faults.js";
import {
  accompliceGranted,
  alwaysJustified,
  ambulanceGranted,
  approvalStuck,
  clinicRevoked,
  compartmentKeyFor,
  constraintLifted,
  dismissesAnother,
  guardiansTakenIn,
  halfOptOut,
  leakySteward,
  olderNodeOf,
  otherReason,
  proxyGrantsMore,
  proxySeesMore,
  proxysGrantRevoked,
  proxyStaysLonger,
  relationshipEnded,
  retractsNothing,
  secondBreakGlass,
  watch,
  withheldKeyFor,
} from "./safeguard-faults.js";
import {
  nothingGranted,
  oneMoreAtTheGatekeeper,
  outsiderLetIn,
  rememberingCache,
  revokesAnother,
} from "./gatekeeper-faults.js";
import {
  depositedTwice,
  hospitalOf,
  keyTooEarly,
  patientOf,
  refundShort,
  researcherOf,
  tokensMoved,
} from "./research-faults.js";

/** One fault, and the one check that has to see it. */
interface Fault {
  check: CheckName;
  what: string;
  /** Which faults to plant before which check. */
  plant: Partial<Record<Moment, Plant>>;
}

const EARLY: readonly Moment[] = ["read", "view", "outside", "expired", "revoked"];
const SAFEGUARDS: readonly Moment[] = [
  "served",
  "gatekeeper",
  "reduced",
  "delegate",
  "narrowed",
  "emergency",
  "retracted",
];
const LATE: readonly Moment[] = ["tamper", "proved", "history", "shredded"];
const RESEARCH: readonly Moment[] = ["deposited", "cohort", "studied", "left", "recovered", "scan"];

const familyName = ({ input }: Tour): string =>
  input.patients[0]!.tokens.find(({ kind, value }) => kind === "name" && /^\w{5,}$/.test(value))!.value;

describe("the checks of a tour", () => {
  let input: TourInput;
  const earlier = new RestoredVault();
  const other = new RestoredVault();

  before(async () => {
    const examples = join("node_modules", "hl7.fhir.uv.ips", "example");
    input = await readInput(join(examples, "Bundle-bundle-minimal.json"));
  });

  it("all hold when nothing is wrong: with ether and without, revoked in every way, with nothing but one encounter, through an index of a node that refuses ranges over 1,000 blocks and every fifth call", async () => {
    const refused = { ranges: 0, calls: 0 };
    const [patient] = input.patients;
    const encounter = { ...patient!, records: [{ ...patient!.records[0]!, category: "CARE" as const }] };
    const told: CheckName[] = [];
    const three = { ...input, patients: [patient!, encounter, patient!] };
    const devnet = { index: "asked" as const, inFront: strainedNode(refused) };
    const { report, retained } = await runTour(three, { check: (name) => told.push(name), devnet });
    expect(falseChecks(report.checks)).to.deep.equal([]);
    expect(refused.ranges).to.be.greaterThan(0);
    expect(refused.calls).to.be.greaterThan(100);
    expect(told).to.have.members(CHECKS);
    expect(retained).to.deep.equal({ expired: 3, revoked: 3 });
    expect(report).to.deep.include({ patients: 3, records: 3 + 3 + 3 + 3 + 4 + 2 });
  });

  // No run has faults for all checks, so that each check is also seen to hold beside others that don't.
  seen([
    { check: "everyRecordReadBack", what: "a block was deleted", plant: { read: deletedBlock } },
    {
      check: "outsiderDenied",
      what: "the patient granted the outsider",
      plant: { outside: grantedOutsider("HRESCH") },
    },
    {
      check: "expiredViewerDenied",
      what: "the viewer opens nothing only because its node doesn't answer",
      plant: { expired: silentNode("insurer") },
    },
    {
      check: "revokedViewerDenied",
      what: "the patient granted the viewer again",
      plant: { revoked: grantedAgain("cityClinic", "TREAT") },
    },
    {
      check: "delegateWithinMask",
      what: "the proxy was given one more category and had it delivered",
      plant: { delegate: proxySeesMore },
    },
    {
      check: "constraintHeld",
      what: "the steward hands the payer a compartment's key as well",
      plant: { narrowed: compartmentKeyFor("Claims Office") },
    },
    {
      check: "breakGlassReviewed",
      what: "another ambulance broke the glass, too",
      plant: { emergency: secondBreakGlass },
    },
    {
      check: "gatekeeperEnforces",
      what: "the patient granted the clinic one more category there",
      plant: { gatekeeper: oneMoreAtTheGatekeeper },
    },
    {
      check: "tamperedBlockRefused",
      what: "the store serves remembered bytes without looking at the disk",
      plant: { tamper: rememberingStore },
    },
    { check: "shreddedUnreadable", what: "a copy of the vault was forgotten", plant: { history: forgottenCopy } },
    {
      check: "thiefLoses",
      what: "the patient granted the accomplice access after the recovery",
      plant: { recovered: accompliceGranted },
    },
  ]);

  seen([
    {
      check: "studyPaidExactly",
      what: "the hospital lost a unit of its share",
      plant: { studied: tokensMoved(hospitalOf, researcherOf) },
    },
    { check: "everyRecordReadBack", what: "a bit was flipped on disk", plant: { read: flippedBlock } },
    {
      check: "viewerReadsOnlyGrantedCategories",
      what: "the viewer has key and envelope of a category that was not granted",
      plant: { view: leakedCategory },
    },
    {
      check: "expiredViewerDenied",
      what: "the steward gave the former viewer the new round's key",
      plant: { expired: newestKeyFor("insurer") },
    },
    { check: "etherlessPatientServed", what: "the patient has ether", plant: { served: fundedPatient } },
    {
      check: "reductionAtOnce",
      what: "the patient's software revokes somebody else",
      plant: { reduced: revokesAnother },
    },
    {
      check: "batchProved",
      what: "the hospital hands out another record's path with each",
      plant: { proved: swappedPaths },
    },
    {
      check: "historyComplete",
      what: "an envelope is missing in the patient's vault",
      plant: { history: undeliveredRecord },
    },
    {
      check: "delegateWithinMask",
      what: "somebody gave the proxy a key that only opens by force",
      plant: { delegate: withheldKeyFor("proxy") },
    },
    {
      check: "breakGlassReviewed",
      what: "the ambulance gives another reason than it gave at the time",
      plant: { delegate: otherReason },
    },
    {
      check: "thiefLoses",
      what: "the guardians gave the account back to who has the stolen key",
      plant: { recovered: guardiansTakenIn },
    },
    {
      check: "noPersonalDataOnChain",
      what: "the patient's name lies open in a pinned block",
      plant: { scan: plaintextBlock(familyName) },
    },
  ]);

  seen([
    {
      check: "viewerReadsOnlyGrantedCategories",
      what: "the patient granted and delivered one more category",
      plant: { view: oneMoreCategory },
    },
    {
      check: "outsiderDenied",
      what: "somebody gave the outsider a key that only opens by force",
      plant: { outside: newestKeyFor("institute") },
    },
    {
      check: "revokedViewerDenied",
      what: "the steward gave the former viewer the new round's key",
      plant: { revoked: newestKeyFor("cityClinic") },
    },
    { check: "etherlessPatientServed", what: "the patient sent a transaction", plant: { served: sendingPatient } },
    { check: "gatekeeperEnforces", what: "an outsider was let in", plant: { gatekeeper: outsiderLetIn } },
    {
      check: "batchProved",
      what: "a path leads to a batch that was never anchored",
      plant: { proved: unanchoredBatch },
    },
    {
      check: "historyComplete",
      what: "a record was anchored behind the patient's back",
      plant: { history: secretAnchor },
    },
    {
      check: "delegateWithinMask",
      what: "the proxy's powers last longer than was said",
      plant: { delegate: proxyStaysLonger },
    },
    {
      check: "breakGlassReviewed",
      what: "the steward hands the ambulance a compartment's key as well",
      plant: { emergency: compartmentKeyFor("Ambulance Service") },
    },
    {
      check: "thiefLoses",
      what: "the later record's key reaches a copy of the old vault",
      plant: { recovered: leakySteward("victim") },
    },
    {
      check: "noPersonalDataOnChain",
      what: "the patient's name went to the chain as an unsalted hash",
      plant: { scan: unsaltedHash(familyName) },
    },
  ]);

  seen([
    {
      check: "viewerReadsOnlyGrantedCategories",
      what: "a granted record can't be had",
      plant: { view: unreadableGrantedRecord },
    },
    {
      check: "expiredViewerDenied",
      what: "the patient granted the viewer again",
      plant: { expired: grantedAgain("insurer", "HPAYMT") },
    },
    {
      check: "revokedViewerDenied",
      what: "a later record lies under the old round's key",
      plant: { revoked: sealedUnderKeyOf("cityClinic") },
    },
    {
      check: "delegateWithinMask",
      what: "the proxy's dismissal went to somebody else",
      plant: { delegate: dismissesAnother },
    },
    {
      check: "breakGlassReviewed",
      what: "the review says that it was justified, so the glass stays broken",
      plant: { emergency: alwaysJustified },
    },
    { check: "thiefLoses", what: "the relationship ended", plant: { recovered: relationshipEnded } },
    {
      check: "shreddedUnreadable",
      what: "the patient uses a vault from a backup",
      plant: { history: earlier.backUp, shredded: earlier.useIt },
    },
  ]);

  seen([
    {
      check: "outsiderDenied",
      what: "the patient granted the outsider for another purpose than it asks for",
      plant: { outside: grantedOutsider("PUBHLTH") },
    },
    {
      check: "expiredViewerDenied",
      what: "a later record lies under the old round's key",
      plant: { expired: sealedUnderKeyOf("insurer") },
    },
    {
      check: "delegateWithinMask",
      what: "the steward gives the proxy the key of what it writes after the dismissal",
      plant: { delegate: leakySteward("proxy") },
    },
    { check: "breakGlassReviewed", what: "the patient didn't quite opt out", plant: { emergency: halfOptOut } },
    {
      check: "gatekeeperEnforces",
      what: "the clinic finds less than was granted",
      plant: { gatekeeper: nothingGranted },
    },
    {
      check: "thiefLoses",
      what: "a guardian's approval was stuck while the thief granted",
      plant: { history: approvalStuck },
    },
    { check: "historyComplete", what: "the patient's node leaves an event out", plant: { history: forgetfulNode } },
    {
      check: "shreddedUnreadable",
      what: "the vault lets the record in again",
      plant: { history: other.backUp, shredded: other.importIntoIt },
    },
  ]);

  seen([
    {
      check: "retractedEverywhere",
      what: "the hospital's software only says that it retracted",
      plant: { emergency: retractsNothing },
    },
    {
      check: "reductionAtOnce",
      what: "a cache in front of the gatekeeper gives out what it remembers",
      plant: { reduced: rememberingCache },
    },
    {
      check: "delegateWithinMask",
      what: "the proxy may grant one more category",
      plant: { delegate: proxyGrantsMore },
    },
    {
      check: "breakGlassReviewed",
      what: "the patient granted the ambulance access for treatment",
      plant: { emergency: ambulanceGranted },
    },
    { check: "thiefLoses", what: "what the patient granted again was revoked", plant: { recovered: clinicRevoked } },
    {
      check: "splittingEarnsNothing",
      what: "another clinic confirmed the same records as a deposit of its own",
      plant: { shredded: depositedTwice },
    },
    {
      check: "cohortMinimumHeld",
      what: "the researcher has the keys although too few take part",
      plant: { cohort: keyTooEarly },
    },
    {
      check: "studyPaidExactly",
      what: "the patient has one unit more than was due",
      plant: { studied: tokensMoved(researcherOf, patientOf) },
    },
  ]);

  seen([
    {
      check: "retractedEverywhere",
      what: "the payer's node keeps quiet about the newest anchors",
      plant: { retracted: olderNodeOf("Claims Office") },
    },
    {
      check: "delegateWithinMask",
      what: "the clinic was revoked what the proxy had granted",
      plant: { delegate: proxysGrantRevoked },
    },
    {
      check: "constraintHeld",
      what: "the patient lifted the constraint",
      plant: { narrowed: constraintLifted },
    },
    {
      check: "breakGlassReviewed",
      what: "the steward gives the ambulance the key of what it writes after the review",
      plant: { emergency: leakySteward("Ambulance Service") },
    },
    { check: "cohortMinimumHeld", what: "the escrow came back one unit short", plant: { cohort: refundShort } },
    {
      check: "withdrawnEarnsNothing",
      what: "who withdrew has something all the same",
      plant: { left: tokensMoved(researcherOf, patientOf) },
    },
  ]);

  /** One run with all of these faults. */
  function seen(faults: readonly Fault[]): void {
    describe(`see what is planted, and nothing else: ${faults.map(({ check }) => check).join(", ")}`, () => {
      let checks: TourResult["report"]["checks"];

      before(async () => {
        // Without an index: a node's fault has to reach whoever asks it.
        checks = (await runTour(input, { before: planting(faults), devnet: {} })).report.checks;
      });

      for (const { check, what } of faults) {
        it(`${check} is false when ${what}`, () => {
          expect(checks[check]).to.equal(false);
        });
      }

      it("the others stay true", () => {
        expect(falseChecks(checks)).to.have.members(faults.map(({ check }) => check));
      });
    });
  }
});

/** A node that refuses events of more than 1,000 blocks at once, of which there are more, and every fifth call. */
const strainedNode =
  (refused: { ranges: number; calls: number }): NonNullable<DevnetOptions["inFront"]> =>
  async (url) => {
    const provider = await connect(url);
    await provider.send("hardhat_mine", ["0x4b0"]);
    provider.destroy();
    const node = await startFaultyNode(url);
    let calls = 0;
    node.faultOf = ({ method, params }) => {
      if (++calls % 5 === 0) {
        refused.calls++;
        return { status: 429, headers: { "retry-after": "0" } };
      }
      const { fromBlock, toBlock } = (params[0] ?? {}) as { fromBlock?: string; toBlock?: string };
      if (method !== "eth_getLogs" || !(Number(toBlock) - Number(fromBlock) >= 1_000)) return undefined;
      refused.ranges++;
      return { error: { code: -32005, message: "block range is limited to 1000 blocks" } };
    };
    return node;
  };

/** Plants each fault before its check, and takes those away that were planted before an earlier one. */
function planting(faults: readonly Fault[]): NonNullable<TourListener["before"]> {
  let undo: (() => Promise<void>)[] = [];
  return Object.fromEntries(
    [...EARLY, ...SAFEGUARDS, ...LATE, ...RESEARCH].map((moment) => [
      moment,
      async (tour: Tour) => {
        if (moment === EARLY[0]) await watch(tour);
        for (const takeAway of undo) await takeAway();
        undo = [];
        for (const { plant } of faults) {
          const planted = await plant[moment]?.(tour);
          if (planted !== undefined) undo.push(planted);
        }
      },
    ]),
  );
}

const falseChecks = (checks: Record<CheckName, boolean>): CheckName[] => CHECKS.filter((name) => !checks[name]);
