/** What a user of the library can name, entry by entry, as a file in which every change of it shows. */
import { writeFileSync } from "node:fs";
import { env } from "node:process";

import ts from "typescript";

import { at, textOf } from "../setup/project.mjs";
import { entries, programOf } from "./consumer.mjs";

const FILE = ["tools", "package", "api.txt"];
const UPDATE = "UPDATE_API=1 npm run test:package -- api";
/** Generated, and written out in src/abi: the names are enough. */
const NAMES_ALONE = /\/abi$/;

/** @param {string} tarball */
export async function compareApi(tarball) {
  const now = apiOf(programOf(tarball));
  if (env.UPDATE_API === "1") writeFileSync(at(...FILE), now);
  const committed = textOf(...FILE) ?? "";
  if (now === committed) return { problems: [] };
  const [before, after] = [committed.split("\n"), now.split("\n")];
  const changed = [
    ...before.filter((line) => !after.includes(line)).map((line) => `- ${line}`),
    ...after.filter((line) => !before.includes(line)).map((line) => `+ ${line}`),
  ];
  const shown = changed.slice(0, 40).join("\n") || "the order has changed";
  return { problems: [`${shown}\nIf this is meant, say so in CHANGELOG.md and write it down: ${UPDATE}`] };
}

/** @param {ts.Program} program */
function apiOf(program) {
  const checker = program.getTypeChecker();
  const source = program.getSourceFiles().find(({ fileName }) => fileName.endsWith("/entries.ts"));
  const modules = new Map();
  for (const statement of source?.statements ?? []) {
    if (!ts.isImportDeclaration(statement)) continue;
    modules.set(
      /** @type {ts.StringLiteral} */ (statement.moduleSpecifier).text,
      checker.getSymbolAtLocation(statement.moduleSpecifier),
    );
  }
  let text = "What each entry of the package exports. Checked, and written by: " + UPDATE + "\n";
  const told = new Map();
  for (const entry of entries()) {
    text += `\n## ${entry}\n\n`;
    const of = modules.get(entry);
    if (told.has(of)) {
      text += `As ${told.get(of)}.\n`;
      continue;
    }
    told.set(of, entry);
    const exported = checker.getExportsOfModule(of).sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const symbol of exported) {
      text += NAMES_ALONE.test(entry) ? `${symbol.name}\n` : `${declared(symbol, checker)}\n`;
    }
  }
  return text;
}

const printer = ts.createPrinter({ removeComments: true });

/** As it is declared, without comments. @param {ts.Symbol} symbol @param {ts.TypeChecker} checker */
function declared(symbol, checker) {
  const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  const declarations = target.declarations ?? [];
  const [first] = declarations;
  if (first !== undefined && ts.isVariableDeclaration(first)) {
    const type = checker.getTypeOfSymbol(target);
    const members = checker.getPropertiesOfType(type);
    // A collection of functions is told by what each takes and gives, not by the name that each has inside.
    if (members.some((member) => checker.getTypeOfSymbol(member).getCallSignatures().length > 0) && isPlain(type)) {
      const lines = members.map(
        (member) => `    ${member.name}: ${written(checker.getTypeOfSymbol(member), checker)};\n`,
      );
      return `const ${symbol.name}: {\n${lines.sort().join("")}}`;
    }
  }
  const texts = declarations.map((node) => printer.printNode(ts.EmitHint.Unspecified, node, node.getSourceFile()));
  const kind = first !== undefined && ts.isVariableDeclaration(first) ? "const " : "";
  return texts.map((text) => `${kind}${text.replace(/^export (declare )?/, "")}`).join("\n");
}

/** An object literal's type, and no class, array or text. @param {ts.Type} type */
const isPlain = (type) =>
  (type.symbol?.flags ?? 0) & ts.SymbolFlags.TypeLiteral && type.getCallSignatures().length === 0;

/** @param {ts.Type} type @param {ts.TypeChecker} checker */
const written = (type, checker) =>
  checker.typeToString(type, undefined, ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.WriteArrowStyleSignature);
