import { expect } from "chai";
import { ZeroHash, type Signer } from "ethers";

import { fixture, keyDocumentOf } from "../../devnet/index.js";
import { grantToInsurer, inADay, mayView, SUMMARY } from "../helpers/contracts/grants.js";
import { DEFAULT_EMERGENCY, OWNER } from "../helpers/contracts/participants.js";
import { DAY, authorize, grantMessage, signGrant } from "../helpers/contracts/typed-data.js";
import { KEY_DOCUMENT, Status, activate, digestOf } from "../helpers/contracts/world.js";
import {
  NEW_KEY,
  Stage,
  approve,
  execute,
  inTwoMonths,
  isFrozen,
  pending,
  recover,
  stageOf,
  start,
  waitUntilDue,
  withGuardians,
  type RecoveryWorld,
} from "../helpers/contracts/recovery.js";
import { changeSettingsAs, revokeAllAs } from "../helpers/contracts/settings.js";

const load = fixture(withGuardians);

/** One more account for a participant, with everybody's consent. */
async function addAccount({ registrar, ...world }: RecoveryWorld, to: Signer, joining: Signer) {
  const participant = await registrar.participantOf(await to.getAddress());
  const [, signatureEpoch] = await registrar.epochsOf(participant);
  const account = await joining.getAddress();
  const message = { participant, account, signatureEpoch, deadline: await inTwoMonths(world) };
  return registrar.connect(to).addAccount(OWNER, await authorize(registrar, "AccountAddition", message, joining));
}

describe("Registrar: after a recovery, the former accounts", () => {
  it("act no more: AccountRetired", async () => {
    const world = await load();
    const { registrar, consents, alice, tablet } = world;
    await addAccount(world, alice, tablet);
    const granted = await grantToInsurer(world);
    await recover(world);

    for (const former of [alice, tablet]) {
      await expect(revokeAllAs(registrar, former))
        .to.be.revertedWithCustomError(registrar, "AccountRetired")
        .withArgs(former.address);
      await expect(consents.connect(former).grant(world.ids.alice, granted))
        .to.be.revertedWithCustomError(registrar, "AccountRetired")
        .withArgs(former.address);
      expect(await registrar.participantOf(former.address)).to.equal(0);
    }
  });

  it("sign nothing more that counts: AccountRetired", async () => {
    const world = await load();
    const { registrar, consents, alice, ids } = world;
    await recover(world);
    const granted = await grantToInsurer(world);
    // Under the counters as they are now.
    const message = await grantMessage(world, world.ids.alice, granted, await inADay(world));
    const signed = await authorize(consents, "Grant", message, alice);

    await expect(consents.grantWithSig(ids.alice, granted, signed))
      .to.be.revertedWithCustomError(registrar, "AccountRetired")
      .withArgs(alice.address);
  });

  it("don't register as somebody else: AlreadyRegistered", async () => {
    const world = await load();
    await recover(world);

    await expect(world.registrar.connect(world.alice).registerPatient(KEY_DOCUMENT))
      .to.be.revertedWithCustomError(world.registrar, "AlreadyRegistered")
      .withArgs(world.alice.address);
  });

  it("don't join again without another recovery: AlreadyRegistered", async () => {
    const world = await load();
    const { registrar, alice, newPhone } = world;
    await recover(world);

    await expect(addAccount(world, newPhone, alice))
      .to.be.revertedWithCustomError(registrar, "AlreadyRegistered")
      .withArgs(alice.address);
  });

  it("count in the next account epoch and no earlier one", async () => {
    const world = await load();
    await recover(world);

    expect((await world.registrar.participant(world.ids.alice)).accountEpoch).to.equal(1);
    expect((await world.registrar.accountOf(world.newPhone.address)).epoch).to.equal(1);
    expect((await world.registrar.accountOf(world.alice.address)).epoch).to.equal(0);
  });
});

describe("Registrar: a recovery to an account that the person had before", () => {
  it("takes a dead one back", async () => {
    const world = await load();
    const { registrar, alice, ids, networkHelpers } = world;
    await recover(world);
    await networkHelpers.time.increase(DAY);
    await start(world, world.carol, { newAccount: alice.address });
    await approve(world, world.dave, { number: 2n });
    await waitUntilDue(world, { number: 2n });
    await execute(world, { by: alice, number: 2n });

    expect(await registrar.participantOf(alice.address)).to.equal(ids.alice);
    expect(await registrar.participantOf(world.newPhone.address)).to.equal(0);
  });

  it("takes a retired one back, which stays", async () => {
    const world = await load();
    const { registrar, alice, tablet, ids, networkHelpers } = world;
    await addAccount(world, alice, tablet);
    await registrar.connect(alice).retireAccount(tablet.address);
    await networkHelpers.time.increase(30 * DAY);
    expect(await registrar.participantOf(tablet.address)).to.equal(0);
    await start(world, world.carol, { newAccount: tablet.address });
    await approve(world);
    await waitUntilDue(world);
    await execute(world, { by: tablet });

    expect(await registrar.participantOf(tablet.address)).to.equal(ids.alice);
    expect((await registrar.accountOf(tablet.address)).retiresAt).to.equal(0);
  });

  it("leaves one that still acts as the only one", async () => {
    const world = await load();
    const { registrar, alice, tablet, ids } = world;
    await addAccount(world, alice, tablet);
    await start(world, world.carol, { newAccount: tablet.address });
    await approve(world);
    await waitUntilDue(world);
    await execute(world, { by: tablet });

    expect(await registrar.participantOf(tablet.address)).to.equal(ids.alice);
    expect(await registrar.participantOf(alice.address)).to.equal(0);
  });

  it("revives nothing that the account signed before", async () => {
    const world = await load();
    const { consents, alice, ids } = world;
    const granted = await grantToInsurer(world);
    const keptBack = await signGrant(world, alice, granted, { deadline: await inTwoMonths(world) });
    await start(world, world.carol, { newAccount: alice.address });
    await approve(world);
    await waitUntilDue(world);
    await execute(world, { by: alice });

    await expect(consents.grantWithSig(ids.alice, granted, keptBack)).to.be.revertedWithCustomError(
      consents,
      "InvalidSignature",
    );
  });
});

describe("Registrar: a recovery", () => {
  it("begins a new access epoch: every grant and every delegate is over", async () => {
    const world = await load();
    const { consents, delegates, registrar, alice, ids } = world;
    const granted = await grantToInsurer(world);
    await consents.connect(alice).grant(ids.alice, granted);
    const powers = { approving: true, granting: 255, viewing: 255 };
    await delegates.connect(alice).appoint(ids.bob, powers, granted.until);
    const [accessEpoch, signatureEpoch] = await registrar.epochsOf(ids.alice);
    expect(await mayView(world, granted, SUMMARY)).to.be.true;
    await recover(world);

    expect(await registrar.epochsOf(ids.alice)).to.deep.equal([accessEpoch + 1n, signatureEpoch + 1n]);
    expect(await mayView(world, granted, SUMMARY)).to.be.false;
    expect(await delegates.powersOf(ids.alice, ids.bob)).to.deep.equal([[false, 0n, 0n], 0n]);
    expect(await consents.canView(ids.alice, ids.hospital, ids.bob, SUMMARY, 0)).to.be.false;
  });

  it("leaves the relationships", async () => {
    const world = await load();
    const { relationships, alice, generalHospital, ids } = world;
    await activate(world, alice, generalHospital);
    await recover(world);

    expect(await relationships.isActive(ids.alice, ids.hospital)).to.be.true;
    const { status, nonce } = await relationships.relationship(ids.alice, ids.hospital);
    expect([status, nonce]).to.deep.equal([Status.Active, 1n]);
  });

  it("leaves the person free to act, from the new account", async () => {
    const world = await load();
    const { consents, newPhone } = world;
    await recover(world);
    const granted = await grantToInsurer(world);

    expect(await isFrozen(world)).to.be.false;
    await consents.connect(newPhone).grant(world.ids.alice, granted);
    expect(await mayView(world, granted, SUMMARY)).to.be.true;
  });

  it("drops a change of keys that doesn't count yet", async () => {
    const world = await load();
    const { registrar, alice, ids } = world;
    const keyDocument = await registrar.keyDocumentOf(ids.alice);
    await registrar.connect(alice).changeKey(digestOf("a thief's key"));
    await pending(world);
    await waitUntilDue(world);
    expect(await registrar.keyDocumentOf(ids.alice), "it doesn't come to count under the freeze").to.equal(keyDocument);
    expect((await registrar.keyChangeOf(ids.alice)).keyDocument).to.equal(digestOf("a thief's key"));

    await expect(execute(world)).to.emit(registrar, "KeyChangeCancelled").withArgs(ids.alice);
    expect(await registrar.keyChangeOf(ids.alice)).to.deep.equal([ZeroHash, 0n]);
    await world.networkHelpers.time.increase(10 * DAY);
    expect(await registrar.keyDocumentOf(ids.alice)).to.equal(keyDocument);
    expect(await registrar.keyVersionOf(ids.alice)).to.equal(1);
  });

  it("puts the key that the new account names in the place of one that counts already", async () => {
    const world = await load();
    const { registrar, alice, ids, networkHelpers } = world;
    await registrar.connect(alice).changeKey(digestOf("a thief's key"));
    await networkHelpers.time.increase(3 * DAY);
    await pending(world);
    expect(await registrar.keyDocumentOf(ids.alice), "what counted before goes on to count").to.equal(
      digestOf("a thief's key"),
    );
    await waitUntilDue(world);

    await expect(execute(world, { keyDocument: NEW_KEY })).to.emit(registrar, "KeyChanging");
    expect(await registrar.keyDocumentOf(ids.alice)).to.equal(NEW_KEY);
    expect(await registrar.keyVersionOf(ids.alice)).to.equal(3);
    expect(await registrar.keyChangeOf(ids.alice)).to.deep.equal([ZeroHash, 0n]);
  });

  it("keeps the key where the new account names none", async () => {
    const world = await load();
    await recover(world);

    expect(await world.registrar.keyDocumentOf(world.ids.alice)).to.equal(keyDocumentOf("Alice"));
    expect(await world.registrar.keyVersionOf(world.ids.alice)).to.equal(1);
  });

  it("calls off a change of guardians that doesn't count yet, also one that waited out the freeze", async () => {
    const world = await load();
    const { registrar, alice, ids, digest, networkHelpers } = world;
    await registrar.connect(alice).changeGuardians(digestOf("a thief's guardians"));
    await networkHelpers.time.increase(29 * DAY);
    await recover(world);

    expect(await registrar.guardiansOf(ids.alice)).to.equal(digest);
    expect(await registrar.guardianChangeOf(ids.alice)).to.deep.equal([ZeroHash, 0n]);
    await networkHelpers.time.increase(60 * DAY);
    expect(await registrar.guardiansOf(ids.alice)).to.equal(digest);
  });

  it("narrows the emergency policy to the default and leaves the other settings", async () => {
    const world = await load();
    const { registrar, alice, ids } = world;
    await changeSettingsAs(registrar, alice, { knownOnly: true, longestGrant: 30, emergency: 0b11111110 });
    await recover(world);

    expect(await registrar.settingsOf(ids.alice)).to.deep.equal([true, 30n, BigInt(DEFAULT_EMERGENCY & 0b11111110)]);
  });

  it("opts nobody in to emergencies who opted out", async () => {
    const world = await load();
    const { registrar, alice, ids } = world;
    await changeSettingsAs(registrar, alice, { knownOnly: false, longestGrant: 0, emergency: 0 });
    await recover(world);

    expect(await registrar.settingsOf(ids.alice)).to.deep.equal([false, 0n, 0n]);
  });

  it("ends every other one that was under way", async () => {
    const world = await load();
    const { registrar, frank, erin, mallory, ids } = world;
    await start(world, frank, { newAccount: mallory.address });
    await pending(world);
    await start(world, erin);
    await waitUntilDue(world);
    await execute(world);

    for (const starter of [ids.frank, ids.erin]) {
      expect(await stageOf(world, starter)).to.equal(Stage.None);
      await expect(approve(world, world.dave, { starter })).to.be.revertedWithCustomError(registrar, "NoSuchRecovery");
    }
  });
});
