import { expect } from "chai";
import { fixture } from "../../devnet/index.js";
import { setListCount } from "../helpers/contracts/storage.js";
import { DAY, signApproval } from "../helpers/contracts/typed-data.js";
import {
  Status,
  TERMS,
  activate,
  digestOf,
  offerToAlice,
  populate,
  withRelationship,
} from "../helpers/contracts/world.js";
import {
  propose,
  relationshipOf,
  tomorrow,
  expectRelationship,
  expectActivation,
  signReduction,
  withProposal,
} from "../helpers/contracts/relationships.js";

const load = fixture(populate);
const loadActive = fixture(withRelationship);
const loadProposed = fixture(withProposal);

describe("PatientProviderRelationships: approve", () => {
  it("activates what was proposed", async () => {
    const world = await load();
    const { relationships, ids, alice } = world;
    const offer = await offerToAlice(world, { until: BigInt(await tomorrow(world)) });
    await propose(world, TERMS, offer.until);

    const approve = () => relationships.connect(alice).approve(ids.alice, ids.hospital, 1, TERMS, offer.until);
    await expectActivation(world, approve, offer);
  });

  it("activates by the patient's signature, whoever sends it", async () => {
    const world = await loadProposed();
    const { relationships, alice, relayer } = world;
    const offer = await offerToAlice(world, { nonce: 1n });
    const approval = await signApproval(world, alice, offer, { deadline: await tomorrow(world) });

    const approve = () => relationships.connect(relayer).approveWithSig(offer, approval);
    await expectActivation(world, approve, offer);
  });

  it("names the nonce that counts: WrongNonce", async () => {
    const { relationships, ids, alice } = await loadProposed();

    await expect(relationships.connect(alice).approve(ids.alice, ids.hospital, 2, TERMS, 0))
      .to.be.revertedWithCustomError(relationships, "WrongNonce")
      .withArgs(2, 1);
  });

  it("names the proposal's terms: TermsMismatch", async () => {
    const { relationships, ids, alice } = await loadProposed();
    const other = digestOf("other terms");

    await expect(relationships.connect(alice).approve(ids.alice, ids.hospital, 1, other, 0))
      .to.be.revertedWithCustomError(relationships, "TermsMismatch")
      .withArgs(other, TERMS.slice(0, 42));
  });

  it("names the proposal's end: EndMismatch", async () => {
    const { relationships, ids, alice } = await loadProposed();

    await expect(relationships.connect(alice).approve(ids.alice, ids.hospital, 1, TERMS, 600))
      .to.be.revertedWithCustomError(relationships, "EndMismatch")
      .withArgs(10, 0);
  });

  it("needs a proposal: NotProposed", async () => {
    const { relationships, ids, alice } = await load();

    await expect(relationships.connect(alice).approve(ids.alice, ids.hospital, 0, TERMS, 0))
      .to.be.revertedWithCustomError(relationships, "NotProposed")
      .withArgs(ids.alice, ids.hospital);
  });

  it("comes too late for a proposal that lapsed: NotProposed", async () => {
    const { relationships, ids, alice, networkHelpers } = await loadProposed();
    await networkHelpers.time.increase(31 * DAY);

    await expect(relationships.connect(alice).approve(ids.alice, ids.hospital, 1, TERMS, 0))
      .to.be.revertedWithCustomError(relationships, "NotProposed")
      .withArgs(ids.alice, ids.hospital);
  });

  it("comes too late for a proposal that outlived its own end: InvalidEnd", async () => {
    const world = await load();
    const { relationships, ids, alice, networkHelpers } = world;
    const until = BigInt(await tomorrow(world));
    await propose(world, TERMS, until);
    await networkHelpers.time.increaseTo(until);

    await expect(relationships.connect(alice).approve(ids.alice, ids.hospital, 1, TERMS, until))
      .to.be.revertedWithCustomError(relationships, "InvalidEnd")
      .withArgs(until);
  });

  it("is the patient's: nobody else's approval concerns the proposal", async () => {
    const { registrar, relationships, ids, bob, generalHospital, stranger } = await loadProposed();

    await expect(relationships.connect(bob).approve(ids.bob, ids.hospital, 1, TERMS, 0))
      .to.be.revertedWithCustomError(relationships, "NotProposed")
      .withArgs(ids.bob, ids.hospital);
    await expect(relationships.connect(generalHospital).approve(ids.alice, ids.hospital, 1, TERMS, 0))
      .to.be.revertedWithCustomError(registrar, "NotAPerson")
      .withArgs(ids.hospital);
    await expect(
      relationships.connect(stranger).approve(ids.alice, ids.hospital, 1, TERMS, 0),
    ).to.be.revertedWithCustomError(registrar, "NotRegistered");
  });

  it("is the patient's also where it is signed: NotEmpowered, NotAPerson", async () => {
    const world = await loadProposed();
    const { registrar, relationships, ids, bob, generalHospital } = world;
    const offer = await offerToAlice(world, { nonce: 1n });
    const deadline = await tomorrow(world);

    await expect(relationships.approveWithSig(offer, await signApproval(world, bob, offer, { deadline })))
      .to.be.revertedWithCustomError(relationships, "NotEmpowered")
      .withArgs(ids.alice, ids.bob);
    await expect(relationships.approveWithSig(offer, await signApproval(world, generalHospital, offer, { deadline })))
      .to.be.revertedWithCustomError(registrar, "NotAPerson")
      .withArgs(ids.hospital);
  });

  it("lists a provider once, however often the relationship reopens", async () => {
    const world = await loadActive();
    const { relationships, ids, alice, generalHospital } = world;
    for (let i = 0; i < 3; ++i) {
      await relationships.connect(alice).end(ids.alice, ids.hospital);
      await activate(world, alice, generalHospital);
    }

    expect(await relationships.providersOf(ids.alice, 0, 10)).to.deep.equal([ids.hospital]);
    expect(await relationships.providerCount(ids.alice)).to.equal(1);
  });

  it("panics when the list is full", async () => {
    const world = await loadProposed();
    const { relationships, ids, alice } = world;
    await setListCount(world, ids.alice, 65535n);
    expect(await relationships.providerCount(ids.alice)).to.equal(65535);

    await expect(relationships.connect(alice).approve(ids.alice, ids.hospital, 1, TERMS, 0)).to.be.revertedWithPanic(
      0x11,
    );
  });
});

describe("PatientProviderRelationships: decline", () => {
  it("declines a proposal", async () => {
    const world = await loadProposed();
    const { relationships, ids, alice } = world;

    await expect(relationships.connect(alice).decline(ids.alice, ids.hospital, 1))
      .to.emit(relationships, "RelationshipDeclined")
      .withArgs(ids.alice, ids.hospital, 1);

    await expectRelationship(world, { status: Status.Declined, nonce: 2n });
    expect((await relationshipOf(world)).listed).to.be.false;
  });

  it("declines by the patient's signature, whoever sends it", async () => {
    const world = await loadProposed();
    const { relationships, ids, alice, relayer } = world;
    const signed = await signReduction(world, "RelationshipDecline", alice);

    await expect(relationships.connect(relayer).declineWithSig(ids.alice, ids.hospital, 1, signed))
      .to.emit(relationships, "RelationshipDeclined")
      .withArgs(ids.alice, ids.hospital, 1);

    await expectRelationship(world, { status: Status.Declined, nonce: 2n });
  });

  it("names the nonce that counts: WrongNonce", async () => {
    const { relationships, ids, alice } = await loadProposed();

    await expect(relationships.connect(alice).decline(ids.alice, ids.hospital, 0))
      .to.be.revertedWithCustomError(relationships, "WrongNonce")
      .withArgs(0, 1);
  });

  it("needs a proposal: NotProposed", async () => {
    const { relationships, ids, alice } = await loadActive();

    await expect(relationships.connect(alice).decline(ids.alice, ids.hospital, 1))
      .to.be.revertedWithCustomError(relationships, "NotProposed")
      .withArgs(ids.alice, ids.hospital);
  });

  it("has to be signed by the patient: NotEmpowered", async () => {
    const world = await loadProposed();
    const { relationships, ids, bob } = world;
    const signed = await signReduction(world, "RelationshipDecline", bob);

    await expect(relationships.declineWithSig(ids.alice, ids.hospital, 1, signed))
      .to.be.revertedWithCustomError(relationships, "NotEmpowered")
      .withArgs(ids.alice, ids.bob);
  });
});
