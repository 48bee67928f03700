/**
 * What a file imports through an index, a room's or that of ethers, it imports from where it is: esbuild keeps files together by who
 * can reach them, and through an index everybody reaches everything. A command would load all rooms to use one function of each.
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, extname, relative, resolve } from "node:path";

import ts from "typescript";

import { at } from "../setup/project.mjs";

const ETHERS = at("node_modules/ethers/lib.esm/index.js");

/** @type {import("esbuild").Plugin} */
export const straightImports = {
  name: "straight-imports",
  setup({ onLoad }) {
    /** @type {Map<string, Map<string, Place>>} */
    const read = new Map();
    onLoad({ filter: /\/src\/.*\.ts$|\/ethers\/lib\.esm\/.*\.js$/ }, ({ path }) => ({
      contents: straightened(path, read),
      loader: extname(path) === ".ts" ? "ts" : "js",
    }));
  },
};

/**
 * Where something is that an index exports: its file, and its name there.
 *
 * @typedef {{ file: string, name: string }} Place
 */

/**
 * @param {string} file
 * @param {Map<string, Map<string, Place>>} read what indexes export, as far as they were read
 */
function straightened(file, read) {
  const source = parsed(file);
  let text = source.text;
  for (const statement of [...source.statements].reverse()) {
    if (!ts.isImportDeclaration(statement)) continue;
    if (statement.importClause?.isTypeOnly === true) continue;
    const bindings = statement.importClause?.namedBindings;
    const index = fileOf(file, statement.moduleSpecifier);
    if (index === undefined || !isIndex(index) || bindings === undefined || !ts.isNamedImports(bindings)) continue;
    const lines = bindings.elements
      .filter(({ isTypeOnly }) => !isTypeOnly)
      .map(({ name, propertyName }) => {
        const place = placeOf({ file: index, name: (propertyName ?? name).text }, read);
        const from = relative(dirname(file), place.file).replace(/\.ts$/, ".js");
        return `import { ${place.name} as ${name.text} } from ${JSON.stringify(from.startsWith(".") ? from : `./${from}`)};`;
      });
    // On one line: what comes after it stays where it was.
    text = text.slice(0, statement.getStart()) + lines.join(" ") + text.slice(statement.getEnd());
  }
  return text;
}

/**
 * Where something is in truth: an index may have it of another one.
 *
 * @param {Place} place
 * @param {Map<string, Map<string, Place>>} read
 * @returns {Place}
 */
function placeOf(place, read) {
  if (!isIndex(place.file)) return place;
  const next = exportsOf(place.file, read).get(place.name);
  return next === undefined ? place : placeOf(next, read);
}

/** @param {string} file */
const isIndex = (file) => /\/index\.[jt]s$|\/lib\.esm\/ethers\.js$/.test(file);

/**
 * What an index hands on of other files.
 *
 * @param {string} index
 * @param {Map<string, Map<string, Place>>} read
 * @returns {Map<string, Place>}
 */
function exportsOf(index, read) {
  const known = read.get(index);
  if (known !== undefined) return known;
  const places = new Map();
  read.set(index, places);
  for (const statement of parsed(index).statements) {
    if (!ts.isExportDeclaration(statement) || statement.isTypeOnly) continue;
    const file = fileOf(index, statement.moduleSpecifier);
    if (file === undefined) continue;
    const { exportClause } = statement;
    if (exportClause === undefined) for (const [name, place] of exportsOf(file, read)) places.set(name, place);
    else if (ts.isNamedExports(exportClause))
      for (const { name, propertyName } of exportClause.elements)
        places.set(name.text, { file, name: (propertyName ?? name).text });
  }
  return places;
}

/** @param {string} file */
const parsed = (file) => ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true);

/**
 * The file that is named, of ours or of ethers; undefined for anything else.
 *
 * @param {string} importer
 * @param {ts.Expression | undefined} specifier
 */
function fileOf(importer, specifier) {
  if (specifier === undefined || !ts.isStringLiteral(specifier)) return undefined;
  if (specifier.text === "ethers") return ETHERS;
  if (!specifier.text.startsWith(".")) return undefined;
  const file = resolve(dirname(importer), specifier.text.replace(/\.js$/, extname(importer)));
  return existsSync(file) ? file : undefined;
}
