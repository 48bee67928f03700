import { expect } from "chai";
import { id as keccakOfText, type Signer } from "ethers";

import { asAuthority, deployedChain, fixture, PAYER, PROVIDER, registerPatient } from "../../devnet/index.js";
import { ConsentModel } from "../helpers/contracts/consent-model.js";
import { EVERY_CATEGORY, EVERY_PURPOSE, compare, institutions, questionsOf } from "../helpers/contracts/truth-table.js";
import { DAY } from "../helpers/contracts/typed-data.js";
import { TERMS, activate, digestOf, now } from "../helpers/contracts/world.js";
import { revokeAllAs } from "../helpers/contracts/settings.js";

/**
 * The truth table of {IConsents.canView}: every kind of viewer, every state of a lane, one steward's records and every
 * steward's, the right and the wrong category and purpose, against a plain model. Its other dimensions are in
 * ConsentsTruthTable.deputies.test.ts and ConsentsTruthTable.emergencies.test.ts.
 */

const [OBSERVATION, CARE, SENSITIVE] = [2, 4, 7];
const [TREAT, HRESCH] = [0, 4];

/** Institutions by what becomes of them after the grants were made. All begin licensed and, where active, active. */
const STEWARDS = [
  "an active steward",
  "a steward suspended by the patient",
  "a steward that suspended itself",
  "a steward whose relationship was ended",
  "a steward whose relationship ended by its term",
  "a steward that only proposed",
  "a steward without a relationship",
  "an active steward whose licence lapsed",
  "an active steward whose licence is suspended",
  "an active steward that is now licensed as a payer",
] as const;

const INSTITUTIONS = [
  "a licensed insurer",
  "an insurer whose licence lapsed",
  "an insurer whose licence is suspended",
  "an institution that never had a licence",
] as const;

type Name = (typeof STEWARDS)[number] | (typeof INSTITUTIONS)[number];

const load = fixture(async () => {
  const chain = await deployedChain();
  const { relationships } = chain;
  const alice = await registerPatient(chain, chain.alice, "Alice");
  const bob = await registerPatient(chain, chain.bob, "Bob");
  const start = await now(chain);
  const named = await institutions<Name>(chain, [...STEWARDS, ...INSTITUTIONS], (name) =>
    name === "an institution that never had a licence"
      ? undefined
      : {
          roles: (STEWARDS as readonly string[]).includes(name) ? PROVIDER : PAYER,
          until: start + (name.includes("licence lapsed") ? DAY : 300 * DAY),
        },
  );
  const ids = new Map<Name, bigint>();
  const signers = new Map<Name, Signer>();
  for (const name of [...STEWARDS, ...INSTITUTIONS]) {
    ids.set(name, named(name).id);
    signers.set(name, named(name).signer);
  }

  for (const name of STEWARDS) {
    if (name === "a steward without a relationship") continue;
    const signer = signers.get(name)!;
    if (name === "a steward that only proposed") await relationships.connect(signer).propose(alice, TERMS, 0);
    else await activate(chain, chain.alice, signer, name.endsWith("by its term") ? BigInt(start + DAY) : 0n);
  }
  const all = [...ids.values()];
  const nameOf = new Map([...ids].map(([name, id]): [bigint, string] => [id, name]));
  return { ...chain, ids: { alice, bob, nobody: 0n, unknown: 999n }, institutions: ids, signers, all, nameOf, start };
});

type World = Awaited<ReturnType<typeof load>>;

/** What happens to the institutions after the grants, in the contracts. Two days pass. */
async function settle(world: World) {
  const { registrar, relationships, authority, ids, institutions, signers, networkHelpers } = world;
  const id = (name: Name) => institutions.get(name)!;
  await relationships.connect(world.alice).suspend(ids.alice, id("a steward suspended by the patient"));
  const itself = "a steward that suspended itself";
  await relationships.connect(signers.get(itself)).suspend(ids.alice, id(itself));
  await relationships.connect(world.alice).end(ids.alice, id("a steward whose relationship was ended"));
  const payer = "an active steward that is now licensed as a payer";
  const licence = [id(payer), keccakOfText(payer), PAYER, world.start + 300 * DAY] as const;
  await asAuthority(world, registrar, registrar.interface.encodeFunctionData("license", [...licence]));
  await networkHelpers.time.increase(2 * DAY);
  await registrar.connect(authority).suspend(id("an active steward whose licence is suspended"));
  await registrar.connect(authority).suspend(id("an insurer whose licence is suspended"));
}

/** The same in the model, written down rather than derived. */
function modelOf(world: World): ConsentModel {
  const model = new ConsentModel();
  const { ids, institutions, start } = world;
  model.persons.add(ids.alice).add(ids.bob);
  const forEver = Number.MAX_SAFE_INTEGER;
  const active = new Map<bigint, number>();
  for (const [name, id] of institutions) {
    if (name.startsWith("an active steward")) active.set(id, forEver);
    if (name === "an institution that never had a licence") continue;
    model.licences.set(id, {
      isProvider: name.includes("steward") && !name.endsWith("as a payer"),
      until: start + (name.includes("licence lapsed") ? DAY : 300 * DAY),
      suspended: name.endsWith("licence is suspended"),
    });
  }
  model.active.set(ids.alice, active);
  return model;
}

const SCOPES = ["one steward's records", "every steward's records"] as const;

const LANE_STATES = [
  "none",
  "live",
  "live and constrained",
  "expired",
  "revoked by revokeGrant",
  "revoked by revokeViewer",
  "revoked by revokeAll",
  "granted again after a revocation",
] as const;

describe("The truth table of canView", () => {
  for (const scope of SCOPES) {
    for (const state of LANE_STATES) {
      it(`holds for ${scope}, lane ${state}`, async () => {
        const world = await load();
        const { consents, ids, institutions, all, start } = world;
        const model = modelOf(world);
        const as = consents.connect(world.alice);
        const until = start + (state === "expired" ? DAY : 30 * DAY);
        const granted = { purpose: TREAT, categories: 1 << OBSERVATION, sensitiveFromAnySteward: false };
        const active = institutions.get("an active steward")!;
        const ended = institutions.get("a steward whose relationship was ended")!;
        const stewards = scope === SCOPES[1] ? [0n] : [active, ended, ids.alice];
        const unlicensed = institutions.get("an institution that never had a licence");
        const viewers = [...all.filter((id) => id !== unlicensed), ids.bob];

        const grantAll = async () => {
          for (const viewer of viewers) {
            for (const steward of stewards) {
              const given = { ...granted, viewer, steward, until };
              // A constraint narrows off chain: the answer is the upper bound.
              if (state === "live and constrained")
                await as.grantConstrained(ids.alice, given, digestOf("a constraint"));
              else await as.grant(ids.alice, given);
              const entry = { patient: ids.alice, viewer, steward, purpose: TREAT };
              model.grant({ ...entry, until: Math.floor(until / 60) * 60 }, [OBSERVATION]);
            }
          }
        };
        if (state !== "none") await grantAll();
        if (state === "revoked by revokeGrant") {
          for (const viewer of viewers) {
            for (const steward of stewards) await as.revokeGrant(ids.alice, viewer, TREAT, steward, 1 << OBSERVATION);
          }
        }
        if (state === "revoked by revokeViewer") for (const viewer of viewers) await as.revokeViewer(ids.alice, viewer);
        if (state === "revoked by revokeAll" || state === "granted again after a revocation") {
          await revokeAllAs(world.registrar, world.alice);
        }
        if (state.startsWith("revoked")) model.revoke(() => true);
        if (state === "granted again after a revocation") await grantAll();
        await settle(world);

        const questions = questionsOf({
          patients: [ids.alice],
          stewards: [...all, ids.alice, ids.bob, 0n],
          viewers: [...all, ids.alice, ids.bob, ids.nobody, ids.unknown],
          categories: [OBSERVATION, CARE, SENSITIVE],
          purposes: [TREAT, HRESCH],
        });
        const yes = await compare(world, model, questions, world.nameOf);

        // The patient sees all records and the active steward its own, whatever the lanes say.
        const always = (all.length + 3) * 6 + 6;
        const isLive = state.startsWith("live") || state === "granted again after a revocation";
        expect(yes > always, "a live lane adds to that").to.equal(isLive);
        if (!isLive) expect(yes).to.equal(always);
      });
    }
  }

  it("holds for every category and purpose of a grant that names some", async () => {
    const world = await load();
    const { consents, ids, institutions, start } = world;
    const model = modelOf(world);
    const insurer = institutions.get("a licensed insurer")!;
    const steward = institutions.get("an active steward")!;
    const grants = [
      { viewer: insurer, purpose: 2, steward, categories: [0, 5], sensitiveFromAnySteward: false },
      { viewer: insurer, purpose: 2, steward: 0n, categories: [5, 6], sensitiveFromAnySteward: true },
      { viewer: ids.bob, purpose: 6, steward: 0n, categories: [0, 1, 2, 3, 4, 5, 6, 7], sensitiveFromAnySteward: true },
      { viewer: ids.bob, purpose: 0, steward, categories: [7], sensitiveFromAnySteward: false },
    ];
    const until = start + 30 * DAY;
    for (const given of grants) {
      const categories = given.categories.reduce((mask, category) => mask | (1 << category), 0);
      await consents.connect(world.alice).grant(world.ids.alice, { ...given, categories, until });
      const entry = { patient: ids.alice, viewer: given.viewer, steward: given.steward, purpose: given.purpose };
      model.grant({ ...entry, until: Math.floor(until / 60) * 60 }, given.categories);
    }
    await settle(world);

    const other = institutions.get("a steward without a relationship")!;
    await compare(
      world,
      model,
      questionsOf({
        patients: [ids.alice],
        stewards: [steward, other],
        viewers: [insurer, ids.bob, steward],
        categories: EVERY_CATEGORY,
        purposes: EVERY_PURPOSE,
      }),
    );
  });

  it("holds for those who aren't patients: nobody sees anything of theirs, not even they themselves", async () => {
    const world = await load();
    const { ids, all, institutions } = world;
    const hospital = institutions.get("an active steward")!;
    const model = modelOf(world);

    for (const patient of [hospital, ids.nobody, ids.unknown]) {
      const questions = questionsOf({
        patients: [patient],
        stewards: [patient, hospital],
        viewers: [patient, ids.alice, ...all],
        categories: [OBSERVATION],
        purposes: [TREAT],
      });
      expect(await compare(world, model, questions)).to.equal(0);
    }
  });

  it("holds for another patient: alice's grants say nothing about bob", async () => {
    const world = await load();
    const { ids, all, institutions } = world;
    const insurer = institutions.get("a licensed insurer")!;
    const given = { purpose: TREAT, categories: 255, sensitiveFromAnySteward: true, until: world.start + DAY };
    await world.consents.connect(world.alice).grant(world.ids.alice, { ...given, viewer: insurer, steward: 0 });
    await world.consents.connect(world.alice).grant(world.ids.alice, { ...given, viewer: ids.bob, steward: 0 });

    const questions = questionsOf({
      patients: [ids.bob],
      stewards: all,
      viewers: [...all, ids.alice],
      categories: [OBSERVATION],
      purposes: [TREAT],
    });
    expect(await compare(world, modelOf(world), questions)).to.equal(0);
  });
});
