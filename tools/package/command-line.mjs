/**
 * Puts the command line of the package together: one folder of files that hold whatever a command needs, so that it starts in
 * a third of the time that looking for a thousand modules takes. What it holds of others comes with their licences.
 */
import { writeFileSync } from "node:fs";

import { build } from "esbuild";

import { at, filesBelow, ROOT, textOf } from "../setup/project.mjs";
import { straightImports } from "./straight-imports.mjs";

/** Where it lies in the package: beside `artifacts`, as the devnet that it starts expects. */
const FOLDER = "dist/cli";
/** Optional peers of the package: whoever installed them has them found. */
const PEERS = Object.keys(JSON.parse(textOf("package.json") ?? "{}").peerDependencies);

/**
 * Imported as any other, a module of Node's gives all that it exports at once, and `http` loads a whole client of HTTP for
 * that. Asked for by the process, it waits for who needs it. ethers sends by either of both, and `https` loads TLS: there each waits
 * for the first request.
 *
 * @type {import("esbuild").Plugin}
 */
const lazyBuiltins = {
  name: "lazy-builtins",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /./ }, ({ path, importer }) => {
      if (!/^(node:)?https?$/.test(path)) return undefined;
      const isOfRequests = importer.endsWith("/ethers/lib.esm/utils/geturl.js") && /^https?$/.test(path);
      return { path, namespace: isOfRequests ? "builtin-request" : "builtin" };
    });
    onLoad({ filter: /./, namespace: "builtin" }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
    }));
    onLoad({ filter: /./, namespace: "builtin-request" }, ({ path }) => ({
      contents: `export default { request: (...given) => process.getBuiltinModule(${JSON.stringify(path)}).request(...given) };`,
    }));
  },
};

/**
 * The program runs in Node alone, which has the primitives: those of other platforms load a cipher to fill its tables.
 *
 * @type {import("esbuild").Plugin}
 */
const nodeAlone = {
  name: "node-alone",
  setup({ onLoad }) {
    onLoad({ filter: /\/src\/crypto\/web\/primitives\.ts$/ }, () => ({
      contents: "export const webPrimitives = undefined;",
    }));
  },
};

/**
 * The library that draws tables measures each cell by a list of all emoji, which takes longer to read than a table to draw: what is
 * plain is measured without.
 *
 * @type {import("esbuild").Plugin}
 */
const plainWidths = {
  name: "plain-widths",
  setup({ onLoad }) {
    onLoad({ filter: /\/string-width\/index\.js$/ }, ({ path, suffix }) =>
      suffix === ""
        ? {
            contents: `let all; module.exports = (text) => /^[ -~]*$/.test(text) ? text.length : (all ??= require(${JSON.stringify(`${path}?all`)}))(text);`,
          }
        : undefined,
    );
  },
};

export async function buildCommandLine() {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: ["src/cli/main.ts"],
    bundle: true,
    splitting: true,
    // Short, without blanks and comments; names stay, for whoever reads where an error came from.
    minifyWhitespace: true,
    minifySyntax: true,
    format: "esm",
    platform: "node",
    target: "node22",
    outdir: FOLDER,
    chunkNames: "[name]-[hash]",
    external: PEERS.flatMap((peer) => [peer, `${peer}/*`]),
    plugins: [lazyBuiltins, nodeAlone, plainWidths, straightImports],
    // What is written for CommonJS asks for Node's modules so.
    banner: {
      js: 'import { createRequire } from "node:module";\nconst require = createRequire(import.meta.url);',
    },
    metafile: true,
    logLevel: "warning",
  });
  const folders = Object.keys(metafile.inputs).map(
    (file) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0],
  );
  writeFileSync(at(FOLDER, "LICENSES"), licencesOf([...new Set(folders)].filter((folder) => folder !== undefined)));
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
