/** The guides, as a reader follows them who has the package alone: every command of theirs, by the program that was installed. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { at, NODE, ROOT, textOf } from "../setup/project.mjs";
import { npm } from "./pack.mjs";

const TEST = "test/cli/guides.test.ts";

/** @param {string} tarball */
export async function runGuides(tarball) {
  const folder = mkdtempSync(join(tmpdir(), "chartchain-guides-"));
  try {
    writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true }));
    const { status, stdout, stderr } = npm(
      ["install", "--no-audit", "--no-fund", "--prefer-offline", ...toInstall(tarball)],
      folder,
    );
    if (status !== 0) return { problems: [`npm install: exit code ${status}\n${stdout}${stderr}`] };
    const ran = spawnSync(NODE, [at("node_modules", "mocha", "bin", "mocha.js"), "--reporter", "dot", TEST], {
      cwd: ROOT,
      encoding: "utf8",
      env: { ...process.env, CHARTCHAIN_PROGRAM: join(folder, "node_modules", "chartchain", "dist", "cli", "main.js") },
    });
    const [passing] = /\d+ passing/.exec(ran.stdout) ?? ["nothing ran"];
    return {
      problems: ran.status === 0 ? [] : [`${ran.stdout}${ran.stderr}`],
      notes: [`from the package: ${passing}`],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What the first guide installs, in the versions that package.json asks for. @param {string} tarball */
function toInstall(tarball) {
  const { name, peerDependencies } = JSON.parse(textOf("package.json") ?? "{}");
  const [, packages] = /^npm install (.+)$/m.exec(textOf("docs", "guides", "start.md") ?? "") ?? [];
  if (packages === undefined) throw new Error("docs/guides/start.md installs nothing");
  return packages.split(" ").map((each) => (each === name ? tarball : `${each}@${peerDependencies[each]}`));
}
