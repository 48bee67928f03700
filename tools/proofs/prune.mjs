/** Sources without the functions that one of them never reaches: the SMTChecker takes its time for every one. */
import { walk } from "../solidity/ast.mjs";
import { sourceOf, treesOf } from "./compiler.mjs";

/** @typedef {import("./compiler.mjs").Changes} Changes */

/**
 * @param {string[]} files that call each other.
 * @param {string[]} declarations files of which no function is needed, only types and errors.
 * @param {string[]} from names of the functions and modifiers to keep, with all that they call.
 * @param {Changes} changes
 * @returns {Changes}
 */
export function pruned(files, declarations, from, changes) {
  const trees = treesOf(files, changes);
  const needed = new Set(from);
  const calls = callsIn(files.map((file) => trees[file]));
  for (const name of needed) for (const called of calls.get(name) ?? []) needed.add(called);
  return Object.fromEntries([
    ...Object.entries(changes),
    ...files.map((file) => [file, without(file, trees[file], (name) => !needed.has(name), changes)]),
    ...declarations.map((file) => [file, without(file, trees[file], () => true, changes)]),
  ]);
}

/** By name: what has the name of something that is called stays. @param {any[]} trees */
function callsIn(trees) {
  /** @type {Map<string, Set<string>>} */
  const calls = new Map();
  walk(trees, (node, parents) => {
    const inside = parents.find(({ nodeType }) => /^(Function|Modifier)Definition$/.test(nodeType));
    if (node.nodeType !== "Identifier" || inside === undefined) return;
    calls.set(inside.name, (calls.get(inside.name) ?? new Set()).add(node.name));
  });
  return calls;
}

/** @param {string} file @param {any} tree @param {(name: string) => boolean} isLeftOut @param {Changes} changes */
function without(file, tree, isLeftOut, changes) {
  /** @type {[number, number][]} */
  const parts = [];
  walk(tree, ({ nodeType, kind, name, documentation, start, end }) => {
    if (nodeType !== "FunctionDefinition" || kind !== "function" || !isLeftOut(name)) return;
    parts.push([Number(documentation?.src.split(":")[0] ?? start), end]);
  });
  return parts
    .reduceRight(
      (text, [start, end]) => Buffer.concat([text.subarray(0, start), text.subarray(end)]),
      Buffer.from(sourceOf(file, changes)),
    )
    .toString("utf8")
    .replaceAll("@inheritdoc", "@dev");
}
