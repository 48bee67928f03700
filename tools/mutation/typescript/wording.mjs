/**
 * What an error says is read by people, and no behaviour: messages and hints of `ChartChainError`, and the texts that become
 * a part of them alone, given to a function that makes the error, or kept in a constant. Details may repeat such a text.
 */
import ts from "typescript";

import { at } from "../../setup/project.mjs";

/** @typedef {import("./mutants.mjs").Location} Location */

/** @param {Record<string, string>} sources by path. @returns {Record<string, Location[]>} by path. */
export function wordingIn(sources) {
  const program = programOf(sources);
  const wording = new Wording(program.getTypeChecker());
  return Object.fromEntries(
    Object.keys(sources).map((file) => [file, wording.placesIn(/** @type {any} */ (program.getSourceFile(at(file))))]),
  );
}

/** Of the project's own files alone: what others make has no part in its errors. @param {Record<string, string>} sources */
function programOf(sources) {
  const options = { noLib: true, types: [], module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ESNext };
  const host = ts.createCompilerHost(options);
  const texts = new Map(Object.entries(sources).map(([file, text]) => [at(file), text]));
  const { readFile, fileExists, getSourceFile } = host;
  host.readFile = (name) => texts.get(name) ?? readFile(name);
  host.fileExists = (name) => texts.has(name) || fileExists(name);
  host.getSourceFile = (name, language, ...others) => {
    const text = texts.get(name);
    return text === undefined ? getSourceFile(name, language, ...others) : ts.createSourceFile(name, text, language);
  };
  host.resolveModuleNameLiterals = (literals, from) =>
    literals.map(({ text }) =>
      text.startsWith(".") ? ts.resolveModuleName(text, from, options, host) : { resolvedModule: undefined },
    );
  return ts.createProgram([...texts.keys()], options, host);
}

class Wording {
  #checker;
  /** @type {Map<ts.Symbol, boolean>} */
  #known = new Map();

  /** @param {ts.TypeChecker} checker */
  constructor(checker) {
    this.#checker = checker;
  }

  /** @param {ts.SourceFile} source @returns {Location[]} */
  placesIn(source) {
    const position = (/** @type {number} */ at) => {
      const { line, character } = source.getLineAndCharacterOfPosition(at);
      return { line, column: character };
    };
    /** @type {Location[]} */
    const found = [];
    const visit = (/** @type {ts.Node} */ node) => {
      if (partOfError(node) === "text" || (isText(node) && this.#isReceived(node))) {
        found.push({ start: position(node.getStart(source)), end: position(node.end) });
      } else ts.forEachChild(node, visit);
    };
    visit(source);
    return found;
  }

  /** Whether it is held by a constant or parameter that only becomes what an error says. @param {ts.Node} node */
  #isReceived(node) {
    const receiver = this.#receiverOf(node);
    return receiver !== undefined && this.#isWording(receiver);
  }

  /** The constant that the expression is the value of, or the parameter that it is given to. @param {ts.Node} node @returns {ts.Symbol | undefined} */
  #receiverOf(node) {
    const { parent } = node;
    if (ts.isVariableDeclaration(parent) && parent.initializer === node && isConstant(parent)) {
      return this.#checker.getSymbolAtLocation(parent.name);
    }
    if (!ts.isCallExpression(parent)) return undefined;
    const index = parent.arguments.findIndex((argument) => argument === node);
    const parameter = this.#checker.getResolvedSignature(parent)?.declaration?.parameters[index];
    if (parameter === undefined || !ts.isParameter(parameter) || parameter.dotDotDotToken) return undefined;
    return ts.isIdentifier(parameter.name) ? this.#checker.getSymbolAtLocation(parameter.name) : undefined;
  }

  /** @param {ts.Symbol} symbol @returns {boolean} */
  #isWording(symbol) {
    const known = this.#known.get(symbol);
    if (known !== undefined) return known;
    this.#known.set(symbol, false);
    const uses = this.#usesOf(symbol).map((use) => this.#endOf(use));
    const is = uses.includes("text") && uses.every((end) => end !== "elsewhere");
    this.#known.set(symbol, is);
    return is;
  }

  /** @param {ts.Symbol} symbol @returns {ts.Identifier[]} */
  #usesOf(symbol) {
    const declared = /** @type {ts.Declaration} */ (symbol.valueDeclaration);
    const scope = ts.isParameter(declared) ? declared.parent : declared.getSourceFile();
    /** @type {ts.Identifier[]} */
    const uses = [];
    const visit = (/** @type {ts.Node} */ node) => {
      if (ts.isIdentifier(node) && node.text === symbol.name && node.parent !== declared) {
        const own = ts.isShorthandPropertyAssignment(node.parent)
          ? this.#checker.getShorthandAssignmentValueSymbol(node.parent)
          : this.#checker.getSymbolAtLocation(node);
        if (own === symbol) uses.push(node);
      }
      ts.forEachChild(node, visit);
    };
    visit(scope);
    return uses;
  }

  /** Where a text ends that is used here. @param {ts.Identifier} use @returns {"text" | "details" | "elsewhere"} */
  #endOf(use) {
    for (let node = /** @type {ts.Node} */ (use), whole = true; node.parent !== undefined; node = node.parent) {
      const part = partOfError(node);
      if (part !== undefined) return part;
      if (whole && this.#isReceived(node)) return "text";
      whole &&= makesText(node.parent, node);
    }
    return "elsewhere";
  }
}

/** Properties of these names are nobody else's. @param {ts.Node} node @returns {"text" | "details" | undefined} */
function partOfError(node) {
  const { parent } = node;
  if (parent === undefined) return undefined;
  if (ts.isNewExpression(parent) && parent.expression.getText() === "ChartChainError") {
    return parent.arguments?.[1] === node ? "text" : undefined;
  }
  if (!(ts.isPropertyAssignment(parent) || ts.isBindingElement(parent)) || parent.initializer !== node)
    return undefined;
  const name = parent.name.getText();
  return name === "hint" ? "text" : name === "details" ? "details" : undefined;
}

/** @param {ts.VariableDeclaration} declaration */
const isConstant = ({ parent, name }) =>
  ts.isVariableDeclarationList(parent) && (parent.flags & ts.NodeFlags.Const) !== 0 && ts.isIdentifier(name);

/** Whether an expression is a text as far as its form says. @param {ts.Node} node @returns {boolean} */
function isText(node) {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node) || ts.isTemplateExpression(node))
    return true;
  if (ts.isParenthesizedExpression(node)) return isText(node.expression);
  if (ts.isConditionalExpression(node)) return isText(node.whenTrue) && isText(node.whenFalse);
  return isSum(node) && (isText(node.left) || isText(node.right));
}

/** Whether a text that has `part` in it is all that comes of it. @param {ts.Node} node @param {ts.Node} part */
const makesText = (node, part) =>
  ts.isTemplateSpan(node) ||
  ts.isTemplateExpression(node) ||
  ts.isParenthesizedExpression(node) ||
  (ts.isConditionalExpression(node) && node.condition !== part) ||
  isSum(node);

/** @param {ts.Node} node @returns {node is ts.BinaryExpression} */
const isSum = (node) => ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken;
