/** The figures of the evidence: what they are, and as a table. */
import { basename } from "node:path";

import { textOf } from "../setup/project.mjs";
import { REPORTS, reportOf } from "./reports.mjs";

/**
 * @typedef {{ passed: number, failed: number, skipped: number, name: string, text: string }} Stage
 * @typedef {Record<string, string>} Figures each in words, by what it is about; without those that were not measured.
 */

/** What is counted, and the command that counts it. @type {Record<string, string>} */
export const COMMANDS = {
  "Tests of contracts in Solidity": "npm test",
  "Tests in TypeScript": "npm test",
  "Lines of contracts that ran": "npm test",
  "Lines of TypeScript that ran": "npm test",
  "Properties, each with its tests": "docs/assurance/properties.md",
  "Attacks, each with its tests": "docs/assurance/properties.md",
  "Statements proved for all inputs": "npm run prove",
  "Mutants killed": "npm run mutate",
  "Findings of Slither": "npm run slither",
  "Random runs": "npm run test:deep",
};

/** @returns {Figures} what the reports of these very files say, and what is committed. */
export function measured() {
  /** @type {Record<string, string | undefined>} */
  const found = {
    ...fromTests(),
    ...fromProperties(),
    ...fromProofs(),
    ...fromMutants(),
    ...fromSlither(),
    ...fromDeep(),
  };
  return Object.fromEntries(
    Object.keys(COMMANDS).flatMap((name) => (found[name] === undefined ? [] : [[name, found[name]]])),
  );
}

/** @param {Figures} figures @returns {string} a table in Markdown, for a page beside those that it names. */
export function tableOf(figures) {
  const rows = Object.entries(COMMANDS).map(([name, source]) => {
    const page = basename(source);
    const by = source.startsWith("npm") ? `\`${source}\`` : `[${page}](${page})`;
    return `| ${name} | ${figures[name] ?? "not measured"} | ${by} |`;
  });
  return ["| What | Count | By |", "|---|---|---|", ...rows].join("\n");
}

function fromTests() {
  /** @type {Stage[] | undefined} */
  const stages = reportOf("tests");
  if (stages === undefined) return {};
  const stage = (/** @type {string} */ name) => stages.find((one) => one.name === name);
  const lines = (/** @type {string} */ name) => /^([\d.]+ %) of (\d+) lines/.exec(stage(name)?.text ?? "");
  const contracts = lines("Contract coverage");
  const typescript = lines("TypeScript coverage");
  return {
    "Tests of contracts in Solidity": ranIn(stage("Solidity tests")),
    "Tests in TypeScript": ranIn(stage("TypeScript tests")),
    "Lines of contracts that ran": contracts ? `${contracts[1]} of ${number(contracts[2])}` : undefined,
    "Lines of TypeScript that ran": typescript ? `${typescript[1]} of ${number(typescript[2])}` : undefined,
  };
}

function fromDeep() {
  const deep = reportOf("deep");
  if (deep === undefined) return {};
  const { runs, invariant, stages } = deep;
  const calls = `${number(invariant.runs)} × ${number(invariant.depth)} calls of each invariant`;
  return {
    "Random runs": `${number(runs)} of each fuzz test, ${calls}; ${ranIn(stages.find((/** @type {Stage} */ { name }) => name === "Solidity tests"))} tests`,
  };
}

function fromProperties() {
  const page = textOf("docs", "assurance", "properties.md") ?? "";
  const [, attacks = ""] = page.split("\n## Attacks\n");
  return {
    "Properties, each with its tests": String(page.match(/^\| \d+ \| /gm)?.length ?? 0),
    "Attacks, each with its tests": String(attacks.match(/^\| (?!Attack \|)[A-Z]/gm)?.length ?? 0),
  };
}

function fromProofs() {
  const proofs = reportOf("proofs");
  if (proofs === undefined) return {};
  const failed = proofs.notProved > 0 ? `; ${proofs.notProved} that should be aren't` : "";
  return { "Statements proved for all inputs": `${proofs.proved}${failed}; ${proofs.open} rows of what isn't` };
}

function fromMutants() {
  const text = textOf(REPORTS.mutation.path);
  if (text === undefined) return {};
  const { killed, survived, mutants, tried } = JSON.parse(text);
  const percent = Math.floor((1000 * killed) / (killed + survived)) / 10;
  return { "Mutants killed": `${percent} % of ${killed + survived} (${tried} tried of ${number(mutants)})` };
}

function fromSlither() {
  const slither = reportOf("slither");
  if (slither === undefined) return {};
  return { "Findings of Slither": `${slither.findings}, ${slither.open} of them not explained` };
}

const number = (/** @type {number | string} */ value) => Number(value).toLocaleString("en-US");

/** @param {Stage | undefined} stage */
function ranIn(stage) {
  if (stage === undefined) return undefined;
  const { passed, failed, skipped } = stage;
  const rest = [...(failed > 0 ? [`${failed} failed`] : []), ...(skipped > 0 ? [`${skipped} skipped`] : [])];
  return [number(passed), ...rest].join(", ");
}
