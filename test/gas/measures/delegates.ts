import { authorize, categoriesOf, signGrant, type Grant } from "../../helpers/contracts/typed-data.js";
import { DEADLINE, UNTIL, type Measure, type World } from "../world.js";

/** A delegate: appointed, at work on grants, dismissed. */
export async function measureDelegates(world: World, measure: Measure) {
  const { delegates, consents, ids, alice, bob, relayer } = world;
  const asAlice = delegates.connect(alice);
  const asRelayer = delegates.connect(relayer);
  const powers = { approving: true, granting: 0xff, viewing: 0b111 };
  const pair = { patient: ids.alice, delegate: ids.bob };
  const appoint = () => asAlice.appoint(ids.bob, powers, UNTIL);
  const appointment = {
    ...pair,
    approvesRelationships: true,
    grants: categoriesOf(powers.granting),
    views: categoriesOf(powers.viewing),
    until: UNTIL,
    signatureEpoch: 0n,
    version: 0n,
    ...DEADLINE,
  };
  const appointing = await authorize(delegates, "DelegateAppointment", appointment, alice);
  const dismissing = await authorize(delegates, "DelegateDismissal", { ...pair, version: 1n, ...DEADLINE }, alice);

  await measure("appoint delegate", appoint);
  await measure("appoint delegate, signed", () => asRelayer.appointWithSig(ids.bob, powers, UNTIL, appointing));
  await measure("change delegate", () => asAlice.appoint(ids.bob, { ...powers, granting: 0b1 }, UNTIL), appoint);
  await measure("dismiss delegate", () => asAlice.dismiss(ids.alice, ids.bob), appoint);
  await measure("dismiss delegate, signed", () => asRelayer.dismissWithSig(ids.bob, 1, dismissing), appoint);
  await measure("resign as a delegate", () => delegates.connect(bob).dismiss(ids.alice, ids.bob), appoint);

  const given: Grant = {
    viewer: ids.insurer,
    purpose: 0,
    steward: ids.hospital,
    categories: 0b110,
    sensitiveFromAnySteward: false,
    until: UNTIL,
  };
  const asBob = consents.connect(bob);
  const grant = () => asBob.grant(ids.alice, given);
  const granting = await signGrant(world, bob, given, DEADLINE, {}, ids.alice);

  await measure("grant, by a delegate", grant, appoint);
  await measure(
    "grant, by a delegate, signed",
    () => consents.connect(relayer).grantWithSig(ids.alice, given, granting),
    appoint,
  );
  await measure(
    "revoke grant, by a delegate",
    () => asBob.revokeGrant(ids.alice, given.viewer, given.purpose, given.steward, given.categories),
    appoint,
    grant,
  );
  await measure(
    "revoke viewer, by a delegate",
    () => asBob.revokeViewer(ids.alice, ids.insurer),
    appoint,
    () => asBob.revokeViewer(ids.alice, ids.insurer),
  );
}
