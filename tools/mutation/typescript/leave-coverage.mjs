/** Loaded into every process of a test while coverage is noted: leaves which mutants' code ran in it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { env, pid } from "node:process";
import { threadId } from "node:worker_threads";

const folder = env.CHARTCHAIN_MUTANTS_RUN;
if (folder !== undefined) {
  process.on("exit", () => {
    const ran = /** @type {any} */ (globalThis).__stryker__?.mutantCoverage;
    if (ran !== undefined)
      writeFileSync(join(folder, `${pid}-${threadId}.json`), JSON.stringify(Object.keys(ran.static)));
  });
}
