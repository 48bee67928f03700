import { expect } from "chai";

import { expectCode, HOUR, inFuture } from "../helpers.js";
import { createDevnet, type Actor, type Devnet } from "../../../devnet/index.js";

describe("licensing an institution", () => {
  let world: Devnet;
  let clinic: Actor;
  let alice: Actor;
  let until: number;
  before(async () => {
    world = await createDevnet();
    alice = await world.patient("alice");
    clinic = await world.actor("clinic");
    clinic.id = (await clinic.client.registerInstitution({ name: "General Hospital" })).participant;
    until = await inFuture(world, 1000 * HOUR);
  });
  after(() => world.close());

  const license = (institution: number, changes: object = {}) =>
    world.authority.licenseInstitution({ institution, roles: ["PROVIDER"], until, ...changes });
  const announcements = async () => {
    const { Authority } = world.authority.contracts;
    return (await Authority.queryFilter(Authority.filters.OperationScheduled())).length;
  };

  it("announces nothing that the contract would refuse after the delay", async () => {
    const before = await announcements();
    await expectCode("UNKNOWN_PARTICIPANT", license(999));
    await expectCode("NOT_AN_INSTITUTION", license(alice.id));
    await expectCode("INVALID_TERM", license(clinic.id, { until: 1 }));
    await expectCode("INVALID_ROLES", license(clinic.id, { roles: [] }));
    await expectCode("UNKNOWN_NAME", license(clinic.id, { roles: ["KING"] }));
    await expectCode("NOT_SUSPENDED", world.authority.confirmSuspension({ institution: clinic.id }));
    await expectCode("NOT_SUSPENDED", world.authority.reinstateInstitution({ institution: clinic.id }));
    expect(await announcements()).to.equal(before);
  });

  it("is nobody's but the authority's", async () => {
    const asked = { institution: clinic.id, roles: ["PROVIDER"], until };
    await expectCode("ACCESS_MANAGER_UNAUTHORIZED_CALL", alice.client.licenseInstitution(asked));
    await expectCode("ACCESS_MANAGED_UNAUTHORIZED", alice.client.suspendInstitution({ institution: clinic.id }));
  });

  it("waits out the authority's delay, and goes on where it was when it is interrupted", async () => {
    const before = await announcements();
    const interrupted = new Error("interrupted");
    const onWait = ({ readyAt }: { readyAt: number }) => {
      expect(readyAt).to.be.greaterThan(1_700_000_000);
      throw interrupted;
    };
    const first = await license(clinic.id, { onWait }).catch((error: unknown) => error);
    expect(first).to.equal(interrupted);
    expect(await announcements()).to.equal(before + 1);
    expect((await alice.client.describeParticipant({ id: clinic.id })).inGoodStanding).to.equal(false);

    await license(clinic.id, { onWait: () => void world.increaseTime(2) });
    expect(await announcements(), "it isn't announced again").to.equal(before + 1);
    expect(await alice.client.describeParticipant({ id: clinic.id })).to.deep.include({
      inGoodStanding: true,
      roles: ["PROVIDER"],
      licensedUntil: until,
    });
  });

  it("is suspended at once, confirmed and lifted after the delay", async () => {
    const of = { institution: clinic.id };
    await world.authority.suspendInstitution(of);
    const suspended = await alice.client.describeParticipant({ id: clinic.id });
    expect(suspended.inGoodStanding).to.equal(false);
    await expectCode("ALREADY_SUSPENDED", world.authority.suspendInstitution(of));
    await world.authority.confirmSuspension(of);
    const { suspendedUntil } = await alice.client.describeParticipant({ id: clinic.id });
    expect(suspendedUntil).to.be.greaterThan(suspended.suspendedUntil);
    await world.authority.reinstateInstitution(of);
    expect((await alice.client.describeParticipant({ id: clinic.id })).inGoodStanding).to.equal(true);
  });

  it("can't suspend a person, nor freeze a person's accounts", async () => {
    await expectCode("NOT_AN_INSTITUTION", world.authority.freezeOperators({ institution: alice.id }));
    await expectCode("FREEZE_UNCHANGED", world.authority.thawOperators({ institution: alice.id }));
    await expectCode("NOT_AN_INSTITUTION", world.authority.suspendInstitution({ institution: alice.id }));
  });
});
