/** Mutants that TypeScript refuses reach no test: they count for nothing. */
import ts from "typescript";

import { at, ROOT } from "../../setup/project.mjs";
import { mutated } from "./mutants.mjs";

/**
 * Those that compile in their own file. Each is a copy of the file beside it, so that all are checked at once, by a compiler
 * that reads the rest of the project once.
 *
 * @param {import("./mutants.mjs").Mutant[]} mutants
 * @param {Record<string, string>} sources
 * @returns {Set<import("./mutants.mjs").Mutant>}
 */
export function compiling(mutants, sources) {
  if (mutants.length === 0) return new Set();
  /** @type {Map<string, string>} */
  const copies = new Map();
  const copyOf = (/** @type {string} */ file, /** @type {string | number} */ name, /** @type {string} */ text) => {
    const path = at(file).replace(/\.ts$/, `.${name}.ts`);
    copies.set(path, text);
    return path;
  };
  const files = [...new Set(mutants.map(({ file }) => file))];
  const asTheyAre = new Map(files.map((file) => [file, copyOf(file, "same", sources[file])]));
  const changed = new Map(
    mutants.map((mutant) => [mutant, copyOf(mutant.file, mutant.number, mutated(mutant, sources[mutant.file]))]),
  );
  const program = programWith(copies);
  const accepts = (/** @type {string | undefined} */ path) => errorsIn(program, path).length === 0;
  // A class that stands in two files is two classes: what refers to itself by way of another file is checked in its place.
  const inPlace = new Set(files.filter((file) => !accepts(asTheyAre.get(file))));
  return new Set(
    mutants.filter((mutant) =>
      inPlace.has(mutant.file)
        ? errorsIn(programWith(new Map([[at(mutant.file), mutated(mutant, sources[mutant.file])]])), at(mutant.file))
            .length === 0
        : accepts(changed.get(mutant)),
    ),
  );
}

/** @param {Map<string, string>} texts by full path, instead of what the disk has. */
function programWith(texts) {
  const { config } = ts.readConfigFile(at("tsconfig.build.json"), ts.sys.readFile);
  const { options, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists } = host;
  host.readFile = (name) => texts.get(name) ?? readFile(name);
  host.fileExists = (name) => texts.has(name) || fileExists(name);
  return ts.createProgram([...new Set([...fileNames, ...texts.keys()])], options, host);
}

/** Unused names are no fault of a mutant's. @param {ts.Program} program @param {string | undefined} path */
function errorsIn(program, path) {
  const source = program.getSourceFile(/** @type {string} */ (path));
  return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].filter(
    ({ category, reportsUnnecessary }) => category === ts.DiagnosticCategory.Error && !reportsUnnecessary,
  );
}
