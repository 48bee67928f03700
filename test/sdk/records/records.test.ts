import { expect } from "chai";
import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { getBytes, hexlify } from "ethers";

import {
  createCompartmentKey,
  createManifest,
  decodeEnvelope,
  encodeEnvelope,
  manifestDigest,
  sealEnvelope,
  sealRecord,
} from "../../../src/crypto/index.js";
import { openStoredEnvelope, streamOf } from "../../../src/sdk/records/open-record.js";
import { CATEGORIES } from "../../../src/sdk/index.js";
import { findBytes } from "../../vault/processes.js";
import { alterBlock, blockFile } from "../blocks.js";
import { bytes, expectCode, HOUR, inFuture, text } from "../helpers.js";
import { type Actor, createDevnet, type Devnet, handOn, relate, throughJson } from "../../../devnet/index.js";

const MIB = 1 << 20;

describe("a record", () => {
  let world: Devnet;
  let clinic: Actor;
  let lab: Actor;
  let alice: Actor;
  before(async () => {
    world = await createDevnet();
    [clinic, lab] = await Promise.all([world.institution("General Hospital"), world.institution("Laboratory")]);
    alice = await world.patient("alice");
    await relate(clinic, alice);
  });
  after(() => world.close());

  const add = (content: Uint8Array, changes: object = {}) =>
    clinic.client.addRecord({ patient: alice.id, category: "CARE", content, again: true, ...changes });
  const grantLab = async () =>
    alice.client.grantAccess({
      viewer: lab.id,
      categories: ["CARE"],
      purpose: "TREAT",
      until: await inFuture(world, 1000 * HOUR),
    });

  for (const size of [0, 1, 1000, MIB, 2 * MIB + 17]) {
    it(`of ${size} bytes comes out as it went in`, async () => {
      const content = new Uint8Array(randomBytes(size));
      const { digest, cid } = await add(content);
      const opened = await clinic.client.openRecord({ digest, purpose: "TREAT" });
      expect(Buffer.compare(opened.content, content)).to.equal(0);
      expect(opened.cid).to.equal(cid);
      expect(opened.manifest).to.deep.include({
        patient: alice.id,
        steward: clinic.id,
        author: clinic.id,
        category: CATEGORIES.indexOf("CARE"),
        size,
        mediaType: "application/fhir+json",
      });
      expect(hexlify(manifestDigest(opened.manifest))).to.equal(digest);
    });
  }

  it("is listed with its classes of sensitive data", async () => {
    const { digest } = await add(new Uint8Array(9), { category: "SENSITIVE", sensitivities: ["PSY", "HIV"] });
    const plain = await add(new Uint8Array(9));
    const listed = await clinic.client.listRecords({ patient: alice.id });
    const classesOf = (name: string) => listed.find((record) => record.digest === name)?.sensitivities;
    expect([classesOf(digest), classesOf(plain.digest)]).to.deep.equal([["PSY", "HIV"], []]);
  });

  it("goes in and comes out as a stream", async () => {
    const chunks = [randomBytes(MIB), randomBytes(MIB + 5), randomBytes(1)];
    const size = chunks.reduce((sum, { length }) => sum + length, 0);
    const { digest } = await clinic.client.addRecord({
      patient: alice.id,
      category: "DIAGNOSTIC",
      mediaType: "application/dicom",
      size,
      content: async function* () {
        yield* chunks;
      },
    });
    const { manifest, stream } = await clinic.client.openRecordAsStream({ digest, purpose: "TREAT" });
    const out: Uint8Array[] = [];
    for await (const chunk of stream) out.push(chunk);
    expect(Buffer.concat(out).equals(Buffer.concat(chunks))).to.equal(true);
    expect(manifest.mediaType).to.equal("application/dicom");
  });

  it("that is streamed needs its exact size", async () => {
    const content = async function* () {
      yield bytes("12345");
    };
    const before = await clinic.client.overviewOf({ patient: alice.id });
    await expectCode("RECORD_SIZE_MISSING", add(content as never));
    await expectCode("SIZE_MISMATCH", add(content as never, { size: 4 }));
    await expectCode("SIZE_MISMATCH", add(content as never, { size: 6 }));
    expect(await clinic.client.overviewOf({ patient: alice.id })).to.deep.equal(before);
  });

  it("says which one it amends or disputes", async () => {
    const first = await add(bytes("first"));
    const second = await add(bytes("second"), { amends: first.digest });
    const third = await alice.client.addRecord({
      patient: alice.id,
      category: "CARE",
      content: bytes("no"),
      disputes: second.digest,
    });
    const amending = await clinic.client.openRecord({ digest: second.digest, purpose: "TREAT" });
    expect(amending.manifest.amends).to.deep.equal(getBytes(first.digest));
    const disputing = await alice.client.openRecord({ digest: third.digest });
    expect(disputing.manifest.disputes).to.deep.equal(getBytes(second.digest));
    expect(disputing.manifest).to.deep.include({ steward: alice.id, author: alice.id });
    expect(text(disputing.content)).to.equal("no");
  });

  it("is added by nobody but an active, licensed steward or the patient", async () => {
    const content = bytes("text");
    const of = { patient: alice.id, category: "CARE", content } as const;
    await expectCode("NOT_AN_ACTIVE_STEWARD", lab.client.addRecord(of));
    await expectCode("NOT_AN_ACTIVE_STEWARD", clinic.client.addRecord({ ...of, patient: 999 }));
    await expectCode("NOT_A_PATIENT", lab.client.addRecord({ ...of, patient: lab.id }));
    const clinic2 = await world.institution("Old Hospital");
    await relate(clinic2, alice);
    await world.authority.suspendInstitution({ institution: clinic2.id });
    await expectCode("STEWARD_NOT_LICENSED", clinic2.client.addRecord(of));
    await expectCode("UNKNOWN_NAME", clinic.client.addRecord({ ...of, category: "GOSSIP" as "CARE" }));
    const stranger = await world.actor("stranger");
    await expectCode("NOT_REGISTERED", stranger.client.addRecord(of));
  });

  it("is listed with what its manifest says", async () => {
    const bob = await world.patient("bob");
    await relate(clinic, bob);
    const first = await clinic.client.addRecord({ patient: bob.id, category: "CARE", content: bytes("1") });
    await clinic.client.addRecord({ patient: bob.id, category: "SUMMARY", content: bytes("12") });
    const list = await clinic.client.listRecords({ patient: bob.id });
    expect(list.map(({ category, size, index }) => [category, size, index])).to.deep.equal([
      ["CARE", 1, 1],
      ["SUMMARY", 2, 2],
    ]);
    expect(list[0]).to.deep.include({ digest: first.digest, cid: first.cid, author: clinic.id, steward: clinic.id });
    expect(await clinic.client.listRecords({ patient: bob.id, category: "SUMMARY" })).to.have.length(1);
    expect((await clinic.client.listRecords()).length).to.be.greaterThan(2);
    const keys = await clinic.client.listKeys({ patient: bob.id });
    expect(keys.map(({ category, round, steward }) => [category, round, steward])).to.deep.equal([
      ["SUMMARY", 0, clinic.id],
      ["CARE", 0, clinic.id],
    ]);
  });

  describe("can't be opened", () => {
    it("without its envelope", async () => {
      const { digest } = await add(bytes("text"));
      await expectCode("RECORD_UNKNOWN", lab.client.openRecord({ digest }));
    });

    it("without its compartment's key", async () => {
      const { digest } = await add(bytes("text"));
      const envelope = clinic.vault.envelopes.get(getBytes(digest))!;
      const { compartmentId, bytes: sealed, patient, steward } = envelope;
      lab.vault.envelopes.put({
        digest: getBytes(digest),
        compartmentId,
        bytes: sealed,
        patient,
        steward,
        status: "pending",
      });
      await expectCode("KEY_MISSING", lab.client.openRecord({ digest, purpose: "TREAT" }));
      const [listed] = (await lab.client.listRecords({ patient: alice.id })).slice(-1);
      expect(listed).to.deep.include({ category: undefined, size: undefined, index: undefined });
      lab.vault.shred(getBytes(digest), { participant: lab.id });
    });

    it("without consent", async () => {
      const { digest } = await add(bytes("text"));
      await grantLab();
      await handOn(clinic, lab, alice.id);
      expect(text((await lab.client.openRecord({ digest, purpose: "TREAT" })).content)).to.equal("text");
      await expectCode("CONSENT_DENIED", lab.client.openRecord({ digest, purpose: "HRESCH" }));
      await alice.client.revokeAccess({ viewer: lab.id });
      await expectCode("CONSENT_DENIED", lab.client.openRecord({ digest, purpose: "TREAT" }));

      const opened = openStoredEnvelope(lab.client, digest);
      expect(opened.dek).not.to.deep.equal(new Uint8Array(32));
      await expectCode("CONSENT_DENIED", streamOf(lab.client, opened, { digest, purpose: "TREAT" }));
      expect(opened.dek, "the key is wiped").to.deep.equal(new Uint8Array(32));
    });

    it("when it was never anchored, or by somebody else than its author", async () => {
      const compartmentKey = createCompartmentKey({ patient: alice.id, steward: clinic.id, category: 4, round: 7 });
      const sealed = sealRecord({ source: [bytes("forged")], size: 6 });
      const { cid } = await alice.store.put(sealed.ciphertext, { pin: true });
      const place = { cid, offset: 0, packSize: sealed.length, packing: 0 };
      const manifest = createManifest({
        ...{ ...sealed, sha256: sealed.sha256() },
        ...{ patient: alice.id, steward: clinic.id, author: clinic.id, category: 4 },
        ...{ mediaType: "text/plain", createdAt: 1_790_000_000 },
      });
      const digest = manifestDigest(manifest);
      alice.vault.compartments.put(compartmentKey, { openedAtBlock: 0, source: clinic.id });
      alice.vault.envelopes.put({
        ...{ digest, compartmentId: compartmentKey.id, patient: alice.id, steward: clinic.id, status: "pending" },
        bytes: encodeEnvelope(sealEnvelope({ manifest, dek: sealed.dek, place, compartmentKey })),
      });
      await expectCode("RECORD_NOT_ANCHORED", alice.client.openRecord({ digest: hexlify(digest) }));
      await (await alice.client.contracts.Records.anchor(alice.id, digest)).wait();
      await expectCode("RECORD_NOT_ANCHORED", alice.client.openRecord({ digest: hexlify(digest) }));
    });

    it("when a block of it was altered on disk, or is missing", async () => {
      const { digest, cid } = await add(bytes("text"));
      await alterBlock(world, cid);
      await expectCode("BLOCK_CORRUPT", clinic.client.openRecord({ digest, purpose: "TREAT" }));
      await rm(blockFile(world, cid));
      await expectCode("BLOCK_MISSING", clinic.client.openRecord({ digest, purpose: "TREAT" }));

      const other = await add(bytes("other"));
      const { residue } = await clinic.client.shredRecord({ digest: other.digest });
      expect(residue.at(-1), "shredding another one gives its receipt").to.match(/could not be collected \(BLOCK_/);
      await clinic.client.shredRecord({ digest });
    });
  });

  describe("that is shredded", () => {
    it("is never opened or taken in again, and leaves no byte of its envelope", async () => {
      const { digest, cid } = await add(bytes("to be forgotten"));
      await grantLab();
      await handOn(clinic, lab, alice.id);
      const id = getBytes(digest);
      const { bytes: envelope } = clinic.vault.envelopes.get(id)!;
      const files = throughJson(await clinic.client.releaseEnvelopes({ patient: alice.id, viewer: alice.id }));

      const receipt = await clinic.client.shredRecord({ digest, reason: "asked for" });
      expect(receipt).to.deep.include({ kind: "record", digest, holder: clinic.id, reason: "asked for" });
      expect(receipt.exposed).to.include(lab.id);
      await expectCode("RECORD_SHREDDED", clinic.client.openRecord({ digest, purpose: "TREAT" }));
      expect(findBytes(clinic.home, [decodeEnvelope(envelope).box])).to.deep.equal([false]);
      expect(clinic.vault.pins.get(id)).to.equal(undefined);
      const pins: string[] = [];
      for await (const pin of clinic.store.pins()) pins.push(String(pin));
      expect(pins).not.to.include(cid);

      for (const file of files) {
        const imported = await clinic.client.takeEnvelopes({ file });
        expect(imported).to.deep.include({
          added: 0,
          shredded: file.envelopes.includes(Buffer.from(envelope).toString("base64")) ? 1 : 0,
        });
      }
      await world.reopen(clinic);
      await expectCode("RECORD_SHREDDED", clinic.client.openRecord({ digest, purpose: "TREAT" }));
      const { shredded, missing } = await clinic.client.verifyHistory({ patient: alice.id });
      expect(shredded).to.include(digest);
      expect(missing).not.to.include(digest);
    });

    it("is gone from one holder only", async () => {
      const { digest } = await add(bytes("shared"));
      await handOn(clinic, alice, alice.id);
      await alice.client.shredRecord({ digest });
      await expectCode("RECORD_SHREDDED", alice.client.openRecord({ digest }));
      expect(text((await clinic.client.openRecord({ digest, purpose: "TREAT" })).content)).to.equal("shared");
    });
  });
});
