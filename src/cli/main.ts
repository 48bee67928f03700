#!/usr/bin/env node
import module from "node:module";

import { runAsProcess } from "./terminal/program.js";

await runAsProcess(async (...given) => {
  module.enableCompileCache();
  const { chartchain } = await import("./chartchain.js");
  return chartchain(...given);
});
