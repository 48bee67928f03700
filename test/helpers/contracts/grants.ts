import { expect } from "chai";
import { DAY, type Grant } from "./typed-data.js";
import { minuteOf, now, type World } from "./world.js";

export const [TREAT, HRESCH] = [0, 4];
export const [SUMMARY, MEDICATION, OBSERVATION, GENOMIC, SENSITIVE] = [0, 1, 2, 6, 7];
export const MAX_COUNTER = 2n ** 32n - 1n;

export const maskOf = (...categories: number[]) => categories.reduce((mask, category) => mask | (1 << category), 0);

/** The insurer may see the hospital's summaries and observations for a month, for treatment. */
export async function grantToInsurer(world: World, change: Partial<Grant> = {}): Promise<Grant> {
  return {
    viewer: world.ids.insurer,
    purpose: TREAT,
    steward: world.ids.hospital,
    categories: maskOf(SUMMARY, OBSERVATION),
    sensitiveFromAnySteward: false,
    until: BigInt((await now(world)) + 30 * DAY),
    ...change,
  };
}

export const inADay = async (world: World) => ({ deadline: (await now(world)) + DAY });

export const mayView = (world: World, given: Grant, category: number, steward = given.steward) =>
  world.consents.canView(world.ids.alice, steward, given.viewer, category, given.purpose);

export const stateOf = (world: World, given: Grant) =>
  world.consents.grantOf(world.ids.alice, given.viewer, given.purpose, given.steward);

/** Expects that a call grants exactly `given` for alice: event, counters, lanes and answers. */
export async function expectGranted(world: World, call: () => Promise<unknown>, given: Grant) {
  const { consents, ids } = world;
  const [before, lanesBefore] = await stateOf(world, given);
  const after = [before.accessEpoch, before.generation, before.version + 1n];
  const until = minuteOf(given.until) * 60n;

  await expect(call())
    .to.emit(consents, "Granted")
    .withArgs(ids.alice, given.viewer, given.steward, given.purpose, given.categories, until, after);

  const [state, lanes] = await stateOf(world, given);
  expect(state).to.deep.equal(after);
  for (let category = 0; category < 8; ++category) {
    const granted = ((given.categories >> category) & 1) === 1;
    expect(laneOf(lanes, category)).to.equal(granted ? minuteOf(given.until) : laneOf(lanesBefore, category));
    if (granted) expect(await mayView(world, given, category)).to.be.true;
  }
}

export const laneOf = (lanes: bigint, category: number) => (lanes >> BigInt(28 * category)) & (2n ** 28n - 1n);
