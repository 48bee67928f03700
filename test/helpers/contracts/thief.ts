import type { Signer } from "ethers";

import { OWNER } from "./participants.js";
import { signJoining } from "./signatures.js";
import {
  NEW_KEY,
  Stage,
  accept,
  approve,
  dueAt,
  recoveryOf,
  start,
  withGuardians,
  guardiansDigest,
} from "./recovery.js";
import { DAY } from "./typed-data.js";
import { digestOf, now } from "./world.js";

const TREAT = 0;
const [SUMMARY, SENSITIVE] = [0, 7];

/**
 * {@link withGuardians}, with alice's tablet as her second account. A thief has the key of her first account; bob is who the
 * thief gives things to, mallory an account of the thief's, and frank, one of the four guardians, is the thief's man. The
 * other three are honest: one more than the threshold. An earlier attempt lapsed long ago, when alice found her key again.
 */
export async function withThief() {
  const world = await withGuardians();
  const { registrar, alice, tablet, ids } = world;
  await registrar.connect(alice).addAccount(OWNER, await signJoining(world, tablet, ids.alice));
  await start(world, world.erin, { newAccount: tablet.address });
  await approve(world, world.carol, { starter: ids.erin });
  await world.networkHelpers.time.increase(20 * DAY);
  const thiefsGuardians = { ...world.guardians, members: [ids.bob, ids.frank], threshold: 1 };
  const thiefsDigest = guardiansDigest(ids.alice, thiefsGuardians);
  const began = await now(world);
  return { ...world, thiefsDigest, began, later: BigInt(began + 400 * DAY) };
}

export type ThiefWorld = Awaited<ReturnType<typeof withThief>>;

/** Sends a call with plenty of gas and without asking first; false where it reverts. */
async function send(world: ThiefWorld, by: Signer, to: { getAddress(): Promise<string> }, data: string) {
  const call = { from: await by.getAddress(), to: await to.getAddress(), data, gas: "0x7a1200" };
  return world.provider.send("eth_sendTransaction", [call]).then(
    () => true,
    (error: unknown) => {
      // Any other failure is one of the test.
      if (String(error).includes("revert")) return false;
      throw error;
    },
  );
}

type Move = (world: ThiefWorld) => Promise<boolean>;

const atRegistrar =
  (encode: (world: ThiefWorld) => string | Promise<string>, by?: (world: ThiefWorld) => Signer): Move =>
  async (world) =>
    send(world, by?.(world) ?? world.alice, world.registrar, await encode(world));

const wait =
  (days: number): Move =>
  async (world) => {
    // The guardians notice before thirty days are over, and once they have begun they don't let the thief wait.
    const tooLate = (await now(world)) + days * DAY > world.began + 28 * DAY;
    if (tooLate || (await recoveryOf(world)).stage !== Stage.None) return false;
    await world.networkHelpers.time.increase(days * DAY);
    return true;
  };

/** All that a thief with the key may try, and a guardian who is the thief's man; each says whether it got through. */
export const MOVES = {
  "grants everything": (world) => {
    const everything = { categories: 255, steward: 0, sensitiveFromAnySteward: true };
    const granted = { ...everything, viewer: world.ids.bob, purpose: TREAT, until: world.later };
    const { consents } = world;
    return send(
      world,
      world.alice,
      consents,
      consents.interface.encodeFunctionData("grant", [world.ids.alice, granted]),
    );
  },
  "appoints a delegate": (world) =>
    send(
      world,
      world.alice,
      world.delegates,
      world.delegates.interface.encodeFunctionData("appoint", [
        world.ids.bob,
        { approving: true, granting: 255, viewing: 255 },
        world.later,
      ]),
    ),
  "adds an account": atRegistrar(async (world) =>
    world.registrar.interface.encodeFunctionData("addAccount", [
      OWNER,
      await signJoining(world, world.mallory, world.ids.alice),
    ]),
  ),
  "changes the guardians": atRegistrar(({ registrar, thiefsDigest }) =>
    registrar.interface.encodeFunctionData("changeGuardians", [thiefsDigest]),
  ),
  "changes the key": atRegistrar(({ registrar }) =>
    registrar.interface.encodeFunctionData("changeKey", [digestOf("the thief's key")]),
  ),
  "widens the settings": atRegistrar(({ registrar, ids }) =>
    registrar.interface.encodeFunctionData("changeSettings", [
      ids.alice,
      { knownOnly: false, longestGrant: 0, emergency: 255 },
    ]),
  ),
  vetoes: atRegistrar(async (world) => {
    const { number } = await recoveryOf(world);
    const { registrar, ids, guardians } = world;
    return registrar.interface.encodeFunctionData("vetoRecovery", [ids.carol, number, guardians]);
  }),
  "vetoes the earlier attempt": atRegistrar(({ registrar, ids, guardians }) =>
    registrar.interface.encodeFunctionData("vetoRecovery", [ids.erin, 1, guardians]),
  ),
  "has a guardian approve the earlier attempt": atRegistrar(
    ({ registrar, ids, guardians }) =>
      registrar.interface.encodeFunctionData("approveRecovery", [ids.alice, ids.erin, 1, guardians]),
    ({ frank }) => frank,
  ),
  "cancels signatures": atRegistrar(({ registrar }) => registrar.interface.encodeFunctionData("cancelSignatures")),
  "retires the other account": atRegistrar(({ registrar, tablet }) =>
    registrar.interface.encodeFunctionData("retireAccount", [tablet.address]),
  ),
  "revokes everything": atRegistrar(({ registrar, ids }) =>
    registrar.interface.encodeFunctionData("revokeAll", [ids.alice]),
  ),
  "has a guardian start another recovery": atRegistrar(
    ({ registrar, ids, mallory, guardians }) =>
      registrar.interface.encodeFunctionData("startRecovery", [ids.alice, mallory.address, guardians]),
    ({ frank }) => frank,
  ),
  "waits two days": wait(2),
  "waits twenty-five days": wait(25),
} satisfies Record<string, Move>;

export type MoveName = keyof typeof MOVES;
export const MOVE_NAMES = Object.keys(MOVES) as MoveName[];

/** What somebody else than alice might gain; what there is more of than before is a gain. */
export interface Standing {
  bobViews: boolean;
  bobMay: number;
  accounts: string[];
  guardians: string;
  key: string;
  emergency: number;
}

export async function look(world: ThiefWorld): Promise<Standing> {
  const { registrar, consents, delegates, ids, alice, tablet, mallory, newPhone } = world;
  const acting = async ({ address }: { address: string }) =>
    (await registrar.participantOf(address)) === ids.alice ? [address] : [];
  const [summary, sensitive, { powers }, accounts, guardians, key, { emergency }] = await Promise.all([
    consents.canView(ids.alice, ids.hospital, ids.bob, SUMMARY, TREAT),
    consents.canView(ids.alice, ids.hospital, ids.bob, SENSITIVE, TREAT),
    delegates.powersOf(ids.alice, ids.bob),
    Promise.all([alice, tablet, mallory, newPhone].map(acting)),
    registrar.guardiansOf(ids.alice),
    registrar.keyDocumentOf(ids.alice),
    registrar.settingsOf(ids.alice),
  ]);
  return {
    bobViews: summary || sensitive,
    bobMay: Number(powers.granting | powers.viewing) | (powers.approving ? 256 : 0),
    accounts: accounts.flat(),
    guardians,
    key,
    emergency: Number(emergency),
  };
}

/** What there is more of in `after`. */
export function increases(before: Standing, after: Standing): string[] {
  const more: Record<string, boolean> = {
    "what bob views": after.bobViews && !before.bobViews,
    "what bob may do": (after.bobMay & ~before.bobMay) !== 0,
    accounts: after.accounts.some((account) => !before.accounts.includes(account)),
    guardians: after.guardians !== before.guardians,
    key: after.key !== before.key,
    "what a responder sees": (after.emergency & ~before.emergency) !== 0,
  };
  return Object.keys(more).filter((what) => more[what]);
}

/**
 * What the honest guardians and alice do next, after `pause` seconds where they are asked to decide: carol starts, dave
 * approves, erin too after a veto, and whoever is there executes once it is due.
 *
 * @returns true once the recovery is executed
 */
export async function honestStep(world: ThiefWorld, pause: number): Promise<boolean> {
  const { registrar, ids, carol, dave, erin, newPhone, guardians, networkHelpers, relayer } = world;
  const { stage, number } = await recoveryOf(world);
  const call = registrar.interface;
  const must = async (by: Signer, data: string) => {
    if (!(await send(world, by, registrar, data))) throw new Error(`an honest step failed at stage ${stage}`);
  };
  const approval = call.encodeFunctionData("approveRecovery", [ids.alice, ids.carol, number, guardians]);

  if (stage === Stage.None) {
    await must(carol, call.encodeFunctionData("startRecovery", [ids.alice, newPhone.address, guardians]));
  } else if (stage === Stage.Collecting || stage === Stage.Escalated) {
    if (pause > 0) await networkHelpers.time.increase(pause);
    await must(stage === Stage.Collecting ? dave : erin, approval);
  } else if ((await now(world)) < (await dueAt(world))) {
    await networkHelpers.time.increaseTo(await dueAt(world));
  } else {
    const accepted = await accept(world, newPhone, { number, keyDocument: NEW_KEY });
    const data = call.encodeFunctionData("executeRecovery", [ids.alice, ids.carol, NEW_KEY, guardians, accepted]);
    await must(relayer, data);
    return true;
  }
  return false;
}
