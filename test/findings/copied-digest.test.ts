import { expect } from "chai";
import { getBytes } from "ethers";

import { createCompartmentKey } from "../../src/crypto/index.js";
import { signAnchor } from "../../src/sdk/records/author-signature.js";
import { type Actor, createDevnet, type Devnet, handOn, relate, throughJson } from "../../devnet/index.js";
import { envelopesFile, forgedRecord } from "../sdk/forged.js";
import { bytes, expectCode, HOUR, inFuture, text } from "../sdk/helpers.js";

/**
 * A digest is public from the moment its transaction is sent, and whoever may write for the patient can anchor it, too:
 * before its author, from the mempool, or after it. An anchor is a digest and its author.
 */
describe("a digest that somebody copies", () => {
  let world: Devnet;
  let clinic: Actor;
  let mallory: Actor;
  let insurer: Actor;
  let alice: Actor;
  before(async () => {
    world = await createDevnet();
    clinic = await world.institution("General Hospital");
    mallory = await world.institution("Mallory & Sons");
    insurer = await world.institution("Mutual Insurance", ["PAYER"]);
  });
  after(() => world.close());
  beforeEach(async () => {
    alice = await world.patient("alice");
    await relate(clinic, alice);
    await relate(mallory, alice);
  });

  const add = (content: string) =>
    clinic.client.addRecord({ patient: alice.id, category: "CARE", content: bytes(content) });
  const copy = async (who: Actor, digest: string) =>
    (await who.client.contracts.Records.anchor(alice.id, digest)).wait();

  /** Adds a record, and the copier's transaction gets in before it. */
  async function addOvertaken(content: string): Promise<string> {
    await world.provider.send("evm_setAutomine", [false]);
    try {
      const adding = add(content);
      const digest = await pendingDigest();
      const copied = await mallory.client.contracts.Records.anchor(alice.id, digest, {
        maxPriorityFeePerGas: 10n ** 11n,
        maxFeePerGas: 10n ** 12n,
        gasLimit: 200_000n,
      });
      await world.provider.send("evm_mine", []);
      await copied.wait();
      await adding;
      return digest;
    } finally {
      await world.provider.send("evm_setAutomine", [true]);
    }
  }

  /** The digest that waits in the mempool: what everybody can read there. */
  async function pendingDigest(): Promise<string> {
    const { Records } = clinic.client.contracts;
    const target = (await Records.getAddress()).toLowerCase();
    for (;;) {
      const pending = (await world.provider.send("eth_getBlockByNumber", ["pending", true])) as {
        transactions: { to: string; input: string }[];
      };
      const found = pending.transactions.find(({ to }) => to === target);
      if (found !== undefined) {
        const [, digest] = Records.interface.decodeFunctionData("anchor", found.input);
        return digest as string;
      }
    }
  }

  const grantInsurer = async () => {
    const until = await inFuture(world, HOUR);
    await alice.client.grantAccess({ viewer: insurer.id, categories: ["CARE"], purpose: "TREAT", until });
  };

  /** The record reaches everybody whom it should reach, and the history says what happened. */
  async function expectDelivered(digest: string, content: string, copies = 1): Promise<void> {
    await grantInsurer();
    for (const reader of [alice, insurer]) {
      const { envelopes } = await handOn(clinic, reader, alice.id);
      expect(envelopes.map(({ added, refused }) => [added, refused])).to.deep.equal([[1, undefined]]);
      const opened = await reader.client.openRecord({ digest, purpose: "TREAT" });
      expect(text(opened.content)).to.equal(content);
      const anchor = reader.vault.envelopes.get(getBytes(digest))!.anchor!;
      const { args } = (
        await clinic.client.contracts.Records.queryFilter(
          clinic.client.contracts.Records.filters.RecordAnchored(alice.id, clinic.id),
        )
      ).at(-1)!;
      expect(anchor.index, "the place is the author's, not the copier's").to.equal(Number(args.index) - 1);
    }
    expect(text((await clinic.client.openRecord({ digest, purpose: "TREAT" })).content)).to.equal(content);
    const history = await alice.client.verifyHistory({ patient: alice.id });
    expect(history).to.deep.include({ complete: true, missing: [], count: copies + 1 });
    expect(history.copied).to.have.length(copies);
  }

  it("from the mempool, before its author, keeps the record from nobody", async () => {
    await expectDelivered(await addOvertaken("overtaken"), "overtaken");
  });

  it("after its author keeps the record from nobody", async () => {
    const { digest } = await add("copied");
    await copy(mallory, digest);
    await expectDelivered(digest, "copied");
  });

  it("on both sides, and by the patient as well, keeps the record from nobody", async () => {
    const digest = await addOvertaken("surrounded");
    await copy(mallory, digest);
    await copy(alice, digest);
    await expectDelivered(digest, "surrounded", 3);
  });

  it("after everybody has the record takes it from nobody", async () => {
    const { digest } = await add("here");
    await handOn(clinic, alice, alice.id);
    await copy(mallory, digest);
    for (const reader of [alice, clinic]) {
      expect(text((await reader.client.openRecord({ digest, purpose: "TREAT" })).content)).to.equal("here");
    }
  });

  it("doesn't make a sealed record one that is anchored: only its author does", async () => {
    const key = createCompartmentKey({ patient: alice.id, steward: clinic.id, category: 4, round: 0 });
    const { digest, envelope } = await forgedRecord(clinic, key, { author: clinic.id });
    clinic.vault.compartments.put(key, { openedAtBlock: 1, source: "own" });
    alice.vault.compartments.put(key, { openedAtBlock: 1, source: clinic.id });
    clinic.vault.envelopes.put({
      ...{ digest: getBytes(digest), compartmentId: key.id, bytes: Buffer.from(envelope, "base64") },
      ...{ patient: alice.id, steward: clinic.id, status: "pending" },
    });
    await copy(mallory, digest);
    await world.reopen(clinic);
    expect((await clinic.client.listRecords({ patient: alice.id })).map(({ index }) => index)).to.deep.equal([
      undefined,
    ]);
    const file = envelopesFile(clinic, { patient: alice.id, steward: clinic.id }, [envelope]);
    await expectCode("RECORD_NOT_ANCHORED", alice.client.takeEnvelopes({ file }));
    await copy(clinic, digest);
    await expectCode("AUTHOR_UNPROVEN", alice.client.takeEnvelopes({ file }));
    const statement = { patient: alice.id, author: clinic.id, digest, count: 0 };
    const signed = { digest, count: 0, ...(await signAnchor(clinic.client, statement)) };
    expect(await alice.client.takeEnvelopes({ file: { ...file, signatures: [signed] } })).to.deep.include({
      added: 1,
    });
    await world.reopen(clinic);
    expect((await clinic.client.listRecords({ patient: alice.id })).map(({ index }) => index)).to.deep.equal([2]);
  });

  it("leaves a wrong envelope out by name, and the others of its file are taken", async () => {
    const first = await add("first");
    await add("second");
    await handOn(clinic, alice, alice.id);
    const [key] = clinic.vault.compartments.list({ patient: alice.id });
    const never = await forgedRecord(clinic, key!, { author: clinic.id });
    const [good] = throughJson(await clinic.client.releaseEnvelopes({ patient: alice.id, viewer: alice.id }));
    const altered = Buffer.from(good!.envelopes[0]!, "base64");
    altered.writeUInt8(altered[200]! ^ 1, 200);
    const spoilt = [
      { envelope: "AAAA", code: "HANDOVER_MALFORMED", digest: undefined },
      { envelope: never.envelope, code: "RECORD_NOT_ANCHORED", digest: never.digest },
    ];
    const reader = await world.patient("reader");
    const until = await inFuture(world, HOUR);
    await alice.client.grantAccess({ viewer: reader.id, categories: ["CARE"], purpose: "TREAT", until });
    const delivery = await clinic.client.deliver({ patient: alice.id, viewer: reader.id, purpose: "TREAT" });
    const [file] = delivery.envelopes;
    const envelopes = [spoilt[0]!.envelope, file!.envelopes[0]!, spoilt[1]!.envelope, file!.envelopes[1]!];
    const imported = await reader.client.takeDelivery({
      file: throughJson({ ...delivery, envelopes: [{ ...file!, envelopes }] }),
    });
    expect(imported.envelopes[0]).to.deep.include({ added: 2, locked: 0 });
    const refused = imported.envelopes[0]!.refused!.map(({ position, digest, code }) => ({ position, digest, code }));
    expect(refused).to.deep.equal(
      spoilt.map(({ code, digest }, i) => ({ position: 2 * i, digest, code })),
      "which ones, and why",
    );
    expect(text((await reader.client.openRecord({ digest: first.digest, purpose: "TREAT" })).content)).to.equal(
      "first",
    );
    // An envelope that was altered says so, also where it names a record that is taken later.
    const other = await world.patient("other");
    await alice.client.grantAccess({ viewer: other.id, categories: ["CARE"], purpose: "TREAT", until });
    const second = await clinic.client.deliver({ patient: alice.id, viewer: other.id, purpose: "TREAT" });
    const mixed = {
      ...second.envelopes[0]!,
      envelopes: [altered.toString("base64"), ...second.envelopes[0]!.envelopes],
    };
    const taken = await other.client.takeDelivery({ file: throughJson({ ...second, envelopes: [mixed] }) });
    expect(taken.envelopes[0]).to.deep.include({ added: 2 });
    expect(taken.envelopes[0]!.refused!.map(({ code }) => code)).to.deep.equal(["ENVELOPE_REFUSED"]);
  });
});
