import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { createDevnet, relate, type Actor, type Devnet } from "chartchain/devnet";

import { command, reader, serve, setUp, signIn, STAFF, type Reader, type Served } from "./stage.js";
import { PROGRAMS, type Server, startPostgres } from "./store/postgres.js";

const HOUR = 3_600;
const CHART = {
  ...{ resourceType: "Bundle", type: "collection" },
  entry: [
    { resource: { resourceType: "Patient", id: "alice", birthDate: "1980-02-03" } },
    {
      resource: {
        ...{ resourceType: "Observation", id: "weight", status: "final", subject: { reference: "Patient/alice" } },
        code: { coding: [{ system: "http://loinc.org", code: "29463-7" }] },
      },
    },
  ],
};

describe("a gatekeeper whose PostgreSQL stops", () => {
  let world: Devnet;
  let postgres: Server;
  let folder: string;
  let service: Served;
  let askers: Reader[];
  before(async function () {
    if (PROGRAMS === undefined) {
      console.log("    skipped: there is no /usr/lib/postgresql/*/bin here");
      return this.skip();
    }
    [world, postgres] = await Promise.all([createDevnet(), startPostgres()]);
    const hospital: Actor = await world.institution("General Hospital");
    const clinic = await world.institution("City Clinic");
    const alice = await world.patient("alice");
    await relate(hospital, alice);
    const until = (await world.now()) + HOUR;
    await alice.client.grantAccess({ viewer: clinic.id, categories: ["OBSERVATION"], purpose: "TREAT", until });
    folder = mkdtempSync(join(tmpdir(), "chartchain-gatekeeper-"));
    const { config } = setUp(world, hospital, folder, { databaseUrlFile: "database" });
    writeFileSync(join(folder, "database"), await postgres.database(), { mode: 0o600 });
    const file = join(folder, "alice.json");
    writeFileSync(file, JSON.stringify(CHART));
    const imported = await command(hospital.passphrase, "import", "--config", config, "--patient", `${alice.id}`, file);
    expect(imported.code, imported.output).to.equal(0);
    service = await serve(hospital.passphrase, config);
    askers = [reader(service.url, await signIn(service.url, clinic)), reader(service.url, STAFF)];
  });
  after(async () => {
    await service?.stop();
    await postgres?.stop();
    await world?.close();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  const statuses = async () => Promise.all(askers.map(async (ask) => (await ask("/fhir/Observation?_count=5")).status));

  it("says 503 and when to come again, tells its log why, and goes on when it is back", async () => {
    expect(await statuses()).to.deep.equal([200, 200]);
    const start = await postgres.pause();
    for (const ask of askers) {
      const { status, headers, json } = await ask("/fhir/Observation/weight");
      expect([status, headers.get("retry-after")]).to.deep.equal([503, "2"]);
      expect(json).to.have.property("resourceType", "OperationOutcome");
    }
    expect(service.log()).to.match(/"what":"unavailable","request":"[^"]+","code":"(ECONNREFUSED|57P01|none)"/);
    expect(service.log()).not.to.include('"what":"failure"');
    await start();
    expect(await statuses()).to.deep.equal([200, 200]);
  });
});
