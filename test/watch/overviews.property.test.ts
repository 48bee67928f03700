import { join } from "node:path";

import { expect } from "chai";
import fc from "fast-check";
import { encodeBytes32String } from "ethers";

import { CATEGORIES, type Client, EVERY_STEWARD, PURPOSES, STATUSES } from "../../src/sdk/index.js";
import { type ChainIndex, emergenciesOf, relationshipsOf, type Seer, whoMaySee } from "../../src/watch/index.js";
import { openIndex } from "../../src/watch/node/index.js";
import { type Actor, createDevnet, type Devnet } from "../../devnet/index.js";
import { mine } from "../sdk/helpers.js";
import { dice } from "../support/faulty-node.js";

const MINUTE = 60;
const DAY = 24 * 60 * MINUTE;
const GAS = { gasLimit: 1_500_000 };
const DIGEST = encodeBytes32String("a digest");
const NONE = `0x${"0".repeat(64)}`;

describe("overviews", () => {
  let world: Devnet;
  let index: ChainIndex;
  let reader: Client;
  let alice: Actor;
  let bob: Actor;
  let carol: Actor;
  let institutions: Actor[];
  let ambulance: Actor;
  let court: Actor;
  before(async () => {
    world = await createDevnet();
    alice = await world.patient("alice");
    bob = await world.patient("bob");
    carol = await world.patient("carol");
    ambulance = await world.institution("Ambulance", ["PROVIDER", "EMERGENCY"]);
    court = await world.institution("Court", ["COURT"]);
    institutions = [
      await world.institution("Hospital"),
      await world.institution("Insurer", ["PAYER"]),
      ambulance,
      court,
    ];
    const { provider, deployment } = world;
    index = await openIndex({ file: join(world.folder, "index.sqlite"), provider, deployment });
    // Of the patient alone: what it needs to know of others it finds out itself.
    reader = await world.clientOf(alice, { events: index });
  });
  after(async () => {
    await index.close();
    await world.close();
  });

  /** Something at random, which the contracts may refuse. */
  async function happen(random: () => number): Promise<unknown> {
    const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)]!;
    const mask = () => 1 + Math.floor(random() * 255);
    const now = await world.now();
    const end = () => now + pick([2 * MINUTE, 10 * MINUTE, DAY, 40 * DAY]);
    const provider = pick([institutions[0]!, ambulance]);
    const viewer = pick([carol, bob, ...institutions]);
    const steward = pick([EVERY_STEWARD, institutions[0]!.id, ambulance.id]);
    const actor = random() < 0.8 ? alice : bob;
    const { Consents, Delegates, PatientProviderRelationships: Relationships } = actor.client.contracts;
    const theirs = provider.client.contracts.PatientProviderRelationships;
    const given = {
      ...{ viewer: viewer.id, purpose: Math.floor(random() * PURPOSES.length), steward, categories: mask() },
      ...{ sensitiveFromAnySteward: true, until: end() },
    };
    const of = [alice.id, provider.id] as const;
    const nonce = async () => (await Relationships.relationship(...of)).nonce;
    const ways: (() => Promise<unknown>)[] = [
      () => Consents.grant(alice.id, given, GAS),
      () => Consents.grant(alice.id, given, GAS),
      () => Consents.grant(alice.id, given, GAS),
      () => Consents.grantConstrained(alice.id, given, pick([DIGEST, NONE]), GAS),
      () => Consents.revokeGrant(alice.id, given.viewer, given.purpose, given.steward, given.categories, GAS),
      async () => {
        await alice.client.contracts.Consents.grant(alice.id, given, GAS);
        return alice.client.contracts.Consents.revokeGrant(alice.id, given.viewer, given.purpose, steward, mask(), GAS);
      },
      () => Consents.revokeViewer(alice.id, viewer.id, GAS),
      () => alice.client.contracts.Registrar.revokeAll(alice.id, GAS),
      () =>
        alice.client.contracts.Delegates.appoint(
          pick([bob, carol]).id,
          { approving: random() < 0.7, granting: mask(), viewing: mask() },
          end(),
          GAS,
        ),
      () => Delegates.dismiss(alice.id, pick([bob, carol]).id, GAS),
      () =>
        court.client.contracts.Delegates.appointAsCourt(
          alice.id,
          pick([bob, carol]).id,
          { approving: true, granting: 255, viewing: mask() },
          now + 60 * DAY,
          GAS,
        ),
      () => court.client.contracts.Delegates.endAsCourt(alice.id, pick([bob, carol]).id, GAS),
      () => theirs.propose(alice.id, DIGEST, pick([0, end()]), GAS),
      async () => {
        const { until, termsDigest } = await Relationships.relationship(...of);
        return Relationships.approve(...of, await nonce(), `${termsDigest}${DIGEST.slice(42)}`, until * 60n, GAS);
      },
      async () => {
        const until = pick([0, now + 2 * MINUTE]);
        const alices = alice.client.contracts.PatientProviderRelationships;
        await alices.end(...of, GAS).catch(() => undefined);
        await alices.unblockProvider(...of, GAS).catch(() => undefined);
        await theirs.propose(alice.id, DIGEST, until, GAS);
        await alices.approve(...of, await nonce(), DIGEST, until, GAS);
        if (until !== 0) await world.increaseTime(3 * MINUTE);
      },
      async () => Relationships.decline(...of, await nonce(), GAS),
      () => theirs.withdraw(alice.id, GAS),
      () => pick([Relationships, theirs]).suspend(...of, GAS),
      () => pick([Relationships, theirs]).resume(...of, GAS),
      () => pick([Relationships, theirs]).end(...of, GAS),
      () => Relationships.blockProvider(...of, GAS),
      () => Relationships.unblockProvider(...of, GAS),
      () =>
        ambulance.client.contracts.Consents.breakGlass(alice.id, now + pick([5 * MINUTE, 200 * MINUTE]), DIGEST, GAS),
      async () => {
        const { number } = await Consents.emergencyOf(alice.id, ambulance.id);
        return Consents.review(alice.id, ambulance.id, number, pick([1, 2]), GAS);
      },
      () =>
        alice.client.contracts.Registrar.changeSettings(
          alice.id,
          { knownOnly: false, longestGrant: 0, emergency: mask() },
          GAS,
        ),
      () => world.authority.suspendInstitution({ institution: pick(institutions).id }),
      () => world.authority.reinstateInstitution({ institution: pick(institutions).id }),
      () =>
        world.increaseTime(pick([MINUTE, 3 * MINUTE, 3 * MINUTE, 3 * 60 * MINUTE, random() < 0.3 ? 33 * DAY : MINUTE])),
    ];
    return pick(ways)();
  }

  /** How often something happened, how often a question was answered with yes, and what was met. */
  let succeeded = 0;
  let allowed = 0;
  const seen = new Set<string>();

  async function agree(random: () => number): Promise<void> {
    const { block, time, seers } = await whoMaySee(reader, { patient: alice.id });
    const at = { blockTag: block };
    const { Consents, Delegates, PatientProviderRelationships } = world.authority.contracts;
    const sees = (seer: Seer, steward: number, category: string, purpose: string) =>
      seer.waitsFor === undefined &&
      [EVERY_STEWARD, steward].includes(seer.steward) &&
      [undefined, purpose].includes(seer.purpose) &&
      seer.sees.some((lane) => lane.category === category && (lane.until === 0 || time < lane.until));
    // Half of the questions are about what is said to be allowed, or next to it; what isn't said mustn't be either.
    const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)]!;
    const viewers = [bob, carol, ...institutions].map(({ id }) => id);
    const stewards = [...institutions.map(({ id }) => id), 99];
    const asked = Array.from({ length: 24 }, (_, i) => {
      const seer = i % 2 === 0 && seers.length > 0 ? pick(seers) : undefined;
      return {
        viewer: seer?.viewer ?? pick(viewers),
        steward: seer === undefined || seer.steward === EVERY_STEWARD ? pick(stewards) : seer.steward,
        lane: CATEGORIES.indexOf((random() < 0.7 && seer?.sees[0]?.category) || pick(CATEGORIES)),
        purpose: PURPOSES.indexOf((random() < 0.7 && seer?.purpose) || pick(PURPOSES)),
      };
    });
    const theirs = await Promise.all(
      asked.map(({ viewer, steward, lane, purpose }) => Consents.canView(alice.id, steward, viewer, lane, purpose, at)),
    );
    const ours = asked.map(({ viewer, steward, lane, purpose }) =>
      seers.some((seer) => seer.viewer === viewer && sees(seer, steward, CATEGORIES[lane]!, PURPOSES[purpose]!)),
    );
    expect(ours, `at block ${block}`).to.deep.equal(theirs);
    allowed += theirs.filter(Boolean).length;
    for (const [i, { purpose }] of asked.entries()) if (theirs[i] === true) seen.add(PURPOSES[purpose]!);
    // What each says besides.
    for (const { viewer, steward, purpose, basis, constrained, sees: lanes, source } of seers) {
      if (basis === "grant" || basis === "research") {
        const [, word] = await Consents.grantOf(alice.id, viewer, PURPOSES.indexOf(purpose!), steward, at);
        const ends = CATEGORIES.map((_, lane) => Number((word >> BigInt(28 * lane)) & 0xfffffffn) * 60);
        const live = CATEGORIES.flatMap((category, lane) =>
          ends[lane]! > time ? [{ category, until: ends[lane]! }] : [],
        );
        expect(lanes).to.deep.equal(live);
        const digest = await Consents.constraintOf(alice.id, viewer, PURPOSES.indexOf(purpose!), steward, at);
        expect(constrained).to.equal(digest !== NONE);
        expect(basis === "research").to.equal(purpose === "HRESCH");
      } else if (source !== undefined) {
        const stored = await Delegates.delegationOf(alice.id, viewer, at);
        expect(Number(stored.source) || alice.id).to.equal(source);
        for (const { until } of lanes) expect(until).to.equal(Number(stored.until));
      }
    }
    const { relationships, ...asOf } = await relationshipsOf(reader, { participant: alice.id });
    for (const { provider, ...entry } of relationships) {
      const stored = await PatientProviderRelationships.relationship(alice.id, provider, { blockTag: asOf.block });
      expect(entry).to.deep.include({
        ...{ status: STATUSES[Number(stored.status)], nonce: Number(stored.nonce) },
        ...{ since: Number(stored.since) * 60, until: Number(stored.until) * 60, blocked: stored.blocks % 2n === 1n },
      });
    }
    const latest = await Consents.emergencyOf(alice.id, ambulance.id, at);
    const { emergencies } = await emergenciesOf(reader, { patient: alice.id });
    expect(emergencies.length).to.equal(Number(latest.number));
    const [open] = emergencies.filter(({ isOpen }) => isOpen);
    expect(open !== undefined).to.equal(
      seers.some((seer) => seer.basis === "emergency" && seer.waitsFor === undefined),
    );
  }

  it("say what the contracts say at that block, whatever was granted, revoked, ended, suspended and undone", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        const random = dice(seed);
        for (let round = 0; round < 20; round++) {
          const back: unknown = random() < 0.2 ? await world.provider.send("evm_snapshot", []) : undefined;
          for (let i = 0; i < 5; i++)
            await happen(random).then(
              () => succeeded++,
              () => undefined,
            );
          for (const { basis, waitsFor } of (await whoMaySee(reader)).seers) seen.add(waitsFor ?? basis);
          if (back !== undefined) {
            await world.provider.send("evm_revert", [back]);
            // A shorter chain with the same blocks is a node that lags.
            await mine(world, 70);
          }
          await agree(random);
        }
      }),
      { numRuns: 2, endOnFailure: true },
    );
    expect(succeeded).to.be.greaterThan(30);
    expect(allowed).to.be.greaterThan(50);
    expect([...seen]).to.include.members(["grant"]);
  });
});
