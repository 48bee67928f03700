import { expect } from "chai";

import { ALICE, BOB, digestOf, expectCode, GENERAL_HOSPITAL, INSURER, workspace } from "./helpers.js";
import { findBytes } from "./processes.js";

describe("authors' signatures", () => {
  const { directory: newDirectory, open } = workspace();
  const account = `0x${"a1".repeat(20)}`;
  const statement = { patient: ALICE, author: GENERAL_HOSPITAL, digest: digestOf(1), count: 8 };

  it("are kept for each statement, sealed, also after reopening; the latest over one stays", async () => {
    const directory = newDirectory();
    const first = await open(directory);
    first.authorSignatures.keep(statement, { account, signature: `0x${"51".repeat(65)}` });
    first.authorSignatures.keep(statement, { account, signature: `0x${"52".repeat(65)}` });
    first.close();
    const { authorSignatures } = await open(directory);
    const kept = { account, signature: `0x${"52".repeat(65)}` };
    expect(authorSignatures.get(statement)).to.deep.equal(kept);
    expect(authorSignatures.list()).to.deep.equal([{ ...statement, ...kept }]);
    const bytes = [Buffer.alloc(20, 0xa1), Buffer.alloc(65, 0x51), Buffer.alloc(65, 0x52)];
    expect(findBytes(directory, bytes)).to.deep.equal([false, false, false]);
  });

  it("say nothing of another patient, author, digest or count", async () => {
    const { authorSignatures } = await open(newDirectory());
    authorSignatures.keep(statement, { account, signature: "0x51" });
    const changes = [{ patient: BOB }, { author: INSURER }, { digest: digestOf(2) }, { count: 0 }, { count: 9 }];
    for (const change of changes) expect(authorSignatures.get({ ...statement, ...change })).to.equal(undefined);
  });

  it("are refused where they are of no statement or no account", async () => {
    const { authorSignatures } = await open(newDirectory());
    const signed = { account, signature: "0x51" };
    const wrong = [
      [{ ...statement, digest: new Uint8Array(31) }, signed],
      [{ ...statement, count: 32_769 }, signed],
      [{ ...statement, author: 0 }, signed],
      [{ ...statement, patient: 2 ** 40 }, signed],
      [statement, { ...signed, account: "0x51" }],
      [statement, { ...signed, signature: "0x" }],
    ] as const;
    for (const [about, by] of wrong) await expectCode("VAULT_INPUT_INVALID", () => authorSignatures.keep(about, by));
  });
});
