import { expect } from "chai";
import { createCompartmentKey } from "../../src/crypto/index.js";
import {
  ALICE,
  BOB,
  GENERAL_HOSPITAL,
  INSURER,
  digestOf,
  envelope,
  expectCode,
  idOf,
  metadata,
  workspace,
} from "./helpers.js";
import { findBytes } from "./processes.js";

describe("shredding", () => {
  const { directory: newDirectory, open } = workspace();
  const cid = metadata().cid;
  const hex = (bytes: Uint8Array): string => `0x${Buffer.from(bytes).toString("hex")}`;

  it("removes envelope, metadata and pin note of a record, and leaves those of others", async () => {
    const vault = await open(newDirectory());
    for (const name of ["one", "two"]) {
      vault.envelopes.put(envelope(name, { metadata: metadata() }));
      vault.pins.put({ digest: digestOf(name), cid });
    }
    const { erased } = vault.shred(digestOf("one"), { participant: ALICE });
    expect(erased).to.deep.equal(["envelope", "metadata", "pin note"]);
    expect(vault.envelopes.get(digestOf("one"))).to.equal(undefined);
    expect(vault.pins.get(digestOf("one"))).to.equal(undefined);
    expect(vault.envelopes.list().map(({ digest }) => digest)).to.deep.equal([digestOf("two")]);
    expect(vault.pins.list()).to.deep.equal([{ digest: digestOf("two"), cid }]);
  });

  it("gives a receipt that names the holder, what remains, and who may have got the key, as plain data", async () => {
    const vault = await open(newDirectory());
    const compartment = createCompartmentKey({
      patient: ALICE,
      steward: GENERAL_HOSPITAL,
      category: 7,
      classes: 1,
      round: 0,
    });
    vault.compartments.put(compartment, { openedAtBlock: 1, source: "own" });
    vault.compartments.addExposed(compartment.id, [INSURER, BOB]);
    vault.envelopes.put(envelope("one", { compartmentId: compartment.id }));
    const before = Math.floor(Date.now() / 1000) * 1000;
    const receipt = vault.shred(digestOf("one"), { participant: GENERAL_HOSPITAL, reason: "retention ended" });
    expect(receipt).to.deep.include({
      ...{ kind: "record", digest: hex(digestOf("one")), holder: GENERAL_HOSPITAL, reason: "retention ended" },
      ...{ erased: ["envelope"], exposed: [INSURER, BOB] },
    });
    expect(Date.parse(receipt.at)).to.be.within(before, Date.now());
    expect(receipt.residue.join("; "))
      .to.include(hex(compartment.id))
      .and.to.match(/others/)
      .and.to.match(/backups/)
      .and.to.match(/IPFS/);
    expect(JSON.parse(JSON.stringify(receipt))).to.deep.equal(receipt);
  });

  it("refuses the record for ever, also after reopening and in every form", async () => {
    const directory = newDirectory();
    const first = await open(directory);
    const one = envelope("one");
    first.envelopes.put(one);
    first.shred(one.digest, { participant: ALICE });
    first.close();
    const vault = await open(directory);
    await expectCode("RECORD_SHREDDED", () => vault.envelopes.put(one));
    await expectCode("RECORD_SHREDDED", () => vault.envelopes.put({ ...one, replace: true }));
    await expectCode("RECORD_SHREDDED", () => vault.pins.put({ digest: one.digest, cid }));
    expect(vault.tombstones.list().map(({ id, kind }) => [id, kind])).to.deep.equal([[one.digest, "record"]]);
  });

  it("refuses a record that it never held, and says that nothing was erased", async () => {
    const vault = await open(newDirectory());
    expect(vault.shred(digestOf("one"), { participant: ALICE })).to.deep.include({ erased: [], exposed: [] });
    await expectCode("RECORD_SHREDDED", () => vault.envelopes.put(envelope("one")));
  });

  it("gives the time of the first shredding when it is repeated", async () => {
    const vault = await open(newDirectory());
    vault.envelopes.put(envelope("one"));
    vault.tombstones.add({ id: digestOf("one"), kind: "record", at: 1_700_000_000 });
    const receipt = vault.shred(digestOf("one"), { participant: ALICE });
    expect(receipt).to.deep.include({ at: "2023-11-14T22:13:20.000Z", erased: ["envelope"] });
    expect(vault.shred(digestOf("one"), { participant: ALICE })).to.deep.include({ at: receipt.at, erased: [] });
  });

  it("removes a compartment's key with all its envelopes, and refuses all of them for ever", async () => {
    const vault = await open(newDirectory());
    const scope = { patient: ALICE, steward: GENERAL_HOSPITAL, category: 7, classes: 1 };
    const [old, next] = [createCompartmentKey({ ...scope, round: 0 }), createCompartmentKey({ ...scope, round: 1 })];
    for (const compartment of [old, next]) vault.compartments.put(compartment, { openedAtBlock: 1, source: "own" });
    vault.compartments.addExposed(old.id, [INSURER]);
    for (const name of ["one", "two"]) vault.envelopes.put(envelope(name, { compartmentId: old.id }));
    vault.envelopes.put(envelope("three", { compartmentId: next.id }));

    const receipt = vault.shredCompartment(old.id, { participant: ALICE });
    expect(receipt).to.deep.include({
      ...{ kind: "compartment", compartment: hex(old.id), holder: ALICE, exposed: [INSURER] },
      records: [hex(digestOf("one")), hex(digestOf("two"))],
      erased: ["compartment key", "2 envelopes"],
    });
    expect(JSON.parse(JSON.stringify(receipt))).to.deep.equal(receipt);
    expect(vault.compartments.list().map(({ round }) => round)).to.deep.equal([1]);
    expect(vault.envelopes.list().map(({ digest }) => digest)).to.deep.equal([digestOf("three")]);
    await expectCode("COMPARTMENT_SHREDDED", () => vault.compartments.put(old, { openedAtBlock: 1, source: INSURER }));
    await expectCode("RECORD_SHREDDED", () => vault.envelopes.put(envelope("one", { compartmentId: next.id })));
    await expectCode("COMPARTMENT_SHREDDED", () => vault.envelopes.put(envelope("new", { compartmentId: old.id })));
  });

  it("refuses a compartment that it never held", async () => {
    const vault = await open(newDirectory());
    const receipt = vault.shredCompartment(idOf("compartment"), { participant: ALICE, reason: "withdrawn" });
    expect(receipt).to.deep.include({ erased: [], records: [], reason: "withdrawn" });
    await expectCode("COMPARTMENT_SHREDDED", () => vault.envelopes.put(envelope("one")));
  });

  it("wants a digest, a holder, and a reason of some length if any", async () => {
    const vault = await open(newDirectory());
    const digest = digestOf("one");
    await expectCode("VAULT_INPUT_INVALID", () => vault.shred(digest.slice(1), { participant: ALICE }));
    await expectCode("VAULT_INPUT_INVALID", () => vault.shred(digest, { participant: 0 }));
    await expectCode("VAULT_INPUT_INVALID", () => vault.shred(digest, { participant: ALICE, reason: "" }));
    await expectCode("VAULT_INPUT_INVALID", () => vault.shredCompartment(digest, { participant: ALICE }));
    await expectCode("VAULT_INPUT_INVALID", () => vault.tombstones.has(new Uint8Array(0)));
    expect(vault.tombstones.list()).to.deep.equal([]);
  });

  it("leaves a note of what is still pinned, until that is released, and nothing of it after that", async () => {
    const directory = newDirectory();
    const first = await open(directory);
    first.envelopes.put(envelope("one"));
    first.pins.put({ digest: digestOf("one"), cid });
    const compartment = envelope("two", { compartmentId: idOf("other") });
    first.envelopes.put(compartment);
    first.pins.put({ digest: compartment.digest, cid: `${cid}b` });
    first.shred(digestOf("one"), { participant: ALICE });
    first.shredCompartment(idOf("other"), { participant: ALICE });
    first.close();

    const vault = await open(directory);
    expect(new Set(vault.pins.toRelease().map((unpin) => unpin.cid))).to.deep.equal(new Set([cid, `${cid}b`]));
    expect(vault.pins.list()).to.deep.equal([]);
    expect(findBytes(directory, [Buffer.from(cid)]), "in the clear").to.deep.equal([false]);
    for (const { id } of vault.pins.toRelease()) vault.pins.released(id);
    expect(vault.pins.toRelease()).to.deep.equal([]);
    vault.shred(digestOf("one"), { participant: ALICE });
    expect(vault.pins.toRelease(), "shredded once more").to.deep.equal([]);
  });

  it("of a record that others share a pack with leaves the pack due, and releases it with the last of them", async () => {
    const directory = newDirectory();
    const first = await open(directory);
    const names = ["one", "two", "three"];
    for (const name of names) {
      first.envelopes.put(envelope(name));
      first.pins.put({ digest: digestOf(name), cid });
    }
    const { erased, residue } = first.shred(digestOf("one"), { participant: ALICE });
    expect(erased).to.deep.equal(["envelope", "pin note"]);
    expect(residue.at(-1)).to.match(/in its pack, until that is packed again/);
    expect(first.pins.toRelease()).to.deep.equal([]);
    first.close();

    const vault = await open(directory);
    const [due, ...others] = vault.pins.duePacks();
    expect(others).to.deep.equal([]);
    expect(due!.cid).to.equal(cid);
    expect(due!.digests.map(hex).sort()).to.deep.equal([digestOf("two"), digestOf("three")].map(hex).sort());
    expect(vault.pins.duePacks(due!.at)).to.deep.equal([due]);
    expect(vault.pins.duePacks(due!.at - 1)).to.deep.equal([]);
    expect(findBytes(directory, [Buffer.from(cid)]), "in the clear").to.deep.equal([false]);
    vault.shred(digestOf("two"), { participant: ALICE });
    expect(
      vault.pins.duePacks().map(({ at }) => at),
      "since the first",
    ).to.deep.equal([due!.at]);
    vault.shred(digestOf("three"), { participant: ALICE });
    expect(vault.pins.duePacks()).to.deep.equal([]);
    expect(vault.pins.toRelease().map((unpin) => unpin.cid)).to.deep.equal([cid]);
  });

  it("is over once what remains lies in another pack, and the former is to be unpinned", async () => {
    const vault = await open(newDirectory());
    for (const name of ["one", "two"]) {
      vault.envelopes.put(envelope(name));
      vault.pins.put({ digest: digestOf(name), cid });
    }
    vault.shred(digestOf("one"), { participant: ALICE });
    vault.pins.move(cid, `${cid}b`);
    expect(vault.pins.duePacks()).to.deep.equal([]);
    expect(vault.pins.list()).to.deep.equal([{ digest: digestOf("two"), cid: `${cid}b` }]);
    expect(vault.pins.toRelease().map((unpin) => unpin.cid)).to.deep.equal([cid]);
  });

  it("keeps its note of what is pinned when the transaction that erases it fails", async () => {
    const vault = await open(newDirectory());
    vault.envelopes.put(envelope("one"));
    vault.pins.put({ digest: digestOf("one"), cid });
    const failing = () =>
      vault.transaction(() => {
        vault.shred(digestOf("one"), { participant: ALICE });
        throw new Error("no room");
      });
    expect(failing).to.throw("no room");
    expect(vault.pins.get(digestOf("one"))).to.equal(cid);
    expect(vault.pins.toRelease()).to.deep.equal([]);
  });

  it("goes with forgetting a pin note alone, which can be noted again", async () => {
    const vault = await open(newDirectory());
    const digest = digestOf("one");
    vault.pins.put({ digest, cid });
    vault.pins.put({ digest, cid: `${cid}a` });
    expect(vault.pins.get(digest)).to.equal(`${cid}a`);
    expect(vault.pins.delete(digest)).to.equal(true);
    expect(vault.pins.delete(digest)).to.equal(false);
    vault.pins.put({ digest, cid });
    expect(vault.pins.get(digest)).to.equal(cid);
    await expectCode("VAULT_INPUT_INVALID", () => vault.pins.put({ digest, cid: "" }));
  });
});
