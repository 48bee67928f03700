import { realpathSync } from "node:fs";

import { expect } from "chai";

import { isStarted } from "../../../src/cli/terminal/program.js";

describe("the file that the process was started with", () => {
  it("is the one of which Node says so", () => {
    expect(isStarted({ main: true, filename: "/a.ts" } as ImportMeta)).to.be.true;
    expect(isStarted(import.meta)).to.be.false;
  });

  it("is told by its path under a Node that doesn't say", () => {
    const filename = realpathSync(process.argv[1]!);
    expect(isStarted({ filename } as ImportMeta)).to.be.true;
    expect(isStarted({ filename: import.meta.filename } as ImportMeta)).to.be.false;
  });
});
