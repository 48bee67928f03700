#!/usr/bin/env node
/**
 * A real Kubo daemon for the tests: builds the pinned version from its Go module, once per machine, and prints the
 * path of the binary. Where that is not possible it says why in one line and exits with 1.
 *
 *   node tools/kubo.mjs
 *   CHARTCHAIN_KUBO=/path/to/ipfs   use that binary
 *   CHARTCHAIN_KUBO=skip            do without
 */
import { spawnSync } from "node:child_process";
import { accessSync, constants, mkdirSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { argv, env, exit, platform } from "node:process";
import { fileURLToPath } from "node:url";

const MODULE = "github.com/ipfs/kubo";
const VERSION = "v0.42.0";

/**
 * Finds or builds Kubo. A first build takes some minutes and blocks.
 *
 * @returns {{ path: string } | { reason: string }} the binary, or in one line why there is none.
 */
export function kuboBinary() {
  const given = env.CHARTCHAIN_KUBO;
  if (given === "skip") return { reason: "CHARTCHAIN_KUBO=skip" };
  if (given) return runs(given) ? { path: given } : { reason: `CHARTCHAIN_KUBO=${given} cannot be executed` };

  const folder = join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "chartchain", `kubo-${VERSION}`);
  const path = join(folder, platform === "win32" ? "ipfs.exe" : "ipfs");
  if (runs(path)) return { path };

  // The module is built where Go unpacked it, as its own main module, so that its own go.sum pins every dependency.
  const download = go(["mod", "download", "-json", `${MODULE}@${VERSION}`]);
  if (download.error) return { reason: "there is no Go on this machine to build it with" };
  if (download.status !== 0) return { reason: `Go cannot fetch ${MODULE}@${VERSION}: ${firstLine(download)}` };

  console.error(`Building Kubo ${VERSION} once for the tests; this takes some minutes.`);
  mkdirSync(folder, { recursive: true });
  const building = `${path}.${process.pid}`;
  const build = go(["build", "-trimpath", "-o", building, "./cmd/ipfs"], JSON.parse(download.stdout).Dir);
  if (build.status !== 0) {
    rmSync(building, { force: true });
    return { reason: `Kubo ${VERSION} does not build here: ${firstLine(build)}` };
  }
  renameSync(building, path);
  return { path };
}

/** @param {string[]} args @param {string} [cwd] */
function go(args, cwd) {
  // Two at a time: the build shares the machine with whatever else runs.
  const options = { cwd, encoding: "utf8", env: { ...env, CGO_ENABLED: "0", GOMAXPROCS: "2", GOWORK: "off" } };
  return spawnSync("go", args, { ...options, maxBuffer: 64 * 1024 * 1024 });
}

/**
 * Why a command failed. `-json` says it in a field, everything else on standard error.
 *
 * @param {{ stdout: string, stderr: string }} result
 */
function firstLine({ stdout, stderr }) {
  const said = stdout.startsWith("{") ? JSON.parse(stdout).Error : stderr;
  const lines = String(said)
    .split("\n")
    .map((line) => line.trim());
  return lines.find((line) => line !== "" && !line.startsWith("go: downloading")) ?? "no reason given";
}

/** @param {string} path */
function runs(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const kubo = kuboBinary();
  if ("path" in kubo) console.log(kubo.path);
  else console.error(`No Kubo: ${kubo.reason}`);
  exit("path" in kubo ? 0 : 1);
}
