#!/usr/bin/env node
import { enableCompileCache } from "node:module";

enableCompileCache();
const { chartchain } = await import("./chartchain.js");
const { runAsProcess } = await import("./terminal/program.js");
await runAsProcess(chartchain);
