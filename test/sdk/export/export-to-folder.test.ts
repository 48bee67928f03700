import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

import type { ExportManifest } from "../../../src/sdk/index.js";
import { exportToFolder } from "../../../src/sdk/node/index.js";

const WORKER = fileURLToPath(new URL("./export-worker.ts", import.meta.url));

describe("a folder that an export is written to", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "chartchain-export-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** An export of one file. */
  const whole = {
    async exportEverything({ sink }: Parameters<Parameters<typeof exportToFolder>[0]["exportEverything"]>[0]) {
      const file = await sink.create("export.json");
      await file.write(new TextEncoder().encode("{}"));
      await file.close();
      return {} as ExportManifest;
    },
  };

  it("isn't there when the process is killed on the way, and the next export removes what that left", async () => {
    const target = join(folder, "records");
    const child = spawn(process.execPath, ["--import=tsx", WORKER, target], {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, NODE_V8_COVERAGE: undefined },
    });
    await once(child.stdout, "data");
    const [partial, ...others] = await readdir(folder);
    expect(partial, "under another name").to.match(/^records\..+\.partial$/);
    expect(others).to.deep.equal([]);
    child.kill("SIGKILL");
    await once(child, "close");
    expect(await readdir(folder)).to.deep.equal([partial]);

    await exportToFolder(whole, { folder: target });
    expect(await readdir(folder)).to.deep.equal(["records"]);
    expect(await readdir(target)).to.deep.equal(["export.json"]);
  });

  it("leaves alone what another process is writing", async () => {
    const target = join(folder, "records");
    const child = spawn(process.execPath, ["--import=tsx", WORKER, target], { stdio: ["ignore", "pipe", "inherit"] });
    try {
      await once(child.stdout, "data");
      const [partial] = await readdir(folder);
      await exportToFolder(whole, { folder: target });
      expect(await readdir(folder)).to.have.members([partial, "records"]);
    } finally {
      child.kill("SIGKILL");
      await once(child, "close");
    }
  });
});
