import { expect } from "chai";

import { deployedChain, fixture, PROVIDER, registerPatient } from "../../devnet/index.js";
import { birthOf, comeOfAge, registerChild, startOf, yearOf } from "../helpers/contracts/children.js";
import { ConsentModel } from "../helpers/contracts/consent-model.js";
import {
  EVERY_CATEGORY,
  EVERY_PURPOSE,
  compare,
  institutions,
  persons,
  questionsOf,
} from "../helpers/contracts/truth-table.js";
import { DAY } from "../helpers/contracts/typed-data.js";
import { ALL } from "../helpers/contracts/delegates.js";
import { add, end, NOTICE, order, withCourt, type CourtWorld } from "../helpers/contracts/representatives.js";
import { suspend } from "../helpers/contracts/decrees.js";
import { activate, now, populate } from "../helpers/contracts/world.js";
import { revokeAllAs } from "../helpers/contracts/settings.js";

/**
 * The truth table of {IConsents.canView} for those who see in a patient's place: every fate of a delegate, in one access
 * epoch and in the next, a child's representative before, in and after the year of coming of age, and every fate of whom an
 * institution appointed.
 */

const [SUMMARY, OBSERVATION, CARE] = [0, 2, 4];
const maskOf = (categories: readonly number[]) => categories.reduce((mask, category) => mask | (1 << category), 0);
const FOR_EVER = Number.MAX_SAFE_INTEGER;

/** Delegates by what they may view, and by what becomes of them. */
const DELEGATES = {
  "views two categories": [OBSERVATION, CARE],
  "views everything": EVERY_CATEGORY,
  "views nothing, but approves and grants": [],
  "whose term is over": EVERY_CATEGORY,
  "whom the patient dismissed": EVERY_CATEGORY,
  "who resigned": EVERY_CATEGORY,
  "whose powers became fewer": EVERY_CATEGORY,
  "who was appointed again after a dismissal": [SUMMARY],
  "who was never one": undefined,
} as const;
type Name = keyof typeof DELEGATES;
const NAMES = Object.keys(DELEGATES) as Name[];

const load = fixture(async () => {
  const chain = await deployedChain();
  const alice = await registerPatient(chain, chain.alice, "Alice");
  const bob = await registerPatient(chain, chain.bob, "Bob");
  const start = await now(chain);
  const stewards = await institutions(chain, ["an active steward", "a steward of nobody"], () => ({
    roles: PROVIDER,
    until: start + 300 * DAY,
  }));
  await activate(chain, chain.alice, stewards("an active steward").signer);
  const delegate = await persons(chain, NAMES);
  const ids = {
    alice,
    bob,
    active: stewards("an active steward").id,
    other: stewards("a steward of nobody").id,
  };
  return { ...chain, ids, delegate, start };
});

type World = Awaited<ReturnType<typeof load>>;

/** Appoints everybody, lets everything happen, and says the same to the model. Two days pass. */
async function appointAll(world: World, model: ConsentModel) {
  const { delegates, ids, delegate, start } = world;
  const asAlice = delegates.connect(world.alice);
  const appoint = async (name: Name, categories: readonly number[], days = 30) => {
    const until = start + days * DAY;
    const powers = { approving: true, granting: 255, viewing: maskOf(categories) };
    await asAlice.appoint(delegate(name).id, powers, until);
    model.appoint({ patient: ids.alice, viewer: delegate(name).id, categories, until });
  };
  const gone = (name: Name) => model.dismiss(({ viewer }) => viewer === delegate(name).id);

  for (const name of NAMES) {
    const categories = DELEGATES[name];
    if (categories !== undefined) await appoint(name, categories, name === "whose term is over" ? 1 : 30);
  }
  for (const name of ["whom the patient dismissed", "who was appointed again after a dismissal"] as const) {
    await asAlice.dismiss(ids.alice, delegate(name).id);
    gone(name);
  }
  await appoint("who was appointed again after a dismissal", [SUMMARY]);
  await appoint("whose powers became fewer", [CARE]);
  await delegates.connect(delegate("who resigned").signer).dismiss(ids.alice, delegate("who resigned").id);
  gone("who resigned");
  await world.networkHelpers.time.increase(2 * DAY);
}

function modelOf({ ids, start, delegate }: World) {
  const model = new ConsentModel();
  for (const id of [ids.alice, ids.bob, ...NAMES.map((name) => delegate(name).id)]) model.persons.add(id);
  for (const id of [ids.active, ids.other]) {
    model.licences.set(id, { isProvider: true, until: start + 300 * DAY, suspended: false });
  }
  model.active.set(ids.alice, new Map([[ids.active, FOR_EVER]]));
  return model;
}

/** Everything about alice and about bob, asked for everybody. */
const questionsAbout = ({ ids, delegate }: World) =>
  questionsOf({
    patients: [ids.alice, ids.bob],
    stewards: [ids.active, ids.other, ids.alice, 0n],
    viewers: [...NAMES.map((name) => delegate(name).id), ids.alice, ids.bob, ids.active, ids.other, 0n, 999n],
    categories: EVERY_CATEGORY,
    purposes: EVERY_PURPOSE,
  });

/** Questions that are asked of one viewer, for each category. */
const EACH_CATEGORY = 4 * EVERY_PURPOSE.length;
/** Alice sees everything of hers, bob of his, and the active steward what it keeps. */
const ALWAYS = 2 * EACH_CATEGORY * EVERY_CATEGORY.length + EVERY_CATEGORY.length * EVERY_PURPOSE.length;
/** How many (delegate, category) there are in the end: 2 + 8 + CARE + SUMMARY. */
const LIVE = 2 + 8 + 1 + 1;

describe("The truth table of canView for delegates", () => {
  it("holds for each of them, whoever keeps the records and whatever for", async () => {
    const world = await load();
    const model = modelOf(world);
    await appointAll(world, model);

    expect(await compare(world, model, questionsAbout(world))).to.equal(ALWAYS + LIVE * EACH_CATEGORY);
  });

  it("holds in the next access epoch: all of them are gone", async () => {
    const world = await load();
    const model = modelOf(world);
    await appointAll(world, model);
    await revokeAllAs(world.registrar, world.alice);
    model.dismiss(() => true);

    expect(await compare(world, model, questionsAbout(world))).to.equal(ALWAYS);
  });

  it("holds for the one who is appointed again in the next access epoch", async () => {
    const world = await load();
    const { registrar, delegates, alice, ids, delegate, start } = world;
    const model = modelOf(world);
    await appointAll(world, model);
    await revokeAllAs(registrar, alice);
    model.dismiss(() => true);
    const again = { patient: ids.alice, viewer: delegate("views everything").id, until: start + 30 * DAY };
    const powers = { approving: false, granting: 0, viewing: maskOf([SUMMARY]) };
    await delegates.connect(alice).appoint(again.viewer, powers, again.until);
    model.appoint({ ...again, categories: [SUMMARY] });

    expect(await compare(world, model, questionsAbout(world))).to.equal(ALWAYS + EACH_CATEGORY);
  });

  it("holds for delegates who hold grants as well: those stay within their own lanes", async () => {
    const world = await load();
    const { consents, alice, ids, delegate, start } = world;
    const model = modelOf(world);
    await appointAll(world, model);
    const names = ["views two categories", "whom the patient dismissed", "who was never one"] as const;
    const until = start + 30 * DAY;
    for (const name of names) {
      const given = { viewer: delegate(name).id, purpose: 0, steward: ids.active };
      await consents.connect(alice).grant(ids.alice, {
        ...given,
        categories: maskOf([SUMMARY, OBSERVATION]),
        sensitiveFromAnySteward: false,
        until,
      });
      model.grant({ ...given, patient: ids.alice, until: Math.floor(until / 60) * 60 }, [SUMMARY, OBSERVATION]);
    }

    // Both categories for two of them; one for the delegate who sees the other anyway.
    expect(await compare(world, model, questionsAbout(world))).to.equal(ALWAYS + LIVE * EACH_CATEGORY + 5);
  });
});

describe("The truth table of canView for a child", () => {
  const loadChild = fixture(async () => {
    const world = await populate();
    const year = (await yearOf(world)) + 1;
    const child = (await world.registrar.participantCount()) + 1n;
    const { alice: representative, generalHospital: clinic, ids } = world;
    await registerChild(world, "direct", { representative, clinic, birth: birthOf(year) });
    const given = { viewer: ids.bob, purpose: 0, steward: ids.hospital, until: startOf(year) + DAY };
    const care = { ...given, categories: maskOf([CARE]), sensitiveFromAnySteward: false };
    await world.consents.connect(representative).grant(child, care);
    return { ...world, child, year, given };
  });

  type ChildWorld = Awaited<ReturnType<typeof loadChild>>;

  function modelOfChild({ ids, child, year, given }: ChildWorld) {
    const model = new ConsentModel();
    for (const id of [ids.alice, ids.bob, child]) model.persons.add(id);
    model.appoint({ patient: child, viewer: ids.alice, categories: EVERY_CATEGORY, until: startOf(year + 1) });
    model.grant({ ...given, patient: child }, [CARE]);
    return model;
  }

  const all = (world: ChildWorld, model = modelOfChild(world)) =>
    compare(
      world,
      model,
      questionsOf({
        patients: [world.child, world.ids.alice],
        stewards: [world.ids.hospital, world.child, 0n],
        viewers: [world.ids.alice, world.ids.bob, world.child, world.ids.hospital, world.ids.insurer, 0n],
        categories: EVERY_CATEGORY,
        purposes: EVERY_PURPOSE,
      }),
    );

  /** What one person sees who sees everything. */
  const EVERYTHING = 3 * EVERY_CATEGORY.length * EVERY_PURPOSE.length;

  it("holds while the child is one", async () => {
    const world = await loadChild();

    // The child and the representative; alice herself; bob what was granted.
    expect(await all(world)).to.equal(3 * EVERYTHING + 1);
  });

  it("holds at the last second of the year, and after it", async () => {
    const world = await loadChild();
    const { time } = world.networkHelpers;
    await time.increaseTo(startOf(world.year + 1) - 1);
    expect(await all(world), "the last second").to.equal(3 * EVERYTHING);
    await time.increaseTo(startOf(world.year + 1));

    expect(await all(world), "the next one").to.equal(2 * EVERYTHING);
  });

  it("holds once the child has come of age", async () => {
    const world = await loadChild();
    const { child, generalHospital: clinic, stranger: account, relayer: sender } = world;
    await world.networkHelpers.time.increaseTo(startOf(world.year));
    expect(await all(world), "before").to.equal(3 * EVERYTHING + 1);
    await comeOfAge(world, child, { account, clinic, sender });
    const model = modelOfChild(world);
    model.dismiss(() => true);
    model.revoke(() => true);

    expect(await all(world, model), "after").to.equal(2 * EVERYTHING);
  });

  it("holds once the representative revoked everything: the representative still sees it", async () => {
    const world = await loadChild();
    await world.registrar.connect(world.alice).revokeAll(world.child);
    const model = modelOfChild(world);
    model.revoke(() => true);

    expect(await all(world, model)).to.equal(3 * EVERYTHING);
  });
});

describe("The truth table of canView for representatives", () => {
  /** Of an adult, with what each of them sees in the end. */
  const OF_AN_ADULT = {
    "who counts": EVERY_CATEGORY,
    "who counts for two categories": [OBSERVATION, CARE],
    "whom the person dismissed in time": [],
    "whose court was suspended": [],
    "whose court ended it": [],
    "whom an order ended": [],
    "whose term is over": [],
    "whom a court has announced": [],
  } as const;
  /** Of a child. */
  const OF_A_CHILD = {
    "who came with the first one's signature": EVERY_CATEGORY,
    "who came by an order of a court that was suspended": EVERY_CATEGORY,
    "who went by an order": [],
  } as const;
  type Fate = keyof typeof OF_AN_ADULT | keyof typeof OF_A_CHILD;

  const loadAll = fixture(async () => {
    const world: CourtWorld = await withCourt();
    const { delegates, court, otherCourt, alice, bob, ids, child, networkHelpers } = world;
    const fates = [...Object.keys(OF_AN_ADULT), ...Object.keys(OF_A_CHILD)] as Fate[];
    const one = await persons(world, fates);
    const announce = async (by: typeof court, name: Fate, term = 300 * DAY, viewing = 255) =>
      delegates
        .connect(by)
        .appointAsCourt(ids.bob, one(name).id, { ...ALL, viewing }, (await now(world)) + NOTICE + term);
    await announce(court, "who counts");
    await announce(court, "who counts for two categories", 300 * DAY, maskOf([OBSERVATION, CARE]));
    await announce(court, "whom the person dismissed in time");
    await announce(otherCourt, "whose court was suspended");
    await announce(court, "whose court ended it");
    await announce(court, "whom an order ended");
    await announce(court, "whose term is over", DAY);
    await delegates.connect(bob).dismiss(ids.bob, one("whom the person dismissed in time").id);
    await add(world, alice, [child, one("who came with the first one's signature").id]);
    await add(world, alice, [child, one("who went by an order").id]);
    await order(world, otherCourt, [child, one("who came by an order of a court that was suspended").id]);
    await networkHelpers.time.increase(NOTICE + 2 * DAY);
    await delegates.connect(court).endAsCourt(ids.bob, one("whose court ended it").id);
    await end(world, otherCourt, [ids.bob, one("whom an order ended").id]);
    await end(world, court, [child, one("who went by an order").id]);
    await suspend(world, ids.otherCourt);
    await announce(court, "whom a court has announced");
    return { ...world, one, fates };
  });

  it("holds for every fate, also once person and child revoked everything", async () => {
    const world = await loadAll();
    const { registrar, alice, bob, ids, child, one, fates } = world;
    const model = new ConsentModel();
    for (const id of [ids.alice, ids.bob, child, ...fates.map((name) => one(name).id)]) model.persons.add(id);
    model.appoint({ patient: child, viewer: ids.alice, categories: EVERY_CATEGORY, until: FOR_EVER });
    for (const [patient, table] of [
      [ids.bob, OF_AN_ADULT],
      [child, OF_A_CHILD],
    ] as const) {
      for (const [name, categories] of Object.entries(table)) {
        model.appoint({ patient, viewer: one(name as Fate).id, categories, until: FOR_EVER });
      }
    }
    const questions = questionsOf({
      patients: [ids.bob, child],
      stewards: [ids.laboratory, 0n],
      viewers: [ids.alice, ids.bob, child, ids.court, ids.hospital, ...fates.map((name) => one(name).id)],
      categories: EVERY_CATEGORY,
      purposes: EVERY_PURPOSE,
    });
    const nameOf = new Map(fates.map((name) => [one(name).id, name]));
    // Bob, the child, alice, and three that count for everything; one for two of eight categories.
    const each = 2 * EVERY_PURPOSE.length;
    const yes = 6 * EVERY_CATEGORY.length * each + 2 * each;
    expect(await compare(world, model, questions, nameOf)).to.equal(yes);
    await registrar.connect(bob).revokeAll(ids.bob);
    await registrar.connect(alice).revokeAll(child);
    expect(await compare(world, model, questions, nameOf)).to.equal(yes);
  });
});
