import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { Patient } from "@medplum/fhirtypes";
import { expect } from "chai";
import { getBytes } from "ethers";

import { backupOf, type Actor, createDevnet, fixture, relate } from "../../../../devnet/index.js";
import { BATCH_SIZES } from "../../../../src/crypto/index.js";
import type { Client } from "../../../../src/sdk/index.js";
import { importFhirFile } from "../../../../src/sdk/node/index.js";
import { bytes, expectCode } from "../../helpers.js";
import { expectNothingLeft, pinsOf } from "../../left-behind.js";
import { mortal } from "../../mortal.js";

/** Numbers of this system are persons', and both have right check digits. */
const NHS = "https://fhir.nhs.uk/Id/nhs-number";

const anna: Patient = {
  resourceType: "Patient",
  id: "1",
  identifier: [{ system: NHS, value: "9434765919" }],
  name: [{ family: "Novak", given: ["Anna"] }],
  gender: "female",
  birthDate: "1961-04-17",
};
const berta: Patient = {
  ...anna,
  id: "2",
  identifier: [{ system: NHS, value: "9000000009" }],
  name: [{ family: "Ilves", given: ["Berta"] }],
  birthDate: "1987-11-30",
};

const bundle = (person: Patient, kilograms: number): string =>
  JSON.stringify({
    resourceType: "Bundle",
    type: "collection",
    entry: [
      { resource: person },
      {
        resource: {
          resourceType: "Observation",
          status: "final",
          code: { coding: [{ system: "http://loinc.org", code: "29463-7" }] },
          subject: { reference: `Patient/${person.id}` },
          valueQuantity: { value: kilograms, unit: "kg" },
        },
      },
    ],
  });

describe("what is known of a chart's person", () => {
  const load = fixture(async () => {
    const world = await createDevnet();
    const [clinic, alice] = [await world.institution("City Clinic"), await world.patient("alice")];
    await relate(clinic, alice);
    return Object.assign(world, { clinic, alice, pins: await pinsOf(clinic) });
  });
  after(async () => (await load()).close());

  const recordOf = ({ id }: Actor, person: Patient, kilograms = 60) =>
    ({ patient: id, category: "SUMMARY", content: bytes(bundle(person, kilograms)) }) as const;
  /** Adds a record of somebody by the clinic; gives its digest. */
  const add = async (client: Client, patient: Actor, person: Patient, kilograms?: number) =>
    (await client.addRecord(recordOf(patient, person, kilograms))).digest;
  const retract = (client: Client, digest: string) =>
    client.retractRecord({ digest, reason: "filed under another person" });

  it("is in the vault exactly when the record is, whenever the process that adds it is killed", async () => {
    let moments = 0;
    for (let isOver = false; !isOver; moments++) {
      const world = await load();
      const { clinic, alice, pins } = world;
      const mortals = mortal(clinic, world.provider, moments + 1);
      const client = await world.clientOf(clinic, mortals.options);
      await client.addRecord(recordOf(alice, anna)).catch((error: unknown) => error);
      isOver = mortals.died() === undefined;
      await world.reopen(clinic);
      await expectNothingLeft(clinic, [alice.id], pins);
      const [record] = await clinic.client.listRecords();
      const other = clinic.client.addRecord(recordOf(alice, berta));
      const killed = `killed before write ${moments + 1}, ${mortals.died()}`;
      if (record === undefined) expect((await other).alreadyThere, killed).to.equal(false);
      else expect((await expectCode("CHART_CONTRADICTED", other)).details["worklistItem"], killed).to.equal(1);
    }
    expect(moments, "moments, before and after the transaction").to.be.greaterThan(6);
  });

  it("contradicts somebody with the same number also where a reference, or an attestation, gave that number alone", async () => {
    const { clinic, alice } = await load();
    const number = { identifier: { system: NHS, value: "9434765919" } };
    const said = { resourceType: "Observation", status: "final", code: { text: "weight" }, subject: number };
    await add(clinic.client, alice, anna);
    await clinic.client.addRecord({ patient: alice.id, category: "SUMMARY", content: bytes(JSON.stringify(said)) });
    const other = { ...berta, identifier: anna.identifier! };
    const refusal = await expectCode("CHART_CONTRADICTED", clinic.client.addRecord(recordOf(alice, other)));
    expect(refusal.details["differs"]).to.include("birthDate");
  });

  it("is held against another first input that comes at the same time: one of them gets in", async () => {
    const { clinic, alice, pins } = await load();
    const adding = [anna, berta, anna, berta].map((person, i) => clinic.client.addRecord(recordOf(alice, person, i)));
    const outcomes = await Promise.allSettled(adding);
    const taken = outcomes.flatMap((one, i) => (one.status === "fulfilled" ? [i % 2] : []));
    expect(taken, "two of one person").to.have.length(2);
    expect(new Set(taken).size).to.equal(1);
    for (const one of outcomes)
      if (one.status === "rejected") expect(one.reason).to.include({ code: "CHART_CONTRADICTED" });
    expect(await clinic.client.listWorklist()).to.have.length(2);
    await expectNothingLeft(clinic, [alice.id], pins);
  });

  it("is held against whole inputs that come at the same time: nothing of the other gets in", async () => {
    const world = await load();
    const { clinic, alice, pins } = world;
    const importing = [anna, berta].map(async (person) => {
      const path = join(world.folder, `${person.id}.json`);
      await writeFile(path, bundle(person, 60));
      return importFhirFile(clinic.client, { patient: alice.id, path });
    });
    const outcomes = await Promise.allSettled(importing);
    const [taken, refused] = ["fulfilled", "rejected"].map((status) => outcomes.find((one) => one.status === status));
    expect((refused as PromiseRejectedResult).reason).to.include({ code: "CHART_CONTRADICTED" });
    const { records } = (taken as PromiseFulfilledResult<Awaited<(typeof importing)[0]>>).value;
    const { recordCount } = await clinic.client.overviewOf({ patient: alice.id });
    // A batch is filled up.
    expect(recordCount).to.equal(records.length === 1 ? 1 : BATCH_SIZES.find((size) => size >= records.length));
    await expectNothingLeft(clinic, [alice.id], pins);
  });

  for (const [how, takeOut] of [
    ["retracted", retract],
    ["shredded", (client: Client, digest: string) => client.shredRecord({ digest })],
  ] as const) {
    it(`is forgotten once the records that taught it are ${how}, and not before`, async () => {
      const { clinic, alice } = await load();
      const { client, vault } = clinic;
      const [first, second] = [await add(client, alice, anna, 60), await add(client, alice, anna, 61)];
      await takeOut(client, first);
      await expectCode("CHART_CONTRADICTED", add(client, alice, berta));
      await takeOut(client, second);
      expect(vault.people.list()).to.deep.equal([]);
      await add(client, alice, berta);
      await expectCode("CHART_CONTRADICTED", add(client, alice, anna, 62));
    });
  }

  it("isn't learned again from a record that was entered in error", async () => {
    const { clinic, alice } = await load();
    const { client, vault } = clinic;
    await retract(client, await add(client, alice, anna));
    expect((await client.addRecord(recordOf(alice, anna))).alreadyThere).to.equal(true);
    expect(vault.people.list()).to.deep.equal([]);
  });

  it("is forgotten by an override, too, that turned out to be wrong", async () => {
    const { clinic, alice } = await load();
    const { client } = clinic;
    await add(client, alice, anna);
    const { digest } = await client.addRecord({ ...recordOf(alice, berta), override: "the passport says so" });
    await add(client, alice, berta, 61).then((more) => retract(client, more));
    await retract(client, digest);
    await expectCode("CHART_CONTRADICTED", add(client, alice, berta, 62));
    await add(client, alice, anna, 63);
  });

  it("is forgotten in a vault that was restored, and where another client of the author's retracted", async () => {
    const world = await load();
    const { clinic, alice } = world;
    const digest = await add(clinic.client, alice, anna);
    const restored = await world.actor("restored", { backup: await backupOf(clinic) });
    const client = await world.clientOf({ ...restored, wallet: clinic.wallet });
    await expectCode("CHART_CONTRADICTED", add(client, alice, berta));
    await retract(clinic.client, digest);
    await client.listRetractions();
    expect(restored.vault.people.list()).to.deep.equal([]);
    expect(restored.vault.retractions.get(getBytes(digest), clinic.id)).not.to.equal(undefined);
  });
});
