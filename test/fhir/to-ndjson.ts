import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { argv } from "node:process";
import { fileURLToPath } from "node:url";
import { readFhirJson } from "../../src/fhir/index.js";

/**
 * Writes the resources of Bundles as a Bulk Data server does: a file for each type, one resource a line, in the text it
 * was written in but for references, which name `Type/id` where they named the fullUrl of an entry.
 *
 *   tsx test/fhir/to-ndjson.ts FOLDER_OF_BUNDLES NEW_FOLDER
 *
 * @returns how many lines were written
 */
export async function toNdjson(bundles: string, target: string): Promise<number> {
  const files = new Map<string, string[]>();
  const seen = new Set<string>();
  for (const name of (await readdir(bundles)).filter((one) => one.endsWith(".json")).sort()) {
    const { entries } = readFhirJson(await readFile(join(bundles, name), "utf8"), name);
    const names = new Map<string, string>();
    for (const { resource, fullUrl } of entries) {
      if (fullUrl !== undefined) names.set(fullUrl, `${resource.resourceType}/${resource.id ?? ""}`);
    }
    for (const { resource, json } of entries) {
      const id = `${resource.resourceType}/${resource.id ?? ""}`;
      // Practitioners and organizations are the same in the Bundles of several patients.
      if (seen.has(id)) continue;
      seen.add(id);
      const line = json.replace(/"(urn:uuid:[^"]*)"/g, (whole, url: string) =>
        names.has(url) ? `"${names.get(url)}"` : whole,
      );
      const lines = files.get(resource.resourceType) ?? [];
      // A line break stands between tokens only: in a string it is escaped.
      files.set(resource.resourceType, [...lines, line.replace(/\s*\n\s*/g, " ")]);
    }
  }
  await mkdir(target, { recursive: true });
  for (const [type, lines] of files) await writeFile(join(target, `${type}.ndjson`), `${lines.join("\n")}\n`);
  return seen.size;
}

// Mocha and Hardhat load every file under test/.
if (argv[1] === fileURLToPath(import.meta.url)) {
  const [, , bundles = "", target = ""] = argv;
  console.log(`${await toNdjson(bundles, target)} lines`);
}
