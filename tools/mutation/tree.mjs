/** A copy of the project in which one mutant after the other is built and tried. */
import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { env } from "node:process";
import { stripVTControlCharacters } from "node:util";

import { at, NODE } from "../setup/project.mjs";
import { compile } from "./compiler.mjs";
import { contractSources, mutated } from "./mutants.mjs";
import { isSolidity, judgesOf } from "./tests.mjs";

const COPIED = [
  "contracts",
  "test",
  "ignition",
  "devnet",
  "src",
  "tools",
  "docs",
  "scripts",
  "tour",
  "typechain-types",
  "artifacts",
  "hardhat.config.ts",
  "package.json",
  "tsconfig.json",
  ".mocharc.json",
];
const MOCHA = "node_modules/mocha/bin/mocha.js";
const HARDHAT = "node_modules/hardhat/dist/src/cli.js";
/** No stage of the unchanged contracts takes half as long. */
const STAGE_LIMIT = 8 * 60 * 1000;
/** Contracts without the IR pipeline are larger than a chain accepts; what is tested here is what they do. */
const UNLIMITED =
  'import config from "./hardhat.shipped.config.js";\n' +
  "const networks = Object.fromEntries(Object.entries(config.networks ?? {}).map(([name, network]) => " +
  '[name, network.type === "edr-simulated" ? { ...network, allowUnlimitedContractSize: true } : network]));\n' +
  "export default { ...config, networks };\n";

/**
 * @typedef {"killed" | "survived" | "stillborn" | "identical" | "timeout"} Fate
 * @typedef {{ fate: Fate, by?: string, seconds: number }} Verdict
 */

export class Tree {
  /** @type {Record<string, string>} */
  #sources = contractSources();
  /** Deployable contracts and what their files import, themselves included. @type {Map<string, Set<string>>} */
  #reach = new Map();
  /** Code of the unchanged contracts, to find mutants that the compiler makes nothing of. @type {import("./compiler.mjs").Compiled} */
  #shipped = {};
  /** Tests that fail without any mutant, which therefore judge none. @type {Set<string>} */
  #failing = new Set();
  /** @type {string} */
  #root;

  /** @param {string} root an empty folder. */
  constructor(root) {
    this.#root = root;
    mkdirSync(root, { recursive: true });
    for (const name of COPIED) if (existsSync(at(name))) cpSync(at(name), join(root, name), { recursive: true });
    cpSync(at("hardhat.config.ts"), join(root, "hardhat.shipped.config.ts"));
    writeFileSync(join(root, "hardhat.config.ts"), UNLIMITED);
    symlinkSync(at("node_modules"), join(root, "node_modules"), "dir");
    const deployable = Object.keys(this.#sources).filter((file) => existsSync(this.#artifact(file)));
    for (const file of deployable) this.#reach.set(file, this.#imports(file));
    const built = compile(this.#sources, deployable);
    if ("error" in built) throw new Error(built.error);
    this.#shipped = built.compiled;
    this.#install(this.#shipped);
  }

  /** Runs the tests of the unchanged contracts. @param {string[]} files contracts. @returns {Promise<string[]>} those that fail. */
  async checkTests(files) {
    const tests = [...new Set(files.flatMap((file) => judgesOf(file).flat()))];
    for (const kind of [tests.filter((file) => !isSolidity(file)), tests.filter(isSolidity)]) {
      if (kind.length === 0 || (await this.#passes(kind)) === true) continue;
      for (const file of kind) if ((await this.#passes([file])) !== true) this.#failing.add(file);
    }
    return [...this.#failing];
  }

  /** Tests that judge no mutant. @param {string[]} files */
  leaveOut(files) {
    for (const file of files) this.#failing.add(file);
  }

  /** @param {import("./mutants.mjs").Mutant} mutant @returns {Promise<Verdict>} */
  async judge(mutant) {
    const started = Date.now();
    const verdict = (/** @type {Fate} */ fate, /** @type {string} */ by) => ({
      fate,
      ...(by === undefined ? {} : { by }),
      seconds: Math.round((Date.now() - started) / 1000),
    });
    const source = mutated(mutant, this.#sources[mutant.file]);
    const wanted = [...this.#reach].filter(([, imports]) => imports.has(mutant.file)).map(([file]) => file);
    const built = compile({ ...this.#sources, [mutant.file]: source }, wanted);
    if ("error" in built) return verdict("stillborn");
    const same = Object.entries(built.compiled).every(
      ([name, code]) => code.creation.object === this.#shipped[name].creation.object,
    );
    if (same) return verdict("identical");

    const path = join(this.#root, mutant.file);
    this.#install(built.compiled);
    writeFileSync(path, source);
    try {
      for (const stage of judgesOf(mutant.file)) {
        const tests = stage.filter((file) => !this.#failing.has(file));
        if (tests.length === 0) continue;
        const passed = await this.#passes(tests);
        if (passed === "timeout") return verdict("timeout", tests[0]);
        if (passed !== true) return verdict("killed", passed);
      }
      return verdict("survived");
    } finally {
      writeFileSync(path, this.#sources[mutant.file]);
      this.#install(Object.fromEntries(Object.keys(built.compiled).map((name) => [name, this.#shipped[name]])));
    }
  }

  close() {
    rmSync(this.#root, { recursive: true, force: true });
  }

  /** @param {string[]} tests of one kind. @returns {Promise<true | string>} or what failed, or "timeout". */
  async #passes(tests) {
    if (!isSolidity(tests[0])) return this.#runs([MOCHA, "--bail", "--exit", ...tests], tests);
    const hardhat = [HARDHAT, "--config", "tools/hardhat-fast.config.ts", "--no-typechain"];
    // Chosen tests alone compile what they import, and not what they deploy by name.
    const built = await this.#runs([...hardhat, "build", "--no-tests"], tests);
    return built === true ? this.#runs([...hardhat, "test", "solidity", ...tests], tests) : built;
  }

  /** @param {string[]} args @param {string[]} tests @returns {Promise<true | string>} or what failed, or "timeout". */
  #runs(args, tests) {
    const child = spawn(NODE, args, {
      cwd: this.#root,
      env: { ...env, NO_COLOR: "1", NODE_COMPILE_CACHE: join(this.#root, ".cache", "node") },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    /** @type {Buffer[]} */
    const chunks = [];
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => chunks.push(chunk));
    return new Promise((resolve, reject) => {
      let late = false;
      const limit = setTimeout(() => {
        late = true;
        // The whole group: a test may have started something itself.
        if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      }, STAGE_LIMIT);
      child.on("error", reject);
      child.on("close", (code) => {
        clearTimeout(limit);
        const output = stripVTControlCharacters(Buffer.concat(chunks).toString("utf8"));
        resolve(late ? "timeout" : code === 0 ? true : firstFailure(output, tests));
      });
    });
  }

  /** Puts code where the tests in TypeScript read it. @param {import("./compiler.mjs").Compiled} compiled */
  #install(compiled) {
    for (const [qualified, { creation, runtime }] of Object.entries(compiled)) {
      const [file, name] = qualified.split(":");
      const path = this.#artifact(file, name);
      if (!existsSync(path)) continue;
      const artifact = JSON.parse(readFileSync(path, "utf8"));
      artifact.bytecode = `0x${creation.object}`;
      artifact.deployedBytecode = `0x${runtime.object}`;
      artifact.linkReferences = creation.linkReferences;
      artifact.deployedLinkReferences = runtime.linkReferences;
      artifact.immutableReferences = runtime.immutableReferences ?? {};
      writeFileSync(path, JSON.stringify(artifact));
    }
  }

  /** @param {string} file @param {string} [name] */
  #artifact(file, name = file.replace(/^.*\/|\.sol$/g, "")) {
    return join(this.#root, "artifacts", file, `${name}.json`);
  }

  /** @param {string} file @param {Set<string>} [seen] @returns {Set<string>} */
  #imports(file, seen = new Set()) {
    if (seen.has(file)) return seen;
    seen.add(file);
    for (const [, path] of this.#sources[file].matchAll(/^import .* from "(\.[^"]+)";$/gm)) {
      this.#imports(new URL(path, `file:///${file}`).pathname.slice(1), seen);
    }
    return seen;
  }
}

/** @param {string} output @param {string[]} tests */
function firstFailure(output, tests) {
  const [, title] = /^\s+1\) (.+)$/m.exec(output) ?? [];
  return title?.trim() ?? tests[0];
}
