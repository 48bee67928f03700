import { expect } from "chai";
import type { Signer } from "ethers";

import { fixture } from "../../devnet/index.js";
import { grantToInsurer, mayView, SUMMARY } from "../helpers/contracts/grants.js";
import type { Party } from "../helpers/contracts/party.js";
import { pending, withGuardians } from "../helpers/contracts/recovery.js";
import { SIGNED_ACTIONS, plainCast, signed, submit, type Cast } from "../helpers/contracts/signed-actions/index.js";
import { signAtRegistrar } from "../helpers/contracts/signatures.js";
import { setAccessEpoch, setSignatureEpoch } from "../helpers/contracts/storage.js";
import { DAY, TYPES } from "../helpers/contracts/typed-data.js";
import { now, withRelationship, type World } from "../helpers/contracts/world.js";
import { revokeAllAs } from "../helpers/contracts/settings.js";

const load = fixture(withRelationship);
const loadFrozen = fixture(async () => {
  const world = await withGuardians();
  await pending(world);
  return world;
});
const LAST = 2n ** 32n - 1n;

const WAYS = ["direct", "signed"] as const;
type Way = (typeof WAYS)[number];

async function revokeAll(world: World, way: Way, by: Signer) {
  const { registrar, relayer } = world;
  if (way === "direct") return revokeAllAs(registrar, by);
  return registrar
    .connect(relayer)
    .revokeAllWithSig(await registrar.participantOf(by), await signAtRegistrar(world, "FullRevocation", by));
}

async function cancel(world: World, way: Way, by: Signer) {
  const { registrar, relayer } = world;
  if (way === "direct") return registrar.connect(by).cancelSignatures();
  return registrar.connect(relayer).cancelSignaturesWithSig(await signAtRegistrar(world, "SignatureCancellation", by));
}

for (const way of WAYS) {
  describe(`Registrar: revoking everything, ${way}`, () => {
    it("ends grants and delegates, and starts both epochs anew", async () => {
      const world = await load();
      const { registrar, delegates, consents, alice, ids } = world;
      const given = await grantToInsurer(world);
      await consents.connect(alice).grant(ids.alice, given);
      const until = (await now(world)) + 30 * DAY;
      await delegates.connect(alice).appoint(ids.bob, { approving: true, granting: 255, viewing: 255 }, until);

      await expect(revokeAll(world, way, alice))
        .to.emit(registrar, "AllRevoked")
        .withArgs(ids.alice, 1);

      expect(await registrar.epochsOf(ids.alice)).to.deep.equal([1n, 1n]);
      expect(await registrar.epochsOf(ids.bob), "bob's").to.deep.equal([0n, 0n]);
      expect(await mayView(world, given, SUMMARY)).to.be.false;
      expect(await delegates.powersOf(ids.alice, ids.bob)).to.deep.equal([[false, 0n, 0n], 0n]);
    });

    it("leaves relationships as they are", async () => {
      const world = await load();
      await revokeAll(world, way, world.alice);

      expect(await world.relationships.isActive(world.ids.alice, world.ids.hospital)).to.be.true;
    });

    it("works while a recovery is pending", async () => {
      const world = await loadFrozen();

      await expect(revokeAll(world, way, world.alice)).to.emit(world.registrar, "AllRevoked");
    });

    it("is for persons: NotAPerson", async () => {
      const world = await load();
      const { registrar, generalHospital, ids } = world;

      await expect(revokeAll(world, way, generalHospital))
        .to.be.revertedWithCustomError(registrar, "NotAPerson")
        .withArgs(ids.hospital);
    });

    it("is for those who are registered: NotRegistered", async () => {
      const world = await load();
      const { registrar, stranger } = world;

      await expect(revokeAll(world, way, stranger))
        .to.be.revertedWithCustomError(registrar, "NotRegistered")
        .withArgs(stranger.address);
    });
  });

  describe(`Registrar: cancelling signatures, ${way}`, () => {
    it("starts the signatures' epoch anew and leaves everything that was given", async () => {
      const world = await load();
      const { registrar, delegates, consents, alice, ids } = world;
      const given = await grantToInsurer(world);
      await consents.connect(alice).grant(ids.alice, given);
      const until = (await now(world)) + 30 * DAY;
      await delegates.connect(alice).appoint(ids.bob, { approving: true, granting: 0, viewing: 0 }, until);

      await expect(cancel(world, way, alice))
        .to.emit(registrar, "SignaturesCancelled")
        .withArgs(ids.alice, 1);

      expect(await registrar.epochsOf(ids.alice)).to.deep.equal([0n, 1n]);
      expect(await registrar.epochsOf(ids.bob), "bob's").to.deep.equal([0n, 0n]);
      expect(await mayView(world, given, SUMMARY)).to.be.true;
      expect(await delegates.mayApprove(ids.alice, ids.bob)).to.be.true;
    });

    it("is for institutions, too", async () => {
      const world = await load();
      const { registrar, generalHospital, ids } = world;

      await expect(cancel(world, way, generalHospital))
        .to.emit(registrar, "SignaturesCancelled")
        .withArgs(ids.hospital, 1);
    });

    it("works while a recovery is pending", async () => {
      const world = await loadFrozen();

      await expect(cancel(world, way, world.alice)).to.emit(world.registrar, "SignaturesCancelled");
    });

    it("is for those who are registered: NotRegistered", async () => {
      const world = await load();
      const { registrar, stranger } = world;

      await expect(cancel(world, way, stranger))
        .to.be.revertedWithCustomError(registrar, "NotRegistered")
        .withArgs(stranger.address);
    });
  });
}

describe("Registrar: what was signed and not used", () => {
  const cancelAs = (by: Party, { chain }: Cast) =>
    by.send(chain.registrar, chain.registrar.interface.encodeFunctionData("cancelSignatures"));

  for (const action of SIGNED_ACTIONS) {
    const names = TYPES[action.type].some(({ name }) => name === "signatureEpoch");
    const end = names ? "dies when" : "stays good when";

    it(`${end} signatures are cancelled: ${action.title}`, async () => {
      const cast = await plainCast();
      await action.prepare?.(cast);
      const keptBack = await signed(action, cast);

      if (names) {
        await (action.cancel?.(cast) ?? cancelAs(cast.patient, cast));
        await expect(submit(action, cast, keptBack)).to.be.revertedWithCustomError(
          action.contract(cast),
          "InvalidSignature",
        );
      } else {
        const signer = action.signer(cast);
        await cancelAs(signer.address === cast.newcomer.address ? cast.patient : signer, cast);
        expect((await (await submit(action, cast, keptBack)).wait())?.status).to.equal(1);
      }
    });
  }
});

describe("Registrar: epochs at their end", () => {
  it("panic rather than begin again", async () => {
    const world = await load();
    const { registrar, alice, ids } = world;
    await setAccessEpoch(world, ids.alice, LAST);
    expect((await registrar.epochsOf(ids.alice))[0]).to.equal(LAST);
    await expect(revokeAllAs(registrar, alice)).to.be.revertedWithPanic(0x11);

    await setAccessEpoch(world, ids.alice, 0n);
    await setSignatureEpoch(world, ids.alice, LAST);
    expect(await registrar.epochsOf(ids.alice)).to.deep.equal([0n, LAST]);
    await expect(registrar.connect(alice).cancelSignatures()).to.be.revertedWithPanic(0x11);
  });
});
