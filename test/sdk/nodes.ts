import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import type { Node } from "../../devnet/index.js";

/** The binary that npm brought along for this machine; undefined where there is none. */
function anvilBinary(): string | undefined {
  const arch = process.arch === "x64" ? "amd64" : process.arch;
  try {
    const home = import.meta.resolve(`@foundry-rs/anvil-${process.platform}-${arch}/package.json`);
    return fileURLToPath(new URL("bin/anvil", home));
  } catch {
    return undefined;
  }
}

/** Skips a suite, and says so, on a machine for which there is no anvil. */
export function requireAnvil(suite: Mocha.Context): void {
  if (anvilBinary() !== undefined) return;
  console.log(`      skipped: npm has no anvil for ${process.platform} on ${process.arch}`);
  suite.skip();
}

/** Foundry's node, in a process of its own: it can reorganise its chain and lose a transaction. */
export async function startAnvil(): Promise<Node> {
  const anvil = spawn(anvilBinary()!, ["--port", "0", "--enable-tx-gas-limit"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const kill = () => anvil.kill("SIGKILL");
  process.once("exit", kill);
  const ended = once(anvil, "exit");
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: anvil.stdout }).on("line", (line) => {
      const address = /Listening on (\S+)/.exec(line)?.[1];
      if (address !== undefined) resolve(`http://${address}`);
    });
    ended.then(([code]) => reject(new Error(`anvil ended with ${code} before it listened`)), reject);
  });
  return {
    url,
    async close() {
      kill();
      await ended;
      process.off("exit", kill);
    },
  };
}
