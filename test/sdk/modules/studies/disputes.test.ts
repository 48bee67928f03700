import { expect } from "chai";

import { type Actor, createDevnet, type Devnet, relate, type Restore, throughJson } from "../../../../devnet/index.js";
import { allowDeposits, CHART, DAY, earnFor, openAccount, write } from "../../bank.js";
import { expectCode, inFuture, outcomeOf } from "../../helpers.js";
import { everyMutationOf } from "../../mutations.js";

describe("a disputed delivery", () => {
  let world: Devnet;
  let clinic: Actor;
  let university: Actor;
  let alice: Actor;
  let study: number;
  let back: Restore;
  before(async () => {
    world = await createDevnet();
    clinic = await world.institution("General Hospital");
    university = await world.institution("University", ["RESEARCHER"]);
    await allowDeposits(world, clinic, 10);
    alice = await world.patient("alice");
    await relate(clinic, alice);
    await openAccount(clinic, alice);
    await write(clinic, alice);
    await earnFor(world, clinic, alice, university.wallet.address);
    await alice.client.setResearchPreferences({ dataUse: ["HMB"], categories: ["OBSERVATION"] });
    const opened = await university.client.openStudy({
      ...{ title: "Blood pressure", description: "How it changes with age.", contact: "University" },
      ...{ dataUse: ["HMB"], categories: ["OBSERVATION"], price: CHART, minimum: 1, maximum: 1 },
      ...{ enrolUntil: await inFuture(world, DAY), closesAt: await inFuture(world, 10 * DAY) },
    });
    study = opened.study;
    await alice.client.joinStudy({ terms: throughJson(opened.terms), steward: clinic.id });
    await world.increaseTime(DAY);
    await clinic.client.releaseStudy({ study });
    await expectCode("WRONG_STAGE", university.client.acknowledgeDelivery(which()));
    const { file } = await clinic.client.deliverToStudy(which());
    await university.client.takeStudyDelivery({ file: throughJson(file) });
    back = await world.snapshot();
  });
  beforeEach(() => back());
  after(() => world.close());

  const which = () => ({ study, patient: alice.id });
  const part = () => clinic.client.participationOf(which());
  const onWait = () => world.increaseTime(2);

  it("is paid where the steward shows what the researcher signed, which nobody alters", async () => {
    const acknowledgement = throughJson(await university.client.acknowledgeDelivery(which()));
    await alice.client.disputeDelivery({ study });
    for (const { path, file } of everyMutationOf(acknowledgement)) {
      const answering = clinic.client.answerDispute({ ...which(), acknowledgement: file });
      expect(await outcomeOf(answering), path).to.match(/^HANDOVER_/);
    }
    await expectCode(
      "HANDOVER_MALFORMED",
      clinic.client.answerDispute({ study: 9, patient: alice.id, acknowledgement }),
    );
    await clinic.client.answerDispute({ ...which(), acknowledgement });
    expect(await part()).to.include({ stage: "Acknowledged", paid: false });
    expect((await part()).deadline).to.be.greaterThan(await inFuture(world, 29 * DAY));
    await expectCode("TOO_EARLY", university.client.closeDispute(which()));
    await world.increaseTime(30 * DAY);
    await university.client.closeDispute(which());
    expect(await part()).to.include({ stage: "Left", deadline: 0 });
    await alice.client.payoutStudy({ study });
    await clinic.client.settleStudy({ study });
    expect(await clinic.client.studyCreditOf({ study })).to.include({ delivered: 1, paid: 0 });
    await clinic.client.payoutStudy({ study });
  });

  it("is decided by the authority, in time, once the steward gave its word", async () => {
    await alice.client.disputeDelivery({ study });
    await expectCode("WRONG_STAGE", world.authority.decideDispute({ ...which(), delivered: true, onWait }));
    await expectCode("NOT_THE_STEWARD", university.client.answerDispute(which()));
    await clinic.client.answerDispute(which());
    expect((await part()).stage).to.equal("Answered");
    await world.authority.decideDispute({ ...which(), delivered: true, onWait });
    expect((await part()).stage).to.equal("Left");
  });

  it("isn't paid where nobody answers", async () => {
    await alice.client.disputeDelivery({ study });
    await world.increaseTime(14 * DAY);
    await expectCode("TOO_LATE", clinic.client.answerDispute(which()));
    await university.client.closeDispute(which());
    expect((await part()).stage).to.equal("Undelivered");
    await expectCode("NOTHING_TO_PAY", alice.client.payoutStudy({ study }));
  });
});
