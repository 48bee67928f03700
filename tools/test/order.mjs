/** In which order test files run, and which of them are slow. */

/**
 * Files that take longer than ten seconds, the longest first: begun last, one of them would run alone while the other lanes
 * are idle. `npm run test:fast` leaves them out.
 */
export const SLOW = [
  "test/tour/checks.test.ts",
  "test/proofs/faults.test.ts",
  "test/scripts/step-by-step.test.ts",
  "test/storage/kubo-store.test.ts",
  "test/tour/cli.test.ts",
  "test/security/recovery.test.ts",
  "test/security/administrator.test.ts",
  "test/sdk/actions/studies.test.ts",
  "test/sdk/chain/transactions.test.ts",
  "test/security/constant-cost.test.ts",
  "test/contracts/ConsentsTruthTable.deputies.test.ts",
  "test/contracts/ConsentsTruthTable.emergencies.test.ts",
  "test/contracts/ConsentsTruthTable.test.ts",
  "test/contracts/SignedActions.test.ts",
  "test/scripts/safeguard-refusals.test.ts",
  "test/scripts/safeguards.test.ts",
  "test/scripts/incentive.test.ts",
  "test/scripts/processes.test.ts",
  "test/security/flooding.test.ts",
  "test/storage/embedded-store.test.ts",
  "test/storage/verified-reader.test.ts",
  "test/sdk/records/rounds.test.ts",
  "test/sdk/actions/grants.test.ts",
  "test/devnet/devnet.test.ts",
  "test/vault/crash.test.ts",
  "test/fhir/ndjson.test.ts",
];

/** @param {string} file */
export const isSlow = (file) => SLOW.includes(file);

/** @param {readonly string[]} files */
export const heavyFirst = (files) => [
  ...SLOW.filter((file) => files.includes(file)),
  ...files.filter((file) => !isSlow(file)),
];
