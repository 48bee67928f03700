import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { connect } from "../../src/sdk/index.js";

export const ROOT = join(import.meta.dirname, "..", "..");

const HARDHAT = join(ROOT, "node_modules", "hardhat", "dist", "src", "cli.js");

/** `npx hardhat node` as a process. */
export interface LocalNode {
  url: string;
  port: number;
  /** Moves the chain's clock forward. */
  increaseTime(seconds: number): Promise<void>;
  /** The time of the newest block (seconds since 1970). */
  time(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts a node and waits until it answers. */
export async function startNode({
  port,
  chainId = 31337,
}: { port?: number; chainId?: number } = {}): Promise<LocalNode> {
  const chosen = port ?? (await freePort());
  const url = `http://127.0.0.1:${chosen}`;
  const child = spawn(process.execPath, [HARDHAT, "node", "--port", String(chosen), "--chain-id", String(chainId)], {
    cwd: ROOT,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString("utf8")));
  for (let tries = 0; ; tries++) {
    try {
      (await connect(url)).destroy();
      break;
    } catch (error) {
      if (child.exitCode !== null) throw new Error(`the node ended: ${said}`, { cause: error });
      if (tries > 300) throw error;
      await sleep(200);
    }
  }
  return {
    url,
    port: chosen,
    async increaseTime(seconds) {
      const provider = await connect(url);
      await provider.send("evm_increaseTime", [seconds]);
      await provider.send("evm_mine", []);
      provider.destroy();
    },
    async time() {
      const provider = await connect(url);
      const block = await provider.getBlock("latest");
      provider.destroy();
      return block!.timestamp;
    },
    stop: () => end(child),
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill();
  await once(child, "exit");
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
