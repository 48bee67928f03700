import { expect } from "chai";
import { id as keccakOfText } from "ethers";

import { PROVIDER } from "../../devnet/index.js";
import { loadChild, loadOfAge, takeOver, type ChildWorld } from "../helpers/contracts/child-world.js";
import { GROWN_KEY, startOf } from "../helpers/contracts/children.js";
import { decree, suspend } from "../helpers/contracts/decrees.js";
import { pending } from "../helpers/contracts/recovery.js";
import { signAtRegistrar } from "../helpers/contracts/signatures.js";
import { DAY } from "../helpers/contracts/typed-data.js";
import { now } from "../helpers/contracts/world.js";

/**
 * Coming of age didn't ask whether the representative was frozen: a thief of the representative's key gave the child to an account of its
 * own, with any clinic that would attest it. It worked for a representative whose time was over. And in the year itself a representative
 * killed each attempt by moving the counter that the account's signature named.
 */
/** Licenses the laboratory for ten years: it is the other clinic. */
const licenseLaboratory = async (world: ChildWorld) => {
  const until = (await now(world)) + 10 * 365 * DAY;
  return decree(world, "license", [world.ids.laboratory, keccakOfText("Laboratory"), PROVIDER, until]);
};

describe("A child that comes of age", () => {
  it("isn't given away by another clinic and a representative whose recovery is pending", async () => {
    const world = await loadOfAge();
    const { registrar, alice, laboratory, ids } = world;
    await pending(world);

    await expect(takeOver(world, { clinic: laboratory, sender: alice }))
      .to.be.revertedWithCustomError(registrar, "RecoveryPending")
      .withArgs(ids.alice);
    await expect(takeOver(world), "its own clinic needs no representative").to.emit(registrar, "CameOfAge");
  });

  it("isn't given away by another clinic and a representative whose time is over", async () => {
    const world = await loadChild();
    const { registrar, alice, laboratory, ids, child, year, networkHelpers } = world;
    await licenseLaboratory(world);
    await networkHelpers.time.increaseTo(startOf(year + 1) + 40 * DAY);

    await expect(takeOver(world, { clinic: laboratory, sender: alice }))
      .to.be.revertedWithCustomError(registrar, "NotTheRepresentative")
      .withArgs(child, ids.alice);
  });

  it("is attested by another clinic, without a representative, once the year is over and the first clinic is no more", async () => {
    const world = await loadChild();
    const { registrar, bob, laboratory, ids, child, year, networkHelpers } = world;
    await licenseLaboratory(world);
    await networkHelpers.time.increaseTo(startOf(year + 1) - 4 * DAY);
    await suspend(world, ids.hospital);
    await expect(takeOver(world, { clinic: laboratory, sender: bob }), "in the year")
      .to.be.revertedWithCustomError(registrar, "NotTheRepresentative")
      .withArgs(child, ids.bob);
    await decree(world, "confirmSuspension", [ids.hospital]);
    await networkHelpers.time.increaseTo(startOf(year + 1) + DAY);

    await expect(takeOver(world, { clinic: laboratory, sender: bob })).to.emit(registrar, "CameOfAge");
  });

  it("isn't given away by a suspension without a delay, which anybody with another clinic could bring about", async () => {
    const world = await loadChild();
    const { registrar, bob, laboratory, ids, child, year, networkHelpers } = world;
    await licenseLaboratory(world);
    await networkHelpers.time.increaseTo(startOf(year + 1) + DAY);
    await suspend(world, ids.hospital);

    await expect(takeOver(world, { clinic: laboratory, sender: bob }))
      .to.be.revertedWithCustomError(registrar, "NotTheRepresentative")
      .withArgs(child, ids.bob);
    await networkHelpers.time.increase(15 * DAY);
    await expect(takeOver(world), "the first clinic does it once the suspension is over").to.emit(
      registrar,
      "CameOfAge",
    );
  });

  it("isn't stopped by a representative who moves the child's counters first", async () => {
    const world = await loadOfAge();
    const { registrar, alice, newPhone, generalHospital, relayer, child } = world;
    const message = { child, account: newPhone.address, keyDocument: GROWN_KEY };
    const joining = await signAtRegistrar(world, "ComingOfAgeAccount", newPhone, message);
    const attested = await signAtRegistrar(world, "ComingOfAge", generalHospital, message);
    await registrar.connect(alice).revokeAll(child);
    await registrar.connect(alice).changeSettings(child, { knownOnly: true, longestGrant: 1, emergency: 0 });

    await expect(registrar.connect(relayer).comeOfAge(child, GROWN_KEY, joining, attested))
      .to.emit(registrar, "CameOfAge")
      .withArgs(child, newPhone.address);
  });
});
