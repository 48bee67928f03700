import { readFile, rm, writeFile } from "node:fs/promises";

import { expect } from "chai";
import { getBytes, hexlify } from "ethers";

import { createDevnet, handOn, relate, throughJson, type Actor, type Devnet } from "../../../devnet/index.js";
import { EVERY_STEWARD, type Category, type Narrowing, type UnreadRecord } from "../../../src/sdk/index.js";
import { listReadable } from "../../../src/cli/records/list-readable.js";
import { blockFile } from "../blocks.js";
import { startLyingNode } from "../lies.js";
import { bytes, expectCode, HOUR, inFuture, mine, text } from "../helpers.js";

const observation = (changes: object = {}) =>
  JSON.stringify({
    resourceType: "Observation",
    status: "final",
    code: { coding: [{ system: "http://loinc.org", code: "8867-4", display: "Heart rate" }] },
    effectiveDateTime: "2025-03-04",
    ...changes,
  });
const DEPRESSION = JSON.stringify({
  resourceType: "Condition",
  code: { coding: [{ system: "http://snomed.info/sct", code: "370143000", display: "Major depressive disorder" }] },
  recordedDate: "2025-03-04",
});

describe("a constraint", () => {
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

  const write = async (content: string, category: Category = "OBSERVATION") =>
    (await clinic.client.addRecord({ patient: alice.id, category, content: bytes(content), again: true })).digest;
  const word = () => ({ viewer: insurer.id, purpose: "HPAYMT", steward: clinic.id }) as const;
  const grant = async (constraint?: Narrowing | null, categories: readonly Category[] = ["OBSERVATION", "CARE"]) =>
    alice.client.grantAccess({
      ...{ ...word(), categories, until: await inFuture(world, 9 * HOUR) },
      ...(constraint === undefined ? {} : { constraint }),
    });
  /** The patient hands the constraint to the clinic. */
  const hand = async () => {
    const file = throughJson(await alice.client.releaseConstraint({ ...word(), to: clinic.id }));
    await clinic.client.takeConstraint({ file });
    return file;
  };
  const asked = () => ({ patient: alice.id, viewer: insurer.id, purpose: "HPAYMT" as const });
  const deliver = async () => throughJson(await clinic.client.deliver(asked()));
  const open = (digest: string) => insurer.client.openRecord({ digest, purpose: "HPAYMT" });
  /** Which of these the insurer opens. */
  const opened = async (digests: readonly string[]) => {
    const answers = await Promise.all(
      digests.map((digest) =>
        open(digest).then(
          () => digest,
          () => undefined,
        ),
      ),
    );
    return answers.filter((digest) => digest !== undefined);
  };

  it("lets a payer read exactly three named records and nothing else", async () => {
    const digests = [];
    for (let i = 0; i < 6; i++) digests.push(await write(observation({ note: [{ text: `number ${i}` }] })));
    digests.push(await write("a plan", "CARE"));
    const named = [digests[0]!, digests[2]!, digests[6]!];
    await grant({ records: named });
    await hand();

    const file = await deliver();
    expect(file.grant, "no compartment's key").to.equal(undefined);
    expect(file.envelopes).to.deep.equal([]);
    const imported = await insurer.client.takeDelivery({ file });

    expect(imported.envelopes.reduce((sum, { added }) => sum + added, 0)).to.equal(3);
    expect(await opened(digests)).to.have.members(named);
    const { content, manifest } = await open(digests[2]!);
    expect(JSON.parse(text(content))).to.deep.include({ note: [{ text: "number 2" }] });
    expect(manifest).to.deep.include({ patient: alice.id, author: clinic.id });
    const held = insurer.vault.compartments.list({ patient: alice.id });
    expect(
      held.map(({ record }) => record && hexlify(record)),
      "keys of single records",
    ).to.have.members(named);
    expect(await insurer.client.listKeys({ patient: alice.id }), "no compartment's").to.deep.equal([]);
    expect(await deliver(), "nothing new").not.to.have.any.keys("grant", "records", "constraints");
    await write(observation());
    expect(await deliver(), "nor what is written later").not.to.have.any.keys("grant", "records", "constraints");
  });

  it("lets a payer read a record of a batch, also once its pack was packed again", async () => {
    const records = [1, 2, 3].map((number) => ({
      category: "OBSERVATION" as const,
      content: bytes(observation({ note: [{ text: `number ${number}` }] })),
    }));
    const [one, two, three] = await clinic.client.addRecords({ patient: alice.id, records });
    await grant({ records: [one!.digest] });
    await hand();
    await insurer.client.takeDelivery({ file: await deliver() });
    const digests = [one, two, three].map((record) => record!.digest);
    expect(await opened(digests)).to.deep.equal([one!.digest]);

    await clinic.client.shredRecord({ digest: two!.digest });
    await clinic.client.repackDue({ after: 0 });
    await rm(blockFile(world, one!.cid));
    await expectCode("BLOCK_MISSING", open(one!.digest));
    await insurer.client.takeDelivery({ file: await deliver() });
    expect(await opened(digests)).to.deep.equal([one!.digest]);
    expect(await deliver(), "nothing new").not.to.have.any.keys("grant", "records", "constraints");
  });

  it("is answered with every release in the log, and who got a record's key", async () => {
    const digest = await write(observation());
    await grant({ records: [digest] });
    await hand();
    await deliver();

    const disclosures = await clinic.client.listDisclosures({ patient: alice.id });
    expect(disclosures.filter(({ recipient }) => recipient === insurer.id)).to.have.length(1);
  });

  it("about what records say admits those that fit", async () => {
    const march = await write(observation());
    const april = await write(observation({ effectiveDateTime: "2025-04-04" }));
    const depression = await write(DEPRESSION);
    const [from, to] = ["2025-03-01", "2025-03-31"].map((day) => Date.parse(day) / 1000);
    await grant({ from: from!, to: to!, classes: [] });
    await hand();
    await insurer.client.takeDelivery({ file: await deliver() });

    expect(await opened([march, april, depression])).to.deep.equal([march]);
  });

  it("about what records say is asked of each once, though most of it stays out", async () => {
    const april = await write(observation({ effectiveDateTime: "2025-04-04" }));
    const [from, to] = ["2025-03-01", "2025-03-31"].map((day) => Date.parse(day) / 1000);
    await grant({ from: from!, to: to! });
    await hand();
    await insurer.client.takeDelivery({ file: await deliver() });
    const { cid } = clinic.vault.envelopes.get(getBytes(april))!.metadata!;
    await rm(blockFile(world, cid));
    const march = await write(observation());
    const unread: string[] = [];
    const onUnread = ({ digest }: UnreadRecord) => void unread.push(digest);
    const file = throughJson(await clinic.client.deliver({ ...asked(), onUnread }));
    expect(unread, "what it says is known").to.deep.equal([]);
    await insurer.client.takeDelivery({ file });
    expect(await opened([march, april])).to.deep.equal([march]);
    await clinic.client.deliver({ ...asked(), again: true, onUnread });
    expect(unread, "again reads it once more").to.deep.equal([april]);
  });

  it("about what records say passes over one that can't be read, names it, and gives it once it can be", async () => {
    const digests = [await write(observation()), await write(observation({ note: [{ text: "another" }] }))];
    await grant({ classes: [] });
    await hand();
    const file = blockFile(world, clinic.vault.envelopes.get(getBytes(digests[0]!))!.metadata!.cid);
    const block = await readFile(file);
    await rm(file);
    const unread: unknown[] = [];
    const onUnread = ({ digest, error }: UnreadRecord) => void unread.push([digest, error.code]);
    const delivery = await clinic.client.deliver({ ...asked(), onUnread });
    await insurer.client.takeDelivery({ file: throughJson(delivery) });
    expect(unread).to.deep.equal([[digests[0], "BLOCK_MISSING"]]);
    expect(await opened(digests)).to.deep.equal([digests[1]]);
    await expectCode("BLOCK_MISSING", deliver());

    await writeFile(file, block);
    await insurer.client.takeDelivery({ file: await deliver() });
    expect(await opened(digests)).to.have.members(digests);
  });

  it("is missed also where compartments' keys went out before it: CONSTRAINED, and not an empty file", async () => {
    await grant();
    const digest = await write(observation());
    await insurer.client.takeDelivery({ file: await deliver() });
    await grant({ records: [digest] });
    const error = await expectCode("CONSENT_DENIED", deliver());
    expect(error.details["reason"]).to.equal("CONSTRAINED");
    await write(observation());
    await expectCode("CONSENT_DENIED", deliver());
    await hand();
    expect((await deliver()).constraints).to.have.length(1);
  });

  it("keeps everything shut where its file is missing: CONSTRAINED", async () => {
    const digest = await write(observation());
    await grant({ records: [digest] });
    const error = await expectCode("CONSENT_DENIED", deliver());
    expect(error.details["reason"]).to.equal("CONSTRAINED");
    await expectCode("CONSENT_DENIED", clinic.client.releaseKeys(asked()));
    const question = { ...asked(), steward: clinic.id, category: "OBSERVATION" as const };
    expect((await clinic.client.decide({ ...question, record: { digest } })).reason).to.equal("CONSTRAINED");

    await hand();
    expect((await clinic.client.decide({ ...question, record: { digest } })).allowed).to.equal(true);
    expect((await clinic.client.decide(question)).reason, "not about a record").to.equal("CONSTRAINED");
    expect((await insurer.client.decide({ ...question, record: { digest } })).reason).to.equal("CONSTRAINED");
  });

  it("that was replaced shuts what only the former one admitted, also where it was opened before", async () => {
    const [one, two] = [await write(observation()), await write(observation({ effectiveDateTime: "2025-04-04" }))];
    await grant({ records: [one] });
    const former = await hand();
    await insurer.client.takeDelivery({ file: await deliver() });
    expect(await opened([one, two])).to.deep.equal([one]);

    await grant({ records: [two] });
    await expectCode("CONSENT_DENIED", open(one));
    await expectCode("CONSTRAINT_STALE", clinic.client.takeConstraint({ file: former }));
    await expectCode("CONSENT_DENIED", deliver());
    await hand();
    await insurer.client.takeDelivery({ file: await deliver() });
    expect(await opened([one, two])).to.deep.equal([two]);
  });

  it("that is lifted gives the compartments' keys again", async () => {
    const digests = [await write(observation()), await write(observation({ effectiveDateTime: "2025-04-04" }))];
    await grant({ records: [digests[0]!] });
    await hand();
    await insurer.client.takeDelivery({ file: await deliver() });
    await grant();
    expect(await opened(digests), "a plain grant over it").to.deep.equal([digests[0]]);

    await grant(null);
    const file = await deliver();
    expect(file.grant).not.to.equal(undefined);
    await insurer.client.takeDelivery({ file });
    expect(await opened(digests)).to.have.members(digests);
  });

  it("opens a new round: what is written later isn't under a key that the viewer had", async () => {
    await grant();
    const before = await write(observation());
    await insurer.client.takeDelivery({ file: await deliver() });
    expect(await opened([before])).to.deep.equal([before]);
    await grant({ records: [before] });

    const added = await clinic.client.addRecord({
      ...{ patient: alice.id, category: "OBSERVATION" as const, content: bytes(observation()), again: true },
    });
    expect(added).to.deep.include({ roundOpened: true, members: [] });
    const next = await clinic.client.addRecord({
      ...{ patient: alice.id, category: "OBSERVATION" as const, content: bytes(observation()), again: true },
    });
    expect(next.roundOpened, "once").to.equal(false);
  });

  it("is refused where a listed record isn't within the grant, and nothing is sent", async () => {
    const [weight, plan] = [await write(observation()), await write("a plan", "CARE")];
    await handOn(clinic, alice, alice.id);
    const sent = world.reports.length;
    const refused = await expectCode("RECORDS_NOT_GRANTED", grant({ records: [weight, plan] }, ["OBSERVATION"]));
    expect(refused.details).to.deep.equal({
      ...{ patient: alice.id, viewer: insurer.id, records: [plan], categories: ["CARE"] },
    });
    const until = await inFuture(world, HOUR);
    const signing = { ...word(), categories: ["OBSERVATION"] as const, until, constraint: { records: [plan] } };
    await expectCode("RECORDS_NOT_GRANTED", alice.client.signGrantAccess(signing));
    const others = { ...signing, categories: ["CARE"] as const, steward: insurer.id };
    const elsewhere = await expectCode("RECORDS_NOT_GRANTED", alice.client.grantAccess(others));
    expect(elsewhere.details, "kept by another provider").to.deep.include({ records: [plan], categories: [] });
    expect(world.reports.length).to.equal(sent);

    await grant({ records: [weight, plan] });
    await grant({ records: [plan] }, ["OBSERVATION"]);
    expect(world.reports.length, "CARE is granted already").to.equal(sent + 2);
    await alice.client.revokeAccess({ viewer: insurer.id });
    await expectCode("RECORDS_NOT_GRANTED", grant({ records: [plan] }, ["OBSERVATION"]));
    await grant({ records: [`0x${"11".repeat(32)}`] }, ["OBSERVATION"]);
  });

  describe("next to others", () => {
    const narrowed =
      (categories: readonly Category[], constraint: Narrowing | null, changes: object = {}) =>
      async () =>
        alice.client.grantAccess({
          ...{ ...word(), categories, constraint, until: await inFuture(world, HOUR), sensitiveFromAnySteward: true },
          ...changes,
        });
    const refused = async (doing: () => Promise<unknown>, way = /./) => {
      const sent = world.reports.length;
      const { details, hint } = await expectCode("NARROWING_LOST", doing());
      expect(world.reports.length, "nothing is sent").to.equal(sent);
      expect(hint).to.include("Nothing was sent").and.match(way);
      return details["lost"];
    };
    const everywhere = { steward: EVERY_STEWARD };

    it("isn't replaced for categories that the grant doesn't name", async () => {
      await narrowed(["SENSITIVE", "CARE"], { classes: ["PSY"] })();
      const lost = [{ categories: ["CARE", "SENSITIVE"], steward: clinic.id, narrowing: { classes: ["PSY"] } }];
      const later = narrowed(["MEDICATION"], { from: 1_546_300_800 });
      expect(
        await refused(later, /^Nothing was sent. Name all of these categories in this grant, .* If/),
      ).to.deep.equal(lost);
      expect(await refused(narrowed(["MEDICATION"], null)), "nor lifted").to.deep.equal(lost);
      const until = await inFuture(world, HOUR);
      const signing = { ...word(), categories: ["MEDICATION"] as const, until, constraint: { from: 1 } };
      expect(await refused(() => alice.client.signGrantAccess(signing)), "nor by a signature").to.deep.equal(lost);
      expect(await refused(narrowed(["MEDICATION", "CARE"], { classes: ["PSY", "HIV"] }))).to.deep.equal([
        { ...lost[0], categories: ["SENSITIVE"] },
      ]);

      // The same again, one within it, all of its categories, or said to be meant.
      await narrowed(["CARE"], { classes: ["PSY"] })();
      await narrowed(["MEDICATION"], { classes: ["PSY"], from: 1 })();
      const preview = await alice.client.previewGrant({ ...signing, categories: ["MEDICATION"], constraint: null });
      expect(preview).to.deep.equal({
        categories: ["MEDICATION", "CARE", "SENSITIVE"],
        narrowing: null,
        lost: [{ categories: ["CARE", "SENSITIVE"], steward: clinic.id, narrowing: { classes: ["PSY"], from: 1 } }],
      });
      await narrowed(["MEDICATION", "CARE", "SENSITIVE"], { from: 1 })();
      await narrowed(["MEDICATION"], { to: 1 }, { loseNarrowing: true })();
    });

    it("isn't asked for with a field that there isn't", async () => {
      const until = await inFuture(world, HOUR);
      const given = { ...word(), categories: ["CARE"] as const, until };
      for (const misspelt of [
        { constraints: { from: 1 } },
        { stewards: [clinic.id] },
        { narrowing: null },
      ] as object[]) {
        for (const verb of ["grantAccess", "signGrantAccess", "previewGrant"] as const) {
          const { details } = await expectCode("ARGUMENT_INVALID", alice.client[verb]({ ...given, ...misspelt }));
          expect(details["unknown"]).to.deep.equal(Object.keys(misspelt));
        }
      }
    });

    it("may be replaced once its categories have expired, or were revoked", async () => {
      await narrowed(["SENSITIVE"], { classes: ["PSY"] })();
      await alice.client.revokeAccess({ ...word(), categories: ["SENSITIVE"] as const });
      await narrowed(["MEDICATION"], { from: 1 })();
      await world.increaseTime(2 * HOUR);
      await narrowed(["CARE"], null)();
    });

    it("of a grant that nobody here knows the narrowing of isn't taken to be within another", async () => {
      const bob = await world.patient(`bob ${patients}`);
      const until = await inFuture(world, HOUR);
      await alice.client.appointDelegate({ delegate: bob.id, grant: ["CARE", "MEDICATION"], until });
      const given = { ...word(), patient: alice.id, categories: ["CARE"] as const, until };
      await bob.client.grantAccess({ ...given, constraint: { from: 1 } });
      expect(await refused(narrowed(["MEDICATION"], { from: 1 }))).to.deep.equal([
        { categories: ["CARE"], steward: clinic.id, narrowing: undefined },
      ]);
    });

    it("is lost where one of several nodes says so, though the client's own doesn't", async () => {
      await narrowed(["CARE"], null)();
      await using closing = new AsyncDisposableStack();
      const liar = await startLyingNode(world, alice.client);
      closing.defer(() => liar.close());
      liar.answers("Consents", "constraintOf", () => [`0x${"11".repeat(32)}`]);
      const client = await world.clientOf(alice, { otherNodes: [liar.url] });
      const until = await inFuture(world, HOUR);
      const given = { ...word(), categories: ["OBSERVATION"] as const, until, constraint: { from: 5 } };
      expect(await refused(() => client.grantAccess(given))).to.deep.equal([
        { categories: ["CARE"], steward: clinic.id, narrowing: undefined },
      ]);
      liar.honest();
      await client.grantAccess(given);
    });

    it("isn't written in vain where a wider grant lives beside it", async () => {
      await narrowed(["OBSERVATION"], { from: 5 }, everywhere)();
      const lost = (narrowing: Narrowing) => ({
        categories: ["OBSERVATION"],
        steward: clinic.id,
        narrowing,
        besides: 0,
      });
      const revoke = /^Nothing was sent. Revoke the wider grant, that of every provider, first. If/;
      expect(await refused(narrowed(["OBSERVATION"], { from: 6 }), revoke)).to.deep.equal([lost({ from: 6 })]);
      // Here the other is the narrower one: revoking it would help nobody.
      const narrower = /^Nothing was sent. This grant is the wider one: [^.]*\. If/;
      expect(await refused(narrowed(["OBSERVATION", "CARE"], { from: 4 }), narrower)).to.deep.equal([
        { categories: ["OBSERVATION"], steward: EVERY_STEWARD, narrowing: { from: 5 }, besides: clinic.id },
      ]);
      await narrowed(["CARE"], { from: 6 })();
      await narrowed(["CARE", "OBSERVATION"], { from: 5 })();
      await narrowed(["OBSERVATION"], { from: 6 }, { loseNarrowing: true })();
    });

    it("isn't undone by a plain grant beside it, unless that is said, also among several changes", async () => {
      await narrowed(["OBSERVATION"], { from: 5 })();
      const until = await inFuture(world, HOUR);
      const plain = { viewer: insurer.id, purpose: "HPAYMT", categories: ["OBSERVATION", "CARE"], until } as const;
      const lost = [
        { categories: ["OBSERVATION"], steward: clinic.id, narrowing: { from: 5 }, besides: EVERY_STEWARD },
      ];
      expect(await refused(() => alice.client.grantAccess(plain))).to.deep.equal(lost);
      expect(await refused(() => alice.client.signGrantAccess(plain))).to.deep.equal(lost);
      expect(await refused(() => alice.client.changeConsents({ grants: [plain] }))).to.deep.equal(lost);
      expect(await refused(() => alice.client.signChangeConsents({ grants: [plain] }))).to.deep.equal(lost);
      // What is revoked with the same transaction is narrowed no longer, and what it grants lives.
      const both = [{ ...plain, ...word(), categories: ["CARE"] as const }, plain];
      const revocations = [{ ...word(), categories: ["OBSERVATION"] as const }];
      await alice.client.signChangeConsents({ grants: [plain], revocations });
      expect(await refused(() => alice.client.changeConsents({ grants: both, revocations }))).to.have.length(1);
      await alice.client.changeConsents({ grants: [plain], loseNarrowing: true });
      await alice.client.grantAccess({ ...plain, purpose: "TREAT" });
    });

    it("names classes only where what is SENSITIVE is granted", async () => {
      await expectCode("CLASSES_OF_ORDINARY", narrowed(["MEDICATION"], { classes: ["PSY"] })());
      await narrowed(["MEDICATION"], { classes: [] })();
      await narrowed(["SENSITIVE"], { classes: [] })();
    });
  });

  it("is listed as it is opened: yes, no, or maybe where it asks what wasn't read here", async () => {
    const digests = [await write(observation()), await write(observation({ effectiveDateTime: "2025-04-04" }))];
    const listed = async () => {
      const records = await listReadable(insurer.client);
      return digests.map((digest) => {
        const record = records.find((each) => each.digest === digest)!;
        return [record.readableFor, record.maybeFor];
      });
    };
    await grant();
    await insurer.client.takeDelivery({ file: await deliver() });
    expect(await listed()).to.deep.equal([
      [["HPAYMT"], []],
      [["HPAYMT"], []],
    ]);
    await grant({ records: [digests[0]!] });
    const unheld = [
      [[], []],
      [[], []],
    ];
    expect(await listed(), "the viewer lacks the file").to.deep.equal(unheld);
    await hand();
    await insurer.client.takeDelivery({ file: await deliver() });
    expect(await listed()).to.deep.equal([
      [["HPAYMT"], []],
      [[], []],
    ]);
    expect(await opened(digests)).to.deep.equal([digests[0]]);

    await grant({ from: Date.parse("2025-04-01") / 1000 });
    await hand();
    await insurer.client.takeDelivery({ file: await deliver() });
    const unread = [
      [[], ["HPAYMT"]],
      [[], ["HPAYMT"]],
    ];
    expect(await listed()).to.deep.equal(unread);
    expect(await opened(digests)).to.deep.equal([digests[1]]);
    expect(await listed(), "once it was read").to.deep.equal([
      [[], []],
      [["HPAYMT"], []],
    ]);
    await expectCode("RECORD_UNKNOWN", insurer.client.mayOpen({ digest: `0x${"11".repeat(32)}` }));
  });

  it("from plain JavaScript is looked over before anything is signed", async () => {
    const digest = `0x${"11".repeat(32)}`;
    const sent = world.reports.length;
    for (const constraint of [
      ...["PSY", 7, true, [], ["PSY"]],
      ...[{ classes: ["PSYX"] }, { classes: "PSY" }, { classes: [7] }, { class: ["PSY"] }, { From: 1 }],
      ...[{ records: [] }, { records: digest }, { records: [7] }, { records: ["0x11"] }, { records: [digest, null] }],
      ...[{ from: "2019-01-01" }, { to: 1.5 }, { notBefore: -1 }, { from: 1_600_000_000_000 }, { encounter: 9 }],
      ...[{ from: 2, to: 1 }, { encounter: "" }],
    ]) {
      const given = { ...word(), categories: ["SENSITIVE"], until: await inFuture(world, HOUR), constraint } as never;
      await expectCode("CONSTRAINT_MALFORMED", alice.client.grantAccess(given));
      await expectCode("CONSTRAINT_MALFORMED", alice.client.signGrantAccess(given));
    }
    expect(world.reports.length).to.equal(sent);
  });

  it("doesn't stand in the way of another grant that has none, nor of another viewer's", async () => {
    const digests = [await write(observation()), await write(observation({ effectiveDateTime: "2025-04-04" }))];
    await grant({ records: [digests[0]!] });
    const until = await inFuture(world, HOUR);
    const plain = { viewer: insurer.id, purpose: "HPAYMT", categories: ["OBSERVATION"], until } as const;
    await alice.client.grantAccess({ ...plain, loseNarrowing: true });

    await insurer.client.takeDelivery({ file: await deliver() });
    expect(await opened(digests)).to.have.members(digests);
  });

  it("is sealed to whom it is handed: a steward or the viewer", async () => {
    await grant({ classes: [] });
    const file = throughJson(await alice.client.releaseConstraint({ ...word(), to: clinic.id }));
    await expectCode("GRANT_FOR_SOMEBODY_ELSE", insurer.client.takeConstraint({ file }));
    await expectCode("HANDOVER_ALTERED", insurer.client.takeConstraint({ file: { ...file, recipient: insurer.id } }));
    for (const change of [
      { viewer: clinic.id },
      { purpose: "TREAT" },
      { steward: EVERY_STEWARD },
      { patient: insurer.id },
    ]) {
      await expectCode("HANDOVER_ALTERED", clinic.client.takeConstraint({ file: { ...file, ...change } }));
    }
    await expectCode("HANDOVER_MALFORMED", clinic.client.takeConstraint({ file: { ...file, purpose: "OTHER" } }));
    await expectCode(
      "CONSTRAINT_MISSING",
      clinic.client.releaseConstraint({ ...word(), patient: alice.id, to: insurer.id }),
    );
    expect(JSON.stringify(file)).not.to.include("classes");
  });

  it("is signed for somebody else to send, and is the patient's and a delegate's to give", async () => {
    const digest = await write(observation());
    const until = await inFuture(world, HOUR);
    const given = { ...word(), categories: ["OBSERVATION"], until } as const;
    const file = await alice.client.signGrantAccess({ ...given, constraint: { records: [digest] } });
    expect(file.action).to.equal("grantConstrained");
    await insurer.client.relay({ file: throughJson(file) });
    await hand();
    await insurer.client.takeDelivery({ file: await deliver() });
    expect(await opened([digest])).to.deep.equal([digest]);
    await expectCode(
      "RESEARCH_UNCONSTRAINED",
      alice.client.grantAccess({ ...given, purpose: "HRESCH", constraint: {} }),
    );
    await expectCode(
      "ARGUMENT_INVALID",
      alice.client.changeConsents({ grants: [{ ...given, constraint: {} } as never] }),
    );
  });

  it("goes on for the patient who hands records over without the steward", async () => {
    const digests = [await write(observation()), await write(observation({ effectiveDateTime: "2025-04-04" }))];
    await handOn(clinic, alice, alice.id);
    await grant({ records: [digests[1]!] });
    const file = throughJson(await alice.client.deliver(asked()));
    await insurer.client.takeDelivery({ file });

    expect(await opened(digests)).to.deep.equal([digests[1]]);
  });

  it("by sensitivity doesn't admit what its steward knows to be of another class, though the record doesn't tell", async () => {
    const input = { patient: alice.id, content: bytes(observation()), sensitivities: ["PSY"] as const };
    await expectCode("CLASSES_OF_ORDINARY", clinic.client.addRecord({ ...input, category: "OBSERVATION" }));
    const digests = [(await clinic.client.addRecord({ ...input, category: "SENSITIVE" })).digest];
    await grant({ classes: ["HIV"] }, ["OBSERVATION", "SENSITIVE"]);
    await hand();
    expect(await deliver()).not.to.have.property("records");
    expect(await opened(digests)).to.deep.equal([]);
  });

  /** Blocks one by one: of many at once the node has no state. */
  const pass = async (blocks: number) => {
    for (let i = 0; i < blocks; i++) await mine(world, 1);
  };

  it("isn't got around by a plain grant that isn't final yet", async () => {
    const digest = await write(observation());
    await grant({ records: [digest] });
    await hand();
    await pass(6);
    const careful = await world.clientOf(clinic, { finality: 5 });
    await deliver();
    const until = await inFuture(world, HOUR);
    const plain = { viewer: insurer.id, purpose: "HPAYMT", categories: ["OBSERVATION"], until } as const;
    await alice.client.grantAccess({ ...plain, loseNarrowing: true });

    const question = { ...asked(), steward: clinic.id, category: "OBSERVATION" as const };
    expect((await careful.decide(question)).allowed).to.equal(false);
    expect((await careful.decide({ ...question, record: { digest } })).allowed, "what the constraint admits").to.equal(
      true,
    );
    await expectCode("CONSENT_DENIED", careful.releaseKeys(asked()));
    await pass(5);
    expect((await careful.decide(question)).allowed).to.equal(true);
  });

  it("isn't got around by an appointment that isn't final yet", async () => {
    const digest = await write(observation());
    const bob = await world.patient(`bob ${patients}`);
    const until = await inFuture(world, HOUR);
    const given = { viewer: bob.id, purpose: "TREAT", categories: ["OBSERVATION"], until } as const;
    await alice.client.grantAccess({ ...given, constraint: { records: [digest] } });
    await pass(6);
    await alice.client.appointDelegate({ delegate: bob.id, view: ["OBSERVATION"], until });
    const careful = await world.clientOf(clinic, { finality: 5 });
    const question = { ...given, patient: alice.id, steward: clinic.id, category: "OBSERVATION" as const };
    expect((await careful.decide(question)).allowed).to.equal(false);
    await pass(5);
    expect((await careful.decide(question)).allowed).to.equal(true);
  });

  it("keeps no retraction from whom a record was given singly", async () => {
    const digests = [await write(observation()), await write(observation({ effectiveDateTime: "2025-04-04" }))];
    await grant({ records: [digests[0]!] });
    await hand();
    await insurer.client.takeDelivery({ file: await deliver() });
    for (const digest of digests) await clinic.client.retractRecord({ digest, reason: "entered in error" });
    const { retractions = [] } = await insurer.client.takeDelivery({ file: await deliver() });
    expect(retractions.map(({ record }) => record)).to.deep.equal([digests[0]]);
  });

  it("ends with the record: who shreds it keeps no key of it, and says who has one", async () => {
    const digest = await write(observation());
    await grant({ records: [digest] });
    await hand();
    const file = await deliver();
    await insurer.client.takeDelivery({ file });
    const single = (actor: Actor) =>
      actor.vault.compartments.list({ patient: alice.id }).filter(({ record }) => record !== undefined);
    expect([single(clinic).length, single(insurer).length]).to.deep.equal([1, 1]);

    const receipt = await clinic.client.shredRecord({ digest });
    expect(receipt.exposed).to.deep.equal([insurer.id]);
    const { residue } = await insurer.client.shredRecord({ digest });
    expect(residue.join(), "it had no other records").not.to.include("compartment key");
    expect([single(clinic), single(insurer)]).to.deep.equal([[], []]);
    await expectCode("COMPARTMENT_SHREDDED", insurer.client.takeDelivery({ file }));
  });
});
