import { expect } from "chai";

import { CATEGORIES, EVERY_STEWARD, type Appointment, type Category } from "../../../src/sdk/index.js";
import { bytes, expectCode, HOUR, inFuture, text } from "../helpers.js";
import { type Actor, createDevnet, type Devnet, handOn, relate, throughJson, propose } from "../../../devnet/index.js";

const DAY = 24 * HOUR;

describe("a delegate", () => {
  let world: Devnet;
  let clinic: Actor;
  let lab: Actor;
  let alice: Actor;
  let bob: Actor;
  let patients = 0;
  before(async () => {
    world = await createDevnet();
    [clinic, lab] = await Promise.all([world.institution("General Hospital"), world.institution("Laboratory")]);
  });
  after(() => world.close());
  beforeEach(async () => {
    alice = await world.patient(`alice ${++patients}`);
    bob = await world.patient(`bob ${patients}`);
  });

  const appoint = async (changes: Partial<Appointment> = {}) =>
    alice.client.appointDelegate({ delegate: bob.id, until: await inFuture(world, 10 * DAY), ...changes });
  const powers = () => clinic.client.powersOf({ patient: alice.id, delegate: bob.id });
  const canView = (viewer: Actor, category: Category = "CARE") =>
    clinic.client.canView({ patient: alice.id, steward: alice.id, viewer: viewer.id, category, purpose: "TREAT" });
  const grantOf = async (categories: readonly Category[] = ["CARE"], changes: object = {}) => ({
    ...{ patient: alice.id, viewer: lab.id, categories, purpose: "TREAT" as const },
    until: await inFuture(world, DAY),
    ...changes,
  });

  describe("is appointed", () => {
    it("with powers and a term, which a further appointment replaces", async () => {
      expect(await powers()).to.equal(undefined);
      const until = await inFuture(world, 10 * DAY);
      const { events } = await appoint({ approve: true, grant: ["CARE", "SUMMARY"], view: ["SENSITIVE"], until });
      expect(events["DelegateAppointed"]).to.deep.include({ patient: BigInt(alice.id), source: 0n });
      const entry = { delegate: bob.id, approve: true, grant: ["SUMMARY", "CARE"], view: ["SENSITIVE"], until };
      expect(await powers()).to.deep.include({ ...entry, source: alice.id });
      expect(await bob.client.listDelegates({ patient: alice.id })).to.deep.equal([await powers()]);
      await appoint({ view: ["CARE"], until: until + 60 });
      const narrower = { delegate: bob.id, approve: false, grant: [], view: ["CARE"], until: until + 60 };
      expect(await powers()).to.deep.include(narrower);
      expect(await bob.client.listDelegates({ patient: alice.id }), "once").to.deep.equal([await powers()]);
    });

    it("beside others", async () => {
      await appoint({ view: ["CARE"] });
      const carol = await world.patient(`carol ${patients}`);
      await appoint({ delegate: carol.id, approve: true });
      const delegates = await clinic.client.listDelegates({ patient: alice.id });
      expect(delegates.map(({ delegate }) => delegate)).to.deep.equal([bob.id, carol.id]);
      await alice.client.dismissDelegate({ delegate: bob.id });
      expect((await clinic.client.listDelegates({ patient: alice.id })).map(({ delegate }) => delegate)).to.deep.equal([
        carol.id,
      ]);
    });

    it("if it is a person, somebody else, for something, and for a time ahead", async () => {
      await expectCode("DELEGATE_NOT_A_PERSON", appoint({ delegate: clinic.id, approve: true }));
      await expectCode("DELEGATE_NOT_A_PERSON", appoint({ delegate: 999, approve: true }));
      await expectCode("DELEGATE_IS_PATIENT", appoint({ delegate: alice.id, approve: true }));
      await expectCode("MISSING_POWERS", appoint());
      await expectCode("INVALID_DELEGATE_TERM", appoint({ approve: true, until: await inFuture(world, -1) }));
      await expectCode("INVALID_DELEGATE_TERM", appoint({ approve: true, until: await inFuture(world, 3651 * DAY) }));
      await expectCode("UNKNOWN_NAME", appoint({ view: ["GOSSIP" as "CARE"] }));
      const stranger = await world.actor(`stranger ${patients}`);
      const until = await inFuture(world, DAY);
      await expectCode("NOT_REGISTERED", stranger.client.appointDelegate({ delegate: bob.id, approve: true, until }));
    });

    it("and appoints nobody: an appointment is always the client's own", async () => {
      await appoint({ approve: true, grant: CATEGORIES, view: CATEGORIES });
      const carol = await world.patient(`carol ${patients}`);
      const until = await inFuture(world, DAY);
      await bob.client.appointDelegate({ delegate: carol.id, approve: true, until });
      expect(await clinic.client.powersOf({ patient: alice.id, delegate: carol.id })).to.equal(undefined);
      expect(await clinic.client.powersOf({ patient: bob.id, delegate: carol.id })).not.to.equal(undefined);
    });
  });

  describe("ends", () => {
    beforeEach(() => appoint({ approve: true, grant: ["CARE"], view: ["CARE"] }));

    const ways: Record<string, () => Promise<unknown>> = {
      "when the patient dismisses it": () => alice.client.dismissDelegate({ delegate: bob.id }),
      "when it resigns": () => bob.client.dismissDelegate({ patient: alice.id, delegate: bob.id }),
      "with its term": () => world.increaseTime(10 * DAY),
      "when the patient revokes everything": () => alice.client.revokeAccess({ everyone: true }),
    };
    for (const [what, end] of Object.entries(ways)) {
      it(`${what}, and what it granted stays unless everything was revoked`, async () => {
        await bob.client.grantAccess(await grantOf(["CARE"], { until: await inFuture(world, 9 * DAY) }));
        await end();
        expect(await powers()).to.equal(undefined);
        expect(await clinic.client.listDelegates({ patient: alice.id })).to.deep.equal([]);
        expect(await canView(bob)).to.equal(false);
        await expectCode("NOT_EMPOWERED", bob.client.grantAccess(await grantOf()));
        if (what.includes("dismisses") || what.includes("resigns")) expect(await canView(lab)).to.equal(true);
        if (what.includes("everything")) expect(await canView(lab)).to.equal(false);
      });
    }

    it("by nobody else", async () => {
      const mallory = await world.patient(`mallory ${patients}`);
      const of = { patient: alice.id, delegate: bob.id };
      await expectCode("NOT_EMPOWERED", mallory.client.dismissDelegate(of));
      await expectCode("NOT_EMPOWERED", clinic.client.dismissDelegate(of));
      await expectCode("NOT_A_DELEGATE", mallory.client.dismissDelegate({ patient: alice.id, delegate: mallory.id }));
      expect(await powers()).not.to.equal(undefined);
    });
  });

  describe("grants and revokes in the patient's place", () => {
    beforeEach(() => appoint({ grant: ["CARE", "OBSERVATION"] }));

    it("what it may grant, itself or by a signature that another relays", async () => {
      await bob.client.grantAccess(await grantOf(["CARE"]));
      expect(await canView(lab)).to.equal(true);
      expect(await canView(bob), "which isn't its own to view").to.equal(false);
      await bob.client.revokeAccess({
        patient: alice.id,
        viewer: lab.id,
        purpose: "TREAT",
        steward: EVERY_STEWARD,
        categories: ["CARE"],
      });
      expect(await canView(lab)).to.equal(false);
      const file = await bob.client.signGrantAccess(await grantOf(["OBSERVATION"]));
      expect(file).to.deep.include({ action: "grantAccess", account: bob.wallet.address });
      expect(file.message).to.deep.include({ patient: alice.id, viewerName: "Laboratory" });
      await clinic.client.relay({ file: throughJson(file) });
      expect(await canView(lab, "OBSERVATION")).to.equal(true);
    });

    it("nothing beyond its categories, its term, and for no research", async () => {
      const asked = [
        await grantOf(["SUMMARY"]),
        await grantOf(["CARE", "SUMMARY"]),
        await grantOf(["CARE"], { purpose: "HRESCH" }),
        await grantOf(["CARE"], { patient: lab.id }),
      ];
      for (const given of asked) {
        await expectCode("NOT_EMPOWERED", bob.client.grantAccess(given));
        await expectCode("NOT_EMPOWERED", clinic.client.relay({ file: await bob.client.signGrantAccess(given) }));
      }
      const late = await grantOf(["CARE"], { until: await inFuture(world, 11 * DAY) });
      await expectCode("EXPIRY_TOO_FAR", bob.client.grantAccess(late));
      await alice.client.grantAccess({ ...(await grantOf(["CARE", "SUMMARY"])), patient: alice.id });
      const of = { patient: alice.id, viewer: lab.id } as const;
      const grant = { ...of, purpose: "TREAT", steward: EVERY_STEWARD } as const;
      await expectCode("NOT_EMPOWERED", bob.client.revokeAccess(grant));
      await expectCode("NOT_EMPOWERED", bob.client.revokeAccess({ ...grant, categories: ["SUMMARY"] as const }));
      await expectCode("NOT_EMPOWERED", bob.client.revokeAccess(of));
      await expectCode("NOT_THE_REPRESENTATIVE", bob.client.revokeAccess({ patient: alice.id, everyone: true }));
      expect(await canView(lab)).to.equal(true);
    });

    it("one viewer altogether, if it may grant everything", async () => {
      await appoint({ grant: CATEGORIES });
      await alice.client.grantAccess({ ...(await grantOf(["CARE", "SUMMARY"])), patient: alice.id });
      await bob.client.revokeAccess({ patient: alice.id, viewer: lab.id });
      expect(await canView(lab)).to.equal(false);
    });

    it("under the patient's signature epoch: a signature that was kept back is dead after the patient's own word", async () => {
      const kept = await bob.client.signGrantAccess(await grantOf());
      await alice.client.cancelSignatures();
      await expectCode("INVALID_SIGNATURE", clinic.client.relay({ file: kept }));
    });
  });

  describe("answers providers in the patient's place", () => {
    beforeEach(() => appoint({ approve: true }));

    it("by declining", async () => {
      const { termsDigest } = await propose(clinic, alice.id, [alice, bob]);
      await bob.client.declineRelationship({ patient: alice.id, provider: clinic.id });
      await expectCode("NOT_PROPOSED", alice.client.approveRelationship({ provider: clinic.id, termsDigest }));
      await propose(clinic, bob.id, [alice, bob]);
      await expectCode("NOT_PROPOSED", bob.client.declineRelationship({ patient: alice.id, provider: clinic.id }));
      await bob.client.declineRelationship({ provider: clinic.id });
    });

    it("by approving only what it can read: terms that are sealed to the patient alone it can't", async () => {
      const { termsDigest } = await propose(clinic, alice.id, [alice, bob]);
      const [proposal] = await bob.client.listPending({ patient: alice.id });
      expect(proposal).to.deep.include({ provider: clinic.id, termsDigest, terms: undefined });
      const approval = { patient: alice.id, provider: clinic.id, termsDigest };
      await expectCode("TERMS_INVALID", bob.client.approveRelationship(approval));
      await expectCode("TERMS_INVALID", bob.client.signApproveRelationship(approval));
      const offer = throughJson(await lab.client.offerRelationship({ patient: alice.id }));
      await expectCode("TERMS_INVALID", bob.client.acceptOffer({ offer }));
      await expectCode("TERMS_INVALID", bob.client.signAcceptOffer({ offer }));
    });

    it("by approving what was sealed to it, which the patient then can't read", async () => {
      const { termsDigest } = await propose(clinic, alice.id, [alice, bob], { reader: bob.id });
      const [proposal] = await bob.client.listPending({ patient: alice.id });
      expect(proposal).to.deep.include({ provider: clinic.id, termsDigest, problem: undefined });
      expect(proposal!.terms?.resourceType).to.equal("Consent");
      await expectCode("TERMS_INVALID", alice.client.approveRelationship({ provider: clinic.id, termsDigest }));
      await bob.client.approveRelationship({ patient: alice.id, provider: clinic.id, termsDigest });
      const offer = throughJson(await lab.client.offerRelationship({ patient: alice.id, reader: bob.id }));
      await clinic.client.relay({ file: throughJson(await bob.client.signAcceptOffer({ offer })) });
      const { relationships } = await alice.client.overviewOf({ patient: alice.id });
      expect(relationships.map(({ status }) => status)).to.deep.equal(["Active", "Active"]);
    });

    it("only if it may: terms are sealed to nobody else", async () => {
      const carol = await world.patient(`carol ${patients}`);
      await alice.client.appointDelegate({ delegate: carol.id, view: ["CARE"], until: await inFuture(world, DAY) });
      for (const reader of [carol.id, lab.id, 999]) {
        const input = { patient: alice.id, reader };
        await expectCode("READER_NOT_EMPOWERED", clinic.client.proposeRelationship(input));
        await expectCode("READER_NOT_EMPOWERED", clinic.client.offerRelationship(input));
      }
      expect(await alice.client.listPending()).to.deep.equal([]);
    });

    it("by approving with a copy of the patient's vault", async () => {
      bob.client = await world.clientOf(alice, { runner: bob.wallet });
      const { termsDigest } = await propose(clinic, alice.id, [alice, bob]);
      await bob.client.approveRelationship({ patient: alice.id, provider: clinic.id, termsDigest });
      await bob.client.acceptOffer({ offer: throughJson(await lab.client.offerRelationship({ patient: alice.id })) });
      const status = async (provider: Actor) =>
        (await alice.client.overviewOf({ patient: alice.id })).relationships.find(
          (each) => each.provider === provider.id,
        )!.status;
      expect([await status(clinic), await status(lab)]).to.deep.equal(["Active", "Active"]);
      await bob.client.suspendRelationship({ patient: alice.id, provider: lab.id });
      await bob.client.resumeRelationship({ patient: alice.id, provider: lab.id });
      await bob.client.endRelationship({ patient: alice.id, provider: lab.id });
      expect(await status(lab)).to.equal("Ended");

      const proposed = await propose(lab, alice.id, [alice, bob]);
      const file = await bob.client.signApproveRelationship({
        ...{ patient: alice.id, provider: lab.id, termsDigest: proposed.termsDigest },
      });
      await clinic.client.relay({ file: throughJson(file) });
      expect(await status(lab)).to.equal("Active");
    });

    it("not without the power", async () => {
      await appoint({ grant: ["CARE"], view: ["CARE"] });
      const { termsDigest } = await propose(clinic, alice.id, [alice, bob]);
      await expectCode("NOT_EMPOWERED", bob.client.declineRelationship({ patient: alice.id, provider: clinic.id }));
      bob.client = await world.clientOf(alice, { runner: bob.wallet });
      const approval = { patient: alice.id, provider: clinic.id, termsDigest };
      await expectCode("NOT_EMPOWERED", bob.client.approveRelationship(approval));
      const offer = throughJson(await lab.client.offerRelationship({ patient: alice.id }));
      await expectCode("OFFER_FOR_SOMEBODY_ELSE", bob.client.acceptOffer({ offer }));
    });
  });

  it("who may view gets keys and envelopes, opens them, and later ones only as long as it may", async () => {
    await relate(clinic, alice);
    const write = (category: Category) =>
      clinic.client.addRecord({ patient: alice.id, category, content: bytes(category), again: true });
    await appoint({ view: ["CARE"] });
    const care = await write("CARE");
    await write("SENSITIVE");
    expect(care.members).to.deep.equal([bob.id]);
    const delivered = await handOn(clinic, bob, alice.id);
    expect(delivered.grant).to.deep.include({ keys: 1, added: 1 });
    expect(text((await bob.client.openRecord({ digest: care.digest, purpose: "TREAT" })).content)).to.equal("CARE");
    expect((await write("CARE")).round).to.equal(0);

    await alice.client.dismissDelegate({ delegate: bob.id });
    await expectCode("CONSENT_DENIED", bob.client.openRecord({ digest: care.digest, purpose: "TREAT" }));
    const later = await write("CARE");
    expect(later).to.deep.include({ round: 1, members: [] });
    const delivering = clinic.client.deliver({ patient: alice.id, viewer: bob.id, purpose: "TREAT" });
    expect((await expectCode("CONSENT_DENIED", delivering)).details["reason"]).to.equal("NOT_GRANTED");
  });
});
