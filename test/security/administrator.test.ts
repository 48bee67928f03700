import { expect } from "chai";
import fc from "fast-check";
import { ZeroHash, id as keccakOfText, type AddressLike } from "ethers";

import { AccessManager__factory } from "../../typechain-types/index.js";
import { AUTHORITY_DELAY, PROVIDER, asAuthority, keyDocumentOf } from "../helpers/deploy.js";
import { ConsentModel } from "../helpers/contracts/consent-model.js";
import { fixture } from "../helpers/contracts/fixture.js";
import { DAY } from "../helpers/contracts/typed-data.js";
import { TERMS, digestOf, now, withRelationship } from "../helpers/contracts/world.js";

const [TREAT, HRESCH] = [0, 4];
const GRANTED = 2;

/** The authority has an institution of its own, and a second manager that makes it wait for nothing. */
const load = fixture(async () => {
  const world = await withRelationship();
  const { registrar, consents, authority, alice, ids } = world;
  await registrar.connect(authority).registerInstitution(keyDocumentOf("the authority"), "Authority");
  const own = await registrar.participantOf(authority.address);
  const licence = [own, keccakOfText("Authority"), PROVIDER, (await now(world)) + 3000 * DAY] as const;
  await asAuthority(world, registrar, registrar.interface.encodeFunctionData("license", [...licence]));
  const manager = await new AccessManager__factory(authority).deploy(authority.address);
  const until = BigInt((await now(world)) + 3000 * DAY);
  const given = { purpose: TREAT, categories: 1 << GRANTED, sensitiveFromAnySteward: false, until };
  await consents.connect(alice).grant({ ...given, viewer: ids.insurer, steward: ids.hospital });
  await consents.connect(alice).grant({ ...given, viewer: ids.laboratory, steward: 0 });

  // What alice consented to, whoever is licensed: the most that anybody may ever see.
  const consented = new ConsentModel();
  consented.persons.add(ids.alice).add(ids.bob);
  for (const id of [ids.hospital, ids.laboratory, ids.insurer, own]) {
    consented.licences.set(id, { isProvider: true, until: Number.MAX_SAFE_INTEGER, suspended: false });
  }
  consented.active.set(ids.alice, new Map([[ids.hospital, Number.MAX_SAFE_INTEGER]]));
  const entry = { patient: ids.alice, purpose: TREAT, until: Number(until) };
  consented.grant({ ...entry, viewer: ids.insurer, steward: ids.hospital }, [GRANTED]);
  consented.grant({ ...entry, viewer: ids.laboratory, steward: 0n }, [GRANTED]);
  return { ...world, own, manager, consented };
});

type World = Awaited<ReturnType<typeof load>>;

interface Call {
  name: string;
  make(world: World, pick: number, term: number): { to: AddressLike; data: string };
}

const target = ({ ids, own }: World, pick: number) =>
  [ids.hospital, ids.laboratory, ids.insurer, own, ids.alice, ids.bob, 0n][pick % 7]!;

const nameOf = (world: World, id: bigint) => keccakOfText(id === world.own ? "Authority" : (world.names.get(id) ?? ""));

/** Everything that the authority may try, restricted or not. */
const CALLS: Call[] = [
  {
    name: "license",
    make: (world, pick, term) => {
      const id = target(world, pick);
      const until = 2_000_000_000 + term * DAY * 100;
      const args = [id, nameOf(world, id), 1 + ((pick * 7 + term) % 15), until] as const;
      return { to: world.registrar, data: world.registrar.interface.encodeFunctionData("license", [...args]) };
    },
  },
  ...(["suspend", "confirmSuspension", "reinstate"] as const).map((name) => ({
    name,
    make: (world: World, pick: number) => ({
      to: world.registrar,
      data: world.registrar.interface.encodeFunctionData(name as "suspend", [target(world, pick)]),
    }),
  })),
  {
    name: "mint",
    make: ({ chartToken, authority }, pick) => ({
      to: chartToken,
      data: chartToken.interface.encodeFunctionData("mint", [authority.address, pick]),
    }),
  },
  {
    name: "updateAuthority",
    make: ({ accessManager, registrar, manager }) => ({
      to: accessManager,
      data: accessManager.interface.encodeFunctionData("updateAuthority", [registrar.target, manager.target]),
    }),
  },
  {
    name: "grantRole",
    make: ({ accessManager, stranger }, pick) => ({
      to: accessManager,
      data: accessManager.interface.encodeFunctionData("grantRole", [pick % 4, stranger.address, 0]),
    }),
  },
  {
    name: "setTargetFunctionRole",
    make: ({ accessManager, consents, registrar }, pick) => {
      const contract = pick % 2 === 0 ? consents : registrar;
      const selectors = contract.interface.fragments.flatMap((fragment) =>
        "selector" in fragment ? [fragment.selector as string] : [],
      );
      const args = [contract.target, selectors, 2n ** 64n - 1n] as const;
      return {
        to: accessManager,
        data: accessManager.interface.encodeFunctionData("setTargetFunctionRole", [...args]),
      };
    },
  },
  {
    name: "setTargetClosed",
    make: ({ accessManager, registrar }, pick) => ({
      to: accessManager,
      data: accessManager.interface.encodeFunctionData("setTargetClosed", [registrar.target, pick % 2 === 0]),
    }),
  },
  {
    name: "propose",
    make: ({ relationships, ids }) => ({
      to: relationships,
      data: relationships.interface.encodeFunctionData("propose", [ids.alice, TERMS, 0]),
    }),
  },
  {
    name: "approve",
    make: ({ relationships, own }, pick) => ({
      to: relationships,
      data: relationships.interface.encodeFunctionData("approve", [own, pick % 3, TERMS, 0]),
    }),
  },
  {
    name: "resume",
    make: ({ relationships, ids, own }) => ({
      to: relationships,
      data: relationships.interface.encodeFunctionData("resume", [ids.alice, own]),
    }),
  },
  {
    name: "grant",
    make: ({ consents, own }) => ({
      to: consents,
      data: consents.interface.encodeFunctionData("grant", [
        { viewer: own, purpose: 0, steward: 0, categories: 255, sensitiveFromAnySteward: true, until: 2_000_000_000 },
      ]),
    }),
  },
  {
    name: "grantWithSig",
    make: ({ consents, own, alice }) => ({
      to: consents,
      data: consents.interface.encodeFunctionData("grantWithSig", [
        { viewer: own, purpose: 0, steward: 0, categories: 255, sensitiveFromAnySteward: true, until: 2_000_000_000 },
        { account: alice.address, deadline: 2n ** 48n - 1n, signature: `0x${"11".repeat(65)}` },
      ]),
    }),
  },
  {
    name: "anchor",
    make: ({ records, ids }) => ({
      to: records,
      data: records.interface.encodeFunctionData("anchor", [ids.alice, digestOf("a record")]),
    }),
  },
];

/** Does it the way that is open: at once, or announced and after the delay. Whatever is refused is refused. */
async function attempt(world: World, { to, data }: { to: AddressLike; data: string }): Promise<boolean> {
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
async function visible(world: World) {
  const { consents, ids, own, provider } = world;
  const to = await consents.getAddress();
  const questions = [ids.alice, ids.bob].flatMap((patient) =>
    [ids.hospital, own, 0n, patient].flatMap((steward) =>
      [ids.hospital, ids.laboratory, ids.insurer, own, ids.alice, ids.bob].flatMap((viewer) =>
        [
          [GRANTED, TREAT],
          [GRANTED, HRESCH],
          [7, TREAT],
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
  const answers = await Promise.all(
    questions.map(async ({ patient, steward, viewer, category, purpose }) => {
      const data = consents.interface.encodeFunctionData("canView", [patient, steward, viewer, category, purpose]);
      return BigInt((await provider.send("eth_call", [{ to, data }, "latest"])) as string) === 1n;
    }),
  );
  return questions.filter((_, i) => answers[i]);
}

describe("An authority that turns against patients", () => {
  it("makes nothing visible that the patient didn't consent to, whatever it calls", async () => {
    const effective = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(CALLS.length - 1), fc.nat(100), fc.nat(100), fc.nat(20)), {
          minLength: 6,
          maxLength: 12,
        }),
        async (moves) => {
          const world = await load();
          for (const [which, pick, term, days] of moves) {
            const call = CALLS[which]!;
            if (await attempt(world, call.make(world, pick, term))) effective.add(call.name);
            await world.networkHelpers.time.increase(days * DAY);
            const time = await now(world);
            const beyond = (await visible(world)).filter((question) => !world.consented.mayView(question, time));
            expect(beyond, call.name).to.deep.equal([]);
          }
        },
      ),
      { numRuns: 15, seed: 0x43686172 },
    );

    // The fuzz reached the calls that are open to the authority, and only those.
    expect([...effective]).to.include.members(["license", "suspend", "updateAuthority", "propose"]);
    expect([...effective]).not.to.include.members(["approve", "resume", "grant", "grantWithSig", "anchor"]);
  });

  it("takes away by suspension and gives back no more than the grant still says", async () => {
    const world = await load();
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
    await consents.connect(alice).revokeViewer(ids.insurer);
    await decree("reinstate");
    expect(await sees()).to.be.false;
  });

  it("can't touch a person: no restricted function takes one", async () => {
    const world = await load();
    const { registrar, ids } = world;
    const before = await registrar.participant(ids.alice);

    for (const call of CALLS.filter(({ name }) => /license|suspend|Suspension|reinstate/.test(name))) {
      expect(await attempt(world, call.make(world, 4, 1)), call.name).to.be.false;
    }
    expect(await registrar.participant(ids.alice)).to.deep.equal(before);
    expect(await registrar.keyDocumentOf(ids.alice)).not.to.equal(ZeroHash);
  });
});
