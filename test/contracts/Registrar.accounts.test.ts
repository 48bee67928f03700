import { anyUint } from "@nomicfoundation/hardhat-ethers-chai-matchers/withArgs";
import { expect } from "chai";

import { RETIREMENT_DELAY, WAYS, add, loadTwo, retire, signatureEpoch } from "../helpers/contracts/accounts.js";
import { fixture } from "../../devnet/index.js";
import { Kind, OPERATOR, OWNER } from "../helpers/contracts/participants.js";
import { pending, withGuardians } from "../helpers/contracts/recovery.js";
import { inADay, signAtRegistrar, signJoining } from "../helpers/contracts/signatures.js";
import { KEY_DOCUMENT, now } from "../helpers/contracts/world.js";
import { revokeAllAs } from "../helpers/contracts/settings.js";

const load = fixture(withGuardians);

for (const way of WAYS) {
  describe(`Registrar: adding an account, ${way}`, () => {
    it("gives the participant one more account, which may do what the first one may", async () => {
      const world = await load();
      const { registrar, alice, tablet, ids } = world;
      const epoch = await signatureEpoch(world, ids.alice);

      await expect(add(world, way, alice, await signJoining(world, tablet, ids.alice)))
        .to.emit(registrar, "AccountAdded")
        .withArgs(ids.alice, tablet.address, OWNER, anyUint);

      for (const account of [alice, tablet]) {
        expect(await registrar.participantOf(account.address)).to.equal(ids.alice);
        expect(await registrar.authenticatePatient(account.address)).to.equal(ids.alice);
        expect((await registrar.accountOf(account.address)).slice(0, 4)).to.deep.equal([
          ids.alice,
          Kind.PERSON,
          OWNER,
          0n,
        ]);
      }
      expect(await signatureEpoch(world, ids.alice), "nothing else that was signed dies").to.equal(epoch);
      await expect(revokeAllAs(registrar, tablet)).to.emit(registrar, "AllRevoked").withArgs(ids.alice, 1);
    });

    it("takes no account that somebody has: AlreadyRegistered", async () => {
      const world = await load();
      const { registrar, alice, bob, generalHospital, ids } = world;

      for (const account of [alice, bob, generalHospital]) {
        await expect(add(world, way, alice, await signJoining(world, account, ids.alice)))
          .to.be.revertedWithCustomError(registrar, "AlreadyRegistered")
          .withArgs(account.address);
      }
    });

    it("takes no account that somebody once had: AlreadyRegistered", async () => {
      const world = await loadTwo();
      const { registrar, alice, bob, tablet, ids, networkHelpers } = world;
      await retire(world, "direct", alice, tablet.address);
      await networkHelpers.time.increase(RETIREMENT_DELAY);

      for (const [by, id] of [
        [alice, ids.alice],
        [bob, ids.bob],
      ] as const) {
        await expect(add(world, way, by, await signJoining(world, tablet, id)))
          .to.be.revertedWithCustomError(registrar, "AlreadyRegistered")
          .withArgs(tablet.address);
      }
      await expect(registrar.connect(tablet).registerPatient(KEY_DOCUMENT)).to.be.revertedWithCustomError(
        registrar,
        "AlreadyRegistered",
      );
    });

    it("takes no account that wasn't asked, or asked to join another: InvalidSignature", async () => {
      const world = await load();
      const { registrar, alice, bob, tablet, ids } = world;
      const forged = {
        ...(await signJoining(world, bob, ids.alice, { account: tablet.address })),
        account: tablet.address,
      };
      const others = await signJoining(world, tablet, ids.bob);

      for (const joining of [forged, others]) {
        await expect(add(world, way, alice, joining))
          .to.be.revertedWithCustomError(registrar, "InvalidSignature")
          .withArgs(tablet.address);
      }
    });

    it("takes no account that asked long ago: SignatureExpired", async () => {
      const world = await load();
      const { registrar, alice, tablet, ids } = world;
      const deadline = BigInt((await now(world)) - 1);

      await expect(add(world, way, alice, await signJoining(world, tablet, ids.alice, { deadline })))
        .to.be.revertedWithCustomError(registrar, "SignatureExpired")
        .withArgs(deadline);
    });

    it("is refused while a recovery is pending: RecoveryPending", async () => {
      const world = await load();
      const { registrar, alice, tablet, ids } = world;
      await pending(world);

      await expect(add(world, way, alice, await signJoining(world, tablet, ids.alice)))
        .to.be.revertedWithCustomError(registrar, "RecoveryPending")
        .withArgs(ids.alice);
    });

    it("is for those who are registered: NotRegistered", async () => {
      const world = await load();
      const { registrar, stranger, tablet } = world;

      await expect(add(world, way, stranger, await signJoining(world, tablet, 0n)))
        .to.be.revertedWithCustomError(registrar, "NotRegistered")
        .withArgs(stranger.address);
    });
  });
}

describe("Registrar: accounts", () => {
  it("takes no invitation that was signed before a retirement: InvalidSignature", async () => {
    const world = await loadTwo();
    const { registrar, alice, tablet, newPhone, relayer, ids } = world;
    const joining = await signJoining(world, newPhone, ids.alice);
    const inviting = await signAtRegistrar(world, "AccountInvitation", tablet, {
      account: newPhone.address,
      scope: "owner",
    });
    await retire(world, "direct", alice, tablet.address);

    await expect(registrar.connect(relayer).addAccountWithSig(OWNER, joining, inviting))
      .to.be.revertedWithCustomError(registrar, "InvalidSignature")
      .withArgs(tablet.address);
  });

  it("takes no invitation after its deadline: SignatureExpired", async () => {
    const world = await load();
    const { registrar, alice, tablet, relayer, ids } = world;
    const deadline = BigInt((await now(world)) - 1);
    const joining = await signJoining(world, tablet, ids.alice, { deadline: await inADay(world) });
    const inviting = await signAtRegistrar(world, "AccountInvitation", alice, {
      account: tablet.address,
      scope: "owner",
      deadline,
    });

    await expect(registrar.connect(relayer).addAccountWithSig(OWNER, joining, inviting))
      .to.be.revertedWithCustomError(registrar, "SignatureExpired")
      .withArgs(deadline);
  });

  it("are none for who is nobody", async () => {
    const { registrar, stranger } = await load();

    expect(await registrar.accountOf(stranger.address)).to.deep.equal([0n, Kind.NONE, OPERATOR, 0n, 0n, 0n]);
  });
});
