import { expect } from "chai";
import { id as keccakOfText } from "ethers";
import { fixture, PAYER, PROVIDER, RESEARCHER } from "../../devnet/index.js";
import { DAY } from "../helpers/contracts/typed-data.js";
import { Kind, participantWith } from "../helpers/contracts/participants.js";
import { now, populate } from "../helpers/contracts/world.js";
import { decree, suspend } from "../helpers/contracts/decrees.js";

const load = fixture(populate);
const FOR_EVER = 2n ** 40n - 1n;

describe("Registrar: licences", () => {
  it("licenses an institution for its roles and its term", async () => {
    const world = await load();
    const { registrar, ids } = world;
    const until = BigInt((await now(world)) + 30 * DAY);
    const roles = PAYER | RESEARCHER;

    await expect(decree(world, "license", [ids.laboratory, keccakOfText("Laboratory"), roles, until]))
      .to.emit(registrar, "Licensed")
      .withArgs(ids.laboratory, roles, until);

    expect(await registrar.participant(ids.laboratory)).to.deep.equal(
      participantWith({ kind: Kind.INSTITUTION, keyVersion: 1n, roles: BigInt(roles), licensedUntil: until }),
    );
    expect(await registrar.licenceLasts(ids.laboratory, PAYER)).to.be.true;
    expect(await registrar.licenceLasts(ids.laboratory, roles)).to.be.true;
    expect(await registrar.licenceLasts(ids.laboratory, PROVIDER), "replaced, not added").to.be.false;
    expect(await registrar.licenceLasts(ids.laboratory, PAYER | PROVIDER), "every asked role").to.be.false;
    expect(await registrar.licenceLasts(ids.laboratory, 0), "no role").to.be.false;
  });

  it("ends a licence at its term", async () => {
    const world = await load();
    const { registrar, ids, networkHelpers } = world;
    const { licensedUntil } = await registrar.participant(ids.hospital);

    await networkHelpers.time.increaseTo(licensedUntil - 1n);
    expect(await registrar.licenceLasts(ids.hospital, PROVIDER)).to.be.true;
    await networkHelpers.time.increaseTo(licensedUntil);
    expect(await registrar.licenceLasts(ids.hospital, PROVIDER)).to.be.false;
    expect(await registrar.isInGoodStanding(ids.hospital)).to.be.false;
  });

  it("doesn't lift a suspension by a new licence", async () => {
    const world = await load();
    const { registrar, ids } = world;
    await suspend(world, ids.hospital);
    const until = (await now(world)) + 300 * DAY;
    await decree(world, "license", [ids.hospital, keccakOfText("General Hospital"), PROVIDER, until]);

    expect(await registrar.licenceLasts(ids.hospital, PROVIDER)).to.be.false;
  });

  it("refuses another name: NameMismatch", async () => {
    const world = await load();
    const args = [world.ids.hospital, keccakOfText("Genera1 Hospital"), PROVIDER, (await now(world)) + 30 * DAY];

    await expect(decree(world, "license", args))
      .to.be.revertedWithCustomError(world.registrar, "NameMismatch")
      .withArgs(world.ids.hospital, keccakOfText("Genera1 Hospital"), keccakOfText("General Hospital"));
  });

  for (const roles of [0, 64, 127, 65535]) {
    it(`refuses the roles ${roles}: InvalidRoles`, async () => {
      const world = await load();
      const args = [world.ids.hospital, keccakOfText("General Hospital"), roles, (await now(world)) + 30 * DAY];

      await expect(decree(world, "license", args))
        .to.be.revertedWithCustomError(world.registrar, "InvalidRoles")
        .withArgs(roles);
    });
  }

  it("refuses a term that is over: InvalidTerm", async () => {
    const world = await load();
    const until = await now(world);

    await expect(decree(world, "license", [world.ids.hospital, keccakOfText("General Hospital"), PROVIDER, until]))
      .to.be.revertedWithCustomError(world.registrar, "InvalidTerm")
      .withArgs(until);
  });

  it("takes no person and nobody: NotAnInstitution", async () => {
    const world = await load();
    const { registrar, ids, authority } = world;

    for (const id of [ids.alice, 0n, 999n]) {
      const until = (await now(world)) + 30 * DAY;
      const calls = [
        () => registrar.connect(authority).suspend(id),
        () => decree(world, "license", [id, keccakOfText(""), PROVIDER, until]),
        () => decree(world, "confirmSuspension", [id]),
        () => decree(world, "reinstate", [id]),
      ];
      for (const call of calls) {
        await expect(call()).to.be.revertedWithCustomError(registrar, "NotAnInstitution").withArgs(id);
      }
    }
  });
});

describe("Registrar: suspensions", () => {
  it("suspends at once, and lapses by itself", async () => {
    const world = await load();
    const { registrar, ids, networkHelpers } = world;
    const time = BigInt((await now(world)) + 100);
    await networkHelpers.time.setNextBlockTimestamp(time);
    const lapse = time + BigInt(14 * DAY);

    await expect(suspend(world, ids.hospital)).to.emit(registrar, "Suspended").withArgs(ids.hospital, lapse);

    expect((await registrar.participant(ids.hospital)).suspendedUntil).to.equal(lapse);
    expect(await registrar.licenceLasts(ids.hospital, PROVIDER)).to.be.false;
    await networkHelpers.time.increaseTo(lapse - 1n);
    expect(await registrar.isInGoodStanding(ids.hospital)).to.be.false;
    await networkHelpers.time.increaseTo(lapse);
    expect(await registrar.licenceLasts(ids.hospital, PROVIDER)).to.be.true;
  });

  it("lasts until it is lifted once it is confirmed", async () => {
    const world = await load();
    const { registrar, ids, networkHelpers } = world;
    await suspend(world, ids.hospital);

    await expect(decree(world, "confirmSuspension", [ids.hospital]))
      .to.emit(registrar, "SuspensionConfirmed")
      .withArgs(ids.hospital);

    expect((await registrar.participant(ids.hospital)).suspendedUntil).to.equal(FOR_EVER);
    await networkHelpers.time.increase(100 * DAY);
    expect(await registrar.licenceLasts(ids.hospital, PROVIDER)).to.be.false;
  });

  it("is lifted by a reinstatement, which restores the licence as it was", async () => {
    const world = await load();
    const { registrar, ids } = world;
    const before = await registrar.participant(ids.hospital);
    await suspend(world, ids.hospital);

    await expect(decree(world, "reinstate", [ids.hospital]))
      .to.emit(registrar, "Reinstated")
      .withArgs(ids.hospital);

    expect(await registrar.participant(ids.hospital)).to.deep.equal(before);
    expect(await registrar.licenceLasts(ids.hospital, PROVIDER)).to.be.true;
    await suspend(world, ids.hospital);
  });

  it("happens once without delay, even after it lapsed: AlreadySuspended", async () => {
    const world = await load();
    const { registrar, ids, networkHelpers } = world;
    await suspend(world, ids.hospital);

    for (let i = 0; i < 2; ++i) {
      await expect(suspend(world, ids.hospital))
        .to.be.revertedWithCustomError(registrar, "AlreadySuspended")
        .withArgs(ids.hospital);
      await networkHelpers.time.increase(20 * DAY);
    }
  });

  for (const name of ["confirmSuspension", "reinstate"] as const) {
    it(`has to be there for ${name}: NotSuspended`, async () => {
      const world = await load();

      await expect(decree(world, name, [world.ids.hospital]))
        .to.be.revertedWithCustomError(world.registrar, "NotSuspended")
        .withArgs(world.ids.hospital);
    });
  }
});
