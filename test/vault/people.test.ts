import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { expect } from "chai";

import { toHex } from "../../src/vault/bytes.js";
import { ALICE, BOB, digestOf, expectCode, workspace } from "./helpers.js";
import { findBytes } from "./processes.js";

describe("who is known", () => {
  const { directory: newDirectory, open } = workspace();

  /** The keys that everything erasable is sealed under, oldest first, read from a closed vault. */
  function keysIn(directory: string): Uint8Array[] {
    const database = new DatabaseSync(join(directory, "vault.sqlite"), { readOnly: true });
    const rows = database.prepare("SELECT key FROM erasable_keys ORDER BY id").all();
    database.close();
    return rows.map(({ key }) => key as Uint8Array);
  }

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

  it("isn't readable in the file, nor which record taught it", async () => {
    const directory = newDirectory();
    const { people } = await open(directory);
    people.add(ALICE, { birthDate: "1970-01-01" }, digestOf("one"));
    const sought = [Buffer.from("1970-01-01"), digestOf("one"), Buffer.from(toHex(digestOf("one")))];
    expect(findBytes(directory, sought)).to.deep.equal([false, false, false]);
  });

  it("is forgotten with the last record that taught it, shredded or retracted, and the key with it", async () => {
    const directory = newDirectory();
    const first = await open(directory);
    const [born, married] = [{ birthDate: "1970-01-01" }, { family: "Bergmann" }];
    first.people.add(ALICE, born, digestOf("one"));
    first.people.add(ALICE, born, digestOf("two"));
    first.people.add(ALICE, married, digestOf("two"));
    first.people.add(BOB, born, digestOf("three"));
    first.close();
    const keys = keysIn(directory);
    expect(keys).to.have.length(2);
    const vault = await open(directory);
    const { people } = vault;
    vault.shred(digestOf("two"), { participant: ALICE });
    expect(people.get(ALICE), "another record says so").to.deep.equal([born]);
    vault.retractions.note({ record: digestOf("one"), patient: ALICE, author: ALICE });
    expect(people.list()).to.deep.equal([{ participant: BOB, forms: [born] }]);
    expect(people.unlearn(digestOf("one"))).to.equal(0);
    expect(findBytes(directory, keys), "what Alice's was sealed under, and Bob's").to.deep.equal([false, true]);
  });

  it("stays where a person decided, until a record taught it and is gone", async () => {
    const { people } = await open(newDirectory());
    people.add(ALICE, { gender: "male" });
    people.unlearn(digestOf("one"));
    expect(people.get(ALICE)).to.have.length(1);
    people.add(ALICE, { gender: "male" }, digestOf("one"));
    expect(people.get(ALICE)).to.have.length(1);
    people.unlearn(digestOf("one"));
    expect(people.get(ALICE)).to.deep.equal([]);
  });

  it("is forgotten together with what else its transaction stores, or not at all", async () => {
    const vault = await open(newDirectory());
    vault.people.add(ALICE, { gender: "male" }, digestOf("one"));
    const failing = () =>
      vault.transaction(() => {
        vault.shred(digestOf("one"), { participant: ALICE });
        throw new Error("no");
      });
    expect(failing).to.throw("no");
    expect(vault.people.get(ALICE)).to.deep.equal([{ gender: "male" }]);
    expect(vault.people.unlearn(digestOf("one"))).to.equal(1);
  });

  it("doesn't grow without end", async () => {
    const { people } = await open(newDirectory());
    for (let i = 0; i < 128; i++) people.add(ALICE, i);
    await expectCode("VAULT_INPUT_INVALID", () => people.add(ALICE, 128));
  });
});
