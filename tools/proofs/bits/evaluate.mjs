/**
 * Runs a pure Solidity function for all its arguments at once: every bit of every argument is unknown, every bit of
 * every result a boolean function of them. Exact for what it understands; it refuses everything else by name.
 */
import { walk } from "../../solidity/ast.mjs";
import { Words } from "./words.mjs";

/**
 * @typedef {import("../../solidity/ast.mjs").Node} Node
 * @typedef {import("./words.mjs").Word} Word
 * @typedef {Word | number | { [field: string]: Value }} Value a number is a boolean function.
 * @typedef {{ at: Node, holds: boolean }} Claim holds: wherever the check gets that far, and it does get there.
 */

/** The functions, constants and types of some sources, by the compiler's number. @param {any[]} trees */
export function declarationsOf(trees) {
  /** @type {Map<number, Node>} */
  const found = new Map();
  walk(trees, (node) => {
    if (node.id !== undefined) found.set(node.id, node);
  });
  return found;
}

/**
 * @param {Node} check a function with assertions.
 * @param {Map<number, Node>} declarations
 * @returns {{ claims: Claim[], reverts: boolean }} whether it may revert for arguments that its requirements let in.
 */
export function evaluate(check, declarations) {
  const run = new Run(declarations);
  const parameters = check.parameters.parameters;
  const words = run.words.unknown(parameters.map((/** @type {Node} */ one) => widthOf(typeOf(one))));
  run.call(
    check,
    words.map((word, i) => (typeOf(parameters[i]) === "bool" ? word[0] : word)),
  );
  return { claims: run.claims, reverts: run.words.bits.and(run.admitted, run.words.bits.not(run.alive)) !== 0 };
}

const RETURNED = Symbol("returned");

class Run {
  words = new Words();
  /** What the requirements let in. */
  admitted = 1;
  /** What has not reverted. */
  alive = 1;
  /** What evaluates the expression at hand: the right of `a && b` only where `a` holds. */
  #evaluated = 1;
  /** @type {Claim[]} */
  claims = [];
  /** @type {Map<number, Value>} */
  #locals = new Map();
  /** @type {Map<number, Value>} */
  #constants = new Map();
  #declarations;

  /** @param {Map<number, Node>} declarations */
  constructor(declarations) {
    this.#declarations = declarations;
  }

  /** @param {Node} definition @param {Value[]} values @returns {Value} */
  call(definition, values) {
    const caller = this.#locals;
    this.#locals = new Map();
    for (const [i, { id }] of definition.parameters.parameters.entries()) this.#locals.set(id, values[i]);
    const result = this.#run(definition.body);
    const [named] = definition.returnParameters.parameters;
    const value = result === undefined ? this.#locals.get(named?.id) : result[RETURNED];
    this.#locals = caller;
    return /** @type {Value} */ (value);
  }

  /** @param {Node} node @returns {{ [RETURNED]: Value } | undefined} */
  #run(node) {
    switch (node.nodeType) {
      case "Block":
        for (const statement of node.statements) {
          const result = this.#run(statement);
          if (result !== undefined) return result;
        }
        return undefined;
      case "VariableDeclarationStatement":
        if (node.declarations.length !== 1) refuse(node);
        this.#locals.set(
          node.declarations[0].id,
          this.#converted(this.#value(node.initialValue), node.declarations[0]),
        );
        return undefined;
      case "ExpressionStatement":
        this.#value(node.expression);
        return undefined;
      case "Return":
        return { [RETURNED]: this.#value(node.expression) };
      case "ForStatement":
        this.#run(node.initializationExpression);
        for (let going = this.#value(node.condition); going !== 0; going = this.#value(node.condition)) {
          if (going !== 1) refuse(node);
          const result = this.#run(node.body);
          if (result !== undefined) return result;
          this.#run(node.loopExpression);
        }
        return undefined;
      default:
        return refuse(node);
    }
  }

  /** @param {Node} node @returns {Value} */
  #value(node) {
    switch (node.nodeType) {
      case "Literal":
        if (node.kind === "bool") return node.value === "true" ? 1 : 0;
        return this.words.constant(
          BigInt(node.value.replaceAll("_", "")) * (UNITS[node.subdenomination ?? ""] ?? refuse(node)),
        );
      case "TupleExpression":
        if (node.components.length !== 1) refuse(node);
        return this.#value(node.components[0]);
      case "Identifier":
        return this.#named(node.referencedDeclaration, node);
      case "MemberAccess":
        return this.#member(node);
      case "FunctionCall":
        return this.#called(node);
      case "Conditional":
        return this.#chosen(node);
      case "Assignment":
        return this.#assigned(node);
      case "UnaryOperation":
        return this.#unary(node);
      case "BinaryOperation":
        return this.#binary(node);
      default:
        return refuse(node);
    }
  }

  /** @param {number} id @param {Node} node @returns {Value} */
  #named(id, node) {
    const local = this.#locals.get(id) ?? this.#constants.get(id);
    if (local !== undefined) return local;
    const declaration = this.#declarations.get(id);
    if (!declaration?.constant || !declaration.value) return refuse(node);
    const value = this.#converted(this.#value(declaration.value), declaration);
    this.#constants.set(id, value);
    return value;
  }

  /** @param {Node} node @returns {Value} */
  #member(node) {
    const declaration = this.#declarations.get(node.referencedDeclaration);
    if (declaration?.nodeType === "EnumValue") {
      const members = [...this.#declarations.values()].find(
        (one) =>
          one.nodeType === "EnumDefinition" && one.members.some((/** @type {Node} */ { id }) => id === declaration.id),
      )?.members;
      return this.words.constant(BigInt(members.findIndex((/** @type {Node} */ { id }) => id === declaration.id)));
    }
    const [, type] = /^type\((.*)\)$/.exec(typeOf(node.expression)) ?? [];
    if (type !== undefined && node.memberName === "max") {
      const last = type.startsWith("enum ")
        ? BigInt(this.#membersOf(type, node) - 1)
        : (1n << BigInt(widthOf(type))) - 1n;
      return this.words.constant(last);
    }
    const value = this.#value(node.expression);
    if (typeof value === "number" || Array.isArray(value)) return refuse(node);
    return value[node.memberName];
  }

  /** @param {Node} node @returns {Value} */
  #called(node) {
    const { expression: callee, arguments: given } = node;
    if (node.kind === "typeConversion") return this.#cast(this.#value(given[0]), typeOf(given[0]), node);
    if (node.kind === "structConstructorCall") {
      const values = given.map((/** @type {Node} */ one) => this.#value(one));
      return Object.fromEntries(
        node.names.map((/** @type {string} */ name, /** @type {number} */ i) => [name, values[i]]),
      );
    }
    if (callee.nodeType === "Identifier" && (callee.name === "assert" || callee.name === "require")) {
      return this.#stated(callee.name, given[0], node);
    }
    const wraps = callee.memberName === "wrap" || callee.memberName === "unwrap";
    if (wraps && /^type\(/.test(typeOf(callee.expression))) return this.#value(given[0]);
    const definition = this.#declarations.get(callee.referencedDeclaration);
    if (definition?.nodeType !== "FunctionDefinition") return refuse(node);
    const attached = definition.parameters.parameters.length === given.length + 1 ? [callee.expression] : [];
    const parameters = definition.parameters.parameters;
    return this.call(
      definition,
      [...attached, ...given].map((one, i) => this.#converted(this.#value(one), parameters[i])),
    );
  }

  /** @param {string} what @param {Node} condition @param {Node} node @returns {Value} */
  #stated(what, condition, node) {
    const holds = this.#value(condition);
    if (typeof holds !== "number") return refuse(node);
    const { and, not } = this.words.bits;
    const here = and(this.admitted, this.alive);
    if (what === "assert") this.claims.push({ at: node, holds: here !== 0 && and(here, not(holds)) === 0 });
    else this.admitted = and(this.admitted, holds);
    return 1;
  }

  /** @param {Value} value @param {string} from @param {Node} node @returns {Value} */
  #cast(value, from, node) {
    const to = typeOf(node);
    if (!Array.isArray(value)) return refuse(node);
    const [bytesFrom, bytesTo] = [from, to].map((type) => Number(/^bytes(\d+)$/.exec(type)?.[1] ?? 0));
    // Bytes are cut and filled up on the right, numbers on the left.
    if (bytesFrom > 0 && bytesTo > 0) return this.words.shifted(value, 8 * (bytesTo - bytesFrom));
    if (to.startsWith("enum ")) {
      const count = this.words.constant(BigInt(this.#membersOf(to, node)));
      this.#survive(this.words.less(value, count));
      return value;
    }
    return this.words.cut(value, widthOf(to));
  }

  /** How many values an enumeration has. @param {string} type @param {Node} node @returns {number} */
  #membersOf(type, node) {
    const found = [...this.#declarations.values()].find(
      (one) => one.nodeType === "EnumDefinition" && type === `enum ${one.canonicalName}`,
    );
    return found?.members.length ?? refuse(node);
  }

  /** Where a literal or a narrower number takes the place of a wider one, nothing changes. @param {Value} value @param {Node} declaration */
  #converted(value, declaration) {
    if (typeOf(declaration) === "bool" || !Array.isArray(value)) return value;
    return this.words.cut(value, widthOf(typeOf(declaration)));
  }

  /** @param {Node} node @returns {Value} */
  #chosen(node) {
    const condition = this.#value(node.condition);
    if (typeof condition !== "number") return refuse(node);
    const then = this.#where(condition, node.trueExpression);
    const otherwise = this.#where(this.words.bits.not(condition), node.falseExpression);
    if (!Array.isArray(then) || !Array.isArray(otherwise)) return refuse(node);
    return then.map((bit, i) => this.words.bits.choose(condition, bit, otherwise[i]));
  }

  /** An expression that is evaluated only under a condition. @param {number} condition @param {Node} node @returns {Value} */
  #where(condition, node) {
    const outer = this.#evaluated;
    this.#evaluated = this.words.bits.and(outer, condition);
    const value = this.#value(node);
    this.#evaluated = outer;
    return value;
  }

  /** @param {Node} node @returns {Value} */
  #assigned(node) {
    if (this.#evaluated !== 1) refuse(node);
    const { leftHandSide: left, operator } = node;
    const right = this.#value(node.rightHandSide);
    const value = operator === "=" ? right : this.#operated(operator.slice(0, -1), this.#value(left), right, node);
    if (left.nodeType === "Identifier") this.#locals.set(left.referencedDeclaration, value);
    else if (left.nodeType === "MemberAccess") {
      const holder = this.#value(left.expression);
      if (typeof holder === "number" || Array.isArray(holder)) return refuse(node);
      holder[left.memberName] = value;
    } else refuse(node);
    return value;
  }

  /** @param {Node} node @returns {Value} */
  #unary(node) {
    const value = this.#value(node.subExpression);
    if (node.operator === "!" && typeof value === "number") return this.words.bits.not(value);
    if (!Array.isArray(value)) return refuse(node);
    if (node.operator === "~") return this.words.cut(value.map(this.words.bits.not), widthOf(typeOf(node)));
    if (this.#evaluated !== 1 || node.operator !== "++" || node.subExpression.nodeType !== "Identifier")
      return refuse(node);
    const next = this.#operated("+", value, this.words.constant(1n), node);
    this.#locals.set(node.subExpression.referencedDeclaration, next);
    return node.prefix ? next : value;
  }

  /** @param {Node} node @returns {Value} */
  #binary(node) {
    const left = this.#value(node.leftExpression);
    const { and, not, or } = this.words.bits;
    if (typeof left === "number" && node.operator === "&&") return and(left, this.#boolean(left, node.rightExpression));
    if (typeof left === "number" && node.operator === "||")
      return or(left, this.#boolean(not(left), node.rightExpression));
    // Bytes of different lengths are filled up before they are compared.
    const types = [node.leftExpression, node.rightExpression].map(typeOf);
    if (types.some((type) => type.startsWith("bytes")) && types[0] !== types[1] && !/<<|>>/.test(node.operator))
      refuse(node);
    const right = this.#value(node.rightExpression);
    if (node.function !== undefined && node.function !== null) {
      return this.call(/** @type {Node} */ (this.#declarations.get(node.function)), [left, right]);
    }
    return this.#operated(node.operator, left, right, node);
  }

  /** @param {number} condition @param {Node} node @returns {number} */
  #boolean(condition, node) {
    const value = this.#where(condition, node);
    return typeof value === "number" ? value : refuse(node);
  }

  /** @param {string} operator @param {Value} a @param {Value} b @param {Node} node @returns {Value} */
  #operated(operator, a, b, node) {
    const { bits } = this.words;
    if (typeof a === "number" && typeof b === "number") {
      if (operator === "==") return bits.not(bits.xor(a, b));
      return operator === "!=" ? bits.xor(a, b) : refuse(node);
    }
    if (!Array.isArray(a) || !Array.isArray(b)) return refuse(node);
    const type = typeOf(node);
    const width = widthOf(type === "bool" || type.startsWith("int_const") ? "uint256" : type);
    switch (operator) {
      case "&":
        return this.words.bitwise(a, b, "and");
      case "|":
        return this.words.bitwise(a, b, "or");
      case "^":
        return this.words.bitwise(a, b, "xor");
      case "<<":
      case ">>": {
        const places = this.words.valueOf(b) ?? refuse(node);
        return this.words.cut(this.words.shifted(a, Number(operator === "<<" ? places : -places)), width);
      }
      case "+":
        return this.#checked(this.words.sum(a, b, width));
      case "-":
        return this.#checked(this.words.difference(a, b, width));
      case "*":
        return this.#checked(this.words.product(a, b, width));
      case "==":
        return this.words.equal(a, b);
      case "!=":
        return bits.not(this.words.equal(a, b));
      case "<":
        return this.words.less(a, b);
      case ">":
        return this.words.less(b, a);
      case "<=":
        return bits.not(this.words.less(b, a));
      case ">=":
        return bits.not(this.words.less(a, b));
      default:
        return refuse(node);
    }
  }

  /** A sum that doesn't fit reverts. @param {{ word: Word, overflow: number }} result */
  #checked({ word, overflow }) {
    this.#survive(this.words.bits.not(overflow));
    return word;
  }

  /** Where this is evaluated and doesn't hold, the run reverts. @param {number} holds */
  #survive(holds) {
    const { and, not, or } = this.words.bits;
    this.alive = and(this.alive, or(not(this.#evaluated), holds));
  }
}

/** @type {Record<string, bigint>} */
const UNITS = { "": 1n, minutes: 60n, hours: 3600n, days: 86400n };

const typeOf = (/** @type {Node} */ node) => String(node.typeDescriptions.typeString);

/** In bits; types of one's own have the width of what they wrap, and are never made from anything wider. @param {string} type */
function widthOf(type) {
  const [, kind, size] = /^(uint|bytes)(\d+)$/.exec(type) ?? [];
  if (kind !== undefined) return kind === "uint" ? Number(size) : 8 * Number(size);
  return type === "bool" ? 1 : 256;
}

/** @param {Node} node @returns {never} */
function refuse(node) {
  throw new Unsupported(node.nodeType);
}

export class Unsupported extends Error {}
