import { expect } from "chai";

import type { StudyOffer, StudyTermsFile } from "../../../../src/sdk/modules/studies/index.js";
import { allowDeposits, CHART, DAY, earnFor, openAccount, write } from "../../bank.js";
import { expectCode, HOUR, inFuture, outcomeOf, text } from "../../helpers.js";
import { everyMutationOf } from "../../mutations.js";
import { type Actor, createDevnet, type Devnet, relate, type Restore, throughJson } from "../../../../devnet/index.js";
import type { SignedMessage } from "../../../../src/sdk/handover/signed/action.js";

describe("studies", () => {
  let world: Devnet;
  let clinic: Actor;
  let university: Actor;
  let alice: Actor;
  let bob: Actor;
  let dora: Actor;
  let terms: StudyTermsFile;
  let study: number;
  let back: Restore;
  before(async () => {
    world = await createDevnet();
    clinic = await world.institution("General Hospital");
    university = await world.institution("University", ["RESEARCHER"]);
    await allowDeposits(world, clinic, 10);
    const donor = await participant("donor");
    await earnFor(world, clinic, donor, university.wallet.address);
    [alice, bob] = [await participant("alice"), await participant("bob")];
    // Never has any ether.
    dora = await participant("dora", false);
    back = await world.snapshot();
  });
  beforeEach(() => back());
  after(() => world.close());

  /** A patient with an account, records and preferences. */
  const participant = async (name: string, ether = true): Promise<Actor> => {
    const patient = await world.actor(name, { ether });
    await relayed(await patient.client.signRegisterPatient());
    patient.id = await patient.client.ownId();
    const offer = throughJson(await clinic.client.offerRelationship({ patient: patient.id }));
    await relayed(await patient.client.signAcceptOffer({ offer }));
    await openAccount(clinic, patient);
    await write(clinic, patient);
    await write(clinic, patient, "CARE");
    await patient.client.setResearchPreferences({ dataUse: ["HMB"], categories: ["OBSERVATION", "CARE"] });
    return patient;
  };
  const open = async (changes: Partial<StudyOffer> = {}) => {
    const opened = await university.client.openStudy({
      ...{ title: "Blood pressure", description: "How it changes with age.", contact: "University" },
      ...{ dataUse: ["HMB"], categories: ["OBSERVATION"], price: CHART, minimum: 2, maximum: 3 },
      ...{ enrolUntil: await inFuture(world, DAY), closesAt: await inFuture(world, 10 * DAY) },
      ...changes,
    });
    terms = throughJson(opened.terms);
    study = opened.study;
    return opened;
  };
  const join = (patient: Actor, changes: object = {}) =>
    patient.client.joinStudy({ terms, steward: clinic.id, ...changes });
  const stage = async (patient: Actor) => (await clinic.client.participationOf({ study, patient: patient.id })).stage;
  const relayed = (file: unknown) => clinic.client.relay({ file: throughJson(file) });
  const deliver = (patient: Actor) => clinic.client.deliverToStudy({ study, patient: patient.id });
  const granted = (patient: Actor, category: "OBSERVATION" | "CARE" = "OBSERVATION") =>
    clinic.client.canView({
      ...{ patient: patient.id, steward: clinic.id, viewer: university.id, category, purpose: "HRESCH" },
    });
  const enrolled = () => world.increaseTime(DAY);
  const released = async () => {
    await enrolled();
    await university.client.releaseStudy({ study });
  };
  const disputesOver = () => world.increaseTime(17 * DAY);

  describe("are opened", () => {
    it("by a licensed researcher, who puts up the escrow", async () => {
      const before = await university.client.tokenBalanceOf();
      const { events } = await open();
      expect(events["StudyOpened"]).to.deep.include({ study: BigInt(study), researcher: BigInt(university.id) });
      expect(before - (await university.client.tokenBalanceOf())).to.equal(3n * CHART);
      expect(await alice.client.studyOf({ study })).to.deep.include({
        ...{ study, researcher: university.id, status: "Open", categories: ["OBSERVATION"], price: CHART },
        ...{ minimum: 2, maximum: 3, joined: 0, delivered: 0, disputed: 0, released: false, refunded: 0, bankPaid: 0 },
      });
      expect((await alice.client.listStudies({ status: "Open" })).map((each) => each.study)).to.include(study);
      expect(await alice.client.listStudies({ researcher: clinic.id })).to.deep.equal([]);
      expect(await alice.client.listStudies({ status: "Settled", researcher: university.id })).to.deep.equal([]);
    });

    it("only where they make sense and can be paid", async () => {
      const now = await inFuture(world, 0);
      const senseless: Partial<StudyOffer>[] = [
        { price: 0n },
        { minimum: 0 },
        { minimum: 4 },
        { enrolUntil: now - 1 },
        { closesAt: now + HOUR, enrolUntil: now + HOUR },
        { closesAt: now + 6 * 365 * DAY },
      ];
      const before = await world.provider.getTransactionCount(university.wallet.address);
      for (const changes of senseless) await expectCode("INVALID_OFFER", open(changes));
      await expectCode("ERC20_INSUFFICIENT_BALANCE", open({ price: 1_000n * CHART }));
      expect(await world.provider.getTransactionCount(university.wallet.address)).to.equal(before);
      const researcher = university;
      university = clinic;
      await expectCode("ERC20_INSUFFICIENT_BALANCE", open());
      await (await researcher.client.contracts.ChartToken.transfer(clinic.wallet.address, 3n * CHART)).wait();
      await expectCode("NOT_A_RESEARCHER", open());
      university = researcher;
    });
  });

  describe("are joined", () => {
    beforeEach(() => open());

    it("with a consent that grants what the study needs, and nothing else", async () => {
      await join(alice);
      expect(await stage(alice)).to.equal("Joined");
      expect(await alice.client.participationOf({ study })).to.deep.include({
        ...{ patient: alice.id, paid: false, steward: clinic.id, deliveredAt: 0, disputableUntil: 0, deadline: 0 },
      });
      expect([await granted(alice), await granted(alice, "CARE")]).to.deep.equal([true, false]);
      expect(await alice.client.studyTermsOf({ study })).to.deep.equal(terms);
      await expectCode("ALREADY_TOOK_PART", join(alice));
    });

    it("by who has no ether with a signed file, in which nothing can be altered", async () => {
      const file = throughJson(await dora.client.signJoinStudy({ terms, steward: clinic.id }));
      expect(file.message).to.deep.include({
        ...{ patient: dora.id, researcherName: "University", stewardName: "General Hospital", minimum: 2 },
        price: String(CHART),
      });
      expect((file["consent"] as SignedMessage).message).to.deep.include({ purpose: "HRESCH", viewer: university.id });
      for (const { path, file: altered } of everyMutationOf(file)) {
        expect(await outcomeOf(clinic.client.relay({ file: altered })), path).to.match(/^HANDOVER_/);
      }
      await relayed(file);
      expect([await stage(dora), await granted(dora)]).to.deep.equal(["Joined", true]);
      await expectCode("ALREADY_TOOK_PART", relayed(file));
    });

    it("not with another one's consent", async () => {
      const own = await bob.client.signJoinStudy({ terms, steward: clinic.id });
      const others = await alice.client.signJoinStudy({ terms, steward: clinic.id });
      await expectCode("NOT_THE_SAME_PATIENT", relayed({ ...own, consent: others.consent }));
    });

    it("only with terms that are the chain's", async () => {
      const edited = { ...terms, terms: { ...terms.terms, title: "Something else" } };
      await expectCode("STUDY_TERMS_MISMATCH", join(alice, { terms: edited }));
    });

    it("despite the preferences only where the patient says so", async () => {
      await open({ dataUse: ["GRU"] });
      const error = await expectCode("STUDY_NOT_WANTED", join(bob));
      expect(error.message).to.contain("general research use");
      await expectCode("STUDY_NOT_WANTED", bob.client.signJoinStudy({ terms, steward: clinic.id }));
      expect(await stage(bob)).to.equal("None");
      await join(bob, { despitePreferences: true });
      expect(await stage(bob)).to.equal("Joined");
    });

    it("at a steward who keeps the patient's records", async () => {
      await expectCode("NOT_AN_ACTIVE_STEWARD", join(alice, { steward: university.id }));
      await expectCode("NOT_AN_ACTIVE_STEWARD", join(alice, { steward: 0 }));
    });

    it("with a grant that lasts as long as the study", async () => {
      await open({ categories: ["CARE"] });
      await expectCode("GRANT_DOES_NOT_FIT", join(alice, { until: await inFuture(world, 5 * DAY) }));
      await alice.client.changeSettings({ longestGrant: 5 });
      await expectCode("EXPIRY_TOO_FAR", join(alice));
      await alice.client.changeSettings({ longestGrant: 0 });
    });

    it("without shortening what another study of the researcher needs", async () => {
      await open({ closesAt: await inFuture(world, 30 * DAY) });
      const longer = study;
      await join(alice);
      await open({ categories: ["OBSERVATION", "CARE"] });
      await join(alice);
      await world.increaseTime(11 * DAY);
      expect(await granted(alice)).to.equal(true);
      expect((await alice.client.studyOf({ study: longer })).closesAt).to.be.greaterThan(await inFuture(world, 0));
    });

    it("by attested patients, as long as there is room and time", async () => {
      const erin = await world.patient("erin");
      await relate(clinic, erin);
      await erin.client.setResearchPreferences({ dataUse: ["HMB"], categories: ["OBSERVATION"] });
      await expectCode("PATIENT_NOT_ATTESTED", join(erin));
      await open({ minimum: 1, maximum: 1 });
      await join(alice);
      await expectCode("ENROLMENT_CLOSED", join(bob));
      await open();
      await enrolled();
      await expectCode("ENROLMENT_CLOSED", join(bob));
    });
  });

  describe("are left", () => {
    beforeEach(async () => {
      await open();
      await join(bob);
    });

    it("with the grant, and earn nothing then", async () => {
      await bob.client.withdrawFromStudy({ study });
      expect([await stage(bob), await granted(bob)]).to.deep.equal(["Withdrawn", false]);
      await expectCode("WRONG_STAGE", bob.client.withdrawFromStudy({ study }));
      await expectCode("ALREADY_TOOK_PART", join(bob));
      await expectCode("NOTHING_TO_PAY", bob.client.payoutStudy({ study }));
    });

    it("without what another study of the researcher needs", async () => {
      const first = study;
      await open({ categories: ["OBSERVATION", "CARE"] });
      await join(bob);
      await bob.client.withdrawFromStudy({ study });
      expect([await granted(bob), await granted(bob, "CARE")]).to.deep.equal([true, false]);
      const { revocation } = await bob.client.signWithdrawFromStudy({ study: first });
      expect(revocation?.message).to.deep.include({ purpose: "HRESCH" });
      await bob.client.withdrawFromStudy({ study: first });
      expect(await granted(bob)).to.equal(false);
    });

    it("by two signatures that others relay", async () => {
      await relayed(await dora.client.signJoinStudy({ terms, steward: clinic.id }));
      const signed = throughJson(await dora.client.signWithdrawFromStudy({ study }));
      for (const { path, file: altered } of everyMutationOf(signed.withdrawal)) {
        expect(await outcomeOf(clinic.client.relay({ file: altered })), path).to.match(/^HANDOVER_/);
      }
      await relayed(signed.revocation);
      await relayed(signed.withdrawal);
      expect([await stage(dora), await granted(dora)]).to.deep.equal(["Withdrawn", false]);
    });
  });

  describe("get data", () => {
    beforeEach(async () => {
      await open();
      await join(alice);
      await relayed(await dora.client.signJoinStudy({ terms, steward: clinic.id }));
    });

    it("from the steward when the cohort is there, with a receipt, and only of their categories", async () => {
      await released();
      expect((await clinic.client.studyOf({ study })).released).to.equal(true);
      const { file, events } = await deliver(alice);
      expect(events["Delivered"]).to.deep.include({ patient: BigInt(alice.id), steward: BigInt(clinic.id) });
      expect(await stage(alice)).to.equal("Delivered");
      const [record] = await clinic.client.listRecords({ patient: alice.id, category: "OBSERVATION" });
      for (const { path, file: altered } of everyMutationOf(throughJson(file)).filter((_, i) => i % 3 === 0)) {
        const outcome = await outcomeOf(university.client.takeStudyDelivery({ file: altered }));
        expect(outcome, path).to.match(/^HANDOVER_/);
      }
      const imported = await university.client.takeStudyDelivery({ file: throughJson(file) });
      expect(imported.grant).to.deep.include({ patient: alice.id, keys: 1 });
      const opened = await university.client.openRecord({ digest: record!.digest, purpose: "HRESCH" });
      expect(text(opened.content)).to.equal(`OBSERVATION of ${alice.name}`);
      expect(await university.client.listRecords({ patient: alice.id, category: "CARE" })).to.deep.equal([]);
      await expectCode("WRONG_STAGE", deliver(alice));
    });

    it("not before: no verb releases keys under the study's grant", async () => {
      await expectCode("NOT_RELEASED", deliver(alice));
      const asked = { patient: alice.id, viewer: university.id, purpose: "HRESCH" } as const;
      const error = await expectCode("CONSENT_DENIED", clinic.client.releaseKeys(asked));
      expect(error.message).to.contain("STUDY_NOT_RELEASED");
      await expectCode("CONSENT_DENIED", clinic.client.deliver(asked));
      await expectCode("TOO_EARLY", university.client.releaseStudy({ study }));
      await enrolled();
      await expectCode("NOT_RELEASED", deliver(alice));
      // Under the minimum cohort nothing is released.
      const { withdrawal } = await dora.client.signWithdrawFromStudy({ study });
      await relayed(withdrawal);
      await expectCode("NOT_RELEASED", university.client.releaseStudy({ study }));
      await expectCode("NOT_RELEASED", deliver(alice));
      await expectCode("CONSENT_DENIED", clinic.client.releaseKeys(asked));
      // The study that is under its minimum keeps a released one's data from nobody.
      await open({ minimum: 1 });
      await join(alice);
      await released();
      await deliver(alice);
      await clinic.client.releaseKeys(asked);
    });

    it("and never keeps a steward who is the researcher, too, from the records that it keeps", async () => {
      const until = await inFuture(world, 300 * DAY);
      const onWait = () => world.increaseTime(2);
      await world.authority.licenseInstitution({
        ...{ institution: clinic.id, roles: ["PROVIDER", "RESEARCHER"], until, onWait },
      });
      await (await university.client.contracts.ChartToken.transfer(clinic.wallet.address, 3n * CHART)).wait();
      const opened = await clinic.client.openStudy({
        ...{ title: "Own records", description: "What a hospital has.", contact: "General Hospital", dataUse: ["HMB"] },
        ...{ categories: ["OBSERVATION"], price: CHART, minimum: 2, maximum: 3 },
        ...{ enrolUntil: await inFuture(world, DAY), closesAt: await inFuture(world, 10 * DAY) },
      });
      await alice.client.joinStudy({ terms: throughJson(opened.terms), steward: clinic.id });
      const asked = { patient: alice.id, steward: clinic.id, category: "OBSERVATION", purpose: "HRESCH" } as const;
      expect((await clinic.client.decide({ ...asked, viewer: clinic.id })).allowed).to.equal(true);
    });

    it("not after a withdrawal, also when whoever relays it keeps the revocation back", async () => {
      await relayed(await bob.client.signJoinStudy({ terms, steward: clinic.id }));
      await released();
      const asked = { patient: dora.id, viewer: university.id, purpose: "HRESCH" } as const;
      const { withdrawal } = await dora.client.signWithdrawFromStudy({ study });
      await relayed(withdrawal);
      expect([await stage(dora), await granted(dora)]).to.deep.equal(["Withdrawn", true]);
      expect((await clinic.client.studyOf({ study })).released, "for the others").to.equal(true);
      const error = await expectCode("CONSENT_DENIED", clinic.client.releaseKeys(asked));
      expect(error.message).to.contain("STUDY_NOT_RELEASED");
    });

    it("by a receipt that others relay and nobody alters, once", async () => {
      await released();
      const { action, file } = await clinic.client.signDeliverToStudy({ study, patient: dora.id });
      await expectCode("HANDOVER_ALTERED", university.client.takeStudyDelivery({ file: throughJson(file) }));
      for (const { path, file: altered } of everyMutationOf(throughJson(action))) {
        expect(await outcomeOf(bob.client.relay({ file: altered })), path).to.match(/^HANDOVER_/);
      }
      await bob.client.relay({ file: throughJson(action) });
      await expectCode("WRONG_STAGE", bob.client.relay({ file: throughJson(action) }));
      const imported = await university.client.takeStudyDelivery({ file: throughJson(file) });
      expect(imported.grant).to.deep.include({ patient: dora.id });
    });

    it("no record that its author retracted, and it is served no more once it has gone out", async () => {
      const add = async (content: string) => {
        const record = {
          patient: dora.id,
          category: "OBSERVATION" as const,
          content: new TextEncoder().encode(content),
        };
        return (await clinic.client.addRecord(record)).digest;
      };
      const retract = (digest: string) => clinic.client.retractRecord({ digest, reason: "of somebody else" });
      const read = (digest: string) => university.client.openRecord({ digest, purpose: "HRESCH" });
      const [before, after] = [await add("one"), await add("another")];
      await retract(before);
      await released();
      const { file } = await deliver(dora);
      await university.client.takeStudyDelivery({ file: throughJson(file) });
      await expectCode("RECORD_UNKNOWN", read(before));
      await read(after);
      await retract(after);
      await expectCode("RECORD_RETRACTED", read(after));
    });

    it("from nobody but the named steward, and of nobody but who joined", async () => {
      await released();
      const lab = await world.institution("Laboratory");
      const asked = { study, patient: alice.id };
      await expectCode("NOT_THE_STEWARD", lab.client.deliverToStudy(asked));
      await expectCode("WRONG_STAGE", clinic.client.deliverToStudy({ study, patient: bob.id }));
      await expectCode("UNKNOWN_STUDY", clinic.client.deliverToStudy({ study: 999, patient: alice.id }));
    });

    it("no more when the grant is revoked, or the study is closed", async () => {
      await released();
      await alice.client.revokeAccess({ viewer: university.id });
      await expectCode("CONSENT_DENIED", deliver(alice));
      await world.increaseTime(9 * DAY);
      await expectCode("NOT_RELEASED", deliver(dora));
    });
  });

  describe("pay", () => {
    const served = async () => {
      await open();
      await join(bob);
      await relayed(await dora.client.signJoinStudy({ terms, steward: clinic.id }));
      await released();
      await deliver(bob);
      await deliver(dora);
    };

    it("what was delivered: 80 % to the patient, 15 % to the steward, the rest to the bank; and the rest goes back", async () => {
      await served();
      expect((await bob.client.participationOf({ study })).disputableUntil).to.be.greaterThan(
        await inFuture(world, 6 * DAY),
      );
      await expectCode("TOO_EARLY", bob.client.payoutStudy({ study }));
      await expectCode("TOO_EARLY", clinic.client.settleStudy({ study }));
      await expectCode("NOTHING_TO_PAY", clinic.client.payoutStudy({ study }));
      await expectCode("NOTHING_TO_REFUND", university.client.refundStudy({ study }));
      await disputesOver();
      const balances = () => Promise.all([bob, dora, clinic].map(({ client }) => client.tokenBalanceOf()));
      const before = await balances();
      await bob.client.payoutStudy({ study });
      await expectCode("NOTHING_TO_PAY", bob.client.payoutStudy({ study }));

      const file = throughJson(await dora.client.signPayoutStudy({ study }));
      for (const { path, file: altered } of everyMutationOf(file)) {
        expect(await outcomeOf(clinic.client.relay({ file: altered })), path).to.match(/^HANDOVER_/);
      }
      await relayed(file);
      await expectCode("NOTHING_TO_PAY", relayed(file));

      await alice.client.settleStudy({ study });
      await expectCode("STUDY_NOT_OPEN", alice.client.settleStudy({ study }));
      expect(await clinic.client.studyCreditOf({ study })).to.deep.equal({
        ...{ study, steward: clinic.id, delivered: 2, paid: 0 },
      });
      await clinic.client.payoutStudy({ study });
      expect((await alice.client.studyCreditOf({ study, steward: clinic.id })).paid).to.equal(2);
      await expectCode("NOTHING_TO_PAY", clinic.client.payoutStudy({ study }));
      const after = await balances();
      expect(after.map((balance, i) => balance - before[i]!)).to.deep.equal([
        (80n * CHART) / 100n,
        (80n * CHART) / 100n,
        (30n * CHART) / 100n,
      ]);
      const bank = { account: world.deployment.contracts["DataBank"]! };
      const banked = await alice.client.tokenBalanceOf(bank);
      await alice.client.payoutBank({ study });
      expect((await alice.client.tokenBalanceOf(bank)) - banked).to.equal((10n * CHART) / 100n);
      await expectCode("NOTHING_TO_PAY", alice.client.payoutBank({ study }));
      const researchers = await university.client.tokenBalanceOf();
      await bob.client.refundStudy({ study });
      expect((await university.client.tokenBalanceOf()) - researchers).to.equal(CHART);
      await expectCode("NOTHING_TO_REFUND", bob.client.refundStudy({ study }));
      expect(await bob.client.studyOf({ study })).to.deep.include({
        status: "Settled",
        refunded: 1,
        bankPaid: 2,
      });
    });

    it("nobody for a delivery that the patient disputes in time", async () => {
      await served();
      await bob.client.disputeDelivery({ study });
      expect(await stage(bob)).to.equal("Disputed");
      await expectCode("WRONG_STAGE", bob.client.disputeDelivery({ study }));
      const file = throughJson(await dora.client.signDisputeDelivery({ study }));
      for (const { path, file: altered } of everyMutationOf(file)) {
        expect(await outcomeOf(clinic.client.relay({ file: altered })), path).to.match(/^HANDOVER_/);
      }
      await relayed(file);
      await disputesOver();
      await expectCode("NOTHING_TO_PAY", bob.client.payoutStudy({ study }));
      for (const { id } of [bob, dora]) await alice.client.closeDispute({ study, patient: id });
      expect(await stage(bob)).to.equal("Undelivered");
      await alice.client.settleStudy({ study });
      expect((await alice.client.studyOf({ study })).status).to.equal("Cancelled");
      await university.client.refundStudy({ study });
    });

    it("in spite of a dispute that comes too late", async () => {
      await served();
      await world.increaseTime(7 * DAY);
      await expectCode("TOO_LATE", bob.client.disputeDelivery({ study }));
      await bob.client.payoutStudy({ study, to: alice.wallet.address });
    });

    it("what was delivered also to who leaves then", async () => {
      await served();
      await bob.client.withdrawFromStudy({ study });
      expect([await stage(bob), await granted(bob)]).to.deep.equal(["Left", false]);
      await disputesOver();
      await bob.client.payoutStudy({ study });
      expect(await bob.client.participationOf({ study })).to.include({ stage: "Left", paid: true });
      await alice.client.settleStudy({ study });
      await expectCode("STUDY_NOT_OPEN", dora.client.signWithdrawFromStudy({ study }));
    });

    it("everything back when the researcher cancels before anything was released", async () => {
      const before = await university.client.tokenBalanceOf();
      await open();
      await join(bob);
      await expectCode("NOT_CANCELLABLE", clinic.client.cancelStudy({ study }));
      await university.client.cancelStudy({ study });
      await university.client.refundStudy({ study });
      expect(await university.client.tokenBalanceOf()).to.equal(before);
      await expectCode("STUDY_NOT_OPEN", join(alice));
    });

    it("everything back when too few took part", async () => {
      const before = await university.client.tokenBalanceOf();
      await open();
      await join(bob);
      await enrolled();
      await expectCode("NOT_RELEASED", deliver(bob));
      await disputesOver();
      await alice.client.settleStudy({ study });
      await alice.client.refundStudy({ study });
      expect(await university.client.tokenBalanceOf()).to.equal(before);
    });
  });
});
