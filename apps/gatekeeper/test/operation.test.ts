import { execFileSync, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect } from "chai";
import { createDevnet, relate, type Actor, type Devnet } from "chartchain/devnet";
import { openFile } from "chartchain/sqlite/node";

import { command, reader, serve, setUp, signIn, STAFF, type Served } from "./stage.js";

const HOUR = 3_600;
const UNIT = fileURLToPath(new URL("../chartchain-gatekeeper.service", import.meta.url));

/** Enough for several pages. */
const CHART = {
  resourceType: "Bundle",
  type: "collection",
  entry: [
    { resource: { resourceType: "Patient", id: "alice", birthDate: "1980-02-03" } },
    ...["a", "b", "c"].map((id) => ({
      resource: {
        ...{ resourceType: "Observation", id, status: "final", subject: { reference: "Patient/alice" } },
        code: { coding: [{ system: "http://loinc.org", code: "29463-7" }] },
      },
    })),
  ],
};

describe("a gatekeeper in operation", () => {
  let world: Devnet;
  let hospital: Actor;
  let clinic: Actor;
  let folder: string;
  let config: string;
  let service: Served;
  before(async () => {
    world = await createDevnet();
    hospital = await world.institution("General Hospital");
    clinic = await world.institution("City Clinic");
    const alice = await world.patient("alice");
    await relate(hospital, alice);
    const until = (await world.now()) + HOUR;
    await alice.client.grantAccess({ viewer: clinic.id, categories: ["OBSERVATION"], purpose: "TREAT", until });
    folder = mkdtempSync(join(tmpdir(), "chartchain-gatekeeper-"));
    ({ config } = setUp(world, hospital, join(folder, "first")));
    const file = join(folder, "alice.json");
    writeFileSync(file, JSON.stringify(CHART));
    const imported = await command(hospital.passphrase, "import", "--config", config, "--patient", `${alice.id}`, file);
    expect(imported.code, imported.output).to.equal(0);
    service = await serve(hospital.passphrase, config);
  });
  after(async () => {
    await service?.stop();
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("is all there after its folder was copied while it stood still: sign-ins, entries, pages that were begun", async () => {
    const token = await signIn(service.url, clinic);
    const first = await reader(service.url, token)("/fhir/Observation?_count=2");
    expect(first.json.entry).to.have.length(2);
    const next = first.json.link!.find(({ relation }) => relation === "next")!.url;
    expect(await service.stop()).to.equal(0);

    // With owners and modes: a home that others can read isn't opened.
    execFileSync("cp", ["-a", join(folder, "first"), join(folder, "restored")]);
    rmSync(join(folder, "first"), { recursive: true });
    const journal = openFile(join(folder, "restored", "data", "journal.sqlite"));
    const request = first.headers.get("x-request-id");
    expect(journal.prepare("SELECT outcome FROM entries WHERE request = ?").get(request)).to.include({
      outcome: "shown",
    });
    journal.close();
    config = join(folder, "restored", "gatekeeper.json");
    service = await serve(hospital.passphrase, config);
    const second = await reader(service.url, token)(next.slice("http://gatekeeper.hospital.example".length));
    expect([second.status, second.json.entry?.length]).to.deep.equal([200, 1]);
  });

  it("answers what it began before it was told to stop, takes nothing new, and ends with 0", async () => {
    const { hostname, port } = new URL(service.url);
    const batch = JSON.stringify({
      ...{ resourceType: "Bundle", type: "batch" },
      entry: [{ request: { method: "GET", url: "Observation/a" } }],
    });
    const begun = connect(Number(port), hostname);
    let said = "";
    begun.on("data", (chunk: Buffer) => (said += chunk.toString("utf8")));
    await once(begun, "connect");
    const head = [
      ...["POST /fhir HTTP/1.1", "Host: x", `Authorization: Bearer ${STAFF}`, "Content-Type: application/fhir+json"],
      ...[`Content-Length: ${batch.length}`, "Connection: close", "", ""],
    ].join("\r\n");
    begun.write(head + batch.slice(0, 10));
    // It has the request's head when another one, that came behind it, was answered.
    expect((await fetch(`${service.url}/health`)).status).to.equal(200);

    const closed = once(service.process, "close");
    service.process.kill("SIGTERM");
    while (!service.log().includes('"what":"stopping"')) await once(service.process.stdout!, "data");
    begun.write(batch.slice(10));
    await once(begun, "close");
    expect(said).to.match(/^HTTP\/1\.1 200 /);
    expect(said).to.include('"id":"a"');
    const refused = await fetch(`${service.url}/health`).then(
      ({ status }) => status,
      () => 503,
    );
    expect(refused).to.equal(503);
    expect((await closed)[0]).to.equal(0);
  });

  it("has a unit for systemd that systemd understands, and shuts in", function () {
    if (spawnSync("systemd-analyze", ["--version"]).status !== 0) {
      console.log("      skipped: systemd-analyze isn't installed");
      return this.skip();
    }
    const verified = spawnSync("systemd-analyze", ["verify", UNIT], { encoding: "utf8" });
    expect([verified.status, verified.stderr]).to.deep.equal([0, ""]);
    const told = execFileSync("systemd-analyze", ["security", "--offline=yes", "--threshold=20", UNIT], {
      encoding: "utf8",
    });
    expect(told).to.match(/Overall exposure level[^]*OK/);
  });
});
