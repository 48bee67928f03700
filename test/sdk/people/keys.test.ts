import { expect } from "chai";

import type { Category } from "../../../src/sdk/index.js";
import { keyDocumentOf } from "../../../src/sdk/people/participants.js";
import { bytes, expectCode, HOUR, inFuture, text } from "../helpers.js";
import {
  type Actor,
  backupOf,
  createDevnet,
  type Devnet,
  handOn,
  relate,
  throughJson,
  propose,
} from "../../../devnet/index.js";

const DAY = 24 * HOUR;

describe("a change of keys", () => {
  let world: Devnet;
  let clinic: Actor;
  let alice: Actor;
  let patients = 0;
  before(async () => {
    world = await createDevnet();
    clinic = await world.institution("General Hospital");
  });
  after(() => world.close());
  beforeEach(async () => {
    alice = await world.patient(`alice ${++patients}`);
    await relate(clinic, alice);
  });

  const write = (content: string, category: Category = "CARE") =>
    clinic.client.addRecord({ patient: alice.id, category, content: bytes(content), again: true });
  const opened = async (actor: Actor, digest: string) =>
    text((await actor.client.openRecord({ digest, purpose: "TREAT" })).content);
  const change = () => clinic.client.keyChangeOf({ participant: alice.id });
  const versionOf = async (actor: Actor) => (await clinic.client.describeParticipant({ id: actor.id })).keyVersion;

  it("is announced, and counts in two days", async () => {
    const former = await keyDocumentOf(clinic.client, alice.id);
    expect(await change()).to.equal(undefined);
    const { events } = await alice.client.changeKey({ service: "https://alice.example" });
    const announced = await change();
    expect(announced).to.deep.include({ keyDocument: events["KeyChanging"]!["keyDocument"] });
    expect(announced!.from).to.equal(Number(events["KeyChanging"]!["from"]));
    expect(announced!.from - (await inFuture(world, 0))).to.equal(2 * DAY);
    expect(await keyDocumentOf(clinic.client, alice.id)).to.deep.equal(former);
    await expectCode("KEY_CHANGE_UNDER_WAY", alice.client.changeKey());

    await world.increaseTime(2 * DAY);
    expect(await change()).to.equal(undefined);
    const { publicKey, keyVersion, service } = await keyDocumentOf(clinic.client, alice.id);
    expect({ keyVersion, service }).to.deep.equal({ keyVersion: 2, service: "https://alice.example" });
    expect(publicKey).to.deep.equal((await alice.vault.identity.keyPair(2)).publicKey);
    expect(publicKey).not.to.deep.equal(former.publicKey);
  });

  it("is followed by the vault once it counts, also after a restart", async () => {
    await alice.client.changeKey();
    await world.reopen(alice);
    expect(alice.vault.identity.keyVersion).to.equal(1);
    await world.increaseTime(2 * DAY);
    await world.reopen(alice);
    expect(alice.vault.identity.keyVersion).to.equal(2);
    await alice.client.changeKey();
    await world.increaseTime(2 * DAY);
    await world.reopen(alice);
    expect([alice.vault.identity.keyVersion, await versionOf(alice)]).to.deep.equal([3, 3]);
  });

  it("isn't followed by a vault that doesn't have the new key", async () => {
    const copy = await world.actor(`copy ${patients}`, { backup: await backupOf(alice) });
    await alice.client.changeKey();
    await world.increaseTime(2 * DAY);
    await world.clientOf(copy, { runner: alice.wallet });
    expect(copy.vault.identity.keyVersion).to.equal(1);
  });

  it("leaves what was sealed for the former key readable, and later rounds need the new one", async () => {
    const before = await write("before");
    await handOn(clinic, alice, alice.id);
    await alice.client.changeKey();
    const meanwhile = await write("while it was announced");
    expect(meanwhile.round).to.equal(0);
    await world.increaseTime(2 * DAY);
    await world.reopen(alice);
    const after = await write("after");
    expect(after).to.deep.include({ round: 1, roundOpened: true });
    expect((await write("after that")).round).to.equal(1);

    const thief = await world.actor(`thief ${patients}`);
    const { publicKey } = await alice.vault.identity.keyPair(1);
    expect((await keyDocumentOf(clinic.client, alice.id)).publicKey).not.to.deep.equal(publicKey);
    const file = throughJson(await clinic.client.deliver({ patient: alice.id, viewer: alice.id }));
    expect(file.grant!.message["recipientKeyVersion"]).to.equal(2);
    const withFormerKey = await world.clientOf(thief, { runner: alice.wallet });
    await expectCode("VAULT_KEY_VERSION_UNKNOWN", withFormerKey.takeDelivery({ file }));
    await alice.client.takeDelivery({ file });
    for (const [digest, content] of [
      [before.digest, "before"],
      [meanwhile.digest, "while it was announced"],
      [after.digest, "after"],
    ] as const) {
      expect(await opened(alice, digest)).to.equal(content);
    }
  });

  it("of a viewer is followed by a new round, too, and of a steward by none", async () => {
    const viewer = await world.patient(`viewer ${patients}`);
    const until = await inFuture(world, 100 * DAY);
    await alice.client.grantAccess({ viewer: viewer.id, categories: ["CARE"], purpose: "TREAT", until });
    expect(await write("one")).to.deep.include({ round: 0, members: [viewer.id] });
    await viewer.client.changeKey();
    await clinic.client.changeKey();
    await world.increaseTime(2 * DAY);
    expect(await write("two")).to.deep.include({ round: 1, members: [viewer.id] });
    expect((await write("three")).round).to.equal(1);
  });

  it("of an institution leaves its vault and its deliveries as they were", async () => {
    const { digest } = await write("text");
    const lab = await world.institution(`Laboratory ${patients}`);
    const until = await inFuture(world, 100 * DAY);
    await alice.client.grantAccess({ viewer: lab.id, categories: ["CARE"], purpose: "TREAT", until });
    await handOn(clinic, lab, alice.id);
    await lab.client.changeKey();
    await world.increaseTime(2 * DAY);
    await world.reopen(lab);
    expect(await opened(lab, digest)).to.equal("text");
    const later = await write("later");
    await handOn(clinic, lab, alice.id);
    expect(await opened(lab, later.digest)).to.equal("later");
  });

  it("is called off as long as it doesn't count, and its key is used the next time", async () => {
    await expectCode("NO_KEY_CHANGE", alice.client.cancelKeyChange());
    await expectCode("NO_KEY_CHANGE", alice.client.signCancelKeyChange());
    const { events } = await alice.client.changeKey();
    const { events: cancelled } = await alice.client.cancelKeyChange();
    expect(cancelled["KeyChangeCancelled"]).to.deep.equal({ id: BigInt(alice.id) });
    expect(await change()).to.equal(undefined);
    await world.increaseTime(3 * DAY);
    await world.reopen(alice);
    expect([alice.vault.identity.keyVersion, await versionOf(alice)]).to.deep.equal([1, 1]);

    const again = await alice.client.changeKey();
    expect(again.events["KeyChanging"]!["keyDocument"]).to.equal(events["KeyChanging"]!["keyDocument"]);
    await world.increaseTime(2 * DAY);
    await expectCode("NO_KEY_CHANGE", alice.client.cancelKeyChange());
    await world.reopen(alice);
    expect(alice.vault.identity.keyVersion).to.equal(2);
  });

  it("that was signed is dead once another one counts, or one was called off", async () => {
    const kept = await alice.client.signChangeKey();
    await alice.client.changeKey();
    await expectCode("KEY_CHANGE_UNDER_WAY", clinic.client.relay({ file: throughJson(kept) }));
    await alice.client.cancelKeyChange();
    await expectCode("INVALID_SIGNATURE", clinic.client.relay({ file: throughJson(kept) }));
    const next = await alice.client.signChangeKey();
    await alice.client.changeKey();
    await world.increaseTime(2 * DAY);
    await expectCode("INVALID_SIGNATURE", clinic.client.relay({ file: throughJson(next) }));
  });

  it("says nothing about terms: those sealed for the former key can still be read", async () => {
    const lab = await world.institution(`Other laboratory ${patients}`);
    const { termsDigest } = await propose(lab, alice.id, [alice]);
    await alice.client.changeKey();
    await world.increaseTime(2 * DAY);
    await world.reopen(alice);
    await alice.client.approveRelationship({ provider: lab.id, termsDigest });
  });

  it("is nobody's who isn't registered", async () => {
    const stranger = await world.actor("stranger");
    await expectCode("NOT_REGISTERED", stranger.client.changeKey());
    await expectCode("NOT_REGISTERED", stranger.client.signChangeKey());
    await expectCode("NOT_REGISTERED", stranger.client.cancelKeyChange());
    expect(await clinic.client.keyChangeOf({ participant: 999 })).to.equal(undefined);
  });
});
