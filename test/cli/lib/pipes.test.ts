import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

import { readDeployment } from "../../../src/cli/actor/deployment-file.js";
import { readJsonFile } from "../../../src/cli/files/input-file.js";
import { fhirInputs, fileRecord } from "../../../src/cli/records/record-inputs.js";
import { readAccount } from "../../../src/cli/actor/account-source.js";
import { parseFhirFile, parseFhirFolder } from "../../../src/fhir/node/index.js";
import { errorOf, PATIENT, withFolder } from "../../fhir/real-inputs.js";

const STUCK = fileURLToPath(new URL("./stuck.ts", import.meta.url));

/** A folder with a pipe in it that nobody writes to. */
const withPipe = (use: (pipe: string, dir: string) => Promise<void>): Promise<void> =>
  withFolder(async (dir) => {
    const pipe = join(dir, "pipe.json");
    execFileSync("mkfifo", [pipe]);
    await use(pipe, dir);
  });

describe("a pipe in place of a file", () => {
  before(function () {
    if (process.platform !== "win32") return;
    console.log("    skipped: Windows has no pipes among its files");
    this.skip();
  });

  it("is refused as FHIR, and not waited for", async () => {
    await withPipe(async (pipe) => {
      for (const read of [() => parseFhirFile(pipe), () => parseFhirFolder(pipe), () => fhirInputs(pipe)]) {
        const { code, message } = await errorOf(read);
        expect(code, message).to.equal("FHIR_FILE_UNREADABLE");
        expect(message).to.include("it is not a regular file");
      }
    });
  });

  it("is refused among the files of a folder, and the others are taken", async () => {
    await withPipe(async (pipe, dir) => {
      await writeFile(join(dir, "patient.json"), JSON.stringify(PATIENT));
      const { patients, bad } = await parseFhirFolder(dir, { skipBad: true });
      expect(patients).to.have.length(1);
      expect(bad.map(({ file, code }) => [file, code])).to.deep.equal([[pipe, "FHIR_FILE_UNREADABLE"]]);
    });
  });

  it("is refused as any other file of a step", async () => {
    await withPipe(async (pipe) => {
      const ways = [
        () => readJsonFile(pipe),
        () => fileRecord(pipe, "CARE", "text/plain"),
        () => readAccount({ path: pipe }, undefined as never),
      ];
      for (const read of ways) expect((await errorOf(read)).code).to.equal("FILE_UNREADABLE");
      expect((await errorOf(() => readDeployment(pipe))).code).to.equal("DEPLOYMENT_INVALID");
    });
  });
});

describe("a step that is stuck", () => {
  before(function () {
    if (process.platform !== "win32") return;
    console.log("    skipped: Windows has no pipes among its files");
    this.skip();
  });

  /** Starts it, waits until it reads, and sends the signal again and again until it ends. */
  async function interrupted(pipe: string, args: readonly string[], signal: NodeJS.Signals) {
    const child = spawn(process.execPath, ["--import=tsx", STUCK, "--input", pipe, ...args]);
    const ended = once(child, "exit") as Promise<[number | null, NodeJS.Signals | null]>;
    await once(child.stderr, "data");
    let sent = 0;
    for (; child.exitCode === null && child.signalCode === null; await sleep(50)) {
      child.kill(signal);
      sent++;
    }
    const [code, by] = await ended;
    return { code, by, sent };
  }

  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    it(`ends by ${signal}, and by a later one where it would stop in good order`, async () => {
      await withPipe(async (pipe) => {
        expect(await interrupted(pipe, [], signal)).to.include({ code: null, by: signal });
        const { code, by, sent } = await interrupted(pipe, ["--watched"], signal);
        expect([code, by]).to.deep.equal([null, signal]);
        expect(sent).to.be.greaterThan(1);
      });
    });
  }
});
