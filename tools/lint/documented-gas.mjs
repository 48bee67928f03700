/** Which figures a document quotes from the gas tests, and whether they are still those of the tests. */
import { CEILINGS, SIGNATURE_CEILING } from "../../test/gas/ceilings.ts";
import { textOf } from "../setup/project.mjs";

const SNAPSHOT = "test/gas/snapshot.json";
const HEAD = "| Action | Gas | Ceiling |";
/** What a word of the comparison with MedRec stands for, and whose function that is. */
const COMPARED = {
  register: ["register patient", "Registrar"],
  propose: ["propose", "PatientProviderRelationships"],
  grant: ["grant, two categories", "Consents"],
  revoke: ["revoke grant", "Consents"],
};

/** @type {Record<string, number>} */
const gas = JSON.parse(textOf(SNAPSHOT) ?? "{}");
const show = (/** @type {number | undefined} */ number) => number?.toLocaleString("en-US") ?? "nothing";

/** @param {string} document its path. @returns {string[]} what is stale in it: where, what, and what to write instead. */
export function gasProblems(document) {
  const text = textOf(document) ?? "";
  return [...tableProblems(document, text), ...sentenceProblems(document, text)];
}

/** The table lists every write that has a ceiling. @param {string} document @param {string} text */
function tableProblems(document, text) {
  const lines = text.split("\n");
  const head = lines.indexOf(HEAD);
  if (head < 0) return [`${document}: there is no table "${HEAD}"; put it back, with one row for each ceiling`];

  const problems = [];
  const missing = new Set(Object.keys(CEILINGS));
  for (let at = head + 2; lines[at]?.startsWith("|"); at++) {
    const [name = ""] = cellsOf(lines[at]);
    const known = missing.delete(name);
    if (!known) problems.push(`${document}:${at + 1}: "${name}" has no ceiling, or a row already; remove this row`);
    else if (cellsOf(lines[at]).join() !== cellsOf(rowOf(name)).join()) {
      problems.push(`${document}:${at + 1}: not as in ${SNAPSHOT} and test/gas/ceilings.ts; write ${rowOf(name)}`);
    }
  }
  return [...problems, ...[...missing].map((name) => `${document}:${head + 1}: a row is missing: ${rowOf(name)}`)];
}

const rowOf = (/** @type {string} */ name) => `| ${name} | ${show(gas[name])} | ${show(CEILINGS[name])} |`;

const cellsOf = (/** @type {string} */ row) =>
  row
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());

/** The sentences around the table. @param {string} document @param {string} text */
function sentenceProblems(document, text) {
  const words = Object.entries(COMPARED).map(
    ([word, [name, contract]]) => `${word} ${show(gas[name])} (${show(runsOf(contract))} runs)`,
  );
  const sentences = [`A signed variant costs at most ${show(SIGNATURE_CEILING)} more.`, `Here: ${words.join(", ")}.`];
  const oneLine = text.replace(/\s+/g, " ");
  return sentences
    .filter((sentence) => !oneLine.includes(sentence))
    .map((sentence) => `${document}: the figures of a sentence are not those of the tests; write "${sentence}"`);
}

/** The optimizer runs that a contract is compiled with. @param {string} contract */
function runsOf(contract) {
  const config = textOf("hardhat.config.ts") ?? "";
  const own = new RegExp(`/${contract}\\.sol": compiler\\(([\\d_]+)\\)`).exec(config);
  const runs = own ?? /\bcompilers: \[compiler\(([\d_]+)\)/.exec(config);
  return Number(runs?.[1]?.replaceAll("_", ""));
}
