import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { type Actor, createDevnet, fixture, relate } from "../../../../devnet/index.js";
import { ChartChainError } from "../../../../src/errors/index.js";
import { exportFromServer } from "../../../../src/fhir/index.js";
import { importFolder, importServer, type ServerImportOptions } from "../../../../src/sdk/node/index.js";
import { startFhirServer, type SmallFhirServer } from "../../../helpers/fhir-server.js";
import { attest, patientOf, weightOf, type Person } from "./people.js";
import { chartOf } from "./chart-of.js";
import { collect } from "../../../crypto/helpers.js";
import { expectCode } from "../../helpers.js";

const ALICE: Person = { id: "1", mrn: "1001", born: "1961-04-17", family: "Novak" };
const BOB: Person = { id: "2", mrn: "1002", born: "1987-11-30", family: "Ilves" };
const TOKEN = "t0ken-of-the-import";

describe("importServer", () => {
  const load = fixture(async () => {
    const world = await createDevnet();
    const clinic = await world.institution("General Hospital");
    const [alice, bob] = [await world.patient("alice"), await world.patient("bob")];
    for (const patient of [alice, bob]) await relate(clinic, patient);
    await attest(clinic, alice, ALICE);
    await attest(clinic, bob, BOB);
    return Object.assign(world, { clinic, alice, bob });
  });
  let server: SmallFhirServer;
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "chartchain-server-"));
  });
  beforeEach(async () => {
    server = await startFhirServer(TOKEN);
    server.put(patientOf(ALICE), patientOf(BOB));
    server.put(...[1, 2, 3, 4].map((at) => weightOf(ALICE, `a${at}`, 60 + at)), weightOf(BOB, "b1", 80));
  });
  afterEach(() => server.close());
  after(async () => {
    await (await load()).close();
    await rm(folder, { recursive: true });
  });

  const take = ({ client }: Actor, more: Partial<ServerImportOptions> = {}) =>
    importServer(client, { url: server.url, headers: { authorization: `Bearer ${TOKEN}` }, folder, ...more });
  const askedFor = (what: RegExp) => server.requests.filter((each) => what.test(each));

  for (const by of ["export", "search"] as const) {
    it(`takes what each patient has by ${by}, then what changed since, and amends it`, async () => {
      const { clinic, alice, bob } = await load();
      server.exports = by === "export";
      const first = await take(clinic);
      expect(first).to.deep.include({ by, added: 4, amended: 0, waiting: {}, left: [] });
      expect(first).not.to.have.property("since");
      expect(await chartOf(clinic, bob)).to.deep.equal(["Observation/b1 80", "Patient/2"]);
      expect(await readdir(folder), "nothing stays in the clear").to.deep.equal([]);

      server.put(weightOf(ALICE, "a2", 70), weightOf(ALICE, "a5", 65));
      server.requests.length = 0;
      const second = await take(clinic);
      expect(second).to.deep.include({ by, since: first.next });
      expect(askedFor(by === "export" ? /_since=/ : /_lastUpdated=ge/)).not.to.deep.equal([]);
      expect(second.amended).to.equal(1);
      expect(await chartOf(clinic, alice)).to.deep.equal(
        ["a1 61", "a2 70", "a3 63", "a4 64", "a5 65"].map((each) => `Observation/${each}`).concat("Patient/1"),
      );
      expect((await take(clinic)).added).to.equal(0);
      expect((await take(clinic, { again: true })).added).to.equal(0);
      const vault = JSON.stringify(clinic.vault.settings.get("import-cursors"));
      expect(vault).to.include(server.url).and.not.to.include(TOKEN);
    });
  }

  it("finds whose an Observation is that comes without its Patient, by the server's own id", async () => {
    const { clinic, alice } = await load();
    await take(clinic);
    server.put({ ...weightOf(ALICE, "a9", 69), code: { text: "weight at home" } });
    expect(await take(clinic)).to.deep.include({ added: 1, waiting: {} });
    expect(await chartOf(clinic, alice)).to.include("Observation/a9 69");
  });

  it("goes on with the files and the export that were there when it was interrupted", async () => {
    const { clinic } = await load();
    server.before = ({ url }) => (url?.endsWith("/Observation") ? { status: 500 } : undefined);
    await expectCode("FHIR_SERVER_REFUSED", take(clinic));
    server.before = () => undefined;
    server.requests.length = 0;
    const report = await take(clinic);
    expect(report).to.deep.include({ by: "export", added: 4 });
    expect(askedFor(/\$export|jobs\/job-1\/Patient$/), "what was there isn't fetched again").to.deep.equal([]);
    expect(askedFor(/DELETE/), "the export is given back").to.have.length(1);
  });

  it("begins another export where the server has forgotten the first", async () => {
    const { clinic } = await load();
    server.before = ({ url }) => (url?.endsWith("/Observation") ? { status: 500 } : undefined);
    await expectCode("FHIR_SERVER_REFUSED", take(clinic));
    server.before = ({ url }) => (url?.includes("/job-1") ? { status: 404 } : undefined);
    expect(await take(clinic)).to.deep.include({ by: "export", added: 4 });
  });

  it("asks again where the server is busy, as long after as it says, and where a connection breaks", async () => {
    const { clinic } = await load();
    let asked = 0;
    server.before = () => {
      asked += 1;
      if (asked % 3 === 1) return { status: 429, headers: { "retry-after": "0" } };
      return asked === 2 ? "hang up" : undefined;
    };
    expect(await take(clinic)).to.deep.include({ added: 4 });
  });

  it("falls back to search where the export that is named is refused", async () => {
    const { clinic } = await load();
    server.before = ({ url }) => (url?.includes("$export") ? { status: 501 } : undefined);
    expect(await take(clinic)).to.deep.include({ by: "search", added: 4 });
  });

  it("asks for everything again as long as something has no place", async () => {
    const { clinic } = await load();
    const stranger: Person = { id: "3", mrn: "1003", born: "1950-01-01" };
    const put = clinic.vault.worklist.put.bind(clinic.vault.worklist);
    server.put(patientOf(stranger));
    clinic.vault.worklist.put = () => {
      throw new ChartChainError("WORKLIST_FULL", "no room", { hint: "Resolve what waits." });
    };
    const full = await take(clinic);
    expect(full.left.map(({ code }) => code)).to.deep.equal(["NO_CHART"]);
    expect(full).not.to.have.property("next");
    clinic.vault.worklist.put = put;
    const again = await take(clinic);
    expect(again).to.deep.include({ added: 0, alreadyThere: 4, waiting: { NO_CHART: 1 } });
    expect(again).to.have.property("next");
  });

  it("keeps nothing of a dry run, and moves no cursor", async () => {
    const { clinic } = await load();
    const dry = await take(clinic, { dryRun: true });
    expect(dry).to.deep.include({ dryRun: true, added: 4 });
    expect(await readdir(folder)).to.deep.equal([]);
    expect(clinic.vault.settings.get("import-cursors")).to.equal(undefined);
  });

  it("writes nothing of a URL with credentials in it, and makes no folder for it", async () => {
    const { clinic } = await load();
    for (const secret of ["http://reader:PW-secret@127.0.0.1:1/fhir", "https://fhir.example/r4?token=PW-secret"]) {
      const error = await expectCode("FHIR_SERVER_URL_INVALID", take(clinic, { url: secret }));
      expect(JSON.stringify(error)).not.to.include("PW-secret");
      const named = { path: folder, server: secret, dryRun: true, mayBeNobody: true };
      await expectCode("FHIR_SERVER_URL_INVALID", importFolder(clinic.client, named));
    }
    expect(await readdir(folder)).to.deep.equal([]);
    const fresh = join(folder, "fresh");
    await expectCode("FHIR_SERVER_URL_INVALID", take(clinic, { url: "https://a:b@fhir.example", folder: fresh }));
    expect(await readdir(folder)).to.deep.equal([]);
    const plain = { path: folder, server: "http://fhir.example/r4", dryRun: true, mayBeNobody: true };
    expect((await importFolder(clinic.client, plain)).added, "a server that is only named").to.equal(0);
  });

  it("lets nobody else read the folder", async () => {
    const { clinic } = await load();
    server.before = ({ url }) => (url?.endsWith("/Observation") ? { status: 500 } : undefined);
    await expectCode("FHIR_SERVER_REFUSED", take(clinic));
    const names = await readdir(folder, { recursive: true });
    for (const name of names) {
      const { mode } = await stat(join(folder, name));
      expect(mode & 0o077, name).to.equal(0);
    }
    expect(names.join()).to.include("Patient.0.ndjson");
    server.before = () => undefined;
    await take(clinic);
  });
});

describe("a FHIR server as a source", () => {
  let server: SmallFhirServer;
  let other: SmallFhirServer;
  before(async () => {
    [server, other] = [await startFhirServer(TOKEN), await startFhirServer(TOKEN)];
    server.put(patientOf(ALICE));
  });
  afterEach(() => {
    server.before = () => undefined;
    other.requests.length = 0;
  });
  after(() => Promise.all([server.close(), other.close()]));

  const ask = (more: object = {}) =>
    exportFromServer({ url: server.url, headers: { authorization: `Bearer ${TOKEN}` }, ...more });
  const read = async ({ files }: Awaited<ReturnType<typeof ask>>) => {
    for (const file of files) await collect(file.read());
  };
  const instead = (what: RegExp, status: number, body: object | string, headers = {}) => {
    server.before = ({ url }) => {
      const text = typeof body === "string" ? body : JSON.stringify(body);
      return what.test(url!) ? { status, headers, body: text } : undefined;
    };
  };

  it("is asked at its own origin alone, and no credential goes elsewhere", async () => {
    const elsewhere = `${other.url}/metadata`;
    for (const status of [301, 302, 307, 308]) {
      instead(/metadata/, status, "", { location: elsewhere });
      await expectCode("FHIR_SERVER_LEFT", ask());
    }
    instead(/export/, 202, "", { "content-location": elsewhere });
    await expectCode("FHIR_SERVER_LEFT", ask());
    instead(/jobs/, 200, { transactionTime: "2026-01-01T00:00:00Z", output: [{ type: "Patient", url: elsewhere }] });
    await expectCode("FHIR_SERVER_LEFT", ask());
    instead(/Patient/, 200, {
      resourceType: "Bundle",
      type: "searchset",
      link: [{ relation: "next", url: elsewhere }],
    });
    await expectCode("FHIR_SERVER_LEFT", ask({ by: "search" }).then(read));
    expect(other.requests).to.deep.equal([]);
  });

  it("is refused where its answers are none", async () => {
    instead(/metadata/, 200, "<html>");
    await expectCode("FHIR_SERVER_ANSWER_INVALID", ask());
    instead(/metadata/, 200, { resourceType: "CapabilityStatement", fhirVersion: "5.0.0" });
    await expectCode("FHIR_SERVER_ANSWER_INVALID", ask());
    instead(/metadata/, 401, "");
    const { hint } = await expectCode("FHIR_SERVER_REFUSED", ask());
    expect(hint).to.include("credentials");
    instead(/jobs/, 200, { output: [] });
    await expectCode("FHIR_SERVER_ANSWER_INVALID", ask());
    instead(/jobs/, 500, "");
    await expectCode("FHIR_SERVER_REFUSED", ask());
    instead(/Patient/, 200, {
      resourceType: "Bundle",
      type: "searchset",
      link: [{ relation: "next", url: "Patient?_count=200" }],
    });
    await expectCode("FHIR_SERVER_ANSWER_INVALID", ask({ by: "search" }).then(read));
    // Each page leads to another one, and none brings anything.
    let page = 0;
    server.before = ({ url }) => {
      if (!url!.includes("Patient")) return undefined;
      const link = [{ relation: "next", url: `Patient?page=${(page += 1)}` }];
      return { status: 200, body: JSON.stringify({ resourceType: "Bundle", type: "searchset", link }) };
    };
    await expectCode("FHIR_SERVER_ANSWER_INVALID", ask({ by: "search", types: ["Patient"] }).then(read));
    expect(page).to.equal(101);
    server.before = () => undefined;
    await expectCode("FHIR_SERVER_ANSWER_INVALID", ask({ maxBytes: 10 }));
    server.before = () => "hang up";
    await expectCode("FHIR_SERVER_UNREACHABLE", ask({ headers: {} }));
  });

  it("is said to be busy in the end, and when to come again; every refusal names it", async () => {
    const busy = { longestPause: 1 };
    instead(/metadata/, 429, "", { "retry-after": "600" });
    const refused = await expectCode("FHIR_SERVER_REFUSED", ask(busy));
    expect(refused.hint).to.include("busy").and.include("10 minutes");
    expect(refused.details).to.deep.equal({ server: server.url, status: 429, retryAfter: 600 });
    instead(/metadata/, 503, "");
    expect((await expectCode("FHIR_SERVER_REFUSED", ask(busy))).hint).to.include("60 seconds");
    const others = [];
    instead(/metadata/, 200, "<html>");
    others.push(await expectCode("FHIR_SERVER_ANSWER_INVALID", ask()));
    instead(/metadata/, 302, "", { location: other.url });
    others.push(await expectCode("FHIR_SERVER_LEFT", ask()));
    instead(/jobs/, 202, "", { "retry-after": "120" });
    others.push(await expectCode("FHIR_SERVER_UNREACHABLE", ask({ longestExport: 20 })));
    for (const { message, details } of [refused, ...others]) {
      expect(message).to.include(server.url);
      expect(details).to.include({ server: server.url });
    }
  });

  it("is named by a URL without credentials, and without encryption on this machine alone", async () => {
    for (const url of [
      "http://fhir.example/r4",
      "https://a:b@fhir.example/r4",
      "https://fhir.example/r4?key=1",
      "ftp://x",
      "fhir",
    ]) {
      const { message } = await expectCode("FHIR_SERVER_URL_INVALID", exportFromServer({ url }));
      expect(message).not.to.include("a:b");
    }
  });

  it("stops at once where it is told to", async () => {
    const controller = new AbortController();
    instead(/jobs/, 202, "", { "retry-after": "120" });
    const stopped = ask({ signal: controller.signal }).catch((error: Error) => error.message);
    while (!server.requests.some((each) => each.includes("jobs")))
      await new Promise((resolve) => setTimeout(resolve, 5));
    controller.abort(new Error("enough"));
    expect(await stopped).to.equal("enough");
  });
});
