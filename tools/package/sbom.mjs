/**
 * What is installed with the library or published within it, as CycloneDX, by npm: of the versions in the lock file, without
 * what is there for development and without optional peers. npm's own --omit leaves out whatever is somebody's peer, ethers among it.
 */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { at, filesBelow, textOf } from "../setup/project.mjs";
import { npm } from "./pack.mjs";

const manifest = JSON.parse(textOf("package.json") ?? "{}");
const { name, version, description, license, type } = manifest;
/** What the command line is put together of is published within it. */
const ofCommandLine = Object.entries(manifest.devDependencies).filter(([each]) => {
  const imported = new RegExp(`from "${each}["/]`);
  return filesBelow("src/cli").some((file) => imported.test(textOf(file) ?? ""));
});
/** @type {Record<string, string>} */
const dependencies = { ...manifest.dependencies, ...Object.fromEntries(ofCommandLine) };

/** @returns {string} */
export function sbom() {
  const temporary = mkdtempSync(join(tmpdir(), "chartchain-sbom-"));
  try {
    // npm calls the whole as the folder is called.
    const folder = join(temporary, name);
    mkdirSync(folder);
    const published = { name, version, description, license, type, dependencies };
    writeFileSync(join(folder, "package.json"), JSON.stringify(published));
    copyFileSync(at("package-lock.json"), join(folder, "package-lock.json"));
    run(folder, "install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline");
    return run(folder, "sbom", "--package-lock-only", "--sbom-type", "library", "--sbom-format", "cyclonedx");
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** Whether it has every direct dependency, and of each part licence and hash. */
export async function checkSbom() {
  /** @type {{ components: { name: string, version: string, licenses?: object[], hashes?: object[] }[] }} */
  const { components } = JSON.parse(sbom());
  const listed = new Set(components.map((part) => `${part.name}@${part.version}`));
  const missing = Object.entries(dependencies).filter(([each, of]) => !listed.has(`${each}@${of}`));
  const bare = components.filter(({ licenses = [], hashes = [] }) => licenses.length === 0 || hashes.length === 0);
  return {
    problems: [
      ...missing.map(([each]) => `the SBOM lacks ${each}`),
      ...bare.map((part) => `the SBOM names no licence or no hash of ${part.name}`),
    ],
    notes: [`${components.length} packages`],
  };
}

/** @param {string} folder @param {string[]} args */
function run(folder, ...args) {
  const { status, stdout, stderr } = npm(args, folder);
  if (status !== 0) throw new Error(`npm ${args.join(" ")}: exit code ${status}\n${stdout}${stderr}`);
  return stdout;
}
