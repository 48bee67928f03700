#!/usr/bin/env node
/**
 * The counts of what holds this project together: tests, properties, proofs, mutants, coverage.
 *
 *   npm run evidence                 runs what has not run on these very files, then prints the counts
 *   npm run evidence -- --deep       so too `npm run test:deep`, which takes long
 *   npm run evidence -- --no-run     only prints what is known already
 *   npm run evidence -- --write      puts the counts into docs/assurance/evidence.md and tools/evidence/published.json
 *
 * Mutants take hours: the counts of the last `npm run mutate` are committed.
 */
import { writeFileSync } from "node:fs";
import { argv, exit } from "node:process";
import { parseArgs } from "node:util";

import { at, textOf } from "../setup/project.mjs";
import { runTests } from "../test/run.mjs";
import { COMMANDS, measured, tableOf } from "./figures.mjs";
import { PUBLISHED, withTable } from "./published.mjs";
import { reportOf } from "./reports.mjs";

const { values } = parseArgs({
  args: argv.slice(2),
  options: {
    deep: { type: "boolean", default: false },
    "no-run": { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
});

const PAGE = ["docs", "assurance", "evidence.md"];

/** Report, and what makes it. @type {Record<string, string[]>} */
const MAKERS = {
  tests: ["tools/test.mjs"],
  proofs: ["tools/proofs/prove.mjs"],
  slither: ["tools/slither/slither.mjs"],
  ...(values.deep ? { deep: ["tools/test.mjs", "--deep"] } : {}),
};

let ok = true;
for (const [name, args] of Object.entries(values["no-run"] ? {} : MAKERS)) {
  if (reportOf(name) !== undefined) continue;
  console.log(`\n═══ node ${args.join(" ")}\n`);
  const run = await runTests(args, {});
  ok &&= run.ok;
}

const figures = measured();
const published = JSON.parse(textOf(...PUBLISHED) ?? "{}");
const width = Math.max(...Object.keys(COMMANDS).map((name) => name.length));
console.log("");
for (const [name, source] of Object.entries(COMMANDS)) {
  const missing =
    published[name] === undefined ? "not measured here" : `not measured here; published: ${published[name]}`;
  console.log(`${name.padEnd(width)}  ${figures[name] ?? missing}  (${source})`);
}
const stale = Object.keys(figures).filter((name) => figures[name] !== published[name]);
if (values.write) {
  const all = { ...published, ...figures };
  writeFileSync(at(...PUBLISHED), `${JSON.stringify(all, null, 2)}\n`);
  writeFileSync(at(...PAGE), withTable(textOf(...PAGE) ?? "", tableOf(all)));
  console.log("\ndocs/assurance/evidence.md has these counts now.");
} else if (stale.length > 0) {
  console.log(
    `\ndocs/assurance/evidence.md says otherwise of: ${stale.join(", ")}. To put these counts there: npm run evidence -- --write`,
  );
}
exit(ok ? 0 : 1);
