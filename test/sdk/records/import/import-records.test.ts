import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Observation, Patient } from "@medplum/fhirtypes";
import { expect } from "chai";
import { hexlify } from "ethers";

import { type Actor, createDevnet, fixture, relate } from "../../../../devnet/index.js";
import type { ImportProgress } from "../../../../src/sdk/index.js";
import { importFolder } from "../../../../src/sdk/node/index.js";
import { text } from "../../helpers.js";
import { pinsOf } from "../../left-behind.js";
import { chartOf } from "./chart-of.js";
import { attest, MRN, patientOf, weightOf, type Person } from "./people.js";

const ALICE: Person = { id: "alice", mrn: "1001", born: "1961-04-17", family: "Novak" };
const BOB: Person = { id: "bob", mrn: "1002", born: "1987-11-30", family: "Ilves" };
const CAROL: Person = { id: "carol", mrn: "1003", born: "1979-02-03", family: "Okafor" };

const hivOf = ({ id }: Person): object => ({
  resourceType: "Condition",
  id: `hiv-${id}`,
  code: { coding: [{ system: "http://snomed.info/sct", code: "86406008", display: "HIV infection" }] },
  subject: { reference: `Patient/${id}` },
});
const lines = (...resources: object[]): string => resources.map((each) => `${JSON.stringify(each)}\n`).join("");

describe("importRecords", () => {
  const load = fixture(async () => {
    const world = await createDevnet();
    const clinic = await world.institution("General Hospital");
    const [alice, bob] = [await world.patient("alice"), await world.patient("bob")];
    for (const patient of [alice, bob]) await relate(clinic, patient);
    const attested = [await attest(clinic, alice, ALICE), await attest(clinic, bob, BOB)];
    const folder = await mkdtemp(join(tmpdir(), "chartchain-import-"));
    return Object.assign(world, { clinic, alice, bob, attested, export: folder });
  });
  after(async () => {
    const world = await load();
    await rm(world.export, { recursive: true });
    await world.close();
  });

  /** Writes an export, each time anew. */
  async function written(world: { export: string }, files: Record<string, string>): Promise<string> {
    const path = await mkdtemp(join(world.export, "export-"));
    for (const [name, content] of Object.entries(files)) await writeFile(join(path, name), content);
    return path;
  }
  const EXPORT = {
    "Patient.ndjson": lines(patientOf(ALICE), patientOf(BOB)),
    "Observation.ndjson": lines(weightOf(ALICE, "a1", 60), weightOf(BOB, "b1", 80), weightOf(ALICE, "a2", 61)),
    "Condition.ndjson": lines(hivOf(BOB)),
  };
  const waitingOf = async ({ client }: Actor) =>
    (await client.listWorklist()).map(({ code, patient }) => [code, patient] as const);

  it("brings each person's records into the chart that the attested number names, in one transaction", async () => {
    const world = await load();
    const { clinic, alice, bob } = world;
    const before = world.reports.length;
    const report = await importFolder(clinic.client, { path: await written(world, EXPORT) });
    expect(report).to.deep.include({ added: 5, amended: 0, alreadyThere: 0, waiting: {}, left: [] });
    expect(report.sensitivities).to.deep.equal({ HIV: 1 });
    const added = report.patients.map(({ patient, added }) => [patient, added]);
    expect(added).to.deep.equal([
      [alice.id, 2],
      [bob.id, 3],
    ]);
    expect(world.reports.slice(before).map(({ step }) => step)).to.deep.equal(["anchorBatches"]);
    expect(await chartOf(clinic, alice)).to.deep.equal(["Observation/a1 60", "Observation/a2 61", "Patient/alice"]);
    expect(await chartOf(clinic, bob)).to.deep.equal(["Condition/hiv-bob", "Observation/b1 80", "Patient/bob"]);
  });

  it("lists each input that waits, with its place on the worklist; a dry run with none", async () => {
    const world = await load();
    const { client } = world.clinic;
    const path = await written(world, {
      "Patient.ndjson": lines(patientOf(ALICE), patientOf(CAROL)),
      "Unsigned.ndjson": lines(weightOf(ALICE, "w", 60), { ...weightOf(CAROL, "u", 70), subject: undefined }),
    });
    const places = [
      { file: join(path, "Patient.ndjson"), code: "NO_CHART" },
      { file: join(path, "Unsigned.ndjson"), line: 2, code: "NO_PATIENT" },
    ];
    expect((await importFolder(client, { path, dryRun: true })).waitingFiles).to.deep.equal(places);
    const { waitingFiles, waiting } = await importFolder(client, { path });
    const items = (await client.listWorklist()).map(({ item, code }) => [code, item]);
    expect(waitingFiles.map(({ code, item }) => [code, item])).to.deep.equal(items);
    expect(waitingFiles.map(({ item: _, ...place }) => place)).to.deep.equal(places);
    expect(waiting).to.deep.equal({ NO_CHART: 1, NO_PATIENT: 1 });
  });

  it("adds nothing twice, and sends nothing for what is there", async () => {
    const world = await load();
    const path = await written(world, EXPORT);
    await importFolder(world.clinic.client, { path });
    const before = [world.reports.length, world.clinic.vault.envelopes.list().length];
    const again = await importFolder(world.clinic.client, { path });
    expect(again).to.deep.include({ added: 0, alreadyThere: 5 });
    expect([world.reports.length, world.clinic.vault.envelopes.list().length]).to.deep.equal(before);
  });

  it("finds by the chain whom an institution attested that another vault of it remembers", async () => {
    const world = await load();
    const { clinic, alice, attested } = world;
    for (const { participant } of clinic.vault.people.list()) {
      const forgotten = clinic.vault.people as unknown as { get(participant: number): unknown };
      forgotten.get = (asked) => (asked === participant ? [] : []);
    }
    const path = await written(world, {
      "Patient.ndjson": lines(patientOf(ALICE)),
      "b.ndjson": lines(weightOf(ALICE, "a1", 60)),
    });
    expect((await importFolder(clinic.client, { path, dryRun: true })).waiting).to.deep.equal({ NO_CHART: 1 });
    const { patients } = await importFolder(clinic.client, { path, attested, dryRun: true });
    expect(patients.map(({ patient, added }) => [patient, added])).to.deep.equal([[alice.id, 2]]);
  });

  it("amends what changed at its source, with what didn't change beside it, from a whole export as from its changes alone", async () => {
    const dated = (version: number) => ({
      meta: { versionId: `${version}`, lastUpdated: `2026-01-0${version}T00:00:00Z` },
    });
    const [first, second] = [weightOf(ALICE, "a1", 60, dated(1)), weightOf(ALICE, "a1", 59, dated(2))];
    const other = weightOf(ALICE, "a2", 61, dated(1));
    const later = {
      whole: lines(patientOf(ALICE), second, other),
      changes: lines({ ...(second as Observation), subject: { identifier: { system: MRN, value: ALICE.mrn } } }),
    };
    for (const [name, content] of Object.entries(later)) {
      const world = await load();
      const { clinic, alice } = world;
      const path = await written(world, { "all.ndjson": lines(patientOf(ALICE), first, other) });
      await importFolder(clinic.client, { path });
      const changed = await written(world, { "all.ndjson": content });
      const report = await importFolder(clinic.client, { path: changed });
      expect(report, name).to.deep.include({ added: 1, amended: 1, waiting: {} });
      const now = ["Observation/a1 59", "Observation/a2 61", "Patient/alice"];
      expect(await chartOf(clinic, alice), name).to.deep.equal(now);
      for (const older of [changed, path]) {
        expect(await importFolder(clinic.client, { path: older }), name).to.deep.include({ added: 0 });
      }
      expect(await chartOf(clinic, alice), name).to.deep.equal(now);
    }
  });

  it("takes along with what changed a new version of whom it names, in the old one's place", async () => {
    const world = await load();
    const { clinic, alice } = world;
    const dated = (version: number) => ({ meta: { versionId: `${version}` } });
    const measured = (version: number, kilograms: number, family: string) =>
      lines(
        patientOf(ALICE),
        weightOf(ALICE, "a1", kilograms, { ...dated(version), performer: [{ reference: "Practitioner/doctor" }] }),
        {
          ...{ resourceType: "Practitioner", id: "doctor", ...dated(version) },
          ...{ identifier: [{ system: "urn:example:staff", value: "7" }], name: [{ family }] },
        },
      );
    await importFolder(clinic.client, { path: await written(world, { "all.ndjson": measured(1, 60, "Ilves") }) });
    const changed = await written(world, { "all.ndjson": measured(2, 59, "Berg") });
    expect(await importFolder(clinic.client, { path: changed })).to.deep.include({ amended: 1 });
    expect(await chartOf(clinic, alice)).to.deep.equal(["Observation/a1 59", "Patient/alice", "Practitioner/doctor"]);
    const newest = clinic.vault.envelopes.list({ patient: alice.id }).find(({ metadata }) => metadata?.amends)!;
    const { content } = await clinic.client.openRecord({ digest: hexlify(newest.digest), purpose: "TREAT" });
    expect(text(content)).to.include("Berg").and.not.include("Ilves");
  });

  it("lets wait who isn't known, has no relationship, or contradicts the chart, and mixes nobody", async () => {
    const world = await load();
    const { clinic, alice, bob } = world;
    const carol = await world.patient("carol");
    await attest(clinic, carol, CAROL);
    const stranger = { id: "dan", mrn: "1004", born: "1950-01-01" };
    const impostor = { ...BOB, id: "bob-2", born: "2001-12-24", family: "Berg" };
    await importFolder(clinic.client, { path: await written(world, { "bob.json": JSON.stringify(patientOf(BOB)) }) });
    const path = await written(world, {
      "Patient.ndjson": lines(...[ALICE, CAROL, stranger, impostor].map((each) => patientOf(each))),
      "Observation.ndjson": lines(
        ...[ALICE, CAROL, stranger, impostor].map((each) => weightOf(each, `of-${each.id}`, 70)),
        { ...(weightOf(ALICE, "nobodys", 1) as Observation), subject: { display: "somebody" } },
      ),
    });
    const report = await importFolder(clinic.client, { path });
    expect(report.patients.map(({ patient, added }) => [patient, added])).to.deep.equal([[alice.id, 2]]);
    expect(report.waiting).to.deep.equal({ NO_CHART: 2, NOT_AN_ACTIVE_STEWARD: 1, NO_PATIENT: 1 });
    expect((await waitingOf(clinic)).map(([code]) => code).sort()).to.deep.equal([
      "NOT_AN_ACTIVE_STEWARD",
      "NO_CHART",
      "NO_CHART",
      "NO_PATIENT",
    ]);
    expect(await chartOf(clinic, bob)).to.deep.equal(["Patient/bob"]);

    const again = await importFolder(clinic.client, { path });
    expect(again).to.deep.include({ added: 0, waiting: report.waiting });
    expect(await waitingOf(clinic), "each waits once").to.have.length(4);
    for (const { item, code } of await clinic.client.listWorklist()) {
      if (code === "NO_CHART") await clinic.client.discardInput({ item, reason: "not our patient" });
    }
    expect((await importFolder(clinic.client, { path })).waiting).to.deep.equal({
      NOT_AN_ACTIVE_STEWARD: 1,
      NO_PATIENT: 1,
    });

    await relate(clinic, carol);
    expect(await importFolder(clinic.client, { path })).to.deep.include({ added: 2, waiting: { NO_PATIENT: 1 } });
  });

  it("lets wait whose numbers are those of two charts", async () => {
    const world = await load();
    const both = {
      ...(patientOf(ALICE) as Patient),
      identifier: [ALICE, BOB].map(({ mrn }) => ({ system: MRN, value: mrn })),
    };
    const path = await written(world, { "p.ndjson": lines(both, weightOf(ALICE, "a1", 60)) });
    const report = await importFolder(world.clinic.client, { path });
    expect(report).to.deep.include({ added: 0, patients: [], waiting: { MULTIPLE_PATIENTS: 1 } });
  });

  it("doesn't take a relative id for a person's: every server has a Patient/1", async () => {
    const world = await load();
    await importFolder(world.clinic.client, { path: await written(world, EXPORT) });
    const path = await written(world, { "Observation.json": JSON.stringify(weightOf(ALICE, "elsewhere", 99)) });
    expect((await importFolder(world.clinic.client, { path })).waiting).to.deep.equal({ NO_CHART: 1 });
  });

  it("writes nothing in a dry run, and says what would be done", async () => {
    const world = await load();
    const { clinic } = world;
    const stranger = { id: "dan", mrn: "1004", born: "1950-01-01" };
    const path = await written(world, { ...EXPORT, "dan.json": JSON.stringify(patientOf(stranger)) });
    const state = async () => [
      await world.provider.getBlockNumber(),
      (await pinsOf(clinic)).length,
      createHash("sha256")
        .update(await readFile(join(clinic.home, "vault.sqlite")))
        .digest("hex"),
      (await stat(join(clinic.home, "vault.sqlite-wal"))).size,
    ];
    // The vault notes that the terms were approved, as whatever asks for them does.
    await importFolder(clinic.client, { path, dryRun: true });
    const before = await state();
    const dry = await importFolder(clinic.client, { path, dryRun: true });
    expect(await state()).to.deep.equal(before);
    const { dryRun, ...told } = dry;
    expect(dryRun).to.equal(true);
    expect(told).to.deep.include({ added: 5, waiting: { NO_CHART: 1 }, sensitivities: { HIV: 1 } });
    const { dryRun: wet, ...done } = await importFolder(clinic.client, { path });
    expect(wet).to.equal(false);
    const withoutItems = done.waitingFiles.map(({ file, code }) => ({ file, code }));
    expect({ ...done, waitingFiles: withoutItems }).to.deep.equal(told);
  });

  it("sends nothing of what is to be spread, nor in a dry run what waits: the next import does", async () => {
    const world = await load();
    const { client } = world.clinic;
    const path = await written(world, EXPORT);
    const before = world.reports.length;
    const steps = () => world.reports.slice(before).map(({ step }) => step);
    expect(await importFolder(client, { path, spread: 0 })).to.deep.include({ added: 5 });
    expect(await importFolder(client, { path, dryRun: true })).to.deep.include({ added: 0, alreadyThere: 5 });
    expect(steps()).to.deep.equal([]);
    expect(await importFolder(client, { path })).to.deep.include({ added: 0, alreadyThere: 5 });
    expect(steps()).to.deep.equal(["anchorBatches"]);
  });

  it("tells how far it has come, and stops in good order where it is told to", async () => {
    const world = await load();
    const path = await written(world, EXPORT);
    const told: ImportProgress[] = [];
    const controller = new AbortController();
    const onProgress = (progress: ImportProgress) => {
      told.push(progress);
      if (progress.phase === "importing") controller.abort(new Error("enough"));
    };
    const { clinic } = world;
    const { signal } = controller;
    const stopped = await importFolder(clinic.client, { path, onProgress, signal }).catch(
      (error: Error) => error.message,
    );
    expect(stopped).to.equal("enough");
    expect(told.map(({ phase, done, total }) => [phase, done, total])).to.deep.equal([
      ...[1, 2, 3, 4, 5, 6].map((done) => ["reading", done, undefined]),
      ["importing", 3, 6],
    ]);
    expect(told.at(-1)!.secondsLeft).to.be.greaterThan(0);
    expect(await importFolder(clinic.client, { path })).to.deep.include({ added: 2, alreadyThere: 3 });
    const unfinished = (await clinic.client.listRecords()).filter((record) => record.unfinished);
    expect(unfinished).to.deep.equal([]);
  });
});
