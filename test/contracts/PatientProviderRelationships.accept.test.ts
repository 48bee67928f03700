import { expect } from "chai";
import { ZeroHash } from "ethers";
import { fixture } from "../../devnet/index.js";
import { signApproval, signOffer, type Offer } from "../helpers/contracts/typed-data.js";
import {
  Status,
  activate,
  now,
  offerToAlice,
  populate,
  withRelationship,
  type World,
} from "../helpers/contracts/world.js";
import { tomorrow, expectRelationship, expectActivation, withProposal } from "../helpers/contracts/relationships.js";

const load = fixture(populate);
const loadActive = fixture(withRelationship);
const loadProposed = fixture(withProposal);

describe("PatientProviderRelationships: accept and establish", () => {
  it("activates an offer that the provider signed and the patient sends", async () => {
    const world = await load();
    const { relationships, alice, generalHospital } = world;
    const offer = await offerToAlice(world, { until: BigInt(await tomorrow(world)) });
    const signed = await signOffer(world, generalHospital, offer, { deadline: await tomorrow(world) });

    await expectActivation(world, () => relationships.connect(alice).accept(offer, signed), offer);
  });

  it("activates an offer under both signatures, whoever sends it", async () => {
    const world = await load();
    const { relationships, alice, generalHospital, relayer } = world;
    const offer = await offerToAlice(world);
    const deadline = await tomorrow(world);
    const offered = await signOffer(world, generalHospital, offer, { deadline });
    const approved = await signApproval(world, alice, offer, { deadline });

    const establish = () => relationships.connect(relayer).establish(offer, offered, approved);
    await expectActivation(world, establish, offer);
  });

  it("can reopen what a proposal can reopen", async () => {
    const world = await loadActive();
    await world.relationships.connect(world.alice).end(world.ids.alice, world.ids.hospital);
    await activate(world, world.alice, world.generalHospital);

    await expectRelationship(world, { status: Status.Active, nonce: 3n });
  });

  const refusals: [string, string, (world: World) => Promise<Partial<Offer>>][] = [
    ["terms", "MissingTerms", async () => ({ termsDigest: ZeroHash })],
    ["the next nonce, not the current one", "WrongNonce", async () => ({ nonce: 0n })],
    ["the next nonce, not one further on", "WrongNonce", async () => ({ nonce: 2n })],
    ["an end ahead", "InvalidEnd", async (world) => ({ until: BigInt(await now(world)) })],
    ["an end that fits", "InvalidEnd", async () => ({ until: 2n ** 40n - 1n })],
  ];
  for (const [what, error, change] of refusals) {
    it(`needs ${what}: ${error}`, async () => {
      const world = await load();
      const { relationships, alice, generalHospital } = world;
      const offer = await offerToAlice(world, await change(world));
      const signed = await signOffer(world, generalHospital, offer, { deadline: await tomorrow(world) });

      await expect(relationships.connect(alice).accept(offer, signed)).to.be.revertedWithCustomError(
        relationships,
        error,
      );
    });
  }

  it("isn't taken over an open relationship or a proposal: AlreadyOpen", async () => {
    for (const world of [await loadActive(), await loadProposed()]) {
      const { relationships, ids, alice, generalHospital } = world;
      const offer = await offerToAlice(world);
      const signed = await signOffer(world, generalHospital, offer, { deadline: await tomorrow(world) });

      await expect(relationships.connect(alice).accept(offer, signed))
        .to.be.revertedWithCustomError(relationships, "AlreadyOpen")
        .withArgs(ids.alice, ids.hospital);
    }
  });

  it("isn't taken of a provider that the patient blocks: Blocked", async () => {
    const world = await load();
    const { relationships, ids, alice, generalHospital } = world;
    await relationships.connect(alice).blockProvider(ids.alice, ids.hospital);
    const offer = await offerToAlice(world);
    const signed = await signOffer(world, generalHospital, offer, { deadline: await tomorrow(world) });

    await expect(relationships.connect(alice).accept(offer, signed))
      .to.be.revertedWithCustomError(relationships, "Blocked")
      .withArgs(ids.alice, ids.hospital);
  });

  it("is the patient's to take: NotEmpowered, NotAPerson, NotRegistered", async () => {
    const world = await load();
    const { registrar, relationships, ids, bob, generalHospital, stranger } = world;
    const offer = await offerToAlice(world);
    const signed = await signOffer(world, generalHospital, offer, { deadline: await tomorrow(world) });

    await expect(relationships.connect(bob).accept(offer, signed))
      .to.be.revertedWithCustomError(relationships, "NotEmpowered")
      .withArgs(ids.alice, ids.bob);
    await expect(relationships.connect(generalHospital).accept(offer, signed))
      .to.be.revertedWithCustomError(registrar, "NotAPerson")
      .withArgs(ids.hospital);
    await expect(relationships.connect(stranger).accept(offer, signed))
      .to.be.revertedWithCustomError(registrar, "NotRegistered")
      .withArgs(stranger.address);
  });

  it("has to be signed by the provider that it names: NotEmpowered", async () => {
    const world = await load();
    const { relationships, ids, alice, laboratory } = world;
    const offer = await offerToAlice(world);
    const signed = await signOffer(world, laboratory, offer, { deadline: await tomorrow(world) });

    await expect(relationships.connect(alice).accept(offer, signed))
      .to.be.revertedWithCustomError(relationships, "NotEmpowered")
      .withArgs(ids.alice, ids.laboratory);
  });

  it("has to be signed by a provider with a live licence: NotALicensedProvider", async () => {
    const world = await load();
    const { registrar, relationships, ids, alice, generalHospital, authority } = world;
    const offer = await offerToAlice(world);
    const signed = await signOffer(world, generalHospital, offer, { deadline: await tomorrow(world) });
    await registrar.connect(authority).suspend(ids.hospital);

    await expect(relationships.connect(alice).accept(offer, signed))
      .to.be.revertedWithCustomError(registrar, "NotALicensedProvider")
      .withArgs(ids.hospital);
  });
});
