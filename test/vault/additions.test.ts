import { expect } from "chai";
import type { AddedContent } from "../../src/vault/index.js";
import { ALICE, BOB, digestOf, envelope, expectCode, GENERAL_HOSPITAL, INSURER, workspace } from "./helpers.js";
import { findBytes } from "./processes.js";

describe("what was added", () => {
  const { directory: newDirectory, open } = workspace();
  const SAID: AddedContent = { patient: ALICE, author: GENERAL_HOSPITAL, content: digestOf("text") };

  it("has the same key when it says the same, and another one for everything else", async () => {
    const directory = newDirectory();
    const first = await open(directory);
    const key = first.additions.keyOf(SAID);
    expect(key).to.have.length(32);
    expect(first.additions.keyOf({ ...SAID })).to.deep.equal(key);
    first.close();
    const { additions } = await open(directory);
    expect(additions.keyOf(SAID), "after a restart").to.deep.equal(key);
    const others: Partial<AddedContent>[] = [
      { patient: BOB },
      { author: INSURER },
      { content: digestOf("other text") },
      { amends: digestOf("record") },
      { amends: digestOf("another record") },
      { disputes: digestOf("record") },
      { amends: digestOf("record"), disputes: digestOf("record") },
    ];
    const keys = [SAID, ...others.map((other) => ({ ...SAID, ...other }))].map((said) => String(additions.keyOf(said)));
    expect(new Set(keys).size).to.equal(keys.length);
  });

  it("has another key in every vault, so that the file alone answers no guess", async () => {
    const [one, two] = [await open(newDirectory()), await open(newDirectory())];
    expect(one.additions.keyOf(SAID)).not.to.deep.equal(two.additions.keyOf(SAID));
  });

  it("is found by its key until it is shredded: then the same may be added anew", async () => {
    const directory = newDirectory();
    const vault = await open(directory);
    const content = vault.additions.keyOf(SAID);
    vault.transaction(() => {
      vault.envelopes.put(envelope("one"));
      vault.additions.begin({ digest: digestOf("one"), content });
    });
    expect(vault.additions.find(content)).to.deep.equal([{ digest: digestOf("one"), content, state: "sealed" }]);
    vault.shred(digestOf("one"), { participant: GENERAL_HOSPITAL });
    expect(vault.additions.find(content)).to.deep.equal([]);
    expect(vault.additions.unfinished()).to.deep.equal([]);
    expect(findBytes(directory, [content])).to.deep.equal([false]);
  });

  it("counts as unfinished until it is anchored, and what is anchored is found first", async () => {
    const { additions } = await open(newDirectory());
    const content = digestOf("content");
    for (const name of ["one", "two", "three"]) additions.begin({ digest: digestOf(name), content });
    additions.sending(digestOf("two"));
    additions.finish(digestOf("three"));
    const states = (found: { digest: Uint8Array; state: string }[]) =>
      new Map(found.map(({ digest, state }) => [String(digest), state]));
    expect(states(additions.unfinished())).to.deep.equal(
      new Map([
        [String(digestOf("one")), "sealed"],
        [String(digestOf("two")), "sending"],
      ]),
    );
    expect(additions.find(content)[0]).to.deep.equal({ digest: digestOf("three"), content, state: "anchored" });
    expect(additions.list()).to.have.length(3);
  });

  it("wants digests, and participants", async () => {
    const { additions } = await open(newDirectory());
    await expectCode("VAULT_INPUT_INVALID", () => additions.keyOf({ ...SAID, patient: 0 }));
    await expectCode("VAULT_INPUT_INVALID", () => additions.keyOf({ ...SAID, content: new Uint8Array(31) }));
    await expectCode("VAULT_INPUT_INVALID", () => additions.find(new Uint8Array(31)));
    await expectCode("VAULT_INPUT_INVALID", () =>
      additions.begin({ digest: new Uint8Array(31), content: digestOf("content") }),
    );
  });
});
