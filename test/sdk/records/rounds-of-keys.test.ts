import { expect } from "chai";

import { identitySalt, type Category, type GuardiansFile } from "../../../src/sdk/index.js";
import { bytes, HOUR, inFuture, thisYear } from "../helpers.js";
import {
  type Actor,
  childRequest,
  comingOfAge,
  backupOf,
  createDevnet,
  type Devnet,
  relate,
  type Restore,
  throughJson,
} from "../../../devnet/index.js";

const DAY = 24 * HOUR;

describe("rounds, when keys and those who act in a patient's place change", () => {
  let world: Devnet;
  let clinic: Actor;
  let bob: Actor;
  let carol: Actor;
  let alice: Actor;
  let back: Restore;
  before(async () => {
    world = await createDevnet();
    clinic = await world.institution("General Hospital");
    bob = await world.patient("bob");
    carol = await world.patient("carol");
    alice = await world.patient("alice");
    await relate(clinic, alice);
    back = await world.snapshot();
  });
  beforeEach(() => back());
  after(() => world.close());

  const write = (patient = alice.id, category: Category = "CARE") =>
    clinic.client.addRecord({ patient, category, content: bytes("text"), again: true });
  const roundOf = async (...of: Parameters<typeof write>) => (await write(...of)).round;
  const choose = async (of: Actor) =>
    throughJson((await of.client.setGuardians({ members: [bob.id, carol.id], threshold: 1, delay: DAY })).file);
  const restored = async (of: Actor) => world.actor(`${of.name} again`, { backup: await backupOf(of) });
  const start = (file: GuardiansFile, of: Actor) => bob.client.startRecovery({ file, newAccount: of.wallet.address });
  const appoint = async (delegate: Actor, view: Category[], days = 50) =>
    alice.client.appointDelegate({ delegate: delegate.id, view, until: await inFuture(world, days * DAY) });

  it("are followed by a new one when the patient's or a viewer's account was recovered", async () => {
    const viewer = await world.patient("viewer");
    const until = await inFuture(world, 50 * DAY);
    await alice.client.grantAccess({ viewer: viewer.id, categories: ["CARE"], purpose: "TREAT", until });
    expect(await roundOf()).to.equal(0);
    for (const [round, owner] of [viewer, alice].entries()) {
      const file = await choose(owner);
      const again = await restored(owner);
      await start(file, again);
      await world.increaseTime(DAY + 60);
      expect(await roundOf(), "nothing is executed yet").to.equal(round);
      await again.client.executeRecovery({ file });
      expect(await roundOf()).to.equal(round + 1);
      expect(await roundOf()).to.equal(round + 1);
    }
  });

  it("are followed by a new one when a recovery lapsed, while which a change of keys had come due", async () => {
    const file = await choose(alice);
    await alice.client.changeKey();
    await start(file, await restored(alice));
    await world.increaseTime(3 * DAY);
    expect((await clinic.client.describeParticipant({ id: alice.id })).keyVersion, "it waits").to.equal(1);
    expect(await roundOf()).to.equal(0);
    expect(await roundOf()).to.equal(0);
    await world.increaseTime(6 * DAY);
    expect((await clinic.client.describeParticipant({ id: alice.id })).keyVersion).to.equal(2);
    expect(await roundOf()).to.equal(1);
    expect(await roundOf()).to.equal(1);
  });

  it("go on when a change of keys was called off, or is only announced", async () => {
    expect(await roundOf()).to.equal(0);
    await alice.client.changeKey();
    expect(await roundOf()).to.equal(0);
    await alice.client.cancelKeyChange();
    expect(await roundOf()).to.equal(0);
  });

  it("are followed by a new one when a child comes of age", async () => {
    const attestation = await clinic.client.attestChild({
      ...(await childRequest(bob)),
      ...{ identifier: "mrn|9", salt: identitySalt() },
      comesOfAgeIn: await thisYear(world),
    });
    const { participant: child } = await bob.client.registerChild({ attestation: throughJson(attestation) });
    await bob.client.acceptOffer({ offer: throughJson(await clinic.client.offerRelationship({ patient: child })) });
    const grown = await world.actor("grown");
    const request = await comingOfAge(grown, child);
    const coming = throughJson(await clinic.client.attestComingOfAge(request));
    expect(await write(child)).to.deep.include({ round: 0, members: [bob.id] });
    await carol.client.relay({ file: coming });
    expect(await write(child)).to.deep.include({ round: 1, members: [] });
    expect(await roundOf(child)).to.equal(1);
  });

  it("say who may view as a delegate, and are followed by a new one when one may no more", async () => {
    const endings: (() => Promise<unknown>)[] = [
      () => alice.client.dismissDelegate({ delegate: bob.id }),
      () => bob.client.dismissDelegate({ patient: alice.id, delegate: bob.id }),
      () => appoint(bob, ["SUMMARY"]),
      () => alice.client.revokeAccess({ everyone: true }),
      async () => {
        await appoint(bob, ["CARE"], 1);
        await world.increaseTime(DAY);
      },
    ];
    for (const [round, end] of endings.entries()) {
      await appoint(bob, ["CARE"]);
      expect(await write()).to.deep.include({ round, members: [bob.id] });
      await end();
      expect(await write()).to.deep.include({ round: round + 1, members: [] });
    }
    await appoint(bob, ["SUMMARY"]);
    expect(await write(), "another category").to.deep.include({ members: [], roundOpened: false });
  });

  it("are followed by a new one when a delegate came and went between two writes", async () => {
    expect(await roundOf()).to.equal(0);
    await appoint(carol, ["CARE"]);
    await alice.client.dismissDelegate({ delegate: carol.id });
    expect(await roundOf()).to.equal(1);
    expect(await roundOf()).to.equal(1);
  });
});
