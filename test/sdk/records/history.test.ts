import { expect } from "chai";

import { anchoredRecords, chainOf, headOf } from "../../../src/sdk/index.js";
import { type Actor, createDevnet, type Devnet, relate } from "../../../devnet/index.js";

describe("a patient's history", () => {
  let world: Devnet;
  let clinic: Actor;
  let alice: Actor;
  before(async () => {
    world = await createDevnet();
    clinic = await world.institution("General Hospital");
    alice = await world.patient("alice");
    await relate(clinic, alice);
  });
  after(() => world.close());

  it("is empty at first", async () => {
    const { client } = alice;
    const block = await world.provider.getBlockNumber();
    expect(await anchoredRecords(client, alice.id)).to.deep.equal([]);
    expect(await headOf(client, alice.id, block)).to.deep.equal({ count: 0, chain: chainOf([]) });
  });

  it("adds up to the contract's running head, at every block", async () => {
    const blocks: number[] = [];
    for (const [i, author] of [clinic, alice, clinic].entries()) {
      const added = await author.client.addRecord({ patient: alice.id, category: "CARE", content: new Uint8Array(i) });
      blocks.push(added.receipt!.blockNumber);
    }
    const all = await anchoredRecords(clinic.client, alice.id);
    expect(all.map(({ author }) => author)).to.deep.equal([clinic.id, alice.id, clinic.id]);
    for (const [i, block] of blocks.entries()) {
      const records = await anchoredRecords(clinic.client, alice.id, block);
      expect(records).to.deep.equal(all.slice(0, i + 1));
      expect(await headOf(clinic.client, alice.id, block)).to.deep.equal({ count: i + 1, chain: chainOf(records) });
    }
    expect(await anchoredRecords(clinic.client, alice.id, undefined, blocks[1])).to.deep.equal(all.slice(1));
  });
});
