import { expect } from "chai";

import { ALICE, BOB, expectCode, workspace } from "./helpers.js";
import { findBytes } from "./processes.js";

describe("who is known", () => {
  const { directory: newDirectory, open } = workspace();

  it("is kept in each form in which the person was accepted", async () => {
    const { people } = await open(newDirectory());
    expect(people.get(ALICE)).to.deep.equal([]);
    people.add(ALICE, { birthDate: "1970-01-01" });
    people.add(ALICE, { birthDate: "1970-01-10" });
    people.add(BOB, { gender: "male" });
    expect(people.list()).to.deep.equal([
      { participant: ALICE, forms: [{ birthDate: "1970-01-01" }, { birthDate: "1970-01-10" }] },
      { participant: BOB, forms: [{ gender: "male" }] },
    ]);
  });

  it("isn't readable in the file, and can be forgotten", async () => {
    const directory = newDirectory();
    const { people } = await open(directory);
    people.add(ALICE, { birthDate: "1970-01-01" });
    expect(findBytes(directory, [Buffer.from("1970-01-01")])).to.deep.equal([false]);
    expect(people.forget(ALICE)).to.equal(true);
    expect(people.forget(ALICE)).to.equal(false);
    expect(people.get(ALICE)).to.deep.equal([]);
  });

  it("doesn't grow without end", async () => {
    const { people } = await open(newDirectory());
    for (let i = 0; i < 32; i++) people.add(ALICE, i);
    await expectCode("VAULT_INPUT_INVALID", () => people.add(ALICE, 32));
  });
});
