/** Which tests a document names as its proof, and whether they exist; whether its rows' numbers are their own. */
import { globSync } from "node:fs";

import { ROOT, textOf } from "../setup/project.mjs";

/** The letters that stand for folders in the tables. */
const FOLDERS = { C: "test/contracts/", S: "test/security/", F: "test/findings/" };
const FILE = /[\w./*-]+\.(?:test\.ts|t\.sol)\b/;
/** A function, or the words of a test's name, behind its file. */
const CALLED = /[`"]([^`"]+)[`"]/g;
const ADVICE = "name the test that proves this row";

/**
 * Reads the last cell of each row: `C` file `function` · file · `S` file. A letter holds until the next one.
 *
 * @param {string} document its path.
 * @returns {string[]} the tests that it names and nobody has written.
 */
export function testProblems(document) {
  const problems = [];
  for (const [index, line] of (textOf(document) ?? "").split("\n").entries()) {
    const where = `${document}:${index + 1}`;
    let folder = "";
    for (const part of (line.startsWith("|") ? (line.split("|").at(-2) ?? "") : "").split("·")) {
      const letter = /^\s*`([A-Z])`/.exec(part)?.[1];
      if (letter !== undefined) folder = FOLDERS[letter] ?? "";
      const [name] = FILE.exec(part) ?? [];
      if (name === undefined) continue;

      const path = /^(test|apps)\//.test(name) ? name : folder + name;
      const files = globSync(path, { cwd: ROOT });
      if (files.length === 0) problems.push(`${where}: there is no ${path}; ${ADVICE}`);
      const text = files.map((file) => textOf(file)).join("\n");
      const called = files.length === 0 ? [] : part.slice(part.indexOf(name)).matchAll(CALLED);
      for (const [, test = ""] of called) {
        if (!text.includes(test)) problems.push(`${where}: ${path} has no "${test}"; ${ADVICE}`);
      }
    }
  }
  return problems;
}

/**
 * Tests refer to a row by its number.
 *
 * @param {string} document its path.
 * @returns {string[]} the rows whose number another one has.
 */
export function numberProblems(document) {
  const [problems, lines] = [[], new Map()];
  for (const [index, line] of (textOf(document) ?? "").split("\n").entries()) {
    const number = /^\| (\d+) \|/.exec(line)?.[1];
    if (number === undefined) continue;
    const first = lines.get(number);
    if (first === undefined) lines.set(number, index + 1);
    else
      problems.push(
        `${document}:${index + 1}: number ${number} is that of line ${first}; give this row one of its own`,
      );
  }
  return problems;
}
