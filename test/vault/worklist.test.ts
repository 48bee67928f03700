import { randomBytes } from "node:crypto";

import { expect } from "chai";

import { WORKLIST_INPUT_LIMIT, WORKLIST_LIMIT, type NewWorklistItem } from "../../src/vault/index.js";
import { expectCode, workspace } from "./helpers.js";
import { findBytes } from "./processes.js";

describe("the worklist", () => {
  const { directory: newDirectory, open } = workspace();
  const item = (changes: Partial<NewWorklistItem> = {}): NewWorklistItem => ({
    ...{ key: "a key", code: "FOREIGN_PATIENT", at: 5, about: { file: "doe-john.json", places: ["Bundle.entry[1]"] } },
    content: new TextEncoder().encode("an input about two people"),
    ...changes,
  });

  it("keeps an input until it is taken off, and never gives its number to another", async () => {
    const { worklist } = await open(newDirectory());
    expect(worklist.put(item())).to.equal(1);
    expect(worklist.list()).to.deep.equal([
      { id: 1, key: "a key", code: "FOREIGN_PATIENT", at: 5, size: 25, about: item().about },
    ]);
    expect(worklist.get(1)?.content).to.deep.equal(item().content);
    expect(worklist.remove(1)).to.equal(true);
    expect(worklist.remove(1)).to.equal(false);
    expect(worklist.get(1)).to.equal(undefined);
    expect(worklist.put(item())).to.equal(2);
  });

  it("has the same input once", async () => {
    const { worklist } = await open(newDirectory());
    expect([worklist.put(item()), worklist.put(item({ at: 9 })), worklist.put(item({ key: "another" }))]).to.deep.equal(
      [1, 1, 2],
    );
  });

  it("says nothing about the input in the file, and leaves nothing of it there", async () => {
    const directory = newDirectory();
    const vault = await open(directory);
    vault.worklist.put(item());
    for (const secret of ["doe-john", "about two people", "Bundle.entry"]) {
      expect(findBytes(directory, [Buffer.from(secret)]), secret).to.deep.equal([false]);
    }
    expect(findBytes(directory, [Buffer.from("FOREIGN_PATIENT")]), "the code is in the clear").to.deep.equal([true]);
    vault.worklist.remove(1);
    vault.close();
    const reopened = await open(directory);
    expect(reopened.worklist.list()).to.deep.equal([]);
  });

  it("refuses what is too large, or too much with what waits, by the name of the limit", async () => {
    const { worklist } = await open(newDirectory());
    const large = randomBytes(WORKLIST_INPUT_LIMIT);
    const { details } = await expectCode("WORKLIST_FULL", () =>
      worklist.put(item({ content: randomBytes(large.length + 1) })),
    );
    expect(details).to.include({ inputLimit: WORKLIST_INPUT_LIMIT, kept: 0 });
    const most = WORKLIST_LIMIT / WORKLIST_INPUT_LIMIT;
    for (let i = 0; i < most; i++) worklist.put(item({ key: String(i), content: large }));
    await expectCode("WORKLIST_FULL", () => worklist.put(item({ key: "one more", content: large.subarray(0, 1) })));
    expect(worklist.put(item({ key: "0", content: large })), "what waits already needs no room").to.equal(1);
  });
});
