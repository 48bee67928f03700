/** What the assertions of a check say, in the words of the comments behind them. */
import { walk } from "../solidity/ast.mjs";

/** @typedef {import("../solidity/ast.mjs").Node} Node */
/** @typedef {{ property: string, about: string, by: string, proved: boolean }} Claim */

/** The last assertion of a check. It can't hold: if it does, the check never gets that far, and proves nothing. */
export const REACHED = "REACHED";

/**
 * @typedef {{ name: string, function: Node, assertions: { says: string, node: Node }[] }} Check
 * @param {any} tree
 * @param {string} source
 * @returns {Check[]}
 */
export function checksOf(tree, source) {
  const bytes = Buffer.from(source);
  /** @type {Check[]} */
  const checks = [];
  walk(tree, (node) => {
    if (node.nodeType === "FunctionDefinition" && /^check[A-Z]/.test(node.name)) {
      checks.push({ name: node.name, function: node, assertions: [] });
    }
    if (node.nodeType !== "FunctionCall" || node.expression.name !== "assert") return;
    const says = /^;\s*\/\/ (.*)/.exec(bytes.toString("utf8", node.end, node.end + 300))?.[1];
    const check = checks.at(-1);
    if (says === undefined || check === undefined)
      throw new Error(`an assertion has no name: ${bytes.toString("utf8", node.start, node.end)}`);
    check.assertions.push({ says, node });
  });
  return checks;
}
