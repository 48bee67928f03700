/** The reference of the package: what its entries export, and what the comments there say, by TypeDoc. */
import { globSync } from "node:fs";
import { posix } from "node:path";

import { Application, ReflectionKind } from "typedoc";

import { at, ROOT, textOf } from "../setup/project.mjs";
import { PAGES } from "./places.mjs";

const FOLDER = posix.join(PAGES, "reference", "package");
/** The same as /sdk; generated from the contracts, whose reference is a better place to read; no code. */
const LEFT_OUT = [".", "./abi", "./contracts/*.sol", "./package.json"];

/** Writes a page for each entry of the package. Throws when TypeDoc can't read the sources. */
export async function writeSdk() {
  const entries = entriesOf(JSON.parse(textOf("package.json") ?? "{}").exports);
  const app = await Application.bootstrapWithPlugins({
    plugin: ["typedoc-plugin-markdown"],
    entryPoints: Object.values(entries).map((file) => at(file)),
    tsconfig: at("tsconfig.build.json"),
    basePath: ROOT,
    name: "Package",
    readme: "none",
    excludeInternal: true,
    // What comes from the language itself is described elsewhere.
    excludeExternals: true,
    disableSources: true,
    logLevel: "Error",
    outputs: [{ name: "markdown", path: at(FOLDER) }],
    ...layout,
  });
  const project = await app.convert();
  if (project === undefined) throw new Error("TypeDoc can't read the package: run npm run lint -- types");
  for (const module of project.getReflectionsByKind(ReflectionKind.Module)) {
    const name = Object.keys(entries).find(
      (entry) => entries[entry] === `${module.name}/index.ts` || entries[entry] === `${module.name}.ts`,
    );
    if (name === undefined) throw new Error(`no entry of the package is ${module.name}`);
    module.name = name;
  }
  // So TypeScript calls parameters that are taken apart at once.
  for (const parameter of project.getReflectionsByKind(ReflectionKind.Parameter)) {
    if (parameter.name === "__namedParameters") parameter.name = "options";
  }
  // The client's verbs are values of an object, and nobody looks for them among variables.
  for (const { groups } of project.getReflectionsByKind(ReflectionKind.Namespace)) {
    for (const group of groups ?? []) if (group.title === "Variables") group.title = "Verbs";
  }
  linkErrors(Object.values(project.reflections));
  await app.generateOutputs(project);
}

/** Makes links of the error codes that a comment says are thrown. @param {import("typedoc").Reflection[]} reflections */
function linkErrors(reflections) {
  const codes = new Set(
    [...(textOf("docs", "reference", "errors.md") ?? "").matchAll(/^### (\w+)$/gm)].map(([, code]) => code),
  );
  const linked = (/** @type {string} */ text) =>
    text.replace(/\b[A-Z][A-Z0-9_]+\b/g, (code) =>
      codes.has(code) ? `[${code}](/reference/errors.md#${code.toLowerCase()})` : code,
    );
  for (const { tag, content } of reflections.flatMap(({ comment }) => comment?.blockTags ?? [])) {
    if (tag === "@throws") for (const part of content) if (part.kind === "text") part.text = linked(part.text);
  }
}

/** One page for an entry, tables where a heading for each line would bury what it is about. */
const layout = /** @type {any} */ ({
  outputFileStrategy: "modules",
  entryFileName: "index",
  // Two names that differ in capitals alone would get one heading.
  useCustomAnchors: true,
  hideBreadcrumbs: true,
  hidePageHeader: true,
  parametersFormat: "table",
  interfacePropertiesFormat: "table",
  classPropertiesFormat: "table",
  typeAliasPropertiesFormat: "table",
  enumMembersFormat: "table",
  typeDeclarationFormat: "table",
  propertyMembersFormat: "table",
  tableColumnSettings: { hideInherited: true, hideOverrides: true },
  pageTitleTemplates: {
    index: "Package",
    module: (/** @type {{ name: string }} */ { name }) =>
      name === "actions" ? "The client's verbs" : `chartchain/${name}`,
  },
});

/**
 * @param {Record<string, string | { default: string }>} exports of package.json
 * @returns {Record<string, string>} the source of each entry, by its path in the package.
 */
function entriesOf(exports) {
  const found = Object.entries(exports).filter(([entry]) => !LEFT_OUT.includes(entry));
  return Object.fromEntries(
    found.flatMap(([entry, target]) => {
      const source = (typeof target === "string" ? target : target.default)
        .replace(/^\.\/dist\//, "")
        .replace(/\.js$/, ".ts");
      const name = entry.replace(/^\.\//, "");
      if (!name.includes("*")) return [[name, source]];
      const [before = "", after = ""] = source.split("*");
      return globSync(source, { cwd: ROOT }).map((file) => {
        const star = file.slice(before.length, file.length - after.length);
        return [name.replace("*", star), file];
      });
    }),
  );
}
