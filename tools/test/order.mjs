/** In which order test files run, and which of them are slow. */

/**
 * Files that take longer than ten seconds, the longest first: begun last, one of them would run alone while the other lanes
 * are idle. `npm run test:fast` leaves them out.
 */
export const SLOW = [
  "test/tour/checks.test.ts",
  "test/cli/guides.test.ts",
  "test/proofs/faults.test.ts",
  "test/storage/kubo-store.test.ts",
  "test/security/recovery.test.ts",
  "test/sdk/records/killed.test.ts",
  "test/cli/step-by-step.test.ts",
  "test/cli/mcp.test.ts",
  "test/findings/interrupted-import.test.ts",
  "test/tour/cli.test.ts",
  "test/cli/add-again.test.ts",
  "test/security/administrator.test.ts",
  "test/security/authority.test.ts",
  "test/bench/linkage/stage.test.ts",
  "test/sdk/modules/studies/studies.test.ts",
  "test/findings/lying-node.test.ts",
  "test/findings/planted-keys.test.ts",
  "test/sdk/records/add-again.test.ts",
  "test/sdk/chain/transactions.test.ts",
  "test/sdk/chain/exactly-once.test.ts",
  "test/sdk/chain/journal.test.ts",
  "test/security/constant-cost.test.ts",
  "test/contracts/ConsentsTruthTable.deputies.test.ts",
  "test/contracts/ConsentsTruthTable.emergencies.test.ts",
  "test/contracts/ConsentsTruthTable.test.ts",
  "test/contracts/SignedActions.test.ts",
  "test/cli/safeguard-refusals.test.ts",
  "test/cli/safeguards.test.ts",
  "test/cli/incentive.test.ts",
  "test/cli/doubts.test.ts",
  "test/sdk/records/import/worklist.test.ts",
  "test/sdk/records/import/chart-claims.test.ts",
  "test/sdk/records/import/known-people.test.ts",
  "test/sdk/records/retraction/retractions.test.ts",
  "test/cli/processes.test.ts",
  "test/security/flooding.test.ts",
  "test/findings/several-nodes.test.ts",
  "test/findings/terms-say-what-is-shown.test.ts",
  "test/storage/embedded-store.test.ts",
  "test/storage/verified-reader.test.ts",
  "test/storage/browser.test.ts",
  "test/sdk/browser.test.ts",
  "test/sdk/records/rounds.test.ts",
  "test/sdk/modules/studies/hold-back.test.ts",
  "test/findings/copied-digest.test.ts",
  "test/sdk/consent/grants.test.ts",
  "test/devnet/devnet.test.ts",
  "test/vault/crash.test.ts",
  "test/fhir/ndjson.test.ts",
  "test/sdk/records/retraction/retract-record.test.ts",
  "test/gas/gas.test.ts",
  "test/sdk/records/settle-envelopes.test.ts",
];

/** @param {string} file */
export const isSlow = (file) => SLOW.includes(file);

/** @param {readonly string[]} files */
export const heavyFirst = (files) => [
  ...SLOW.filter((file) => files.includes(file)),
  ...files.filter((file) => !isSlow(file)),
];
