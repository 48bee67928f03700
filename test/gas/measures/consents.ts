import { ZeroHash } from "ethers";

import {
  DAY,
  signConstrainedGrant,
  signGrant,
  signGrantRevocation,
  signViewerRevocation,
  type Grant,
} from "../../helpers/contracts/typed-data.js";
import { digestOf } from "../../helpers/contracts/world.js";
import { DEADLINE, UNTIL, type Measure, type World } from "../world.js";

const CONSTRAINT = digestOf("a constraint");
const OTHER_CONSTRAINT = digestOf("another constraint");

/** Grants and revocations, one at a time. */
export async function measureConsents(world: World, measure: Measure) {
  const { consents, ids, alice, relayer } = world;
  const given = (categories: number, change: Partial<Grant> = {}): Grant => ({
    viewer: ids.insurer,
    purpose: 0,
    steward: ids.hospital,
    categories,
    sensitiveFromAnySteward: false,
    until: UNTIL,
    ...change,
  });
  const two = given(0b00000110);
  const eight = given(0b11111111);
  const later = given(0b00000110, { until: UNTIL + BigInt(365 * DAY) });
  const patient = consents.connect(alice);
  const relay = consents.connect(relayer);
  const grant = () => patient.grant(ids.alice, two);
  const revokeGrant = (g: Grant) => patient.revokeGrant(ids.alice, g.viewer, g.purpose, g.steward, g.categories);
  const signed = {
    two: await signGrant(world, alice, two, DEADLINE),
    eight: await signGrant(world, alice, eight, DEADLINE),
    constrained: await signConstrainedGrant(world, alice, two, CONSTRAINT, DEADLINE),
    later: await signGrant(world, alice, later, DEADLINE, { version: 1n }),
    revocation: await signGrantRevocation(world, alice, two, DEADLINE, { version: 1n }),
    viewer: await signViewerRevocation(world, alice, ids.insurer, DEADLINE),
  };

  await measure("grant, two categories", grant);
  await measure("grant, two categories, signed", () => relay.grantWithSig(ids.alice, two, signed.two));
  await measure("grant, eight categories", () => patient.grant(ids.alice, eight));
  await measure("grant, eight categories, signed", () => relay.grantWithSig(ids.alice, eight, signed.eight));
  await measure("grant, every steward", () => patient.grant(ids.alice, given(0b00000110, { steward: 0n })));
  await measure("extend grant", () => patient.grant(ids.alice, later), grant);
  await measure("extend grant, signed", () => relay.grantWithSig(ids.alice, later, signed.later), grant);
  const constrain = () => patient.grantConstrained(ids.alice, two, CONSTRAINT);
  await measure("constrain grant, the first time", constrain);
  await measure("constrain grant, the first time, signed", () =>
    relay.grantConstrainedWithSig(ids.alice, two, CONSTRAINT, signed.constrained),
  );
  await measure("constrain grant", () => patient.grantConstrained(ids.alice, two, OTHER_CONSTRAINT), constrain);
  await measure("lift constraint", () => patient.grantConstrained(ids.alice, two, ZeroHash), constrain);
  await measure("grant over a constraint", grant, constrain);
  await measure("revoke grant", () => revokeGrant(two), grant);
  await measure(
    "revoke grant, signed",
    () =>
      relay.revokeGrantWithSig(ids.alice, two.viewer, two.purpose, two.steward, two.categories, 1, signed.revocation),
    grant,
  );
  await measure("revoke viewer, the first time", () => patient.revokeViewer(ids.alice, ids.insurer), grant);
  await measure(
    "revoke viewer, the first time, signed",
    () => relay.revokeViewerWithSig(ids.alice, ids.insurer, signed.viewer),
    grant,
  );
  await measure(
    "revoke viewer",
    () => patient.revokeViewer(ids.alice, ids.insurer),
    () => patient.revokeViewer(ids.alice, ids.insurer),
  );
  // The later revocation, signed: its counter is the one after the first.
  await patient.revokeViewer(ids.alice, ids.insurer);
  const again = await signViewerRevocation(world, alice, ids.insurer, DEADLINE);
  await measure("revoke viewer, signed", () => relay.revokeViewerWithSig(ids.alice, ids.insurer, again));
}
