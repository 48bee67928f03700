#!/usr/bin/env node
/**
 * What somebody gets who installs the library: packed as npm publishes it, looked at from outside, and used.
 *
 *   npm run test:package
 *   npm run test:package -- contents publint        only these
 *   UPDATE_API=1 npm run test:package -- api        writes tools/package/api.txt as the library is now
 */
import { argv, exit } from "node:process";

import { compareApi } from "./package/api.mjs";
import { checkContents } from "./package/contents.mjs";
import { bundleForBrowser } from "./package/bundle.mjs";
import { importEverywhere, runExamples, strictTypes } from "./package/consumer.mjs";
import { runGuides } from "./package/guides.mjs";
import { testsUnderOldestNode } from "./package/nodes.mjs";
import { packed } from "./package/pack.mjs";
import { checkSize } from "./package/page-size.mjs";
import { attw, publint } from "./package/published-types.mjs";
import { checkSbom } from "./package/sbom.mjs";
import { compileInterfaces } from "./package/solidity.mjs";

/** Name, and what returns the problems, or a line to show instead. */
const CHECKS = {
  contents: checkContents,
  publint,
  attw,
  types: strictTypes,
  api: compareApi,
  solidity: compileInterfaces,
  import: importEverywhere,
  examples: runExamples,
  guides: runGuides,
  bundle: bundleForBrowser,
  size: checkSize,
  oldest: testsUnderOldestNode,
  sbom: checkSbom,
};

const chosen = argv.slice(2);
const unknown = chosen.filter((name) => !Object.hasOwn(CHECKS, name));
if (unknown.length > 0) {
  console.error(`There is no check ${unknown.join(", ")}; there are ${Object.keys(CHECKS).join(", ")}.`);
  exit(1);
}

let failed = 0;
let started = Date.now();
const seconds = () => `${Math.round((Date.now() - started) / 1000)} s`;
const tarball = await packed();
console.log(`✔ packed (${seconds()})`);
for (const [name, check] of Object.entries(CHECKS)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  started = Date.now();
  const { problems, notes = [] } = await check(tarball);
  console.log(`${problems.length === 0 ? "✔" : "✘"} ${name} (${seconds()})`);
  for (const line of [...notes, ...problems]) console.log(line.trimEnd().replace(/^/gm, "    "));
  if (problems.length > 0) failed++;
}
exit(failed === 0 ? 0 : 1);
