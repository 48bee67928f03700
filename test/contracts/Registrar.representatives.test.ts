import { expect } from "chai";
import { ZeroAddress } from "ethers";

import { loadChild, loadOfAge, takeOver, type ChildWorld } from "../helpers/contracts/child-world.js";
import { startOf } from "../helpers/contracts/children.js";
import { SUMMARY, grantToInsurer, stateOf } from "../helpers/contracts/grants.js";
import { pending } from "../helpers/contracts/recovery.js";
import { signAtRegistrar } from "../helpers/contracts/signatures.js";
import { categoriesOf } from "../helpers/contracts/typed-data.js";

describe("Registrar: what a representative does for a child", () => {
  const STRICT = { knownOnly: true, longestGrant: 30, emergency: 0 };

  it("changes the child's settings and no other's", async () => {
    const { registrar, alice, ids, child } = await loadChild();

    await expect(registrar.connect(alice).changeSettings(child, STRICT))
      .to.emit(registrar, "SettingsChanged")
      .withArgs(child, [true, 30n, 0n]);

    expect(await registrar.settingsOf(child)).to.deep.equal([true, 30n, 0n]);
    expect(await registrar.epochsOf(child)).to.deep.equal([0n, 1n]);
    expect(await registrar.settingsOf(ids.alice)).to.deep.equal([false, 0n, 3n]);
  });

  it("revokes everything that was granted over the child's records", async () => {
    const world = await loadChild();
    const { registrar, consents, alice, ids, child } = world;
    const given = await grantToInsurer(world);
    await consents.connect(alice).grant(child, given);
    await consents.connect(alice).grant(ids.alice, given);

    await expect(registrar.connect(alice).revokeAll(child)).to.emit(registrar, "AllRevoked").withArgs(child, 1);

    expect(await consents.canView(child, given.steward, given.viewer, SUMMARY, given.purpose)).to.be.false;
    expect(await registrar.epochsOf(ids.alice)).to.deep.equal([0n, 1n]);
    expect((await stateOf(world, given))[0].accessEpoch, "alice's own grants").to.equal(0);
    expect((await world.delegates.powersOf(child, ids.alice)).until, "still a representative").not.to.equal(0);
  });

  it("changes the settings and revokes everything by a signature, which counts once", async () => {
    const world = await loadChild();
    const { registrar, alice, relayer, child } = world;
    const as = registrar.connect(relayer);
    const settings = await signSettings(world, alice);
    await expect(as.changeSettingsWithSig(child, STRICT, settings))
      .to.emit(registrar, "SettingsChanged")
      .withArgs(child, [true, 30n, 0n]);
    const revocation = await signRevocation(world, alice);
    await expect(as.revokeAllWithSig(child, revocation)).to.emit(registrar, "AllRevoked").withArgs(child, 1);

    await expect(as.changeSettingsWithSig(child, STRICT, settings))
      .to.be.revertedWithCustomError(registrar, "InvalidSignature")
      .withArgs(alice.address);
    await expect(as.revokeAllWithSig(child, revocation))
      .to.be.revertedWithCustomError(registrar, "InvalidSignature")
      .withArgs(alice.address);
  });

  it("signs for the child and not for its representative: InvalidSignature", async () => {
    const world = await loadChild();
    const { registrar, alice, ids } = world;

    await expect(registrar.changeSettingsWithSig(ids.alice, STRICT, await signSettings(world, alice)))
      .to.be.revertedWithCustomError(registrar, "InvalidSignature")
      .withArgs(alice.address);
    await expect(registrar.revokeAllWithSig(ids.alice, await signRevocation(world, alice)))
      .to.be.revertedWithCustomError(registrar, "InvalidSignature")
      .withArgs(alice.address);
  });

  const signSettings = async (world: ChildWorld, by: ChildWorld["alice"], child = world.child) =>
    signAtRegistrar(world, "PatientSettings", by, {
      patient: child,
      refuseProposalsFromUnknownProviders: STRICT.knownOnly,
      longestGrantInDays: STRICT.longestGrant,
      emergencyCategories: categoriesOf(STRICT.emergency),
      signatureEpoch: await signatureEpochs(world, child, by),
    });

  /** Who signs in another's place names the sum of both epochs. */
  const signatureEpochs = async ({ registrar }: ChildWorld, patient: bigint, by: ChildWorld["alice"]) => {
    const own = await registrar.participantOf(by.address);
    const ids = own === patient ? [patient] : [patient, own];
    const epochs = await Promise.all(ids.map(async (id) => (await registrar.epochsOf(id))[1]));
    return epochs.reduce((sum, epoch) => sum + epoch, 0n);
  };

  const signRevocation = async (world: ChildWorld, by: ChildWorld["alice"], child = world.child) =>
    signAtRegistrar(world, "FullRevocation", by, {
      patient: child,
      accessEpoch: (await world.registrar.epochsOf(child))[0],
    });

  /** Each, as somebody. */
  const all = (world: ChildWorld) =>
    [
      async (by: ChildWorld["alice"], id = world.child) =>
        world.registrar.changeSettingsWithSig(id, STRICT, await signSettings(world, by, id)),
      async (by: ChildWorld["alice"], id = world.child) =>
        world.registrar.revokeAllWithSig(id, await signRevocation(world, by, id)),
      (by: ChildWorld["alice"], id = world.child) => world.registrar.connect(by).changeSettings(id, STRICT),
      (by: ChildWorld["alice"], id = world.child) => world.registrar.connect(by).revokeAll(id),
    ] as const;

  it("is nobody else's: NotTheRepresentative", async () => {
    const world = await loadChild();
    const { registrar, bob, ids, child } = world;

    for (const act of all(world)) {
      await expect(act(bob)).to.be.revertedWithCustomError(registrar, "NotTheRepresentative").withArgs(child, ids.bob);
    }
  });

  it("is nothing for a person who is no child: NotTheRepresentative", async () => {
    const world = await loadChild();
    const { registrar, alice, ids } = world;

    for (const act of all(world)) {
      for (const id of [ids.bob, 0n]) {
        await expect(act(alice, id))
          .to.be.revertedWithCustomError(registrar, "NotTheRepresentative")
          .withArgs(id, ids.alice);
      }
    }
  });

  it("ends with the year in which the child comes of age: NotTheRepresentative", async () => {
    const world = await loadChild();
    const { registrar, alice, year, networkHelpers } = world;
    await networkHelpers.time.increaseTo(startOf(year + 1));

    for (const act of all(world)) {
      await expect(act(alice)).to.be.revertedWithCustomError(registrar, "NotTheRepresentative");
    }
  });

  it("ends when the child takes over: NotTheRepresentative", async () => {
    const world = await loadOfAge();
    await takeOver(world);

    for (const act of all(world)) {
      await expect(act(world.alice)).to.be.revertedWithCustomError(world.registrar, "NotTheRepresentative");
    }
  });

  it("is a person's: NotAPerson, NotRegistered", async () => {
    const world = await loadChild();
    const { registrar, generalHospital, stranger } = world;

    for (const act of all(world)) {
      await expect(act(generalHospital)).to.be.revertedWithCustomError(registrar, "NotAPerson");
      await expect(act(stranger)).to.be.revertedWithCustomError(registrar, "NotRegistered");
    }
  });

  it("while a recovery of the representative is pending, only takes away: RecoveryPending", async () => {
    const world = await loadChild();
    const { registrar, alice, ids } = world;
    await pending(world);
    const [changeSigned, revokeSigned, change, revoke] = all(world);

    for (const act of [changeSigned, change]) {
      await expect(act(alice)).to.be.revertedWithCustomError(registrar, "RecoveryPending").withArgs(ids.alice);
    }
    for (const act of [revokeSigned, revoke]) await expect(act(alice)).to.emit(registrar, "AllRevoked");
  });
});

describe("Registrar: childhood", () => {
  it("is nobody's for who isn't a child", async () => {
    const { registrar, delegates, ids } = await loadChild();

    for (const id of [ids.alice, ids.hospital, 0n, 999n]) {
      expect(await registrar.childhoodOf(id)).to.deep.equal([0n, 0n]);
      expect(await delegates.powersOf(id, 0n)).to.deep.equal([[false, 0n, 0n], 0n]);
    }
  });

  it("gives the child no account before it takes over", async () => {
    const { registrar, child } = await loadChild();

    expect(await registrar.isPerson(child)).to.be.true;
    expect(await registrar.participantOf(ZeroAddress)).to.equal(0);
  });
});
