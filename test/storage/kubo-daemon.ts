import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { kuboBinary } from "../../tools/kubo.mjs";

/** A real Kubo node on this machine, with a repository of its own. */
export interface KuboDaemon {
  url: string;
  /** Where its gateway is, which gives out blocks and takes none. */
  gateway: string;
  repository: string;
  process: ChildProcess;
  /** Runs one command of the same binary against the node, and gives what it prints. */
  run(args: string[], input?: Uint8Array): string;
  /** Ends the daemon and removes its repository. */
  stop(): Promise<void>;
}

/**
 * Starts a node on loopback and random ports that knows no peers, with import settings unlike ours. Without a binary it
 * prints why and skips the suite.
 *
 * @param online - lets it look for blocks among its peers, of which it has none.
 */
export async function startKubo(suite: Mocha.Context, { online = false } = {}): Promise<KuboDaemon> {
  suite.timeout(15 * 60_000);
  const kubo = kuboBinary();
  if ("reason" in kubo) {
    console.log(`      skipped: no Kubo daemon to test against: ${kubo.reason}`);
    return suite.skip();
  }

  const repository = await mkdtemp(join(tmpdir(), "chartchain-kubo-"));
  const env = { ...process.env, IPFS_PATH: repository, IPFS_TELEMETRY: "off" };
  const run = (args: string[], input?: Uint8Array) =>
    execFileSync(kubo.path, args, {
      env,
      input,
      encoding: "utf8",
      maxBuffer: 1 << 26,
      stdio: ["pipe", "pipe", "pipe"],
    });
  run(["init", "--empty-repo"]);
  for (const [key, value] of Object.entries(CONFIG)) run(["config", "--json", key, JSON.stringify(value)]);

  const daemon = spawn(kubo.path, ["daemon", ...(online ? [] : ["--offline"])], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said: string[] = [];
  daemon.stderr.on("data", (chunk: Buffer) => said.push(chunk.toString()));
  const ended = once(daemon, "exit");
  const ready = new Promise<boolean>((resolve) => {
    createInterface({ input: daemon.stdout }).on("line", (line) => {
      if (line.includes("Daemon is ready")) resolve(true);
    });
  });
  if ((await Promise.race([ready, ended])) !== true) throw new Error(`Kubo did not start:\n${said.join("")}`);
  const address = (await readFile(join(repository, "api"), "utf8")).trim().split("/");
  return {
    url: `http://${address[2]}:${address[4]}`,
    gateway: (await readFile(join(repository, "gateway"), "utf8")).trim(),
    repository,
    process: daemon,
    run,
    async stop() {
      daemon.kill("SIGCONT");
      daemon.kill("SIGKILL");
      await ended;
      await rm(repository, { recursive: true });
    },
  };
}

/** The file in which the node keeps a block (flatfs). */
export async function fileOfBlock(daemon: KuboDaemon, bytes: Uint8Array): Promise<string> {
  const blocks = join(daemon.repository, "blocks");
  for (const name of await readdir(blocks, { recursive: true })) {
    const path = join(blocks, name);
    if (name.endsWith(".data") && Buffer.compare(await readFile(path), bytes) === 0) return path;
  }
  throw new Error("the node does not hold this block");
}

const CONFIG = {
  "Addresses.API": "/ip4/127.0.0.1/tcp/0",
  "Addresses.Gateway": "/ip4/127.0.0.1/tcp/0",
  "Addresses.Swarm": ["/ip4/127.0.0.1/tcp/0"],
  Bootstrap: [],
  "Routing.Type": "none",
  "Discovery.MDNS.Enabled": false,
  "AutoConf.Enabled": false,
  "AutoTLS.Enabled": false,
  "DNS.Resolvers": {},
  "Ipns.DelegatedPublishers": [],
  "Routing.DelegatedRouters": [],
  // Unlike this network's profile, so that a CID computed by the node's settings would differ.
  "Import.CidVersion": 0,
  "Import.UnixFSRawLeaves": false,
  "Import.UnixFSChunker": "size-262144",
};
