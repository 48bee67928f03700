import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";

import { expect } from "chai";

import { ALICE, expectCode, workspace } from "./helpers.js";
import { findBytes } from "./processes.js";

describe("the log of decisions", () => {
  const { directory: newDirectory, open } = workspace();
  const decision = { kind: "override", by: ALICE, at: 5, reason: "the passport was shown", about: { patient: 9 } };

  it("keeps each in its order, sealed", async () => {
    const directory = newDirectory();
    const { decisions } = await open(directory);
    decisions.append(decision);
    decisions.append({ ...decision, kind: "discard" });
    expect(decisions.list().map(({ index, kind }) => [index, kind])).to.deep.equal([
      [0, "override"],
      [1, "discard"],
    ]);
    expect(findBytes(directory, [Buffer.from("passport")])).to.deep.equal([false]);
  });

  it("lets nobody change or remove one", async () => {
    const directory = newDirectory();
    const vault = await open(directory);
    vault.decisions.append(decision);
    vault.close();
    const database = new DatabaseSync(join(directory, "vault.sqlite"));
    for (const sql of ["UPDATE decisions SET sealed = x'00'", "DELETE FROM decisions"]) {
      expect(() => database.exec(sql), sql).to.throw("append-only");
    }
    database.close();
  });

  it("takes none without a reason", async () => {
    const { decisions } = await open(newDirectory());
    await expectCode("VAULT_INPUT_INVALID", () => decisions.append({ ...decision, reason: "" }));
    expect(decisions.list()).to.deep.equal([]);
  });
});
