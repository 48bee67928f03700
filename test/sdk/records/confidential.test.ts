import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { expect } from "chai";
import { getBytes, hexlify } from "ethers";

import {
  batchDigest,
  decodeEnvelope,
  decodeKeyWrap,
  decodeManifest,
  encodeManifest,
} from "../../../src/crypto/index.js";
import type { ChartChainError } from "../../../src/errors/index.js";
import { parseFhirFile } from "../../../src/fhir/node/index.js";
import { openStoredEnvelope } from "../../../src/sdk/records/open-record.js";
import { dummiesOrderOf, patientsWithDummies } from "../../../src/sdk/records/waiting.js";
import { CATEGORIES, identitySalt, type AddedRecord, type Category } from "../../../src/sdk/index.js";
import { importFhirFile, keepDoubtfulFile } from "../../../src/sdk/node/index.js";
import {
  type Actor,
  childRequest,
  comingOfAge,
  createDevnet,
  type Devnet,
  fixture,
  handOn,
  relate,
  throughJson,
} from "../../../devnet/index.js";
import { forgedGrant } from "../forged.js";
import { bytes, expectCode, HOUR, inFuture, mine, outcomeOf, text, thisYear } from "../helpers.js";

const DAY = 24 * HOUR;

/** A child whose parent acts for it, at a clinic that it comes to alone. */
async function childWorld() {
  const world = await createDevnet();
  const clinic = await world.institution("General Hospital");
  const other = await world.institution("City Clinic");
  const ambulance = await world.institution("Ambulance Service", ["EMERGENCY"]);
  const parent = await world.patient("parent");
  const register = async (identifier: string): Promise<number> => {
    const attestation = await clinic.client.attestChild({
      ...(await childRequest(parent)),
      ...{ identifier, salt: identitySalt() },
      comesOfAgeIn: await thisYear(world),
    });
    return (await parent.client.registerChild({ attestation: throughJson(attestation) })).participant;
  };
  const [child, sibling] = [
    await register("http://hospital.example/mrn|9"),
    await register("http://hospital.example/mrn|8"),
  ];
  await relate(clinic, { ...parent, id: child });
  return Object.assign(world, { clinic, other, ambulance, parent, child, sibling });
}
type World = Devnet & { clinic: Actor; other: Actor; ambulance: Actor; parent: Actor; child: number; sibling: number };

const add = (
  { clinic, child }: World,
  content: string,
  more: { category?: Category; confidential?: boolean; amends?: string } = {},
): Promise<AddedRecord> =>
  clinic.client.addRecord({
    patient: child,
    category: "CARE",
    content: bytes(content),
    mediaType: "text/plain",
    ...more,
  });

const hidden = (world: World, content = "a secret", category: Category = "SENSITIVE") =>
  add(world, content, { category, confidential: true });

const waitingSecret = ({ clinic, child }: World): Promise<AddedRecord> =>
  clinic.client.addRecord({
    ...{ patient: child, category: "SENSITIVE", content: bytes("a secret"), mediaType: "text/plain" },
    ...{ confidential: true, again: true, spread: 0 },
  });

/** All that an actor has of a record: in its vault, in what was handed to it, and by what its client tells. */
async function tracesOf(world: World, { client, vault, received }: Actor, digest: string): Promise<string[]> {
  const { compartmentId } = world.clinic.vault.envelopes.get(getBytes(digest))!;
  const files = received.flatMap(({ envelopes, records }) => [...envelopes, ...(records?.envelopes ?? [])]);
  const envelopes = files.flatMap((file) => file.envelopes.map((each) => decodeEnvelope(Buffer.from(each, "base64"))));
  const wraps = received.flatMap(({ grant, records }) => [...(grant?.wraps ?? []), ...(records?.grant.wraps ?? [])]);
  const ids = wraps.map((wrap) => hexlify(decodeKeyWrap(Buffer.from(wrap, "base64")).compartmentId));
  const opened = await outcomeOf(client.openRecord({ digest, purpose: "TREAT" }));
  const traces = {
    envelope: vault.envelopes.get(getBytes(digest)) !== undefined,
    key: vault.compartments.list().some(({ confidential }) => confidential === true),
    proof: vault.batches.proofsOf(getBytes(digest)).length > 0,
    "envelope in a file": envelopes.some((envelope) => hexlify(envelope.digest) === digest),
    "key in a file": ids.includes(hexlify(compartmentId)),
    "in a list": (await client.listRecords()).some((record) => record.digest === digest),
    "in a list of retractions": JSON.stringify([await client.listRetractions(), received]).includes(digest),
    [opened]: opened !== "RECORD_UNKNOWN",
  };
  return Object.keys(traces).filter((name) => traces[name as keyof typeof traces]);
}

/** The child comes of age, with an account, a vault and a key of its own that the clinic has seen confirmed. */
async function grownUp(world: World): Promise<Actor> {
  const { clinic, other, child } = world;
  const grown = await world.actor("grown");
  const request = await comingOfAge(grown, child);
  await other.client.relay({ file: throughJson(await clinic.client.attestComingOfAge(request)) });
  await world.reopen(grown);
  grown.id = child;
  const challenge = throughJson(await clinic.client.challengeKey({ participant: child }));
  await clinic.client.acceptKeyConfirmation({
    file: throughJson(await grown.client.answerKeyChallenge({ file: challenge })),
  });
  return grown;
}

describe("care that a minor consented to alone", () => {
  const load = fixture(childWorld);
  after(async () => (await load()).close());

  describe("never reaches who represents the child", () => {
    it("by any way of handing over, whatever the category", async () => {
      const world = await load();
      const { clinic, parent, child } = world;
      const plain = await add(world, "an ordinary visit");
      const secrets = [
        await hidden(world),
        await hidden(world, "a pill", "MEDICATION"),
        await hidden(world, "2", "CARE"),
      ];
      expect(secrets.map(({ confidential, members }) => ({ confidential, members }))).to.deep.equal(
        secrets.map(() => ({ confidential: true, members: [] })),
      );

      for (const again of [false, true]) {
        for (const purpose of ["TREAT", "PATRQT", "ETREAT"] as const) {
          const file = throughJson(await clinic.client.deliver({ patient: child, viewer: parent.id, purpose, again }));
          parent.received.push(file);
          await parent.client.takeDelivery({ file });
        }
      }
      // A person has broken no glass, whatever the purpose says.
      for (const viewer of [parent.id, child]) {
        for (const purpose of ["TREAT", "ETREAT"] as const) {
          const asked = { patient: child, viewer, purpose, again: true };
          parent.received.push(throughJson(await clinic.client.deliver(asked)));
        }
      }
      for (const viewer of [parent.id, child]) {
        const asked = { patient: child, viewer, purpose: "PATRQT" as const };
        const grant = throughJson(await clinic.client.releaseKeys(asked));
        expect(grant.wraps, "the key of what is ordinary").to.have.length(1);
        const files = throughJson(await clinic.client.releaseEnvelopes(asked));
        expect(files.map(({ envelopes }) => envelopes.length)).to.deep.equal([1]);
        const delivery = throughJson(await clinic.client.deliver({ ...asked, again: true }));
        parent.received.push(delivery, { ...delivery, grant, envelopes: files });
        const nothing = clinic.client.releaseKeys({ ...asked, categories: ["SENSITIVE", "MEDICATION"] });
        expect((await expectCode("NO_KEYS", nothing)).details, "as where there is nothing").to.deep.equal({
          patient: child,
          categories: ["SENSITIVE", "MEDICATION"],
        });
      }
      expect(text((await parent.client.openRecord({ digest: plain.digest })).content)).to.equal("an ordinary visit");
      for (const { digest } of secrets) {
        expect(await tracesOf(world, parent, digest)).to.deep.equal([]);
        expect(text((await clinic.client.openRecord({ digest, purpose: "TREAT" })).content)).not.to.equal("");
      }
      expect(await parent.client.listDisclosures()).to.deep.equal([]);
      expect(await parent.client.listWorklist()).to.deep.equal([]);
      const access = await parent.client.accessOf({ patient: child, viewer: clinic.id });
      expect(JSON.stringify(access)).not.to.match(/confidential/i);
    });

    it("in its history: a batch of it looks like one of dummies, and nothing is missing or withheld", async () => {
      const seen: unknown[] = [];
      for (const act of [
        (world: World) => hidden(world),
        ({ clinic, child }: World) => clinic.client.anchorDummies({ patient: child }),
      ]) {
        const world = await load();
        const { clinic, parent, child } = world;
        await add(world, "before");
        await handOn(clinic, parent, child);
        await act(world);
        await add(world, "after");
        const file = throughJson(await clinic.client.deliver({ patient: child, viewer: parent.id, purpose: "TREAT" }));
        await parent.client.takeDelivery({ file });
        const report = await parent.client.verifyHistory({ patient: child });
        expect(report).to.deep.include({ complete: true, missing: [], withheld: [], count: 24 });
        // What is random has its length; a record's place in its batch is, too.
        const shape = (key: string, value: unknown) =>
          typeof value === "string" && value.length > 20
            ? `${key}: ${value.length}`
            : key === "index"
              ? "a place"
              : value;
        const told = { file, report, access: await parent.client.overviewOf({ patient: child }) };
        seen.push(JSON.parse(JSON.stringify(told, shape)));
      }
      expect(JSON.stringify(seen[0])).to.equal(JSON.stringify(seen[1]));
      expect(JSON.stringify(seen[0])).to.include('"unknown":8');
    });

    it("by when it is anchored: it waits for the moment of dummies that was drawn before", async () => {
      const seen: unknown[] = [];
      for (const secrets of [0, 1]) {
        const world = await load();
        const { clinic, parent, child } = world;
        await add(world, "before");
        await handOn(clinic, parent, child);
        expect(await clinic.client.anchorDummies({ within: 7 * DAY })).to.deep.equal({
          ...{ patients: [child], transactions: [] },
        });
        const { due } = dummiesOrderOf(clinic.vault, child)!;
        expect(due - (await world.now())).to.be.within(-60, 7 * DAY + 60);
        await clinic.client.anchorDummies({ within: 7 * DAY });
        expect(dummiesOrderOf(clinic.vault, child)!.due, "drawn once").to.equal(due);
        const order = { within: 7 * DAY, due: (await world.now()) + 3 * DAY };
        clinic.vault.settings.set(`dummies:${child}`, order);

        for (let i = 0; i < secrets; i++) await waitingSecret(world);
        expect(await clinic.client.anchorWaiting()).to.deep.include({ anchored: [], waiting: secrets });
        await world.increaseTime(3 * DAY + 60);
        const { anchored, refused, waiting } = await clinic.client.anchorWaiting();
        expect([refused, waiting]).to.deep.equal([[], 0]);
        expect(anchored.map(({ patient, records }) => [patient, records.length])).to.deep.equal([[child, secrets]]);
        expect(dummiesOrderOf(clinic.vault, child)!.due - (await world.now()), "and again").to.be.within(-60, 7 * DAY);
        expect((await clinic.client.anchorWaiting()).transactions, "once").to.deep.equal([]);
        const file = throughJson(await clinic.client.deliver({ patient: child, viewer: parent.id, purpose: "TREAT" }));
        await parent.client.takeDelivery({ file });
        const report = await parent.client.verifyHistory({ patient: child });
        expect(report).to.deep.include({ complete: true, missing: [], withheld: [], count: 16 });
        seen.push(report.batches.map(({ size, unknown }) => ({ size, unknown })));
      }
      expect(seen[0]).to.deep.equal(seen[1]);
    });

    it("by dummies that come only where there was care: what is ordinary takes it along, and they come all the same", async () => {
      const world = await load();
      const { clinic, child } = world;
      await add(world, "before");
      await clinic.client.anchorDummies({ patient: child, within: 7 * DAY });
      clinic.vault.settings.set(`dummies:${child}`, { within: 7 * DAY, due: (await world.now()) + DAY });
      await waitingSecret(world);
      const visit = (content: string) => ({
        ...{ category: "CARE" as const, content: bytes(content), mediaType: "text/plain" },
      });
      const seal = (...contents: string[]) =>
        clinic.client.addRecords({ patient: child, records: contents.map(visit), spread: 0 });
      const anchored = async () =>
        (await clinic.client.anchorWaiting()).anchored.map(({ records }) =>
          records.map(({ confidential }) => confidential).sort(),
        );
      await seal("a visit");
      expect(await anchored(), "there is always a place").to.deep.equal([[false, true]]);
      for (let i = 0; i < 8; i++) await waitingSecret(world);
      await seal("two");
      expect(await anchored(), "as many as there are places").to.deep.equal([
        [false, ...Array.from({ length: 7 }, () => true)],
      ]);
      expect((await clinic.client.anchorWaiting()).waiting, "the rest waits").to.equal(1);
      await seal("three");
      expect(await anchored()).to.deep.equal([[false, true]]);
      await world.increaseTime(DAY + 60);
      const [alone] = (await clinic.client.anchorWaiting()).anchored;
      expect(alone).to.deep.include({ patient: child, records: [] });

      clinic.vault.settings.set(`dummies:${child}`, { within: 7 * DAY, due: (await world.now()) + DAY });
      await waitingSecret(world);
      const hurried = await clinic.client.anchorWaiting({ early: true });
      expect(
        hurried.anchored.map(({ records }) => records.length),
        "whoever doesn't wait",
      ).to.deep.equal([1]);
      expect((await clinic.client.anchorWaiting({ early: true })).anchored, "dummies don't hurry").to.deep.equal([]);
      // An ordinary record keeps its own moment, though dummies come before.
      await clinic.client.addRecords({ patient: child, records: [visit("another")], spread: 7 * DAY });
      clinic.vault.settings.set(`anchored-from:${child}`, (await world.now()) + 5 * DAY);
      await world.increaseTime(DAY + 60);
      const [dummiesFirst] = (await clinic.client.anchorWaiting()).anchored;
      expect(dummiesFirst).to.deep.include({ patient: child, records: [] });
      expect((await clinic.client.anchorWaiting()).waiting).to.equal(1);
    });

    it("by how large a batch is: one more place is there whether something confidential takes it or not", async () => {
      const seen: unknown[] = [];
      for (const secrets of [0, 1]) {
        const world = await load();
        const { clinic, parent, child } = world;
        const shapes: unknown[] = [];
        for (const visits of [1, 7, 8]) {
          const said = (content: string, more: object) => ({
            ...{
              category: "CARE" as const,
              content: bytes(`${content} of ${visits}`),
              mediaType: "text/plain",
              ...more,
            },
          });
          const ordinary = Array.from({ length: visits }, (_, at) => said(`visit ${at}`, {}));
          const hidden = Array.from({ length: secrets }, () => said("a secret", { confidential: true }));
          const added = await clinic.client.addRecords({ patient: child, records: [...hidden, ...ordinary] });
          expect(new Set(added.map(({ receipt }) => receipt!.hash)).size, "one transaction").to.equal(1);
        }
        const lone = await add(world, "alone");
        expect(lone.receipt).not.to.equal(undefined);
        const file = throughJson(await clinic.client.deliver({ patient: child, viewer: parent.id, purpose: "TREAT" }));
        await parent.client.takeDelivery({ file });
        const { batches, ...report } = await parent.client.verifyHistory({ patient: child });
        expect(report).to.deep.include({ complete: true, missing: [], withheld: [], count: 88 });
        shapes.push(batches.map(({ size, unknown }) => [size, unknown]));
        seen.push(shapes);
      }
      expect(seen[0]).to.deep.equal([
        [
          [8, 7],
          [8, 1],
          [64, 56],
          [8, 7],
        ],
      ]);
      expect(seen[1]).to.deep.equal(seen[0]);
    });

    it("by who has dummies: all children whose records are kept, and nobody else", async () => {
      const world = await load();
      const { clinic, other, parent, child, sibling } = world;
      await relate(clinic, parent);
      await relate(clinic, { ...parent, id: sibling });
      for (const patient of [child, sibling, parent.id]) {
        await clinic.client.addRecord({ ...{ patient, category: "CARE", content: bytes(`${patient}`) } });
      }
      const { patients, transactions } = await clinic.client.anchorDummies();
      expect([patients.toSorted(), transactions.length]).to.deep.equal([[child, sibling].toSorted(), 2]);
      await clinic.client.anchorDummies({ patient: parent.id, within: DAY });
      expect(patientsWithDummies(clinic.vault)).to.deep.equal([parent.id]);
      await clinic.client.anchorDummies({ within: DAY });
      expect(patientsWithDummies(clinic.vault).toSorted()).to.deep.equal([child, sibling].toSorted());

      await parent.client.endRelationship({ patient: sibling, provider: clinic.id });
      await world.increaseTime(DAY + 60);
      const before = dummiesOrderOf(clinic.vault, sibling)!.due;
      const { anchored, refused, waiting } = await clinic.client.anchorWaiting();
      expect(anchored.map(({ patient }) => patient)).to.deep.equal([child]);
      expect(refused.map(({ patient, records, code }) => [patient, records, code])).to.deep.equal([
        [sibling, 0, "NOT_AN_ACTIVE_STEWARD"],
      ]);
      expect([waiting, dummiesOrderOf(clinic.vault, sibling)!.due > before]).to.deep.equal([0, true]);
      expect((await clinic.client.anchorDummies({ within: DAY })).patients).to.deep.equal([child]);
      expect(patientsWithDummies(clinic.vault)).to.deep.equal([child]);
      await clinic.client.anchorDummies({ within: 0 });
      expect(patientsWithDummies(clinic.vault)).to.deep.equal([]);

      await expectCode("NOT_AN_ACTIVE_STEWARD", other.client.anchorDummies({ patient: child }));
      await expectCode("NOT_AN_ACTIVE_STEWARD", other.client.anchorDummies({ patient: child, within: DAY }));
      for (const within of [-1, 0.5, NaN, 7 * DAY + 1]) {
        await expectCode("SPREAD_INVALID", clinic.client.anchorDummies({ within }));
      }
      expect((await other.client.anchorDummies()).patients).to.deep.equal([]);
    });

    it("by a list of what was never anchored: it goes to nobody", async () => {
      const world = await load();
      const { clinic, parent, child } = world;
      await add(world, "before");
      await handOn(clinic, parent, child);
      const balance = await world.provider.getBalance(clinic.wallet.address);
      const setBalance = (wei: bigint) =>
        world.provider.send("hardhat_setBalance", [clinic.wallet.address, `0x${wei.toString(16)}`]);
      await setBalance(1n);
      await expectCode("NO_FUNDS", clinic.client.anchorDummies({ patient: child }));
      await expectCode("NO_FUNDS", hidden(world));
      await setBalance(balance);
      const asked = { patient: child, viewer: parent.id, purpose: "TREAT" } as const;
      expect(await clinic.client.deliver(asked)).to.deep.include({ envelopes: [] });
      await clinic.client.anchorDummies({ patient: child });
      const { envelopes } = await clinic.client.deliver(asked);
      expect(envelopes.map(({ batches }) => batches?.length)).to.deep.equal([1]);
    });

    it("by the size of a batch or of a pack", async () => {
      for (const [ordinary, confidential, expected] of [
        [1, 1, [8]],
        [1, 0, [8]],
        [0, 1, [8]],
        [0, 9, [64]],
        [2, 6, [8]],
        [7, 1, [8]],
        [8, 1, [64]],
        [8, 0, [64]],
        [2, 7, [8, 8]],
      ] as const) {
        const world = await load();
        const { clinic, child } = world;
        const count = Array.from({ length: ordinary + confidential }, (_, i) => i >= ordinary);
        const records = count.map((each, i) => ({
          ...{ category: "CARE" as const, content: bytes(`${i}`), mediaType: "text/plain", confidential: each },
        }));
        const added = await clinic.client.addRecords({ patient: child, records });
        expect(new Set(added.map(({ digest }) => digest)).size).to.equal(ordinary + confidential);
        const { batches, count: all } = await clinic.client.verifyHistory({ patient: child });
        const inBatches = batches.reduce((sum, { size }) => sum + size, 0);
        const sizes = [...Array.from({ length: all - inBatches }, () => 1), ...batches.map(({ size }) => size)];
        expect(sizes, `${ordinary} and ${confidential}`).to.deep.equal(expected);
        const packsOf = (which: boolean) =>
          new Set(added.filter((each) => each.confidential === which).map(({ cid }) => cid));
        for (const cid of packsOf(true)) expect(packsOf(false).has(cid)).to.equal(false);
      }
    });

    it("when it is retracted: nothing is anchored, and the statement waits for the child", async () => {
      const world = await load();
      const { clinic, parent, child, sibling } = world;
      await add(world, "an ordinary visit");
      const [secret, wrong] = [await hidden(world), await hidden(world, "somebody else's")];
      await handOn(clinic, parent, child);
      const before = (await clinic.client.overviewOf({ patient: child })).recordCount;
      await clinic.client.retractRecord({ digest: secret.digest, reason: "a wrong dose" });
      await clinic.client.retractRecord({ digest: wrong.digest, reason: "another chart", rightPatient: sibling });
      expect((await clinic.client.overviewOf({ patient: child })).recordCount).to.equal(before);
      await expectCode("RECORD_RETRACTED", clinic.client.openRecord({ digest: secret.digest, purpose: "TREAT" }));
      for (const viewer of [parent.id, child]) {
        const file = await clinic.client.deliver({ patient: child, viewer, purpose: "PATRQT", again: true });
        expect(file).not.to.have.property("retractions");
      }
      await expectCode("NO_KEYS", clinic.client.deliver({ patient: sibling, viewer: sibling }));
      expect(await tracesOf(world, parent, secret.digest)).to.deep.equal([]);
      const grown = await grownUp(world);
      const file = throughJson(await clinic.client.deliver({ patient: child, viewer: child, again: true }));
      const { retractions } = await grown.client.takeDelivery({ file });
      expect(retractions!.map(({ record }) => record)).to.include(secret.digest);
    });

    it("by a record that amends or disputes it: that is confidential, too", async () => {
      const world = await load();
      const { clinic, parent, child } = world;
      const secret = await hidden(world);
      const amended = await add(world, "corrected", { amends: secret.digest });
      expect(amended.confidential).to.equal(true);
      await clinic.client.deliver({ patient: child, viewer: parent.id, purpose: "TREAT" });
      expect(await tracesOf(world, parent, amended.digest)).to.deep.equal([]);
    });

    it("by waiting for a person's word on whose data it is: what becomes of it is confidential, too", async () => {
      const world = await load();
      const { clinic, parent, child } = world;
      const weight = (subject: string, value: number) => ({
        ...{ resourceType: "Observation", status: "final", subject: { reference: subject } },
        code: { coding: [{ system: "http://loinc.org", code: "29463-7" }] },
        valueQuantity: { value, unit: "kg" },
      });
      const person = (id: string, birthDate: string) => ({ resourceType: "Patient", id, birthDate });
      const bundle = (...resources: object[]) =>
        JSON.stringify({
          resourceType: "Bundle",
          type: "collection",
          entry: resources.map((resource) => ({ resource })),
        });
      const known = bundle(person("1", "2011-04-17"), weight("Patient/1", 50));
      const added = await clinic.client.addRecord({ patient: child, category: "SUMMARY", content: bytes(known) });
      const doubtful = bundle(person("1", "1987-11-30"), weight("Patient/1", 60), weight("Patient/1", 61));
      const refused = await expectCode(
        "CHART_CONTRADICTED",
        clinic.client.addRecord({
          ...{ patient: child, category: "OBSERVATION", content: bytes(doubtful) },
          disputes: (await hidden(world)).digest,
        }),
      );
      const item = refused.details["worklistItem"] as number;
      const reason = "the ward confirmed it";
      const { splitOff, rest } = await clinic.client.splitInput({ item, entries: [2], reason });
      const assigned = [];
      for (const each of [splitOff, rest]) {
        const resolved = { item: each, patient: child, reason, override: true };
        assigned.push(...(await clinic.client.assignInput(resolved)));
      }
      const path = join(world.folder, "doubtful.json");
      await writeFile(path, bundle(person("1", "1987-11-30"), person("2", "2001-01-01"), weight("Patient/1", 62)));
      const error = await parseFhirFile(path).catch((cause: unknown) => cause as ChartChainError);
      const kept = keepDoubtfulFile(clinic.client, {
        patient: child,
        path,
        error: error as ChartChainError,
        confidential: true,
      });
      await expectCode("MULTIPLE_PATIENTS", kept);
      expect((await clinic.client.listWorklist()).map(({ confidential }) => confidential)).to.deep.equal([true]);
      expect(assigned.map(({ confidential }) => confidential)).not.to.include(false);
      expect(assigned.length).to.be.greaterThan(1);
      await handOn(clinic, parent, child);
      expect((await parent.client.listRecords()).map(({ digest }) => digest)).to.deep.equal([added.digest]);
    });

    it("through a careless steward: neither its client nor its key takes it", async () => {
      const world = await load();
      const { clinic, parent, child } = world;
      const { digest } = await hidden(world);
      const key = clinic.vault.compartments.list({ patient: child })[0]!;
      const file = throughJson(await forgedGrant(clinic, parent, [key], { patient: child }));
      const error = await expectCode("CONSENT_DENIED", parent.client.takeKeys({ file }));
      expect(error.details["reason"]).to.equal("CONFIDENTIAL");
      // Past its own client, too.
      parent.vault.compartments.put(key, { openedAtBlock: 1, source: clinic.id });
      const { bytes: envelope, compartmentId, steward } = clinic.vault.envelopes.get(getBytes(digest))!;
      const { manifest } = openStoredEnvelope(clinic.client, digest);
      parent.vault.envelopes.put({
        ...{ digest: getBytes(digest), compartmentId, bytes: envelope, patient: child, steward, status: "anchored" },
        metadata: { ...manifest, cid: "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku" },
      });
      for (const proof of clinic.vault.batches.proofsOf(getBytes(digest))) {
        parent.vault.batches.keepProof(getBytes(digest), proof);
        const anchor = { patient: child, author: clinic.id, digest: batchDigest(proof), count: proof.size };
        parent.vault.authorSignatures.keep(anchor, clinic.vault.authorSignatures.get(anchor)!);
      }
      const opening = await expectCode("CONSENT_DENIED", parent.client.openRecord({ digest, purpose: "TREAT" }));
      expect(opening.details["reason"]).to.equal("CONFIDENTIAL");
    });
  });

  describe("is opened", () => {
    it("by no viewer to whom the child's representative granted everything, with or without a constraint", async () => {
      const world = await load();
      const { clinic, other, parent, child } = world;
      const plain = await add(world, "an ordinary visit");
      const secret = await hidden(world, "a secret", "CARE");
      const given = {
        patient: child,
        viewer: other.id,
        categories: ["CARE"] as const,
        until: await inFuture(world, DAY),
      };
      await parent.client.grantAccess({ ...given, purpose: "TREAT" });
      await parent.client.grantAccess({ ...given, purpose: "ETREAT" });
      await handOn(clinic, other, child);
      await handOn(clinic, other, child, "ETREAT");
      expect(text((await other.client.openRecord({ digest: plain.digest, purpose: "TREAT" })).content)).not.to.equal(
        "",
      );
      expect(await tracesOf(world, other, secret.digest)).to.deep.equal([]);
      const question = {
        patient: child,
        steward: clinic.id,
        viewer: other.id,
        category: "CARE",
        purpose: "TREAT",
      } as const;
      expect((await clinic.client.decide(question)).allowed).to.equal(true);
      const answer = await clinic.client.decide({ ...question, confidential: true });
      expect(answer).to.deep.include({ allowed: false, reason: "CONFIDENTIAL" });
    });

    it("by its steward, and in an emergency by who broke the glass, record by record", async () => {
      const world = await load();
      const { clinic, ambulance, parent, child } = world;
      const secret = await hidden(world, "a pill", "MEDICATION");
      expect((await hidden(world, "another", "MEDICATION")).round).to.equal(0);
      await ambulance.client.breakGlass({ patient: child, reason: "unconscious" });
      await handOn(clinic, ambulance, child, "ETREAT");
      const { content } = await ambulance.client.openRecord({ digest: secret.digest, purpose: "ETREAT" });
      expect(text(content)).to.equal("a pill");
      expect(
        ambulance.vault.compartments.list({ patient: child }).every(({ record }) => record !== undefined),
      ).to.equal(true);
      expect(await outcomeOf(ambulance.client.openRecord({ digest: secret.digest, purpose: "TREAT" }))).to.equal(
        "CONSENT_DENIED",
      );
      await clinic.client.deliver({ patient: child, viewer: parent.id, purpose: "ETREAT" }).catch(() => undefined);
      expect(await tracesOf(world, parent, secret.digest)).to.deep.equal([]);
    });

    it("by the patient once it has come of age, and then by whom the patient grants it; no more by a representative", async () => {
      const world = await load();
      const { clinic, other, parent, child } = world;
      await add(world, "an ordinary visit");
      const secret = await hidden(world, "a secret", "CARE");
      await handOn(clinic, parent, child);
      const grown = await grownUp(world);
      await handOn(clinic, grown, child);
      expect(text((await grown.client.openRecord({ digest: secret.digest })).content)).to.equal("a secret");
      expect((await grown.client.verifyHistory({ patient: child })).complete).to.equal(true);
      expect(await tracesOf(world, parent, secret.digest)).to.deep.equal([]);

      const until = await inFuture(world, DAY);
      await grown.client.appointDelegate({ delegate: parent.id, view: ["CARE"], until });
      await handOn(clinic, parent, child).catch(() => undefined);
      expect(await tracesOf(world, parent, secret.digest), "a delegate by appointment").to.deep.equal([]);
      await grown.client.grantAccess({ viewer: other.id, categories: ["CARE"], purpose: "TREAT", until });
      await handOn(clinic, other, child);
      expect(text((await other.client.openRecord({ digest: secret.digest, purpose: "TREAT" })).content)).to.equal(
        "a secret",
      );
    });

    it("by nobody to whom a court's representative of the grown patient granted it, directly or signed", async () => {
      const world = await load();
      const { clinic, other, ambulance, parent, child } = world;
      const plain = await add(world, "an ordinary visit");
      const secret = await hidden(world, "a secret", "CARE");
      const grown = await grownUp(world);
      const court = await world.institution("District Court", ["COURT"]);
      const word = { patient: child, until: await inFuture(world, 400 * DAY) };
      await court.client.announceRepresentative({
        ...{ ...word, representative: parent.id, approve: true },
        ...{ grant: CATEGORIES, view: CATEGORIES },
      });
      await world.increaseTime(30 * DAY);
      const open = ({ digest }: AddedRecord) =>
        outcomeOf(
          other.client.openRecord({ digest, purpose: "TREAT" }).then(({ content }) => {
            throw Object.assign(new Error(), { code: text(content) });
          }),
        );
      const given = { viewer: other.id, categories: ["CARE"] as const, purpose: "TREAT" as const };
      const until = await inFuture(world, DAY);
      const steward = clinic.id;
      await handOn(clinic, parent, child);
      expect(await tracesOf(world, parent, secret.digest), "the representative").to.deep.equal([]);

      for (const constraint of [undefined, { records: [plain.digest, secret.digest] }]) {
        const terms = { ...given, patient: child, until, steward, ...(constraint === undefined ? {} : { constraint }) };
        await parent.client.grantAccess(terms);
        await handOn(clinic, other, child).catch(() => undefined);
        expect(await tracesOf(world, other, secret.digest), "granted").to.deep.equal([]);
        await ambulance.client.relay({ file: throughJson(await parent.client.signGrantAccess(terms)) });
        await handOn(clinic, other, child).catch(() => undefined);
        expect(await tracesOf(world, other, secret.digest), "signed").to.deep.equal([]);
      }
      await parent.client.revokeAccess({ patient: child, viewer: other.id });
      await parent.client.grantAccess({ ...given, patient: child, until });
      await handOn(clinic, other, child);
      expect(await open(plain)).to.equal("an ordinary visit");
      expect(await open(secret)).to.equal("RECORD_UNKNOWN");

      // The patient's own word, directly and relayed; a later one about something else changes nothing.
      await ambulance.client.relay({ file: throughJson(await grown.client.signGrantAccess({ ...given, until })) });
      await parent.client.grantAccess({ ...given, patient: child, until, categories: ["SUMMARY"] });
      await handOn(clinic, other, child);
      expect(await open(secret)).to.equal("a secret");
      await parent.client.grantAccess({ ...given, patient: child, until });
      expect(await open(secret), "the representative's is the newest").to.equal("CONSENT_DENIED");
      await grown.client.grantAccess({ ...given, until });
      expect(await open(secret)).to.equal("a secret");
    });

    it("with the child's key not before that is final, nor when nobody's time to act for it is left", async () => {
      const world = await load();
      const { clinic, child, parent } = world;
      await hidden(world);
      const careful = await world.clientOf(clinic, { finality: 5 });
      const asked = {
        patient: child,
        viewer: child,
        steward: clinic.id,
        category: "SENSITIVE",
        purpose: "PATRQT",
      } as const;
      const reason = async (client = clinic.client) => (await client.decide({ ...asked, confidential: true })).reason;
      const { until } = (await clinic.client.powersOf({ patient: child, delegate: parent.id }))!;
      await world.increaseTime(until - (await world.now()) + 1);
      expect(await reason(), "the year is over, and the key is still its representative's").to.equal("CONFIDENTIAL");
      await grownUp(world);
      expect(await reason(careful)).to.equal("CONFIDENTIAL");
      for (let i = 0; i < 6; i++) await mine(world, 1);
      expect(await reason(careful)).to.equal(undefined);
      expect((await careful.decide(asked)).allowed).to.equal(true);
    });
  });

  describe("is marked", () => {
    it("for good: the same content once more, or as an amendment, and whatever waits of it, is confidential unsaid", async () => {
      const world = await load();
      const { clinic, parent, child } = world;
      const visit = await add(world, "a visit");
      const secret = await hidden(world, "a secret", "CARE");
      const said = { patient: child, category: "CARE" as const, content: bytes("a secret"), mediaType: "text/plain" };
      const later = [
        await clinic.client.addRecord({ ...said, again: true }),
        await clinic.client.addRecord({ ...said, amends: visit.digest }),
        await clinic.client.addRecord({ ...said, disputes: visit.digest, category: "SUMMARY" }),
        ...(await clinic.client.addRecords({
          patient: child,
          records: [
            { ...said, content: bytes("both at once"), again: true },
            { ...said, content: bytes("both at once"), again: true, confidential: true },
          ],
        })),
        ...(await Promise.all([
          clinic.client.addRecord({ ...said, content: bytes("beside"), confidential: true }),
          clinic.client.addRecord({ ...said, content: bytes("beside"), again: true, confidential: true }),
        ])),
        await clinic.client.addRecord({ ...said, content: bytes("beside"), again: true }),
      ];
      expect(later.map(({ confidential }) => confidential)).to.deep.equal(later.map(() => true));
      expect((await add(world, "another")).confidential, "and nothing else").to.equal(false);
      await handOn(clinic, parent, child);
      for (const { digest } of [secret, ...later]) expect(await tracesOf(world, parent, digest)).to.deep.equal([]);
      expect((await parent.client.listRecords({ patient: child })).length).to.equal(2);
    });

    it("in the sealed manifest and in its compartment, and in no byte more of either", async () => {
      const world = await load();
      const { clinic, child } = world;
      const [plain, secret] = [await add(world, "one"), await add(world, "two", { confidential: true })];
      const [open, closed] = [plain, secret].map(({ digest }) => openStoredEnvelope(clinic.client, digest).manifest);
      expect([open!.confidential, closed!.confidential]).to.deep.equal([undefined, true]);
      expect(decodeManifest(encodeManifest(closed!))).to.deep.equal(closed);
      const sizes = [plain, secret].map(({ digest }) => clinic.vault.envelopes.get(getBytes(digest))!.bytes.length);
      expect(sizes[0]).to.equal(sizes[1]);
      const keys = await clinic.client.listKeys({ patient: child });
      expect(keys.map(({ confidential }) => confidential)).to.deep.equal([false, true]);
    });

    it("by the label of a FHIR source, with all that points at it", async () => {
      const world = await load();
      const { clinic, parent, child } = world;
      const subject = { reference: "Patient/1" };
      const label = { system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code: "ADOL" };
      const visit = { resourceType: "Encounter", status: "finished", class: { code: "AMB" }, subject };
      const weight = (id: string, encounter: string) => ({
        ...{
          resourceType: "Observation",
          id,
          status: "final",
          subject,
          encounter: { reference: `Encounter/${encounter}` },
        },
        code: { coding: [{ system: "http://loinc.org", code: "29463-7" }] },
        valueQuantity: { value: 60, unit: "kg" },
      });
      const resources = [
        { resourceType: "Patient", id: "1", birthDate: "2011-04-17" },
        { ...visit, id: "open" },
        { ...visit, id: "alone", meta: { security: [label] } },
        weight("a", "open"),
        weight("b", "alone"),
      ];
      const path = join(world.folder, "labelled.json");
      const entry = resources.map((resource) => ({ resource }));
      await writeFile(path, JSON.stringify({ resourceType: "Bundle", type: "collection", entry }));
      const { records } = await importFhirFile(clinic.client, { patient: child, path });
      const held = await clinic.client.listRecords({ patient: child });
      const confidential = held.filter((record) => record.confidential);
      expect(confidential.map(({ category }) => category).sort()).to.deep.equal(["OBSERVATION", "SENSITIVE"]);
      await handOn(clinic, parent, child);
      const seen = (await parent.client.listRecords({ patient: child })).map(({ digest }) => digest);
      expect(seen).to.have.members(records.filter((record) => !record.confidential).map(({ digest }) => digest));
      expect(seen.length).to.equal(records.length - 2);
      for (const { digest } of confidential) expect(await tracesOf(world, parent, digest)).to.deep.equal([]);
      expect((await parent.client.verifyHistory({ patient: child })).complete).to.equal(true);
    });
  });
});
