/** Every mutant of the core contracts, in a fixed order, and a seeded sample of them. */
import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { basename } from "node:path";

import { at, ROOT } from "../setup/project.mjs";
import { walk } from "../solidity/ast.mjs";
import { treesOf } from "./compiler.mjs";
import { mistakesAt } from "./operators.mjs";

/** Interfaces have no code, and mocks are not what is deployed. */
const CORE = ["contracts/*.sol", "contracts/{registrar,libraries,types}/*.sol", "contracts/modules/*/*.sol"];
const INTERFACE = /^I[A-Z]/;

/**
 * @typedef {object} Mutant
 * @property {string} id the same as long as its file is.
 * @property {string} file
 * @property {number} line
 * @property {import("./operators.mjs").Operator} operator
 * @property {number} start first byte that it replaces.
 * @property {number} end
 * @property {string} text what stands there instead.
 * @property {string} was the line as it is.
 * @property {string} becomes the same in one line, changed.
 */

/** The text of every contract. @returns {Record<string, string>} */
export function contractSources() {
  const files = globSync("contracts/**/*.sol", { cwd: ROOT }).map((file) => file.replaceAll("\\", "/"));
  return Object.fromEntries(files.sort().map((file) => [file, readFileSync(at(file), "utf8")]));
}

/** @returns {string[]} */
export function coreFiles() {
  return globSync(CORE, { cwd: ROOT })
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => !INTERFACE.test(basename(file)))
    .sort();
}

/** @param {Record<string, string>} sources @param {string[]} files @returns {Mutant[]} */
export function mutantsOf(sources, files) {
  const trees = treesOf(sources);
  return files.flatMap((file) => {
    const source = Buffer.from(sources[file]);
    /** @type {Map<string, Mutant>} */
    const found = new Map();
    walk(trees[file], (node, parents) => {
      for (const edit of mistakesAt(node, parents, source)) {
        const id = createHash("sha256")
          .update(`${file}\0${sources[file]}\0${edit.start}\0${edit.end}\0${edit.text}`)
          .digest("hex")
          .slice(0, 16);
        found.set(id, { id, file, ...described(edit, source), ...edit });
      }
    });
    return [...found.values()].sort((a, b) => a.start - b.start || a.end - b.end || a.text.localeCompare(b.text));
  });
}

/** The mutated file. @param {Mutant} mutant @param {string} source */
export function mutated({ start, end, text }, source) {
  const bytes = Buffer.from(source);
  return Buffer.concat([bytes.subarray(0, start), Buffer.from(text), bytes.subarray(end)]).toString("utf8");
}

/** The same mutants for the same seed. @template T @param {T[]} all @param {number} size @param {number} seed @returns {T[]} */
export function sampleOf(all, size, seed) {
  if (size >= all.length) return all;
  const random = generator(seed);
  const order = all.map((_, index) => index);
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order
    .slice(0, size)
    .sort((a, b) => a - b)
    .map((index) => all[index]);
}

/** @param {import("./operators.mjs").Edit} edit @param {Buffer} source */
function described(edit, source) {
  const from = source.lastIndexOf(10, edit.start - 1) + 1;
  const found = source.indexOf(10, edit.end);
  const to = found === -1 ? source.length : found;
  const part = (/** @type {number} */ a, /** @type {number} */ b) => source.subarray(a, b).toString("utf8");
  return {
    line: part(0, edit.start).split("\n").length,
    was: inOneLine(part(from, to)),
    becomes: inOneLine(part(from, edit.start) + edit.text + part(edit.end, to)),
  };
}

const inOneLine = (/** @type {string} */ text) => text.trim().replace(/\s+/g, " ");

/** Mulberry32: small, and the same everywhere. @param {number} seed */
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
