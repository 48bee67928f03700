import { birthOf, comeOfAge, licenseForLong, registerChild, startOf, yearOf } from "./children.js";
import { fixture } from "../../../devnet/index.js";
import { withGuardians } from "./recovery.js";

/** Alice's child, whom the general hospital attested and who comes of age in `year`. */
export const loadChild = fixture(async () => {
  const world = await withGuardians();
  await licenseForLong(world);
  const year = (await yearOf(world)) + 1;
  const child = (await world.registrar.participantCount()) + 1n;
  await registerChild(world, "direct", {
    representative: world.alice,
    clinic: world.generalHospital,
    birth: birthOf(year),
  });
  return { ...world, child, year };
});

export type ChildWorld = Awaited<ReturnType<typeof loadChild>>;

/** The same in the year in which the child comes of age. */
export const loadOfAge = async () => {
  const world = await loadChild();
  await world.networkHelpers.time.increaseTo(startOf(world.year));
  return world;
};

/** The child takes over, with a new phone: the first clinic attests it, and somebody sends it. */
export const takeOver = (
  world: ChildWorld,
  change: Partial<Parameters<typeof comeOfAge>[2]> = {},
  twist: Parameters<typeof comeOfAge>[3] = {},
) => {
  const { newPhone: account, generalHospital: clinic, relayer: sender, child } = world;
  return comeOfAge(world, child, { account, clinic, sender, ...change }, twist);
};
