import { expect } from "chai";
import { digestOf, expectCode, workspace } from "./helpers.js";

describe("inbox", () => {
  const { directory: newDirectory, open } = workspace();

  it("notices a file that comes again, also after reopening", async () => {
    const directory = newDirectory();
    const first = await open(directory);
    expect(first.inbox.seen(digestOf("file"))).to.equal(false);
    expect(first.inbox.markSeen(digestOf("file"))).to.equal(true);
    first.close();
    const { inbox } = await open(directory);
    expect(inbox.seen(digestOf("file"))).to.equal(true);
    expect(inbox.markSeen(digestOf("file"))).to.equal(false);
    expect(inbox.seen(digestOf("other"))).to.equal(false);
    expect(inbox.list()).to.deep.equal([digestOf("file")]);
  });

  it("does not have a file as seen whose import failed", async () => {
    const vault = await open(newDirectory());
    expect(() =>
      vault.transaction(() => {
        vault.inbox.markSeen(digestOf("file"));
        throw new Error("no");
      }),
    ).to.throw("no");
    expect(vault.inbox.seen(digestOf("file"))).to.equal(false);
  });

  it("wants a whole digest", async () => {
    const { inbox } = await open(newDirectory());
    await expectCode("VAULT_INPUT_INVALID", () => inbox.seen(new Uint8Array(31)));
    await expectCode("VAULT_INPUT_INVALID", () => inbox.markSeen(new Uint8Array(33)));
  });
});
