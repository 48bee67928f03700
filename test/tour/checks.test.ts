import { join } from "node:path";
import { expect } from "chai";

import { CHECKS, type CheckName } from "../../scripts/tour/checks.js";
import { readInput, type TourInput } from "../../scripts/tour/input.js";
import { runTour, type Moment, type TourListener, type TourResult } from "../../scripts/tour/run.js";
import type { Tour } from "../../scripts/tour/workflow.js";
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
  undeliveredRecord,
  unreadableGrantedRecord,
  unsaltedHash,
  type Plant,
} from "./faults.js";

/** One fault, and the one check that has to see it. */
interface Fault {
  check: CheckName;
  what: string;
  /** Which faults to plant before which check. */
  plant: Partial<Record<Moment, Plant>>;
}

const EARLY: readonly Moment[] = ["read", "view", "outside", "expired", "revoked"];
const LATE: readonly Moment[] = ["served", "tamper", "history", "shredded", "scan"];

const familyName = ({ input }: Tour): string =>
  input.patients[0]!.tokens.find(({ kind, value }) => kind === "name" && /^\w{5,}$/.test(value))!.value;

describe("the checks of a tour", function () {
  this.timeout(180_000);
  let input: TourInput;
  const earlier = new RestoredVault();
  const other = new RestoredVault();

  before(async () => {
    const examples = join("node_modules", "hl7.fhir.uv.ips", "example");
    input = await readInput(join(examples, "Bundle-bundle-minimal.json"), false);
  });

  it("all hold when nothing is wrong: with ether and without, revoked in every way, with nothing but one encounter", async () => {
    const [patient] = input.patients;
    const encounter = { ...patient!, records: [{ ...patient!.records[0]!, category: "CARE" as const }] };
    const told: CheckName[] = [];
    const three = { ...input, patients: [patient!, encounter, patient!] };
    const { report, retained } = await runTour(three, { check: (name) => told.push(name) });
    expect(falseChecks(report.checks)).to.deep.equal([]);
    expect(told).to.deep.equal(CHECKS);
    expect(retained).to.deep.equal({ expired: 3, revoked: 3 });
    expect(report).to.deep.include({ patients: 3, records: 3 + 3 + 3 + 3 });
  });

  // Every run has faults for half of the checks, so that each check is also seen to hold beside others that don't.
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
      check: "tamperedBlockRefused",
      what: "the store serves remembered bytes without looking at the disk",
      plant: { tamper: rememberingStore },
    },
    { check: "shreddedUnreadable", what: "a copy of the vault was forgotten", plant: { history: forgottenCopy } },
  ]);

  seen([
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
      check: "historyComplete",
      what: "an envelope is missing in the patient's vault",
      plant: { history: undeliveredRecord },
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
    {
      check: "historyComplete",
      what: "a record was anchored behind the patient's back",
      plant: { history: secretAnchor },
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
    { check: "historyComplete", what: "the patient's node leaves an event out", plant: { history: forgetfulNode } },
    {
      check: "shreddedUnreadable",
      what: "the vault lets the record in again",
      plant: { history: other.backUp, shredded: other.importIntoIt },
    },
  ]);

  /** One run with all of these faults. */
  function seen(faults: readonly Fault[]): void {
    describe(`see what is planted, and nothing else: ${faults.map(({ check }) => check).join(", ")}`, () => {
      let checks: TourResult["report"]["checks"];

      before(async () => {
        checks = (await runTour(input, { before: planting(faults) })).report.checks;
      });

      for (const { check, what } of faults) {
        it(`${check} is false when ${what}`, () => {
          expect(checks[check]).to.equal(false);
        });
      }

      it("the others stay true", () => {
        expect(falseChecks(checks)).to.deep.equal(faults.map(({ check }) => check));
      });
    });
  }
});

/** Plants each fault before its check, and takes those away that were planted before an earlier one. */
function planting(faults: readonly Fault[]): NonNullable<TourListener["before"]> {
  let undo: (() => Promise<void>)[] = [];
  return Object.fromEntries(
    [...EARLY, ...LATE].map((moment) => [
      moment,
      async (tour: Tour) => {
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
