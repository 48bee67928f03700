import { expect } from "chai";

import { fixture } from "../../devnet/index.js";
import { DAY, signGrant, signGrantRevocation, type Grant } from "../helpers/contracts/typed-data.js";
import { now, withRelationship } from "../helpers/contracts/world.js";

const load = fixture(async () => {
  const world = await withRelationship();
  const { ids, alice } = world;
  const given: Grant = {
    viewer: ids.insurer,
    purpose: 0,
    steward: ids.hospital,
    categories: 0b11,
    sensitiveFromAnySteward: false,
    until: BigInt((await now(world)) + 30 * DAY),
  };
  const deadline = (await now(world)) + DAY;
  const signed = await signGrantRevocation(world, alice, given, { deadline });
  const revoke = () =>
    world.consents.connect(world.relayer).revokeGrantWithSig(ids.alice, ids.insurer, 0, ids.hospital, 0b11, 0, signed);
  return { ...world, given, deadline, revoke };
});

describe("The signed revocation of a grant", () => {
  it("counts once, as every signature does", async () => {
    const { consents, revoke } = await load();
    await revoke();

    await expect(revoke()).to.be.revertedWithCustomError(consents, "StaleSignature");
  });

  it("can't be sent again to kill what the patient signs next", async () => {
    const { consents, alice, ids, given, deadline, revoke, ...world } = await load();
    await revoke();
    const next = await signGrant({ ...world, consents }, alice, given, { deadline });
    await revoke().catch(() => undefined);
    await consents.grantWithSig(ids.alice, given, next);

    expect(await consents.canView(ids.alice, ids.hospital, ids.insurer, 0, 0)).to.be.true;
  });
});
