import { expect } from "chai";
import { getBytes, makeError } from "ethers";

import { listReadable } from "../../../src/cli/records/list-readable.js";
import { bytes, expectCode, text } from "../helpers.js";
import { expectNothingLeft, pinsOf } from "../left-behind.js";
import { mortal } from "../mortal.js";
import { behindProxy } from "../proxy.js";
import { backupOf, type Actor, createDevnet, fixture, handOn, relate } from "../../../devnet/index.js";

describe("adding a record", () => {
  const load = fixture(async () => {
    const world = await createDevnet();
    const [clinic, alice, bob] = [
      await world.institution("General Hospital"),
      await world.patient("alice"),
      await world.patient("bob"),
    ];
    for (const patient of [alice, bob]) await relate(clinic, patient);
    return Object.assign(world, { clinic, alice, bob, pins: await pinsOf(clinic) });
  });
  after(async () => (await load()).close());

  const noteFor = ({ id }: Actor, content = '{"a":1.0, "b":2}') =>
    ({ patient: id, category: "CARE", content: bytes(content) }) as const;

  it("that was added before gives back that one, and seals, pins and sends nothing", async () => {
    const { clinic, alice, reports, pins } = await load();
    const first = await clinic.client.addRecord(noteFor(alice));
    expect(first).to.deep.include({ alreadyThere: false, index: 1, category: "CARE" });
    const sent = reports.length;
    const again = await clinic.client.addRecord(noteFor(alice, ' {"b":2,"a":1.0}'));
    const { digest, cid, index, round } = first;
    expect(again).to.deep.equal({
      ...{ alreadyThere: true, digest, cid, category: "CARE", confidential: false, index, round },
      ...{ roundOpened: false, members: [] },
    });
    expect(reports.length).to.equal(sent);
    await expectNothingLeft(clinic, [alice.id], pins);
  });

  it("of another patient, another author, another number or another purpose is another one", async () => {
    const { clinic, alice, bob } = await load();
    const { digest } = await clinic.client.addRecord(noteFor(alice));
    const others = [
      await clinic.client.addRecord(noteFor(bob)),
      await alice.client.addRecord(noteFor(alice)),
      await clinic.client.addRecord(noteFor(alice, '{"a":1.00, "b":2}')),
      await clinic.client.addRecord({ ...noteFor(alice), amends: digest }),
      await clinic.client.addRecord({ ...noteFor(alice), disputes: digest }),
    ];
    expect(others.map(({ alreadyThere }) => alreadyThere)).to.deep.equal(others.map(() => false));
    expect((await clinic.client.addRecord({ ...noteFor(alice), amends: digest })).digest).to.equal(others[3]!.digest);
  });

  it("that is filed elsewhere now says where it is, and isn't filed twice", async () => {
    const { clinic, alice } = await load();
    const { digest } = await clinic.client.addRecord(noteFor(alice));
    const again = await clinic.client.addRecord({ ...noteFor(alice), category: "SENSITIVE" });
    expect(again).to.deep.include({ alreadyThere: true, digest, category: "CARE" });
    expect(await clinic.client.listRecords({ patient: alice.id })).to.have.length(1);
  });

  it("several times at once makes one", async () => {
    const { clinic, alice, pins } = await load();
    const added = await Promise.all(Array.from({ length: 5 }, () => clinic.client.addRecord(noteFor(alice))));
    expect(new Set(added.map(({ digest }) => digest)).size).to.equal(1);
    expect(added.filter(({ alreadyThere }) => !alreadyThere)).to.have.length(1);
    expect((await clinic.client.overviewOf({ patient: alice.id })).recordCount).to.equal(1);
    await expectNothingLeft(clinic, [alice.id], pins);
  });

  it("again when asked to makes another one, and the next repetition neither", async () => {
    const { clinic, alice } = await load();
    const first = await clinic.client.addRecord(noteFor(alice));
    const second = await clinic.client.addRecord({ ...noteFor(alice), again: true });
    expect(second.digest).not.to.equal(first.digest);
    expect((await clinic.client.addRecord(noteFor(alice))).alreadyThere).to.equal(true);
    expect(await clinic.client.listRecords({ patient: alice.id })).to.have.length(2);
  });

  it("that was shredded makes a new one: what was erased isn't remembered", async () => {
    const { clinic, alice, pins } = await load();
    const first = await clinic.client.addRecord(noteFor(alice));
    await clinic.client.shredRecord({ digest: first.digest });
    const second = await clinic.client.addRecord(noteFor(alice));
    expect(second).to.deep.include({ alreadyThere: false, index: 2 });
    await expectCode("RECORD_SHREDDED", clinic.client.openRecord({ digest: first.digest, purpose: "TREAT" }));
    await expectNothingLeft(clinic, [alice.id], pins);
  });

  it("is known again after a restart, and in a vault that was restored", async () => {
    const world = await load();
    const { clinic, alice } = world;
    const { digest } = await clinic.client.addRecord(noteFor(alice));
    await world.reopen(clinic);
    expect(await clinic.client.addRecord(noteFor(alice))).to.deep.include({ alreadyThere: true, digest });
    const restored = await world.actor("restored", { backup: await backupOf(clinic) });
    const client = await world.clientOf({ ...restored, wallet: clinic.wallet });
    expect(await client.addRecord(noteFor(alice))).to.deep.include({ alreadyThere: true, digest });
  });

  it("by a stream that is stopped leaves nothing, also when the signal comes while it is sealed", async () => {
    const { clinic, alice, pins } = await load();
    for (const readings of [1, 2]) {
      const stop = new AbortController();
      let reading = 0;
      const content = async function* () {
        if (++reading === readings) stop.abort(new Error("enough"));
        yield bytes("text");
      };
      const adding = clinic.client.addRecord({
        ...{ patient: alice.id, category: "CARE", content, size: 4, mediaType: "text/plain" },
        signal: stop.signal,
      });
      expect(String(await adding.catch((error: unknown) => error))).to.equal("Error: enough");
    }
    await expectNothingLeft(clinic, [alice.id], pins);
    expect(await clinic.client.listRecords()).to.deep.equal([]);
  });

  it("whose transaction may be under way is listed as unfinished, and finished by the same again", async () => {
    const world = await load();
    const { clinic, alice, pins } = world;
    const proxy = await behindProxy(world, clinic);
    const { client } = proxy;
    proxy.before = ({ method }) => (method === "eth_sendRawTransaction" ? "hang up" : undefined);
    await expectCode("CHAIN_UNREACHABLE", client.addRecord(noteFor(alice)));
    const listed = await clinic.client.listRecords();
    expect(listed.map(({ unfinished, index }) => [unfinished, index])).to.deep.equal([[true, undefined]]);
    expect((await listReadable(clinic.client)).map(({ readableFor }) => readableFor)).to.deep.equal([[]]);
    await proxy.close();

    // It is in the journal: the same again waits for that very transaction.
    await world.reopen(clinic);
    expect(await clinic.client.addRecord(noteFor(alice))).to.deep.include({
      ...{ alreadyThere: true, digest: listed[0]!.digest, index: 1 },
    });
    await expectNothingLeft(clinic, [alice.id], pins);
  });

  it("with an account that keeps no journal goes on with the same digest", async () => {
    const world = await load();
    const { clinic, alice } = world;
    // Signs and sends in one step, as a browser's account does, and nobody hears whether it was sent.
    let lost = true;
    const unsupported = makeError("it signs only what it sends", "UNSUPPORTED_OPERATION", {
      operation: "signTransaction",
    });
    const runner = new Proxy(clinic.wallet, {
      getPrototypeOf: () => Object.prototype,
      get(of, name) {
        if (name === "signTransaction") return () => Promise.reject(unsupported);
        if (name === "sendTransaction" && lost) return () => Promise.reject(new TypeError("fetch failed"));
        const value: unknown = Reflect.get(of, name, of);
        return typeof value === "function" ? (value as () => unknown).bind(of) : value;
      },
    });
    let client = await world.clientOf(clinic, { runner });
    await expectCode("CHAIN_UNREACHABLE", client.addRecord(noteFor(alice)));
    await world.reopen(clinic);
    const { digest } = (await clinic.client.listRecords())[0]!;
    lost = false;
    // What fails now says nothing about what may have been sent before: the record stays.
    const mean = await world.clientOf(clinic, { runner, maxFeePerGas: 1n });
    await expectCode("FEE_TOO_HIGH", mean.addRecord(noteFor(alice)));
    expect((await clinic.client.listRecords()).map((record) => record.digest)).to.deep.equal([digest]);
    client = await world.clientOf(clinic, { runner });
    expect(await client.addRecord(noteFor(alice))).to.deep.include({ alreadyThere: true, digest, index: 1 });
  });

  describe("or shredding one, by a process that is killed", () => {
    /** Does `work` once for each write that it makes, killed right before it, and looks after a restart. */
    async function killedBeforeEachWrite(
      work: (world: Awaited<ReturnType<typeof load>>, client: Actor["client"]) => Promise<unknown>,
      check: (world: Awaited<ReturnType<typeof load>>) => Promise<void>,
      prepare: (world: Awaited<ReturnType<typeof load>>) => Promise<unknown> = async () => {},
    ): Promise<string[]> {
      const moments: string[] = [];
      for (let n = 1; ; n++) {
        const world = await load();
        await prepare(world);
        const mortals = mortal(world.clinic, world.provider, n);
        const outcome = await world
          .clientOf(world.clinic, mortals.options)
          .then((client) => work(world, client))
          .catch((error: unknown) => error);
        const before = mortals.died();
        if (before === undefined) {
          expect(outcome, "the last run").not.to.be.instanceOf(Error);
          return moments;
        }
        moments.push(before);
        await world.reopen(world.clinic);
        await check(world).catch((error: Error) => {
          throw new Error(`killed before write ${n} (${moments.join(", ")}): ${error.message}`, { cause: error });
        });
      }
    }

    it("leaves nothing at any moment, and the same again makes one record", async () => {
      const moments = await killedBeforeEachWrite(
        ({ alice }, client) => client.addRecord(noteFor(alice)),
        async ({ clinic, alice, pins }) => {
          await expectNothingLeft(clinic, [alice.id], pins);
          const { digest } = await clinic.client.addRecord(noteFor(alice));
          await expectNothingLeft(clinic, [alice.id], pins);
          const listed = await clinic.client.listRecords();
          expect(listed.map((record) => [record.digest, record.unfinished])).to.deep.equal([[digest, false]]);
          await handOn(clinic, alice, alice.id);
          expect(text((await alice.client.openRecord({ digest })).content)).to.equal(text(noteFor(alice).content));
        },
      );
      expect(moments).to.include.members(["put", "pin", "transaction", "begin", "eth_sendRawTransaction"]);
      // The receipt, and what was anchored by it.
      expect(moments.at(-1)).to.equal("transaction");
    });

    it("leaves no pin without a note when a record is shredded", async () => {
      const moments = await killedBeforeEachWrite(
        async (_, client) => client.shredRecord({ digest: (await client.listRecords())[0]!.digest }),
        async ({ clinic, alice, pins }) => {
          const [left] = await clinic.client.listRecords();
          await expectNothingLeft(clinic, [alice.id], pins);
          // Killed before the vault was asked, it is there still; the same again shreds it.
          if (left !== undefined) await clinic.client.shredRecord({ digest: left.digest });
          await expectNothingLeft(clinic, [alice.id], pins);
          expect(await clinic.client.listRecords()).to.deep.equal([]);
        },
        ({ clinic, alice }) => clinic.client.addRecord(noteFor(alice)),
      );
      // The first is what listing notes about retractions.
      expect(moments).to.deep.equal(["transaction", "shred", "unpin", "released", "gc"]);
    });

    it("is settled as far as can be without a store, and for the rest by the next start with one", async () => {
      const world = await load();
      const { clinic, alice, pins } = world;
      await clinic.client.addRecord(noteFor(alice));
      const { digest } = (await clinic.client.listRecords())[0]!;
      clinic.vault.shred(getBytes(digest), { participant: clinic.id });
      const { deployment } = world;
      const { createClient } = await import("../../../src/sdk/index.js");
      await createClient({ runner: clinic.wallet, deployment, vault: clinic.vault });
      expect(clinic.vault.pins.toRelease()).to.have.length(1);
      expect(await pinsOf(clinic)).to.have.length(pins.length + 1);
      await world.reopen(clinic);
      await expectNothingLeft(clinic, [alice.id], pins);
    });
  });
});
