/** The project's compiler, for what proofs need of it: syntax trees, and the SMTChecker with the Z3 that is inside it. */
import { createRequire } from "node:module";

import { textOf } from "../setup/project.mjs";

/** Text by path, in place of what is on disk. @typedef {Record<string, string>} Changes */

/** @param {string} file @param {Changes} changes */
export function sourceOf(file, changes) {
  const text = changes[file] ?? textOf(file) ?? textOf("node_modules", file);
  if (text === undefined) throw new Error(`${file} is missing`);
  return text;
}

/** The syntax tree of each file and of all that it imports. @param {string[]} files @param {Changes} changes @returns {Record<string, any>} */
export function treesOf(files, changes) {
  const { sources } = run(files, changes, { outputSelection: { "*": { "": ["ast"] } } });
  return Object.fromEntries(Object.entries(sources).map(([file, { ast }]) => [file, ast]));
}

/**
 * Puts every assertion of a contract to the SMTChecker. No clock stops it.
 *
 * @param {string} file
 * @param {string} contract
 * @param {"bmc" | "chc"} engine
 * @param {Changes} changes
 * @returns {Set<number>} where the assertions begin that it proved: bytes of the file.
 */
export function provedBySmtChecker(file, contract, engine, changes) {
  const modelChecker = {
    engine,
    solvers: ["z3"],
    targets: ["assert"],
    contracts: { [file]: [contract] },
    showProvedSafe: true,
    showUnproved: true,
    showUnsupported: true,
  };
  const { errors } = run([file], changes, { modelChecker });
  return new Set(
    errors.filter(({ errorCode }) => SAFE.includes(errorCode)).map(({ sourceLocation }) => sourceLocation.start),
  );
}

/** "… check is safe!", of BMC and of CHC. */
const SAFE = ["2961", "9576"];

/**
 * @param {string[]} files
 * @param {Changes} changes
 * @param {object} settings
 * @returns {{ sources: Record<string, { ast: any }>, errors: any[] }}
 */
function run(files, changes, settings) {
  const solc = createRequire(import.meta.url)("solc");
  const sources = Object.fromEntries(files.map((file) => [file, { content: sourceOf(file, changes) }]));
  const input = JSON.stringify({ language: "Solidity", sources, settings });
  const imported = (/** @type {string} */ file) => ({ contents: sourceOf(file, changes) });
  const compiled = withQuickTables(() => solc.compile(input, { import: imported }));
  const { sources: trees, errors = [] } = JSON.parse(compiled);
  const error = errors.find((/** @type {{ severity: string }} */ { severity }) => severity === "error");
  if (error !== undefined) throw new Error(error.formattedMessage);
  return { sources: trees, errors };
}

/**
 * Runs something whose WebAssembly was made to call back into itself through JavaScript, as the compiler's was for whatever
 * may throw. Every such call reads a function from the table, and V8 takes a third of all the time for that: here each is
 * read once.
 *
 * @template T
 * @param {() => T} work
 */
function withQuickTables(work) {
  const prototype = WebAssembly.Table.prototype;
  const { get, set, grow } = prototype;
  /** @type {WeakMap<WebAssembly.Table, Map<number, any>>} */
  let read = new WeakMap();
  const forgetting = (/** @type {any} */ method) =>
    function (/** @type {any[]} */ ...args) {
      read = new WeakMap();
      // @ts-expect-error -- a method's own object.
      return method.apply(this, args);
    };
  prototype.get = function (index) {
    let entries = read.get(this);
    if (entries === undefined) read.set(this, (entries = new Map()));
    let entry = entries.get(index);
    if (entry === undefined) entries.set(index, (entry = get.call(this, index)));
    return entry;
  };
  prototype.set = forgetting(set);
  prototype.grow = forgetting(grow);
  try {
    return work();
  } finally {
    Object.assign(prototype, { get, set, grow });
  }
}
