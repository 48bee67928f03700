import { expect } from "chai";
import { ZeroHash } from "ethers";

import { loadChild, loadOfAge, takeOver } from "../helpers/contracts/child-world.js";
import { GROWN_KEY, startOf } from "../helpers/contracts/children.js";
import { suspend } from "../helpers/contracts/decrees.js";
import { SUMMARY, grantToInsurer } from "../helpers/contracts/grants.js";
import { DAY } from "../helpers/contracts/typed-data.js";
import { KEY_DOCUMENT, now } from "../helpers/contracts/world.js";

describe("Registrar: coming of age", () => {
  it("gives the child an account and another key, and ends everything that the representative had or gave", async () => {
    const world = await loadOfAge();
    const { registrar, delegates, consents, alice, newPhone, ids, child } = world;
    const given = await grantToInsurer(world);
    await consents.connect(alice).grant(child, given);
    const before = await registrar.epochsOf(child);
    const time = (await now(world)) + 60;
    await world.networkHelpers.time.setNextBlockTimestamp(time);

    await expect(takeOver(world))
      .to.emit(registrar, "CameOfAge")
      .withArgs(child, newPhone.address)
      .and.to.emit(registrar, "KeyChanging")
      .withArgs(child, GROWN_KEY, 2, time)
      .and.to.emit(registrar, "AllRevoked")
      .withArgs(child, 1);

    expect(await registrar.authenticatePatient(newPhone.address)).to.equal(child);
    expect(await registrar.keyDocumentOf(child)).to.equal(GROWN_KEY);
    expect(await registrar.keyVersionOf(child)).to.equal(2);
    expect(await registrar.epochsOf(child)).to.deep.equal([before[0] + 1n, before[1] + 1n]);
    expect(await registrar.childhoodOf(child)).to.deep.equal([0n, 0n]);
    expect(await delegates.powersOf(child, ids.alice)).to.deep.equal([[false, 0n, 0n], 0n]);
    expect(await consents.canView(child, given.steward, given.viewer, SUMMARY, given.purpose)).to.be.false;
    expect(await consents.canView(child, given.steward, ids.alice, SUMMARY, given.purpose)).to.be.false;
  });

  it("leaves a person like any other, who may have been away for years", async () => {
    const world = await loadChild();
    const { registrar, consents, newPhone, child, year, networkHelpers } = world;
    await networkHelpers.time.increaseTo(startOf(year + 1) + 30 * DAY);
    await takeOver(world);
    const given = await grantToInsurer(world, { viewer: world.ids.bob });
    await consents.connect(newPhone).grant(child, given);
    await registrar.connect(newPhone).changeKey(KEY_DOCUMENT);

    expect(await consents.canView(child, given.steward, given.viewer, SUMMARY, given.purpose)).to.be.true;
    expect((await registrar.keyChangeOf(child)).keyDocument).to.equal(KEY_DOCUMENT);
  });

  it("ends the representative's power with the year, also where the child doesn't take over", async () => {
    const world = await loadChild();
    const { delegates, consents, alice, ids, child, year, networkHelpers } = world;
    await networkHelpers.time.increaseTo(startOf(year + 1) - 1);
    expect(await delegates.mayApprove(child, ids.alice)).to.be.true;
    await networkHelpers.time.increaseTo(startOf(year + 1));

    expect(await delegates.mayApprove(child, ids.alice)).to.be.false;
    await expect(consents.connect(alice).grant(child, await grantToInsurer(world)))
      .to.be.revertedWithCustomError(consents, "NotEmpowered")
      .withArgs(child, ids.alice);
  });

  it("begins with the year and not a second earlier: TooYoung", async () => {
    const world = await loadChild();
    const { registrar, child, year, networkHelpers } = world;
    await networkHelpers.time.increaseTo(startOf(year) - 60);
    await networkHelpers.time.setNextBlockTimestamp(startOf(year) - 1);
    await expect(takeOver(world)).to.be.revertedWithCustomError(registrar, "TooYoung").withArgs(child, year);
    await networkHelpers.time.setNextBlockTimestamp(startOf(year));

    await expect(takeOver(world)).to.emit(registrar, "CameOfAge");
  });

  it("is for children: NotAChild", async () => {
    const world = await loadOfAge();
    const { registrar, ids } = world;

    for (const id of [ids.bob, ids.hospital, 0n, 999n]) {
      await expect(takeOver({ ...world, child: id }))
        .to.be.revertedWithCustomError(registrar, "NotAChild")
        .withArgs(id);
    }
  });

  it("is once: NotAChild", async () => {
    const world = await loadOfAge();
    const { registrar, child, tablet } = world;
    await takeOver(world);

    await expect(takeOver(world, { account: tablet }))
      .to.be.revertedWithCustomError(registrar, "NotAChild")
      .withArgs(child);
  });

  it("may be attested by another clinic when the representative sends it", async () => {
    const world = await loadOfAge();
    const { registrar, alice, laboratory } = world;

    await expect(takeOver(world, { clinic: laboratory, sender: alice })).to.emit(registrar, "CameOfAge");
  });

  it("isn't attested by another clinic without the representative: NotTheRepresentative, NotAPerson, NotRegistered", async () => {
    const world = await loadOfAge();
    const { registrar, bob, laboratory, ids, child } = world;

    await expect(takeOver(world, { clinic: laboratory, sender: bob }))
      .to.be.revertedWithCustomError(registrar, "NotTheRepresentative")
      .withArgs(child, ids.bob);
    await expect(takeOver(world, { clinic: laboratory, sender: laboratory }))
      .to.be.revertedWithCustomError(registrar, "NotAPerson")
      .withArgs(ids.laboratory);
    await expect(takeOver(world, { clinic: laboratory })).to.be.revertedWithCustomError(registrar, "NotRegistered");
  });

  it("is attested by a licensed provider: NotALicensedProvider", async () => {
    const world = await loadOfAge();
    const { registrar, alice, insurer, ids } = world;
    await expect(takeOver(world, { clinic: insurer, sender: alice }))
      .to.be.revertedWithCustomError(registrar, "NotALicensedProvider")
      .withArgs(ids.insurer);
    await suspend(world, ids.hospital);

    await expect(takeOver(world))
      .to.be.revertedWithCustomError(registrar, "NotALicensedProvider")
      .withArgs(ids.hospital);
  });

  it("needs the clinic's signature for this account and this key: InvalidSignature", async () => {
    const world = await loadOfAge();
    const { registrar, generalHospital, tablet } = world;

    for (const clinic of [{ account: tablet.address }, { keyDocument: KEY_DOCUMENT }, { child: 1n }]) {
      await expect(takeOver(world, {}, { clinic }))
        .to.be.revertedWithCustomError(registrar, "InvalidSignature")
        .withArgs(generalHospital.address);
    }
  });

  it("needs the account's signature for this child: InvalidSignature", async () => {
    const world = await loadOfAge();
    const { registrar, newPhone, ids } = world;

    await expect(takeOver(world, {}, { joining: { child: ids.alice } }))
      .to.be.revertedWithCustomError(registrar, "InvalidSignature")
      .withArgs(newPhone.address);
    await expect(takeOver(world, {}, { joining: { keyDocument: KEY_DOCUMENT } }))
      .to.be.revertedWithCustomError(registrar, "InvalidSignature")
      .withArgs(newPhone.address);
  });

  it("needs both signatures in time: SignatureExpired", async () => {
    const world = await loadOfAge();
    const deadline = BigInt((await now(world)) - 1);

    for (const twist of [{ joining: { deadline } }, { clinic: { deadline } }]) {
      await expect(takeOver(world, {}, twist))
        .to.be.revertedWithCustomError(world.registrar, "SignatureExpired")
        .withArgs(deadline);
    }
  });

  it("takes no account that somebody has: AlreadyRegistered", async () => {
    const world = await loadOfAge();
    const { registrar, alice } = world;

    await expect(takeOver(world, { account: alice }))
      .to.be.revertedWithCustomError(registrar, "AlreadyRegistered")
      .withArgs(alice.address);
  });

  it("needs a key document: MissingKeyDocument", async () => {
    const world = await loadOfAge();

    await expect(takeOver(world, { keyDocument: ZeroHash })).to.be.revertedWithCustomError(
      world.registrar,
      "MissingKeyDocument",
    );
  });
});
