#!/usr/bin/env node
/**
 * The documentation as one static site that needs no network: the pages of docs, what they link to in this repository,
 * and the references of commands, package and contracts, made of their sources.
 *
 *   npm run docs                       builds it into .cache/docs/site; a link that leads nowhere fails the build
 *   npm run docs -- --base /chartchain/  for a host that serves it below that path
 *   npm run docs:serve                 builds it, and shows it at http://localhost:4173; --port says where else
 */
import { mkdirSync, rmSync } from "node:fs";
import { argv, exit } from "node:process";
import { parseArgs } from "node:util";

import { build } from "vitepress";

import { at } from "../setup/project.mjs";
import { writeCommands } from "./commands.mjs";
import { writeContracts } from "./contracts.mjs";
import { writeDocuments } from "./documents.mjs";
import { siteProblems } from "./links.mjs";
import { PAGES, SITE } from "./places.mjs";
import { writeSdk } from "./sdk.mjs";
import { serveSite } from "./serve.mjs";

try {
  const { values } = parseArgs({
    args: argv.slice(2),
    options: {
      base: { type: "string", default: "/" },
      port: { type: "string", default: "4173" },
      serve: { type: "boolean", default: false },
    },
  });
  const { base, port } = values;
  if (!/^\/(.*\/)?$/.test(base))
    throw new Error(`--base ${base}: it begins and ends with a slash, as /chartchain/ does`);
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw new Error(`--port ${port}: it is a number up to 65535`);

  await buildSite(base);
  if (values.serve) {
    const { url } = await serveSite(at(SITE), { base, port: Number(port) });
    console.log(`It is shown at ${url} until Ctrl+C ends this.`);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  exit(1);
}

/** @param {string} base the path that the site will be served below. */
async function buildSite(base) {
  rmSync(at(PAGES), { recursive: true, force: true });
  mkdirSync(at(PAGES), { recursive: true });
  writeDocuments();
  await writeCommands();
  writeContracts();
  await writeSdk();
  await build(at("docs"), { base });
  const problems = siteProblems(at(SITE), base);
  if (problems.length > 0) throw new Error(problems.join("\n"));
  console.log(`The documentation is in ${SITE}.`);
}
