#!/usr/bin/env node
/**
 * A real FHIR R4 server for the tests: HAPI FHIR's JPA server with a database in memory. Its libraries come from Maven once per
 * machine (280 MB); where that is not possible this says why in one line and exits with 1.
 *
 *   node tools/hapi/hapi.mjs                 starts one, prints its base URL, and runs until its input ends
 *   node tools/hapi/hapi.mjs --install       only gets what it needs
 *   node tools/hapi/hapi.mjs --here          starts one if it was got before
 *   CHARTCHAIN_HAPI=skip                     do without
 */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { argv, env, exit, pid, stdin } from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const SOURCES = ["pom.xml", "FhirServer.java", "logback.xml"];
/** It starts in half a minute so, and in a minute and a half with what Java does by default. */
const QUICK = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx1500m"];
/** The longest that a start may take on a busy machine, in milliseconds. */
const START_LIMIT = 10 * 60_000;

/**
 * Finds the server, or gets and compiles it. A first time takes some minutes and blocks.
 *
 * @param {{ getIt?: boolean }} options false only looks whether it is here
 * @returns {{ path: string } | { reason: string }} its folder, or in one line why there is none.
 */
export function hapiFolder({ getIt = true } = {}) {
  if (env.CHARTCHAIN_HAPI === "skip") return { reason: "CHARTCHAIN_HAPI=skip" };
  const digest = createHash("sha256");
  for (const name of SOURCES) digest.update(readFileSync(join(HERE, name)));
  const cache = join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "chartchain");
  const path = join(cache, `hapi-${digest.digest("hex").slice(0, 16)}`);
  if (existsSync(path)) return { path };
  if (!getIt) return { reason: "it isn't here yet: node tools/hapi/hapi.mjs --install" };

  const java = spawnSync("java", ["-version"], { encoding: "utf8" });
  if (java.error) return { reason: "there is no Java on this machine to run it with" };
  const version = Number(/version "(\d+)/.exec(java.stderr)?.[1] ?? 0);
  if (version < 17) return { reason: `it needs Java 17, and this machine has Java ${version}` };
  for (const needed of ["javac", "mvn"]) {
    if (spawnSync(needed, ["-version"]).error)
      return { reason: `there is no ${needed} on this machine to build it with` };
  }

  console.error("Getting HAPI FHIR once for the tests; this takes some minutes.");
  const building = `${path}.${pid}`;
  mkdirSync(building, { recursive: true });
  const lib = join(building, "lib");
  const steps = [
    ["mvn", "-B", "-q", "-f", join(HERE, "pom.xml"), "dependency:copy-dependencies", `-DoutputDirectory=${lib}`],
    ["javac", "-proc:none", "-cp", join(lib, "*"), "-d", join(building, "out"), join(HERE, "FhirServer.java")],
  ];
  for (const [command = "", ...args] of steps) {
    const { status, stdout, stderr } = spawnSync(command, args, { cwd: building, encoding: "utf8" });
    if (status === 0) continue;
    rmSync(building, { recursive: true, force: true });
    const [line = "no reason given"] = `${stdout}${stderr}`.split("\n").filter((each) => each.trim() !== "");
    return { reason: `${command} fails: ${line.trim()}` };
  }
  try {
    renameSync(building, path);
  } catch {
    // Somebody else was quicker.
    rmSync(building, { recursive: true, force: true });
  }
  return { path };
}

/**
 * Starts a server on a free port of this machine, and waits until it answers.
 *
 * @param {{ getIt?: boolean }} options false where it is to be started only if it is here
 * @returns {Promise<{ url: string, close: () => Promise<void> } | { reason: string }>} its base URL.
 */
export async function startHapi(options = {}) {
  const found = hapiFolder(options);
  if ("reason" in found) return found;
  const scratch = mkdtempSync(join(tmpdir(), "chartchain-hapi-"));
  const classpath = [HERE, join(found.path, "out"), join(found.path, "lib", "*")].join(delimiter);
  const child = spawn("java", [...QUICK, "-cp", classpath, "FhirServer", scratch], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  const ended = new Promise((resolve) => child.once("close", resolve));
  const close = async () => {
    child.stdin.end();
    child.kill();
    await ended;
    rmSync(scratch, { recursive: true, force: true });
  };
  const late = setTimeout(() => child.kill("SIGKILL"), START_LIMIT);
  for await (const line of createInterface({ input: child.stdout })) {
    const port = /^PORT (\d+)$/.exec(line)?.[1];
    if (port === undefined) continue;
    const url = `http://127.0.0.1:${port}/fhir`;
    const { status } = await fetch(`${url}/metadata`);
    clearTimeout(late);
    if (status === 200) return { url, close };
    break;
  }
  clearTimeout(late);
  await close();
  return { reason: "it doesn't start" };
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const isInstall = argv.includes("--install");
  const hapi = isInstall ? hapiFolder() : await startHapi({ getIt: !argv.includes("--here") });
  if ("reason" in hapi) {
    console.error(`No HAPI FHIR: ${hapi.reason}`);
    exit(1);
  }
  console.log("url" in hapi ? hapi.url : hapi.path);
  if ("url" in hapi) {
    stdin.resume();
    await new Promise((resolve) => stdin.once("end", resolve));
    await hapi.close();
  }
}
