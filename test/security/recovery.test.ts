import { env } from "node:process";

import { expect } from "chai";

import { fixture } from "../../devnet/index.js";
import {
  NEW_KEY,
  Stage,
  approve,
  isFrozen,
  stageOf,
  start,
  veto,
  withGuardians,
} from "../helpers/contracts/recovery.js";
import { DAY } from "../helpers/contracts/typed-data.js";
import {
  MOVES,
  MOVE_NAMES,
  honestStep,
  increases,
  look,
  withThief,
  type Standing,
  type ThiefWorld,
} from "../helpers/contracts/thief.js";

/**
 * A thief who has alice's key races the guardians, in every order: between any two steps of the honest ones, any of the
 * thief's moves, up to {@link DEPTH} in all. A move that reverts leaves the state as it was, so nothing follows it.
 */
const DEPTH = env.CHARTCHAIN_DEEP === undefined ? 2 : 3;

/** How long the guardians take to answer: at once, or so late that they only just don't miss the term. */
const PACES = { promptly: 0, "at the last hour": 3 * DAY - 2 * 60 * 60 };

/** What the thief may begin with: before the guardians have begun there is nothing to veto. */
const FIRST = ["does nothing at first", ...MOVE_NAMES.filter((name) => !/veto|approve/.test(name))] as const;

const load = fixture(withThief);
const loadGuardians = fixture(withGuardians);

interface Tally {
  played: number;
  tried: number;
  refused: number;
}

/** Plays on from here in every way, and comes back to here. */
async function explore(
  world: ThiefWorld,
  pause: number,
  left: number,
  played: readonly string[],
  before: Standing | undefined,
  tally: Tally,
) {
  const here = async <T>(play: () => Promise<T>): Promise<T> => {
    const id: unknown = await world.provider.send("evm_snapshot", []);
    const result = await play();
    await world.provider.send("evm_revert", [id]);
    return result;
  };
  if (left > 0) {
    for (const name of MOVE_NAMES) {
      await here(async () => {
        ++tally.tried;
        if (await MOVES[name](world)) {
          await goOn(world, pause, left - 1, [...played, name], before, tally);
        } else ++tally.refused;
      });
    }
  }
  await here(async () => {
    if (await honestStep(world, pause)) {
      ++tally.played;
      await expectAliceHasIt(world, played);
    } else await goOn(world, pause, left, [...played, "—"], before, tally);
  });
}

/** After a step: nothing has increased if a recovery was pending before and still is. */
async function goOn(
  world: ThiefWorld,
  pause: number,
  left: number,
  played: readonly string[],
  before: Standing | undefined,
  tally: Tally,
) {
  if (played.length > 25) throw new Error(`it takes for ever: ${played.join(", ")}`);
  const standing = (await isFrozen(world)) ? await look(world) : undefined;
  if (before !== undefined && standing !== undefined) {
    expect(increases(before, standing), `while pending: ${played.join(", ")}`).to.deep.equal([]);
  }
  await explore(world, pause, left, played, standing, tally);
}

/** Alice has her participant from the new phone and nobody else has anything, now and once every delay is over. */
async function expectAliceHasIt(world: ThiefWorld, played: readonly string[]) {
  const { registrar, newPhone, ids, digest } = world;
  const why = played.join(", ");
  for (const days of [0, 60]) {
    if (days > 0) await world.networkHelpers.time.increase(days * DAY);
    const standing = await look(world);
    expect(standing, why).to.deep.equal({
      bobViews: false,
      bobMay: 0,
      accounts: [newPhone.address],
      guardians: digest,
      key: NEW_KEY,
      emergency: 0b11,
    });
    expect(await isFrozen(world), why).to.be.false;
  }
  expect(await registrar.guardianChangeOf(ids.alice), why).to.deep.equal([`0x${"00".repeat(32)}`, 0n]);
}

describe("A thief who has the key, against one guardian more than the threshold", () => {
  for (const [pace, pause] of Object.entries(PACES)) {
    for (const first of FIRST) {
      it(`loses whatever is tried, where the guardians answer ${pace} and the thief ${first}`, async () => {
        const world = await load();
        const tally = { played: 0, tried: 0, refused: 0 };
        if (first === "does nothing at first") {
          // The thief waits until the guardians have begun: what comes before that is what the other tests begin with.
          await honestStep(world, pause);
          await goOn(world, pause, DEPTH, ["—"], undefined, tally);
        } else {
          expect(await MOVES[first](world)).to.be.true;
          await goOn(world, pause, DEPTH - 1, [first], undefined, tally);
        }

        expect(tally.played, "games to the end").to.be.greaterThan(MOVE_NAMES.length);
        expect(tally.refused, "moves that revert").to.be.greaterThan(0).and.lessThan(tally.tried);
      }).timeout(DEPTH * 20 * 60 * 1000);
    }
  }
});

describe("A thief who has the key, against no more than the threshold", () => {
  it("holds them up with one veto for each attempt: that is why it takes one guardian more", async () => {
    const world = await loadGuardians();
    const { registrar, alice, ids, networkHelpers } = world;
    for (const number of [1n, 2n]) {
      await start(world);
      await approve(world, world.dave, { number });
      await veto(world, alice, { number });
      await networkHelpers.time.increase(4 * DAY);
      expect(await stageOf(world)).to.equal(Stage.None);
    }

    expect(await registrar.participantOf(alice.address)).to.equal(ids.alice);
  });
});
