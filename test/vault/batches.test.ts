import { expect } from "chai";

import { Batch } from "../../src/crypto/index.js";
import { digestOf, expectCode, workspace } from "./helpers.js";
import { findBytes } from "./processes.js";

describe("lists of batches", () => {
  const { directory: newDirectory, open } = workspace();

  it("are kept for each patient, sealed, also after reopening", async () => {
    const directory = newDirectory();
    const first = await open(directory);
    const batch = Batch.of([digestOf(1), digestOf(2)]);
    first.batches.keep(17, batch);
    first.batches.keep(17, batch);
    first.batches.keep(18, Batch.of([digestOf(3)]));
    first.close();
    const { batches } = await open(directory);
    expect(batches.get(batch.digest())!.encode()).to.deep.equal(batch.encode());
    expect(batches.list(17)).to.have.length(1);
    expect(batches.list()).to.have.length(2);
    expect(findBytes(directory, [digestOf(1), digestOf(3)])).to.deep.equal([false, false]);
  });

  it("aren't there for what this vault has no list of", async () => {
    const { batches } = await open(newDirectory());
    expect(batches.get(digestOf(9))).to.equal(undefined);
    expect(batches.list()).to.deep.equal([]);
    await expectCode("VAULT_INPUT_INVALID", () => batches.get(new Uint8Array(31)));
    await expectCode("VAULT_INPUT_INVALID", () => batches.keep(0, Batch.of([digestOf(1)])));
  });
});
