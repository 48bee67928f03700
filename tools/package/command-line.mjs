/**
 * Puts the command line of the package together: one folder of files that hold whatever a command needs, so that it starts in
 * a third of the time that looking for a thousand modules takes. What it holds of others comes with their licences.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { isAbsolute, relative } from "node:path";

import { rolldown } from "rolldown";

import { at, filesBelow, ROOT, textOf } from "../setup/project.mjs";

/** Where it lies in the package: beside `artifacts`, as the devnet that it starts expects. */
const FOLDER = "dist/cli";
/** Optional peers of the package: whoever installed them has them found. */
const PEERS = Object.keys(JSON.parse(textOf("package.json") ?? "{}").peerDependencies);

/**
 * Imported as any other, a module of Node's gives all that it exports at once, and `http` loads a whole client of HTTP for
 * that. Asked for by the process, it waits for who needs it. ethers sends by either of both, and `https` loads TLS: there each waits
 * for the first request.
 *
 * @type {import("rolldown").Plugin}
 */
const lazyBuiltins = {
  name: "lazy-builtins",
  resolveId: {
    filter: { id: /^(node:)?https?$/ },
    handler: (id, importer) =>
      `\0${importer?.endsWith("/ethers/lib.esm/utils/geturl.js") ? "requests" : "builtin"}:${id}`,
  },
  load: {
    filter: { id: /^\0(builtin|requests):/ },
    handler(id) {
      const [kind, name] = id.slice(1).split(/:(.*)/);
      const module = `process.getBuiltinModule(${JSON.stringify(name)})`;
      return kind === "requests"
        ? `export default { request: (...given) => ${module}.request(...given) };`
        : `module.exports = ${module};`;
    },
  },
};

/**
 * The program runs in Node alone, which has the primitives: those of other platforms load a cipher to fill its tables.
 *
 * @type {import("rolldown").Plugin}
 */
const nodeAlone = {
  name: "node-alone",
  load: {
    filter: { id: /\/src\/crypto\/web\/primitives\.ts$/ },
    handler: () => "export const webPrimitives = undefined;",
  },
};

/**
 * The library that draws tables measures each cell by a list of all emoji, which takes longer to read than a table to draw: what is
 * plain is measured without.
 *
 * @type {import("rolldown").Plugin}
 */
const plainWidths = {
  name: "plain-widths",
  load: {
    filter: { id: /\/string-width\/index\.js(\?all)?$/ },
    handler(id) {
      if (id.endsWith("?all")) return readFileSync(id.slice(0, -"?all".length), "utf8");
      const all = `require(${JSON.stringify(`${id}?all`)})`;
      return `let all; module.exports = (text) => /^[ -~]*$/.test(text) ? text.length : (all ??= ${all})(text);`;
    },
  },
};

/** @type {import("rolldown").InputOptions} */
const INPUT = {
  cwd: ROOT,
  input: "src/cli/main.ts",
  platform: "node",
  preserveEntrySignatures: "allow-extension",
  external: PEERS.map((peer) => new RegExp(`^${peer}(/|$)`)),
  plugins: [lazyBuiltins, nodeAlone, plainWidths],
  transform: { target: "node22" },
  // Some commands need whole what others load when they come to it.
  checks: { ineffectiveDynamicImport: false },
};

/** @type {import("rolldown").OutputOptions} */
const OUTPUT = {
  dir: FOLDER,
  format: "esm",
  chunkFileNames: "[name]-[hash].js",
  // Short, without blanks and comments; names stay, for whoever reads where an error came from.
  minify: { compress: true, mangle: false, codegen: { removeWhitespace: true } },
};

export async function buildCommandLine() {
  const { start, identity } = await everybodys();
  const { output } = await bundled((program) =>
    program.write({
      ...OUTPUT,
      codeSplitting: {
        includeDependenciesRecursively: false,
        groups: [
          { name: "start", test: (id) => start.has(id), priority: 2 },
          { name: "identity", test: (id) => identity.has(id), priority: 1 },
        ],
      },
    }),
  );
  // What a plugin or the bundler made up has no place.
  const files = output.flatMap((file) => (file.type === "chunk" ? file.moduleIds : [])).filter(isAbsolute);
  const folders = files.map(
    (file) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(relative(ROOT, file).replaceAll("\\", "/"))?.[0],
  );
  writeFileSync(at(FOLDER, "LICENSES"), licencesOf([...new Set(folders)].filter((folder) => folder !== undefined)));
}

/**
 * The modules that every command loads, of which a bundler makes dozens of files, each with those that the same commands need. To
 * find and link so many takes as long as to run them, so they become two: what the program starts with, and what tells
 * who somebody is.
 */
async function everybodys() {
  const { output } = await bundled((program) => program.generate(OUTPUT));
  const files = new Map(output.flatMap((file) => (file.type === "chunk" ? [[file.fileName, file]] : [])));
  const modulesOf = (/** @type {string[]} */ ...names) => {
    const isEntry = (/** @type {string} */ name) => names.some((each) => name.startsWith(each));
    const found = new Set([...files.keys()].filter(isEntry));
    for (const name of found) for (const next of files.get(name)?.imports ?? []) found.add(next);
    return new Set([...found].filter((name) => !isEntry(name)).flatMap((name) => files.get(name)?.moduleIds ?? []));
  };
  return { start: modulesOf("main.", "chartchain-", "run-line-"), identity: modulesOf("whoami-") };
}

/** @template T @param {(program: import("rolldown").RolldownBuild) => Promise<T>} use */
async function bundled(use) {
  const program = await rolldown(INPUT);
  try {
    return await use(program);
  } finally {
    await program.close();
  }
}

/** Name, version, licence and its text, of each package; where it comes without the text, where it is kept. @param {string[]} folders */
function licencesOf(folders) {
  const parts = folders.map((folder) => {
    const { name, version, license, author, homepage, repository } = JSON.parse(textOf(folder, "package.json") ?? "{}");
    const texts = filesBelow(folder)
      .filter((file) => /^licen[cs]e[^/]*$/i.test(file.slice(folder.length + 1)))
      .map((file) => textOf(file)?.trim());
    const kept = `By ${author?.name ?? author ?? "its contributors"}: ${homepage ?? repository?.url ?? repository}`;
    return `${name} ${version}, ${license}\n\n${texts.length === 0 ? kept : texts.join("\n\n")}`;
  });
  return [
    "The command line of ChartChain (the other files of this folder) holds parts of these packages.",
    ...[...new Set(parts)].sort(),
  ].join(`\n\n${"-".repeat(78)}\n\n`);
}
