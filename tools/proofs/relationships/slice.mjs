/**
 * The relationship contract as the SMTChecker can follow it. It is cut from the contract's own source at each run. Every
 * cut says what it relies on; a source that it doesn't fit makes a slice that doesn't compile.
 */
import { walk } from "../../solidity/ast.mjs";

/** @typedef {import("../../solidity/ast.mjs").Node} Node */
/** @typedef {{ start: number, end: number, text: string }} Edit */

export const CONTRACT = "contracts/PatientProviderRelationships.sol";

const ORACLE = 'import {Oracle} from "../tools/proofs/relationships/Oracle.sol";';
/** Contracts that are asked, and never told anything: the oracle answers in their place, and answers anything. */
const ASKED = ["registrar", "delegates"];
/** They keep and read the list of providers, whose words are proved on their own. */
const EMPTIED = ["_list", "providerCount", "providersOf"];

/**
 * @param {string} source
 * @param {any} tree its syntax tree.
 * @returns {{ slice: string, entrances: string[] }} entrances: the functions with which somebody changes something.
 */
export function sliceOf(source, tree) {
  const bytes = Buffer.from(source);
  /** @type {Edit[]} */
  const edits = [];
  /** @type {string[]} */
  const entrances = [];
  const textOf = (/** @type {{ start: number, end: number }} */ { start, end }) => bytes.toString("utf8", start, end);
  const replace = (/** @type {{ start: number, end: number }} */ { start, end }, /** @type {string} */ text) =>
    edits.push({ start, end, text });
  /** The first `was` from a position on. @param {number} from @param {string} was @param {string} text */
  const replaceNext = (from, was, text) => {
    const start = bytes.indexOf(was, from);
    edits.push({ start, end: start + was.length, text });
  };

  walk(tree, (node, parents) => {
    if (node.nodeType === "ImportDirective" && /\bSignedActions\b/.test(textOf(node))) replace(node, ORACLE);
    // A signature that the contract would refuse may pass here, never the other way round.
    if (node.nodeType === "InheritanceSpecifier" && textOf(node) === "SignedActions") replace(node, "Oracle");
    if (node.nodeType === "VariableDeclaration" && node.stateVariable && !node.constant) stateVariable(node);
    if (node.nodeType === "FunctionDefinition") functionDefinition(node);
    const emptied = parents.some(({ nodeType, name }) => nodeType === "FunctionDefinition" && EMPTIED.includes(name));
    if (node.nodeType === "FunctionCall" && !emptied) call(node);
    if (node.nodeType === "Assignment") assignment(node);
    if (node.nodeType === "EmitStatement") replace({ start: node.start, end: node.end + 1 }, "{}");
    if (node.nodeType === "RevertStatement") replace(node, "revert()");
  });
  return { slice: applied(edits, bytes), entrances };

  /** @param {Node} node */
  function stateVariable(node) {
    if (ASKED.includes(node.name)) replace({ start: documentOf(node), end: node.end + 1 }, "");
    if (node.name === "_relationships") replace({ start: documentOf(node), end: node.end + 1 }, "");
    else if (node.visibility === "private") replaceNext(node.start, "private", "internal");
  }

  /** Everything can be called by a check. @param {Node} node */
  function functionDefinition(node) {
    if (node.kind === "constructor") return void replace({ start: documentOf(node), end: node.end }, "");
    if (node.kind !== "function") throw new Error(`${CONTRACT}: proofs know no ${node.kind} function`);
    if (node.visibility === "external" && !["view", "pure"].includes(node.stateMutability)) entrances.push(node.name);
    if (node.visibility === "external") replaceNext(node.parameters.end, "external", "public");
    if (node.visibility === "private") replaceNext(node.parameters.end, "private", "internal");
    if (!EMPTIED.includes(node.name)) return;
    if (textOf(node.body).includes("_relationships"))
      throw new Error(`${CONTRACT}: ${node.name} touches relationships`);
    replace(node.body, "{}");
  }

  /** @param {Node} node */
  function call(node) {
    const { nodeType, expression: on, memberName, name } = node.expression;
    // Every signature is good.
    if (nodeType === "Identifier" && name === "_checkSignature") replace(node, "_checkSignature()");
    if (nodeType !== "MemberAccess") return;
    if (on.nodeType === "Identifier" && ASKED.includes(on.name)) replace(node.expression, memberName);
    // A relationship is stored whole instead of packed. That is the same as long as what is stored fits into its bits,
    // which the checks prove.
    if (memberName === "unpack") replace(node, `_load(${keysOf(on)})`);
  }

  /** @param {Node} node */
  function assignment({ start, end, leftHandSide: left, rightHandSide: right }) {
    if (!placed(left).startsWith("_relationships[")) return;
    if (right.expression?.memberName !== "pack") throw new Error(`${CONTRACT}: a relationship is stored unpacked`);
    replace({ start, end }, `_save(${keysOf(left)}, ${placed(right.expression.expression)})`);
  }

  /** `_relationships[a][b]` as `a, b`. @param {any} access */
  function keysOf({ baseExpression, indexExpression }) {
    if (baseExpression?.baseExpression?.name !== "_relationships")
      throw new Error(`${CONTRACT}: no relationship is unpacked`);
    return `${placed(baseExpression.indexExpression)}, ${placed(indexExpression)}`;
  }

  /** The text of a node that the walk has not come to. @param {{ src: string }} node */
  function placed({ src }) {
    const [start, length] = src.split(":").map(Number);
    return textOf({ start, end: start + length });
  }
}

/** Where a declaration's comment begins. @param {Node} node */
const documentOf = ({ documentation, start }) => Number(documentation?.src.split(":")[0] ?? start);

/** From the end on, so that no edit moves another; one within another goes with it. @param {Edit[]} edits @param {Buffer} source */
function applied(edits, source) {
  return edits
    .filter((edit) => !edits.some((outer) => outer !== edit && outer.start <= edit.start && edit.end <= outer.end))
    .sort((a, b) => b.start - a.start)
    .reduce(
      (all, { start, end, text }) => Buffer.concat([all.subarray(0, start), Buffer.from(text), all.subarray(end)]),
      source,
    )
    .toString("utf8");
}
