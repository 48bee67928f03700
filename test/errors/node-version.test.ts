import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

import { expect } from "chai";

import { isNodeBefore, nodeTooOld, OLDEST_NODE } from "../../src/errors/index.js";

const ROOT = join(import.meta.dirname, "..", "..");

describe("a Node that is too old", () => {
  it("is told from one that isn't", () => {
    for (const [running, needed, isOld] of [
      ["20.20.2", "22.13", true],
      ["22.12.0", "22.13", true],
      ["22.13.0", "22.13", false],
      ["22.13.1", "22.13", false],
      ["24.6.1", "24.7", true],
      ["24.7.0", "24.7", false],
      ["25.0.0", "24.7", false],
      ["100.0.0", "24.7", false],
    ] as const)
      expect(isNodeBefore(needed, running), `${running} before ${needed}`).to.equal(isOld);
    expect(isNodeBefore("1")).to.equal(false);
  });

  it("is named, beside the one that is needed", () => {
    const error = nodeTooOld("a vault", "22.13");
    expect(error.code).to.equal("NODE_TOO_OLD");
    expect(error.message).to.contain("22.13").and.contain(process.versions.node);
    expect(error.hint).to.contain("22.13");
  });

  it("is older than what package.json's engines name", async () => {
    const { engines } = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8")) as { engines: { node: string } };
    expect(engines.node).to.match(new RegExp(`^\\^${OLDEST_NODE.replace(".", "\\.")}\\.0 `));
  });

  it("is none in a browser, where no version runs", () => {
    const node = Object.getOwnPropertyDescriptor(globalThis, "process")!;
    Object.defineProperty(globalThis, "process", { value: undefined, configurable: true });
    let isOld;
    try {
      isOld = isNodeBefore("99.0");
    } finally {
      Object.defineProperty(globalThis, "process", node);
    }
    expect(isOld).to.equal(false);
  });

  /** The machine's own Node, where it is an older one than the project's. */
  const older = () => {
    const paths = (process.env["PATH"] ?? "").split(delimiter).filter((path) => !path.includes("node_modules"));
    const environment = { ...process.env, PATH: paths.join(delimiter) };
    const asked = spawnSync("node", ["-p", "process.execPath + ' ' + process.versions.node"], { env: environment });
    const [path, version] = String(asked.stdout).trim().split(" ");
    return path !== undefined && version !== undefined && isNodeBefore(OLDEST_NODE, version)
      ? { path, version }
      : undefined;
  };

  it("loads what doesn't need more, and says what does", async function () {
    const old = older();
    if (old === undefined) {
      console.log(`      skipped: this machine has no Node before ${OLDEST_NODE}`);
      this.skip();
    }
    const folder = await mkdtemp(join(tmpdir(), "chartchain-old-node-"));
    const program = join(folder, "try.mts");
    const room = (name: string) => JSON.stringify(join(ROOT, "src", name, "index.ts"));
    await writeFile(
      program,
      `const said = {};
       const tell = (name, work) => work().then(() => "done", (error) => error).then((end) => { said[name] = end; });
       const { parseFhirFile: parse } = await import(${room("fhir/node")});
       const { openVault } = await import(${room("vault/node")});
       const { createEmbeddedStore } = await import(${room("storage/node")});
       const { deriveKeyPair, generateSeed } = await import(${room("crypto")});
       await import(${room("sdk")});
       const { mkdir, writeFile } = await import("node:fs/promises");
       const bundle = ${JSON.stringify(join(folder, "bundle.json"))};
       await writeFile(bundle, JSON.stringify({ resourceType: "Bundle", type: "collection", entry: [{ resource: { resourceType: "Patient", id: "a" } }] }));
       await tell("fhir", () => parse(bundle));
       await tell("fhir without validation", () => parse(bundle, { validate: false }));
       await tell("vault", () => openVault({ directory: ${JSON.stringify(join(folder, "vault"))}, create: true, passphrase: "correct horse", chain: { chainId: 1n, genesisHash: "0x" + "11".repeat(32), contracts: { Registrar: "0x" + "22".repeat(20) } } }));
       await tell("crypto", () => deriveKeyPair(generateSeed()));
       const store = await createEmbeddedStore({ directory: ${JSON.stringify(join(folder, "store"))}, participant: "0x" + "11".repeat(20) }).catch((error) => error);
       await tell("storage", async () => { if (store.putBlock === undefined) throw store; await store.putBlock(new Uint8Array(9)); });
       console.log(JSON.stringify(Object.fromEntries(Object.entries(said).map(([name, end]) => [name, end.code ?? String(end)]))));`,
    );
    const tsx = join(ROOT, "node_modules", "tsx", "dist", "esm", "index.mjs");
    // tsx writes other code for another Node: its lines would be counted at the wrong places.
    const env = { ...process.env, NODE_V8_COVERAGE: undefined };
    const run = spawnSync(old.path, ["--import", tsx, program], { encoding: "utf8", cwd: ROOT, env });
    await rm(folder, { recursive: true, force: true });
    expect(run.status, run.stderr).to.equal(0);
    expect(JSON.parse(run.stdout.trim().split("\n").at(-1)!)).to.deep.equal({
      fhir: "NODE_TOO_OLD",
      "fhir without validation": "done",
      vault: "NODE_TOO_OLD",
      crypto: "done",
      storage: "NODE_TOO_OLD",
    });
  });
  for (const [what, ...program] of [
    ["the program", join("src", "cli", "main.ts"), "record", "list"],
    ["a script", join("scripts", "add-record.ts"), "--patient", "3"],
  ] as const) {
    it(`is told so in one line by ${what}, started from the sources`, function () {
      const old = older();
      if (old === undefined) {
        console.log(`      skipped: this machine has no Node before ${OLDEST_NODE}`);
        this.skip();
      }
      const tsx = join(ROOT, "node_modules", "tsx", "dist", "loader.mjs");
      const env = { ...process.env, NODE_V8_COVERAGE: undefined };
      const run = spawnSync(old.path, ["--import", tsx, ...program], { encoding: "utf8", cwd: ROOT, env });
      expect(run.stderr).to.equal(
        `chartchain needs Node ${OLDEST_NODE} or later, and this is ${old.version}: install a newer one (NODE_TOO_OLD).\n`,
      );
      expect(run.stdout).to.equal("");
      expect(run.status).to.equal(1);
    });
  }
});
