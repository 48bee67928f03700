import { expect } from "chai";

import {
  connect,
  EVERY_STEWARD,
  type Client,
  type Decision,
  type Question,
  type RevocationInput,
} from "../../../src/sdk/index.js";
import { expectCode, HOUR, inFuture, mine, reorganised } from "../helpers.js";
import { startFaultyNode } from "../../support/faulty-node.js";
import { behindProxy } from "../proxy.js";
import { type Actor, createDevnet, type Devnet, relate } from "../../../devnet/index.js";

describe("consent", () => {
  let world: Devnet;
  let clinic: Actor;
  let insurer: Actor;
  let alice: Actor;
  let patients = 0;
  before(async () => {
    world = await createDevnet();
    [clinic, insurer] = await Promise.all([
      world.institution("General Hospital"),
      world.institution("Mutual Insurance", ["PAYER"]),
    ]);
  });
  after(() => world.close());
  beforeEach(async () => {
    alice = await world.patient(`alice ${++patients}`);
    await relate(clinic, alice);
  });

  const question = (changes: Partial<Question> = {}): Question => ({
    patient: alice.id,
    steward: clinic.id,
    viewer: insurer.id,
    category: "SUMMARY",
    purpose: "TREAT",
    ...changes,
  });
  const ask = async (changes: Partial<Question> = {}, client: Client = clinic.client) =>
    answerOf(await client.decide(question(changes)));
  const answerOf = ({ allowed, reason }: Decision) => reason ?? allowed;
  const grant = async (categories: readonly Question["category"][] = ["SUMMARY"], seconds = HOUR) => {
    const until = await inFuture(world, seconds);
    await alice.client.grantAccess({ viewer: insurer.id, categories, purpose: "TREAT", until });
    return until;
  };
  it("is the patient's own always, also without any relationship", async () => {
    expect(await ask({ viewer: alice.id, purpose: "PATRQT" })).to.equal(true);
    expect(await ask({ viewer: alice.id, steward: 999, category: "SENSITIVE" })).to.equal(true);
  });

  it("is the steward's for its own records while the relationship is active", async () => {
    const parties = { patient: alice.id, provider: clinic.id };
    expect(await ask({ viewer: clinic.id })).to.equal(true);
    expect(await ask({ viewer: clinic.id, steward: insurer.id }), "another steward's").to.equal("NOT_GRANTED");
    await alice.client.suspendRelationship(parties);
    expect(await ask({ viewer: clinic.id })).to.equal("NOT_GRANTED");
    await alice.client.resumeRelationship(parties);
    expect(await ask({ viewer: clinic.id }), "the relationship has no denials of its own").to.equal(true);
    await alice.client.endRelationship(parties);
    expect(await ask({ viewer: clinic.id })).to.equal("NOT_GRANTED");
  });

  it("isn't the steward's while its licence is suspended", async () => {
    const lab = await world.institution("Laboratory");
    await relate(lab, alice);
    expect(await ask({ viewer: lab.id, steward: lab.id })).to.equal(true);
    await world.authority.suspendInstitution({ institution: lab.id });
    expect(await ask({ viewer: lab.id, steward: lab.id })).to.equal("NOT_GRANTED");
  });

  it("isn't a viewer's who was never granted anything", async () => {
    expect(await ask()).to.equal("NOT_GRANTED");
  });

  it("is a viewer's for exactly what was granted", async () => {
    await grant();
    expect(await ask()).to.equal(true);
    expect(await ask({ category: "CARE" })).to.equal("NOT_GRANTED");
    expect(await ask({ purpose: "HPAYMT" })).to.equal("NOT_GRANTED");
    expect(await ask({ viewer: 999 })).to.equal("NOT_GRANTED");
    expect(await ask({ patient: insurer.id })).to.equal("NOT_GRANTED");
  });

  it("says nothing about a category by another one of the same grant", async () => {
    await grant(["SUMMARY", "CARE"]);
    expect(await ask({ category: "SENSITIVE" }), "seen as not granted at this version").to.equal("NOT_GRANTED");
    expect(await ask()).to.equal(true);
    const one = { viewer: insurer.id, purpose: "TREAT", steward: EVERY_STEWARD, categories: ["CARE"] } as const;
    await alice.client.revokeAccess(one);
    expect(await ask({ category: "CARE" })).to.equal("NOT_GRANTED");
    expect(await ask()).to.equal(true);
  });

  it("of one steward's records says nothing about another's", async () => {
    const until = await inFuture(world, HOUR);
    const of = { viewer: insurer.id, categories: ["SENSITIVE"], purpose: "TREAT", until } as const;
    await alice.client.grantAccess({ ...of, steward: clinic.id });
    expect(await ask({ category: "SENSITIVE" })).to.equal(true);
    expect(await ask({ category: "SENSITIVE", steward: alice.id })).to.equal("NOT_GRANTED");
  });

  it("ends when the chain's time says so", async () => {
    await grant(["SUMMARY"], 120);
    expect(await ask()).to.equal(true);
    await world.increaseTime(180);
    expect(await ask()).to.equal("NOT_GRANTED");
  });

  it("ends when only the local clock says so", async () => {
    const until = await grant();
    const client = await world.clientOf(clinic, { clock: () => until + 1 });
    expect(await ask({}, client)).to.equal("EXPIRED_LOCALLY");
    const early = await world.clientOf(clinic, { clock: () => 0 });
    expect(await ask({}, early), "a clock that is slow doesn't prolong or end it").to.equal(true);
  });

  it("ends with the viewer's licence, and comes back with it", async () => {
    const payer = await world.institution("Old Insurance", ["PAYER"]);
    const until = await inFuture(world, HOUR);
    await alice.client.grantAccess({ viewer: payer.id, categories: ["SUMMARY"], purpose: "TREAT", until });
    expect(await ask({ viewer: payer.id })).to.equal(true);
    await world.authority.suspendInstitution({ institution: payer.id });
    expect(await ask({ viewer: payer.id })).to.equal("NOT_GRANTED");
    await world.authority.reinstateInstitution({ institution: payer.id });
    expect(await ask({ viewer: payer.id })).to.equal(true);
  });

  const revocations: Record<string, () => RevocationInput> = {
    "the grant": () => ({ viewer: insurer.id, purpose: "TREAT", steward: EVERY_STEWARD }),
    "the viewer": () => ({ viewer: insurer.id }),
    everyone: () => ({ everyone: true }),
  };
  for (const [what, revocation] of Object.entries(revocations)) {
    it(`ends when the patient revokes ${what}, until it is granted again`, async () => {
      await grant();
      expect(await ask()).to.equal(true);
      await alice.client.revokeAccess(revocation());
      expect(await ask()).to.equal("NOT_GRANTED");
      await grant();
      expect(await ask()).to.equal(true);
    });

    it(`stays ended when a reorganisation takes back that ${what} was revoked, and it was seen`, async () => {
      await grant();
      await reorganised(world, async () => {
        await alice.client.revokeAccess(revocation());
        expect(await ask()).to.equal("NOT_GRANTED");
      });
      expect(await clinic.client.canView(question()), "the contract alone would say yes").to.equal(true);
      expect(await ask()).to.equal("REVOKED_BEFORE");
      await world.reopen(clinic);
      expect(await ask(), "after a restart").to.equal("REVOKED_BEFORE");
      await alice.client.revokeAccess(revocation());
      await grant();
      expect(await ask(), "a grant that is newer than the revocation").to.equal(true);
    });
  }

  it("stays ended for everything a lost revocation covered, not only for what was asked", async () => {
    await grant(["SUMMARY", "CARE"]);
    await reorganised(world, async () => {
      await alice.client.revokeAccess({ viewer: insurer.id });
      expect(await ask()).to.equal("NOT_GRANTED");
    });
    expect(await ask({ category: "CARE" })).to.equal("REVOKED_BEFORE");

    const bob = await world.patient("bob");
    const until = await inFuture(world, HOUR);
    await alice.client.grantAccess({ viewer: bob.id, categories: ["CARE"], purpose: "HRESCH", until });
    await reorganised(world, async () => {
      await alice.client.revokeAccess({ everyone: true });
      expect(await ask()).to.equal("NOT_GRANTED");
    });
    expect(await ask({ viewer: bob.id, category: "CARE", purpose: "HRESCH" })).to.equal("REVOKED_BEFORE");
  });

  it("stays ended for a category alone, when only that was seen revoked", async () => {
    await grant(["SUMMARY", "CARE"]);
    await reorganised(world, async () => {
      await alice.client.revokeAccess({
        viewer: insurer.id,
        purpose: "TREAT",
        steward: EVERY_STEWARD,
        categories: ["CARE"],
      });
      expect(await ask({ category: "CARE" })).to.equal("NOT_GRANTED");
    });
    expect(await ask({ category: "CARE" })).to.equal("REVOKED_BEFORE");
    expect(await ask()).to.equal(true);
  });

  it("counts only once it is final", async () => {
    const client = await world.clientOf(clinic, { finality: 5 });
    await grant();
    expect(await ask({}, client)).to.equal("NOT_FINAL");
    await mine(world, 4);
    expect(await ask({}, client)).to.equal("NOT_FINAL");
    await mine(world, 1);
    expect(await ask({}, client)).to.equal(true);
  });

  it("ends at the head, however final the grant was", async () => {
    const client = await world.clientOf(clinic, { finality: 5 });
    await grant();
    await mine(world, 5);
    await alice.client.revokeAccess({ viewer: insurer.id });
    expect(await ask({}, client)).to.equal("NOT_GRANTED");
  });

  it("isn't final where the final block is older than the contracts", async () => {
    await grant();
    const client = await world.clientOf(clinic, { finality: 100_000 });
    expect(await ask({}, client)).to.equal("NOT_FINAL");
  });

  it("isn't read from a node that knows less than was seen final", async () => {
    await grant();
    const snapshot: unknown = await world.provider.send("evm_snapshot", []);
    await mine(world, 5);
    const strict = await world.clientOf(clinic, { finality: 0 });
    expect(await ask({}, strict)).to.equal(true);
    const loose = await world.clientOf(clinic, { finality: 10 });
    await ask({}, loose);
    await world.provider.send("evm_revert", [snapshot]);
    expect(await ask({}, loose), "also after an answer from an older final block").to.equal("NODE_BEHIND");
    await mine(world, 5);
    expect(await ask({}, strict)).to.equal(true);
  });

  it("stands on an idle chain, which isn't a stale one", async () => {
    const until = await grant(["SUMMARY"], 2 * HOUR);
    const client = await world.clientOf(clinic, { clock: () => until - 60 });
    expect(await ask({}, client)).to.equal(true);
  });

  it("is required with the reason why it is refused", async () => {
    const error = await expectCode("CONSENT_DENIED", clinic.client.requireConsent(question()));
    expect(error.details).to.deep.include({ ...question(), reason: "NOT_GRANTED" });
    await grant();
    const { allowed, block } = await clinic.client.requireConsent(question());
    expect(allowed).to.equal(true);
    expect(block.hash).to.equal((await world.provider.getBlock(block.number))!.hash);
  });

  it("can't be asked for what doesn't exist", async () => {
    await expectCode("UNKNOWN_NAME", ask({ category: "GOSSIP" as "CARE" }));
    await expectCode("UNKNOWN_NAME", ask({ purpose: "FUN" as "TREAT" }));
  });

  it("says how to do without a final block where a chain has none, and is decided then", async () => {
    await grant();
    await mine(world, 3);
    await using faulty = await startFaultyNode(world.url);
    faulty.faultOf = ({ method, params }) =>
      method === "eth_getBlockByNumber" && params[0] === "finalized"
        ? { error: { code: -39001, message: "Unknown block" } }
        : undefined;
    const provider = await connect(faulty.url);
    const runner = clinic.wallet.connect(provider);
    const error = await expectCode("CHAIN_UNREACHABLE", ask({}, await world.clientOf(clinic, { runner })));
    expect(error.message).to.contain("no final block");
    expect(error.hint).to.contain("finality as a number of blocks").and.contain("--finality");
    expect(await ask({}, await world.clientOf(clinic, { runner, finality: 2 }))).to.equal(true);
    provider.destroy();
  });

  it("isn't final where another grant, gone since, stood at the final block", async () => {
    const until = await grant();
    const viewer = insurer.id;
    await alice.client.grantAccess({ viewer, categories: ["SUMMARY"], purpose: "TREAT", steward: clinic.id, until });
    await alice.client.revokeAccess({ viewer, categories: ["SUMMARY"], purpose: "TREAT", steward: EVERY_STEWARD });
    const client = await world.clientOf(clinic, { finality: 2 });
    expect(await ask({}, client)).to.equal("NOT_FINAL");
    await mine(world, 2);
    expect(await ask({}, client)).to.equal(true);
  });

  it("is of the block that it names, though the chain goes on meanwhile", async () => {
    await grant();
    const proxy = await behindProxy(world, clinic);
    let isRead = false;
    let goesOn: Promise<unknown> | undefined;
    proxy.rewrite = async ({ method }) => {
      isRead ||= method === "eth_getBlockByNumber";
      if (method === "eth_call" && isRead) await (goesOn ??= alice.client.revokeAccess({ viewer: insurer.id }));
    };
    try {
      expect(await ask({}, proxy.client)).to.equal(true);
      expect(goesOn, "it was asked while the chain went on").to.not.equal(undefined);
      expect(await ask({}, proxy.client)).to.equal("NOT_GRANTED");
    } finally {
      await proxy.close();
    }
  });

  it("is denied by an error when the node doesn't answer, or gives no block", async () => {
    await grant();
    const proxy = await behindProxy(world, clinic);
    const { client } = proxy;
    expect(await ask({}, client)).to.equal(true);
    for (const tag of ["latest", "finalized"]) {
      proxy.after = ({ method, params }, response) =>
        method === "eth_getBlockByNumber" && params[0] === tag ? { result: null } : response;
      await expectCode("CHAIN_UNREACHABLE", ask({}, client));
    }
    proxy.after = ({ method }, response) =>
      method === "eth_call" ? { error: { code: -32000, message: "missing trie node" } } : response;
    await expectCode("CHAIN_CALL_FAILED", ask({}, client));
    proxy.before = () => "hang up";
    await expectCode("CHAIN_UNREACHABLE", ask({}, client));
    await proxy.close();
  });
});
