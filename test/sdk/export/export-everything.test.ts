import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { AuditEvent, Consent, DocumentReference, OperationOutcome, Provenance } from "@medplum/fhirtypes";
import { expect } from "chai";

import { handOn, throughJson } from "../../../devnet/index.js";
import { validateResource } from "../../../src/fhir/index.js";
import type { ExportManifest } from "../../../src/sdk/index.js";
import { exportToFolder } from "../../../src/sdk/node/index.js";
import { launch } from "../../helpers/chromium.js";
import { alterBlock, blockFile } from "../blocks.js";
import { expectCode, HOUR, inFuture } from "../helpers.js";
import { readPage } from "./page-checks.js";
import {
  add,
  counted,
  entriesOf,
  exportWorld,
  HOSTILE,
  memorySink,
  resolved,
  typed,
  withUuids,
  type Entry,
  type ExportWorld,
} from "./world.js";

const CARE = { category: "CARE", mediaType: "text/plain" } as const;

describe("an export of everything", () => {
  let world: ExportWorld;
  let folder: string;
  let manifest: ExportManifest;
  let entries: Entry[];
  let page: string;
  const digests: Record<string, string> = {};
  const out = () => join(folder, "records");
  const read = (name: string) => readFile(join(out(), name), "utf8");
  const consents = () => typed<Consent>(entries, "Consent");
  /** The Consents about a viewer and a purpose, as status and categories. */
  const granted = (viewer: number, purpose: string) =>
    consents()
      .filter(({ provision }) => provision?.actor?.[0]?.reference.identifier?.value?.endsWith(`#${viewer}`))
      .filter(({ provision }) => provision?.purpose?.length === 1 && provision.purpose[0]!.code === purpose)
      .map(({ status, provision }) => `${status} ${provision?.class?.map(({ code }) => code).join("+")}`);

  before(async () => {
    world = await exportWorld();
    const { hospital, clinic, insurer, ambulance, alice, carol } = world;
    folder = await mkdtemp(join(tmpdir(), "chartchain-export-"));
    for (const [steward, weight] of [
      [hospital, "61.00"],
      [clinic, "62.50"],
    ] as const) {
      await add(steward, alice.id, withUuids(weight), { category: "SUMMARY" });
      await add(steward, alice.id, counted(`Heart rate at ${steward.name}`));
    }
    await add(hospital, alice.id, counted("Pulse", "2.0"));
    const more = {
      text: await add(clinic, alice.id, HOSTILE, CARE),
      notFhir: await add(clinic, alice.id, "[1]", { category: "CARE", mediaType: "application/json" }),
      altered: await add(clinic, alice.id, "altered on the way", CARE),
      lost: await add(clinic, alice.id, "lost on the way", CARE),
      shredded: await add(clinic, alice.id, "shredded", CARE),
      retracted: await add(clinic, alice.id, "retracted", CARE),
    };
    for (const [name, { digest }] of Object.entries(more)) digests[name] = digest;
    for (const steward of [hospital, clinic]) await handOn(steward, alice, alice.id);
    await clinic.client.retractRecord({ digest: digests["retracted"]!, reason: HOSTILE });
    await handOn(clinic, alice, alice.id);
    digests["undelivered"] = (await add(hospital, alice.id, "undelivered", CARE)).digest;
    await alice.client.shredRecord({ digest: digests["shredded"]! });
    await alterBlock(world, more.altered.cid);
    await rm(blockFile(world, more.lost.cid));

    // The chain counts grants to the minute.
    const until = Math.floor((await inFuture(world, 9 * HOUR)) / 60) * 60;
    const { client } = alice;
    const payment = { viewer: insurer.id, purpose: "HPAYMT" } as const;
    await client.grantAccess({ ...payment, categories: ["OBSERVATION", "CARE", "DIAGNOSTIC"], until });
    await client.revokeAccess({ ...payment, steward: 0, categories: ["CARE"] as const });
    await client.grantAccess({ ...payment, categories: ["DIAGNOSTIC"], until: until + HOUR });
    await client.grantAccess({
      ...({ viewer: clinic.id, purpose: "TREAT", steward: hospital.id, categories: ["SENSITIVE"], until } as const),
      constraint: { classes: ["HIV"], from: 1_700_000_000 },
    });
    await client.grantAccess({
      ...({ viewer: hospital.id, purpose: "TREAT", steward: clinic.id, categories: ["CARE"], until } as const),
      constraint: { records: [digests["text"]!], notBefore: until - HOUR },
    });
    await client.grantAccess({
      ...payment,
      purpose: "HOPERAT",
      categories: ["CARE"],
      until: await inFuture(world, HOUR),
    });
    const signed = await client.signGrantAccess({ ...payment, purpose: "PUBHLTH", categories: ["CARE"], until });
    await hospital.client.relay({ file: throughJson(signed) });
    await handOn(alice, insurer, alice.id, "HPAYMT");
    await client.appointDelegate({ delegate: carol.id, grant: ["CARE"], view: ["CARE"], until });
    await carol.client.grantAccess({ ...payment, patient: alice.id, purpose: "TREAT", categories: ["CARE"], until });
    await ambulance.client.breakGlass({ patient: alice.id, reason: HOSTILE });
    await client.reviewEmergency({ responder: ambulance.id, number: 1, justified: true });
    await world.increaseTime(2 * HOUR);
    await client.revokeAccess({ viewer: ambulance.id });

    manifest = await exportToFolder(client, { folder: out() });
    entries = entriesOf(await read("records.fhir.json"));
    page = await read("index.html");
  });
  after(async () => {
    await world.close();
    await rm(folder, { recursive: true });
  });

  it("has one Bundle, in which each name is there once and what it says itself is valid", async () => {
    const bundle = JSON.parse(await read("records.fhir.json")) as { resourceType: string; type: string };
    expect(bundle).to.deep.include({ resourceType: "Bundle", type: "collection" });
    expect(new Set(entries.map(({ fullUrl }) => fullUrl)).size).to.equal(entries.length);
    const made = entries.filter(({ resource: { resourceType } }) => !["Patient", "Observation"].includes(resourceType));
    for (const { resource } of made)
      expect(await validateResource(resource), JSON.stringify(resource)).to.deep.equal([]);
  });

  it("keeps what two hospitals have under the same names apart, and every number as it was written", () => {
    const observations = entries.filter(({ resource }) => resource.resourceType === "Observation");
    const people = observations.map((entry) => {
      const { reference } = entry.resource["subject"] as { reference: string };
      const person = resolved(entries, entry, reference);
      expect(person?.resource.resourceType, reference).to.equal("Patient");
      return person!.fullUrl;
    });
    const values = observations.map(({ json }) => /"value":([^,]+),/.exec(json)![1]);
    expect(values).to.have.members(["61.00", "62.50", "1.00", "1.00", "2.0"]);
    // Of each hospital one with a UUID and one with the id 1.
    expect(new Set(people).size).to.equal(4);
    expect(typed(entries, "Patient"), "what travels with two records is written once").to.have.length(4);
  });

  it("gives the newest version of a resource its name, and an older one a name of its own", () => {
    const named = entries.find(({ fullUrl }) =>
      fullUrl.endsWith("participant-1.chartchain.invalid/fhir/Observation/1"),
    );
    expect((named!.resource["code"] as { text: string }).text).to.equal("Pulse");
    const older = entries.find(({ json }) => json.includes("Heart rate at General Hospital"))!;
    expect(older.fullUrl).to.match(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const provenances = typed<Provenance>(entries, "Provenance");
    const targets = provenances.flatMap(({ target }) => target.map(({ reference }) => reference));
    expect(targets).to.include(older.fullUrl);
    for (const target of targets)
      expect(
        entries.some(({ fullUrl }) => fullUrl === target),
        target,
      ).to.equal(true);
  });

  it("has a Provenance for each record: who wrote it, and where it is anchored", async () => {
    const provenances = typed<Provenance>(entries, "Provenance");
    expect(provenances).to.have.length(manifest.counts.records);
    const listed = await world.alice.client.listRecords();
    for (const { digest, index, author } of listed.slice(0, 3)) {
      const own = provenances.find(
        ({ entity }) => entity?.[0]?.what.identifier?.value === `urn:sha256:${digest.slice(2)}`,
      )!;
      expect(own.agent[0]!.who.identifier?.value).to.match(new RegExp(`#${author}$`));
      expect(own.entity![0]!.what.display).to.include(`place ${index} of the patient's history`);
      expect(own.target.length).to.be.greaterThan(0);
    }
  });

  it("has a Consent for each grant that says how it stands", () => {
    const { insurer, clinic } = world;
    expect(granted(insurer.id, "HPAYMT"), "in part revoked, in part granted again").to.have.members([
      ...["active OBSERVATION", "inactive CARE", "inactive DIAGNOSTIC", "active DIAGNOSTIC"],
    ]);
    expect(granted(insurer.id, "HOPERAT"), "expired").to.deep.equal(["inactive CARE"]);
    expect(granted(insurer.id, "PUBHLTH")).to.deep.equal(["active CARE"]);
    const words = readPage(page);
    for (const ended of ["Care revoked", "Diagnostics replaced by a later grant", "Care expired"]) {
      expect(words, ended).to.include(ended);
    }
    const [narrowed] = consents().filter(({ provision }) => provision?.securityLabel !== undefined);
    expect(narrowed!.provision).to.deep.include({
      securityLabel: [{ system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code: "HIV" }],
      dataPeriod: { start: "2023-11-14T22:13:20Z" },
    });
    const [listed] = consents().filter(({ provision }) => provision?.data !== undefined);
    expect(listed!.provision!.data![0]!.reference.identifier?.value).to.include(digests["text"]!.slice(2));
    const { start, end } = listed!.provision!.period!;
    expect(Date.parse(end!) - Date.parse(start!), "not before").to.equal(HOUR * 1000);
    expect(listed!.text?.div).to.include("narrowed to 1 record");
    expect(granted(clinic.id, "TREAT")).to.include("active SENSITIVE");
    expect(narrowed!.organization?.[0]?.display).to.equal("General Hospital (participant 1)");
  });

  it("says by whose word something was granted", () => {
    const { insurer, alice, carol } = world;
    const by = (purpose: string) =>
      consents()
        .filter(({ provision }) => provision?.purpose?.length === 1 && provision.purpose[0]!.code === purpose)
        .filter(({ provision }) => provision?.actor?.[0]?.reference.identifier?.value?.endsWith(`#${insurer.id}`))
        .map(({ performer }) => performer?.[0]?.identifier?.value?.split("#")[1]);
    expect(by("TREAT")).to.deep.equal([String(carol.id)]);
    expect(by("PUBHLTH"), "who signed, and not who relayed").to.deep.equal([String(alice.id)]);
    expect(page).to.include(`participant ${carol.id}, as the patient&#39;s delegate`);
  });

  it("has the terms of each relationship, and who acts in the patient's place", () => {
    const { hospital, carol } = world;
    const told = consents().map(({ status, text }) => `${status}: ${text?.div}`);
    expect(told.some((each) => /^active:.*General Hospital.*it keeps Summary.*for treatment/.test(each))).to.equal(
      true,
    );
    expect(told.some((each) => each.includes(`participant ${carol.id} may act`))).to.equal(true);
    expect(manifest.counts).to.deep.include({ relationships: 2, delegates: 1 });
    expect(hospital.id).to.equal(1);
  });

  it("has an AuditEvent for each break-glass and for each release of keys, and says what it can't know", () => {
    const events = typed<AuditEvent>(entries, "AuditEvent");
    const [glass] = events.filter(({ subtype }) => subtype?.[0]?.code === "110127");
    expect(glass).to.deep.include({ outcomeDesc: "Review: justified" });
    expect(glass!.agent[0]!.who?.display).to.equal("Ambulance Service (participant 4)");
    const releases = events.filter(({ type }) => type.code === "110106");
    expect(releases.map(({ agent }) => agent[1]?.who?.display)).to.deep.equal(["Mutual Insurance (participant 3)"]);
    const [outcome] = typed<OperationOutcome>(entries, "OperationOutcome");
    expect(
      outcome!.issue.some(({ diagnostics }) => /Who opened a record isn't on the chain/.test(diagnostics!)),
    ).to.equal(true);
    expect(readPage(page)).to.include("Who opened a record isn't on the chain");
  });

  it("names what isn't in it, why and by whom, and writes all else", () => {
    const named = manifest.leftOut.map(({ digest, code, author }) => `${digest} ${code} ${author}`);
    const { hospital, clinic } = world;
    expect(named).to.have.members([
      `${digests["undelivered"]} RECORD_UNKNOWN ${hospital.id}`,
      `${digests["shredded"]} RECORD_SHREDDED ${clinic.id}`,
      `${digests["retracted"]} RECORD_RETRACTED ${clinic.id}`,
      `${digests["altered"]} BLOCK_CORRUPT ${clinic.id}`,
      `${digests["lost"]} BLOCK_MISSING ${clinic.id}`,
    ]);
    const [outcome] = typed<OperationOutcome>(entries, "OperationOutcome");
    const words = readPage(page);
    for (const name of ["undelivered", "shredded", "retracted", "altered", "lost"]) {
      const digest = digests[name]!;
      expect(
        outcome!.issue.filter(({ diagnostics }) => diagnostics!.includes(digest)),
        name,
      ).to.have.length(1);
      expect(words, name).to.include(digest);
    }
    expect(words).not.to.include("altered on the way");
    // Five of FHIR, the text, and what isn't FHIR.
    expect(manifest.counts.records).to.equal(7);
  });

  it("writes what isn't FHIR into a file beside the Bundle, which points at it", async () => {
    const name = `document-${digests["text"]!.slice(2)}.txt`;
    expect(await read(name)).to.equal(HOSTILE);
    const documents = typed<DocumentReference>(entries, "DocumentReference");
    expect(documents.map(({ content }) => content[0]!.attachment.url)).to.include(name);
    expect(await read(`document-${digests["notFhir"]!.slice(2)}.bin`), "whatever it calls itself").to.equal("[1]");
  });

  it("has a patient summary", async () => {
    const summary = entriesOf(await read("summary.fhir.json"));
    expect(JSON.parse(await read("summary.fhir.json"))).to.deep.include({ resourceType: "Bundle", type: "document" });
    expect(summary[0]!.resource.resourceType).to.equal("Composition");
    expect(
      summary.some(({ json }) => json.includes(JSON.stringify(HOSTILE))),
      "the patient",
    ).to.equal(true);
  });

  it("has a page without scripts, in which all that others wrote is text", async function () {
    expect(readPage(page)).to.include(HOSTILE.replace("\u202E", "\uFFFD"));
    const browser = await launch(this);
    try {
      const opened = await browser.newPage();
      const [asked, said]: [string[], string[]] = [[], []];
      opened.on("request", (request) => asked.push(request.url()));
      opened.on("console", (message) => said.push(message.text()));
      opened.on("dialog", (dialog) => said.push(dialog.message()));
      await opened.setViewportSize({ width: 390, height: 800 });
      await opened.goto(`file://${join(out(), "index.html")}`);
      const width = await opened.evaluate("document.documentElement.scrollWidth");
      const elements = await opened.evaluate(
        "[...new Set([...document.querySelectorAll('*')].map((e) => e.localName))]",
      );
      expect(width, "it fits a phone").to.equal(390);
      expect(elements).not.to.include.any.members(["script", "img", "b", "iframe", "link", "object", "svg"]);
      expect(
        await opened.evaluate("getComputedStyle(document.querySelector('section')).borderTopStyle"),
        "its style counts",
      ).to.equal("solid");
      expect(said).to.deep.equal([]);
      expect(asked).to.have.length(1);
    } finally {
      await browser.close();
    }
  });

  it("says of each file what was read back, and of the chain which block it tells", async () => {
    expect(JSON.parse(await read("export.json"))).to.deep.equal(throughJson(manifest));
    const names = await readdir(out());
    expect(names).to.have.members(["export.json", ...manifest.files.map(({ name }) => name)]);
    for (const { name, bytes, sha256 } of manifest.files) {
      const content = await readFile(join(out(), name));
      expect({
        bytes: content.length,
        sha256: `0x${createHash("sha256").update(content).digest("hex")}`,
      }).to.deep.equal({ bytes, sha256 });
      expect((await stat(join(out(), name))).mode & 0o777, name).to.equal(0o600);
    }
    expect((await stat(out())).mode & 0o777).to.equal(0o700);
    const { hash, timestamp } = (await world.provider.getBlock(manifest.block.number))!;
    expect(manifest.block).to.deep.include({ hash, time: timestamp });
    const made = ["Consent", "Provenance", "AuditEvent", "OperationOutcome"].flatMap((type) => typed(entries, type));
    expect(manifest.counts).to.deep.include({ entries: entries.length, resources: entries.length - made.length });
    const {
      count,
      chain: head,
      signed,
      unproved,
    } = await world.alice.client.verifyHistory({ patient: world.alice.id });
    expect(manifest.history).to.deep.include({ count, head, signed, anchors: signed + unproved.length });
  });

  it("is the same the next time, but for what changed", async () => {
    const sink = memorySink();
    const again = await world.alice.client.exportEverything({ sink });
    expect(again.counts).to.deep.equal(manifest.counts);
    expect(entriesOf(sink.textOf("records.fhir.json")).map(({ fullUrl }) => fullUrl)).to.deep.equal(
      entries.map(({ fullUrl }) => fullUrl),
    );
  });

  it("is for the patient and who may view in the patient's place, and for nobody else", async () => {
    const { insurer, hospital, carol, alice } = world;
    for (const { client } of [insurer, hospital]) {
      const refused = client.exportEverything({ patient: alice.id, sink: memorySink() });
      expect((await expectCode("NOT_EMPOWERED", refused)).details).to.deep.include({ patient: alice.id });
    }
    await handOn(hospital, carol, alice.id);
    const sink = memorySink();
    const { counts, exporter } = await carol.client.exportEverything({ patient: alice.id, sink });
    expect({ counts: counts.records, exporter }).to.deep.equal({ counts: 1, exporter: carol.id });
    expect(sink.textOf("index.html")).to.include(`exported by participant ${carol.id}`);
  });

  describe("that doesn't come to its end", () => {
    const nothing = async (work: () => Promise<unknown>, code: Parameters<typeof expectCode>[0] | undefined) => {
      const before = await readdir(folder);
      if (code === undefined)
        await work().then(
          () => expect.fail("it ended well"),
          (error: Error) => expect(error.message).to.equal("enough"),
        );
      else await expectCode(code, work);
      expect(await readdir(folder)).to.deep.equal(before);
    };
    const target = () => join(folder, "another");

    it("leaves nothing where it is told to stop", () => {
      const stop = new AbortController();
      const onRecord = (done: number) => void (done === 3 && stop.abort(new Error("enough")));
      return nothing(
        () => exportToFolder(world.alice.client, { folder: target(), onRecord, signal: stop.signal }),
        undefined,
      );
    });

    it("leaves nothing where the store is closed meanwhile, which is no matter of one record", async () => {
      const { alice } = world;
      const client = await world.clientOf(alice, {
        store: {
          ...alice.store,
          get: () => {
            throw new Error("enough");
          },
          stat: () => {
            throw new Error("enough");
          },
        } as never,
      });
      await nothing(() => exportToFolder(client, { folder: target() }), undefined);
    });

    it("overwrites nothing", () => nothing(() => exportToFolder(world.alice.client, { folder: out() }), "FILE_EXISTS"));

    it("says so where the folder can't be made", () =>
      nothing(
        () => exportToFolder(world.alice.client, { folder: join(folder, "nowhere", "records") }),
        "FILE_UNWRITABLE",
      ));

    it("is none where other bytes come back than were written", async () => {
      const sink = memorySink();
      const read = sink.read.bind(sink);
      sink.read = async function* (name) {
        for await (const chunk of read(name)) {
          const other = chunk.slice();
          if (name === "index.html") other[100]! ^= 1;
          yield other;
        }
      };
      const { details } = await expectCode("EXPORT_NOT_AS_WRITTEN", world.alice.client.exportEverything({ sink }));
      expect(details["file"]).to.equal("index.html");
      expect(sink.files.has("export.json")).to.equal(false);
    });
  });
});
