import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { createDevnet, relate, type Actor, type Devnet } from "chartchain/devnet";
import { openFile } from "chartchain/sqlite/node";

import {
  command,
  type Line,
  lineTo,
  reader,
  serve,
  setUp,
  signedIn,
  STAFF,
  type Reader,
  type Served,
} from "./stage.js";

const HOUR = 3_600;

/** A patient with something ordinary and something sensitive. */
const CHART = {
  resourceType: "Bundle",
  type: "collection",
  entry: [
    {
      resourceType: "Patient",
      id: "alice",
      name: [{ family: "Example", given: ["Alice"] }],
      birthDate: "1980-02-03",
      gender: "female",
    },
    {
      ...{ resourceType: "Observation", id: "weight", status: "final", subject: { reference: "Patient/alice" } },
      ...{ code: { coding: [{ system: "http://loinc.org", code: "29463-7", display: "Body weight" }] } },
      ...{ effectiveDateTime: "2026-01-02", valueQuantity: { value: 64.5, unit: "kg" } },
      performer: [{ reference: "Practitioner/doctor" }],
    },
    {
      ...{ resourceType: "Condition", id: "depression", subject: { reference: "Patient/alice" } },
      code: { coding: [{ system: "http://hl7.org/fhir/sid/icd-10", code: "F32.1" }] },
      clinicalStatus: {
        coding: [{ system: "http://terminology.hl7.org/CodeSystem/condition-clinical", code: "active" }],
      },
    },
    { resourceType: "Practitioner", id: "doctor", name: [{ family: "Sample" }] },
    { resourceType: "Practitioner", id: "nobody", name: [{ family: "Unused" }] },
  ].map((resource) => ({ fullUrl: `http://hospital.example/fhir/${resource.resourceType}/${resource.id}`, resource })),
};

describe("a gatekeeper, as a process in front of its embedded store", () => {
  let world: Devnet;
  let hospital: Actor;
  let clinic: Actor;
  let alice: Actor;
  let folder: string;
  let data: string;
  let config: string;
  let line: Line;
  let service: Served;
  let asClinic: Reader;
  let asAlice: Reader;
  let asStaff: Reader;
  before(async () => {
    world = await createDevnet();
    hospital = await world.institution("General Hospital");
    clinic = await world.institution("City Clinic");
    alice = await world.patient("alice");
    await relate(hospital, alice);
    folder = mkdtempSync(join(tmpdir(), "chartchain-gatekeeper-"));
    line = await lineTo(world.url);
    ({ config, data } = setUp(world, hospital, folder, { rpc: line.url }));
    const file = join(folder, "alice.json");
    writeFileSync(file, JSON.stringify(CHART));
    const imported = await command(
      hospital.passphrase,
      "import",
      "--config",
      config,
      "--patient",
      String(alice.id),
      file,
    );
    expect(imported.output).to.include("5 new or changed");
    expect(imported.code).to.equal(0);
    service = await serve(hospital.passphrase, config);
    asClinic = await signedIn(service.url, clinic);
    asAlice = await signedIn(service.url, alice, "PATRQT");
    asStaff = (path, init) => reader(service.url, STAFF)(path, init);
  });
  after(async () => {
    await service?.stop();
    line?.close();
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const grant = async (categories: readonly ("OBSERVATION" | "SENSITIVE" | "SUMMARY")[]) => {
    const until = (await world.now()) + HOUR;
    await alice.client.grantAccess({ viewer: clinic.id, categories, purpose: "TREAT", until });
  };
  const namesOf = (json: Awaited<ReturnType<Reader>>["json"]) =>
    (json.entry ?? []).map(({ resource }) => `${resource?.resourceType}/${resource?.id}`).sort();

  it("shows nothing to who isn't signed in, but what it can do", async () => {
    const nobody = reader(service.url, "AAAA");
    expect((await nobody("/fhir/Patient/alice")).status).to.equal(401);
    expect((await fetch(`${service.url}/fhir/Patient/alice`)).status).to.equal(401);
    const { status, json } = await nobody("/fhir/metadata");
    expect([status, json.resourceType]).to.deep.equal([200, "CapabilityStatement"]);
    expect((await nobody("/health")).json).to.deep.equal({ status: "ok" });
    expect((await nobody("/ready")).json).to.deep.equal({ chain: "ok", store: "ok" });
  });

  it("shows the hospital's own staff everything, and the patient everything of its own", async () => {
    const all = [
      "Condition/depression",
      "Observation/weight",
      "Patient/alice",
      "Practitioner/doctor",
      "Practitioner/nobody",
    ];
    for (const [who, ask] of [
      ["staff", asStaff],
      ["alice", asAlice],
    ] as const) {
      const { status, json } = await ask("/fhir/Patient/alice/$everything");
      expect([status, namesOf(json)], who).to.deep.equal([200, all]);
    }
  });

  it("has nothing for a clinic without a grant, whether it exists or not", async () => {
    const [there, missing] = [await asClinic("/fhir/Observation/weight"), await asClinic("/fhir/Observation/no-such")];
    expect(there.status).to.equal(404);
    expect(there.json).to.deep.equal(missing.json);
    expect((await asClinic("/fhir/Patient/alice/$everything")).status).to.equal(404);
    expect((await asClinic("/fhir/Observation?_total=accurate")).json.total).to.equal(0);
  });

  it("shows a clinic what was granted, with whom that refers to, from the next block on, and nothing beside", async () => {
    await grant(["OBSERVATION"]);
    const weight = await asClinic("/fhir/Observation/weight");
    expect(weight.status).to.equal(200);
    expect(weight.json["valueQuantity"]).to.deep.equal({ value: 64.5, unit: "kg" });
    const found = await asClinic(
      "/fhir/Observation?code=http://loinc.org|29463-7&_include=Observation:performer&_total=accurate",
    );
    expect([namesOf(found.json), found.json.total]).to.deep.equal([["Observation/weight", "Practitioner/doctor"], 1]);
    expect((await asClinic("/fhir/Condition/depression")).status).to.equal(404);
    expect((await asClinic("/fhir/Practitioner")).json.entry).to.have.length(1);
    const known = { headers: { "if-none-match": weight.headers.get("etag")! } };
    expect((await asClinic("/fhir/Observation/weight", known)).status).to.equal(304);
    expect((await asClinic("/fhir/Observation/weight", { method: "HEAD" })).status).to.equal(200);
  });

  it("shows nothing any more from the block of the revocation on", async () => {
    await grant(["OBSERVATION"]);
    expect((await asClinic("/fhir/Observation/weight")).status).to.equal(200);
    await alice.client.revokeAccess({ viewer: clinic.id });
    expect((await asClinic("/fhir/Observation/weight")).status).to.equal(404);
    expect((await asClinic("/fhir/Observation/weight/_history")).status).to.equal(404);
    expect((await asClinic("/fhir/Practitioner/doctor")).status).to.equal(404);
  });

  it("shows a delegate what it may view, until it is dismissed", async () => {
    const bob = await world.patient("bob");
    const asBob = await signedIn(service.url, bob);
    expect((await asBob("/fhir/Observation/weight")).status).to.equal(404);
    await alice.client.appointDelegate({ delegate: bob.id, view: ["OBSERVATION"], until: (await world.now()) + HOUR });
    expect((await asBob("/fhir/Observation/weight")).status).to.equal(200);
    expect((await asBob("/fhir/Condition/depression")).status).to.equal(404);
    await alice.client.dismissDelegate({ delegate: bob.id });
    expect((await asBob("/fhir/Observation/weight")).status).to.equal(404);
  });

  it("shows a responder who broke the glass what the policy admits, for emergencies alone, and nothing sensitive without a wish", async () => {
    const ambulance = await world.institution("Ambulance", ["EMERGENCY"]);
    const [forEmergency, forTreatment] = [
      await signedIn(service.url, ambulance, "ETREAT"),
      await signedIn(service.url, ambulance),
    ];
    expect((await forEmergency("/fhir/Patient/alice")).status).to.equal(404);
    await ambulance.client.breakGlass({
      patient: alice.id,
      reason: "Found unconscious in the street",
    });
    expect((await forEmergency("/fhir/Patient/alice")).status).to.equal(200);
    expect((await forTreatment("/fhir/Patient/alice")).status).to.equal(404);
    expect((await forEmergency("/fhir/Condition/depression")).status).to.equal(404);
  });

  it("shows nothing by a grant that a constraint narrows, whose file it doesn't hold", async () => {
    const until = (await world.now()) + HOUR;
    const lab = await world.institution("Laboratory");
    const narrowing = { from: 0, to: 1_900_000_000 };
    const input = { viewer: lab.id, categories: ["OBSERVATION"], purpose: "TREAT", until } as const;
    await alice.client.grantAccess({ ...input, constraint: narrowing });
    expect((await (await signedIn(service.url, lab))("/fhir/Observation/weight")).status).to.equal(404);
  });

  it("answers a batch of reads, each by itself", async () => {
    await grant(["OBSERVATION"]);
    const entry = ["Observation/weight", "Condition/depression", "Observation?code=29463-7"].map((url) => ({
      request: { method: "GET", url },
    }));
    const write = { request: { method: "DELETE", url: "Observation/weight" } };
    const { status, json } = await asClinic("/fhir", {
      method: "POST",
      headers: { "content-type": "application/fhir+json" },
      body: JSON.stringify({ resourceType: "Bundle", type: "batch", entry: [...entry, write] }),
    });
    expect(status).to.equal(200);
    expect(json.entry?.map(({ response }) => response?.status)).to.deep.equal(["200", "404", "200", "405"]);
  });

  it("refuses by name what it doesn't do", async () => {
    for (const [path, init, status, what] of [
      [
        "/fhir/Observation/weight",
        { method: "PUT", headers: { "content-type": "application/fhir+json" }, body: "{}" },
        405,
        "PUT",
      ],
      ["/fhir/Observation?_filter=code", {}, 400, "_filter"],
      ["/fhir/Observation?no-such=1", {}, 400, "no-such"],
      ["/fhir/Observation/weight?_elements=id", {}, 400, "_elements"],
      ["/fhir/Observation/weight?_format=xml", {}, 406, "json"],
      ["/fhir/Observation/weight/$graph", {}, 404, "$graph"],
    ] as const) {
      const { status: answered, json } = await asClinic(path, init);
      expect([answered, json.resourceType], path).to.deep.equal([status, "OperationOutcome"]);
      expect(JSON.stringify(json), path).to.include(what);
    }
  });

  it("tells patient and staff why, and nobody else", async () => {
    await grant(["OBSERVATION"]);
    const query = `/explain?patient=${alice.id}&viewer=${clinic.id}&purpose=TREAT`;
    for (const ask of [asAlice, asStaff]) {
      const { status, json } = await ask(query);
      expect(status).to.equal(200);
      const told = json as unknown as {
        category: string;
        allowed: boolean;
        reason?: string;
        bases: { basis: string }[];
      }[];
      const [observation, sensitive] = ["OBSERVATION", "SENSITIVE"].map((name) =>
        told.find(({ category }) => category === name)!,
      );
      expect([observation!.allowed, observation!.bases[0]?.basis]).to.deep.equal([true, "grant"]);
      expect([sensitive!.allowed, sensitive!.reason, sensitive!.bases]).to.deep.equal([false, "NOT_GRANTED", []]);
    }
    expect((await asClinic(query)).status).to.equal(403);
    expect((await asStaff(`/explain?patient=${clinic.id}&viewer=1&purpose=TREAT`)).status).to.equal(404);
    expect((await asStaff("/explain?patient=0&viewer=1&purpose=TREAT")).status).to.equal(400);
  });

  it("enters every answer before it goes out, and has all of them after it was killed", async () => {
    await grant(["OBSERVATION"]);
    const { headers } = await asClinic("/fhir/Observation/weight", {
      headers: { "chartchain-acting-person": "Dr. Sample" },
    });
    const request = headers.get("x-request-id");
    await service.stop("SIGKILL");
    const database = openFile(join(data, "journal.sqlite"));
    const entry = database.prepare("SELECT * FROM entries WHERE request = ?").get(request);
    database.close();
    expect(entry).to.include({
      ...{
        patient: alice.id,
        recipient: clinic.id,
        person: "Dr. Sample",
        purpose: "TREAT",
        basis: "grant",
        outcome: "shown",
      },
      what: JSON.stringify({ interaction: "read", asked: "Observation/weight", resources: ["Observation/weight"] }),
    });
    service = await serve(hospital.passphrase, config);
    asClinic = await signedIn(service.url, clinic);
    expect((await asClinic("/fhir/Observation/weight")).status).to.equal(200);
  });

  it("writes nothing about a person into its log and its metrics", async () => {
    await asClinic("/fhir/Patient?family=Example");
    const metrics = await (await fetch(`${service.url}/metrics`)).text();
    expect(metrics).to.include("chartchain_gatekeeper_request_seconds_count");
    for (const said of [service.log(), metrics]) expect(said).not.to.match(/alice|Example|weight|depression|Sample/i);
    expect(service.log()).to.include('"route":"/fhir/*"');
  });

  it("denies others while the chain is out of reach, and shows the hospital's own staff its own records", async () => {
    line.isCut = true;
    const denied = await asClinic("/fhir/Observation/weight");
    expect([denied.status, denied.json.resourceType, denied.headers.get("retry-after")]).to.deep.equal([
      503,
      "OperationOutcome",
      "2",
    ]);
    expect((await asStaff("/fhir/Observation/weight")).status).to.equal(200);
    const ready = await asStaff("/ready");
    expect([ready.status, ready.json]).to.deep.equal([503, { chain: "it doesn't answer", store: "ok" }]);
    line.isCut = false;
    expect((await asClinic("/fhir/Observation/weight")).status).to.equal(200);
  });

  it("denies others while the node refuses every call, says when to come again, and nothing of what the node said", async () => {
    line.error = { code: -32_601, message: "the method is not enabled at node.hospital.example" };
    const denied = await asClinic("/fhir/Observation/weight");
    expect([denied.status, denied.headers.get("retry-after")]).to.deep.equal([503, "2"]);
    expect(denied.json.resourceType).to.equal("OperationOutcome");
    expect(JSON.stringify(denied.json)).not.to.match(/enabled|hospital|weight/);
    expect((await asStaff("/fhir/Observation/weight")).status).to.equal(200);
    line.error = undefined;
    expect((await asClinic("/fhir/Observation/weight")).status).to.equal(200);
  });

  it("doesn't start a second time on the same folder: the second one says who has it and what to do, the first one serves on", async () => {
    const { code, output } = await command(hospital.passphrase, "start", "--config", config);
    expect(code).to.equal(1);
    expect(output).to.match(
      /^JOURNAL_IN_USE: another gatekeeper has the journal open: .*\nStop the other one, or give/,
    );
    expect((await asClinic("/fhir/Observation/weight")).status).to.equal(200);
  });

  it("stops in good order", async () => {
    expect(await service.stop()).to.equal(0);
  });
});
