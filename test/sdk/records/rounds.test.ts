import { expect } from "chai";
import { hexlify } from "ethers";

import {
  createCompartmentKey,
  decodeEnvelope,
  openEnvelope,
  openRecordStream,
  type CompartmentKey,
} from "../../../src/crypto/index.js";
import { CATEGORIES, EVERY_STEWARD, type Category, type DeliveryFile } from "../../../src/sdk/index.js";
import { membersNow, currentRound, type Round } from "../../../src/sdk/records/rounds.js";
import { categoryIndex } from "../../../src/sdk/vocabulary.js";
import { bytes, expectCode, HOUR, inFuture, mine, text } from "../helpers.js";
import { behindProxy, type ProxiedClient } from "../proxy.js";
import type { StoredEnvelope } from "../../../src/vault/index.js";
import { type Actor, createDevnet, type Devnet, handOn, relate, throughJson } from "../../../devnet/index.js";

const DAY = 24 * HOUR;

describe("rounds", () => {
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

  const headBlock = async () => {
    const head = (await world.provider.getBlock("latest"))!;
    return { block: head.number, hash: head.hash! };
  };
  const write = (category: Category = "SUMMARY") =>
    clinic.client.addRecord({ patient: alice.id, category, content: bytes("text"), again: true });
  const roundOf = async (category?: Category) => (await write(category)).round;
  const grant = async (viewer: Actor, seconds = HOUR, categories: Category[] = ["SUMMARY"]) => {
    const until = await inFuture(world, seconds);
    await alice.client.grantAccess({ viewer: viewer.id, categories, purpose: "TREAT", until });
  };

  it("begin with the first record of a category, and go on while nobody loses access", async () => {
    const first = await write();
    expect(first).to.deep.include({ round: 0, roundOpened: true, members: [], index: 1 });
    expect(await write()).to.deep.include({ round: 0, roundOpened: false, index: 2 });
    expect(await write("CARE")).to.deep.include({ round: 0, roundOpened: true });
    await grant(insurer);
    expect(await write()).to.deep.include({ round: 0, roundOpened: false, members: [insurer.id] });
  });

  it("are told apart from another scope's, whose key has the same id and came first", async () => {
    const { block, hash } = await headBlock();
    const id = Uint8Array.from({ length: 16 }, () => patients + 1);
    const others = createCompartmentKey({ patient: insurer.id, steward: insurer.id, category: 4, round: 7 });
    clinic.vault.compartments.put({ ...others, id }, { openedAtBlock: 1, source: insurer.id });
    const own = createCompartmentKey({
      patient: alice.id,
      steward: clinic.id,
      category: categoryIndex("CARE"),
      round: 0,
    });
    clinic.vault.compartments.put({ ...own, id }, { openedAtBlock: block, source: "own" });
    clinic.vault.cursors.set(`round:${hexlify(id)}`, { block, hash });
    const input = { patient: alice.id, category: "CARE" as const, content: bytes("of alice") };
    const first = await clinic.client.addRecord(input);
    expect(first).to.deep.include({ round: 0, roundOpened: false, index: 1 });
    expect(await clinic.client.addRecord(input)).to.deep.include({ alreadyThere: true, round: 0 });
    const { content } = await clinic.client.openRecord({ digest: first.digest, purpose: "TREAT" });
    expect(text(content)).to.equal("of alice");
  });

  const losses: Record<string, () => Promise<unknown>> = {
    "the grant is revoked": () =>
      alice.client.revokeAccess({ viewer: insurer.id, purpose: "TREAT", steward: EVERY_STEWARD }),
    "the viewer is revoked": () => alice.client.revokeAccess({ viewer: insurer.id }),
    "everyone is revoked": () => alice.client.revokeAccess({ everyone: true }),
    "the grant expires": () => world.increaseTime(2 * HOUR),
  };
  for (const [what, lose] of Object.entries(losses)) {
    it(`are followed by a new one when ${what}, once`, async () => {
      await grant(insurer);
      expect(await roundOf()).to.equal(0);
      expect(await roundOf("CARE")).to.equal(0);
      await lose();
      expect(await write()).to.deep.include({ round: 1, roundOpened: true, members: [] });
      expect(await roundOf()).to.equal(1);
      expect(await roundOf("CARE"), "a category that nobody lost").to.equal(0);
    });
  }

  it("are followed by a new one when the viewer's licence is suspended, and stay when it comes back", async () => {
    const payer = await world.institution("Old Insurance", ["PAYER"]);
    await grant(payer, 100 * DAY);
    expect(await roundOf()).to.equal(0);
    await world.authority.suspendInstitution({ institution: payer.id });
    expect(await roundOf()).to.equal(1);
    expect(await roundOf(), "no further one while it is suspended").to.equal(1);
    await world.authority.reinstateInstitution({ institution: payer.id });
    expect(await write()).to.deep.include({ round: 1, members: [payer.id] });
    await world.authority.suspendInstitution({ institution: payer.id });
    expect(await roundOf(), "it was a member when something was written").to.equal(2);
  });

  it("are followed by a new one when a viewer got in and out again between two writes", async () => {
    expect(await roundOf()).to.equal(0);
    await grant(insurer);
    await alice.client.revokeAccess({ viewer: insurer.id });
    expect(await roundOf()).to.equal(1);
    expect(await roundOf()).to.equal(1);
  });

  it("are followed by a new one when a licence came back and was lost again between two writes", async () => {
    const payer = await world.institution("Unsteady Insurance", ["PAYER"]);
    await grant(payer, 100 * DAY);
    await world.authority.suspendInstitution({ institution: payer.id });
    expect(await roundOf()).to.equal(0);
    await world.authority.reinstateInstitution({ institution: payer.id });
    await world.authority.suspendInstitution({ institution: payer.id });
    expect(await roundOf(), "it could have got the key from the patient meanwhile").to.equal(1);
  });

  it("begin in the very block that renewed a former viewer's licence, and go on there", async () => {
    const payer = await world.institution("Former Insurance", ["PAYER"]);
    await grant(payer);
    expect(await roundOf()).to.equal(0);
    await alice.client.revokeAccess({ viewer: payer.id });
    await world.authority.licenseInstitution({
      institution: payer.id,
      roles: ["PAYER"],
      until: await inFuture(world, DAY),
    });
    expect(await write()).to.deep.include({ round: 1, roundOpened: true, members: [] });
    expect(await roundOf()).to.equal(1);
  });

  it("are followed by a new one when a suspension lapsed and the grant expired between two writes", async () => {
    const payer = await world.institution("Patient Insurance", ["PAYER"]);
    await grant(payer, 20 * DAY);
    await world.authority.suspendInstitution({ institution: payer.id });
    expect(await roundOf()).to.equal(0);
    await world.increaseTime(21 * DAY);
    expect(await roundOf()).to.equal(1);
    expect(await roundOf()).to.equal(1);
  });

  it("are followed by a new one when a reorganisation took away the block that one began at", async () => {
    const snapshot: unknown = await world.provider.send("evm_snapshot", []);
    await grant(insurer);
    expect(await roundOf()).to.equal(0);
    await world.provider.send("evm_revert", [snapshot]);
    await world.provider.send("hardhat_mine", ["0x4"]);
    expect(await write()).to.deep.include({ round: 1, roundOpened: true });
  });

  it("are followed by a new one when a reorganisation lets somebody in and out before the block that one began at", async () => {
    const snapshot: unknown = await world.provider.send("evm_snapshot", []);
    await mine(world, 4);
    expect(await roundOf()).to.equal(0);
    await world.provider.send("evm_revert", [snapshot]);
    // Nobody looks for grants before the opening, and the block that it was read at is another one.
    await grant(insurer);
    await alice.client.revokeAccess({ viewer: insurer.id });
    await mine(world, 8);
    expect(await write()).to.deep.include({ round: 1, roundOpened: true });
  });

  it("are followed by a new one when a member of an opening round, in which nothing was written, is revoked", async () => {
    await grant(insurer);
    // Who was granted the category in the opening's own block is found there.
    await mine(world, 1);
    const content = async function* () {
      yield bytes("too long");
    };
    const sealing = clinic.client.addRecord({ patient: alice.id, category: "SUMMARY", content, size: 1 });
    await expectCode("SIZE_MISMATCH", sealing);
    // It is granted, and the patient has the key of the opened round.
    await handOn(clinic, alice, alice.id);
    await alice.client.revokeAccess({ viewer: insurer.id });
    expect(await write()).to.deep.include({ round: 1, roundOpened: true });
  });

  it("have nobody in them who broke the glass: that gives single records", async () => {
    const responder = await world.institution("Ambulance", ["EMERGENCY"]);
    await responder.client.breakGlass({ patient: alice.id, reason: "fell" });
    expect(await write()).to.deep.include({ round: 0, members: [] });
    await alice.client.changeSettings({ emergencyCategories: [] });
    expect(await write()).to.deep.include({ round: 0, members: [] });
  });

  it("are followed by a new one where the glass is all that a former viewer sees by", async () => {
    const responder = await world.institution("Air Rescue", ["EMERGENCY"]);
    const until = await inFuture(world, HOUR);
    await alice.client.grantAccess({ viewer: responder.id, categories: ["SUMMARY"], purpose: "ETREAT", until });
    expect(await write()).to.deep.include({ round: 0, members: [responder.id] });
    await alice.client.revokeAccess({ viewer: responder.id });
    await responder.client.breakGlass({ patient: alice.id, reason: "fell" });
    expect(await write()).to.deep.include({ round: 1, members: [] });
    expect((await write()).round, "once").to.equal(1);
  });

  it("say nothing to a viewer of another steward's records", async () => {
    const until = await inFuture(world, HOUR);
    const of = { viewer: insurer.id, categories: ["SUMMARY"], purpose: "TREAT", until } as const;
    await alice.client.grantAccess({ ...of, steward: alice.id });
    expect((await write()).members).to.deep.equal([]);
    await alice.client.revokeAccess({ viewer: insurer.id });
    expect(await roundOf()).to.equal(0);
  });

  it("are one when several records are written at once", async () => {
    const added = await Promise.all([write(), write(), write(), write()]);
    expect(new Set(added.map(({ round }) => round))).to.deep.equal(new Set([0]));
    expect(added.filter(({ roundOpened }) => roundOpened)).to.have.length(1);
    expect(added.map(({ index }) => index).sort()).to.deep.equal([1, 2, 3, 4]);
  });

  describe("ask the chain", () => {
    const scope = () => ({ patient: alice.id, steward: clinic.id });
    const summary = () => ({ ...scope(), category: CATEGORIES.indexOf("SUMMARY") });
    let proxy: ProxiedClient;
    beforeEach(async () => {
      proxy = await behindProxy(world, clinic);
    });
    afterEach(() => proxy.close());

    const questionsOf = async (ask: () => Promise<unknown>) => {
      proxy.calls.length = 0;
      await ask();
      return proxy.calls.filter((method) => method === "eth_call" || method === "eth_getLogs").sort();
    };

    it("once for all viewers, however many they are", async () => {
      const add = () =>
        proxy.client.addRecord({ patient: alice.id, category: "SUMMARY", content: bytes("text"), again: true });
      await add();
      await grant(insurer);
      const withOne = await questionsOf(add);
      const viewers = await Promise.all(
        ["Anna", "Bert", "Cleo", "Dora"].map((name) => world.patient(`${name} ${patients}`)),
      );
      for (const viewer of viewers) await grant(viewer);
      expect(await questionsOf(add)).to.deep.equal(withOne);
      expect((await add()).members).to.have.members([insurer.id, ...viewers.map(({ id }) => id)]);
    });

    it("nothing again as long as no new block comes", async () => {
      await grant(insurer);
      const first = await currentRound(proxy.client, summary());
      let second: Round | undefined;
      const questions = await questionsOf(async () => (second = await currentRound(proxy.client, summary())));
      // The terms of the relationship alone.
      expect(questions).to.deep.equal(["eth_call"]);
      expect(second?.compartmentKey.id).to.deep.equal(first.compartmentKey.id);
      expect(second).to.deep.include({ opened: false, members: [insurer.id] });
      await mine(world, 1);
      expect(await questionsOf(() => currentRound(proxy.client, summary()))).to.include("eth_getLogs");
    });

    it("again right before anchoring, also where no new block came", async () => {
      await grant(insurer);
      const round = await currentRound(proxy.client, summary());
      const ask = () => membersNow(proxy.client, scope(), [round]);
      expect(await questionsOf(ask)).to.deep.equal(["eth_call"]);
      await mine(world, 1);
      expect(await questionsOf(ask)).to.include("eth_getLogs");
    });

    it("once for rounds of several categories, each of which has to stand", async () => {
      await grant(insurer, HOUR, ["CARE"]);
      const rounds: Round[] = [];
      for (const category of ["SUMMARY", "CARE", "FINANCIAL"] as const) {
        rounds.push(await currentRound(proxy.client, { ...scope(), category: CATEGORIES.indexOf(category) }));
      }
      await mine(world, 1);
      const one = await questionsOf(() => membersNow(proxy.client, scope(), [rounds[1]!]));
      await mine(world, 1);
      expect(await questionsOf(() => membersNow(proxy.client, scope(), rounds))).to.deep.equal(one);
      expect(await membersNow(proxy.client, scope(), rounds)).to.deep.equal([[], [insurer.id], []]);
      await alice.client.revokeAccess({ viewer: insurer.id });
      expect(await membersNow(proxy.client, scope(), rounds)).to.equal(undefined);
      expect(await membersNow(proxy.client, scope(), [rounds[0]!, rounds[2]!])).to.deep.equal([[], []]);
      expect(await membersNow(proxy.client, scope(), [rounds[1]!])).to.equal(undefined);
    });
  });

  describe("while a record is being sealed", () => {
    /** Adds a record whose content comes slowly enough for something to happen. */
    const writeWhile = (meanwhile: (attempt: number) => Promise<unknown>) => {
      // The first reading makes the content key; each later one is an attempt to seal it.
      let attempts = -1;
      const content = async function* () {
        if (++attempts > 0) await meanwhile(attempts);
        yield bytes("text");
      };
      return clinic.client
        .addRecord({ patient: alice.id, category: "SUMMARY", content, size: 4, mediaType: "text/plain", again: true })
        .then((added) => ({ ...added, attempts }));
    };
    const heldBy = async (actor: Actor) => (await actor.client.listRecords({ patient: alice.id })).length;

    it("go on when somebody is granted access", async () => {
      const added = await writeWhile(() => grant(insurer));
      expect(added).to.deep.include({ round: 0, attempts: 1 });
      await alice.client.revokeAccess({ viewer: insurer.id });
      expect(await roundOf()).to.equal(1);
    });

    it("are followed by a new one when somebody loses it: the envelope is written again, and nothing else", async () => {
      await grant(insurer);
      await write();
      const added = await writeWhile(async (attempt) => {
        if (attempt === 1) await alice.client.revokeAccess({ viewer: insurer.id });
      });
      expect(added).to.deep.include({ round: 1, roundOpened: true, attempts: 1, index: 2 });
      expect(await heldBy(clinic)).to.equal(2);
    });

    it("are followed by a new one when somebody got it and lost it meanwhile", async () => {
      const added = await writeWhile(async (attempt) => {
        if (attempt > 1) return;
        await grant(insurer);
        await alice.client.revokeAccess({ viewer: insurer.id });
      });
      expect(added).to.deep.include({ round: 1, attempts: 1 });
    });

    it("are changed between sealing and anchoring without touching ciphertext, manifest or digest", async () => {
      await grant(insurer);
      await write();
      await handOn(clinic, insurer, alice.id, "TREAT");
      const proxy = await behindProxy(world, clinic);
      let sealed: StoredEnvelope | undefined;
      proxy.rewrite = async () => {
        const [pending] = clinic.vault.envelopes.list({ patient: alice.id, status: "pending" });
        if (pending === undefined || sealed !== undefined) return;
        sealed = clinic.vault.envelopes.get(pending.digest)!;
        await alice.client.revokeAccess({ viewer: insurer.id });
      };
      const content = bytes("sealed before the revocation");
      const added = await proxy.client.addRecord({ patient: alice.id, category: "SUMMARY", content });
      await proxy.close();
      expect(added).to.deep.include({ round: 1, roundOpened: true, digest: hexlify(sealed!.digest), index: 2 });
      expect(added.cid).to.equal(sealed!.metadata!.cid);
      const kept = clinic.vault.envelopes.get(sealed!.digest)!;
      expect(hexlify(kept.compartmentId)).not.to.equal(hexlify(sealed!.compartmentId));
      const keys = insurer.vault.compartments.list({ patient: alice.id });
      expect(
        keys.map(({ id }) => hexlify(id)),
        "the key that the insurer has",
      ).to.deep.equal([hexlify(sealed!.compartmentId)]);
      await expectCode("COMPARTMENT_MISMATCH", () => openEnvelope(decodeEnvelope(kept.bytes), keys[0]!));
      await handOn(clinic, alice, alice.id);
      expect(text((await alice.client.openRecord({ digest: added.digest })).content)).to.equal(text(content));
    });

    it("are changed for the records of one category alone, of all that are anchored together", async () => {
      await grant(insurer, HOUR, ["SUMMARY", "CARE"]);
      await write();
      await write("CARE");
      const categories = ["SUMMARY", "CARE", "SUMMARY"] as const;
      let readings = 0;
      const content = async function* () {
        if (++readings === 2) {
          await alice.client.revokeAccess({ viewer: insurer.id });
          await grant(insurer, HOUR, ["CARE"]);
        }
        yield bytes("text");
      };
      const added = await clinic.client.addRecords({
        patient: alice.id,
        records: categories.map((category) => ({ category, content, size: 4, again: true })),
      });
      expect(added.map(({ round, roundOpened }) => [round, roundOpened])).to.deep.equal([
        [1, true],
        [0, false],
        [1, false],
      ]);
      expect(new Set(added.map(({ receipt }) => receipt!.hash)).size, "transactions").to.equal(1);
      for (const { digest, round } of added) {
        const { compartmentId } = clinic.vault.envelopes.get(Buffer.from(digest.slice(2), "hex"))!;
        expect(clinic.vault.compartments.get(compartmentId)!.round).to.equal(round);
      }
    });

    it("are asked about once for a hundred records", async () => {
      await grant(insurer);
      const proxy = await behindProxy(world, clinic);
      let questions = 0;
      proxy.rewrite = ({ method }) => {
        if (method === "eth_call") questions++;
        return Promise.resolve();
      };
      const records = (count: number) =>
        Array.from({ length: count }, (_, i) => ({ category: "SUMMARY" as const, content: bytes(`${count} ${i}`) }));
      const asked: number[] = [];
      // The first opens the round.
      for (const count of [1, 2, 100]) {
        questions = 0;
        const added = await proxy.client.addRecords({ patient: alice.id, records: records(count) });
        expect(added).to.have.length(count);
        asked.push(questions);
      }
      await proxy.close();
      expect(asked[2]).to.equal(asked[1]);
    });

    it("come to nothing when somebody gets and loses it each time", async () => {
      const proxy = await behindProxy(world, clinic);
      const pins = clinic.vault.pins.list();
      proxy.rewrite = async ({ method, params }) => {
        if (method !== "eth_getBlockByNumber" || params[0] !== "latest") return;
        await grant(insurer);
        await alice.client.revokeAccess({ viewer: insurer.id });
      };
      const adding = proxy.client.addRecord({ patient: alice.id, category: "SUMMARY", content: bytes("text") });
      await expectCode("MEMBERSHIP_UNSTABLE", adding);
      await proxy.close();
      expect(await heldBy(clinic)).to.equal(0);
      expect(clinic.vault.pins.list()).to.deep.equal(pins);
      expect((await clinic.client.overviewOf({ patient: alice.id })).recordCount).to.equal(0);
    });

    it("leave nothing behind when the steward itself may no longer write", async () => {
      const sealing = writeWhile(() => alice.client.endRelationship({ patient: alice.id, provider: clinic.id }));
      await expectCode("NOT_AN_ACTIVE_STEWARD", sealing);
      expect(await heldBy(clinic)).to.equal(0);
      expect(clinic.vault.transactions.pending()).to.deep.equal([]);
    });
  });

  it("keep an ex-viewer, who kept everything, out of everything that comes", async () => {
    const mallory = await world.institution("Mallory & Sons", ["PAYER"]);
    const old = await write();
    await grant(mallory, 100 * DAY);
    const loot: DeliveryFile[] = [
      throughJson(await clinic.client.deliver({ patient: alice.id, viewer: mallory.id, purpose: "TREAT" })),
    ];
    await mallory.client.takeDelivery({ file: loot[0] });
    const during = await write();
    loot.push(throughJson(await clinic.client.deliver({ patient: alice.id, viewer: mallory.id, purpose: "TREAT" })));
    await mallory.client.takeDelivery({ file: loot[1] });
    const keys: CompartmentKey[] = mallory.vault.compartments.list({ patient: alice.id });
    const stolen = [old, during].map(({ digest }) => {
      const { bytes: envelope } = mallory.vault.envelopes.get(Buffer.from(digest.slice(2), "hex"))!;
      const opened = keys.map((key) => openEnvelope(decodeEnvelope(envelope), key)).at(0)!;
      return opened.dek;
    });
    expect(stolen, "what it was allowed to read it can read for ever").to.have.length(2);

    await alice.client.revokeAccess({ viewer: mallory.id });
    await expectCode(
      "CONSENT_DENIED",
      clinic.client.releaseKeys({ patient: alice.id, viewer: mallory.id, purpose: "TREAT" }),
    );
    const later = [await write(), await write()];
    for (const { digest, cid } of later) {
      // It is even given the envelope, and the ciphertext is public.
      const { bytes: envelope } = clinic.vault.envelopes.get(Buffer.from(digest.slice(2), "hex"))!;
      const current = clinic.vault.compartments.get(decodeEnvelope(envelope).compartmentId)!;
      const { manifest } = openEnvelope(decodeEnvelope(envelope), current);
      for (const key of keys) {
        await expectCode("COMPARTMENT_MISMATCH", () => openEnvelope(decodeEnvelope(envelope), key));
        const renamed = { ...key, id: current.id, round: current.round };
        await expectCode("ENVELOPE_REFUSED", () => openEnvelope(decodeEnvelope(envelope), renamed));
      }
      for (const dek of stolen) {
        await expectCode(
          "KEY_COMMITMENT_MISMATCH",
          drain(openRecordStream({ ciphertext: clinic.store.get(cid), dek, manifest })),
        );
      }
    }
    const again = await mallory.client.takeDelivery({ file: { ...loot[1], grant: undefined } });
    expect(again.envelopes.every(({ added }) => added === 0)).to.equal(true);
    await expectCode("CONSENT_DENIED", mallory.client.openRecord({ digest: old.digest, purpose: "TREAT" }));
    await expectCode("RECORD_UNKNOWN", mallory.client.openRecord({ digest: later[0]!.digest, purpose: "TREAT" }));
    await handOn(clinic, alice, alice.id);
    await expectCode("CONSENT_DENIED", mallory.client.takeKeys({ file: loot[0]!.grant }));
  });
});

async function drain(stream: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of stream) void chunk;
}
