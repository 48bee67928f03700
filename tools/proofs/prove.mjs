#!/usr/bin/env node
/**
 * Proves what can be proved of the contracts for all inputs, and says what can't. docs/assurance/proofs.md explains it.
 *
 *   npm run prove
 *
 * Ends with 1 when anything isn't proved.
 */
import { fork } from "node:child_process";
import { exit } from "node:process";
import { fileURLToPath } from "node:url";

import { keepReport } from "../evidence/reports.mjs";
import { NODE } from "../setup/project.mjs";
import { openProperties } from "./open.mjs";
import { unprovedEntrances } from "./relationships.mjs";
import { TASKS } from "./tasks.mjs";

/** @typedef {import("./claims.mjs").Claim} Claim */

/** Two processes with the compiler's memory are enough for a small machine. */
const AT_ONCE = 2;

const started = Date.now();
const claims = await proveAll();
const open = openProperties();
// A function that is added is proved, or stands in the table of what isn't.
for (const entrance of unprovedEntrances({}).filter(
  (name) => !open.some(({ property }) => property.includes(`\`${name}\``)),
)) {
  claims.push({
    property: `${entrance}: nobody says what it does`,
    about: "docs/assurance/proofs.md",
    by: "",
    proved: false,
  });
}
print(claims);
const proved = claims.filter((claim) => claim.proved).length;
const notProved = claims.length - proved;
if (notProved === 0) keepReport("proofs", { proved, notProved, open: open.length });
console.log(`\n${proved} proved, ${notProved} not proved, in ${Math.round((Date.now() - started) / 1000)} s`);
exit(notProved === 0 ? 0 : 1);

/** @returns {Promise<Claim[]>} in the order of the tasks. */
async function proveAll() {
  const waiting = Object.keys(TASKS);
  /** @type {Record<string, Claim[]>} */
  const found = {};
  const worker = async () => {
    for (let task = waiting.shift(); task !== undefined; task = waiting.shift()) found[task] = await prove(task);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return Object.keys(TASKS).flatMap((task) => found[task]);
}

/** @param {string} task @returns {Promise<Claim[]>} */
function prove(task) {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(new URL("worker.mjs", import.meta.url)), [task], { execPath: NODE });
    child.on("message", (message) => resolve(/** @type {Claim[]} */ (message)));
    child.on("exit", (code) => reject(new Error(`the proofs of ${task} ended with ${code}`)));
  });
}

/** @param {Claim[]} all */
function print(all) {
  let about = "";
  for (const claim of all) {
    if (claim.about !== about) console.log(`\n${(about = claim.about)}`);
    console.log(`  ${claim.proved ? "✔ proved    " : "✘ NOT PROVED"}  ${claim.by.padEnd(16)}  ${claim.property}`);
  }
  console.log("\nNot proved, but tested");
  for (const { property, why, standIn } of open) console.log(`  ${property} (${why})\n    ${standIn}`);
}
