import { join } from "node:path";

import { expect } from "chai";

import { createClient } from "../../../../src/sdk/index.js";
import { dataBank } from "../../../../src/sdk/modules/data-bank/index.js";
import { studies, type StudyOffer } from "../../../../src/sdk/modules/studies/index.js";
import { allowDeposits, CHART, DAY, earnFor, openAccount, write } from "../../bank.js";
import { expectCode, inFuture, mine } from "../../helpers.js";
import {
  type Actor,
  createDevnet,
  keyDocumentFolder,
  type Devnet,
  relate,
  type Restore,
  throughJson,
} from "../../../../devnet/index.js";

describe("what a study's grant releases", () => {
  let world: Devnet;
  let clinic: Actor;
  let university: Actor;
  let institute: Actor;
  let alice: Actor;
  let bob: Actor;
  let carol: Actor;
  let back: Restore;
  before(async () => {
    world = await createDevnet();
    clinic = await world.institution("General Hospital");
    university = await world.institution("University", ["RESEARCHER"]);
    institute = await world.institution("Institute", ["RESEARCHER"]);
    await allowDeposits(world, clinic, 10);
    const donor = await participant("donor");
    await earnFor(world, clinic, donor, university.wallet.address);
    await (await university.client.contracts.ChartToken.transfer(institute.wallet.address, 10n * CHART)).wait();
    [alice, bob, carol] = [await participant("alice"), await participant("bob"), await participant("carol")];
    back = await world.snapshot();
  });
  beforeEach(() => back());
  after(() => world.close());

  async function participant(name: string): Promise<Actor> {
    const patient = await world.patient(name);
    await relate(clinic, patient);
    await openAccount(clinic, patient);
    await write(clinic, patient);
    await patient.client.setResearchPreferences({ dataUse: ["HMB"], categories: ["OBSERVATION"] });
    return patient;
  }

  /** Opens a study, which these join. */
  async function joined(patients: Actor[], changes: Partial<StudyOffer> = {}, researcher = university) {
    const { study, terms } = await researcher.client.openStudy({
      ...{ title: "Blood pressure", description: "How it changes with age.", contact: "University" },
      ...{ dataUse: ["HMB"], categories: ["OBSERVATION"], price: CHART, minimum: 2, maximum: 3 },
      ...{ enrolUntil: await inFuture(world, DAY), closesAt: await inFuture(world, 20 * DAY) },
      ...changes,
    });
    for (const patient of patients) await patient.client.joinStudy({ terms: throughJson(terms), steward: clinic.id });
    return study;
  }
  const asked = (patient: Actor, researcher = university) =>
    ({ patient: patient.id, viewer: researcher.id, purpose: "HRESCH" }) as const;
  const released = (patient: Actor, researcher = university) => clinic.client.releaseKeys(asked(patient, researcher));
  const expectHeldBack = async (patient: Actor, client = clinic.client) => {
    const error = await expectCode("CONSENT_DENIED", client.releaseKeys(asked(patient)));
    expect(error.details["reason"]).to.equal("STUDY_NOT_RELEASED");
    expect(await client.releaseEnvelopes(asked(patient))).to.deep.equal([]);
  };
  const stageOf = async (study: number, patient: Actor) =>
    (await clinic.client.participationOf({ study, patient: patient.id })).stage;
  /** Leaves a study; whoever relays it keeps the revocation back. */
  const enrolledAndReleased = async (...studies: number[]) => {
    await world.increaseTime(DAY);
    for (const study of studies) await clinic.client.releaseStudy({ study });
  };
  const leave = async (study: number, patient: Actor) => {
    const { withdrawal } = await patient.client.signWithdrawFromStudy({ study });
    await clinic.client.relay({ file: throughJson(withdrawal) });
  };

  it("is nothing of who left, neither after the delivery nor once it is paid: no key and no later record", async () => {
    const study = await joined([alice, bob, carol]);
    await enrolledAndReleased(study);
    for (const patient of [alice, bob]) await clinic.client.deliverToStudy({ study, patient: patient.id });
    await leave(study, alice);
    expect(await stageOf(study, alice)).to.equal("Left");
    expect((await clinic.client.studyOf({ study })).released, "for the others").to.equal(true);
    await expectHeldBack(alice);
    await world.increaseTime(8 * DAY);
    for (const patient of [alice, bob]) await patient.client.payoutStudy({ study });
    expect([await stageOf(study, alice), await stageOf(study, bob)]).to.deep.equal(["Left", "Delivered"]);
    for (const patient of [alice, bob]) await write(clinic, patient);
    await expectHeldBack(alice);
    await expectCode("CONSENT_DENIED", clinic.client.deliver(asked(alice)));
    await released(bob);
    expect((await clinic.client.releaseEnvelopes(asked(bob)))[0]!.envelopes).to.have.length(2);
  });

  it("is what another study of the same researcher needs, whose participant one stays", async () => {
    const left = await joined([alice, bob, carol]);
    const stays = await joined([alice], { minimum: 1 });
    await enrolledAndReleased(left, stays);
    await clinic.client.deliverToStudy({ study: left, patient: alice.id });
    await leave(left, alice);
    await expectHeldBack(alice);
    await clinic.client.deliverToStudy({ study: stays, patient: alice.id });
    await released(alice);
  });

  it("is nothing once the patient says that nothing was delivered", async () => {
    const study = await joined([alice, bob, carol]);
    await enrolledAndReleased(study);
    await clinic.client.deliverToStudy({ study, patient: alice.id });
    await released(alice);
    await alice.client.disputeDelivery({ study });
    expect(await stageOf(study, alice)).to.equal("Disputed");
    expect((await clinic.client.studyOf({ study })).released, "for the others").to.equal(true);
    await expectHeldBack(alice);
  });

  it("is nothing but with the study's receipt, however large the cohort", async () => {
    const study = await joined([alice, bob]);
    await enrolledAndReleased(study);
    await expectHeldBack(alice);
    await clinic.client.deliverToStudy({ study, patient: alice.id });
    await released(alice);
    await expectHeldBack(bob);
  });

  it("is nothing before the release is final", async () => {
    const study = await joined([alice, bob]);
    const cautious = await world.clientOf(clinic, { finality: 2 });
    await mine(world, 2);
    await enrolledAndReleased(study);
    const error = await expectCode("CONSENT_DENIED", cautious.deliverToStudy({ study, patient: alice.id }));
    expect(error.details["reason"]).to.equal("STUDY_NOT_RELEASED");
    await mine(world, 2);
    await cautious.deliverToStudy({ study, patient: alice.id });
  });

  it("is nothing of a friend's who joins and revokes at once: two joined, one consents, nothing is released", async () => {
    const study = await joined([alice, bob]);
    await bob.client.revokeAccess({ viewer: university.id });
    await world.increaseTime(DAY);
    const error = await expectCode("NOT_RELEASED", university.client.releaseStudy({ study }));
    expect(error.details).to.deep.equal({ study, counted: 1, minimum: 2 });
    await expectCode("NOT_RELEASED", clinic.client.deliverToStudy({ study, patient: alice.id }));
    await university.client.cancelStudy({ study });
  });

  it("stays released when a friend withdraws after it: the steward's receipt counts, and nothing is cancelled", async () => {
    const study = await joined([alice, bob]);
    await enrolledAndReleased(study);
    await bob.client.withdrawFromStudy({ study });
    await expectCode("NOT_CANCELLABLE", university.client.cancelStudy({ study }));
    await clinic.client.deliverToStudy({ study, patient: alice.id });
    await expectCode("ALREADY_RELEASED", university.client.releaseStudy({ study, participants: [alice.id] }));
  });

  it("is nothing for another researcher's study, and holds nothing back from one that the patient granted", async () => {
    await joined([alice, bob], { enrolUntil: await inFuture(world, 5 * DAY) });
    const until = await inFuture(world, 9 * DAY);
    await alice.client.grantAccess({
      ...{ viewer: institute.id, categories: ["OBSERVATION"], purpose: "HRESCH", steward: clinic.id, until },
    });
    await released(alice, institute);
    await expectHeldBack(alice);
    const theirs = await joined([bob], { minimum: 1 }, institute);
    await enrolledAndReleased(theirs);
    await clinic.client.deliverToStudy({ study: theirs, patient: bob.id });
    await released(bob, institute);
    await expectHeldBack(bob);
  });

  it("is nothing to a client without the module, whether there is a study or not; to one with it, as it says", async () => {
    const until = await inFuture(world, 9 * DAY);
    const grant = { viewer: institute.id, categories: ["OBSERVATION"], steward: clinic.id, until } as const;
    await alice.client.grantAccess({ ...grant, purpose: "HRESCH" });
    const { deployment } = world;
    const { wallet, vault, store } = clinic;
    const keyDocuments = keyDocumentFolder(join(world.folder, "key-documents"));
    const others = { runner: wallet, deployment, vault, store, keyDocuments };
    for (const modules of [[], [dataBank]]) {
      const without = await createClient({ ...others, modules });
      const error = await expectCode("CONSENT_DENIED", without.releaseKeys(asked(alice, institute)));
      expect(error.details["reason"]).to.equal("MODULE_MISSING");
      expect(error.hint).to.contain("studies");
      expect(await without.releaseEnvelopes(asked(alice, institute))).to.deep.equal([]);
      await expectCode("CONSENT_DENIED", without.deliver(asked(alice, institute)));
    }
    const two = await createClient({ ...others, modules: [dataBank], otherNodes: [world.url] });
    const question = { steward: clinic.id, category: "OBSERVATION", ...asked(alice, institute) } as const;
    expect(await two.decide(question)).to.deep.include({ allowed: false, reason: "MODULE_MISSING" });
    expect((await two.decide({ ...question, viewer: clinic.id })).allowed, "the steward's own").to.equal(true);
    const itself = await createClient({ ...others, modules: [studies] });
    await itself.releaseKeys(asked(alice, institute));
  });
});
