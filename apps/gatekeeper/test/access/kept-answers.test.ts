import { join } from "node:path";

import { expect } from "chai";
import { CATEGORIES, type Client, EVERY_STEWARD, PURPOSES, type Purpose } from "chartchain";
import { type Actor, createDevnet, type Devnet, relate } from "chartchain/devnet";
import type { ChainIndex } from "chartchain/watch";
import { openIndex } from "chartchain/watch/node";
import { encodeBytes32String } from "ethers";

import { type Access, AccessDecider, type Asker, type Kept } from "../../src/access/access.js";
import { Changes } from "../../src/access/changes.js";

const MINUTE = 60;
const DAY = 24 * 60 * MINUTE;
const GAS = { gasLimit: 1_500_000 };
const DIGEST = encodeBytes32String("a digest");
const NONE = `0x${"0".repeat(64)}`;
/** Steps of one world. */
const STEPS = 24;

/** Numbers from 0 up to 1, the same for the same seed. */
function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe("an answer that is kept over blocks", () => {
  let world: Devnet;
  let index: ChainIndex;
  let hospital: Actor;
  let alice: Actor;
  let bob: Actor;
  let viewers: Actor[];
  let ambulance: Actor;
  let court: Actor;
  /** How far this machine's clock is ahead of the chain's, in seconds. */
  let ahead = 0;
  let chainTime = 0;
  before(async () => {
    world = await createDevnet();
    hospital = await world.institution("General Hospital");
    alice = await world.patient("alice");
    bob = await world.patient("bob");
    ambulance = await world.institution("Ambulance", ["PROVIDER", "EMERGENCY"]);
    court = await world.institution("Court", ["COURT"]);
    viewers = [await world.patient("carol"), await world.institution("Insurer", ["PAYER"]), ambulance, bob];
    await relate(hospital, alice);
    await relate(hospital, bob);
    const { provider, deployment } = world;
    index = await openIndex({ file: join(world.folder, "index.sqlite"), provider, deployment, scope: "whole" });
  });
  after(async () => {
    await index.close();
    await world.close();
  });

  /** Whose records are kept. */
  let everyones = (): Actor[] => [alice, bob];
  const kept: Kept = {
    kinds: async () =>
      everyones().flatMap(({ id: patient }) =>
        CATEGORIES.flatMap((category) => [false, true].map((confidential) => ({ patient, category, confidential }))),
      ),
    edition: async () => "1",
    records: async () => [],
  };
  const deciderOf = (client: Client) => {
    const { Records, Summary } = world.deployment.contracts;
    return new AccessDecider(client, hospital.id, kept, new Changes(index, [Records, Summary]));
  };
  const clientWith = (finality: number) =>
    world.clientOf(hospital, { events: index, finality, clock: () => chainTime + ahead });

  /** Something at random, which the contracts may refuse. */
  async function happen(random: () => number): Promise<unknown> {
    const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)]!;
    const mask = () => 1 + Math.floor(random() * 255);
    const now = await world.now();
    const end = () => now + pick([2 * MINUTE, 5 * MINUTE, 10 * MINUTE, DAY]);
    const viewer = pick(viewers);
    const patient = pick([alice, alice, bob]);
    const { Consents, Delegates, Registrar, PatientProviderRelationships: Relationships } = patient.client.contracts;
    const steward = pick([EVERY_STEWARD, hospital.id, hospital.id]);
    const given = {
      ...{ viewer: viewer.id, purpose: PURPOSES.indexOf(pick(["TREAT", "TREAT", "ETREAT"])), steward },
      ...{ categories: mask(), sensitiveFromAnySteward: true, until: end() },
    };
    const grant = () => Consents.grant(patient.id, given, GAS);
    const ways: (() => Promise<unknown>)[] = [
      ...[grant, grant, grant, grant],
      () => Consents.grantConstrained(patient.id, given, pick([DIGEST, NONE]), GAS),
      () => Consents.revokeGrant(patient.id, given.viewer, given.purpose, given.steward, given.categories, GAS),
      () => Consents.revokeViewer(patient.id, viewer.id, GAS),
      () => Registrar.revokeAll(patient.id, GAS),
      () => Delegates.appoint(viewer.id, { approving: false, granting: mask(), viewing: mask() }, end(), GAS),
      () => Delegates.dismiss(patient.id, viewer.id, GAS),
      () =>
        court.client.contracts.Delegates.appointAsCourt(
          ...([patient.id, viewer.id, { approving: true, granting: 255, viewing: mask() }] as const),
          ...([now + 60 * DAY, GAS] as const),
        ),
      () => Relationships.suspend(patient.id, hospital.id, GAS),
      () => Relationships.resume(patient.id, hospital.id, GAS),
      () =>
        ambulance.client.contracts.Consents.breakGlass(patient.id, now + pick([5 * MINUTE, 200 * MINUTE]), DIGEST, GAS),
      async () => {
        const { number } = await Consents.emergencyOf(patient.id, ambulance.id);
        return Consents.review(patient.id, ambulance.id, number, pick([1, 2]), GAS);
      },
      () => Registrar.changeSettings(patient.id, { knownOnly: false, longestGrant: 0, emergency: mask() }, GAS),
      () => world.authority.suspendInstitution({ institution: pick([ambulance, court, viewers[1]!]).id }),
      () => world.authority.reinstateInstitution({ institution: pick([ambulance, court, viewers[1]!]).id }),
      // Nothing that matters: time, blocks, and somebody else's consents.
      () => world.increaseTime(pick([30, MINUTE, 3 * MINUTE, random() < 0.1 ? 31 * DAY : 10])),
      () => world.provider.send("hardhat_mine", [`0x${pick([1, 2, 5]).toString(16)}`]),
      ...[0, 0, 0].map(() => () => viewers[0]!.client.contracts.Registrar.revokeAll(viewers[0]!.id, GAS)),
      async () => (ahead = pick([0, 0, 20, 90, 4 * MINUTE])),
    ];
    return pick(ways)();
  }

  const shown = ({ visible, bases }: Access) => ({
    visible: visible.map((part) => JSON.stringify(part)).sort(),
    bases: [...bases].sort(([a], [b]) => a - b),
  });

  for (const [seed, finality] of [
    [1, 0],
    [2, 3],
  ] as const) {
    it(`is what a decision made anew says, at every block and time (finality ${finality}, seed ${seed})`, async () => {
      const random = dice(seed);
      const client = await clientWith(finality);
      let decided = 0;
      const counted = {
        ...client,
        decideAll: (input: Parameters<Client["decideAll"]>[0]) => {
          decided++;
          return client.decideAll(input);
        },
      };
      const decider = deciderOf(counted);
      const askers: Asker[] = viewers.flatMap(({ id: participant }) =>
        (["TREAT", "ETREAT"] satisfies Purpose[]).map((purpose) => ({ participant, purpose })),
      );
      let [asks, different] = [0, 0];
      let snapshot: string | undefined;
      const kinds = new Set<string>();
      for (let step = 0; step < STEPS; step++) {
        // A reorganisation: what happened since is gone, and others come in its place.
        if (snapshot !== undefined && random() < 0.15) {
          await world.provider.send("evm_revert", [snapshot]);
          snapshot = undefined;
          await world.provider.send("hardhat_mine", [`0x${(1 + Math.floor(random() * 8)).toString(16)}`]);
        }
        if (snapshot === undefined || random() < 0.2)
          snapshot = (await world.provider.send("evm_snapshot", [])) as string;
        await happen(random).catch(() => undefined);
        chainTime = await world.now();
        for (const asker of askers) {
          asks++;
          const [now, anew] = [await decider.accessOf(asker), await deciderOf(client).accessOf(asker)];
          expect(shown(now), `step ${step}, ${JSON.stringify(asker)}`).to.deep.equal(shown(anew));
          kinds.add(JSON.stringify(shown(now)));
          different = kinds.size;
        }
      }
      expect(decided, "an answer that is never kept needs no proof").to.be.below(asks);
      expect(different, "a world in which nothing changes proves nothing").to.be.above(2);
    });
  }

  /** A decider, and a viewer's questions to it and to one that knows nothing yet: both say the same. */
  async function asking(viewer: Actor) {
    const client = await clientWith(0);
    const decider = deciderOf(client);
    const asker = { participant: viewer.id, purpose: "TREAT" } as const;
    return async (): Promise<boolean> => {
      chainTime = await world.now();
      const [now, anew] = [await decider.accessOf(asker), await deciderOf(client).accessOf(asker)];
      expect(shown(now)).to.deep.equal(shown(anew));
      return now.visible.length > 0;
    };
  }

  it("ends with the licence of the court by whose word somebody acts, which names neither of both", async () => {
    ahead = 0;
    const [ward, guardian] = [await world.patient("ward"), await world.patient("guardian")];
    const itsCourt = await world.institution("Guardianship Court", ["COURT"]);
    everyones = () => [ward];
    const mayItSee = await asking(guardian);
    const powers = { approving: true, granting: 255, viewing: 255 };
    const until = (await world.now()) + 300 * DAY;
    await itsCourt.client.contracts.Delegates.appointAsCourt(ward.id, guardian.id, powers, until, GAS);
    expect(await mayItSee(), "in the time of notice").to.equal(false);
    await world.increaseTime(31 * DAY);
    expect(await mayItSee()).to.equal(true);
    await world.authority.suspendInstitution({ institution: itsCourt.id });
    expect(await mayItSee(), "while the court is suspended").to.equal(false);
    await world.increaseTime(15 * DAY);
    expect(await mayItSee(), "the suspension lapsed without an event").to.equal(true);
  });

  it("ends and begins with the viewer's own licence, and with the grant", async () => {
    ahead = 0;
    const [dora, lab] = [await world.patient("dora"), await world.institution("Laboratory")];
    await relate(hospital, dora);
    everyones = () => [dora];
    const mayItSee = await asking(lab);
    const until = (await world.now()) + 40 * DAY;
    await dora.client.grantAccess({ viewer: lab.id, categories: ["SUMMARY"], purpose: "TREAT", until });
    expect(await mayItSee()).to.equal(true);
    await world.authority.suspendInstitution({ institution: lab.id });
    expect(await mayItSee()).to.equal(false);
    await world.increaseTime(15 * DAY);
    expect(await mayItSee(), "the suspension lapsed without an event").to.equal(true);
    ahead = 30 * DAY;
    expect(await mayItSee(), "over by this machine's clock alone").to.equal(false);
    ahead = 0;
    expect(await mayItSee()).to.equal(true);
    await world.increaseTime(30 * DAY);
    expect(await mayItSee()).to.equal(false);
  });
});
