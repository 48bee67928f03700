/** Where things are in this clone, and how the tools run programs in it. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { platform } from "node:process";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The Node that every script runs under: a dev dependency, so that the machine's own may be older. */
export const NODE = join(ROOT, "node_modules", "node", "bin", platform === "win32" ? "node.exe" : "node");

/** @param {string[]} parts a path below the root of the project. */
export const at = (...parts) => join(ROOT, ...parts);

/** Every file below a folder, sorted, as paths from the root with forward slashes; none when the folder is missing. */
export function filesBelow(/** @type {string} */ folder) {
  if (!existsSync(at(folder))) return [];
  return readdirSync(at(folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      relative(ROOT, join(entry.parentPath ?? entry.path, entry.name))
        .split(sep)
        .join("/"),
    )
    .sort();
}

/** A sha2-256 in hex over names and contents. @param {Iterable<[string, string | Buffer]>} parts */
export function digest(parts) {
  const hash = createHash("sha256");
  for (const [name, content] of parts) hash.update(`${name}\0${Buffer.byteLength(content)}\0`).update(content);
  return hash.digest("hex");
}

/** @param {string[]} files paths from the root. @returns {[string, Buffer][]} */
export const contentsOf = (files) => files.map((file) => [file, readFileSync(at(file))]);

/** The text of a file below the root, or undefined when there is none. @param {string[]} parts */
export function textOf(...parts) {
  return existsSync(at(...parts)) ? readFileSync(at(...parts), "utf8") : undefined;
}

/**
 * Runs a slow step quietly: one line before it, the time it took after it, its output only when it fails. The lines go
 * to stderr, so that a script's own output stays clean.
 *
 * @param {string} what the line to show.
 * @param {string} command
 * @param {string[]} args
 * @param {string} advice what to do when it fails.
 * @param {import("node:child_process").SpawnSyncOptions} [options]
 */
export function runQuietly(what, command, args, advice, options = {}) {
  process.stderr.write(`${what} … `);
  const started = Date.now();
  const result = spawnSync(command, args, {
    cwd: ROOT,
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
    stdio: ["ignore", "pipe", "pipe"],
    ...options,
  });
  if (result.status !== 0) {
    process.stderr.write("failed\n\n");
    const said = `${result.stdout ?? ""}${result.stderr ?? ""}`;
    const ran = [command, ...args].join(" ");
    if (result.error) throw new Error(`${ran}: ${result.error.message}\n${advice}`);
    if (result.signal) {
      throw new Error(
        `${said}\n${ran}: ended by ${result.signal}, perhaps for want of memory. Run the same command again.`,
      );
    }
    throw new Error(`${said}\n${ran}: exit code ${result.status}\n${advice}`);
  }
  process.stderr.write(`done in ${Math.round((Date.now() - started) / 1000)} s\n`);
}
