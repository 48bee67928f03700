/** The reference of the contracts: a page for each source, made of the compiler's syntax trees and the comments in them. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, posix } from "node:path";

import { sourceOf, treesOf } from "../proofs/compiler.mjs";
import { at, filesBelow } from "../setup/project.mjs";
import { pageOf, writeSource } from "./documents.mjs";
import { PAGES } from "./places.mjs";

/** @typedef {import("../solidity/ast.mjs").Node} Node */

/**
 * What NatSpec says about something.
 *
 * @typedef {object} Comment
 * @property {string} notice
 * @property {string} dev
 * @property {[name: string, text: string][]} params
 * @property {string[]} returns
 * @property {boolean} inherited it says what a base says.
 */

/** What a page has, in its order: the heading, and the kinds of declarations below it. @type {[string, string[]][]} */
const SECTIONS = [
  ["Types", ["StructDefinition", "EnumDefinition", "UserDefinedValueTypeDefinition"]],
  ["Constants and variables", ["VariableDeclaration"]],
  ["Functions", ["FunctionDefinition"]],
  ["Events", ["EventDefinition"]],
  ["Errors", ["ErrorDefinition"]],
];

/** Writes a page for each source that declares something which others use, and one that lists them. */
export function writeContracts() {
  const files = filesBelow("contracts").filter((file) => file.endsWith(".sol") && !file.startsWith("contracts/mocks/"));
  const trees = treesOf(files, {});
  const sources = files.map((file) => new Source(file, trees[file], Buffer.from(sourceOf(file, {}))));
  const book = new Book(sources);
  for (const source of sources) {
    writeSource(source.file);
    write(source.page, book.page(source));
  }
  write(posix.join(FOLDER, "index.md"), book.contents());
}

const FOLDER = "reference/contracts";

/** @param {string} page @param {string[]} parts */
function write(page, parts) {
  mkdirSync(dirname(at(PAGES, page)), { recursive: true });
  writeFileSync(at(PAGES, page), `${parts.filter((part) => part !== "").join("\n\n")}\n`);
}

/** One file, and what it declares. */
class Source {
  /** @param {string} file @param {any} tree @param {Buffer} bytes the compiler counts bytes, not characters. */
  constructor(file, tree, bytes) {
    this.file = file;
    this.bytes = bytes;
    this.name = posix.basename(file, ".sol");
    this.page = `${file.replace(/^contracts/, FOLDER).replace(/\.sol$/, "")}.md`;
    /** @type {any} the one contract of a file; files of types have none. */
    this.contract = tree.nodes.find((/** @type {Node} */ node) => node.nodeType === "ContractDefinition");
    /** @type {any[]} what others see of it. */
    this.members = (this.contract ?? tree).nodes.filter(isSeen);
  }

  /** @returns {string} such as "abstract contract". */
  get kind() {
    if (this.contract === undefined) return "types";
    return `${this.contract.abstract ? "abstract " : ""}${this.contract.contractKind}`;
  }

  /** How something is declared: without its body and without comments. @param {any} node */
  declarationOf(node) {
    const [start, length] = node.src.split(":").map(Number);
    const end = node.body ? Number(node.body.src.split(":")[0]) : start + length;
    return this.bytes
      .subarray(start, end)
      .toString()
      .replace(/^ *\/\/.*\n/gm, "")
      .replace(/^ {4}/gm, "")
      .trim();
  }
}

/** @param {any} node */
function isSeen({ nodeType, visibility, name, kind }) {
  if (nodeType === "FunctionDefinition" && kind === "constructor") return true;
  if (nodeType === "FunctionDefinition") return ["external", "public"].includes(visibility) || kind === "freeFunction";
  if (nodeType === "VariableDeclaration")
    return visibility === "public" || (visibility === "internal" && !name.startsWith("_"));
  return SECTIONS.some(([, kinds]) => kinds.includes(nodeType));
}

/** All sources together: who is whose base, and where a name leads. */
class Book {
  /** @param {Source[]} sources */
  constructor(sources) {
    this.sources = sources;
    this.byName = new Map(sources.map((source) => [source.name, source]));
    this.byContract = new Map(sources.flatMap((source) => (source.contract ? [[source.contract.id, source]] : [])));
    /** @type {Map<string, Source>} types that are declared outside of contracts, by their names. */
    this.byType = new Map(
      sources.filter(({ contract }) => !contract).flatMap((source) => source.members.map(({ name }) => [name, source])),
    );
  }

  /** @param {Source} source @returns {string[]} */
  page(source) {
    const { notice, dev } = commentOf(source.contract ?? {});
    const said = source.members.filter((node) => !commentOf(node).inherited && !isBare(node));
    const elsewhere = source.members.filter((node) => commentOf(node).inherited);
    return [
      `# ${source.name}`,
      `${capital(source.kind)} in [${source.file}](${posix.relative(posix.dirname(source.page), pageOf(source.file))}).${this.#bases(source)}`,
      this.#text(notice, source),
      this.#text(dev, source),
      ...SECTIONS.flatMap(([heading, kinds]) => {
        const nodes = said.filter(({ nodeType }) => kinds.includes(nodeType));
        return nodes.length === 0 ? [] : [`## ${heading}`, ...nodes.flatMap((node) => this.#member(node, source))];
      }),
      ...(elsewhere.length === 0
        ? []
        : ["## As its bases say", elsewhere.map((node) => `- ${this.#inheritedFrom(node, source)}`).join("\n")]),
    ];
  }

  /** The page that lists all. @returns {string[]} */
  contents() {
    const rows = (/** @type {Source[]} */ sources) =>
      sources.map((source) => {
        const first = this.#text(commentOf(source.contract ?? source.members[0] ?? {}).notice, source, FOLDER);
        return `| [${source.name}](${posix.relative(FOLDER, source.page)}) | ${cell(first)} |`;
      });
    const chapters = Object.entries(Object.groupBy(this.sources, ({ file }) => chapterOf(file)));
    return [
      "# Contracts",
      "What each contract does and refuses, in the words of its source. [Architecture](../../architecture.md#contracts) says how they belong together.",
      ...chapters.flatMap(([chapter, sources = []]) => [
        `## ${chapter}`,
        ["| Source | Says |", "|---|---|", ...rows(sources)].join("\n"),
      ]),
    ];
  }

  /** @param {Source} source */
  #bases({ contract, page }) {
    const bases = (contract?.baseContracts ?? []).map((/** @type {any} */ { baseName }) => {
      const base = this.byContract.get(baseName.referencedDeclaration);
      const [name] = baseName.name.split(".");
      return base === undefined ? `\`${name}\`` : `[${name}](${posix.relative(posix.dirname(page), base.page)})`;
    });
    return bases.length === 0 ? "" : ` It is: ${bases.join(", ")}.`;
  }

  /** @param {any} node @param {Source} source @returns {string[]} */
  #member(node, source) {
    const { notice, dev, params, returns } = commentOf(node);
    const selector = node.functionSelector ?? node.errorSelector;
    const results = node.returnParameters?.parameters ?? [];
    const returned = returns.map((text, i) => {
      const name = results[i]?.name ?? "";
      return [name || "returns", name !== "" && text.startsWith(`${name} `) ? text.slice(name.length + 1) : text];
    });
    const rows = [...params, ...returned].map(([name, text]) => `| \`${name}\` | ${cell(this.#text(text, source))} |`);
    return [
      `### ${node.name || node.kind}`,
      this.#text(notice, source),
      this.#text(dev, source),
      `\`\`\`solidity\n${source.declarationOf(node)}\n\`\`\``,
      rows.length === 0 ? "" : ["| Name | Means |", "|---|---|", ...rows].join("\n"),
      selector === undefined ? "" : `Selector \`0x${selector}\``,
    ];
  }

  /** @param {any} node @param {Source} source */
  #inheritedFrom(node, source) {
    const base = /@inheritdoc (\w+)/.exec(node.documentation?.text ?? "")?.[1] ?? "";
    return this.#link(base, node.name, source.page) ?? `\`${node.name}\`: ${base}`;
  }

  /**
   * Markdown of a comment: its names in braces become links, as OpenZeppelin writes them.
   *
   * @param {string} text
   * @param {Source} source
   * @param {string} [from] the folder of the page that it stands on.
   */
  #text(text, source, from = posix.dirname(source.page)) {
    const page = posix.join(from, "index.md");
    return text.replace(/^Warning: /gm, "\n**Warning:** ").replace(/\{(\w+)(?:-(\w+))?\}/g, (_, name, member) => {
      const link = member === undefined ? this.#nameLink(name, source, page) : this.#link(name, member, page);
      return link ?? `\`${member ?? name}\``;
    });
  }

  /** @param {string} name of a source, a type, or a member of this source or a base. @param {Source} source @param {string} page */
  #nameLink(name, source, page) {
    const type = this.byType.get(name);
    if (this.byName.has(name)) return `[${name}](${this.#path(/** @type {Source} */ (this.byName.get(name)), page)})`;
    if (type !== undefined) return `[${name}](${this.#path(type, page)}#${name.toLowerCase()})`;
    const owners = source.contract?.linearizedBaseContracts.map((/** @type {number} */ id) => this.byContract.get(id));
    const owner = owners?.find((/** @type {Source | undefined} */ each) => each && declares(each, name));
    return owner && `[${name}](${this.#path(owner, page)}#${name.toLowerCase()})`;
  }

  /** @param {string} contract @param {string} member @param {string} page */
  #link(contract, member, page) {
    const named = this.byName.get(contract);
    const ids = named?.contract?.linearizedBaseContracts ?? [];
    const owner = ids
      .map((/** @type {number} */ id) => this.byContract.get(id))
      .find((/** @type {Source | undefined} */ each) => each && declares(each, member));
    if (owner === undefined) return undefined;
    return `[${member}](${this.#path(owner, page)}#${member.toLowerCase()}) of ${contract}`;
  }

  /** @param {Source} to @param {string} page */
  #path(to, page) {
    return posix.relative(posix.dirname(page), to.page);
  }
}

/** Whether a source's page has a section for this member. @param {Source} source @param {string} name */
function declares({ members }, name) {
  return members.some((node) => node.name === name && !commentOf(node).inherited && !isBare(node));
}

/** A constructor without a comment says nothing. @param {any} node */
function isBare(node) {
  return node.kind === "constructor" && node.documentation === undefined;
}

/** @param {any} node @returns {Comment} */
function commentOf({ documentation }) {
  const text = (documentation?.text ?? "").replace(/^ /gm, "");
  /** @type {Comment} */
  const comment = { notice: "", dev: "", params: [], returns: [], inherited: false };
  for (const part of text.split(/^(?=@\w)/m)) {
    const [, tag = "notice", said = ""] = /^(?:@([\w:-]+))?\s*([^]*)$/.exec(part.trim()) ?? [];
    if (tag === "notice" || tag === "dev") comment[tag] = [comment[tag], said].filter(Boolean).join("\n\n");
    if (tag === "param") comment.params.push([said.split(/\s/)[0] ?? "", said.replace(/^\S+\s*/, "")]);
    if (tag === "return") comment.returns.push(said);
    if (tag === "inheritdoc") comment.inherited = true;
  }
  return comment;
}

/** @param {string} file */
function chapterOf(file) {
  if (file.startsWith("contracts/interfaces/")) return "Interfaces";
  if (file.startsWith("contracts/modules/")) return "Modules";
  if (file.startsWith("contracts/types/")) return "Types";
  return posix.dirname(file) === "contracts" ? "Core" : "Parts of the core";
}

/** Text for a cell of a table. @param {string} text */
const cell = (text) => text.replace(/\s*\n\s*/g, " ").replaceAll("|", "\\|");

const capital = (/** @type {string} */ text) => text.charAt(0).toUpperCase() + text.slice(1);
