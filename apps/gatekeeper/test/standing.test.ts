import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { identitySalt } from "chartchain";
import { type Actor, childRequest, createDevnet, type Devnet, relate, throughJson } from "chartchain/devnet";

import { command, reader, serve, setUp, signedIn, STAFF, type Reader, type Served } from "./stage.js";
import { attest, patientOf, weightOf } from "./upstream/people.js";

const HOUR = 3_600;
const ALONE = { security: [{ system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code: "ADOL" }] };

const visit = (patient: string, id: string): object => ({
  ...{ resourceType: "Encounter", id, status: "finished", class: { code: "AMB" } },
  subject: { reference: `Patient/${patient}` },
});
const during = (encounter: string): object => ({ encounter: { reference: `Encounter/${encounter}` } });

const OF_ALICE = [
  patientOf("alice", "1001"),
  ...[visit("alice", "e1"), visit("alice", "e2")],
  ...[weightOf("alice", "in-e1", 60, during("e1")), weightOf("alice", "in-e2", 61, during("e2"))],
  weightOf("alice", "wrong", 99, { status: "entered-in-error" }),
  {
    ...{ resourceType: "AllergyIntolerance", id: "refuted", patient: { reference: "Patient/alice" } },
    code: { text: "Peanut" },
    verificationStatus: {
      coding: [
        { system: "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification", code: "entered-in-error" },
      ],
    },
  },
  {
    ...{ resourceType: "DocumentReference", id: "letter", status: "current", subject: { reference: "Patient/alice" } },
    ...{ type: { text: "Letter" }, content: [{ attachment: { contentType: "text/plain", url: "Binary/letter" } }] },
  },
  { resourceType: "Binary", id: "letter", contentType: "text/plain", data: "SGVsbG8=" },
  { resourceType: "Binary", id: "of-nothing", contentType: "text/plain", data: "SGVsbG8=" },
];

const OF_CHILD = [
  patientOf("child", "9", { birthDate: "2015-01-01", name: [{ family: "Young" }] }),
  weightOf("child", "ordinary", 30),
  weightOf("child", "alone", 31, { meta: ALONE }),
];

describe("what a gatekeeper heeds besides grants", () => {
  let world: Devnet;
  let hospital: Actor;
  let clinic: Actor;
  let alice: Actor;
  let parent: Actor;
  let child: number;
  let commitment: string;
  let folder: string;
  let service: Served;
  let asStaff: Reader;
  before(async () => {
    world = await createDevnet();
    hospital = await world.institution("General Hospital");
    clinic = await world.institution("City Clinic");
    [alice, parent] = [await world.patient("alice"), await world.patient("parent")];
    await relate(hospital, alice);
    commitment = await attest(hospital, alice, "1001");
    const attestation = await hospital.client.attestChild({
      ...(await childRequest(parent)),
      ...{ identifier: "http://general-hospital.example/mrn|9", salt: identitySalt() },
      comesOfAgeIn: new Date((await world.now()) * 1000).getUTCFullYear() + 1,
    });
    child = (await parent.client.registerChild({ attestation: throughJson(attestation) })).participant;
    await relate(hospital, { ...parent, id: child });
    // The vault has the constraint before the service has the vault.
    const word = { viewer: clinic.id, purpose: "TREAT" } as const;
    await alice.client.grantAccess({
      ...{ ...word, categories: ["OBSERVATION", "CARE"], until: (await world.now()) + HOUR },
      constraint: { encounter: "Encounter/e1" },
    });
    const file = throughJson(await alice.client.releaseConstraint({ ...word, to: hospital.id }));
    await hospital.client.takeConstraint({ file });

    folder = mkdtempSync(join(tmpdir(), "chartchain-gatekeeper-standing-"));
    const { config } = setUp(world, hospital, folder);
    for (const [patient, resources] of [
      [alice.id, OF_ALICE],
      [child, OF_CHILD],
    ] as const) {
      const bundle = join(folder, `${patient}.json`);
      const entry = (resources as { resourceType: string; id: string }[]).map((resource) => ({
        ...{ fullUrl: `http://hospital.example/fhir/${resource.resourceType}/${resource.id}`, resource },
      }));
      writeFileSync(bundle, JSON.stringify({ resourceType: "Bundle", type: "collection", entry }));
      const { code, output } = await command(
        hospital.passphrase,
        ...["import", "--config", config, "--patient", String(patient), bundle],
      );
      expect([code, output]).to.deep.equal([0, output]);
    }
    service = await serve(hospital.passphrase, config);
    asStaff = reader(service.url, STAFF);
  });
  after(async () => {
    await service?.stop();
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const found = async (ask: Reader, type = "Observation") =>
    ((await ask(`/fhir/${type}`)).json.entry ?? []).map(({ resource }) => resource?.id).sort();

  it("a constraint whose file its vault holds: the records that it admits, and no others", async () => {
    const asClinic = await signedIn(service.url, clinic);
    expect(await found(asClinic)).to.deep.equal(["in-e1"]);
    expect((await asClinic("/fhir/Observation?_total=accurate")).json.total).to.equal(1);
    expect((await asClinic("/fhir/Observation/in-e2")).status).to.equal(404);
    expect((await asClinic("/fhir/Encounter/e2")).status).to.equal(404);
    // Not for another purpose.
    expect(await found(await signedIn(service.url, clinic, "ETREAT"))).to.deep.equal([]);
  });

  it("care that a minor consented to alone: nothing of it for who represents the child, or whom that one lets in", async () => {
    const asParent = await signedIn(service.url, parent);
    expect(await found(asParent)).to.deep.equal(["ordinary"]);
    expect((await asParent("/fhir/Observation/alone")).status).to.equal(404);
    const school = await world.institution("School Clinic");
    await parent.client.grantAccess({
      ...{ patient: child, viewer: school.id, purpose: "TREAT", categories: ["OBSERVATION"] },
      until: (await world.now()) + HOUR,
    });
    expect(await found(await signedIn(service.url, school))).to.deep.equal(["ordinary"]);
    expect(await found(asStaff)).to.include.members(["alone", "ordinary"]);
  });

  it("that a record was entered in error: its author's staff sees it, the patient and others don't", async () => {
    const asAlice = await signedIn(service.url, alice, "PATRQT");
    expect(await found(asAlice)).to.deep.equal(["in-e1", "in-e2"]);
    expect(await found(asAlice, "AllergyIntolerance")).to.deep.equal([]);
    expect((await asAlice("/fhir/Observation/wrong")).status).to.equal(404);
    expect(await found(asStaff)).to.include("wrong");
    expect(await found(asStaff, "AllergyIntolerance")).to.deep.equal(["refuted"]);
  });

  it("a Binary only where a record that may be seen refers to it", async () => {
    const asAlice = await signedIn(service.url, alice, "PATRQT");
    expect((await asAlice("/fhir/Binary/letter")).json["data"]).to.equal("SGVsbG8=");
    const asClinic = await signedIn(service.url, clinic);
    expect((await asClinic("/fhir/Binary/letter")).status).to.equal(404);
    const other = await world.institution("Rehabilitation");
    const until = (await world.now()) + HOUR;
    await alice.client.grantAccess({ viewer: other.id, purpose: "TREAT", categories: ["OBSERVATION"], until });
    const asOther = await signedIn(service.url, other);
    expect([await found(asOther), await found(asOther, "Binary")]).to.deep.equal([["in-e1", "in-e2"], []]);
  });

  it("the patient summary: of what may be seen, and of nothing else", async () => {
    const asAlice = await signedIn(service.url, alice, "PATRQT");
    const { status, json } = await asAlice("/fhir/Patient/alice/$summary");
    expect([status, json.resourceType, json["type"]]).to.deep.equal([200, "Bundle", "document"]);
    expect(json.entry?.[0]?.resource?.resourceType).to.equal("Composition");
    expect(JSON.stringify(json)).to.not.include("Peanut");
    const asClinic = await signedIn(service.url, clinic);
    expect((await asClinic("/fhir/Patient/alice/$summary")).status).to.equal(404);
    expect((await asAlice("/fhir/Patient/alice/$summary?graph=x")).status).to.equal(400);
    const operations = (
      (await asAlice("/fhir/metadata")).json as {
        rest?: { resource: { type: string; operation?: { name: string }[] }[] }[];
      }
    ).rest![0]!.resource.find(({ type }) => type === "Patient")!.operation;
    expect(operations?.map(({ name }) => name)).to.deep.equal(["everything", "summary"]);
  });

  it("an operator's account until it is removed or frozen", async () => {
    const insurer = await world.institution("Insurer");
    const until = (await world.now()) + HOUR;
    await alice.client.grantAccess({ viewer: insurer.id, purpose: "TREAT", categories: ["OBSERVATION"], until });
    const joined = async (name: string): Promise<Actor> => {
      const clerk = await world.actor(name);
      await insurer.client.addAccount({
        file: throughJson(await clerk.client.signJoining({ participant: insurer.id })),
      });
      return clerk;
    };
    const [removed, frozen] = [await joined("removed"), await joined("frozen")];
    const [asRemoved, asFrozen] = [await signedIn(service.url, removed), await signedIn(service.url, frozen)];
    for (const ask of [asRemoved, asFrozen]) expect(await found(ask)).to.deep.equal(["in-e1", "in-e2"]);
    await insurer.client.retireAccount({ account: removed.wallet.address });
    expect((await asRemoved("/fhir/Observation")).status).to.equal(401);
    expect((await asFrozen("/fhir/Observation")).status).to.equal(200);
    await world.authority.freezeOperators({ institution: insurer.id });
    expect((await asFrozen("/fhir/Observation")).status).to.equal(401);
  });

  it("a withdrawn identity: nothing for that participant, and nothing of the chart for anybody, until it is restored", async () => {
    const [asAlice, asClinic] = [await signedIn(service.url, alice, "PATRQT"), await signedIn(service.url, clinic)];
    expect([(await found(asAlice)).length, (await found(asClinic)).length]).to.deep.equal([2, 1]);
    const { Registrar } = hospital.client.contracts;
    await (await Registrar.withdrawIdentity(commitment, true)).wait();
    expect([await found(asAlice), await found(asClinic)]).to.deep.equal([[], []]);
    expect((await asClinic("/fhir/Observation/in-e1")).status).to.equal(404);
    expect(await found(asStaff)).to.include("in-e1");
    const why = (await asStaff(`/explain?patient=${alice.id}&viewer=${clinic.id}&purpose=TREAT`)).json as unknown as {
      reason: string;
      allowed: boolean;
    }[];
    expect(why.every(({ reason, allowed }) => !allowed && reason === "IDENTITY_WITHDRAWN")).to.equal(true);
    await (await Registrar.withdrawIdentity(commitment, false)).wait();
    expect([(await found(asAlice)).length, (await found(asClinic)).length]).to.deep.equal([2, 1]);
  });
});
