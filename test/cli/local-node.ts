import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

import { startNode as startInProcess, type NodeOptions } from "../../devnet/index.js";
import { connect } from "../../src/sdk/index.js";

export const ROOT = join(import.meta.dirname, "..", "..");

const HARDHAT = join(ROOT, "node_modules", "hardhat", "dist", "src", "cli.js");

/** A local chain behind a URL of this machine. */
export interface LocalNode {
  url: string;
  port: number;
  /** Moves the chain's clock forward. */
  increaseTime(seconds: number): Promise<void>;
  /** The time of the newest block (seconds since 1970). */
  time(): Promise<number>;
  stop(): Promise<void>;
}

export type { NodeOptions };

/** Starts in this process what `npx hardhat node` starts in one of its own. */
export async function startNode(options: NodeOptions = {}): Promise<LocalNode> {
  const node = await startInProcess(options);
  return nodeAt(Number(new URL(node.url).port), () => node.close());
}

/** `npx hardhat node` as a process. It has to say that it listens on this machine alone, in a container, too. */
export async function spawnNode({ port = 0, chainId = 31337 }: NodeOptions = {}): Promise<LocalNode> {
  const where = ["--port", String(port), "--chain-id", String(chainId)];
  const child = spawn(process.execPath, [HARDHAT, "node", ...where], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const kill = () => child.kill();
  process.once("exit", kill);
  const ended = once(child, "exit").finally(() => process.off("exit", kill));
  const listening = await new Promise<number>((resolve, reject) => {
    let said = "";
    child.stdout.on("data", (chunk: Buffer) => {
      said += chunk.toString("utf8");
      const found = /127\.0\.0\.1:(\d+)/.exec(said)?.[1];
      if (found !== undefined) resolve(Number(found));
    });
    ended.then(() => reject(new Error(`the node ended: ${said}`)), reject);
  });
  return nodeAt(listening, async () => {
    kill();
    await ended;
  });
}

function nodeAt(port: number, stop: () => Promise<void>): LocalNode {
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    port,
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
    stop,
  };
}
