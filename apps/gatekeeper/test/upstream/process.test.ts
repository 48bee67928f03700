import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

import { expect } from "chai";
import { createDevnet, relate, type Actor, type Devnet } from "chartchain/devnet";

import { command, reader, serve, setUp, signedIn, STAFF, type Reader, type Served } from "../stage.js";
import { type SmallServer, startSmallServer } from "./fhir-server.js";
import { attest, patientOf, PSYCHIATRIC, weightOf } from "./people.js";

const HOUR = 3_600;
const TOKEN = "upstream-token-of-the-tests";

describe("a gatekeeper, as a process in front of a FHIR server", () => {
  let world: Devnet;
  let hospital: Actor;
  let clinic: Actor;
  let alice: Actor;
  let folder: string;
  let config: string;
  let server: SmallServer;
  let service: Served | undefined;
  let asClinic: Reader;
  let asStaff: Reader;
  before(async () => {
    world = await createDevnet();
    hospital = await world.institution("General Hospital");
    clinic = await world.institution("City Clinic");
    alice = await world.patient("alice");
    await relate(hospital, alice);
    await attest(hospital, alice, "1001");
    folder = mkdtempSync(join(tmpdir(), "chartchain-gatekeeper-upstream-"));
    server = await startSmallServer();
    writeFileSync(join(folder, "token"), `${TOKEN}\n`, { mode: 0o600 });
    ({ config } = setUp(world, hospital, folder, {
      upstream: { url: server.url, tokenFile: "token", addresses: ["127.0.0.1"], every: 5 },
    }));
    server.put(patientOf("a", "1001"), weightOf("a", "w1", 60), weightOf("a", "w0", 59));
  });
  after(async () => {
    await service?.stop();
    await server?.close();
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const run = (...args: string[]) => command(hospital.passphrase, args[0]!, "--config", config, ...args.slice(1));
  const start = async () => {
    service = await serve(hospital.passphrase, config);
    asStaff = reader(service.url, STAFF);
    asClinic = await signedIn(service.url, clinic);
  };
  /** Follows it until an answer is as expected: it reads again every few seconds. */
  const until = async (ask: () => Promise<boolean>): Promise<void> => {
    while (!(await ask())) await setTimeout(100);
  };

  it("is read by a command, which the token and nothing else opens", async () => {
    expect(await run("sync")).to.deep.equal({
      code: 0,
      output: "3 new or changed, 0 deleted, 0 of nobody certain, 0 patients in doubt\n",
    });
    expect(new Set(server.authorizations)).to.deep.equal(new Set([`Bearer ${TOKEN}`]));
    expect((await run("patients", "--all")).output).to.equal(
      `Patient/a: taken; participant ${alice.id}'s; names ${alice.id}\n`,
    );
  });

  it("serves what was granted, as long as that is what the hospital's server has", async () => {
    await start();
    await alice.client.grantAccess({
      ...{ viewer: clinic.id, categories: ["OBSERVATION"], purpose: "TREAT", until: (await world.now()) + HOUR },
    });
    expect((await asClinic("/fhir/Observation/w1")).json["valueQuantity"]).to.deep.equal({ value: 60 });
    // At once, whatever was read when.
    server.put(weightOf("a", "w1", 61, PSYCHIATRIC));
    expect((await asClinic("/fhir/Observation/w1")).status).to.equal(404);
    expect((await asClinic("/fhir/Observation?_total=accurate")).json.total).to.equal(1);
    expect((await asStaff("/fhir/Observation/w1")).json["valueQuantity"]).to.deep.equal({ value: 61 });
  });

  it("follows what is new", async () => {
    server.put(weightOf("a", "w2", 62));
    await until(async () => (await asClinic("/fhir/Observation/w2")).status === 200);
    server.delete("Observation/w2");
    expect((await asClinic("/fhir/Observation/w2")).status).to.equal(410);
  });

  it("says 503 to others while that server is out of reach, without a word about it, and goes on showing its own staff", async () => {
    server.put(weightOf("a", "w3", 63));
    await until(async () => (await asClinic("/fhir/Observation/w3")).status === 200);
    server.instead = (request) => (request.socket.destroy(), true);
    const { status, json } = await asClinic("/fhir/Observation/w3");
    expect([status, json.resourceType]).to.deep.equal([503, "OperationOutcome"]);
    expect(JSON.stringify(json)).to.not.match(/127\.0\.0\.1|Observation|upstream/);
    // Nothing is asked about what isn't there for the clinic.
    expect((await asClinic("/fhir/Observation/no-such")).status).to.equal(404);
    expect((await asStaff("/fhir/Observation/w3")).status).to.equal(200);
    await until(async () => service!.log().includes('"what":"sync-failed","code":"FHIR_SERVER_UNREACHABLE"'));
    server.instead = undefined;
    expect((await asClinic("/fhir/Observation/w3")).status).to.equal(200);
    expect(service!.log()).to.not.include(TOKEN);
    await service!.stop();
  });

  it("has a person confirm what is in doubt", async () => {
    server.put(
      patientOf("a", "1001", { link: [{ other: { reference: "Patient/old" }, type: "replaces" }] }),
      weightOf("a", "w4", 64),
    );
    expect((await run("sync")).output).to.match(/1 patients in doubt/);
    expect((await run("patients")).output).to.equal(
      `Patient/a: doubtful, linked; participant ${alice.id}'s; names ${alice.id}\n`,
    );
    await start();
    expect([
      (await asClinic("/fhir/Observation/w4")).status,
      (await asStaff("/fhir/Observation/w4")).status,
    ]).to.deep.equal([404, 200]);
    await service!.stop();
    expect((await run("confirm", "--id", "a", "--reason", "asked")).code).to.not.equal(0);
    const confirmed = await run(
      "confirm",
      "--id",
      "a",
      "--participant",
      String(alice.id),
      "--reason",
      "asked at the desk",
    );
    expect(confirmed).to.deep.equal({ code: 0, output: `Patient/a is participant ${alice.id}'s: taken\n` });
    await start();
    expect((await asClinic("/fhir/Observation/w4")).status).to.equal(200);
  });

  it("is served again after a kill at any moment, and has everything once", async () => {
    await service!.stop("SIGKILL");
    server.put(...Array.from({ length: 30 }, (_, at) => weightOf("a", `many-${at}`, at)));
    for (let kills = 0; kills < 3; kills++) {
      let asked = 0;
      const seen = new Promise<void>((resolve) => {
        server.instead = () => (++asked > 2 * (kills + 1) && resolve(), false);
      });
      service = await serve(hospital.passphrase, config);
      await seen;
      await service.stop("SIGKILL");
    }
    server.instead = undefined;
    await start();
    await until(async () => (await asClinic("/fhir/Observation?_summary=count")).json.total === 33);
    expect((await run("sync")).code).to.not.equal(0);
  });
});
