/** Bundles the example for browsers out of the package, as a page's author would, and looks at what comes of it. */
import { join } from "node:path";
import { gzipSync } from "node:zlib";

import { build } from "vite";

import { FOR_BROWSERS, installed } from "./consumer.mjs";

/** What a page under a strict policy refuses or a browser hasn't, and what belongs into no page. */
const REFUSED = {
  eval: /\beval\s*\(|\bnew Function\s*\(|\bFunction\s*\(\s*["'`]/,
  "an inline worker": /new (Shared)?Worker\(\s*(["'`](data|blob):|URL\.createObjectURL)/,
  bytecode: /(?:0x)?[0-9a-f]{400}/i,
};

const OF_NODE = /^node:|__vite-browser-external/;

/** @param {string} tarball */
export async function bundleForBrowser(tarball) {
  const root = installed(tarball);
  const result = await build({
    root,
    configFile: false,
    logLevel: "error",
    worker: { format: "es" },
    build: { write: false, rolldownOptions: { input: join(root, FOR_BROWSERS) } },
  });
  const outputs = [result].flat().flatMap((each) => ("output" in each ? each.output : []));
  const problems = [];
  const notes = [];
  for (const output of outputs) {
    const content = output.type === "chunk" ? output.code : output.source;
    const kilobytes = Math.round(gzipSync(content).length / 1_000);
    notes.push(`${output.fileName}: ${kilobytes} kB gzipped`);
    // For a module of Node the bundler puts an empty one of its own.
    const ofNode =
      output.type === "chunk" ? [...output.imports, ...output.moduleIds].filter((id) => OF_NODE.test(id)) : [];
    problems.push(...ofNode.map((id) => `${output.fileName} needs a module of Node: ${id}`));
    if (!output.fileName.endsWith(".js")) continue;
    for (const [what, pattern] of Object.entries(REFUSED)) {
      const found = pattern.exec(String(content));
      if (found === null) continue;
      const around = String(content).slice(Math.max(0, found.index - 80), found.index + 80);
      problems.push(`${output.fileName} holds ${what}: …${around}…`);
    }
  }
  return { problems, notes };
}
