import { spawn, spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { createDevnet } from "../../devnet/index.js";
import { packed } from "../../tools/package/pack.mjs";
import { given, report } from "../lib/child.js";
import { timed } from "../lib/timing.js";

const PASSPHRASE = "violet tractor in a kettle";

/** The program as somebody has it who installed the package, against Node that starts and does nothing. */
const { repetitions } = given<{ repetitions: number }>();
const folder = await mkdtemp(join(tmpdir(), "chartchain-bench-"));
await using devnet = await createDevnet();
try {
  const tarball = await packed();
  run("npm", ["init", "--yes"]);
  run("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error", tarball]);
  const program = join(folder, "node_modules", "chartchain", "dist", "cli", "main.js");
  const { chainId } = devnet.deployment;
  const home = join(folder, "home");
  const environment = {
    ...process.env,
    HOME: folder,
    CHARTCHAIN_RPC: devnet.url,
    CHARTCHAIN_DEPLOYMENT: join(folder, `${chainId}.json`),
    CHARTCHAIN_PASSPHRASE: PASSPHRASE,
    CHARTCHAIN_TEST_SCRYPT_COST: "10",
    NO_COLOR: "1",
  };
  await writeFile(environment.CHARTCHAIN_DEPLOYMENT, JSON.stringify(devnet.deployment));
  await start([program, "account", "register-patient", "--home", home, "--fund"]);

  const samples: Record<string, number[]> = { helpRatio: [], whoamiRatio: [], node: [], help: [], whoami: [] };
  // The first of each fills the caches, of code and of the disk.
  for (let i = -1; i < repetitions; i++) {
    const node = await timed(() => start(["-e", "0"]));
    const help = await timed(() => start([program, "--help"]));
    const whoami = await timed(() => start([program, "whoami", "--home", home]));
    if (i < 0) continue;
    const sample = { node, help, whoami, helpRatio: help / node, whoamiRatio: whoami / node };
    for (const [name, value] of Object.entries(sample)) samples[name]!.push(value);
  }
  report({ samples });

  async function start(args: readonly string[]): Promise<void> {
    const child = spawn(process.execPath, args, {
      cwd: folder,
      env: environment,
      stdio: ["ignore", "ignore", "inherit"],
    });
    const code = await new Promise((resolve, reject) => child.on("exit", resolve).on("error", reject));
    if (code !== 0) throw new Error(`${args.join(" ")} ended with code ${String(code)}`);
  }
} finally {
  await rm(folder, { recursive: true });
}

function run(name: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(name, args, {
    cwd: folder,
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  if (status !== 0) throw new Error(`${name} ${args.join(" ")}: ${stderr}`);
}
