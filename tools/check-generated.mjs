#!/usr/bin/env node
/** Generated files are committed as they are generated: contracts' types and ABIs, the pages of errors and of what is signed, a lock file that names no host. */
import { spawnSync } from "node:child_process";
import { exit } from "node:process";

import { ERRORS_PAGE, errorsPage } from "./lint/errors-page.mjs";
import { TYPED_DATA_PAGE, typedDataPage } from "./lint/typed-data-page.mjs";
import { buildContracts, contractsAreFresh, GENERATED } from "./setup/contracts.mjs";
import { ROOT, textOf } from "./setup/project.mjs";

const problems = [...(await generatedProblems()), ...(await pageProblems()), ...lockProblems()];
for (const problem of problems) console.error(problem);
exit(problems.length === 0 ? 0 : 1);

/** The build has just written these files; git says whether it changed any. */
async function generatedProblems() {
  if (!contractsAreFresh()) await buildContracts();
  const changed = git("diff", "--name-only", "--", ...GENERATED);
  const added = git("ls-files", "--others", "--exclude-standard", "--", ...GENERATED);
  if (changed === undefined || added === undefined)
    return [`git cannot be asked whether ${GENERATED.join(" and ")} are as committed`];
  const files = [...changed, ...added].slice(0, 10);
  return files.map(
    (file) => `${file}: the build generates something else; commit it as it is now (git add ${GENERATED.join(" ")})`,
  );
}

/** After the build: the page also says which contract reverts with what. */
async function pageProblems() {
  const problems = [];
  if (textOf(ERRORS_PAGE) !== (await errorsPage()))
    problems.push(`${ERRORS_PAGE}: the catalogue and what throws give another page; run npm run errors and commit it`);
  if (textOf(TYPED_DATA_PAGE) !== (await typedDataPage()))
    problems.push(`${TYPED_DATA_PAGE}: the descriptors give another page; run npm run typed-data and commit it`);
  return problems;
}

/** @param {string[]} args @returns {string[] | undefined} the lines of the answer, or undefined when there is no git. */
function git(...args) {
  const { status, stdout } = spawnSync("git", args, { cwd: ROOT, encoding: "utf8" });
  return status === 0 ? stdout.split("\n").filter((line) => line !== "") : undefined;
}

function lockProblems() {
  const { packages } = JSON.parse(textOf("package-lock.json") ?? '{"packages":{}}');
  const { dependencies, devDependencies } = JSON.parse(textOf("package.json") ?? "{}");
  const hosts = Object.entries(packages)
    .filter(([, { resolved }]) => typeof resolved === "string" && /^\w+:\/\//.test(resolved))
    .map(([name]) => `package-lock.json: ${name} names the host it came from; run npm install with this .npmrc`);
  const root = { ...packages[""]?.dependencies, ...packages[""]?.devDependencies };
  const wanted = { ...dependencies, ...devDependencies };
  const apart = [...new Set([...Object.keys(root), ...Object.keys(wanted)])].filter(
    (name) => root[name] !== wanted[name],
  );
  return [...hosts, ...apart.map((name) => `package-lock.json: ${name} is not as in package.json; run npm install`)];
}
