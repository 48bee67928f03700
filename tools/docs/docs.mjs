#!/usr/bin/env node
/**
 * The documentation as one static site that needs no network: the pages of docs, what they link to in this repository,
 * and the references of the package and of the contracts, made of their sources.
 *
 *   npm run docs                       builds it into .cache/docs/site; a link that leads nowhere fails the build
 *   npm run docs -- --base /chartchain/  for a host that serves it below that path
 *   npm run docs:serve                 builds it, and shows it at http://localhost:4173; --port says where else
 */
import { mkdirSync, rmSync } from "node:fs";
import { argv, exit } from "node:process";
import { parseArgs } from "node:util";

import { build, serve } from "vitepress";

import { at } from "../setup/project.mjs";
import { writeContracts } from "./contracts.mjs";
import { writeDocuments } from "./documents.mjs";
import { siteProblems } from "./links.mjs";
import { PAGES, SITE } from "./places.mjs";
import { writeSdk } from "./sdk.mjs";

const { values } = parseArgs({
  args: argv.slice(2),
  options: {
    base: { type: "string", default: "/" },
    port: { type: "string", default: "4173" },
    serve: { type: "boolean", default: false },
  },
});
const { base, port } = values;
if (!/^\/(.*\/)?$/.test(base)) {
  console.error(`--base ${base}: it has to begin and to end with a slash, as /chartchain/ does.`);
  exit(1);
}

rmSync(at(PAGES), { recursive: true, force: true });
mkdirSync(at(PAGES), { recursive: true });
writeDocuments();
writeContracts();
await writeSdk();

await build(at("docs"), { base });
const problems = siteProblems(at(SITE), base);
for (const problem of problems) console.error(problem);
if (problems.length > 0) exit(1);
console.log(`The documentation is in ${SITE}.`);
if (values.serve) await serve({ root: at("docs"), base, port: Number(port) });
