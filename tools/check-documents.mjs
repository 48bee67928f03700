#!/usr/bin/env node
/** Documents repeat what the tests hold: the gas and the counts that documents quote, and the tests that others name. */
import { exit } from "node:process";

import { countProblems } from "./lint/documented-counts.mjs";
import { gasProblems } from "./lint/documented-gas.mjs";
import { numberProblems, testProblems } from "./lint/documented-tests.mjs";

const problems = [
  ...gasProblems("docs/reference/gas.md"),
  ...countProblems("docs/assurance/evidence.md"),
  ...testProblems("docs/assurance/properties.md"),
  ...numberProblems("docs/assurance/properties.md"),
  ...testProblems("docs/assurance/proofs.md"),
  ...testProblems("docs/assurance/findings.md"),
];
for (const problem of problems) console.error(problem);
exit(problems.length === 0 ? 0 : 1);
