#!/usr/bin/env node
/**
 * Holds src/errors/catalogue against the errors that src/, tour/, devnet/ and the contracts can throw: each is in it, once, and
 * none of it is stale. That a code in TypeScript is in it the compiler says too; not so of what contracts revert with.
 */
import { exit } from "node:process";

import { CATALOGUE } from "../src/errors/catalogue/index.ts";
import { placesOfErrors } from "./lint/errors-page.mjs";

const { places, unreadable } = placesOfErrors();
const catalogued = Object.values(CATALOGUE).flatMap((explanations) => Object.keys(explanations));
const entries = Object.values(CATALOGUE).flatMap((explanations) => Object.entries(explanations));

const problems = [
  ...unreadable.map((where) => `${where}: the code of this error cannot be read off; give it as a literal`),
  ...[...places]
    .filter(([code]) => !catalogued.includes(code))
    .map(([code, [where]]) => `${where}: ${code} is not in src/errors/catalogue; add it with its why and fix`),
  ...catalogued
    .filter((code) => (places.get(code) ?? []).length === 0)
    .map((code) => `src/errors/catalogue: nothing throws ${code}; remove it`),
  ...catalogued
    .filter((code, i) => catalogued.indexOf(code) !== i)
    .map((code) => `src/errors/catalogue: ${code} is there twice`),
  ...entries
    .filter(([, { why, fix }]) => [why, fix].some((text) => text.trim() === "" || text.includes("\n")))
    .map(([code]) => `src/errors/catalogue: why and fix of ${code} are one paragraph each`),
];
for (const problem of problems.sort()) console.error(problem);
if (problems.length === 0) console.log(`${catalogued.length} error codes, each with its why and fix`);
exit(problems.length === 0 ? 0 : 1);
