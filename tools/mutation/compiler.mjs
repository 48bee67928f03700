/** The project's compiler, called directly: one mutant takes two or three seconds, with Hardhat ten times as long. */
import { createRequire } from "node:module";

import { fromPackages } from "../solidity/packages.mjs";

const solc = createRequire(import.meta.url)("solc");

/** Without the IR pipeline, as the Solidity tests are; without the hash of the sources, so that code can be compared. */
const SETTINGS = {
  evmVersion: "prague",
  optimizer: { enabled: true, runs: 1_000 },
  metadata: { appendCBOR: false, bytecodeHash: "none" },
};
const OUTPUT = ["evm.bytecode.object", "evm.bytecode.linkReferences", "evm.deployedBytecode"];

/**
 * @typedef {{ object: string, linkReferences: object }} Code
 * @typedef {Record<string, { creation: Code, runtime: Code & { immutableReferences?: object } }>} Compiled by name.
 */

/**
 * Compiles some contracts.
 *
 * @param {Record<string, string>} sources text by path, as `contracts/Records.sol`.
 * @param {string[]} wanted paths of files whose contracts are needed.
 * @returns {{ compiled: Compiled } | { error: string }}
 */
export function compile(sources, wanted) {
  const outputSelection = Object.fromEntries(wanted.map((file) => [file, { "*": OUTPUT }]));
  const { contracts = {}, error } = run(sources, { ...SETTINGS, outputSelection });
  if (error !== undefined) return { error };
  /** @type {Compiled} */
  const compiled = {};
  for (const file of wanted) {
    for (const [name, { evm }] of Object.entries(contracts[file] ?? {})) {
      if (evm.bytecode.object !== "")
        compiled[`${file}:${name}`] = { creation: evm.bytecode, runtime: evm.deployedBytecode };
    }
  }
  return { compiled };
}

/** The syntax tree of every source. @param {Record<string, string>} sources @returns {Record<string, any>} */
export function treesOf(sources) {
  const output = run(sources, { outputSelection: { "*": { "": ["ast"] } } });
  if (output.error !== undefined) throw new Error(output.error);
  return Object.fromEntries(Object.entries(output.sources).map(([file, { ast }]) => [file, ast]));
}

/** @param {Record<string, string>} sources @param {object} settings */
function run(sources, settings) {
  const input = {
    language: "Solidity",
    sources: Object.fromEntries(Object.entries(sources).map(([file, content]) => [file, { content }])),
    settings,
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: fromPackages }));
  const error = output.errors?.find((/** @type {{ severity: string }} */ { severity }) => severity === "error");
  return { ...output, error: error?.formattedMessage };
}
