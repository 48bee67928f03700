import { id as keccakOfText, type AddressLike } from "ethers";

import { AccessManager__factory } from "../../../typechain-types/index.js";
import { asAuthority, EMERGENCY, fixture, keyDocumentOf, PROVIDER } from "../../../devnet/index.js";
import { ConsentModel } from "./consent-model.js";
import { EVERY_CATEGORY } from "./truth-table.js";
import { DAY } from "./typed-data.js";
import { TERMS, digestOf, now, withRelationship } from "./world.js";
import { changeSettingsAs } from "./settings.js";

const TREAT = 0;
/** The one category that alice granted to anybody. */
export const GRANTED = 2;
const FOR_EVER = Number.MAX_SAFE_INTEGER;

/**
 * The authority has an institution of its own, certified for emergencies, and a second manager that makes it
 * wait for nothing. Alice admits nobody in an emergency; bob never said anything.
 */
export const loadHostile = fixture(async () => {
  const world = await withRelationship();
  const { registrar, consents, authority, alice, ids } = world;
  await registrar.connect(authority).registerInstitution(keyDocumentOf("the authority"), "Authority");
  const own = await registrar.participantOf(authority.address);
  const licence = [own, keccakOfText("Authority"), PROVIDER | EMERGENCY, (await now(world)) + 3000 * DAY] as const;
  await asAuthority(world, registrar, registrar.interface.encodeFunctionData("license", [...licence]));
  await changeSettingsAs(registrar, alice, { knownOnly: false, longestGrant: 0, emergency: 0 });
  const manager = await new AccessManager__factory(authority).deploy(authority.address);
  const until = BigInt((await now(world)) + 3000 * DAY);
  const given = { purpose: TREAT, categories: 1 << GRANTED, sensitiveFromAnySteward: false, until };
  await consents.connect(alice).grant(ids.alice, { ...given, viewer: ids.insurer, steward: ids.hospital });
  await consents.connect(alice).grant(ids.alice, { ...given, viewer: ids.laboratory, steward: 0 });

  // What alice consented to, whoever is licensed: the most that anybody may ever see.
  const consented = new ConsentModel();
  consented.persons.add(ids.alice).add(ids.bob);
  for (const id of [ids.hospital, ids.laboratory, ids.insurer, own]) {
    consented.licences.set(id, { isProvider: true, isResponder: true, until: FOR_EVER, suspended: false });
    // Nobody is kept from breaking a glass whom the authority certifies; what it shows is the patient's to say.
    for (const patient of [ids.alice, ids.bob]) {
      consented.glasses.push({ patient, responder: id, categories: EVERY_CATEGORY, until: FOR_EVER });
    }
  }
  consented.policies.set(ids.alice, []);
  consented.active.set(ids.alice, new Map([[ids.hospital, FOR_EVER]]));
  const entry = { patient: ids.alice, purpose: TREAT, until: Number(until) };
  consented.grant({ ...entry, viewer: ids.insurer, steward: ids.hospital }, [GRANTED]);
  consented.grant({ ...entry, viewer: ids.laboratory, steward: 0n }, [GRANTED]);
  return { ...world, own, manager, consented };
});

export type HostileWorld = Awaited<ReturnType<typeof loadHostile>>;

export interface Call {
  name: string;
  /** `time` is the chain's (seconds); the others choose among what may be tried. */
  make(world: HostileWorld, pick: number, term: number, time: number): { to: AddressLike; data: string };
}

const target = ({ ids, own }: HostileWorld, pick: number) =>
  [ids.hospital, ids.laboratory, ids.insurer, own, ids.alice, ids.bob, 0n][pick % 7]!;

const nameOf = (world: HostileWorld, id: bigint) =>
  keccakOfText(id === world.own ? "Authority" : (world.names.get(id) ?? ""));

/** Everything that the authority may try, restricted or not. */
export const CALLS: Call[] = [
  {
    name: "license",
    make: (world, pick, term) => {
      const id = target(world, pick);
      const until = 2_000_000_000 + term * DAY * 100;
      const args = [id, nameOf(world, id), 1 + ((pick * 7 + term) % 31), until] as const;
      return { to: world.registrar, data: world.registrar.interface.encodeFunctionData("license", [...args]) };
    },
  },
  ...(["suspend", "confirmSuspension", "reinstate", "freezeOperators", "thawOperators"] as const).map((name) => ({
    name,
    make: (world: HostileWorld, pick: number) => ({
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
    name: "setBudget",
    make: (world, pick, term) => ({
      to: world.dataBank,
      data: world.dataBank.interface.encodeFunctionData("setBudget", [target(world, pick), term]),
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
      data: accessManager.interface.encodeFunctionData("grantRole", [pick % 5, stranger.address, 0]),
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
    make: ({ relationships, ids, own }, pick) => ({
      to: relationships,
      data: relationships.interface.encodeFunctionData("approve", [ids.alice, own, pick % 3, TERMS, 0]),
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
    make: ({ consents, ids, own }) => ({
      to: consents,
      data: consents.interface.encodeFunctionData("grant", [
        ids.alice,
        { viewer: own, purpose: 0, steward: 0, categories: 255, sensitiveFromAnySteward: true, until: 2_000_000_000 },
      ]),
    }),
  },
  {
    name: "grantWithSig",
    make: ({ consents, ids, own, alice }) => ({
      to: consents,
      data: consents.interface.encodeFunctionData("grantWithSig", [
        ids.alice,
        { viewer: own, purpose: 0, steward: 0, categories: 255, sensitiveFromAnySteward: true, until: 2_000_000_000 },
        { account: alice.address, deadline: 2n ** 48n - 1n, signature: `0x${"11".repeat(65)}` },
      ]),
    }),
  },
  {
    name: "grantConstrained",
    make: ({ consents, ids, own }) => ({
      to: consents,
      data: consents.interface.encodeFunctionData("grantConstrained", [
        ids.alice,
        { viewer: own, purpose: 0, steward: 0, categories: 255, sensitiveFromAnySteward: true, until: 2_000_000_000 },
        digestOf("a constraint"),
      ]),
    }),
  },
  {
    name: "breakGlass",
    make: ({ consents, ids }, pick, term, time) => ({
      to: consents,
      data: consents.interface.encodeFunctionData("breakGlass", [
        pick % 2 === 0 ? ids.alice : ids.bob,
        time + 60 + (term % 4) * 3600,
        digestOf("a reason"),
      ]),
    }),
  },
  {
    name: "reviewAsAuthority",
    make: ({ consents, ids, own }, pick, term) => ({
      to: consents,
      data: consents.interface.encodeFunctionData("reviewAsAuthority", [
        pick % 2 === 0 ? ids.alice : ids.bob,
        own,
        1 + (term % 3),
        pick % 3,
      ]),
    }),
  },
  {
    name: "appoint",
    make: ({ delegates, own }) => ({
      to: delegates,
      data: delegates.interface.encodeFunctionData("appoint", [
        own,
        { approving: true, granting: 255, viewing: 255 },
        2_000_000_000,
      ]),
    }),
  },
  {
    name: "changeSettings",
    make: ({ registrar, own }) => ({
      to: registrar,
      data: registrar.interface.encodeFunctionData("changeSettings", [
        own,
        { knownOnly: false, longestGrant: 0, emergency: 255 },
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
