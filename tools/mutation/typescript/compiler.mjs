/** Mutants that TypeScript refuses reach no test: they count for nothing. */
import ts from "typescript";

import { at, ROOT } from "../../setup/project.mjs";
import { mutated } from "./mutants.mjs";

export class Compiler {
  /** @type {Map<string, { version: number, text: string }>} files that differ from the disk, by full path. */
  #changed = new Map();
  #sources;
  #service;
  #version = 0;

  /** @param {Record<string, string>} sources */
  constructor(sources) {
    this.#sources = sources;
    const { config } = ts.readConfigFile(at("tsconfig.build.json"), ts.sys.readFile);
    const { options, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
    this.#service = ts.createLanguageService({
      getCompilationSettings: () => options,
      getCurrentDirectory: () => ROOT,
      getDefaultLibFileName: ts.getDefaultLibFilePath,
      getScriptFileNames: () => fileNames,
      getScriptVersion: (name) => String(this.#changed.get(name)?.version ?? 0),
      getScriptSnapshot: (name) => {
        const text = this.#changed.get(name)?.text ?? ts.sys.readFile(name);
        return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
      },
      fileExists: ts.sys.fileExists,
      readFile: ts.sys.readFile,
      readDirectory: ts.sys.readDirectory,
      directoryExists: ts.sys.directoryExists,
      getDirectories: ts.sys.getDirectories,
    });
  }

  /** Whether the mutant's own file compiles; unused names are no fault of its. @param {import("./mutants.mjs").Mutant} mutant */
  accepts(mutant) {
    const name = at(mutant.file);
    this.#set(name, mutated(mutant, this.#sources[mutant.file]));
    const errors = [
      ...this.#service.getSyntacticDiagnostics(name),
      ...this.#service.getSemanticDiagnostics(name),
    ].filter(({ category, reportsUnnecessary }) => category === ts.DiagnosticCategory.Error && !reportsUnnecessary);
    this.#set(name, this.#sources[mutant.file]);
    return errors.length === 0;
  }

  /** @param {string} name @param {string} text */
  #set(name, text) {
    this.#changed.set(name, { version: ++this.#version, text });
  }
}
