#!/usr/bin/env node
/**
 * Builds the library and the command line into dist, from nothing: what a former build left there would be published, too.
 * With them go the compiled contracts that a devnet deploys.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { exit } from "node:process";

import { at, filesBelow, NODE, ROOT, textOf } from "../setup/project.mjs";
import { buildCommandLine } from "./command-line.mjs";

rmSync(at("dist"), { recursive: true, force: true });
const compile = [at("node_modules", "typescript", "bin", "tsc"), "-p", "tsconfig.build.json"];
const { status } = spawnSync(NODE, compile, { cwd: ROOT, stdio: "inherit" });
if (status !== 0) exit(status ?? 1);
await buildCommandLine();

const modules = filesBelow("ignition/modules").map((file) => textOf(file) ?? "");
const deployed = new Set(
  modules.flatMap((text) => [...text.matchAll(/m\.(?:contract|contractAt|library)\("(\w+)"/g)].map(([, name]) => name)),
);
for (const file of filesBelow("artifacts/contracts")) {
  if (!file.endsWith(".json")) continue;
  const artifact = JSON.parse(textOf(file) ?? "{}");
  if (!deployed.delete(artifact.contractName)) continue;
  // It names the compiler's whole input, which isn't published as such.
  delete artifact.buildInfoId;
  mkdirSync(dirname(at("dist", file)), { recursive: true });
  writeFileSync(at("dist", file), JSON.stringify(artifact));
}
if (deployed.size > 0) throw new Error(`not compiled: ${[...deployed].join(", ")}`);
