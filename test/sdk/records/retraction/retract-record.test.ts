import { expect } from "chai";
import { getBytes, hexlify } from "ethers";

import { retractionDigest } from "../../../../src/crypto/index.js";
import { anchoredRecords, NO_RECORD, type DeliveryFile, type RetractionFile } from "../../../../src/sdk/index.js";
import { type Actor, createDevnet, type Devnet, handOn, relate, throughJson } from "../../../../devnet/index.js";
import type { SignedMessage } from "../../../../src/sdk/handover/signed/action.js";
import { sealRetraction, signRetraction } from "../../../../src/sdk/records/retraction/retraction-statement.js";
import { bytes, expectCode, HOUR, inFuture, reorganised } from "../../helpers.js";

const REASON = "filed under another person";

describe("a record that was entered in error", () => {
  let world: Devnet;
  let hospital: Actor;
  let clinic: Actor;
  let alice: Actor;
  let bob: Actor;
  before(async () => {
    world = await createDevnet();
    [hospital, clinic] = await Promise.all([world.institution("General Hospital"), world.institution("City Clinic")]);
    [alice, bob] = await Promise.all([world.patient("alice"), world.patient("bob")]);
    for (const patient of [alice, bob]) await relate(hospital, patient);
    await alice.client.grantAccess({
      viewer: clinic.id,
      categories: ["CARE"],
      purpose: "TREAT",
      until: await inFuture(world, 1000 * HOUR),
    });
    await add("what stays");
    await handOn(hospital, alice, alice.id);
    await handOn(hospital, clinic, alice.id);
  });
  after(() => world.close());

  let number = 0;
  const add = (content = `record ${number++}`) =>
    hospital.client.addRecord({ patient: alice.id, category: "CARE", content: bytes(content) });
  /** A record that patient and clinic have, too. */
  const shared = async (): Promise<string> => {
    const { digest } = await add();
    await handOn(hospital, alice, alice.id);
    await handOn(hospital, clinic, alice.id);
    return digest;
  };
  const retract = (digest: string, more: { rightPatient?: number; reason?: string } = {}) =>
    hospital.client.retractRecord({ digest, reason: REASON, ...more });
  /** What an actor holds of what was said about a record. */
  const signedOn = ({ vault }: Actor, digest: string): SignedMessage =>
    vault.retractions.statements().find(({ record }) => record !== undefined && hexlify(record) === digest)!
      .signed as unknown as SignedMessage;
  const digestsOf = async (actor: Actor) =>
    (await actor.client.listRecords({ patient: alice.id })).map((r) => r.digest);
  const deliverTo = async (viewer: Actor, patient: Actor = alice): Promise<DeliveryFile> =>
    throughJson(
      await hospital.client.deliver({
        patient: patient.id,
        viewer: viewer.id,
        ...(viewer === patient ? {} : { purpose: "TREAT" }),
      }),
    );

  it("is opened, listed and handed on by nobody's client from its block on, also without a delivery", async () => {
    const digest = await shared();
    for (const reader of [alice, clinic]) await reader.client.openRecord({ digest, purpose: "TREAT" });
    const { anchored, statement } = await retract(digest);
    expect(anchored).to.equal(true);
    expect(statement).to.deep.include({ category: "CARE", reason: REASON });
    for (const reader of [hospital, alice, clinic]) {
      const { details } = await expectCode("RECORD_RETRACTED", reader.client.openRecord({ digest, purpose: "TREAT" }));
      expect(details).to.include({ digest, author: hospital.id });
      expect(await digestsOf(reader)).not.to.include(digest);
    }
    for (const holder of [hospital, alice]) {
      const files = await holder.client.releaseEnvelopes({ patient: alice.id, viewer: clinic.id, purpose: "TREAT" });
      const exported = files.flatMap(({ envelopes }) => envelopes);
      const held = hexlify(holder.vault.envelopes.get(getBytes(digest))!.bytes);
      expect(exported.length).to.be.greaterThan(0);
      expect(exported.map((envelope) => hexlify(Buffer.from(envelope, "base64")))).not.to.include(held);
    }
  });

  it("isn't taken in by who is given its envelope later, by somebody who doesn't know yet", async () => {
    const digest = await shared();
    const carol = await world.patient("carol");
    await alice.client.grantAccess({
      viewer: carol.id,
      categories: ["CARE"],
      purpose: "TREAT",
      until: await inFuture(world, HOUR),
    });
    const early = throughJson(await alice.client.deliver({ patient: alice.id, viewer: carol.id, purpose: "TREAT" }));
    await retract(digest);
    const { envelopes } = await carol.client.takeDelivery({ file: early });
    expect(envelopes[0]!.retracted).to.be.greaterThan(0);
    expect(await digestsOf(carol)).not.to.include(digest);
    await expectCode("RECORD_UNKNOWN", carol.client.openRecord({ digest, purpose: "TREAT" }));
  });

  it("names everybody who may have had its key, with each release", async () => {
    const digest = await shared();
    const { keyHolders } = await retract(digest);
    const holder = keyHolders.find(({ participant }) => participant === clinic.id)!;
    expect(holder.releases.map(({ purpose }) => purpose)).to.include("TREAT");
    expect(keyHolders.map(({ participant }) => participant)).not.to.include(alice.id);
    expect((await hospital.client.listRetractions()).find(({ record }) => record === digest)!.keyHolders).to.deep.equal(
      keyHolders,
    );
  });

  it("is told to the patient of the chart, to the right one, and to who has it, once and with the reason", async () => {
    const digest = await shared();
    await retract(digest, { rightPatient: bob.id });
    const [toAlice, toBob, toClinic] = [await deliverTo(alice), await deliverTo(bob, bob), await deliverTo(clinic)];
    for (const [file, reader, record] of [
      [toAlice, alice, digest],
      [toBob, bob, undefined],
      [toClinic, clinic, digest],
    ] as const) {
      const { retractions = [] } = await reader.client.takeDelivery({ file });
      expect(retractions.at(-1)).to.deep.include({ author: hospital.id, reason: REASON, record: record ?? NO_RECORD });
      const known = await reader.client.listRetractions();
      expect(known.find((one) => one.record === record)?.statement).to.deep.include({
        category: "CARE",
        reason: REASON,
      });
    }
    const said = bob.vault.retractions.statements().at(-1)!.signed;
    expect(JSON.stringify(said), "the other chart is nothing to him").not.to.include(digest.slice(2));
    expect((said as unknown as SignedMessage).message).to.include({ patient: bob.id });
    for (const again of [await deliverTo(alice), await deliverTo(clinic)]) {
      expect(again).not.to.have.property("retractions");
    }
    await expectCode("NO_KEYS", deliverTo(bob, bob));
  });

  it("is told so that nobody else reads of it in the file, however much is said", async () => {
    const sizes: number[] = [];
    for (const reason of ["wrong", "belongs to somebody else ".repeat(7)]) {
      const digest = await shared();
      await retract(digest, { reason });
      const { retractions } = await deliverTo(clinic);
      const [file] = retractions as [RetractionFile];
      expect(Object.keys(file).sort()).to.deep.equal(
        ["chainId", "genesisHash", "keyVersion", "kind", "recipient", "sealed", "version"].sort(),
      );
      const { length } = Buffer.from(file.sealed, "base64");
      sizes.push(length);
      for (const word of [reason, digest, digest.slice(2), "CARE", hospital.wallet.address]) {
        const read = JSON.stringify(file) + Buffer.from(file.sealed, "base64").toString("latin1");
        expect(read.toLowerCase()).not.to.include(word.toLowerCase());
      }
      await expectCode("GRANT_FOR_SOMEBODY_ELSE", bob.client.takeRetraction({ file }));
      await expectCode("HANDOVER_ALTERED", bob.client.takeRetraction({ file: { ...file, recipient: bob.id } }));
      const cut = { ...file, sealed: file.sealed.slice(0, -8) };
      await expectCode("HANDOVER_ALTERED", clinic.client.takeRetraction({ file: cut }));
      expect(await clinic.client.takeRetraction({ file })).to.include({ record: digest, reason: reason.trim() });
    }
    expect(sizes[0]).to.equal(sizes[1]);
  });

  it("is told under a key that was changed once that is confirmed", async () => {
    const digest = await shared();
    const eve = await world.patient("eve");
    await alice.client.grantAccess({
      viewer: eve.id,
      categories: ["CARE"],
      purpose: "TREAT",
      until: await inFuture(world, 1000 * HOUR),
    });
    await handOn(hospital, eve, alice.id);
    await retract(digest);
    await eve.client.changeKey();
    await world.increaseTime(48 * HOUR);
    await world.reopen(eve);
    expect(await deliverTo(eve)).not.to.have.property("retractions");
    const challenge = throughJson(await hospital.client.challengeKey({ participant: eve.id }));
    await hospital.client.acceptKeyConfirmation({
      file: throughJson(await eve.client.answerKeyChallenge({ file: challenge })),
    });
    const { retractions = [] } = await eve.client.takeDelivery({ file: await deliverTo(eve) });
    expect(retractions.map(({ record }) => record)).to.include(digest);
  });

  it("is told to the right patient once, and no name in the vault's file says which record that was", async () => {
    const { digest } = await add();
    const told = () =>
      hospital.vault.retractions.statements({ patient: bob.id }).filter(({ record }) => record === undefined).length;
    const before = told();
    // Two statements that say the same in the same second are one.
    const said = { rightPatient: bob.id, reason: "written for the bed beside" };
    for (let times = 0; times < 2; times++) await retract(digest, said);
    expect(told()).to.equal(before + 1);
    expect(hospital.vault.settings.names().join()).not.to.include(digest.slice(2, 20));
  });

  it("leaves a patient's history complete, also one that never had the record", async () => {
    const { digest } = await add();
    await retract(digest);
    expect((await alice.client.verifyHistory({ patient: alice.id })).missing).to.include(digest);
    await alice.client.takeDelivery({ file: await deliverTo(alice) });
    const report = await alice.client.verifyHistory({ patient: alice.id });
    expect(report.complete).to.equal(true);
    expect(report.retracted).to.include(digest);
  });

  it("is marked by what nobody without the envelope can tie to it", async () => {
    const { digest } = await add();
    const { manifest } = await hospital.client.openRecord({ digest, purpose: "TREAT" });
    await retract(digest);
    const retraction = hexlify(retractionDigest(manifest));
    const anchored = await anchoredRecords(hospital.client, alice.id);
    expect(anchored.at(-1)).to.deep.include({ digest: retraction, author: hospital.id });
    // The salt is in the manifest alone, and without it the same manifest comes to something else.
    expect(hexlify(retractionDigest({ ...manifest, salt: new Uint8Array(32) }))).not.to.equal(retraction);
  });

  it("is retracted once, however often that is asked for", async () => {
    const digest = await shared();
    const first = await retract(digest);
    const { recordCount } = await hospital.client.overviewOf({ patient: alice.id });
    const second = await hospital.client.retractRecord({ digest, reason: "said otherwise" });
    expect(second).to.deep.equal(first);
    expect((await hospital.client.overviewOf({ patient: alice.id })).recordCount).to.equal(recordCount);
    const { retractions = [] } = await alice.client.takeDelivery({ file: await deliverTo(alice) });
    expect(retractions.filter(({ record }) => record === digest)).to.have.length(1);
  });

  it("stays retracted when a reorganisation takes that out of the chain", async () => {
    const digest = await shared();
    await reorganised(world, async () => {
      await retract(digest);
      await expectCode("RECORD_RETRACTED", clinic.client.openRecord({ digest, purpose: "TREAT" }));
    });
    await expectCode("RECORD_RETRACTED", clinic.client.openRecord({ digest, purpose: "TREAT" }));
    await retract(digest);
    await expectCode("RECORD_RETRACTED", alice.client.openRecord({ digest }));
  });

  it("is retracted by a statement alone where the author may no longer write into the chart", async () => {
    const dora = await world.patient("dora");
    await relate(hospital, dora);
    const { digest } = await hospital.client.addRecord({ patient: dora.id, category: "CARE", content: bytes("1") });
    await handOn(hospital, dora, dora.id);
    await dora.client.endRelationship({ patient: dora.id, provider: hospital.id });
    expect((await retract(digest)).anchored).to.equal(false);
    await expectCode("RECORD_RETRACTED", hospital.client.openRecord({ digest, purpose: "TREAT" }));
    await dora.client.takeDelivery({ file: await deliverTo(dora, dora) });
    await expectCode("RECORD_RETRACTED", dora.client.openRecord({ digest }));
    expect(await dora.client.listRecords()).to.deep.equal([]);
  });

  describe("is retracted by nobody but its author:", () => {
    it("a holder's attempt is refused", async () => {
      const digest = await shared();
      for (const other of [alice, clinic]) {
        await expectCode("NOT_THE_AUTHOR", other.client.retractRecord({ digest, reason: REASON }));
      }
      await clinic.client.openRecord({ digest, purpose: "TREAT" });
    });

    it("the same bytes, anchored by another, count for nothing", async () => {
      const digest = await shared();
      const { manifest } = await alice.client.openRecord({ digest });
      await alice.client.contracts.Records.anchor(alice.id, hexlify(retractionDigest(manifest)));
      for (const reader of [hospital, alice, clinic]) {
        await reader.client.openRecord({ digest, purpose: "TREAT" });
        expect(await digestsOf(reader)).to.include(digest);
      }
    });

    it("a statement of another, or one that was altered, is refused", async () => {
      const [mine, its] = [await shared(), await shared()];
      const own = await alice.client.addRecord({ patient: alice.id, category: "CARE", content: bytes("my own") });
      await retract(mine);
      await alice.client.retractRecord({ digest: own.digest, reason: REASON });
      const said = signedOn(hospital, mine);
      const forged = (changes: object) => ({ ...said, message: { ...said.message, ...changes } });
      const taken = async (given: SignedMessage) =>
        clinic.client.takeRetraction({ file: await sealRetraction(alice.client, given, clinic.id) });
      await expectCode("HANDOVER_ALTERED", taken(forged({ record: its })));
      await expectCode("HANDOVER_ALTERED", taken(forged({ author: alice.id })));
      await expectCode("HANDOVER_ALTERED", taken(forged({ besides: 1 })));
      await expectCode("HANDOVER_ALTERED", taken({ ...said, account: "" }));
      await taken(said);

      const signed = signedOn(alice, own.digest);
      expect(signed.message["author"]).to.equal(alice.id);
      await taken(signed);
      // The patient signs in the hospital's place, and about a record that the hospital wrote.
      const says = signed.message as unknown as Parameters<typeof signRetraction>[1];
      for (const message of [
        { ...says, author: hospital.id, record: its },
        { ...says, author: alice.id, record: its },
      ]) {
        await expectCode("RETRACTION_REFUSED", taken(await signRetraction(alice.client, message)));
      }
      // Not even where she copied its digest into the history.
      await alice.client.contracts.Records.anchor(alice.id, its);
      await expectCode(
        "RETRACTION_REFUSED",
        taken(await signRetraction(alice.client, { ...says, author: alice.id, record: its })),
      );
      await clinic.client.openRecord({ digest: its, purpose: "TREAT" });
    });

    it("and a patient takes nothing that is said to another", async () => {
      const digest = await shared();
      await retract(digest, { rightPatient: bob.id });
      const file = (await deliverTo(bob, bob)).retractions![0]!;
      await expectCode("GRANT_FOR_SOMEBODY_ELSE", alice.client.takeRetraction({ file }));
      const [said] = hospital.vault.retractions.statements({ patient: bob.id }).slice(-1);
      const forAlice = await sealRetraction(hospital.client, said!.signed as unknown as SignedMessage, alice.id);
      await expectCode("RETRACTION_REFUSED", alice.client.takeRetraction({ file: forAlice }));
    });
  });

  it("needs a reason, a record that is there, and a person as the right patient", async () => {
    const digest = await shared();
    const asked = (more: object) => hospital.client.retractRecord({ digest, reason: REASON, ...more });
    await expectCode("REASON_MISSING", asked({ reason: "  " }));
    await expectCode("REASON_MISSING", asked({ reason: "x".repeat(201) }));
    await expectCode("RECORD_UNKNOWN", asked({ digest: `0x${"11".repeat(32)}` }));
    await expectCode("RIGHT_PATIENT_WRONG", asked({ rightPatient: alice.id }));
    await expectCode("RIGHT_PATIENT_WRONG", asked({ rightPatient: clinic.id }));
    await expectCode("UNKNOWN_PARTICIPANT", asked({ rightPatient: 9_999 }));
    await hospital.client.openRecord({ digest, purpose: "TREAT" });
  });
});
