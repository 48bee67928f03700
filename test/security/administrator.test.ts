import { env } from "node:process";

import { expect } from "chai";
import fc from "fast-check";
import { ZeroHash, type AddressLike } from "ethers";

import { AUTHORITY_DELAY } from "../../devnet/index.js";
import { CALLS, GRANTED, loadHostile, type HostileWorld } from "../helpers/contracts/hostile-authority.js";
import { ask } from "../helpers/contracts/truth-table.js";
import { DAY } from "../helpers/contracts/typed-data.js";
import { digestOf, now } from "../helpers/contracts/world.js";

const [TREAT, ETREAT, HRESCH] = [0, 1, 4];
const [SUMMARY, SENSITIVE] = [0, 7];

/** Does it the way that is open: at once, or announced and after the delay. Whatever is refused is refused. */
async function attempt(world: HostileWorld, { to, data }: { to: AddressLike; data: string }): Promise<boolean> {
  const { authority, accessManager, networkHelpers } = world;
  const gasLimit = 2_000_000;
  const succeeded = async (sending: Promise<{ wait(): Promise<unknown> }>) =>
    sending
      .then((sent) => sent.wait())
      .then(
        () => true,
        () => false,
      );
  if (await succeeded(authority.sendTransaction({ to, data, gasLimit }))) return true;
  if (!(await succeeded(accessManager.connect(authority).schedule(to, data, 0, { gasLimit })))) return false;
  await networkHelpers.time.increase(AUTHORITY_DELAY);
  return succeeded(accessManager.connect(authority).execute(to, data, { gasLimit }));
}

/** The questions whose answer is yes. */
async function visible(world: HostileWorld) {
  const { ids, own } = world;
  const questions = [ids.alice, ids.bob].flatMap((patient) =>
    [ids.hospital, own, 0n, patient].flatMap((steward) =>
      [ids.hospital, ids.laboratory, ids.insurer, own, ids.alice, ids.bob].flatMap((viewer) =>
        [
          [GRANTED, TREAT],
          [GRANTED, HRESCH],
          [GRANTED, ETREAT],
          [SUMMARY, ETREAT],
          [SENSITIVE, TREAT],
        ].map(([category, purpose]) => ({
          patient,
          steward,
          viewer,
          category: category!,
          purpose: purpose!,
        })),
      ),
    ),
  );
  const answers = await ask(world, questions);
  return questions.filter((_, i) => answers[i]);
}

describe("An authority that turns against patients", () => {
  it("makes nothing visible that the patient didn't consent to, whatever it calls", async () => {
    const effective = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(CALLS.length - 1), fc.nat(100), fc.nat(100), fc.nat(20)), {
          minLength: 10,
          maxLength: 16,
        }),
        async (moves) => {
          const world = await loadHostile();
          for (const [which, pick, term, days] of moves) {
            const call = CALLS[which]!;
            const made = call.make(world, pick, term, await now(world));
            if (await attempt(world, made)) effective.add(call.name);
            await world.networkHelpers.time.increase(days * DAY);
            const time = await now(world);
            const beyond = (await visible(world)).filter((question) => !world.consented.mayView(question, time));
            expect(beyond, call.name).to.deep.equal([]);
          }
        },
      ),
      { numRuns: env["CHARTCHAIN_DEEP"] === undefined ? 20 : 100, seed: 0x43686172 },
    );

    // The fuzz reached the calls that are open to the authority, and only those.
    expect([...effective]).to.include.members(["license", "suspend", "propose", "breakGlass"]);
    for (const name of [
      "updateAuthority",
      "approve",
      "resume",
      "grant",
      "grantWithSig",
      "grantConstrained",
      "appoint",
      "changeSettings",
      "anchor",
    ]) {
      expect([...effective]).not.to.include(name);
    }
  });

  it("takes away by suspension and gives back no more than the grant still says", async () => {
    const world = await loadHostile();
    const { registrar, consents, authority, alice, ids } = world;
    const sees = () => consents.canView(ids.alice, ids.hospital, ids.insurer, GRANTED, TREAT);
    const decree = async (name: "suspend" | "reinstate") =>
      attempt(world, {
        to: registrar,
        data: registrar.interface.encodeFunctionData(name as "suspend", [ids.insurer]),
      });
    expect(await sees()).to.be.true;
    await registrar.connect(authority).suspend(ids.insurer);
    expect(await sees()).to.be.false;
    await decree("reinstate");
    expect(await sees()).to.be.true;

    await registrar.connect(authority).suspend(ids.insurer);
    await consents.connect(alice).revokeViewer(ids.alice, ids.insurer);
    await decree("reinstate");
    expect(await sees()).to.be.false;
  });

  it("sees of a patient who never said anything what a responder sees, for four hours, and of one who opted out nothing", async () => {
    const world = await loadHostile();
    const { consents, authority, ids, own } = world;
    const breakGlass = async (patient: bigint) =>
      consents.connect(authority).breakGlass(patient, (await now(world)) + 4 * 3600, digestOf("a reason"));
    const sees = async () =>
      (await visible(world)).filter(({ viewer, patient }) => viewer === own && patient === ids.bob);

    await expect(breakGlass(ids.alice)).to.be.revertedWithCustomError(consents, "OptedOut");
    await expect(breakGlass(ids.bob)).to.emit(consents, "GlassBroken");
    expect(new Set((await sees()).map(({ category, purpose }) => `${category} ${purpose}`))).to.deep.equal(
      new Set([`${SUMMARY} ${ETREAT}`]),
    );
    await world.networkHelpers.time.increase(4 * 3600);
    expect(await sees()).to.deep.equal([]);
  });

  it("can't touch a person: no restricted function takes one", async () => {
    const world = await loadHostile();
    const { registrar, ids } = world;
    const before = await registrar.participant(ids.alice);

    for (const call of CALLS.filter(({ name }) => /license|suspend|Suspension|reinstate/.test(name))) {
      expect(await attempt(world, call.make(world, 4, 1, 0)), call.name).to.be.false;
    }
    expect(await registrar.participant(ids.alice)).to.deep.equal(before);
    expect(await registrar.keyDocumentOf(ids.alice)).not.to.equal(ZeroHash);
  });
});
