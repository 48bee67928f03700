/**
 * Installs the dependencies under the project's own Node version, whatever Node the machine has: npm decides by the
 * running Node which optional binaries it installs, and silently leaves out the ones that Hardhat needs under an older.
 */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { delimiter } from "node:path";
import { arch, env, platform } from "node:process";

import { at, digest, NODE, ROOT, runQuietly, textOf } from "./project.mjs";

const STAMP = ["node_modules", ".chartchain-stamp"];
const ADVICE =
  "Check the network and the npm registry settings (npm config get registry), then run the same command again. " +
  "If it fails again, remove the folder node_modules first.";

/** What of npm's settings an install inside an npm script must keep; the rest describes the outer script. */
const KEPT =
  /^npm_config_(registry|cache|cafile|ca|userconfig|globalconfig|(https?_|no)?proxy|strict_ssl|offline|prefer_offline)$/i;
const FROM_NPM = /^npm_(config|lifecycle|package)_/i;

/** True when node_modules was installed by this tool from today's package.json and lock file, on this platform. */
export function dependenciesAreFresh() {
  return textOf(...STAMP) === stamp();
}

/** Installs, and checks that what was installed works here. Throws with what to do when it does not. */
export async function installDependencies() {
  const wanted = manifest().devDependencies.node;
  // `npm install` and not `npm ci`: ci refuses a lock file that was written where other platforms' binaries were missing.
  // Without saving: the lock file stays as it is committed, whatever a registry serves meanwhile.
  const install = ["npm", "install", "--no-save", "--no-audit", "--no-fund", "--no-progress", "--loglevel=error"];
  // Always through npx: the Node that runs this may not be the one that npm finds outside node_modules.
  const under = ["npx", "-y", "-p", `node@${wanted}`, "--"];
  const [command, ...args] = [...under, ...install];
  await runQuietly(`Installing the dependencies for Node ${wanted} (once, about a minute)`, command, args, ADVICE, {
    env: outerEnvironment(),
    shell: platform === "win32",
  });
  checkBinaries();
  writeFileSync(at(...STAMP), stamp());
}

function stamp() {
  const { dependencies, devDependencies, overrides, allowScripts } = manifest();
  return digest([
    ["package.json", JSON.stringify({ dependencies, devDependencies, overrides, allowScripts })],
    ["package-lock.json", textOf("package-lock.json") ?? ""],
    ["platform", `${platform} ${arch}`],
  ]);
}

function manifest() {
  return JSON.parse(textOf("package.json") ?? "{}");
}

/** The environment as it was outside of the npm script that called this. */
function outerEnvironment() {
  const outer = Object.fromEntries(Object.entries(env).filter(([name]) => KEPT.test(name) || !FROM_NPM.test(name)));
  const name = Object.keys(outer).find((key) => key.toUpperCase() === "PATH") ?? "PATH";
  outer[name] = (outer[name] ?? "")
    .split(delimiter)
    .filter((folder) => !folder.startsWith(at("node_modules")))
    .join(delimiter);
  return outer;
}

/** Hardhat's chain is a native binary in an optional package: npm leaves it out without a word where it cannot fit it. */
function checkBinaries() {
  const program = "import('@nomicfoundation/edr').catch((e) => { console.error(e.message); process.exit(1) })";
  const result = spawnSync(NODE, ["--input-type=module", "-e", program], { cwd: ROOT, encoding: "utf8" });
  if (result.status === 0) return;
  throw new Error(
    `${result.error?.message ?? result.stderr}\n` +
      `The install left out a binary: the project's Node or Hardhat's @nomicfoundation/edr for ${platform}-${arch} does ` +
      "not run.\nRemove the folder node_modules and run the same command again, with optional dependencies and install " +
      "scripts enabled (npm config get omit; npm config get ignore-scripts). Hardhat supports Linux, macOS and Windows " +
      "on x64 and Linux and macOS on arm64.",
  );
}
