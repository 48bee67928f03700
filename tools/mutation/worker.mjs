/** One worker: a process of its own, because the compiler blocks the one that it runs in. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Tree } from "./tree.mjs";

const tree = new Tree(mkdtempSync(join(tmpdir(), "chartchain-mutation-")));

/**
 * Answers each message with one message.
 *
 * @typedef {{ check: string[] } | { leaveOut: string[] } | { judge: import("./mutants.mjs").Mutant }} Request
 */
process.on("message", async (/** @type {Request} */ request) => {
  try {
    if ("check" in request) process.send?.({ failing: await tree.checkTests(request.check) });
    else if ("leaveOut" in request) tree.leaveOut(request.leaveOut);
    else process.send?.({ verdict: await tree.judge(request.judge) });
  } catch (error) {
    console.error(error);
    process.exit(1);
  }
});
process.on("disconnect", () => process.exit(0));
process.on("exit", () => tree.close());
process.send?.({ ready: true });
