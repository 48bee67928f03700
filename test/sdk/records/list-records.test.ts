import { hexlify, randomBytes } from "ethers";
import { expect } from "chai";

import type { ListedRecord } from "../../../src/sdk/index.js";
import { type Actor, createDevnet, type Devnet, relate } from "../../../devnet/index.js";
import { bytes, expectCode } from "../helpers.js";

describe("pages of records", () => {
  let world: Devnet;
  let clinic: Actor;
  let all: ListedRecord[];
  before(async () => {
    world = await createDevnet();
    clinic = await world.institution("General Hospital");
    const [alice, bob] = [await world.patient("alice"), await world.patient("bob")];
    await relate(clinic, alice);
    await relate(clinic, bob);
    for (const [i, { id }] of [alice, bob, alice, alice, bob, alice].entries()) {
      const category = i % 2 === 0 ? "CARE" : "MEDICATION";
      await clinic.client.addRecord({ patient: id, category, content: bytes(`record ${i}`) });
    }
    const [, , third] = await clinic.client.listRecords();
    await clinic.client.retractRecord({ digest: third!.digest, reason: "wrong patient" });
    all = await clinic.client.listRecords();
  });
  after(() => world.close());

  const paged = async (asked: Parameters<Actor["client"]["listRecords"]>[0]) => {
    const found: ListedRecord[] = [];
    for (;;) {
      const page = await clinic.client.listRecords({ ...asked, after: found.at(-1)?.digest });
      expect(page.length).to.be.at.most(asked!.limit!);
      if (page.length === 0) return found;
      found.push(...page);
    }
  };

  it("together are what there is, of whatever size, without what was retracted", async () => {
    expect(all).to.have.length(5);
    for (const limit of [1, 2, 5, 100]) expect(await paged({ limit })).to.deep.equal(all);
  });

  it("are of a patient and of a category alone where that is asked for", async () => {
    const [{ patient }] = all as [ListedRecord];
    const theirs = all.filter((record) => record.patient === patient);
    expect(await paged({ limit: 2, patient })).to.deep.equal(theirs);
    const care = all.filter(({ category }) => category === "CARE");
    expect(care.length).to.be.within(1, 4);
    expect(await paged({ limit: 1, category: "CARE" })).to.deep.equal(care);
  });

  it("begin after a record that there is", async () => {
    await expectCode("RECORD_UNKNOWN", clinic.client.listRecords({ limit: 1, after: hexlify(randomBytes(32)) }));
    await expectCode("RECORD_UNKNOWN", clinic.client.listRecords({ limit: 1, after: "a word" }));
  });
});
