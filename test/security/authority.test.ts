import { env } from "node:process";

import { expect } from "chai";
import fc from "fast-check";
import { id as keccakOfText, type Signer } from "ethers";

import { AUTHORITY_DELAY, fixture, PROVIDER } from "../../devnet/index.js";
import { AccessManager__factory, Authority__factory } from "../../typechain-types/index.js";
import { DAY } from "../helpers/contracts/typed-data.js";
import { now, populate } from "../helpers/contracts/world.js";

const [ADMIN, LICENSING, SUSPENDING, BANKING, REVIEWING] = [0n, 1n, 2n, 3n, 4n];
const OWN = 77n;
const PUBLIC = 2n ** 64n - 1n;
const ROLES = [ADMIN, LICENSING, SUSPENDING, BANKING, REVIEWING, OWN, PUBLIC];
const LONG = 30 * DAY;

/** The authority, an accomplice, a stranger, and a second manager that makes nobody wait. */
const load = fixture(async () => {
  const world = await populate();
  const { authority, stranger, bob, registrar, ids, accessManager } = world;
  const other = await new AccessManager__factory(stranger).deploy(stranger.address);
  const until = (await now(world)) + 3000 * DAY;
  const licence = registrar.interface.encodeFunctionData("license", [
    ids.hospital,
    keccakOfText("General Hospital"),
    PROVIDER,
    until,
  ]);
  const suspend = registrar.interface.encodeFunctionData("suspend", [ids.hospital]);
  const self = await accessManager.getAddress();
  return { ...world, self, other, licence, suspend, accomplice: stranger, people: [authority, stranger, bob] };
});
type Scene = Awaited<ReturnType<typeof load>>;

const call = Authority__factory.createInterface();
const encode = (name: string, args: unknown[]): string =>
  call.encodeFunctionData(name as "multicall", args.map(plain) as [string[]]);
/** An account's or contract's address for itself. */
const plain = (value: unknown): unknown =>
  typeof value !== "object" || value === null || Array.isArray(value)
    ? value
    : "address" in value
      ? value.address
      : (value as { target: unknown }).target;

/** From long to none: what gets a shorter delay has it only once the longer one is over. */
const DELAYS = [LONG, AUTHORITY_DELAY, AUTHORITY_DELAY - 1, 0];

/** What the authority waits for, what it doesn't, what is nobody's of it, and two of its manager's own. */
const selectorsOf = ({ registrar, dataBank, consents, accessManager }: Scene) => [
  ...waitingOf({ registrar, dataBank }).map(({ target, selector }) => ({ target, selector })),
  { target: registrar.target, selector: registrar.interface.getFunction("suspend").selector },
  { target: registrar.target, selector: registrar.interface.getFunction("setAuthority").selector },
  { target: consents.target, selector: consents.interface.getFunction("reviewAsAuthority").selector },
  { target: consents.target, selector: consents.interface.getFunction("grant").selector },
  { target: consents.target, selector: consents.interface.getFunction("breakGlass").selector },
  { target: accessManager.target, selector: call.getFunction("grantRole").selector },
  { target: accessManager.target, selector: call.getFunction("multicall").selector },
];

const waitingOf = ({ registrar, dataBank }: Pick<Scene, "registrar" | "dataBank">) => [
  ...(["license", "confirmSuspension", "reinstate"] as const).map((name) => ({
    name,
    target: registrar.target,
    selector: registrar.interface.getFunction(name).selector,
  })),
  ...(["setBudget", "strike"] as const).map((name) => ({
    name,
    target: dataBank.target,
    selector: dataBank.interface.getFunction(name).selector,
  })),
];

const forRolesAndPeople = ({ people }: Scene) =>
  ROLES.toReversed().flatMap((role) => people.map((who) => [role, who.address]));

/** Arguments to try for every function that changes anything, or would by its name. A function without any fails. */
const MOVES: Record<string, (scene: Scene) => unknown[][]> = {
  cancel: ({ authority, registrar, licence }) => [[authority, registrar, licence]],
  consumeScheduledOp: ({ authority, licence }) => [[authority, licence]],
  execute: ({ registrar, self, licence, accomplice, other }) => [
    [registrar, licence],
    [registrar, registrar.interface.encodeFunctionData("setAuthority", [other.target])],
    [self, encode("grantRole", [LICENSING, accomplice.address, 0])],
    [self, encode("multicall", [[encode("grantRole", [LICENSING, accomplice.address, 0])]])],
  ],
  grantRole: (scene) => forRolesAndPeople(scene).flatMap((given) => DELAYS.map((delay) => [...given, delay])),
  labelRole: () => ROLES.map((role) => [role, "harmless"]),
  multicall: ({ accomplice, registrar, licence }) => [
    [[encode("grantRole", [LICENSING, accomplice.address, 0])]],
    [[encode("schedule", [registrar.target, licence, 0]), encode("execute", [registrar.target, licence])]],
  ],
  renounceRole: forRolesAndPeople,
  revokeRole: forRolesAndPeople,
  schedule: ({ registrar, licence }) => [
    [registrar, licence, 0],
    [registrar, licence, 1],
  ],
  setGrantDelay: () => ROLES.flatMap((role) => [0, LONG].map((delay) => [role, delay])),
  setRoleAdmin: () => ROLES.flatMap((role) => ROLES.map((admin) => [role, admin])),
  setRoleGuardian: () => ROLES.flatMap((role) => ROLES.map((guardian) => [role, guardian])),
  setTargetAdminDelay: ({ registrar, self }) => [
    [registrar, 0],
    [self, 0],
  ],
  setTargetClosed: ({ registrar, self }) => [
    [self, true],
    [self, false],
    [registrar, true],
    [registrar, false],
  ],
  setTargetFunctionRole: (scene) =>
    ROLES.flatMap((role) => selectorsOf(scene).map(({ target, selector }) => [target, [selector], role])),
  updateAuthority: ({ registrar, consents, dataBank, other }) => [
    [registrar, other],
    [consents, other],
    [dataBank, other],
  ],
};

const succeeded = async (sending: Promise<{ wait(): Promise<unknown> }>) =>
  sending
    .then((sent) => sent.wait())
    .then(
      () => true,
      () => false,
    );

/** At once if that is open, else announced and after its delay. */
async function attempt({ accessManager, self, networkHelpers }: Scene, who: Signer, data: string): Promise<boolean> {
  const gasLimit = 2_000_000;
  if (await succeeded(who.sendTransaction({ to: self, data, gasLimit }))) return true;
  const manager = accessManager.connect(who);
  if (!(await succeeded(manager.schedule(self, data, 0, { gasLimit })))) return false;
  await networkHelpers.time.increase(AUTHORITY_DELAY);
  return succeeded(who.sendTransaction({ to: self, data, gasLimit }));
}

const refused = async (calling: Promise<unknown>) =>
  calling.then(
    () => false,
    () => true,
  );

/** Nobody licenses, administers or banks sooner than the delay after announcing it; and the contracts ask nobody else. */
async function expectDelay(scene: Scene, after: string): Promise<void> {
  const { accessManager, registrar, consents, dataBank, people, licence, networkHelpers } = scene;
  const self = await accessManager.getAddress();
  // Whatever takes effect later has, and what was announced has lapsed.
  await networkHelpers.time.increase(LONG);
  for (const who of people) {
    for (const role of [ADMIN, LICENSING, BANKING, OWN]) {
      const [isMember, delay] = await accessManager.hasRole(role, who);
      if (isMember) expect(delay, `${after}: role ${role}`).to.be.at.least(BigInt(AUTHORITY_DELAY));
    }
    for (const { name, target, selector } of waitingOf(scene)) {
      const [immediate, delay] = await accessManager.canCall(who, target, selector);
      expect(immediate, `${after}: ${name} at once`).to.be.false;
      if (delay > 0n) expect(delay, `${after}: ${name}`).to.be.at.least(BigInt(AUTHORITY_DELAY));
    }
    const announced = encode("schedule", [registrar.target, licence, 0]);
    const executed = encode("execute", [registrar.target, licence]);
    for (const [to, data] of [
      [registrar.target, licence],
      [self, executed],
      [self, encode("multicall", [[announced, executed]])],
      [self, encode("grantRole", [LICENSING, who.address, AUTHORITY_DELAY])],
      [self, encode("setRoleAdmin", [LICENSING, OWN])],
    ] as const) {
      expect(await refused(who.call({ to, data })), `${after}: ${data.slice(0, 10)}`).to.be.true;
    }
  }
  for (const contract of [registrar, consents, dataBank]) expect(await contract.authority(), after).to.equal(self);
}

describe("The authority's delay", () => {
  const changing: string[] = [];
  call.forEachFunction(({ name, constant }) => {
    if (!constant || name === "updateAuthority") changing.push(name);
  });

  it("is tried against every function that changes anything", () => {
    expect(Object.keys(MOVES)).to.have.members(changing);
  });

  for (const [name, argumentsFor] of Object.entries(MOVES)) {
    it(`outlives ${name}, by the administrator and by an accomplice`, async () => {
      const scene = await load();
      for (const args of argumentsFor(scene)) {
        for (const who of [scene.authority, scene.accomplice]) await attempt(scene, who, encode(name, args));
      }
      await expectDelay(scene, name);
    });
  }

  it("outlives them in any order", async () => {
    const byAccomplice = fc.constantFrom(false, false, false, true);
    const move = fc.tuple(fc.constantFrom(...Object.entries(MOVES)), fc.nat(), byAccomplice);
    const effective = new Set<string>();
    await fc.assert(
      fc.asyncProperty(fc.array(move, { minLength: 8, maxLength: 16 }), async (moves) => {
        const scene = await load();
        for (const [[name, argumentsFor], pick, byAccomplice] of moves) {
          const choices = argumentsFor(scene);
          const data = encode(name, choices[pick % choices.length]!);
          if (await attempt(scene, byAccomplice ? scene.accomplice : scene.authority, data)) effective.add(name);
        }
        await expectDelay(scene, moves.map(([[name]]) => name).join(", "));
      }),
      { numRuns: env["CHARTCHAIN_DEEP"] === undefined ? 20 : 300, seed: 0x43686172 },
    );
    expect([...effective]).to.include.members(["grantRole", "setRoleAdmin", "setTargetFunctionRole", "revokeRole"]);
    expect([...effective]).not.to.include("updateAuthority");
  });

  it("would be missed where nobody has to wait", async () => {
    const scene = await load();
    const accessManager = Authority__factory.connect(scene.other.target as string, scene.accomplice);
    const missed = await expectDelay({ ...scene, accessManager }, "without").then(
      () => "nothing",
      (error: Error) => error.message,
    );
    expect(missed).to.include("without: role 0");
  });

  it("is no less for any role that doesn't only end something: DelayTooShort", async () => {
    const { accessManager, self, networkHelpers, authority, stranger } = await load();
    const manager = accessManager.connect(authority);
    for (const role of [ADMIN, LICENSING, BANKING, OWN]) {
      const data = encode("grantRole", [role, stranger.address, AUTHORITY_DELAY - 1]);
      await manager.schedule(self, data, 0);
      await networkHelpers.time.increase(AUTHORITY_DELAY);
      await expect(authority.sendTransaction({ to: self, data }))
        .to.be.revertedWithCustomError(accessManager, "DelayTooShort")
        .withArgs(role, AUTHORITY_DELAY - 1, AUTHORITY_DELAY);
    }
    for (const role of [SUSPENDING, REVIEWING]) {
      expect(await attempt(await load(), authority, encode("grantRole", [role, stranger.address, 0]))).to.be.true;
      expect(await accessManager.hasRole(role, stranger)).to.deep.equal([true, 0n]);
    }
  });

  it("doesn't end by giving a function or a role to whoever needn't wait: AccessManagerLockedRole", async () => {
    const scene = await load();
    const { accessManager, consents, networkHelpers, authority, self } = scene;
    const grant = consents.interface.getFunction("grant").selector;
    for (const role of [SUSPENDING, REVIEWING, PUBLIC]) {
      for (const data of [
        encode("setTargetFunctionRole", [consents.target, [grant], role]),
        encode("setRoleAdmin", [LICENSING, role]),
      ]) {
        await accessManager.connect(authority).schedule(self, data, 0);
        await networkHelpers.time.increase(AUTHORITY_DELAY);
        await expect(authority.sendTransaction({ to: self, data }))
          .to.be.revertedWithCustomError(accessManager, "AccessManagerLockedRole")
          .withArgs(role);
      }
    }
  });

  it("holds for functions that were assigned at deployment, in whatever contract: AccessManagerLockedFunction", async () => {
    const scene = await load();
    const { accessManager, networkHelpers, authority, self, registrar } = scene;
    for (const { target, selector } of waitingOf(scene)) {
      const data = encode("setTargetFunctionRole", [target, [selector], OWN]);
      await accessManager.connect(authority).schedule(self, data, 0);
      await networkHelpers.time.increase(AUTHORITY_DELAY);
      await expect(authority.sendTransaction({ to: self, data }))
        .to.be.revertedWithCustomError(accessManager, "AccessManagerLockedFunction")
        .withArgs(selector);
    }
    const { selector } = registrar.interface.getFunction("setAuthority");
    await expect(accessManager.updateAuthority(registrar, scene.other))
      .to.be.revertedWithCustomError(accessManager, "AccessManagerLockedFunction")
      .withArgs(selector);
  });

  it("lets the administrator give other functions to a role of its own", async () => {
    const scene = await load();
    const { accessManager, authority, studies } = scene;
    const { selector } = studies.interface.getFunction("settle");
    expect(await attempt(scene, authority, encode("setTargetFunctionRole", [studies.target, [selector], OWN]))).to.be
      .true;
    expect(await accessManager.getTargetFunctionRole(studies, selector)).to.equal(OWN);
  });
});
