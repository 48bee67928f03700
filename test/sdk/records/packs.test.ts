import { rm } from "node:fs/promises";

import { expect } from "chai";
import fc from "fast-check";
import { getBytes, hexlify } from "ethers";

import { decodeEnvelope, manifestDigest, packSize } from "../../../src/crypto/index.js";
import { ChartChainError } from "../../../src/errors/index.js";
import type { AddedRecord, Category } from "../../../src/sdk/index.js";
import { openStoredEnvelope } from "../../../src/sdk/records/open-record.js";
import { blockFile } from "../blocks.js";
import { expectNothingLeft, pinsOf } from "../left-behind.js";
import { bytes, expectCode, text } from "../helpers.js";
import { createDevnet, fixture, handOn, relate, throughJson } from "../../../devnet/index.js";

const DAY = 86_400;

describe("packs", () => {
  const load = fixture(async () => {
    const world = await createDevnet();
    const [clinic, alice] = [await world.institution("General Hospital"), await world.patient("alice")];
    await relate(clinic, alice);
    const pins = await pinsOf(clinic);
    const add = (contents: readonly string[], category: Category = "CARE") =>
      clinic.client.addRecords({
        patient: alice.id,
        records: contents.map((content) => ({ category, content: bytes(content), mediaType: "text/plain" })),
      });
    const read = async (record: AddedRecord, by = clinic) => {
      const { content } = await by.client.openRecord({ digest: record.digest, purpose: "TREAT" });
      return text(content);
    };
    return Object.assign(world, { clinic, alice, pins, add, read });
  });
  after(async () => (await load()).close());

  it("hold the records that were added together, of all categories, and no others", async () => {
    const { clinic, alice, pins, add, read } = await load();
    const records = [
      ...["one", "two", "three"].map((content) => ({ category: "CARE" as const, content: bytes(content) })),
      ...["four", "five"].map((content) => ({ category: "SENSITIVE" as const, content: bytes(content) })),
    ].map((record) => ({ ...record, mediaType: "text/plain" }));
    const order: number[] = [];
    const onAdded = (_: AddedRecord, at: number): void => void order.push(at);
    const added = await clinic.client.addRecords({ patient: alice.id, records, onAdded });
    expect(order.sort()).to.deep.equal([0, 1, 2, 3, 4]);
    expect(await Promise.all(added.map((each) => read(each)))).to.deep.equal(["one", "two", "three", "four", "five"]);
    const packs = new Set(added.map(({ cid }) => cid));
    expect(packs.size).to.equal(1);
    expect(added.filter(({ roundOpened }) => roundOpened)).to.have.length(2);
    const places = added.map(({ digest }) => openStoredEnvelope(clinic.client, digest).place);
    for (const { packSize: size } of places) expect(size).to.equal(packSize(1));
    const [later] = await add(["six"]);
    expect(packs.has(later!.cid), "of another import").to.equal(false);
    await expectNothingLeft(clinic, [alice.id], pins);
  });

  it("hold what somebody may see beside what he may not: he opens his, and nothing else", async () => {
    const world = await load();
    const { clinic, alice, pins } = world;
    const viewer = await world.institution("City Clinic");
    const records = (["CARE", "SENSITIVE"] as const).map((category) => ({
      ...{ category, content: bytes(category), mediaType: "text/plain" },
    }));
    const [care, sensitive] = await clinic.client.addRecords({ patient: alice.id, records });
    expect(sensitive!.cid).to.equal(care!.cid);
    await handOn(clinic, alice, alice.id);
    const until = (await world.now()) + DAY;
    await alice.client.grantAccess({ viewer: viewer.id, categories: ["CARE"], purpose: "TREAT", until });
    await handOn(clinic, viewer, alice.id, "TREAT");
    const { content } = await viewer.client.openRecord({ digest: care!.digest, purpose: "TREAT" });
    expect(text(content)).to.equal("CARE");
    await expectCode("RECORD_UNKNOWN", viewer.client.openRecord({ digest: sensitive!.digest, purpose: "TREAT" }));

    // What is erased of one category leaves the pack of the others, and reaches who has those.
    await clinic.client.shredRecord({ digest: sensitive!.digest });
    const [repacked] = await clinic.client.repackDue({ after: 0 });
    expect(repacked).to.deep.include({ from: care!.cid, records: 1 });
    await rm(blockFile(world, care!.cid));
    await expectCode("BLOCK_MISSING", viewer.client.openRecord({ digest: care!.digest, purpose: "TREAT" }));
    await handOn(clinic, viewer, alice.id, "TREAT");
    const again = await viewer.client.openRecord({ digest: care!.digest, purpose: "TREAT" });
    expect(text(again.content)).to.equal("CARE");
    await expectNothingLeft(clinic, [alice.id], pins);
  });

  it("hold what comes twice once, and what was there before not again", async () => {
    const { clinic, alice, pins, add } = await load();
    const [first] = await add(["one"]);
    const added = await add(["two", "one", "two", "two"]);
    expect(added.map(({ alreadyThere }) => alreadyThere)).to.deep.equal([false, true, true, true]);
    expect(added.map(({ digest }) => digest)).to.deep.equal([
      added[0]!.digest,
      first!.digest,
      added[0]!.digest,
      added[0]!.digest,
    ]);
    await expectNothingLeft(clinic, [alice.id], pins);
  });

  it("lose an erased record's key at once, and the record when they are packed again", async () => {
    const { clinic, alice, pins, add, read } = await load();
    const [one, two, three] = await add(["one", "two", "three"]);
    await handOn(clinic, alice, alice.id);
    const { residue } = await clinic.client.shredRecord({ digest: two!.digest });
    expect(residue.join()).to.match(/until that is packed again/);
    await expectCode("RECORD_SHREDDED", clinic.client.openRecord({ digest: two!.digest, purpose: "TREAT" }));
    expect(await read(three!)).to.equal("three");
    expect(await clinic.client.repackDue(), "others may be erased today").to.deep.equal([]);

    const [repacked, ...others] = await clinic.client.repackDue({ after: 0 });
    expect(others).to.deep.equal([]);
    expect(repacked).to.deep.include({ from: one!.cid, records: 2 });
    expect(await pinsOf(clinic), "the pack with what was erased").not.to.include(one!.cid);
    expect([await read(one!), await read(three!)]).to.deep.equal(["one", "three"]);
    const listed = await clinic.client.listRecords({ patient: alice.id });
    expect(listed.map(({ cid }) => cid)).to.deep.equal([repacked!.to, repacked!.to]);
    expect(await clinic.client.repackDue({ after: 0 })).to.deep.equal([]);
    await expectNothingLeft(clinic, [alice.id], pins);
  });

  it("are packed again without changing what is anchored: who has the records gets the new place", async () => {
    const world = await load();
    const { clinic, alice, add, read } = world;
    const [one, two] = await add(["one", "two"]);
    const before = throughJson(await clinic.client.deliver({ patient: alice.id, viewer: alice.id }));
    await alice.client.takeDelivery({ file: before });
    await clinic.client.shredRecord({ digest: two!.digest });
    await clinic.client.repackDue({ after: 0 });
    // As it goes once the store's grace is over.
    await rm(blockFile(world, one!.cid));
    await expectCode("BLOCK_MISSING", alice.client.openRecord({ digest: one!.digest }));
    const { envelopes } = await handOn(clinic, alice, alice.id);
    expect(envelopes.map(({ added, known }) => [added, known])).to.deep.equal([[0, 1]]);
    expect(await read(one!, alice)).to.equal("one");
    const { manifest, place } = openStoredEnvelope(alice.client, one!.digest);
    expect(hexlify(manifestDigest(manifest))).to.equal(one!.digest);
    expect(place.packing).to.equal(1);

    // An older file brings back no older place.
    await alice.client.takeDelivery({ file: before });
    expect(await read(one!, alice)).to.equal("one");
  });

  it("are packed again at a start, a day after something was erased", async () => {
    const world = await load();
    const { clinic, alice, pins, add, read } = world;
    const [one, two] = await add(["one", "two"]);
    await clinic.client.shredRecord({ digest: two!.digest });
    await world.reopen(clinic);
    expect(clinic.vault.pins.duePacks()).to.have.length(1);
    await world.increaseTime(DAY + 60);
    await world.reopen(clinic);
    expect(clinic.vault.pins.duePacks()).to.deep.equal([]);
    expect(await read(one!)).to.equal("one");
    await expectNothingLeft(clinic, [alice.id], pins);
  });

  for (const method of ["put", "pin", "unpin"] as const) {
    it(`lose nothing, and leave nothing behind, when packing again ends at ${method}`, async () => {
      const world = await load();
      const { clinic, alice, pins, add, read } = world;
      const [one, two] = await add(["one", "two"]);
      await clinic.client.shredRecord({ digest: two!.digest });
      const store = new Proxy(clinic.store, {
        get: (target, name) => {
          if (name === method)
            return () => Promise.reject(new ChartChainError("STORE_FAILED", "no more", { hint: "wait" }));
          const held = Reflect.get(target, name) as unknown;
          return typeof held === "function" ? (held.bind(target) as unknown) : held;
        },
      });
      const broken = await world.clientOf({ ...clinic, store });
      await expectCode("STORE_FAILED", broken.repackDue({ after: 0 }));
      expect(await read(one!)).to.equal("one");
      await world.reopen(clinic);
      expect(await read(one!)).to.equal("one");
      await clinic.client.repackDue({ after: 0 });
      expect(await read(one!)).to.equal("one");
      expect(await pinsOf(clinic)).not.to.include(one!.cid);
      await expectNothingLeft(clinic, [alice.id], pins);
    });
  }

  it("keep every record that isn't erased readable, through any adding, erasing and packing again", async () => {
    const { clinic, alice, pins, add, read } = await load();
    const step = fc.oneof(
      fc.record({ add: fc.integer({ min: 1, max: 4 }) }),
      fc.record({ erase: fc.nat() }),
      fc.constant({ repack: true }),
    );
    let number = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 8 }), async (steps) => {
        const alive = new Map<string, AddedRecord>();
        for (const each of steps) {
          if ("add" in each) {
            const contents = Array.from({ length: each.add }, () => `content ${++number}`);
            for (const [at, record] of (await add(contents)).entries()) alive.set(contents[at]!, record);
          } else if ("erase" in each) {
            const name = [...alive.keys()][each.erase % Math.max(1, alive.size)];
            if (name === undefined) continue;
            await clinic.client.shredRecord({ digest: alive.get(name)!.digest });
            alive.delete(name);
          } else await clinic.client.repackDue({ after: 0 });
          for (const [name, record] of alive) expect(await read(record)).to.equal(name);
        }
        await expectNothingLeft(clinic, [alice.id], pins);
      }),
      { numRuns: 5 },
    );
  });

  it("are given up together when one record of the call can't be sealed, and when the call is stopped", async () => {
    const { clinic, alice, pins, add, read } = await load();
    const [one] = await add(["one"]);
    const stop = new AbortController();
    let readings = 0;
    const last = async function* () {
      // Told apart by its first reading, sealed by its second.
      if (++readings === 2) stop.abort(new Error("enough"));
      if (readings === 3) throw new Error("the disk is gone");
      yield bytes("last");
    };
    const records = [
      ...["one", "two"].map((content) => ({ category: "CARE" as const, content: bytes(content) })),
      { category: "SENSITIVE" as const, content: last, size: 4 },
    ].map((record) => ({ ...record, mediaType: "text/plain" }));
    const told: number[] = [];
    const onAdded = (_: AddedRecord, at: number): void => void told.push(at);
    const input = { patient: alice.id, records, onAdded };
    const errorOf = async (adding: Promise<unknown>) => String(await adding.catch((error: unknown) => error));
    expect(await errorOf(clinic.client.addRecords({ ...input, signal: stop.signal }))).to.equal("Error: enough");
    await expectNothingLeft(clinic, [alice.id], pins);
    readings = 1;
    expect(await errorOf(clinic.client.addRecords(input))).to.match(/the disk is gone/);
    await expectNothingLeft(clinic, [alice.id], pins);
    expect(told, "of what was there before").to.deep.equal([0, 0]);
    expect((await clinic.client.overviewOf({ patient: alice.id })).recordCount).to.equal(1);
    readings = 10;
    const added = await clinic.client.addRecords(input);
    expect(added.map(({ alreadyThere }) => alreadyThere)).to.deep.equal([true, false, false]);
    expect(await Promise.all(added.map((each) => read(each)))).to.deep.equal(["one", "two", "last"]);
    expect(added[0]!.digest).to.equal(one!.digest);
    await expectNothingLeft(clinic, [alice.id], pins);
  });

  it("stand in the envelope alone: no manifest names one", async () => {
    const { clinic, add } = await load();
    const [one] = await add(["one"]);
    const { manifest } = openStoredEnvelope(clinic.client, one!.digest);
    expect(Object.values(manifest)).not.to.include(one!.cid);
    const { bytes: envelope } = clinic.vault.envelopes.get(getBytes(one!.digest))!;
    expect(hexlify(decodeEnvelope(envelope).digest)).to.equal(one!.digest);
  });
});
