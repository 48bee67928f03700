import { signConsentChanges, type Grant } from "../../helpers/contracts/typed-data.js";
import { DEADLINE, UNTIL, type Measure, type World } from "../world.js";

/** Several changes of consent at once. */
export async function measureBatches(world: World, measure: Measure) {
  const { consents, ids, alice, relayer, clinics } = world;
  const grant = (change: Partial<Grant>): Grant => ({
    viewer: ids.insurer,
    purpose: 0,
    steward: ids.hospital,
    categories: 0b110,
    sensitiveFromAnySteward: false,
    until: UNTIL,
    ...change,
  });
  const ten = Array.from({ length: 10 }, (_, i) => i);
  const one = ten.map((i) => grant({ purpose: i % 5, steward: i < 5 ? ids.hospital : ids.laboratory }));
  const many = clinics.slice(0, 10).map(({ id }) => grant({ viewer: id }));
  const asAlice = consents.connect(alice);
  const asRelayer = consents.connect(relayer);
  const signed = {
    one: await signConsentChanges(world, alice, [], one, DEADLINE),
    many: await signConsentChanges(world, alice, [], many, DEADLINE),
  };

  await measure("ten grants to one viewer", () => asAlice.changeConsents([], one));
  await measure("ten grants to one viewer in one signature", () =>
    asRelayer.changeConsentsWithSig([], one, signed.one),
  );
  await measure("ten grants to ten viewers", () => asAlice.changeConsents([], many));
  await measure("ten grants to ten viewers in one signature", () =>
    asRelayer.changeConsentsWithSig([], many, signed.many),
  );
  await measure(
    "ten revocations",
    () => asAlice.changeConsents(many, []),
    () => asAlice.changeConsents([], many),
  );
}
