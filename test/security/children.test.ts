import { expect } from "chai";
import { id as keccakOfText, type Signer } from "ethers";

import { decree } from "../helpers/contracts/decrees.js";
import { fixture, PAYER, PROVIDER } from "../../devnet/index.js";
import {
  ALL,
  BOBS,
  HRESCH,
  NONE,
  TREAT,
  bobsGrant,
  registerChild,
  startOf,
  withDelegate,
  yearOf,
  type DelegateWorld,
} from "../helpers/contracts/delegates.js";
import { GENOMIC, SUMMARY } from "../helpers/contracts/grants.js";
import { inTwoMonths } from "../helpers/contracts/recovery.js";
import { signAtRegistrar } from "../helpers/contracts/signatures.js";
import { DAY, authorize, grantMessage, type Grant } from "../helpers/contracts/typed-data.js";
import { digestOf } from "../helpers/contracts/world.js";

const sees = (
  { consents, ids }: DelegateWorld,
  viewer: bigint,
  category: number,
  purpose = TREAT,
  patient = ids.alice,
) => consents.canView(patient, ids.hospital, viewer, category, purpose);

/** A grant that bob signed in alice's place. */
const signFor = async (world: DelegateWorld, given: Grant, by: Signer = world.bob, patient = world.ids.alice) =>
  authorize(
    world.consents,
    "Grant",
    await grantMessage(world, patient, given, { deadline: await inTwoMonths(world) }),
    by,
  );

describe("A child's representative", () => {
  const loadChild = fixture(async () => {
    const world = await withDelegate();
    const year = (await yearOf(world)) + 2;
    const child = await registerChild(world, world.alice, year);
    return { ...world, child, year, ends: startOf(year + 1) };
  });
  type ChildWorld = Awaited<ReturnType<typeof loadChild>>;

  /** Time goes on, and the licences are renewed: what ends is none of theirs. */
  async function goTo(world: ChildWorld, time: number) {
    await world.networkHelpers.time.increaseTo(time - 1000);
    for (const [id, name, role] of [
      [world.ids.hospital, "General Hospital", PROVIDER],
      [world.ids.insurer, "Insurer", PAYER],
    ] as const) {
      await decree(world, "license", [id, keccakOfText(name), role, time + 300 * DAY]);
    }
    await world.networkHelpers.time.increaseTo(time);
  }

  const childs = (world: ChildWorld, change: Partial<Grant> = {}) =>
    bobsGrant(world, { categories: 0b111111, until: BigInt(world.ends), ...change });

  async function comeOfAge(world: ChildWorld, account = world.newPhone) {
    const { registrar, generalHospital, child } = world;
    const keyDocument = digestOf("a key that only the child has");
    const message = { child, account: account.address, keyDocument };
    const joining = await signAtRegistrar(world, "ComingOfAgeAccount", account, message);
    const attested = await signAtRegistrar(world, "ComingOfAge", generalHospital, message);
    return registrar.connect(world.relayer).comeOfAge(child, keyDocument, joining, attested);
  }

  it("has every power until the end of the year, and then none", async () => {
    const world = await loadChild();
    const { consents, delegates, relationships, alice, ids, child, ends, networkHelpers } = world;
    await goTo(world, ends - 60);
    expect(await delegates.powersOf(child, ids.alice)).to.deep.equal([Object.values(ALL).map(big), BigInt(ends)]);
    expect(await sees(world, ids.alice, GENOMIC, TREAT, child)).to.be.true;

    await networkHelpers.time.increaseTo(ends);
    expect(await delegates.powersOf(child, ids.alice)).to.deep.equal([NONE, 0n]);
    expect(await sees(world, ids.alice, SUMMARY, TREAT, child)).to.be.false;
    await expect(consents.connect(alice).grant(child, childs(world, { until: BigInt(ends + DAY) })))
      .to.be.revertedWithCustomError(consents, "NotEmpowered")
      .withArgs(child, ids.alice);
    await expect(relationships.connect(alice).end(child, ids.hospital))
      .to.be.revertedWithCustomError(relationships, "NotEmpowered")
      .withArgs(child, ids.alice);
  });

  it("grants nothing that outlasts the year, and nothing for research", async () => {
    const world = await loadChild();
    const { consents, alice, ids, child, ends } = world;
    await consents.connect(alice).grant(child, childs(world));
    expect(await sees(world, ids.insurer, SUMMARY, TREAT, child)).to.be.true;
    await expect(consents.connect(alice).grant(child, childs(world, { until: BigInt(ends) + 1n })))
      .to.be.revertedWithCustomError(consents, "ExpiryTooFar")
      .withArgs(ends + 1, ends);
    await expect(consents.connect(alice).grant(child, childs(world, { purpose: HRESCH })))
      .to.be.revertedWithCustomError(consents, "NotEmpowered")
      .withArgs(child, ids.alice);

    await goTo(world, ends - 2000);
    expect(await sees(world, ids.insurer, SUMMARY, TREAT, child)).to.be.true;
    await goTo(world, ends);
    expect(await sees(world, ids.insurer, SUMMARY, TREAT, child)).to.be.false;
  });

  it("keeps nothing when the child comes of age: powers, grants and signatures end at once", async () => {
    const world = await loadChild();
    const { consents, delegates, registrar, relationships, alice, generalHospital, ids, child, year } = world;
    await goTo(world, startOf(year));
    const given = childs(world);
    await consents.connect(alice).grant(child, given);
    const other = childs(world, { viewer: ids.erin });
    const keptBack = await signFor(world, other, alice, child);
    await activateFor(world, generalHospital);
    expect(await sees(world, ids.insurer, SUMMARY, TREAT, child)).to.be.true;
    await comeOfAge(world);

    expect(await sees(world, ids.insurer, SUMMARY, TREAT, child)).to.be.false;
    expect(await sees(world, ids.alice, SUMMARY, TREAT, child)).to.be.false;
    expect(await delegates.powersOf(child, ids.alice)).to.deep.equal([NONE, 0n]);
    await expect(consents.grantWithSig(child, other, keptBack))
      .to.be.revertedWithCustomError(consents, "NotEmpowered")
      .withArgs(child, ids.alice);
    expect(await registrar.keyDocumentOf(child)).to.equal(digestOf("a key that only the child has"));
    expect(await relationships.isActive(child, ids.hospital), "who keeps records goes on to").to.be.true;
    await consents.connect(world.newPhone).grant(child, given);
  });

  it("appoints nobody for the child and isn't one whom the child can be rid of by a dismissal", async () => {
    const world = await loadChild();
    const { delegates, alice, bob, ids, child, until } = world;
    await delegates.connect(alice).appoint(ids.bob, ALL, until);

    expect(await delegates.powersOf(child, ids.bob)).to.deep.equal([NONE, 0n]);
    await expect(delegates.connect(alice).dismiss(child, ids.bob))
      .to.be.revertedWithCustomError(delegates, "NotEmpowered")
      .withArgs(child, ids.alice);
    await expect(delegates.connect(alice).dismiss(child, ids.alice))
      .to.be.revertedWithCustomError(delegates, "AppointedByInstitution")
      .withArgs(child, ids.alice, ids.hospital);
    await expect(delegates.connect(bob).dismiss(child, ids.alice)).to.be.revertedWithCustomError(
      delegates,
      "NotEmpowered",
    );
  });

  it("may be a delegate of the grown child's like anybody else", async () => {
    const world = await loadChild();
    const { delegates, alice, newPhone, ids, child, year } = world;
    await goTo(world, startOf(year));
    await comeOfAge(world);
    const until = startOf(year + 2);
    await delegates.connect(newPhone).appoint(ids.alice, BOBS, until);
    expect(await delegates.powersOf(child, ids.alice)).to.deep.equal([Object.values(BOBS).map(big), BigInt(until)]);

    await delegates.connect(alice).dismiss(child, ids.alice);
    expect(await delegates.powersOf(child, ids.alice)).to.deep.equal([NONE, 0n]);
  });

  it("whose key was stolen increases nothing for the child while the recovery is pending", async () => {
    const world = await loadChild();
    const { consents, registrar, alice, carol, dave, guardians, newPhone, ids, child } = world;
    await registrar.connect(carol).startRecovery(ids.alice, newPhone.address, guardians);
    await registrar.connect(dave).approveRecovery(ids.alice, ids.carol, 1, guardians);

    await expect(consents.connect(alice).grant(child, childs(world)))
      .to.be.revertedWithCustomError(registrar, "RecoveryPending")
      .withArgs(ids.alice);
    await expect(registrar.connect(alice).changeSettings(child, { knownOnly: false, longestGrant: 0, emergency: 255 }))
      .to.be.revertedWithCustomError(registrar, "RecoveryPending")
      .withArgs(ids.alice);
  });

  /** The hospital keeps the child's records. */
  async function activateFor(world: ChildWorld, hospital: Signer) {
    const { relationships, alice, child, ids } = world;
    await relationships.connect(hospital).propose(child, digestOf("the terms"), 0);
    await relationships.connect(alice).approve(child, ids.hospital, 1, digestOf("the terms"), 0);
    expect(await relationships.isActive(child, ids.hospital)).to.be.true;
  }
});

const big = (value: boolean | number) => (typeof value === "boolean" ? value : BigInt(value));
