import { expect } from "chai";
import { ZeroHash } from "ethers";

import { fixture, keyDocumentOf } from "../../devnet/index.js";
import {
  WAYS,
  birthOf,
  licenseForLong,
  registerChild,
  startOf,
  yearOf,
  type Birth,
  type Way,
} from "../helpers/contracts/children.js";
import { newPerson } from "../helpers/contracts/participants.js";
import { pending, withGuardians } from "../helpers/contracts/recovery.js";
import { DAY } from "../helpers/contracts/typed-data.js";
import { COMMITMENT, KEY_DOCUMENT, digestOf, now, populate, type World } from "../helpers/contracts/world.js";

const load = fixture(async () => {
  const world = await populate();
  await licenseForLong(world);
  return world;
});

/** The general hospital attests alice's child. */
const register = (world: World, way: Way, birth: Birth, twist: Parameters<typeof registerChild>[3] = {}) =>
  registerChild(world, way, { representative: world.alice, clinic: world.generalHospital, birth }, twist);

for (const way of WAYS) {
  describe(`Registrar: registering a child, ${way}`, () => {
    it("makes a person without an account, for whom the representative acts until the year is over", async () => {
      const world = await load();
      const { registrar, delegates, ids } = world;
      const year = (await yearOf(world)) + 12;
      const child = (await registrar.participantCount()) + 1n;

      await expect(register(world, way, birthOf(year)))
        .to.emit(registrar, "ChildRegistered")
        .withArgs(child, ids.alice, ids.hospital, KEY_DOCUMENT, year)
        .and.to.emit(registrar, "IdentityLinked")
        .withArgs(ids.hospital, child, COMMITMENT);

      expect(await registrar.participantCount()).to.equal(child);
      expect(await registrar.participant(child)).to.deep.equal(newPerson());
      expect(await registrar.keyDocumentOf(child)).to.equal(KEY_DOCUMENT);
      expect(await registrar.resolve(ids.hospital, COMMITMENT)).to.equal(child);
      expect(await registrar.childhoodOf(child)).to.deep.equal([ids.hospital, BigInt(year)]);
      const all = [true, 255n, 255n];
      expect(await delegates.powersOf(child, ids.alice)).to.deep.equal([all, BigInt(startOf(year + 1))]);
      expect(await delegates.powersOf(child, ids.bob)).to.deep.equal([[false, 0n, 0n], 0n]);
      expect(await delegates.powersOf(ids.alice, child)).to.deep.equal([[false, 0n, 0n], 0n]);
    });

    it("can be repeated for another child", async () => {
      const world = await load();
      const { registrar, ids } = world;
      const year = (await yearOf(world)) + 12;
      const first = (await registrar.participantCount()) + 1n;
      await register(world, way, birthOf(year));
      await register(world, way, birthOf(year + 2, { commitment: digestOf("the younger one") }));

      for (const child of [first, first + 1n]) {
        expect((await registrar.childhoodOf(child)).issuer).to.equal(ids.hospital);
      }
    });

    it("takes this year, until its last second", async () => {
      const world = await load();
      const { registrar, networkHelpers } = world;
      const year = (await yearOf(world)) + 1;
      await networkHelpers.time.increaseTo(startOf(year + 1) - 60);
      await networkHelpers.time.setNextBlockTimestamp(startOf(year + 1) - 1);

      await expect(register(world, way, birthOf(year))).to.emit(registrar, "ChildRegistered");
    });

    it("takes no year that is over: InvalidYear", async () => {
      const world = await load();
      const { networkHelpers } = world;
      const year = (await yearOf(world)) + 1;
      await networkHelpers.time.increaseTo(startOf(year + 1) - 60);
      await networkHelpers.time.setNextBlockTimestamp(startOf(year + 1));

      await expect(register(world, way, birthOf(year)))
        .to.be.revertedWithCustomError(world.delegates, "InvalidYear")
        .withArgs(year);
    });

    for (const year of [0, 1, 1969, 1970]) {
      it(`takes no year like ${year}: InvalidYear`, async () => {
        const world = await load();

        await expect(register(world, way, birthOf(year)))
          .to.be.revertedWithCustomError(world.delegates, "InvalidYear")
          .withArgs(year);
      });
    }

    it("takes a year twenty-five years ahead and none further: InvalidYear", async () => {
      const world = await load();
      const { registrar, networkHelpers } = world;
      const year = (await yearOf(world)) + 27;
      const latest = startOf(year) - 25 * 366 * DAY;
      await networkHelpers.time.increaseTo(latest - 60);
      await networkHelpers.time.setNextBlockTimestamp(latest - 1);
      await expect(register(world, way, birthOf(year)))
        .to.be.revertedWithCustomError(world.delegates, "InvalidYear")
        .withArgs(year);
      await networkHelpers.time.setNextBlockTimestamp(latest);

      await expect(register(world, way, birthOf(year))).to.emit(registrar, "ChildRegistered");
    });

    it("needs a key document: MissingKeyDocument", async () => {
      const world = await load();
      const birth = birthOf((await yearOf(world)) + 12, { keyDocument: ZeroHash });

      await expect(register(world, way, birth)).to.be.revertedWithCustomError(world.registrar, "MissingKeyDocument");
    });

    it("takes an identity once: IdentityAlreadyLinked", async () => {
      const world = await load();
      const { registrar } = world;
      const birth = birthOf((await yearOf(world)) + 12);
      const child = (await registrar.participantCount()) + 1n;
      await register(world, way, birth);

      await expect(register(world, way, { ...birth, keyDocument: keyDocumentOf("a twin") }))
        .to.be.revertedWithCustomError(registrar, "IdentityAlreadyLinked")
        .withArgs(child);
    });

    it("needs a licensed provider: NotALicensedProvider", async () => {
      const world = await load();
      const { registrar, alice, bob, insurer, ids } = world;
      const birth = birthOf((await yearOf(world)) + 12);

      for (const [clinic, id] of [
        [insurer, ids.insurer],
        [bob, ids.bob],
      ] as const) {
        await expect(registerChild(world, way, { representative: alice, clinic, birth }))
          .to.be.revertedWithCustomError(registrar, "NotALicensedProvider")
          .withArgs(id);
      }
    });

    it("needs the clinic's signature for this representative: InvalidSignature", async () => {
      const world = await load();
      const { registrar, generalHospital, ids } = world;
      const birth = birthOf((await yearOf(world)) + 12);

      await expect(register(world, way, birth, { clinic: { representative: ids.bob } }))
        .to.be.revertedWithCustomError(registrar, "InvalidSignature")
        .withArgs(generalHospital.address);
    });

    it("needs the clinic's signature in time: SignatureExpired", async () => {
      const world = await load();
      const { registrar } = world;
      const birth = birthOf((await yearOf(world)) + 12);
      const deadline = BigInt((await now(world)) - 1);

      await expect(register(world, way, birth, { clinic: { deadline } }))
        .to.be.revertedWithCustomError(registrar, "SignatureExpired")
        .withArgs(deadline);
    });

    it("is refused while a recovery of the representative is pending: RecoveryPending", async () => {
      const world = await withGuardians();
      const { registrar, ids } = world;
      await pending(world);

      await expect(register(world, way, birthOf((await yearOf(world)) + 12)))
        .to.be.revertedWithCustomError(registrar, "RecoveryPending")
        .withArgs(ids.alice);
    });

    it("is for persons: NotAPerson", async () => {
      const world = await load();
      const { registrar, laboratory, generalHospital, ids } = world;
      const birth = birthOf((await yearOf(world)) + 12);

      await expect(registerChild(world, way, { representative: laboratory, clinic: generalHospital, birth }))
        .to.be.revertedWithCustomError(registrar, "NotAPerson")
        .withArgs(ids.laboratory);
    });

    it("is for those who are registered: NotRegistered", async () => {
      const world = await load();
      const { registrar, stranger, generalHospital } = world;
      const birth = birthOf((await yearOf(world)) + 12);

      await expect(registerChild(world, way, { representative: stranger, clinic: generalHospital, birth }))
        .to.be.revertedWithCustomError(registrar, "NotRegistered")
        .withArgs(stranger.address);
    });
  });
}

describe("Registrar: registering a child by the representative's signature", () => {
  it("needs that signature, too: InvalidSignature", async () => {
    const world = await load();
    const { registrar, alice } = world;
    const year = (await yearOf(world)) + 12;

    await expect(register(world, "signed", birthOf(year), { representative: { comesOfAgeIn: BigInt(year) + 1n } }))
      .to.be.revertedWithCustomError(registrar, "InvalidSignature")
      .withArgs(alice.address);
  });

  it("needs it for this clinic: InvalidSignature", async () => {
    const world = await load();
    const { registrar, alice, ids } = world;
    const birth = birthOf((await yearOf(world)) + 12);

    await expect(register(world, "signed", birth, { representative: { issuer: ids.laboratory } }))
      .to.be.revertedWithCustomError(registrar, "InvalidSignature")
      .withArgs(alice.address);
  });

  it("needs it in time: SignatureExpired", async () => {
    const world = await load();
    const { registrar } = world;
    const birth = birthOf((await yearOf(world)) + 12);
    const deadline = BigInt((await now(world)) - 1);

    await expect(register(world, "signed", birth, { representative: { deadline } }))
      .to.be.revertedWithCustomError(registrar, "SignatureExpired")
      .withArgs(deadline);
  });
});
