/** What a mutant changes: one small mistake that a test has to notice. */

/**
 * @typedef {{ start: number, end: number, text: string, operator: Operator }} Edit replaces the bytes from start to end.
 * @typedef {"comparison" | "boolean" | "constant" | "arithmetic" | "deleted statement" | "removed check"} Operator
 * @typedef {import("../solidity/ast.mjs").Node} Node
 */

/** @type {Record<string, string[]>} */
const COMPARISON = {
  "<": ["<=", ">="],
  "<=": ["<", ">"],
  ">": [">=", "<="],
  ">=": [">", "<"],
  "==": ["!="],
  "!=": ["=="],
};
/** @type {Record<string, string[]>} */
const BOOLEAN = { "&&": ["||"], "||": ["&&"] };
/** @type {Record<string, string[]>} */
const ARITHMETIC = {
  "+": ["-"],
  "-": ["+"],
  "*": ["/"],
  "/": ["*"],
  "%": ["/"],
  "**": ["*"],
  "<<": [">>"],
  ">>": ["<<"],
  "&": ["|"],
  "|": ["&"],
  "^": ["&"],
};
/** @type {Record<string, string>} */
const ASSIGNMENT = { "+=": "-=", "-=": "+=", "*=": "/=", "|=": "&=", "&=": "|=", "<<=": ">>=", ">>=": "<<=" };

/**
 * Every mistake at one node.
 *
 * @param {Node} node
 * @param {Node[]} parents from the file down.
 * @param {Buffer} source
 * @returns {Edit[]}
 */
export function mistakesAt(node, parents, source) {
  switch (node.nodeType) {
    case "BinaryOperation":
      return binary(node, source);
    case "Assignment":
      return swapped(node, node.leftHandSide, node.rightHandSide, ASSIGNMENT[node.operator], "arithmetic", source);
    case "UnaryOperation":
      return unary(node, source);
    case "Literal":
      return literal(node, parents, source);
    case "Conditional":
      return [negated(node.condition, source)];
    case "IfStatement":
      return ifStatement(node, source);
    case "ModifierInvocation":
      return node.kind === "modifierInvocation" ? [edit(node, "", "removed check")] : [];
    case "ExpressionStatement":
    case "EmitStatement":
      return statement(node, source);
    default:
      return [];
  }
}

/** @param {Node} node @param {Buffer} source @returns {Edit[]} */
function binary(node, source) {
  const { leftExpression: left, rightExpression: right, operator } = node;
  const swap = (/** @type {string[] | undefined} */ others, /** @type {Operator} */ kind) =>
    (others ?? []).flatMap((other) => swapped(node, left, right, other, kind, source));
  // Leaving one side out is a check that is missing.
  const halves = Object.hasOwn(BOOLEAN, operator)
    ? [edit(node, text(left, source), "removed check"), edit(node, text(right, source), "removed check")]
    : [];
  return [
    ...swap(COMPARISON[operator], "comparison"),
    ...swap(BOOLEAN[operator], "boolean"),
    ...swap(ARITHMETIC[operator], "arithmetic"),
    ...halves,
  ];
}

/** The operator stands between its operands, which carry their own brackets. */
function swapped(
  /** @type {Node} */ node,
  /** @type {Node} */ left,
  /** @type {Node} */ right,
  /** @type {string | undefined} */ other,
  /** @type {Operator} */ kind,
  /** @type {Buffer} */ source,
) {
  if (other === undefined) return [];
  const between = source.subarray(left.end, right.start).toString("utf8");
  return [{ start: left.end, end: right.start, text: between.replace(node.operator, other), operator: kind }];
}

/** @param {Node} node @param {Buffer} source @returns {Edit[]} */
function unary(node, source) {
  const operand = text(node.subExpression, source);
  if (node.operator === "!") return [edit(node, operand, "boolean")];
  if (node.operator === "~") return [edit(node, operand, "arithmetic")];
  if (node.operator !== "++" && node.operator !== "--") return [];
  const other = node.operator === "++" ? "--" : "++";
  return [edit(node, node.prefix ? other + operand : operand + other, "arithmetic")];
}

/** @param {Node} node @param {Node[]} parents @param {Buffer} source @returns {Edit[]} */
function literal(node, parents, source) {
  if (node.kind === "bool") return [edit(node, node.value === "true" ? "false" : "true", "boolean")];
  if (node.kind !== "number" || parents.some(({ nodeType }) => nodeType === "ArrayTypeName")) return [];
  const [number, unit = ""] = text(node, source).split(/(?= )/);
  const [, whole = "", decimals = "", exponent = ""] =
    /^(0x[\da-f]+|\d+)(?:\.(\d+))?(e\d+)?$/i.exec(number.replaceAll("_", "")) ?? [];
  const value = BigInt(whole + decimals);
  const others = value === 0n ? [1n] : [value + 1n, value - 1n];
  return others.map((other) => {
    const digits = `${other}`.padStart(decimals.length + 1, "0");
    const point = digits.length - decimals.length;
    const decimal = decimals === "" ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`;
    return edit(node, `${decimal}${exponent}${unit}`, "constant");
  });
}

/** @param {Node} node @param {Buffer} source @returns {Edit[]} */
function ifStatement(node, source) {
  const inner = node.trueBody.nodeType === "Block" ? node.trueBody.statements : [node.trueBody];
  const leaves = inner.length === 1 && ["RevertStatement", "Return", "Continue"].includes(inner[0].nodeType);
  if (!leaves || node.falseBody) return [negated(node.condition, source)];
  const end = withSemicolon(node.end, source) ?? node.end;
  return [{ start: node.start, end, text: "{}", operator: "removed check" }];
}

/** @param {Node} node @param {Buffer} source @returns {Edit[]} */
function statement(node, source) {
  // The step of a loop ends with no semicolon; without it the loop would never end.
  const end = withSemicolon(node.end, source);
  return end === undefined ? [] : [{ start: node.start, end, text: "{}", operator: "deleted statement" }];
}

/** @param {number} end @param {Buffer} source */
function withSemicolon(end, source) {
  const [gap] = /^\s*;/.exec(source.subarray(end, end + 200).toString("utf8")) ?? [];
  return gap === undefined ? undefined : end + gap.length;
}

const negated = (/** @type {Node} */ node, /** @type {Buffer} */ source) =>
  edit(node, `!(${text(node, source)})`, "boolean");
const text = (/** @type {Node} */ node, /** @type {Buffer} */ source) =>
  source.subarray(node.start, node.end).toString("utf8");

/** @param {Node} node @param {string} replacement @param {Operator} operator @returns {Edit} */
const edit = ({ start, end }, replacement, operator) => ({ start, end, text: replacement, operator });
