import { expect } from "chai";

import { CATEGORIES, identitySalt, type Client, type Question } from "../../../src/sdk/index.js";
import { bytes, expectCode, HOUR, inFuture, reorganised, thisYear } from "../helpers.js";
import { type Actor, childRequest, createDevnet, type Devnet, relate, throughJson } from "../../../devnet/index.js";

const DAY = 24 * HOUR;
const NOTICE = 30 * DAY;

describe("whom an institution appointed", () => {
  let world: Devnet;
  let clinic: Actor;
  let court: Actor;
  let alice: Actor;
  let bob: Actor;
  let patients = 0;
  before(async () => {
    world = await createDevnet();
    clinic = await world.institution("General Hospital");
    court = await world.institution("District Court", ["COURT"]);
  });
  after(() => world.close());
  beforeEach(async () => {
    alice = await world.patient(`alice ${++patients}`);
    bob = await world.patient(`bob ${patients}`);
  });

  const question = (patient: number, changes: Partial<Question> = {}): Question => ({
    ...{ patient, steward: clinic.id, viewer: bob.id, category: "CARE", purpose: "TREAT" },
    ...changes,
  });
  const ask = async (patient = alice.id, client: Client = clinic.client) => {
    const { allowed, reason } = await client.decide(question(patient));
    return reason ?? allowed;
  };
  const announce = async () =>
    court.client.announceRepresentative({
      ...{ patient: alice.id, representative: bob.id, view: CATEGORIES },
      until: await inFuture(world, 100 * DAY),
    });
  const pair = () => ({ patient: alice.id, representative: bob.id });

  it("is announced, listed with source and beginning, and dismissed by the person", async () => {
    await announce();
    const [listed, ...others] = await alice.client.listDelegates({ patient: alice.id });
    expect(listed).to.deep.include({ delegate: bob.id, source: court.id, approve: false, view: [...CATEGORIES] });
    expect(listed!.from).to.be.closeTo((await inFuture(world, 0)) + NOTICE, 60);
    expect(others).to.deep.equal([]);
    expect(await clinic.client.powersOf({ patient: alice.id, delegate: bob.id })).to.equal(undefined);
    await expectCode("APPOINTED_BY_INSTITUTION", bob.client.dismissDelegate({ delegate: bob.id, patient: alice.id }));
    await alice.client.dismissDelegate({ delegate: bob.id });
    expect(await alice.client.listDelegates({ patient: alice.id })).to.deep.equal([]);
  });

  it("isn't taken for ended during the notice, nor while its court is suspended", async () => {
    await announce();
    expect(await ask(), "asked during the notice").to.equal("NOT_GRANTED");
    await world.increaseTime(NOTICE);
    expect(await ask()).to.equal(true);
    await world.authority.suspendInstitution({ institution: court.id });
    expect(await ask(), "asked meanwhile").to.equal("NOT_GRANTED");
    await world.authority.reinstateInstitution({ institution: court.id });
    expect(await ask()).to.equal(true);
    await court.client.endRepresentative(pair());
    expect(await ask()).to.equal("NOT_GRANTED");
  });

  it("stays ended when a reorganisation takes back a dismissal during the notice, and it was seen", async () => {
    await announce();
    await reorganised(world, async () => {
      await alice.client.dismissDelegate({ delegate: bob.id });
      expect(await ask()).to.equal("NOT_GRANTED");
    });
    await world.increaseTime(NOTICE);
    expect(await clinic.client.canView(question(alice.id)), "the contract alone would say yes").to.equal(true);
    expect(await ask()).to.equal("REVOKED_BEFORE");
  });

  it("has a round's key from its beginning on, and the next record after its end is in another one", async () => {
    await relate(clinic, alice);
    let notes = 0;
    const round = async () => {
      const content = bytes(`note ${++notes}`);
      return (await clinic.client.addRecord({ patient: alice.id, category: "CARE", content })).round;
    };
    const first = await round();
    await announce();
    expect(await round(), "an announcement shows nobody anything").to.equal(first);
    await world.increaseTime(NOTICE);
    expect(await round(), "it is let in").to.equal(first);
    await court.client.endRepresentative(pair());
    const second = await round();
    expect(second).to.equal(first + 1);
    // Announced before the round opened, in and out between two records.
    await announce();
    const carol = await world.patient(`carol ${patients}`);
    await alice.client.appointDelegate({ delegate: carol.id, view: ["CARE"], until: await inFuture(world, DAY) });
    await round();
    await alice.client.dismissDelegate({ delegate: carol.id });
    const third = await round();
    expect(third, "opened after the announcement").to.be.greaterThan(second);
    await world.increaseTime(NOTICE);
    await court.client.endRepresentative(pair());
    expect(await round(), "it may have been given the key meanwhile").to.equal(third + 1);
  });

  describe("of a child", () => {
    let child: number;
    let carol: Actor;
    beforeEach(async () => {
      carol = await world.patient(`carol ${patients}`);
      const attestation = await clinic.client.attestChild({
        ...(await childRequest(alice)),
        ...{ identifier: `mrn|${patients}`, salt: identitySalt() },
        comesOfAgeIn: (await thisYear(world)) + 9,
      });
      child = (await alice.client.registerChild({ attestation: throughJson(attestation) })).participant;
    });

    it("is added with a present one's word, by the clinic that registered it", async () => {
      const file = throughJson(await alice.client.signAddRepresentative({ child, representative: bob.id }));
      await expectCode("NOT_A_LICENSED_PROVIDER", carol.client.relay({ file }));
      await clinic.client.relay({ file });
      expect(await ask(child)).to.equal(true);
      await expectCode("ALREADY_APPOINTED", clinic.client.relay({ file }));
      await expectCode("NOT_A_CHILD", alice.client.signAddRepresentative({ child: carol.id, representative: bob.id }));
      expect((await clinic.client.listDelegates({ patient: child })).map(({ delegate }) => delegate)).to.deep.equal([
        alice.id,
        bob.id,
      ]);
    });

    it("is replaced by an order: reading stops at once, and the next one has a key of its own", async () => {
      const onWait = () => world.increaseTime(HOUR);
      const ending = throughJson(
        await clinic.client.signEndRepresentative({ patient: child, representative: alice.id }),
      );
      await expectCode("ACCESS_MANAGED_UNAUTHORIZED", court.client.carryOutOrder({ file: ending }));
      await world.authority.carryOutOrder({ file: ending });
      expect(await clinic.client.powersOf({ patient: child, delegate: alice.id })).to.equal(undefined);
      await expectCode("NOT_THE_REPRESENTATIVE", alice.client.changeKeyOfChild({ child }));

      const order = throughJson(await court.client.signAppointRepresentative({ child, representative: bob.id }));
      await world.authority.carryOutOrder({ file: order, onWait });
      expect(await ask(child)).to.equal(true);
      const signed = throughJson(await bob.client.signChangeKeyOfChild({ child }));
      await clinic.client.relay({ file: signed });
      await expectCode("KEY_CHANGED_JUST_NOW", bob.client.changeKeyOfChild({ child }));
      await world.increaseTime(6 * HOUR);
      await bob.client.changeKeyOfChild({ child });
      expect((await clinic.client.describeParticipant({ id: child })).keyVersion).to.equal(3);
      await expectCode("HANDOVER_WRONG_KIND", world.authority.carryOutOrder({ file: signed }));
    });
  });
});
