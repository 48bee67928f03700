/**
 * Makes test/fixtures/formats/1 anew: one fixture of each format, as this version writes it. `node --import tsx test/formats/write.ts`.
 * Once a format is released, its fixture stays: the next number gets a folder of its own.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { makeFixtures } from "./made.js";

const folder = new URL("../fixtures/formats/1/", import.meta.url);
const made = await makeFixtures();
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
let size = 0;
for (const [name, bytes] of made) {
  writeFileSync(new URL(encodeURIComponent(name.replaceAll(" ", "-").replaceAll("'", "")), folder), bytes);
  size += bytes.length;
}
console.log(`${made.size} fixtures, ${size} bytes`);
