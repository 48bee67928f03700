/**
 * Every mutant of the rooms that decide, seal and read, placed by Stryker's instrumenter: one build holds all of them, and a
 * variable of the environment switches one on.
 */
import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";

import { Instrumenter } from "@stryker-mutator/instrumenter";

import { at, ROOT } from "../../setup/project.mjs";
import { wordingIn } from "./wording.mjs";

/** Texts and nothing else. */
const NOT_MUTATED = new Set(["src/sdk/chain/revert-hints.ts"]);
const ROOMS = "src/{sdk/{consent,records,release,chain},vault,fhir,crypto}/**/*.ts";

/**
 * @typedef {object} Mutant
 * @property {string} id the same as long as its file is.
 * @property {number} number in this build.
 * @property {string} file
 * @property {number} line
 * @property {string} operator as Stryker names it.
 * @property {Location} location of what it replaces.
 * @property {string} replacement
 * @property {string} was the lines as they are, in one.
 * @property {string} becomes the same, changed.
 */

/**
 * The instrumenter puts a declaration with such a mutant into a block, where what it declares can't be seen.
 *
 * @type {import("@stryker-mutator/api/ignore").Ignorer}
 */
const computedNames = {
  shouldIgnore: ({ key, parentPath: parent }) =>
    key === "key" && parent?.isObjectProperty({ computed: true }) && parent.parentPath?.isObjectPattern()
      ? "can't be placed"
      : undefined,
};

const silent = () => undefined;
const logger = /** @type {any} */ ({ isDebugEnabled: () => false, debug: silent, info: silent, warn: console.warn });

/** @returns {Record<string, string>} text by path. */
export function mutatedSources() {
  const files = globSync(ROOMS, { cwd: ROOT }).map((file) => file.replaceAll("\\", "/"));
  return Object.fromEntries(
    files
      .filter((file) => !NOT_MUTATED.has(file))
      .sort()
      .map((file) => [file, readFileSync(at(file), "utf8")]),
  );
}

/**
 * @param {Record<string, string>} sources
 * @returns {Promise<{ files: Record<string, string>, mutants: Mutant[] }>} files: with every mutant in them, asleep.
 */
export async function instrument(sources) {
  const { files, mutants } = await new Instrumenter(logger).instrument(
    Object.entries(sources).map(([name, content]) => ({ name, content, mutate: true })),
    { plugins: null, excludedMutations: [], ignorers: [computedNames] },
  );
  const wording = wordingIn(sources);
  return {
    files: Object.fromEntries(files.map(({ name, content }) => [name, content])),
    mutants: mutants
      .filter(({ status, fileName, location }) => status !== "Ignored" && !isWithin(location, wording[fileName]))
      .map(({ id, fileName, location, mutatorName, replacement }) => ({
        id: idOf(fileName, sources[fileName], location, String(replacement)),
        number: Number(id),
        file: fileName,
        line: location.start.line + 1,
        operator: mutatorName,
        location,
        replacement: String(replacement),
        ...changeOf(sources[fileName], location, String(replacement)),
      })),
  };
}

/** @param {Location} location @param {Location[]} ranges */
const isWithin = ({ start, end }, ranges) =>
  ranges.some((range) => !isBefore(start, range.start) && !isBefore(range.end, end));

/** @param {Position} a @param {Position} b */
const isBefore = (a, b) => a.line < b.line || (a.line === b.line && a.column < b.column);

/** @typedef {{ line: number, column: number }} Position from 0. */
/** @typedef {{ start: Position, end: Position }} Location */

/** @param {string} file @param {string} text @param {Location} at @param {string} replacement */
function idOf(file, text, { start, end }, replacement) {
  const parts = [file, text, start.line, start.column, end.line, end.column, replacement];
  return createHash("sha256").update(parts.join("\0")).digest("hex").slice(0, 16);
}

/** The file with this mutant alone. @param {Mutant} mutant @param {string} text */
export function mutated({ location: { start, end }, replacement }, text) {
  const lines = text.split("\n");
  const before = [...lines.slice(0, start.line), lines[start.line].slice(0, start.column)].join("\n");
  const after = [lines[end.line].slice(end.column), ...lines.slice(end.line + 1)].join("\n");
  return before + replacement + after;
}

/** @param {string} text @param {Location} location @param {string} replacement */
function changeOf(text, { start, end }, replacement) {
  const lines = text.split("\n");
  const before = lines[start.line].slice(0, start.column);
  const after = lines[end.line].slice(end.column);
  return {
    was: inOneLine(lines.slice(start.line, end.line + 1).join(" ")),
    becomes: inOneLine(before + replacement + after),
  };
}

/** Long statements lose their middle. @param {string} text */
function inOneLine(text) {
  const line = text.trim().replace(/\s+/g, " ");
  return line.length <= 240 ? line : `${line.slice(0, 160)} … ${line.slice(-70)}`;
}
