/** Where things are in this clone, and how the tools run programs in it. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { platform, stderr } from "node:process";
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

/** How often a step says that it goes on, in milliseconds: on a terminal, and elsewhere a line for each. */
const [EACH_SECOND, EACH_LINE] = [1_000, 30_000];

/**
 * Runs a slow step quietly: one line before it, how long it has run meanwhile, the time it took after it, its output only
 * when it fails. The lines go to stderr, so that a script's own output stays clean.
 *
 * @param {string} what the line to show.
 * @param {string} command
 * @param {string[]} args
 * @param {string} advice what to do when it fails.
 * @param {{ env?: NodeJS.ProcessEnv, shell?: boolean, each?: number }} [options] `each`: how often it says that it goes
 *   on, in milliseconds.
 */
export async function runQuietly(what, command, args, advice, { each, ...options } = {}) {
  const started = Date.now();
  const seconds = () => `${Math.round((Date.now() - started) / 1000)} s`;
  stderr.write(`${what} … `);
  const goesOn = stderr.isTTY
    ? () => stderr.write(`\r\x1b[K${what} … ${seconds()} `)
    : () => stderr.write(`\n${what}: ${seconds()} so far … `);
  const timer = setInterval(goesOn, each ?? (stderr.isTTY ? EACH_SECOND : EACH_LINE));
  const { code, signal, error, said } = await outcomeOf(command, args, options).finally(() => clearInterval(timer));
  if (code !== 0) {
    stderr.write("failed\n\n");
    const ran = [command, ...args].join(" ");
    if (error) throw new Error(`${ran}: ${error.message}\n${advice}`);
    if (signal) {
      throw new Error(`${said}\n${ran}: ended by ${signal}, perhaps for want of memory. Run the same command again.`);
    }
    throw new Error(`${said}\n${ran}: exit code ${code}\n${advice}`);
  }
  stderr.write(`done in ${seconds()}\n`);
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {import("node:child_process").SpawnOptions} options
 * @returns {Promise<{ code: number | null, signal: string | null, error?: Error, said: string }>}
 */
function outcomeOf(command, args, options) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: ROOT, ...options, stdio: ["ignore", "pipe", "pipe"] });
    const said = ["", ""];
    [child.stdout, child.stderr].forEach((stream, i) => {
      stream?.setEncoding("utf8").on("data", (text) => (said[i] += text));
    });
    child.once("error", (error) => resolve({ code: null, signal: null, error, said: said.join("") }));
    child.once("close", (code, signal) => resolve({ code, signal, said: said.join("") }));
  });
}
