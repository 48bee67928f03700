#!/usr/bin/env node
/** Holds docs/errors.md against the errors that src/ and scripts/ can throw: each code has its Why and Fix, none is stale. */
import { exit } from "node:process";

import { documentedErrors } from "./lint/documented-errors.mjs";
import { contractErrors, thrownErrors } from "./lint/thrown-errors.mjs";

const { codes: thrown, unreadable } = thrownErrors(["src", "scripts"]);
for (const [code, where] of contractErrors()) thrown.set(code, thrown.get(code) ?? where);
const { codes: documented, faults } = documentedErrors("docs/errors.md");

const problems = [
  ...unreadable.map((where) => `${where}: the code of this error cannot be read off; give it as a literal`),
  ...faults,
  ...[...thrown]
    .filter(([code]) => !documented.has(code))
    .map(([code, where]) => `${where}: ${code} is not in docs/errors.md; add ### ${code} with Why: and Fix:`),
  ...[...documented]
    .filter(([code]) => !thrown.has(code))
    .map(([code, line]) => `docs/errors.md:${line}: nothing throws ${code}; remove it`),
];
for (const problem of problems.sort()) console.error(problem);
if (problems.length === 0) console.log(`${thrown.size} error codes, each with its Why and Fix`);
exit(problems.length === 0 ? 0 : 1);
