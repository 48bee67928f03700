import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { expect } from "chai";

import { connect, nodeEvents } from "../../src/sdk/index.js";
import { type ChainIndex, type Notice, type NoticeHandlers, watch, type WatchOptions } from "../../src/watch/index.js";
import { openIndex } from "../../src/watch/node/index.js";
import { type Actor, createDevnet, type Devnet, relate } from "../../devnet/index.js";
import { expectCode } from "../sdk/helpers.js";
import { startProxy } from "../sdk/proxy.js";

const DAY = 24 * 60 * 60;

describe("notices", () => {
  let world: Devnet;
  let clinic: Actor;
  let other: Actor;
  let alice: Actor;
  let index: ChainIndex;
  let told: { kind: string; id: string }[];
  before(async () => {
    world = await createDevnet();
    clinic = await world.institution("General Hospital");
    other = await world.institution("Laboratory");
    alice = await world.patient("alice");
  });
  after(() => world.close());
  let opened = 0;
  beforeEach(async () => {
    told = [];
    index = await openIn(`index-${opened++}.sqlite`);
  });
  afterEach(() => index.close());

  const openIn = (name: string) =>
    openIndex({ file: join(world.folder, name), provider: world.provider, deployment: world.deployment });
  const hear = (notice: { kind: string; id: string }) => void told.push(notice);
  const everything: NoticeHandlers = {
    onProposal: hear,
    onRelationship: hear,
    onRecord: hear,
    onGrant: hear,
    onRevocation: hear,
    onEmergency: hear,
    onReview: hear,
    onRecovery: hear,
    onAccount: hear,
    onDelegate: hear,
    onLicence: hear,
    onExpiring: hear,
    onUndone: ({ id }) => hear({ kind: "undone", id }),
  };
  /** Watches for an actor, asked by hand alone. */
  const watching = async (actor: Actor, handlers: NoticeHandlers = everything, options: WatchOptions = {}) =>
    watch(await world.clientOf(actor, { events: index }), handlers, { interval: 3_600_000, ...options });
  const kinds = () => told.map(({ kind }) => kind);
  const grant = (until: number) =>
    alice.client.grantAccess({
      viewer: other.id,
      steward: clinic.id,
      categories: ["OBSERVATION"],
      purpose: "TREAT",
      until,
    });

  it("tell a patient what is proposed, added, granted and revoked, once each and in order", async () => {
    await using watch = await watching(alice);
    await watch.once();
    await other.client.proposeRelationship({ patient: alice.id });
    await relate(clinic, alice);
    await clinic.client.addRecord({ patient: alice.id, category: "OBSERVATION", content: new Uint8Array(3) });
    const until = (await world.now()) + 100 * DAY;
    await grant(until);
    await alice.client.revokeAccess({ viewer: other.id });
    await watch.once();
    await watch.once();
    expect(kinds()).to.deep.equal(["proposal", "relationship", "record", "grant", "revocation"]);
    const [, , record, granted] = told as [Notice, Notice, Notice<"record">, Notice<"grant">];
    expect(record).to.include({ patient: alice.id, author: clinic.id, index: 1 });
    expect(granted).to.deep.include({
      viewer: other.id,
      steward: clinic.id,
      categories: ["OBSERVATION"],
      purpose: "TREAT",
    });
    expect(granted.until).to.equal(until - (until % 60));
    expect(new Set(told.map(({ id }) => id)).size).to.equal(told.length);
  });

  it("tell nobody of others", async () => {
    await using watch = await watching(await world.patient("bob"));
    await clinic.client.addRecord({ patient: alice.id, category: "OBSERVATION", content: new Uint8Array(4) });
    await watch.once();
    expect(told).to.deep.equal([]);
  });

  it("tell again what its handler failed at, after everything before it and once the program is back", async () => {
    let failing = true;
    const handlers = {
      ...everything,
      onRecord(notice: Notice<"record">) {
        if (failing) throw new Error("the disk of the reader is full");
        hear(notice);
      },
    };
    const until = (await world.now()) + 100 * DAY;
    const before = await watching(alice, handlers);
    await before.once();
    await grant(until);
    await clinic.client.addRecord({ patient: alice.id, category: "OBSERVATION", content: new Uint8Array(5) });
    await alice.client.revokeAccess({ viewer: other.id });
    const failed = await before.once().catch((error: unknown) => error);
    expect(failed).to.be.an("error").with.property("message", "the disk of the reader is full");
    await before.stop();
    expect(kinds()).to.deep.equal(["grant"]);
    failing = false;
    await using again = await watching(alice, handlers);
    await again.once();
    expect(kinds()).to.deep.equal(["grant", "record", "revocation"]);
  });

  it("take back what a reorganisation replaced, and tell what stands in its place", async () => {
    const back = await world.snapshot();
    const before = await watching(alice);
    await before.once();
    await grant((await world.now()) + 50 * DAY);
    await before.once();
    await before.stop();
    expect(kinds()).to.deep.equal(["grant"]);
    expect(await back()).to.equal(true);
    await using after = await watching(alice);
    await clinic.client.addRecord({ patient: alice.id, category: "OBSERVATION", content: new Uint8Array(6) });
    await after.once();
    await after.once();
    expect(kinds()).to.deep.equal(["grant", "undone", "record"]);
    expect(told[1]!.id).to.equal(told[0]!.id);
  });

  it("tell each consumer from where it was, or from the beginning", async () => {
    await using fromTheBeginning = await watching(alice, everything, { consumer: "mail", from: "deployment" });
    await fromTheBeginning.once();
    expect(kinds()).to.include.members(["proposal", "relationship", "record"]);
    const count = told.length;
    await using fromNow = await watching(alice, everything, { consumer: "phone" });
    await fromNow.once();
    expect(told).to.have.length(count);
  });

  it("begin with a block that is named, and once begun go on from where they were", async () => {
    const count = async (consumer: string, from: number) => {
      told = [];
      const watch = await watching(alice, everything, { consumer, from });
      await watch.once();
      await watch.stop();
      return told.length;
    };
    const last = await world.provider.getBlockNumber();
    await grant((await world.now()) + 100 * DAY);
    expect(await count("after", last + 2)).to.equal(0);
    expect(await count("at", last + 1)).to.equal(1);
    expect(await count("at", 0), "known").to.equal(0);
    expect(await count("all", 0)).to.be.greaterThan(1);
  });

  it("are told to one who watches as a consumer, not to two a part each", async () => {
    const both = await Promise.allSettled([watching(alice), watching(alice)]);
    const [watch] = both.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
    const refusals = both.flatMap((each) => (each.status === "rejected" ? [each.reason as unknown] : []));
    expect(refusals).to.have.length(1);
    expect(refusals[0]).to.deep.include({ code: "WATCH_CONSUMER_IN_USE", details: { consumer: "notices" } });
    await using other = await watching(alice, everything, { consumer: "phone" });
    await other.stop();
    await expectCode("WATCH_CONSUMER_IN_USE", watching(alice));
    // Stopped while it tells something, it gives the consumer back once that is told.
    const begun = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    await watch!.stop();
    const slow = await watching(alice, { onGrant: () => (begun.resolve(), goOn.promise) });
    await slow.once();
    await grant((await world.now()) + 90 * DAY);
    const telling = slow.once();
    await begun.promise;
    const stopping = slow.stop();
    // Long enough for what asks by itself to end.
    await sleep(200);
    await expectCode("WATCH_CONSUMER_IN_USE", watching(alice));
    goOn.resolve();
    await Promise.all([telling, stopping]);
    await using after = await watching(alice);
    await after.once();
    // What is over tells nothing beside it.
    await grant((await world.now()) + 80 * DAY);
    await slow.once();
    await after.once();
    expect(kinds()).to.deep.equal(["grant"]);
  });

  it("give the consumer back when a handler threw, and say so whoever asks again", async () => {
    const failing = await watching(
      alice,
      {
        onProposal() {
          throw new Error("no room");
        },
      },
      { from: "deployment" },
    );
    const why = (error: unknown) => (error as Error).message;
    expect(await failing.done.catch(why)).to.equal("no room");
    expect(await failing.once().catch(why)).to.equal("no room");
    await using again = await watching(alice);
    await again.once();
    expect(kinds()).to.include("proposal");
  });

  it("refuse what nobody can be told by", async () => {
    const wrong: Record<string, unknown>[] = [
      ...[{ about: [] }, { about: [0] }, { about: [alice.id, "3"] }, { about: 3 }],
      ...[{ consumer: "" }, { from: "yesterday" }, { from: -1 }, { from: 1.5 }],
      ...[{ interval: 0 }, { interval: NaN }, { interval: 99 }, { expiringWithin: -1 }, { expiringWithin: NaN }],
    ];
    for (const options of wrong) {
      const error = await expectCode("ARGUMENT_INVALID", watching(alice, everything, options));
      expect(error.details?.["name"], error.message).to.be.oneOf([Object.keys(options)[0], "about"]);
    }
    // None of them took the consumer.
    await using watch = await watching(alice);
    await watch.once();
    expect(told).to.deep.equal([]);
  });

  it("tell both sides once that a grant ends soon, and the institution of its licence", async () => {
    const until = (await world.now()) + 5 * DAY;
    await grant(until);
    {
      await using watch = await watching(alice);
      await watch.once();
      await watch.once();
    }
    const ending = told.filter(({ kind }) => kind === "expiring");
    expect(ending).to.have.length(1);
    expect(ending[0]).to.include({ what: "grant", participant: other.id, until: until - (until % 60) });
    told = [];
    await using watch = await watching(other, everything, { consumer: "viewer", expiringWithin: 4 * 365 * DAY });
    await watch.once();
    const ends = (told as { kind: string; what?: string; participant?: number }[])
      .filter(({ kind }) => kind === "expiring")
      .map(({ what, participant }) => ({ what, participant }));
    expect(ends).to.have.deep.members([
      { what: "grant", participant: alice.id },
      { what: "licence", participant: other.id },
    ]);
  });

  it("go on by themselves, through a node that is out of reach for a while, until they are stopped", async () => {
    const proxy = await startProxy(world.url);
    const provider = await connect(proxy.url);
    const file = join(world.folder, "out-of-reach.sqlite");
    await using over = await openIndex({ file, provider, deployment: world.deployment });
    const client = await world.clientOf(alice, { runner: alice.wallet.connect(provider), events: over });
    const heard = Promise.withResolvers<void>();
    const trouble = Promise.withResolvers<string>();
    const running = await watch(
      client,
      { onRecord: () => heard.resolve(), onTrouble: ({ code }) => trouble.resolve(code) },
      { interval: 100 },
    );
    proxy.before = () => "hang up";
    expect(await trouble.promise).to.equal("CHAIN_UNREACHABLE");
    await clinic.client.addRecord({ patient: alice.id, category: "OBSERVATION", content: new Uint8Array(7) });
    proxy.before = () => undefined;
    await heard.promise;
    await running.stop();
    await running.done;
    provider.destroy();
    await proxy.close();
  });

  it("need an index", async () => {
    const client = await world.clientOf(alice, { events: nodeEvents(world.provider) });
    await expectCode("INDEX_MISSING", watch(client, everything));
  });
});
