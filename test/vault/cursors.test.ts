import { expect } from "chai";
import { CHAIN, digestOf, expectCode, workspace } from "./helpers.js";

describe("cursors", () => {
  const { directory: newDirectory, open } = workspace();
  const hash = CHAIN.genesisHash;

  it("are where they were set, each by itself, also after reopening", async () => {
    const directory = newDirectory();
    const first = await open(directory);
    expect(first.cursors.get("consents")).to.equal(undefined);
    first.cursors.set("consents", { block: 7, hash });
    first.cursors.set("records", { block: 9, hash });
    first.cursors.set("consents", { block: 5, hash: `0x${Buffer.from(digestOf(5)).toString("hex").toUpperCase()}` });
    first.close();
    const { cursors } = await open(directory);
    expect(cursors.get("consents")).to.deep.equal({ block: 5, hash: `0x${Buffer.from(digestOf(5)).toString("hex")}` });
    expect(cursors.get("records")).to.deep.equal({ block: 9, hash });
  });

  it("refuse a name or block that is none", async () => {
    const { cursors } = await open(newDirectory());
    await expectCode("VAULT_INPUT_INVALID", () => cursors.get(""));
    await expectCode("VAULT_INPUT_INVALID", () => cursors.set("a".repeat(201), { block: 1, hash }));
    await expectCode("VAULT_INPUT_INVALID", () => cursors.set("consents", { block: -1, hash }));
    await expectCode("VAULT_INPUT_INVALID", () => cursors.set("consents", { block: 1, hash: "0x00" }));
    expect(cursors.get("consents")).to.equal(undefined);
  });
});
