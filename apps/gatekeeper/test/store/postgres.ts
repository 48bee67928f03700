import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { chownSync, globSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";

/** A server of PostgreSQL of a test's own. */
export interface Server {
  /** A new, empty database. */
  database: () => Promise<string>;
  stop: () => Promise<void>;
  /** Stops, as an operator stops it; gives how to start it again, with what is in it. */
  pause: () => Promise<() => Promise<void>>;
}

/** The folder of PostgreSQL's programs, the newest of Debian's; undefined where there is none. */
export const PROGRAMS = globSync("/usr/lib/postgresql/*/bin/postgres").map(dirname).sort().at(-1);

/** Starts a server on a free port of this machine, in a folder of its own. It refuses root: then it runs as `postgres`. */
export async function startPostgres(): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), "gatekeeper-postgres-"));
  const user = process.getuid?.() === 0 ? { uid: idOf("-u"), gid: idOf("-g") } : {};
  if ("uid" in user) chownSync(folder, user.uid, user.gid!);
  const data = join(folder, "data");
  const options = { ...user, cwd: folder, env: { PATH: process.env["PATH"], LC_ALL: "C.UTF-8" } };
  execFileSync(join(PROGRAMS!, "initdb"), ["-D", data, "-A", "trust", "-U", "postgres", "-N"], {
    ...options,
    stdio: "ignore",
  });
  const port = await freePort();
  const args = ["-D", data, "-p", String(port), "-k", folder, "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"];
  let server: ChildProcess;
  const start = async () => {
    server = spawn(join(PROGRAMS!, "postgres"), args, { ...options, stdio: "ignore" });
    await isUp(port, server);
  };
  const end = async () => {
    const ended = new Promise((resolve) => server.once("exit", resolve));
    // Its own child's id; SIGINT is its fast way to end.
    server.kill("SIGINT");
    await ended;
  };
  await start();
  let count = 0;
  return {
    database: async () => {
      const name = `test${++count}`;
      execFileSync(
        join(PROGRAMS!, "createdb"),
        ["-h", "127.0.0.1", "-p", String(port), "-U", "postgres", name],
        options,
      );
      return `postgres://postgres@127.0.0.1:${port}/${name}`;
    },
    stop: async () => {
      await end();
      rmSync(folder, { recursive: true, force: true });
    },
    pause: async () => {
      await end();
      return start;
    },
  };
}

const idOf = (which: "-u" | "-g"): number => Number(execFileSync("id", [which, "postgres"], { encoding: "utf8" }));

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => probe.once("listening", resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/** It takes connections before it answers them. */
async function isUp(port: number, server: ChildProcess): Promise<void> {
  while (server.exitCode === null) {
    const asked = spawnSync(join(PROGRAMS!, "pg_isready"), ["-q", "-h", "127.0.0.1", "-p", String(port)]);
    if (asked.status === 0) return;
    await setTimeout(50);
  }
  throw new Error("PostgreSQL ended before it took a connection");
}
