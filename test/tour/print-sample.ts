import { isStarted, runAsProcess, type Program } from "../../src/cli/terminal/program.js";
import { TourPrinter } from "../../tour/print.js";
import { CHECKS, type CheckName } from "../../tour/checks.js";

/** Prints what a tour prints, without a tour: print.test.ts runs it as a process, too, on terminals of several widths. */
export const printSample: Program = async (args, environment, { stdout }) => {
  const [patients = "2", failing] = args;
  const printer = new TourPrinter(stdout, environment);
  printer.begin({
    source: "a\u001b[31mfolder",
    patients: Array.from({ length: +patients }, () => ({ records: [], tokens: [] })),
    resources: +patients,
    skipped: [{ file: "/some/folder/bad\r.json", code: "NOT_JSON", message: "" }],
    leftOut: [{ file: "somebody/read\u001bme.png", reason: "neither FHIR nor another format of health data" }],
    unreferenced: 3,
  });
  for (const what of [
    "registering patients",
    "sealing and anchoring records",
    "searching the chain's blocks for personal data",
  ]) {
    for (let done = 0; done <= 1234; done += 617) printer.progress(what, done, 1234);
  }
  printer.progress("starting a local chain and deploying to it", 0, 1);
  printer.progress("starting a local chain and deploying to it", 1, 1);
  const checks = Object.fromEntries(CHECKS.map((name) => [name, name !== failing])) as Record<CheckName, boolean>;
  for (const name of CHECKS) printer.check(name, checks[name]);
  const step = { gas: 62_413, ms: 20.4 };
  const report = {
    ...{ chainId: 31337, contracts: {}, patients: +patients, resources: +patients, records: +patients, bytes: 332_541 },
    steps: [
      { ...step, step: "registerInstitution", actor: "Research Institute" },
      { ...step, step: "registerInstitution", actor: "General Hospital" },
      { ...step, step: "proposeRelationship", actor: "Research Institute", gas: 130_111 },
      { ...step, step: "proposeRelationship", actor: "Research Institute", gas: 160_754 },
      { ...step, step: "grantAccess", actor: "patient 1" },
      { ...step, step: "grantAccess", actor: "patient 2", ms: 41.2 },
      { ...step, step: "grantAccess", actor: "General Hospital" },
      { ...step, step: "registerPatient", actor: "proxy" },
      { ...step, step: "registerPatient", actor: "guardian 1" },
      { ...step, step: "approveRecovery", actor: "guardian 1" },
      { ...step, step: "approveRecovery", actor: "guardian 2" },
      { ...step, step: "changeConsents", actor: "patient 1" },
      { ...step, step: "changeConsents", actor: "patient 1 again" },
      { ...step, step: "dismissDelegate", actor: "proxy" },
    ],
    study: { what: "Systolic blood pressure, mm[Hg]", participants: 2, mean: 128.25 },
    earnings: [
      { patient: "patient 1", records: 12, interest: "100.0", study: "24.0" },
      { patient: "patient 2", records: 3, interest: "100.0", study: "48.0" },
    ],
    checks,
  };
  printer.end({ report, deploymentGas: 13_629_532, retained: { expired: 1, revoked: 11 } }, 12.34);
  return 0;
};

if (isStarted(import.meta)) await runAsProcess(printSample);
