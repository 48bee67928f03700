import { expect } from "chai";
import { getBytes } from "ethers";

import type { CompartmentKey } from "../../src/crypto/index.js";
import { type Actor, createDevnet, type Devnet, handOn, relate, throughJson } from "../../devnet/index.js";
import { envelopesFile, forgedRecord } from "../sdk/forged.js";
import { bytes, expectCode, HOUR, inFuture, outcomeOf } from "../sdk/helpers.js";

/**
 * Whoever holds a compartment's key can seal under it and anchor as itself. A record is its steward's, who writes it, or
 * the patient's own: anything else is refused by everybody, with a name.
 */
describe("a record that somebody writes into a steward's compartment", () => {
  let world: Devnet;
  let clinic: Actor;
  let mallory: Actor;
  let insurer: Actor;
  let alice: Actor;
  let key: CompartmentKey;
  before(async () => {
    world = await createDevnet();
    clinic = await world.institution("General Hospital");
    mallory = await world.institution("Mallory & Sons");
    insurer = await world.institution("Mutual Insurance", ["PAYER"]);
    alice = await world.patient("alice");
    await relate(clinic, alice);
    await relate(mallory, alice);
    await clinic.client.addRecord({ patient: alice.id, category: "CARE", content: bytes("true") });
    const until = await inFuture(world, 1000 * HOUR);
    for (const viewer of [mallory, insurer]) {
      await alice.client.grantAccess({ viewer: viewer.id, categories: ["CARE"], purpose: "TREAT", until });
    }
    for (const reader of [alice, mallory, insurer]) await handOn(clinic, reader, alice.id);
    key = mallory.vault.compartments.list({ patient: alice.id })[0]!;
  });
  after(() => world.close());

  const writers: Record<string, () => Actor> = { "a member of it": () => mallory, "the patient": () => alice };
  for (const [who, writer] of Object.entries(writers)) {
    it(`is refused by everybody, when it is ${who}`, async () => {
      const author = writer();
      const { digest, envelope } = await forgedRecord(author, key, { author: author.id });
      await (await author.client.contracts.Records.anchor(alice.id, digest)).wait();
      const file = envelopesFile(author, { patient: alice.id, steward: clinic.id }, [envelope]);
      for (const reader of [clinic, alice, mallory, insurer]) {
        const error = await expectCode("RECORD_NOT_BY_STEWARD", reader.client.takeEnvelopes({ file }));
        expect(error.details).to.deep.include({ author: author.id, steward: clinic.id });
        await expectCode("RECORD_UNKNOWN", reader.client.openRecord({ digest, purpose: "TREAT" }));
      }
    });
  }

  it("is refused as well when it says to be the steward's, and is anchored by another one", async () => {
    const { digest, envelope } = await forgedRecord(mallory, key, { author: clinic.id });
    await (await mallory.client.contracts.Records.anchor(alice.id, digest)).wait();
    const file = envelopesFile(mallory, { patient: alice.id, steward: clinic.id }, [envelope]);
    for (const reader of [clinic, alice, insurer]) {
      await expectCode("RECORD_NOT_ANCHORED", reader.client.takeEnvelopes({ file }));
    }
  });

  it("is neither opened nor handed on where an earlier version took it in", async () => {
    const { digest, envelope } = await forgedRecord(mallory, key, { author: mallory.id });
    await (await mallory.client.contracts.Records.anchor(alice.id, digest)).wait();
    for (const holder of [clinic, alice]) {
      const some = holder.vault.envelopes.list({ patient: alice.id })[0]!.metadata!;
      holder.vault.envelopes.put({
        ...{ digest: getBytes(digest), compartmentId: key.id, bytes: Buffer.from(envelope, "base64") },
        ...{ patient: alice.id, steward: clinic.id, status: "anchored" },
        metadata: { ...some, author: mallory.id },
      });
      await expectCode("RECORD_NOT_BY_STEWARD", holder.client.openRecord({ digest, purpose: "TREAT" }));
      const files = await holder.client.releaseEnvelopes({ patient: alice.id, viewer: insurer.id, purpose: "TREAT" });
      expect(files.flatMap(({ envelopes }) => envelopes)).not.to.include(envelope);
      const delivery = await holder.client.deliver({ patient: alice.id, viewer: insurer.id, purpose: "TREAT" });
      expect(await outcomeOf(insurer.client.takeDelivery({ file: throughJson(delivery) }))).to.equal("done");
    }
  });

  it("is the patient's in the patient's own", async () => {
    const { digest } = await alice.client.addRecord({ patient: alice.id, category: "CARE", content: bytes("diary") });
    await handOn(alice, insurer, alice.id);
    await insurer.client.openRecord({ digest, purpose: "TREAT" });
  });
});
