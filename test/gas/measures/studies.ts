import { NO_SIGNATURE, openAccount } from "../../helpers/contracts/bank.js";
import { DAY, authorize, signGrant, type Grant } from "../../helpers/contracts/typed-data.js";
import { digestOf } from "../../helpers/contracts/world.js";
import { CATEGORIES, offerOf } from "../study.js";
import { DEADLINE, UNTIL, type Measure, type World } from "../world.js";

const HRESCH = 4;
const DATA = digestOf("the salted data");

/** A study from its opening to the last payout. */
export async function measureStudies(world: World, measure: Measure) {
  const { studies, consents, ids, names, alice, bob, relayer, generalHospital, study, networkHelpers } = world;
  const { university, researcher, number, enrolUntil, closesAt } = study;
  const patient = studies.connect(alice);
  const relay = studies.connect(relayer);
  const offer = offerOf(enrolUntil, closesAt);
  const given: Grant = {
    viewer: researcher,
    purpose: HRESCH,
    steward: ids.hospital,
    categories: CATEGORIES,
    sensitiveFromAnySteward: false,
    until: UNTIL,
  };
  const consent = await signGrant(world, alice, given, DEADLINE);
  const about = { patient: ids.alice, study: number, ...DEADLINE };
  const joining = await authorize(
    studies,
    "StudyJoin",
    {
      ...about,
      researcher,
      researcherName: names.get(researcher)!,
      steward: ids.hospital,
      stewardName: "General Hospital",
      termsDigest: offer.termsDigest,
      price: offer.price,
      minimum: 1n,
      signatureEpoch: 0n,
    },
    alice,
  );
  const withdrawing = await authorize(studies, "StudyWithdrawal", about, alice);
  const disputing = await authorize(studies, "DeliveryDispute", about, alice);
  const acknowledging = await authorize(
    studies,
    "DeliveryAcknowledgement",
    { recipient: ids.alice, study: number, patient: ids.alice, dataDigest: DATA, ...DEADLINE },
    alice,
  );
  const paying = await authorize(studies, "StudyPayout", { ...about, to: alice.address, signatureEpoch: 0n }, alice);
  const receiptOf = (id: bigint) =>
    authorize(
      studies,
      "DeliveryReceipt",
      { steward: ids.hospital, study: number, patient: id, dataDigest: DATA, ...DEADLINE },
      generalHospital,
    );
  const [receipt, bobs] = [await receiptOf(ids.alice), await receiptOf(ids.bob)];

  const account = () => openAccount(world, alice, generalHospital);
  const join = () => patient.join(number, ids.hospital, UNTIL, consent);
  const joinBob = async () => {
    await openAccount(world, bob, generalHospital, digestOf("bob"));
    await consents.connect(bob).grant(ids.bob, given);
    return studies.connect(bob).join(number, ids.hospital, 0, NO_SIGNATURE);
  };
  const enrolmentOver = () => networkHelpers.time.increaseTo(enrolUntil);
  const release = () => relay.release(number, [ids.alice]);
  const enrolled = async () => {
    await enrolmentOver();
    await (await release()).wait();
  };
  /** Another study, of alice and bob, which needs both. */
  const ofTwo = async () => {
    const both = number + 1n;
    await studies.connect(university).open({ ...offer, minimum: 2 });
    await consents.connect(alice).grant(ids.alice, given);
    for (const each of [alice, bob]) await studies.connect(each).join(both, ids.hospital, 0, NO_SIGNATURE);
  };
  const ascending = [ids.alice, ids.bob].sort((a, b) => Number(a - b));
  const deliver = () => relay.deliver(number, ids.alice, DATA, receipt);
  const deliverBob = () => relay.deliver(number, ids.bob, DATA, bobs);
  const undisputed = () => networkHelpers.time.increase(7 * DAY);
  const over = () => networkHelpers.time.increaseTo(closesAt + 7 * DAY);
  const settle = () => relay.settle(number);
  const payout = () => patient.payout(number, alice.address);
  const both = [account, join, joinBob, enrolled];
  const delivered = [...both, deliverBob, deliver];
  const disputed = [...delivered, () => patient.dispute(number)];
  const settled = [...delivered, over, settle];
  const endowed = async () => {
    const { chartToken } = world;
    await chartToken.connect(university).transfer(alice.address, 1);
  };

  await measure("open study", () => studies.connect(university).open(offer));
  await measure("join study", join, account);
  await measure("join study, signed", () => relay.joinWithSig(number, ids.hospital, UNTIL, consent, joining), account);
  await measure(
    "join study, granted before",
    () => patient.join(number, ids.hospital, 0, NO_SIGNATURE),
    account,
    () => consents.connect(alice).grant(ids.alice, given),
  );
  await measure("withdraw from study", () => patient.withdraw(number), account, join);
  await measure("withdraw from study, signed", () => relay.withdrawWithSig(number, withdrawing), account, join);
  await measure("release study, one participant", release, account, join, enrolmentOver);
  await measure(
    "release study, two",
    () => relay.release(number + 1n, ascending),
    account,
    joinBob,
    ofTwo,
    enrolmentOver,
  );
  await measure("deliver, the steward's first", deliver, ...both);
  await measure("deliver", deliver, ...both, deliverBob);
  await measure("dispute", () => patient.dispute(number), ...delivered);
  await measure("dispute, signed", () => relay.disputeWithSig(number, disputing), ...delivered);
  await measure("answer dispute", () => studies.connect(generalHospital).answerDispute(number, ids.alice), ...disputed);
  await measure("acknowledge delivery", () => relay.acknowledge(number, ids.alice, DATA, acknowledging), ...disputed);
  await measure("close dispute", () => relay.closeDispute(number, ids.alice), ...disputed, over);
  await measure("settle", settle, ...delivered, over);
  await measure("cancel", () => studies.connect(university).cancel(number), account, join);
  await measure("payout, the first tokens", payout, ...delivered, undisputed);
  await measure("payout", payout, ...delivered, undisputed, endowed);
  await measure(
    "payout, signed",
    () => relay.payoutWithSig(number, alice.address, paying),
    ...delivered,
    undisputed,
    endowed,
  );
  await measure(
    "payout of a steward",
    () => studies.connect(generalHospital).payoutSteward(number, generalHospital.address),
    ...settled,
  );
  await measure("payout of the bank", () => relay.payoutBank(number), ...settled);
  await measure("refund", () => relay.refund(number), ...settled);
}
