/** Compiles a contract of somebody else's against every interface, found as the package's exports say. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

import solc from "solc";

import { filesBelow, textOf } from "../setup/project.mjs";
import { installed } from "./consumer.mjs";

/** @param {string} tarball */
export async function compileInterfaces(tarball) {
  const { name } = JSON.parse(textOf("package.json") ?? "{}");
  const { resolve } = createRequire(join(installed(tarball), "Consumer.sol"));
  const interfaces = filesBelow("contracts").filter((file) => /\/I[A-Z]\w+\.sol$/.test(file));
  const imports = interfaces.map((file) => `import "${name}/${file}";\n`);
  const content = `// SPDX-License-Identifier: Apache-2.0\npragma solidity ^0.8.0;\n${imports.join("")}`;
  const find = (/** @type {string} */ path) => {
    try {
      return { contents: readFileSync(resolve(path), "utf8") };
    } catch (error) {
      return { error: String(error) };
    }
  };
  const settings = { outputSelection: { "*": { "*": ["abi"] } } };
  const input = { language: "Solidity", sources: { "Consumer.sol": { content } }, settings };
  const { errors = [] } = JSON.parse(solc.compile(JSON.stringify(input), { import: find }));
  const problems = errors
    .filter((/** @type {{ severity: string }} */ { severity }) => severity === "error")
    .map((/** @type {{ formattedMessage: string }} */ { formattedMessage }) => formattedMessage);
  return { problems, notes: [`${interfaces.length} interfaces`] };
}
