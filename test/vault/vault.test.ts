import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect } from "chai";
import { createCompartmentKey } from "../../src/crypto/index.js";
import { openVault } from "../../src/vault/node/index.js";
import { CHAIN, COST, PASSPHRASE, envelope, expectCode, workspace } from "./helpers.js";
import { findBytes } from "./processes.js";

describe("a vault", () => {
  const { directory: newDirectory, open } = workspace();

  describe("whose passphrase is changed", () => {
    it("opens with the new one only, and has everything", async () => {
      const directory = newDirectory();
      const first = await open(directory);
      const seed = first.identity.seed();
      first.envelopes.put(envelope("one"));
      await first.changePassphrase(PASSPHRASE, "another one");
      first.envelopes.put(envelope("two"));
      first.close();
      await expectCode("WRONG_PASSPHRASE", () => open(directory));
      const vault = await open(directory, { passphrase: "another one" });
      expect(vault.identity.seed()).to.deep.equal(seed);
      expect(vault.envelopes.list()).to.have.length(2);
    });

    it("keeps the old one when that is given wrong, or the new one is empty", async () => {
      const directory = newDirectory();
      const vault = await open(directory);
      await expectCode("WRONG_PASSPHRASE", () => vault.changePassphrase("guess", "another one"));
      await expectCode("PASSPHRASE_EMPTY", () => vault.changePassphrase(PASSPHRASE, ""));
      vault.close();
      await open(directory);
    });

    it("has nothing left in its files that the old one opens", async () => {
      const directory = newDirectory();
      (await open(directory)).close();
      const database = new DatabaseSync(join(directory, "vault.sqlite"), { readOnly: true });
      const { locked } = database.prepare("SELECT locked FROM vault_lock").get() as { locked: Uint8Array };
      database.close();
      const secret = locked.slice(11);
      const vault = await open(directory);
      expect(findBytes(directory, [secret])).to.deep.equal([true]);
      await vault.changePassphrase(PASSPHRASE, "another one");
      expect(findBytes(directory, [secret])).to.deep.equal([false]);
    });
  });

  it("closes at the end of a block that uses it", async () => {
    const directory = newDirectory();
    {
      using vault = await openVault({ directory, chain: CHAIN, passphrase: PASSPHRASE, create: true, cost: COST });
      vault.envelopes.put(envelope("one"));
      await expectCode("VAULT_IN_USE", () => open(directory));
    }
    await open(directory);
  });

  it("does not show the kinds of its compartments in its files", async () => {
    const directory = newDirectory();
    const vault = await open(directory);
    const kinds = [
      { category: 6 },
      { category: 7, classes: 96 },
      { category: 7, classes: 96, confidential: true as const },
    ];
    for (const kind of kinds) {
      vault.compartments.put(createCompartmentKey({ patient: 17, steward: 4, ...kind, round: 0 }), {
        openedAtBlock: 1,
        source: "own",
      });
    }
    vault.close();
    const database = new DatabaseSync(join(directory, "vault.sqlite"), { readOnly: true });
    const rows = database.prepare("SELECT * FROM compartments").all();
    database.close();
    for (const row of rows) expect(Object.values(row)).to.not.include(6).and.to.not.include(7).and.to.not.include(96);
    expect(rows).to.have.length(3);
    expect(new Set(rows.map(({ sealed }) => (sealed as Uint8Array).length))).to.have.lengthOf(1);
  });
});
