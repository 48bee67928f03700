import { expect } from "chai";
import { hexlify, randomBytes } from "ethers";

import { anchoredRecords, chainOf, headOf } from "../../../src/sdk/index.js";
import { anchorsIn, countOf } from "../../../src/sdk/records/history.js";
import { verifiedAnchor, verifiedRecords } from "../../../src/sdk/records/verified-history.js";
import { type Actor, createDevnet, type Devnet, relate } from "../../../devnet/index.js";

const randomDigest = () => hexlify(randomBytes(32));

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

  it("adds up with batches among the records, whoever anchored them", async () => {
    const before = await anchoredRecords(clinic.client, alice.id);
    const anchorBatch = async (author: Actor, count: number) => {
      const sent = await author.client.contracts.Records.anchorBatch({
        patient: alice.id,
        count,
        digest: randomDigest(),
      });
      return (await sent.wait())!.blockNumber;
    };
    const blocks = [await anchorBatch(clinic, 8), await anchorBatch(alice, 1)];
    const last = await clinic.client.addRecord({ patient: alice.id, category: "CARE", content: new Uint8Array(9) });
    blocks.push(last.receipt!.blockNumber);

    const all = await anchoredRecords(clinic.client, alice.id);
    expect(all.slice(before.length).map(({ index, size, author }) => ({ index, size, author }))).to.deep.equal([
      { index: 4, size: 8, author: clinic.id },
      { index: 12, size: 1, author: alice.id },
      { index: 13, size: null, author: clinic.id },
    ]);
    for (const [i, block] of blocks.entries()) {
      const records = all.slice(0, before.length + i + 1);
      const head = { count: countOf(records), chain: chainOf(records) };
      expect(await headOf(clinic.client, alice.id, block)).to.deep.equal(head);
    }
    const asRecord = all.map((anchor) => ({ ...anchor, size: anchor.size === 1 ? null : anchor.size }));
    expect(countOf(asRecord), "the batch of one as a record").to.equal(13);
    expect(chainOf(asRecord)).not.to.equal(chainOf(all));
    expect(countOf(all.filter(({ size }) => size !== 8))).to.equal(undefined);
  });

  it("is verified piece by piece, and looked up in what was verified", async () => {
    const { client, vault } = alice;
    const batch = randomDigest();
    const anchor = async (count: number) =>
      (await client.contracts.Records.anchorBatch({ patient: alice.id, count, digest: batch })).wait();
    await anchor(64);
    const first = await verifiedRecords(client, alice.id);
    expect(vault.anchors.last(alice.id)).to.include({ index: 14, size: 64 });
    await anchor(64);
    expect(await verifiedRecords(client, alice.id)).to.have.length(first.length + 1);
    expect(vault.anchors.last(alice.id)).to.include({ index: 78, size: 64 });
    const asked = { patient: alice.id, author: alice.id, digest: batch };
    expect(await verifiedAnchor(client, asked), "a batch is no record").to.equal(undefined);
    const record = first.find(({ size, author }) => size === null && author === alice.id)!;
    expect(await verifiedAnchor(client, { ...asked, digest: record.digest })).to.deep.equal(record);
  });

  it("has each author's own anchor of a digest, whoever copied it first", async () => {
    const digest = randomDigest();
    const { length } = await anchoredRecords(clinic.client, alice.id);
    for (const { client } of [alice, clinic, clinic]) {
      await (await client.contracts.Records.anchor(alice.id, digest)).wait();
    }
    const history = await anchoredRecords(clinic.client, alice.id);
    const find = anchorsIn(history);
    expect(find({ digest, author: alice.id })).to.deep.equal(history[length]);
    expect(find({ digest, author: clinic.id }), "the first time").to.deep.equal(history[length + 1]);
    expect(find({ digest, author: clinic.id + alice.id })).to.equal(undefined);
  });
});
