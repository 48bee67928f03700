/**
 * Generates typechain-types from the artifacts, as Hardhat's plugin would, but always in the same order: the plugin takes
 * the artifacts as the file system happens to list them, and these files are committed. Run after a build, as a program,
 * under the project's Node.
 */
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";

import { at, filesBelow, ROOT, textOf } from "./project.mjs";

const TYPES = "typechain-types";
const FRESH = ".cache/typechain-types";
const PLUGIN = "node_modules/@nomicfoundation/hardhat-typechain/dist/src/internal/generate-types.js";

const artifacts = ["artifacts/@openzeppelin", "artifacts/contracts"]
  .flatMap(filesBelow)
  .filter((file) => file.endsWith(".json"))
  // Parts of the Registrar: its own types have everything of theirs.
  .filter((file) => !/contracts\/(interfaces\/)?registrar\//.test(file))
  .map((file) => at(file));

rmSync(at(FRESH), { recursive: true, force: true });
const { generateTypes } = await import(pathToFileURL(at(PLUGIN)).href);
const settings = { alwaysGenerateOverloads: false, discriminateTypes: false, tsNocheck: false };
await generateTypes(ROOT, { ...settings, outDir: at(FRESH) }, false, artifacts);

// File by file, so that a program that is using them finds them at any time.
const wanted = new Set(filesBelow(FRESH).map((file) => file.slice(FRESH.length + 1)));
for (const file of wanted) {
  const text = textOf(FRESH, file) ?? "";
  if (text === textOf(TYPES, file)) continue;
  mkdirSync(dirname(at(TYPES, file)), { recursive: true });
  writeFileSync(at(TYPES, file), text);
}
for (const file of filesBelow(TYPES)) {
  if (!wanted.has(file.slice(TYPES.length + 1)) && existsSync(at(file))) rmSync(at(file));
}
rmSync(at(FRESH), { recursive: true, force: true });
