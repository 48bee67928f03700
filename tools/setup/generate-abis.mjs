/**
 * Generates src/abi from the artifacts: the ABI of every contract that a client meets, and no bytecode. Run after a build, as
 * a program.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";

import { at, filesBelow, textOf } from "./project.mjs";

const FOLDER = "src/abi";
const HEAD = "/* Generated from the contracts by tools/setup/generate-abis.mjs. Do not edit. */\n";

const contracts = filesBelow("artifacts/contracts")
  // Mocks are for tests; parts of the Registrar stand in its own ABI.
  .filter((file) => file.endsWith(".json") && !/\/contracts\/(mocks|registrar)\//.test(file))
  .map((file) => JSON.parse(readFileSync(at(file), "utf8")))
  // Interfaces and abstract contracts are never deployed.
  .filter(({ bytecode }) => bytecode !== "0x")
  .map(({ contractName, sourceName, abi }) => ({
    ...{ sourceName, abi },
    name: `${contractName[0].toLowerCase()}${contractName.slice(1)}Abi`,
    file: contractName.replace(/(?<=[a-z])[A-Z]/g, "-$&").toLowerCase(),
  }))
  .sort((a, b) => (a.file < b.file ? -1 : 1));

/** @type {Map<string, string>} */
const wanted = new Map(
  contracts.map(({ name, file, sourceName, abi }) => [
    `${FOLDER}/${file}.ts`,
    // One entry a line, so that a change of a contract shows as one.
    `${HEAD}/** Of ${sourceName}. */\nexport const ${name} = [\n` +
      `${abi.map((/** @type {object} */ entry) => `  ${JSON.stringify(entry)},\n`).join("")}] as const;\n`,
  ]),
);
const exports = contracts.map(({ name, file }) => `export { ${name} } from "./${file}.js";\n`);
wanted.set(`${FOLDER}/index.ts`, HEAD + exports.join(""));

mkdirSync(at(FOLDER), { recursive: true });
for (const [file, text] of wanted) if (text !== textOf(file)) writeFileSync(at(file), text);
for (const file of filesBelow(FOLDER)) if (!wanted.has(file) && existsSync(at(file))) rmSync(at(file));
