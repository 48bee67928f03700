import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { OutputFile } from "../../../src/cli/files/output-file.js";
import { isChartChainError } from "../../../src/errors/index.js";

describe("OutputFile", () => {
  let folder: string;
  const at = (name: string) => join(folder, name);

  const codeOf = async (work: () => Promise<unknown>): Promise<string> => {
    try {
      await work();
    } catch (error) {
      if (isChartChainError(error)) return error.code;
      throw error;
    }
    return "nothing was thrown";
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "chartchain-output-"));
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("writes the whole content for its owner alone", async () => {
    {
      await using file = await OutputFile.reserve(at("a"), { force: false });
      await file.write(["one, ", Buffer.from("two")]);
    }
    expect(await readFile(at("a"), "utf8")).to.equal("one, two");
    expect((await stat(at("a"))).mode & 0o777).to.equal(0o600);
    expect(await readdir(folder)).to.deep.equal(["a"]);
  });

  it("refuses a file that is there before any work is done", async () => {
    await writeFile(at("a"), "former");
    expect(await codeOf(() => OutputFile.reserve(at("a"), { force: false }))).to.equal("FILE_EXISTS");
    expect(await readdir(folder)).to.deep.equal(["a"]);
  });

  it("keeps the file of somebody who took the name meanwhile", async () => {
    const code = await codeOf(async () => {
      await using file = await OutputFile.reserve(at("a"), { force: false });
      await writeFile(at("a"), "theirs");
      await file.write(["ours"]);
    });
    expect(code).to.equal("FILE_EXISTS");
    expect(await readFile(at("a"), "utf8")).to.equal("theirs");
  });

  it("replaces a file when told to, but only with a whole one", async () => {
    await writeFile(at("a"), "former");
    async function* breakingOff() {
      yield "half";
      throw new Error("broke off");
    }
    const writing = async (content: Iterable<string> | AsyncIterable<string>) => {
      await using file = await OutputFile.reserve(at("a"), { force: true });
      await file.write(content);
    };
    await writing(breakingOff()).catch((error: Error) => expect(error.message).to.equal("broke off"));
    expect(await readFile(at("a"), "utf8")).to.equal("former");
    await writing(["latter"]);
    expect(await readFile(at("a"), "utf8")).to.equal("latter");
    expect(await readdir(folder)).to.deep.equal(["a"]);
  });

  it("leaves nothing behind when nothing was written", async () => {
    {
      await using file = await OutputFile.reserve(at("a"), { force: false });
      expect(file.path).to.equal(at("a"));
    }
    expect(await readdir(folder)).to.be.empty;
  });

  it("removes what a process that was killed left, and nothing of one that runs or of another machine", async () => {
    const gone = spawnSync(process.execPath, ["-e", ""]).pid;
    const left = (host: string, pid: number, name = "a") => `${name}.${host}-${pid}.partial`;
    const kept = [left(hostname(), process.ppid), left("elsewhere", gone), left(hostname(), gone, "b")];
    for (const name of [...kept, left(hostname(), gone), left(hostname(), process.pid)]) await writeFile(at(name), "");
    {
      await using file = await OutputFile.reserve(at("a"), { force: false });
      expect(await codeOf(() => OutputFile.reserve(at("a"), { force: false })), "at the same time").to.equal(
        "FILE_UNWRITABLE",
      );
      await file.write(["whole"]);
    }
    expect((await readdir(folder)).sort()).to.deep.equal(["a", ...kept].sort());
    expect(await readFile(at("a"), "utf8")).to.equal("whole");
  });

  it("refuses a path that can't be written", async () => {
    expect(await codeOf(() => OutputFile.reserve(at("no/where"), { force: false }))).to.equal("FILE_UNWRITABLE");
  });
});
