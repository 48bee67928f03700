import { expect } from "chai";
import { type Signer } from "ethers";
import { fixture } from "../../devnet/index.js";
import { setNonce } from "../helpers/contracts/storage.js";
import { Status, activate, populate, withRelationship } from "../helpers/contracts/world.js";
import {
  relationshipOf,
  tomorrow,
  expectRelationship,
  signReduction,
  signResumption,
  withProposal,
} from "../helpers/contracts/relationships.js";

const MAX_NONCE = 2n ** 24n - 1n;
const load = fixture(populate);
const loadActive = fixture(withRelationship);
const loadProposed = fixture(withProposal);

describe("PatientProviderRelationships: suspend and resume", () => {
  for (const side of ["alice", "generalHospital"] as const) {
    const status = side === "alice" ? Status.SuspendedByPatient : Status.SuspendedByProvider;
    const other = side === "alice" ? "generalHospital" : "alice";

    it(`is suspended by ${side} and resumed by the same side only`, async () => {
      const world = await loadActive();
      const { relationships, ids } = world;
      const [by, otherId] = side === "alice" ? [ids.alice, ids.hospital] : [ids.hospital, ids.alice];

      await expect(relationships.connect(world[side]).suspend(ids.alice, ids.hospital))
        .to.emit(relationships, "RelationshipSuspended")
        .withArgs(ids.alice, ids.hospital, by);
      // The patient's own suspension kills what was signed before.
      const nonce = side === "alice" ? 2n : 1n;
      await expectRelationship(world, { status, nonce });

      await expect(relationships.connect(world[other]).resume(ids.alice, ids.hospital))
        .to.be.revertedWithCustomError(relationships, "NotSuspendedBy")
        .withArgs(otherId);

      await expect(relationships.connect(world[side]).resume(ids.alice, ids.hospital))
        .to.emit(relationships, "RelationshipResumed")
        .withArgs(ids.alice, ids.hospital, by);
      await expectRelationship(world, { status: Status.Active, nonce });
    });
  }

  it("isn't resumed where it wasn't suspended: NotSuspendedBy", async () => {
    const { relationships, ids, alice } = await loadActive();

    await expect(relationships.connect(alice).resume(ids.alice, ids.hospital))
      .to.be.revertedWithCustomError(relationships, "NotSuspendedBy")
      .withArgs(ids.alice);
  });

  it("is suspended only while active: NotActive", async () => {
    const { relationships, ids, alice, generalHospital } = await loadActive();
    const suspend = (who: Signer) => relationships.connect(who).suspend(ids.alice, ids.hospital);
    const refused = async (who: Signer) =>
      expect(suspend(who)).to.be.revertedWithCustomError(relationships, "NotActive").withArgs(ids.alice, ids.hospital);

    await suspend(alice);
    await refused(generalHospital);
    await refused(alice);
    await relationships.connect(alice).end(ids.alice, ids.hospital);
    await refused(alice);
  });

  it("isn't resumed after its own end: NotSuspendedBy", async () => {
    const world = await load();
    const { relationships, ids, alice, generalHospital, networkHelpers } = world;
    const until = BigInt(await tomorrow(world));
    await activate(world, alice, generalHospital, until);
    await relationships.connect(alice).suspend(ids.alice, ids.hospital);
    await networkHelpers.time.increaseTo(until);

    await expect(relationships.connect(alice).resume(ids.alice, ids.hospital))
      .to.be.revertedWithCustomError(relationships, "NotSuspendedBy")
      .withArgs(ids.alice);
  });

  it("stays suspended by the patient at the end of the nonces: NoncesExhausted", async () => {
    const world = await loadActive();
    const { relationships, alice, ids } = world;
    await relationships.connect(alice).suspend(ids.alice, ids.hospital);
    await setNonce(world, ids.alice, ids.hospital, MAX_NONCE);

    await expect(relationships.connect(alice).resume(ids.alice, ids.hospital))
      .to.be.revertedWithCustomError(relationships, "NoncesExhausted")
      .withArgs(ids.alice, ids.hospital);
  });

  for (const name of ["suspend", "resume", "end"] as const) {
    it(`is a matter of the two sides: ${name} reverts with NotEmpowered, NotRegistered`, async () => {
      const { registrar, relationships, ids, bob, laboratory, authority, stranger } = await loadActive();

      for (const [who, id] of [
        [bob, ids.bob],
        [laboratory, ids.laboratory],
      ] as const) {
        await expect(relationships.connect(who)[name](ids.alice, ids.hospital))
          .to.be.revertedWithCustomError(relationships, "NotEmpowered")
          .withArgs(ids.alice, id);
      }
      for (const who of [authority, stranger]) {
        await expect(relationships.connect(who)[name](ids.alice, ids.hospital))
          .to.be.revertedWithCustomError(registrar, "NotRegistered")
          .withArgs(who.address);
      }
    });
  }
});

describe("PatientProviderRelationships: suspend and resume, signed", () => {
  it("are the patient's, whoever sends them", async () => {
    const world = await loadActive();
    const { relationships, ids, alice, relayer } = world;
    const suspension = await signReduction(world, "RelationshipSuspension", alice);
    await expect(relationships.connect(relayer).suspendWithSig(ids.alice, ids.hospital, 1, suspension))
      .to.emit(relationships, "RelationshipSuspended")
      .withArgs(ids.alice, ids.hospital, ids.alice);
    await expectRelationship(world, { status: Status.SuspendedByPatient, nonce: 2n });

    const resumption = await signResumption(world, alice, 2n);
    await expect(relationships.connect(relayer).resumeWithSig(ids.alice, ids.hospital, 2, resumption))
      .to.emit(relationships, "RelationshipResumed")
      .withArgs(ids.alice, ids.hospital, ids.alice);
    await expectRelationship(world, { status: Status.Active, nonce: 2n });
  });

  it("count once, however often it is suspended again: WrongNonce", async () => {
    const world = await loadActive();
    const { relationships, ids, alice } = world;
    const suspension = await signReduction(world, "RelationshipSuspension", alice);
    await relationships.suspendWithSig(ids.alice, ids.hospital, 1, suspension);
    const resumption = await signResumption(world, alice, 2n);
    await relationships.resumeWithSig(ids.alice, ids.hospital, 2, resumption);
    await expect(relationships.suspendWithSig(ids.alice, ids.hospital, 1, suspension))
      .to.be.revertedWithCustomError(relationships, "WrongNonce")
      .withArgs(1, 2);
    await relationships.connect(alice).suspend(ids.alice, ids.hospital);

    await expect(relationships.resumeWithSig(ids.alice, ids.hospital, 2, resumption))
      .to.be.revertedWithCustomError(relationships, "WrongNonce")
      .withArgs(2, 3);
  });

  it("need what they are about: NotActive, NotSuspendedBy", async () => {
    const world = await loadActive();
    const { relationships, ids, alice, generalHospital } = world;
    await relationships.connect(generalHospital).suspend(ids.alice, ids.hospital);
    const suspension = await signReduction(world, "RelationshipSuspension", alice);
    await expect(relationships.suspendWithSig(ids.alice, ids.hospital, 1, suspension))
      .to.be.revertedWithCustomError(relationships, "NotActive")
      .withArgs(ids.alice, ids.hospital);

    const resumption = await signResumption(world, alice, 1n);
    await expect(relationships.resumeWithSig(ids.alice, ids.hospital, 1, resumption))
      .to.be.revertedWithCustomError(relationships, "NotSuspendedBy")
      .withArgs(ids.alice);
  });

  it("are nobody else's: NotEmpowered", async () => {
    const world = await loadActive();
    const { relationships, ids, bob } = world;

    const suspension = await signReduction(world, "RelationshipSuspension", bob);
    await expect(relationships.suspendWithSig(ids.alice, ids.hospital, 1, suspension))
      .to.be.revertedWithCustomError(relationships, "NotEmpowered")
      .withArgs(ids.alice, ids.bob);
    const resumption = await signResumption(world, bob, 1n);
    await expect(relationships.resumeWithSig(ids.alice, ids.hospital, 1, resumption))
      .to.be.revertedWithCustomError(relationships, "NotEmpowered")
      .withArgs(ids.alice, ids.bob);
  });

  it("resume until signatures are cancelled: InvalidSignature", async () => {
    const world = await loadActive();
    const { registrar, relationships, ids, alice } = world;
    await relationships.connect(alice).suspend(ids.alice, ids.hospital);
    const resumption = await signResumption(world, alice, 2n);
    await registrar.connect(alice).cancelSignatures();

    await expect(relationships.resumeWithSig(ids.alice, ids.hospital, 2, resumption))
      .to.be.revertedWithCustomError(relationships, "InvalidSignature")
      .withArgs(alice.address);
  });
});

describe("PatientProviderRelationships: end", () => {
  for (const side of ["alice", "generalHospital"] as const) {
    it(`is ended by ${side}, from each open status`, async () => {
      const world = await loadActive();
      const { relationships, ids, alice, generalHospital } = world;
      const by = side === "alice" ? ids.alice : ids.hospital;

      for (const suspendedBy of [undefined, alice, generalHospital]) {
        if (suspendedBy !== undefined) {
          await activate(world, alice, generalHospital);
          await relationships.connect(suspendedBy).suspend(ids.alice, ids.hospital);
        }
        const { nonce } = await relationshipOf(world);
        await expect(relationships.connect(world[side]).end(ids.alice, ids.hospital))
          .to.emit(relationships, "RelationshipEnded")
          .withArgs(ids.alice, ids.hospital, by);
        await expectRelationship(world, { status: Status.Ended, nonce: nonce + 1n });
        expect((await relationshipOf(world)).listed, "stays in the list").to.be.true;
      }
    });
  }

  it("is ended by the patient's signature, whoever sends it", async () => {
    const world = await loadActive();
    const { relationships, ids, alice, relayer } = world;
    const signed = await signReduction(world, "RelationshipEnd", alice);

    await expect(relationships.connect(relayer).endWithSig(ids.alice, ids.hospital, 1, signed))
      .to.emit(relationships, "RelationshipEnded")
      .withArgs(ids.alice, ids.hospital, ids.alice);

    await expectRelationship(world, { status: Status.Ended, nonce: 2n });
  });

  it("ends by itself at its term", async () => {
    const world = await load();
    const { relationships, ids, alice, generalHospital, networkHelpers } = world;
    const until = BigInt(await tomorrow(world));
    await activate(world, alice, generalHospital, until);

    await networkHelpers.time.increaseTo((until / 60n) * 60n - 1n);
    expect(await relationships.isActive(ids.alice, ids.hospital)).to.be.true;
    await networkHelpers.time.increaseTo((until / 60n) * 60n);
    await expectRelationship(world, { status: Status.Ended, nonce: 1n });
  });

  it("needs something to end: NotOpen", async () => {
    const world = await loadProposed();
    const { relationships, ids, alice, generalHospital } = world;

    for (const who of [alice, generalHospital]) {
      await expect(relationships.connect(who).end(ids.alice, ids.hospital))
        .to.be.revertedWithCustomError(relationships, "NotOpen")
        .withArgs(ids.alice, ids.hospital);
    }
    const signed = await signReduction(world, "RelationshipEnd", alice);
    await expect(relationships.endWithSig(ids.alice, ids.hospital, 1, signed))
      .to.be.revertedWithCustomError(relationships, "NotOpen")
      .withArgs(ids.alice, ids.hospital);
  });

  it("names the nonce that counts where it is signed: WrongNonce", async () => {
    const world = await loadActive();
    const { relationships, ids, alice } = world;
    const signed = await signReduction(world, "RelationshipEnd", alice, 2n);

    await expect(relationships.endWithSig(ids.alice, ids.hospital, 2, signed))
      .to.be.revertedWithCustomError(relationships, "WrongNonce")
      .withArgs(2, 1);
  });

  it("is the patient's where it is signed: NotEmpowered, NotAPerson", async () => {
    const world = await loadActive();
    const { registrar, relationships, ids, bob, generalHospital } = world;

    await expect(
      relationships.endWithSig(ids.alice, ids.hospital, 1, await signReduction(world, "RelationshipEnd", bob)),
    )
      .to.be.revertedWithCustomError(relationships, "NotEmpowered")
      .withArgs(ids.alice, ids.bob);
    await expect(
      relationships.endWithSig(
        ids.alice,
        ids.hospital,
        1,
        await signReduction(world, "RelationshipEnd", generalHospital),
      ),
    )
      .to.be.revertedWithCustomError(registrar, "NotAPerson")
      .withArgs(ids.hospital);
  });
});
