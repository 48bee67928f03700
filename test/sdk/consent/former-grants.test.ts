import { expect } from "chai";

import { EVERY_STEWARD, type Category, type GrantInput } from "../../../src/sdk/index.js";
import { expectCode, HOUR, inFuture } from "../helpers.js";
import { createDevnet, type Actor, type Devnet } from "../../../devnet/index.js";

const DAY = 24 * HOUR;

describe("what was granted formerly", () => {
  let world: Devnet;
  let clinic: Actor;
  let lab: Actor;
  let alice: Actor;
  let later: (days: number) => number;
  let patients = 0;
  before(async () => {
    world = await createDevnet();
    [clinic, lab] = await Promise.all([world.institution("General Hospital"), world.institution("Laboratory")]);
  });
  after(() => world.close());
  beforeEach(async () => {
    alice = await world.patient(`alice ${++patients}`);
    const now = Math.floor((await inFuture(world, 0)) / 60) * 60;
    later = (days) => now + days * DAY;
  });

  const given = (viewer: Actor, categories: Category[], changes: Partial<GrantInput> = {}): GrantInput => ({
    ...{ viewer: viewer.id, categories, purpose: "TREAT", steward: EVERY_STEWARD, until: later(10) },
    ...changes,
  });
  const grant = (...input: Parameters<typeof given>) => alice.client.grantAccess(given(...input));
  const revokeAll = () => alice.client.revokeAccess({ everyone: true });
  const former = (block?: number) => alice.client.formerGrants(block === undefined ? {} : { block });
  const block = () => world.provider.getBlockNumber();

  it("is nothing as long as nothing was revoked altogether, or nothing was granted", async () => {
    expect(await former()).to.deep.equal([]);
    await grant(clinic, ["CARE"]);
    expect(await former()).to.deep.equal([]);
    await alice.client.revokeAccess({ viewer: clinic.id });
    await revokeAll();
    expect(await former()).to.deep.equal([]);
    await expectCode("NOT_REGISTERED", (await world.actor(`stranger ${patients}`)).client.formerGrants());
  });

  it("is every grant that stood, with its viewer, purpose, steward and expiry", async () => {
    await grant(clinic, ["CARE", "SUMMARY"]);
    await grant(lab, ["OBSERVATION"], { purpose: "HRESCH", steward: clinic.id, until: later(20) });
    await revokeAll();
    expect(await former()).to.have.deep.members([
      given(clinic, ["SUMMARY", "CARE"]),
      given(lab, ["OBSERVATION"], { purpose: "HRESCH", steward: clinic.id, until: later(20) }),
    ]);
  });

  it("is one grant for each expiry of the same one", async () => {
    await grant(clinic, ["CARE", "SUMMARY", "OBSERVATION"]);
    await grant(clinic, ["SUMMARY"], { until: later(5) });
    await grant(clinic, ["MEDICATION", "OBSERVATION"], { until: later(30) });
    await revokeAll();
    expect(await former()).to.have.deep.members([
      given(clinic, ["CARE"]),
      given(clinic, ["SUMMARY"], { until: later(5) }),
      given(clinic, ["MEDICATION", "OBSERVATION"], { until: later(30) }),
    ]);
  });

  it("says of the sensitive ones of every steward that they are meant", async () => {
    const meant = { sensitiveFromAnySteward: true };
    await grant(clinic, ["SENSITIVE", "CARE"], meant);
    await grant(lab, ["GENOMIC"], { steward: clinic.id });
    await revokeAll();
    expect(await former()).to.have.deep.members([
      given(clinic, ["CARE", "SENSITIVE"], meant),
      given(lab, ["GENOMIC"], { steward: clinic.id }),
    ]);
  });

  it("is without what was revoked alone, or has expired", async () => {
    await grant(clinic, ["CARE", "SUMMARY"]);
    await alice.client.revokeAccess({
      viewer: clinic.id,
      purpose: "TREAT",
      steward: EVERY_STEWARD,
      categories: ["CARE"],
    });
    await grant(lab, ["CARE"]);
    await grant(lab, ["CARE"], { purpose: "HPAYMT" });
    await alice.client.revokeAccess({ viewer: lab.id });
    await grant(lab, ["OBSERVATION"]);
    await grant(clinic, ["MEDICATION"], { until: later(1) });
    await revokeAll();
    await world.increaseTime(2 * DAY);
    expect(await former()).to.have.deep.members([given(clinic, ["SUMMARY"]), given(lab, ["OBSERVATION"])]);
  });

  it("is without what a constraint narrowed, unless that was lifted", async () => {
    await grant(clinic, ["CARE"], { constraint: { classes: [] } });
    await grant(lab, ["SUMMARY"], { constraint: { classes: [] } });
    await grant(lab, ["SUMMARY"], { constraint: null });
    await revokeAll();
    expect(await former()).to.deep.equal([given(lab, ["SUMMARY"])]);
  });

  it("is of the time right before the last revocation of everything, not of an earlier or a later one", async () => {
    await grant(clinic, ["CARE"]);
    await revokeAll();
    await grant(lab, ["SUMMARY"]);
    await revokeAll();
    await grant(clinic, ["OBSERVATION"]);
    expect(await former()).to.deep.equal([given(lab, ["SUMMARY"])]);
    await revokeAll();
    await revokeAll();
    expect(await former(), "nothing was granted in between").to.deep.equal([]);
  });

  it("has what a delegate granted in the patient's place, too", async () => {
    const bob = await world.patient(`bob ${patients}`);
    await alice.client.appointDelegate({ delegate: bob.id, grant: ["CARE"], until: later(15) });
    await bob.client.grantAccess({ ...given(clinic, ["CARE"]), patient: alice.id });
    await revokeAll();
    expect(await former()).to.deep.equal([given(clinic, ["CARE"])]);
  });

  describe("at the end of a block that is named", () => {
    it("is without what a thief did after it, also where that was to revoke everything", async () => {
      await grant(clinic, ["CARE"]);
      const safe = await block();
      await grant(lab, ["SENSITIVE"], { sensitiveFromAnySteward: true });
      await revokeAll();
      await grant(lab, ["CARE"]);
      await revokeAll();
      expect(await former()).to.deep.equal([given(lab, ["CARE"])]);
      expect(await former(safe)).to.deep.equal([given(clinic, ["CARE"])]);
    });

    it("is what stood after everything was revoked before it", async () => {
      await grant(clinic, ["CARE"]);
      await revokeAll();
      const revoked = await block();
      expect(await former(revoked)).to.deep.equal([]);
      await grant(lab, ["SUMMARY"]);
      expect(await former(await block())).to.deep.equal([given(lab, ["SUMMARY"])]);
      expect(await former(revoked - 1)).to.deep.equal([given(clinic, ["CARE"])]);
    });

    it("needs no revocation of everything at all", async () => {
      await grant(clinic, ["CARE"]);
      const granted = await block();
      await alice.client.revokeAccess({ viewer: clinic.id });
      expect(await former(granted)).to.deep.equal([given(clinic, ["CARE"])]);
      expect(await former(await block())).to.deep.equal([]);
    });
  });

  it("is granted again by one change of consent", async () => {
    const meant = { sensitiveFromAnySteward: true };
    await grant(clinic, ["SENSITIVE", "CARE"], meant);
    await grant(clinic, ["CARE"], { until: later(5) });
    await grant(lab, ["GENOMIC"], { steward: clinic.id, purpose: "HRESCH" });
    const lanes = async () => {
      const { Consents } = alice.client.contracts;
      const read = await Promise.all([
        Consents.grantOf(alice.id, clinic.id, 0, 0),
        Consents.grantOf(alice.id, lab.id, 4, clinic.id),
      ]);
      // Without the version, which begins anew.
      return read.map(([, word]) => word & ((1n << 224n) - 1n));
    };
    const before = await lanes();
    await revokeAll();
    expect(await lanes()).to.deep.equal([0n, 0n]);
    await alice.client.changeConsents({ grants: await former() });
    expect(await lanes()).to.deep.equal(before);
    await expectCode("MISSING_CHANGES", alice.client.changeConsents({ grants: await former(0) }));
  });
});
