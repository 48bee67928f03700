/** What a page has to load that uses the library: how much it is, and that nothing of it needs a policy that is less than strict. */
import { gzipSync } from "node:zlib";

import { build } from "esbuild";
import ts from "typescript";

import { textOf } from "../setup/project.mjs";
import { entries, installed } from "./consumer.mjs";
import { BYTECODE } from "./contents.mjs";

/** Kilobytes, gzipped, that the SDK with vault and store may take without ethers and without WebAssembly. Modules are chosen beside. */
const LARGEST = 350;
/** Where the sizes are written down, and how far from it they may be. */
const [PAGE, TOLERANCE] = [["docs", "guides", "browser.md"], 0.05];

/** Not for browsers. */
const NODE_ENTRY = /\/(node|devnet)$/;
/** Validation of FHIR is optional, and has no place in a browser. */
const NEVER = ["@medplum/*"];

const everything = () =>
  browserEntries()
    .map((entry, i) => `export * as entry${i} from "${entry}";`)
    .join("\n");
/** What a page of ours would load beside it: stated, and no part of the limit. */
const BESIDE = ["ethers", "@sqlite.org/sqlite-wasm"];

/** What is measured: what it is called on the page, a program, what is left out, and how much it may be at most. */
const PROGRAMS = [
  { name: "The whole library", code: everything, without: BESIDE, largest: Infinity },
  {
    name: "`createClient`, a vault and a store",
    code: () =>
      [
        'export { createClient } from "chartchain/sdk";',
        'export { openVault } from "chartchain/vault/web";',
        'export { createBrowserStore } from "chartchain/storage/web";',
      ].join("\n"),
    without: BESIDE,
    largest: LARGEST,
  },
  {
    name: "`sha256` of `chartchain/crypto`",
    code: () => 'export { sha256 } from "chartchain/crypto";',
    without: [],
    largest: 15,
  },
  {
    name: "`isChartChainError` of `chartchain/errors`",
    code: () => 'export { isChartChainError } from "chartchain/errors";',
    without: [],
    largest: 1,
  },
  { name: "ethers", code: () => 'export * from "ethers";', without: [], largest: Infinity },
  {
    name: "SQLite's JavaScript",
    code: () => 'export { default } from "@sqlite.org/sqlite-wasm";',
    without: [],
    largest: Infinity,
  },
];

/** @param {string} tarball */
export async function checkSize(tarball) {
  const folder = installed(tarball);
  const { texts } = await bundle(folder, everything(), []);
  const problems = [...new Set(texts.flatMap(offences))];
  const notes = [];
  const sizes = new Map();
  for (const { name, code, without, largest } of PROGRAMS) {
    const { first, later, heaviest } = await bundle(folder, code(), without);
    const size = first + later;
    sizes.set(name, size);
    notes.push(`${name}: ${kilobytes(size)} kB${later > 0 ? `, ${kilobytes(later)} of them on demand` : ""}`);
    if (without === BESIDE) notes.push(`  of it ${heaviest} before gzip`);
    if (size / 1000 > largest) problems.push(`${name}: ${kilobytes(size)} kB; ${largest} are allowed`);
  }
  const wasm = gzipSync(await wasmOf(folder), { level: 9 }).length;
  sizes.set("SQLite's WebAssembly", wasm);
  notes.push(`SQLite's WebAssembly: ${kilobytes(wasm)} kB`);
  return { problems: [...problems, ...missingOnPage(sizes)], notes };
}

/** @param {number} bytes */
const kilobytes = (bytes) => (bytes < 10_000 ? (bytes / 1000).toFixed(1) : Math.round(bytes / 1000));

const browserEntries = () => entries().filter((entry) => !NODE_ENTRY.test(entry));

/**
 * A program as a bundler makes it, in pieces: what is loaded at first, and what is on demand. Sizes are in bytes, gzipped.
 *
 * @param {string} folder @param {string} code @param {string[]} without
 */
async function bundle(folder, code, without) {
  const { outputFiles, metafile } = await build({
    ...{ bundle: true, splitting: true, minify: true, write: false, metafile: true, logLevel: "silent" },
    ...{ format: "esm", platform: "browser", target: "es2024", outdir: "out", absWorkingDir: folder },
    stdin: { contents: code, resolveDir: folder, sourcefile: "page.js" },
    external: [...without, ...NEVER],
    loader: { ".wasm": "file" },
  });
  const texts = outputFiles.map(({ text }) => text);
  const sizes = new Map(
    Object.keys(metafile.outputs).map((path) => {
      const file = outputFiles.find((each) => each.path.endsWith(path));
      return [path, gzipSync(file?.contents ?? new Uint8Array(0), { level: 9 }).length];
    }),
  );
  const entry = Object.keys(metafile.outputs).find((path) => metafile.outputs[path]?.entryPoint === "page.js") ?? "";
  /** What is loaded with these, by imports of such kinds. Pieces that nothing asks for any more are in the output as well. */
  const reached = (/** @type {string[]} */ kinds) => {
    const paths = new Set([entry]);
    for (const path of paths) {
      for (const { path: next, kind } of metafile.outputs[path]?.imports ?? []) {
        if (kinds.includes(kind) && sizes.has(next)) paths.add(next);
      }
    }
    return [...paths].reduce((sum, path) => sum + (sizes.get(path) ?? 0), 0);
  };
  const first = reached(["import-statement"]);
  const later = reached(["import-statement", "dynamic-import"]) - first;
  return { first, later, texts, heaviest: heaviestOf(metafile) };
}

/** The parts that take most, by minified bytes. @param {import("esbuild").Metafile} metafile */
function heaviestOf(metafile) {
  const parts = new Map();
  for (const { inputs } of Object.values(metafile.outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const [, library, room] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)(?:\/dist\/src\/([^/]+)\/)?/.exec(path) ?? [];
      const part = room ?? library ?? "page";
      parts.set(part, (parts.get(part) ?? 0) + bytesInOutput);
    }
  }
  const ordered = [...parts].sort(([, one], [, other]) => other - one).slice(0, 8);
  return `${ordered.map(([part, bytes]) => `${part} ${kilobytes(bytes)}`).join(", ")} kB`;
}

/** What a strict Content Security Policy refuses, and what doesn't belong into a browser. @param {string} text */
function offences(text) {
  const found = new Set();
  if (BYTECODE.test(text)) found.add("it holds bytecode");
  const see = (/** @type {ts.Node} */ node) => {
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
      const { expression } = node;
      const name = ts.isIdentifier(expression) ? expression.text : "";
      if (name === "eval" || name === "Function") found.add(`it calls ${name}, which makes code of text`);
      if (ts.isPropertyAccessExpression(expression) && expression.name.text === "createObjectURL") {
        found.add("it makes a URL of what it has in memory, such as an inline worker's");
      }
    }
    if (ts.isStringLiteralLike(node) && /^(blob:|data:(text|application)\/(javascript|ecmascript))/.test(node.text)) {
      found.add(`it names code in a URL: ${node.text.slice(0, 40)}`);
    }
    ts.forEachChild(node, see);
  };
  see(ts.createSourceFile("bundle.js", text, ts.ScriptTarget.Latest));
  return [...found];
}

/** @param {string} folder */
async function wasmOf(folder) {
  const { outputFiles } = await build({
    ...{
      bundle: true,
      write: false,
      logLevel: "silent",
      outdir: "out",
      absWorkingDir: folder,
      loader: { ".wasm": "copy" },
    },
    stdin: { contents: `import "@sqlite.org/sqlite-wasm/sqlite3.wasm";`, resolveDir: folder },
  });
  return outputFiles.find(({ path }) => path.endsWith(".wasm"))?.contents ?? new Uint8Array(0);
}

/** What the page about browsers says otherwise than it is. @param {Map<string, number>} sizes */
function missingOnPage(sizes) {
  const page = textOf(...PAGE) ?? "";
  return [...sizes].flatMap(([name, size]) => {
    const row = page.split("\n").find((line) => line.startsWith(`| ${name} |`));
    const said = Number(/\| ([\d.]+) kB/.exec(row ?? "")?.[1]);
    const isRight = Math.abs(said * 1000 - size) <= Math.max(size * TOLERANCE, 100);
    return isRight ? [] : [`${PAGE.join("/")} should say: | ${name} | ${kilobytes(size)} kB |`];
  });
}
