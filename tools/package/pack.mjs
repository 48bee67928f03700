/** Packs the library as it would be published, once for what its files are today. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { delimiter } from "node:path";
import { env, platform } from "node:process";

import { withLock } from "../setup/lock.mjs";
import { at, contentsOf, digest, filesBelow, ROOT, textOf } from "../setup/project.mjs";

const FOLDER = [".cache", "package"];
const STAMP = [...FOLDER, "stamp"];
/** Everything that the tarball is made of. */
const SOURCES = ["src", "devnet", "ignition/modules", "typechain-types", "contracts"];
const FILES = [
  "package.json",
  "tsconfig.json",
  "tsconfig.build.json",
  "CHANGELOG.md",
  "LICENSE",
  "NOTICE",
  "README.md",
  "tools/package/build.mjs",
  "tools/package/command-line.mjs",
];

/** Where the packed library lies, below the root. */
export async function packed() {
  const { name, version } = JSON.parse(textOf("package.json") ?? "{}");
  const tarball = at(...FOLDER, `${name}-${version}.tgz`);
  const isFresh = () => existsSync(tarball) && textOf(...STAMP) === stamp();
  if (!isFresh()) {
    await withLock(async () => {
      // Asked again: whoever held the lock before may have packed.
      if (!isFresh()) pack();
    }, "packing");
  }
  return tarball;
}

function pack() {
  rmSync(at(...FOLDER), { recursive: true, force: true });
  mkdirSync(at(...FOLDER), { recursive: true });
  const { status, stdout, stderr } = npm(["pack", "--pack-destination", at(...FOLDER)], ROOT);
  if (status !== 0) throw new Error(`npm pack: exit code ${status}\n${stdout}${stderr}`);
  writeFileSync(at(...STAMP), stamp());
}

const stamp = () =>
  digest(contentsOf([...FILES, ...SOURCES.flatMap(filesBelow)].filter((file) => existsSync(at(file)))));

/**
 * Runs npm under the project's Node, as by somebody who calls it by hand.
 *
 * @param {string[]} args
 * @param {string} cwd
 */
export function npm(args, cwd) {
  const outer = Object.entries(env).filter(
    ([name]) => !/^npm_(lifecycle|package|config_local_prefix|command)/i.test(name),
  );
  const path = [at("node_modules", ".bin"), env.PATH].join(delimiter);
  return spawnSync("npm", args, {
    cwd,
    encoding: "utf8",
    env: { ...Object.fromEntries(outer), PATH: path },
    maxBuffer: 64 * 1024 * 1024,
    shell: platform === "win32",
  });
}
