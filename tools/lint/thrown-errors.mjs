/** Which error codes the source can throw and where, read from its syntax trees, and which the contracts revert with. */
import { posix } from "node:path";

import ts from "typescript";

import { filesBelow, textOf } from "../setup/project.mjs";

const CODE = /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/;
const CLASS = "ChartChainError";

/**
 * Finds the codes that reach `new ChartChainError(code, …)`: literals and constants there, and where something named
 * `code` stands there instead, the literals that are given to a parameter, variable or property of that name.
 *
 * @param {string[]} folders from the root.
 * @returns {{ codes: Map<string, string[]>, unreadable: string[] }} `file:line` of each code's uses, and of the uses that
 * cannot be read.
 */
export function thrownErrors(folders) {
  const sources = folders
    .flatMap((folder) => filesBelow(folder))
    .filter((file) => file.endsWith(".ts"))
    .map((file) => ts.createSourceFile(file, textOf(file) ?? "", ts.ScriptTarget.Latest, true));

  /** @type {Map<string, number>} functions that take a code, with the place of that parameter. */
  const takers = new Map();
  /** @type {Map<string, string>} constants that hold a code. */
  const constants = new Map();
  for (const source of sources) {
    visit(source, (node) => {
      noteTaker(node, takers);
      noteConstant(node, constants);
    });
  }

  /** @type {Map<string, string[]>} */
  const codes = new Map();
  /** @type {string[]} */
  const unreadable = [];
  for (const source of sources) {
    const where = (/** @type {ts.Node} */ node) =>
      `${source.fileName}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
    visit(source, (node) => {
      const given = codeIn(node, takers);
      if (given === undefined) return;
      const literals = literalsIn(given, constants).filter((literal) => isError(node) || literal.includes("_"));
      for (const literal of literals) codes.set(literal, [...(codes.get(literal) ?? []), where(node)]);
      if (literals.length === 0 && isError(node) && !isNamedCode(given)) unreadable.push(where(node));
    });
  }
  return { codes, unreadable };
}

/**
 * The custom errors of the compiled contracts, OpenZeppelin's among them, in the same words: NotAParty is NOT_A_PARTY.
 *
 * @returns {Map<string, string[]>} the Solidity files that revert with each; OpenZeppelin's also where one only declares it.
 */
export function contractErrors() {
  const names = ["artifacts/contracts", "artifacts/@openzeppelin"]
    .flatMap(filesBelow)
    .filter((file) => file.endsWith(".json") && !file.startsWith("artifacts/contracts/mocks/"))
    .flatMap((file) => JSON.parse(textOf(file) ?? "").abi)
    .filter(({ type }) => type === "error")
    .map(({ name }) => name);
  const sources = [...soliditySources()];
  const holding = (/** @type {string} */ pattern) =>
    sources.filter(([, text]) => new RegExp(pattern).test(text)).map(([file]) => file);
  return new Map(
    [...new Set(names)].map((name) => {
      const reverting = holding(`\\brevert\\s+(\\w+\\.)*${name}\\s*\\(`);
      const declaring = () => holding(`\\berror\\s+${name}\\s*\\(`).filter((file) => file.startsWith("@"));
      return [upperSnake(name), reverting.length > 0 ? reverting : declaring()];
    }),
  );
}

/** Our contracts and what they import of OpenZeppelin's, by path. */
function soliditySources() {
  /** @type {Map<string, string>} */
  const sources = new Map();
  const open = filesBelow("contracts").filter((file) => file.endsWith(".sol") && !file.startsWith("contracts/mocks/"));
  for (const file of open) {
    if (sources.has(file)) continue;
    const text = textOf(file) ?? textOf("node_modules", file) ?? "";
    sources.set(file, text);
    for (const [, named] of text.matchAll(/^(?:import|\}?[^"\n]*\bfrom) *"([^"]+\.sol)"/gm)) {
      open.push(named.startsWith(".") ? posix.join(posix.dirname(file), named) : named);
    }
  }
  return sources;
}

function upperSnake(/** @type {string} */ name) {
  return name.replace(/([a-z0-9])(?=[A-Z])|([A-Z])(?=[A-Z][a-z])/g, "$&_").toUpperCase();
}

/** @param {ts.Node} node @param {(node: ts.Node) => void} each */
function visit(node, each) {
  each(node);
  ts.forEachChild(node, (child) => visit(child, each));
}

/** @param {ts.Node} node @param {Map<string, number>} takers */
function noteTaker(node, takers) {
  if (!ts.isFunctionLike(node)) return;
  const name = node.name ?? (ts.isVariableDeclaration(node.parent) ? node.parent.name : undefined);
  const place = node.parameters.findIndex((parameter) => isNamedCode(parameter.name));
  if (place >= 0 && name !== undefined && ts.isIdentifier(name)) takers.set(name.text, place);
}

/** @param {ts.Node} node @param {Map<string, string>} constants */
function noteConstant(node, constants) {
  if (!ts.isVariableDeclaration(node) || !ts.isIdentifier(node.name) || node.initializer === undefined) return;
  const [literal] = literalsIn(node.initializer, new Map());
  if (literal !== undefined && CODE.test(node.name.text)) constants.set(node.name.text, literal);
}

/** The expression by which `node` gives a code, if it does. @param {ts.Node} node @param {Map<string, number>} takers */
function codeIn(node, takers) {
  if (isError(node)) return node.arguments?.[0];
  if (ts.isCallExpression(node)) {
    const { expression } = node;
    const called = ts.isPropertyAccessExpression(expression) ? expression.name : expression;
    // isChartChainError(error, "CODE") asks for a code and throws none.
    if (!ts.isIdentifier(called) || called.text === `is${CLASS}`) return undefined;
    const place = takers.get(called.text);
    return place === undefined ? undefined : node.arguments[place];
  }
  const declares = ts.isVariableDeclaration(node) || ts.isPropertyAssignment(node) || ts.isParameter(node);
  return declares && isNamedCode(node.name) ? node.initializer : undefined;
}

/** @param {ts.Node} node @returns {node is ts.NewExpression} */
function isError(node) {
  return ts.isNewExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === CLASS;
}

/** True for `code` and `something.code`. @param {ts.Node} node */
function isNamedCode(node) {
  const name = ts.isPropertyAccessExpression(node) ? node.name : node;
  return (ts.isIdentifier(name) || ts.isStringLiteral(name)) && name.text === "code";
}

/**
 * The codes among the values that an expression can have: one, or those of a choice.
 *
 * @param {ts.Expression} expression
 * @param {Map<string, string>} constants
 * @returns {string[]}
 */
function literalsIn(expression, constants) {
  const within = (/** @type {ts.Expression[]} */ ...parts) => parts.flatMap((part) => literalsIn(part, constants));
  if (ts.isStringLiteralLike(expression)) return CODE.test(expression.text) ? [expression.text] : [];
  if (ts.isIdentifier(expression)) return [constants.get(expression.text)].filter((code) => code !== undefined);
  if (ts.isConditionalExpression(expression)) return within(expression.whenTrue, expression.whenFalse);
  if (ts.isBinaryExpression(expression)) return within(expression.left, expression.right);
  if (ts.isParenthesizedExpression(expression) || ts.isAsExpression(expression)) return within(expression.expression);
  return [];
}
