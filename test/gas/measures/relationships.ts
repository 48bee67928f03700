import { expect } from "chai";

import { authorize, signApproval, type Message, type TypeName } from "../../helpers/contracts/typed-data.js";
import { TERMS } from "../../helpers/contracts/world.js";
import { DEADLINE, UNTIL, approveOf, hospitalsOffer, type Measure, type World } from "../world.js";

/** Relationships, by the patient and by a delegate. */
export async function measureRelationships(world: World, measure: Measure) {
  const { relationships, delegates, ids, alice, bob, generalHospital, relayer } = world;
  const { offer, offered, accept } = await hospitalsOffer(world);
  const approved = await signApproval(world, alice, offer, DEADLINE);
  const about = { patient: ids.alice, provider: ids.hospital, providerName: "General Hospital" };
  const sign = (type: TypeName, counters: Message) =>
    authorize(relationships, type, { ...about, ...counters, ...DEADLINE }, alice);
  const declined = await sign("RelationshipDecline", { nonce: 1n });
  const ended = await sign("RelationshipEnd", { nonce: 1n });
  const suspended = await sign("RelationshipSuspension", { nonce: 1n });
  const resumed = await sign("RelationshipResumption", { nonce: 2n, signatureEpoch: 0n });
  const blocked = await sign("ProviderBlock", { blocks: 0n });
  const unblocked = await sign("ProviderUnblock", { blocks: 1n, signatureEpoch: 0n });
  const asHospital = relationships.connect(generalHospital);
  const asAlice = relationships.connect(alice);
  const asRelayer = relationships.connect(relayer);
  const propose = () => asHospital.propose(ids.alice, TERMS, UNTIL);
  const approve = () => asAlice.approve(ids.alice, ids.hospital, 1, TERMS, UNTIL);
  const listed = Number(await relationships.providerCount(ids.alice));
  expect(listed % 6, "the next entry opens a word").to.equal(0);
  const openWord = () => approveOf(world, world.clinics[0]!);

  await measure("propose", propose);
  await measure("withdraw", () => asHospital.withdraw(ids.alice), propose);
  await measure(
    "approve, the patient's first",
    () => relationships.connect(bob).approve(ids.bob, ids.hospital, 1, TERMS, UNTIL),
    () => asHospital.propose(ids.bob, TERMS, UNTIL),
  );
  await measure("approve, new list word", approve, propose);
  await measure("approve", approve, propose, openWord);
  await measure("approve, signed", () => asRelayer.approveWithSig(offer, approved), propose, openWord);
  await measure("accept offer, new list word", accept);
  await measure("accept offer", accept, openWord);
  await measure("accept offer, both signed", () => asRelayer.establish(offer, offered, approved), openWord);
  await measure("decline", () => asAlice.decline(ids.alice, ids.hospital, 1), propose);
  await measure("decline, signed", () => asRelayer.declineWithSig(ids.alice, ids.hospital, 1, declined), propose);
  await measure("suspend relationship", () => asAlice.suspend(ids.alice, ids.hospital), accept);
  const suspend = () => asAlice.suspend(ids.alice, ids.hospital);
  await measure(
    "suspend relationship, signed",
    () => asRelayer.suspendWithSig(ids.alice, ids.hospital, 1, suspended),
    accept,
  );
  await measure("resume relationship", () => asAlice.resume(ids.alice, ids.hospital), accept, suspend);
  await measure(
    "resume relationship, signed",
    () => asRelayer.resumeWithSig(ids.alice, ids.hospital, 2, resumed),
    accept,
    suspend,
  );
  await measure("end", () => asAlice.end(ids.alice, ids.hospital), accept);
  await measure("end, signed", () => asRelayer.endWithSig(ids.alice, ids.hospital, 1, ended), accept);
  const block = () => asAlice.blockProvider(ids.alice, ids.hospital);
  await measure("block provider", block, accept);
  await measure(
    "block provider, signed",
    () => asRelayer.blockProviderWithSig(ids.alice, ids.hospital, 0, blocked),
    accept,
  );
  await measure("unblock provider", () => asAlice.unblockProvider(ids.alice, ids.hospital), accept, block);
  await measure(
    "unblock provider, signed",
    () => asRelayer.unblockProviderWithSig(ids.alice, ids.hospital, 1, unblocked),
    accept,
    block,
  );

  // By a delegate

  const asBob = relationships.connect(bob);
  const appoint = () => delegates.connect(alice).appoint(ids.bob, { approving: true, granting: 0, viewing: 0 }, UNTIL);
  const bobs = await signApproval(world, bob, offer, DEADLINE);

  await measure(
    "approve, by a delegate",
    () => asBob.approve(ids.alice, ids.hospital, 1, TERMS, UNTIL),
    propose,
    openWord,
    appoint,
  );
  await measure(
    "approve, by a delegate, signed",
    () => asRelayer.approveWithSig(offer, bobs),
    propose,
    openWord,
    appoint,
  );
  await measure("accept offer, by a delegate", () => asBob.accept(offer, offered), openWord, appoint);
  await measure("decline, by a delegate", () => asBob.decline(ids.alice, ids.hospital, 1), propose, appoint);
  await measure("end, by a delegate", () => asBob.end(ids.alice, ids.hospital), accept, appoint);
}
