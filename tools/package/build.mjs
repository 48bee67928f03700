#!/usr/bin/env node
/** Builds the library into dist, from nothing: what a former build left there would be published, too. */
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { exit } from "node:process";

import { at, NODE, ROOT } from "../setup/project.mjs";

rmSync(at("dist"), { recursive: true, force: true });
const compile = [at("node_modules", "typescript", "bin", "tsc"), "-p", "tsconfig.build.json"];
exit(spawnSync(NODE, compile, { cwd: ROOT, stdio: "inherit" }).status ?? 1);
