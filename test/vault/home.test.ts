import { chmodSync, existsSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { expect } from "chai";
import { resolveHome, vaultDirectory } from "../../src/vault/node/index.js";
import { expectCode, workspace } from "./helpers.js";

describe("home folder", () => {
  const { directory } = workspace();

  it("is what the flag says, whatever the environment says", () => {
    const base = directory();
    const home = resolveHome(join(base, "flag"), { CHARTCHAIN_HOME: join(base, "variable") });
    expect(home).to.equal(join(base, "flag"));
    expect(existsSync(join(base, "variable"))).to.equal(false);
  });

  it("is CHARTCHAIN_HOME without a flag", () => {
    const base = directory();
    const environment = { CHARTCHAIN_HOME: join(base, "variable"), XDG_DATA_HOME: base };
    expect(resolveHome(undefined, environment)).to.equal(join(base, "variable"));
  });

  it("is chartchain in XDG_DATA_HOME without either", () => {
    const base = directory();
    expect(resolveHome(undefined, { CHARTCHAIN_HOME: "", XDG_DATA_HOME: base })).to.equal(join(base, "chartchain"));
  });

  it("is below the person's own folder without any, also when XDG_DATA_HOME is relative", () => {
    const user = directory();
    const before = process.env["HOME"];
    process.env["HOME"] = user;
    try {
      expect(homedir()).to.equal(user);
      expect(resolveHome(undefined, {})).to.equal(join(user, ".local", "share", "chartchain"));
      expect(resolveHome(undefined, { XDG_DATA_HOME: "data" })).to.equal(join(user, ".local", "share", "chartchain"));
    } finally {
      if (before === undefined) delete process.env["HOME"];
      else process.env["HOME"] = before;
    }
  });

  it("is below the HOME that it is given, and not below the process's own", () => {
    const user = directory();
    expect(resolveHome(undefined, { HOME: user })).to.equal(join(user, ".local", "share", "chartchain"));
  });

  it("is an absolute path even when the flag is relative", () => {
    const before = process.cwd();
    process.chdir(directory());
    try {
      expect(isAbsolute(resolveHome("here", {}))).to.equal(true);
    } finally {
      process.chdir(before);
    }
  });

  it("is created for its owner alone, with the folders above it", () => {
    const base = directory();
    const home = resolveHome(join(base, "above", "home"));
    expect(statSync(home).mode & 0o777).to.equal(0o700);
    expect(statSync(join(base, "above")).mode & 0o777).to.equal(0o700);
  });

  for (const mode of [0o755, 0o750, 0o701, 0o777]) {
    it(`is refused with mode ${mode.toString(8)}, with the command that mends it`, async () => {
      const base = directory();
      chmodSync(base, mode);
      const error = await expectCode("HOME_NOT_PRIVATE", () => resolveHome(base));
      expect(error.hint).to.equal(`Run: chmod 700 '${base}'`);
      expect(error.details).to.deep.equal({ path: base, mode: mode.toString(8).padStart(4, "0") });
      chmodSync(base, 0o700);
      expect(resolveHome(base)).to.equal(base);
    });
  }

  it("is refused when a file is in its place or above it", async () => {
    const file = join(directory(), "file");
    writeFileSync(file, "");
    await expectCode("HOME_UNUSABLE", () => resolveHome(file));
    await expectCode("HOME_UNUSABLE", () => resolveHome(join(file, "home")));
  });

  it("has a folder for each chain", () => {
    expect(vaultDirectory("/home", 31337n)).to.equal(join("/home", "31337"));
  });
});
