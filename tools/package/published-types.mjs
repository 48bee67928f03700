/** What the two tools say that everybody has their packages judged by. */
import { spawnSync } from "node:child_process";

import { at, NODE, ROOT } from "../setup/project.mjs";

/** Whether every file is where package.json says, in the format that it says. @param {string} tarball */
export const publint = (tarball) => run(["publint", "src", "cli.js"], ["run", tarball, "--strict", "--pack", "false"]);

/** Whether types and modules resolve as they are, for whoever imports ES modules. @param {string} tarball */
export const attw = (tarball) =>
  run(["@arethetypeswrong", "cli", "dist", "index.js"], [tarball, "--profile", "esm-only", "--no-color", "--no-emoji"]);

/** @param {string[]} program @param {string[]} args */
function run(program, args) {
  const { status, stdout, stderr } = spawnSync(NODE, [at("node_modules", ...program), ...args], {
    cwd: ROOT,
    encoding: "utf8",
  });
  return { problems: status === 0 ? [] : [`${stdout}${stderr}`] };
}
