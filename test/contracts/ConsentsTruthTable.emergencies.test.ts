import { expect } from "chai";
import { id as keccakOfText } from "ethers";

import {
  asAuthority,
  deployedChain,
  EMERGENCY,
  fixture,
  PAYER,
  PROVIDER,
  registerPatient,
} from "../../devnet/index.js";
import { ConsentModel } from "../helpers/contracts/consent-model.js";
import { EVERY_CATEGORY, compare, institutions, questionsOf } from "../helpers/contracts/truth-table.js";
import { DAY } from "../helpers/contracts/typed-data.js";
import { activate, digestOf, now } from "../helpers/contracts/world.js";
import { changeSettingsAs, revokeAllAs } from "../helpers/contracts/settings.js";

/**
 * The truth table of {IConsents.canView} for emergencies: every fate of a responder whose glass was broken, under every
 * kind of policy, before and after the patient revoked everything.
 */

const HOUR = 60 * 60;
/** TREAT, ETREAT, HPAYMT. */
const PURPOSES = [0, 1, 2];
const [JUSTIFIED, UNJUSTIFIED] = [1, 2];
const maskOf = (categories: readonly number[]) => categories.reduce((mask, category) => mask | (1 << category), 0);

/** Responders by what becomes of them after they broke the glass. All but one begin certified. */
const RESPONDERS = [
  "who broke the glass",
  "who never broke it",
  "whose time is over",
  "whose certificate lapsed",
  "who was suspended",
  "who is licensed for something else now",
  "who is licensed as a provider as well",
  "whom the patient revoked",
  "who was found justified",
  "who was found unjustified by the patient",
  "who was found unjustified by the authority",
  "who broke it again after a revocation",
] as const;
type Name = (typeof RESPONDERS)[number];

const load = fixture(async () => {
  const chain = await deployedChain();
  const alice = await registerPatient(chain, chain.alice, "Alice");
  const bob = await registerPatient(chain, chain.bob, "Bob");
  const start = await now(chain);
  const steward = await institutions(chain, ["an active steward"], () => ({
    roles: PROVIDER,
    until: start + 300 * DAY,
  }));
  await activate(chain, chain.alice, steward("an active steward").signer);
  const responder = await institutions(chain, RESPONDERS, (name) => ({
    roles: name.endsWith("as well") ? EMERGENCY | PROVIDER : EMERGENCY,
    until: start + (name === "whose certificate lapsed" ? 2 * HOUR : 300 * DAY),
  }));
  return { ...chain, ids: { alice, bob, steward: steward("an active steward").id }, responder, start };
});

type World = Awaited<ReturnType<typeof load>>;

/** Breaks every glass, lets everything happen, and says the same to the model. Three hours pass. */
async function happen(world: World, model: ConsentModel, policy: readonly number[]) {
  const { registrar, consents, ids, responder, start, authority, networkHelpers } = world;
  const { id: other, signer } = responder("who broke it again after a revocation");
  const breakGlass = async (name: Name) => {
    const hours = name === "whose time is over" ? 2 : 4;
    const until = start + hours * HOUR;
    await consents.connect(responder(name).signer).breakGlass(ids.alice, until, digestOf(name));
    model.glasses.push({ patient: ids.alice, responder: responder(name).id, categories: policy, until });
  };
  const gone = (id: bigint) => {
    model.glasses = model.glasses.filter((glass) => glass.responder !== id);
  };

  for (const name of RESPONDERS) if (name !== "who never broke it") await breakGlass(name);
  const asAlice = consents.connect(world.alice);
  for (const id of [responder("whom the patient revoked").id, other]) {
    await asAlice.revokeViewer(ids.alice, id);
    gone(id);
  }
  await consents.connect(signer).breakGlass(ids.alice, start + 4 * HOUR, digestOf("again"));
  model.glasses.push({ patient: ids.alice, responder: other, categories: policy, until: start + 4 * HOUR });
  await asAlice.review(ids.alice, responder("who was found justified").id, 1, JUSTIFIED);
  const unjustified = responder("who was found unjustified by the patient").id;
  await asAlice.review(ids.alice, unjustified, 1, UNJUSTIFIED);
  const byAuthority = responder("who was found unjustified by the authority").id;
  await consents.connect(authority).reviewAsAuthority(ids.alice, byAuthority, 1, UNJUSTIFIED);
  for (const id of [unjustified, byAuthority]) gone(id);

  const payer = "who is licensed for something else now";
  const licence = [responder(payer).id, keccakOfText(payer), PAYER, start + 300 * DAY] as const;
  await asAuthority(world, registrar, registrar.interface.encodeFunctionData("license", [...licence]));
  await networkHelpers.time.increaseTo(start + 3 * HOUR);
  await registrar.connect(authority).suspend(responder("who was suspended").id);
}

/** What the licences are in the end. */
function modelOf({ ids, responder, start }: World) {
  const model = new ConsentModel();
  model.persons.add(ids.alice).add(ids.bob);
  for (const name of RESPONDERS) {
    model.licences.set(responder(name).id, {
      isProvider: name.endsWith("as well"),
      isResponder: name !== "who is licensed for something else now",
      until: start + (name === "whose certificate lapsed" ? 2 * HOUR : 300 * DAY),
      suspended: name === "who was suspended",
    });
  }
  model.licences.set(ids.steward, { isProvider: true, until: start + 300 * DAY, suspended: false });
  model.active.set(ids.alice, new Map([[ids.steward, Number.MAX_SAFE_INTEGER]]));
  return model;
}

const STEWARDS = 3;
const questionsAbout = ({ ids, responder }: World) =>
  questionsOf({
    patients: [ids.alice, ids.bob],
    stewards: [ids.steward, ids.alice, 0n],
    viewers: [...RESPONDERS.map((name) => responder(name).id), ids.alice, ids.bob, ids.steward, 0n, 999n],
    categories: EVERY_CATEGORY,
    purposes: PURPOSES,
  });

/** Alice sees everything of hers, bob of his, and the active steward what it keeps. */
const ALWAYS = (2 * STEWARDS + 1) * EVERY_CATEGORY.length * PURPOSES.length;
/** Those who still see: who broke it, the provider, the justified one, the one who broke it again. */
const LIVE = 4;

const POLICIES: [string, readonly number[], readonly number[], readonly number[]][] = [
  ["the default policy", [0, 1], [0, 1], [0, 1]],
  ["a policy of other categories", [2, 7], [2, 7], [2, 7]],
  ["every category", EVERY_CATEGORY, EVERY_CATEGORY, EVERY_CATEGORY],
  ["a policy that became narrower", [0, 1, 2], [1], [1]],
  ["a policy that became wider: the broken glass doesn't", [0, 1], EVERY_CATEGORY, [0, 1]],
  ["a policy that became another one", [0, 1], [1, 2], [1]],
  ["a patient who opted out afterwards", [0, 1], [], []],
];

describe("The truth table of canView for emergencies", () => {
  for (const [title, before, after, seen] of POLICIES) {
    it(`holds under ${title}`, async () => {
      const world = await load();
      const { registrar, alice, ids } = world;
      const model = modelOf(world);
      const settings = { knownOnly: false, longestGrant: 0 };
      await changeSettingsAs(registrar, alice, { ...settings, emergency: maskOf(before) });
      await happen(world, model, before);
      await changeSettingsAs(registrar, alice, { ...settings, emergency: maskOf(after) });
      model.policies.set(ids.alice, after);

      // For emergency treatment alone, of whatever steward.
      expect(await compare(world, model, questionsAbout(world))).to.equal(ALWAYS + LIVE * seen.length * STEWARDS);
    });
  }

  it("holds where the patient never said anything", async () => {
    const world = await load();
    const model = modelOf(world);
    await happen(world, model, [0, 1]);

    expect(await compare(world, model, questionsAbout(world))).to.equal(ALWAYS + LIVE * 2 * STEWARDS);
  });

  it("holds after the patient revoked everything: nobody sees any more", async () => {
    const world = await load();
    const model = modelOf(world);
    await happen(world, model, [0, 1]);
    await revokeAllAs(world.registrar, world.alice);
    model.glasses = [];

    expect(await compare(world, model, questionsAbout(world))).to.equal(ALWAYS);
  });

  it("holds when all the time is over", async () => {
    const world = await load();
    const model = modelOf(world);
    await happen(world, model, [0, 1]);
    await world.networkHelpers.time.increaseTo(world.start + 4 * HOUR);

    expect(await compare(world, model, questionsAbout(world))).to.equal(ALWAYS);
  });
});
