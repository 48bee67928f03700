import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { expect } from "chai";
import { getBytes, hexlify } from "ethers";

import { type Actor, createDevnet, fixture, relate } from "../../../devnet/index.js";
import { Batch } from "../../../src/crypto/index.js";
import type { DeliveryFile, EnvelopesFile } from "../../../src/sdk/index.js";
import { importFhirFile } from "../../../src/sdk/node/index.js";
import { expectCode } from "../helpers.js";
import { expectNothingLeft, pinsOf } from "../left-behind.js";
import { mortal } from "../mortal.js";

const weight = (kilograms: number, visit: number) => ({
  resourceType: "Observation",
  status: "final",
  code: { coding: [{ system: "http://loinc.org", code: "29463-7" }] },
  subject: { reference: "Patient/1" },
  encounter: { reference: `Encounter/${visit}` },
  valueQuantity: { value: kilograms, unit: "kg" },
});
const visit = (id: number) => ({
  resourceType: "Encounter",
  id: String(id),
  status: "finished",
  class: { code: "AMB" },
  subject: { reference: "Patient/1" },
});
/** So many visits, with a weight each: each kind of a visit is a record. */
const bundle = (visits: number, kilograms = 60) =>
  JSON.stringify({
    resourceType: "Bundle",
    type: "collection",
    entry: [
      { resource: { resourceType: "Patient", id: "1", gender: "female", birthDate: "1961-04-17" } },
      ...Array.from({ length: visits }, (_, i) => [visit(i), weight(kilograms, i)])
        .flat()
        .map((resource) => ({ resource })),
    ],
  });

const load = fixture(async () => {
  const world = await createDevnet();
  const [clinic, alice] = [await world.institution("General Hospital"), await world.patient("alice")];
  const insurer = await world.institution("Insurer", ["PROVIDER", "PAYER"]);
  await relate(clinic, alice);
  return Object.assign(world, { clinic, alice, insurer, pins: await pinsOf(clinic) });
});
type World = Awaited<ReturnType<typeof load>>;

async function imported(world: World, visits = 2, kilograms = 60, client = world.clinic.client) {
  const path = join(world.folder, `bundle-${visits}-${kilograms}.json`);
  await writeFile(path, bundle(visits, kilograms));
  return importFhirFile(client, { patient: world.alice.id, path });
}

const deliver = async (from: Actor, to: Actor, patient: Actor, purpose?: "TREAT"): Promise<DeliveryFile> =>
  JSON.parse(
    JSON.stringify(await from.client.deliver({ patient: patient.id, viewer: to.id, ...(purpose ? { purpose } : {}) })),
  ) as DeliveryFile;

/** Lets the insurer see alice's ordinary records, and gives it the clinic's delivery. */
async function granted({ clinic, alice, insurer, provider }: World) {
  const { client } = alice;
  await client.grantAccess({
    viewer: insurer.id,
    purpose: "TREAT",
    categories: ["SUMMARY", "OBSERVATION", "CARE"],
    until: (await provider.getBlock("latest"))!.timestamp + 86_400,
  });
  return deliver(clinic, insurer, alice, "TREAT");
}

describe("a batch of records", () => {
  after(async () => (await load()).close());

  it("is what one import adds for a patient: one transaction, filled up", async () => {
    const world = await load();
    const { clinic, alice, pins } = world;
    const before = world.reports.length;
    const { records } = await imported(world);
    expect(records.length).to.be.within(2, 8);
    expect(world.reports.slice(before).map(({ step }) => step)).to.deep.equal(["anchorBatch"]);
    const { recordCount } = await clinic.client.overviewOf({ patient: alice.id });
    expect(recordCount).to.equal(8);
    expect(new Set(records.map(({ receipt }) => receipt!.hash)).size).to.equal(1);
    const listed = await clinic.client.listRecords({ patient: alice.id });
    expect(listed.map(({ index }) => index).sort()).to.deep.equal(records.map(({ index }) => index).sort());
    for (const { digest, index } of records) {
      expect(index).to.be.within(1, 8);
      expect((await clinic.client.openRecord({ digest, purpose: "TREAT" })).manifest.patient).to.equal(alice.id);
    }
    await expectNothingLeft(clinic, [alice.id], pins);
  });

  it("isn't made of one record", async () => {
    const world = await load();
    const { clinic, alice } = world;
    const { records } = await imported(world, 0);
    expect(records).to.have.length(1);
    expect((await clinic.client.overviewOf({ patient: alice.id })).recordCount).to.equal(1);
  });

  it("isn't made again of what is there", async () => {
    const world = await load();
    const { clinic, alice, pins } = world;
    const { records } = await imported(world);
    const before = world.reports.length;
    const again = await imported(world);
    expect(again.records.map(({ digest, index, alreadyThere }) => ({ digest, index, alreadyThere }))).to.deep.equal(
      records.map(({ digest, index }) => ({ digest, index, alreadyThere: true })),
    );
    expect(world.reports.length).to.equal(before);
    await expectNothingLeft(clinic, [alice.id], pins);
  });

  it("comes to the patient with its list: the history is complete, and each record opens", async () => {
    const world = await load();
    const { clinic, alice } = world;
    const { records } = await imported(world);
    expect((await alice.client.verifyHistory({ patient: alice.id })).withheld).to.deep.equal([
      { author: clinic.id, from: 1, to: 8 },
    ]);
    const file = await deliver(clinic, alice, alice);
    expect(file.envelopes[0]!.batches).to.have.length(1);
    await alice.client.takeDelivery({ file });
    const report = await alice.client.verifyHistory({ patient: alice.id });
    expect(report).to.deep.include({ complete: true, withheld: [], missing: [] });
    expect(report.batches[0]!.records!.map(({ digest }) => digest).sort()).to.deep.equal(
      records.map(({ digest }) => digest).sort(),
    );
    for (const { digest } of records) await alice.client.openRecord({ digest });
  });

  it("comes to a viewer as the proofs of what it may see, from steward and patient", async () => {
    const world = await load();
    const { clinic, alice, insurer } = world;
    const { records } = await imported(world);
    const file = await granted(world);
    expect(file.envelopes[0]!.batches).to.equal(undefined);
    expect(file.envelopes[0]!.proofs!.length).to.equal(file.envelopes[0]!.envelopes.length);
    const { envelopes } = await insurer.client.takeDelivery({ file });
    expect(envelopes[0]).to.include({ added: file.envelopes[0]!.envelopes.length });
    const seen = await insurer.client.listRecords({ patient: alice.id });
    for (const { digest } of seen) await insurer.client.openRecord({ digest, purpose: "TREAT" });
    expect(seen.every(({ digest }) => records.some((record) => record.digest === digest))).to.equal(true);

    await alice.client.takeDelivery({ file: await deliver(clinic, alice, alice) });
    const fromAlice = await deliver(alice, insurer, alice, "TREAT");
    expect(fromAlice.envelopes.every(({ batches }) => batches === undefined)).to.equal(true);
    expect(fromAlice.envelopes.flatMap(({ proofs = [] }) => proofs)).not.to.deep.equal([]);
  });

  it("proves nothing without its proofs, with others' or with broken ones", async () => {
    const world = await load();
    const { alice, insurer } = world;
    await imported(world);
    const file = await granted(world);
    const [own] = file.envelopes as [EnvelopesFile];
    const take = (changes: Partial<EnvelopesFile>) => insurer.client.takeEnvelopes({ file: { ...own, ...changes } });
    await insurer.client.takeKeys({ file: file.grant });
    const proofs = own.proofs!;
    await expectCode("RECORD_NOT_ANCHORED", take({ proofs: [] }));
    const shifted = proofs.map(({ proof }, i) => ({ envelope: proofs[(i + 1) % proofs.length]!.envelope, proof }));
    await expectCode("RECORD_NOT_ANCHORED", take({ proofs: shifted }));
    await expectCode("HANDOVER_MALFORMED", take({ proofs: [{ envelope: 0, proof: "AAAA" }] }));
    await expectCode("HANDOVER_MALFORMED", take({ batches: ["AAAA"] }));
    const foreign = Batch.of([getBytes(`0x${"11".repeat(32)}`), getBytes(`0x${"22".repeat(32)}`)]);
    const withForeign = { ...own, batches: [Buffer.from(foreign.encode()).toString("base64")] };
    await insurer.client.takeEnvelopes({ file: withForeign });
    expect(insurer.vault.batches.get(foreign.digest()), "a list of nobody's batch").to.equal(undefined);
    expect(await insurer.client.listRecords({ patient: alice.id })).to.have.length(own.envelopes.length);
  });

  it("counts for nothing where the chain counts another number of records for it", async () => {
    const world = await load();
    const { clinic, alice } = world;
    const { records } = await imported(world);
    const batch = clinic.vault.batches.list(alice.id)[0]!.batch;
    const record = getBytes(records[0]!.digest);
    const proof = batch.proofOf(record)!;
    const eve = await world.patient("eve");
    await relate(clinic, eve);
    const digest = hexlify(batch.digest());
    await (await clinic.client.contracts.Records.anchorBatch({ patient: eve.id, count: 64, digest })).wait();
    eve.vault.batches.keepProof(record, proof);
    const { verifiedAnchor } = await import("../../../src/sdk/records/verified-history.js");
    const sought = { patient: eve.id, author: clinic.id, digest: records[0]!.digest };
    expect(await verifiedAnchor(eve.client, sought)).to.equal(undefined);
    await (await clinic.client.contracts.Records.anchorBatch({ patient: eve.id, count: 8, digest })).wait();
    expect(await verifiedAnchor(eve.client, sought)).to.include({ index: 65 + proof.index, size: null });
  });

  it("has records that are retracted and shredded like any", async () => {
    const world = await load();
    const { clinic, alice } = world;
    const { records } = await imported(world);
    await alice.client.takeDelivery({ file: await deliver(clinic, alice, alice) });
    await clinic.client.retractRecord({ digest: records[0]!.digest, reason: "another person's" });
    await expectCode("RECORD_RETRACTED", alice.client.openRecord({ digest: records[0]!.digest }));
    await alice.client.shredRecord({ digest: records[1]!.digest });
    for (const { client } of [alice, clinic]) {
      const { complete, retracted } = await client.verifyHistory({ patient: alice.id });
      expect(complete).to.equal(true);
      expect(retracted, "the record, and what was anchored for it").to.have.length(2).and.include(records[0]!.digest);
    }
  });

  it("has a record named as retracted also where it comes in after its retraction", async () => {
    const { clinic, alice, ...world } = await load();
    const { records } = await imported({ ...world, clinic, alice });
    const file = await deliver(clinic, alice, alice);
    const { digest } = records[0]!;
    await clinic.client.retractRecord({ digest, reason: "another person's" });
    const { envelopes } = await alice.client.takeDelivery({ file });
    expect(envelopes[0]).to.include({ retracted: 1 });
    const { retracted } = await alice.client.verifyHistory({ patient: alice.id });
    expect(retracted, "the record, and what was anchored for it").to.have.length(2).and.include(digest);
  });

  it("leaves nothing behind, whenever the process that makes it is killed; the same again completes it", async () => {
    let moments = 0;
    for (let isOver = false; !isOver; moments++) {
      const world = await load();
      const { clinic, alice, pins } = world;
      const mortals = mortal(clinic, world.provider, moments + 1);
      const client = await world.clientOf(clinic, mortals.options);
      await imported(world, 1, 60, client).catch((error: unknown) => error);
      isOver = mortals.died() === undefined;
      await world.reopen(clinic);
      await expectNothingLeft(clinic, [alice.id], pins);
      const { records } = await imported(world, 1);
      await expectNothingLeft(clinic, [alice.id], pins);
      expect(await clinic.client.listRecords({ patient: alice.id })).to.have.length(records.length);
    }
    expect(moments, "moments, before and after the transaction").to.be.greaterThan(10);
  });

  it("is proved under a constraint, too: a record of one goes out singly", async () => {
    const world = await load();
    const { clinic, alice, insurer, provider } = world;
    const { records } = await imported(world);
    const digest = records[0]!.digest;
    const purpose = "TREAT" as const;
    await alice.client.grantAccess({
      ...{ viewer: insurer.id, purpose, categories: ["SUMMARY", "OBSERVATION", "CARE"] },
      until: (await provider.getBlock("latest"))!.timestamp + 86_400,
      constraint: { records: [digest] },
    });
    const constraint = await alice.client.releaseConstraint({ viewer: insurer.id, purpose, to: clinic.id });
    await clinic.client.takeConstraint({ file: constraint });

    const file = await deliver(clinic, insurer, alice, purpose);
    const { envelopes } = await insurer.client.takeDelivery({ file });

    expect(envelopes.reduce((sum, { added }) => sum + added, 0)).to.equal(1);
    expect((await insurer.client.openRecord({ digest, purpose })).digest).to.equal(digest);
    expect(
      file.records!.envelopes.some(({ batches }) => batches !== undefined),
      "no list",
    ).to.equal(false);
  });
});
