import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

import { expect } from "chai";
import { createDevnet, type Actor, type Devnet } from "chartchain/devnet";

import { reader, serve, setUp, signedIn, STAFF, type Reader, type Served } from "./stage.js";

describe("a gatekeeper that is asked by somebody hostile", () => {
  let world: Devnet;
  let clinic: Actor;
  let folder: string;
  let service: Served;
  let ask: Reader;
  before(async () => {
    world = await createDevnet();
    const hospital = await world.institution("General Hospital");
    clinic = await world.institution("City Clinic");
    folder = mkdtempSync(join(tmpdir(), "chartchain-gatekeeper-"));
    service = await serve(hospital.passphrase, setUp(world, hospital, folder, { perMinute: 100 }).config);
    ask = await signedIn(service.url, clinic);
  });
  after(async () => {
    await service?.stop();
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(async () => {
    expect((await reader(service.url, STAFF)("/health")).status, "it lives on").to.equal(200);
    expect(service.log()).not.to.include('"what":"failure"');
  });

  /** Sends bytes as they are, and gives the answers' status lines. */
  async function raw(text: string | Buffer): Promise<string[]> {
    const { hostname, port } = new URL(service.url);
    const socket = connect(Number(port), hostname);
    let said = "";
    socket.on("data", (chunk: Buffer) => (said += chunk.toString("latin1")));
    socket.on("error", () => undefined);
    socket.end(text);
    await once(socket, "close");
    return [...said.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => status!);
  }

  for (const path of [
    ...[
      "/fhir/../health",
      "/fhir/Patient/..%2f..%2fmetrics",
      "/fhir/Patient/%2e%2e/%2e%2e",
      "/fhir/Patient/%00",
      "/fhir//Patient/1",
    ],
    ...[
      "/fhir/Patient/1/_history/..",
      "/fhir/Patient/1%3F_history",
      "/fhir/Patient/'%20OR%201=1--",
      "/fhir/__proto__/constructor",
    ],
    ...[
      "/fhir/Patient/1/_history/1/2/3",
      "/fhir/%F0%28%8C%28",
      "/fhir/Binary/http:%2f%2f127.0.0.1%2f",
      `/fhir/Patient/${"a".repeat(65)}`,
    ],
  ]) {
    it(`has nothing at ${path.slice(0, 60)}`, async () => {
      const [status] = await raw(
        `GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${STAFF}\r\nConnection: close\r\n\r\n`,
      );
      expect(Number(status)).to.be.within(400, 499);
    });
  }

  for (const query of [
    ...[
      "_id=%27%29%20OR%20true--",
      "name:exact=%00",
      `name=${"a".repeat(3_000)}`,
      "_sort=-name;drop",
      "_count=-1",
      "_count=1e9",
    ],
    ...[
      "birthdate=ge99999-99-99",
      "_page=AAAA",
      "_include=*",
      "_revinclude=*",
      "_has:Observation:patient:_has:x:y:z=1",
      "name=\\",
    ],
    "general-practitioner.organization.partof.partof.name=x",
  ]) {
    it(`answers, or refuses by name, Patient?${query.slice(0, 50)}`, async () => {
      const { status, json } = await reader(service.url, STAFF)(`/fhir/Patient?${query}`);
      expect(status).to.be.oneOf([200, 400, 422]);
      expect(json.resourceType).to.equal(status === 200 ? "Bundle" : "OperationOutcome");
    });
  }

  it("refuses large bodies without reading them to the end", async () => {
    const body = "x".repeat(100 * 1_048_576);
    for (const path of ["/fhir", "/sign-in", "/fhir/Patient/_search"]) {
      const headers = { "content-type": path === "/sign-in" ? "application/json" : "application/fhir+json" };
      const status = await ask(path, { method: "POST", headers, body }).then(
        (answer) => answer.status,
        // The connection may be closed while the client still sends.
        () => 413,
      );
      expect(status, path).to.equal(413);
    }
  });

  it("refuses bodies that are packed, broken, or of another kind", async () => {
    const post = async (headers: Record<string, string>, body: string) =>
      (await ask("/fhir", { method: "POST", headers, body })).status;
    expect(await post({ "content-type": "application/fhir+json", "content-encoding": "gzip" }, "x")).to.be.within(
      400,
      415,
    );
    expect(await post({ "content-type": "application/fhir+json" }, "{")).to.equal(400);
    // 64 MB, should anybody unpack it; and then a batch that is answered.
    const asked = JSON.stringify({ resourceType: "Bundle", type: "batch", entry: [] });
    const packed = gzipSync(asked + " ".repeat(64 * 1_048_576));
    for (const encoding of ["gzip", "x-gzip", "identity, gzip"]) {
      const head = `POST /fhir HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${STAFF}\r\nContent-Type: application/fhir+json\r\nContent-Encoding: ${encoding}\r\nContent-Length: ${packed.length}\r\nConnection: close\r\n\r\n`;
      const [status] = await raw(Buffer.concat([Buffer.from(head), packed]));
      expect(Number(status), encoding).to.be.oneOf([400, 415]);
    }
    expect(await post({ "content-type": "application/xml" }, "<a/>")).to.equal(415);
    expect(await post({ "content-type": "application/fhir+json" }, `${"[".repeat(100_000)}`)).to.equal(400);
    const batch = JSON.stringify({ resourceType: "Bundle", type: "transaction", entry: [] });
    expect(await post({ "content-type": "application/fhir+json" }, batch)).to.equal(400);
  });

  it("takes no second request that hides in the first", async () => {
    const head = "POST /fhir HTTP/1.1\r\nHost: x\r\nContent-Type: application/fhir+json\r\n";
    const hidden = `GET /fhir/Patient/1 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${STAFF}\r\n\r\n`;
    for (const lengths of [
      `Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
      "Content-Length: 0\r\nContent-Length: 44\r\n\r\n",
      "Content-Length : 0\r\n\r\n",
      "Content-Length: +0\r\n\r\n",
      "Content-Length: 0, 44\r\n\r\n",
      "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
      "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
      "Transfer-Encoding:\u000bchunked\r\n\r\n0\r\n\r\n",
      // A chunk's length with a sign, and with bytes behind it that count for some.
      "Transfer-Encoding: chunked\r\n\r\n+0\r\n\r\n",
      "Transfer-Encoding: chunked\r\n\r\n0_\r\n\r\n",
      // Lines that go on in the next one (RFC 9112, 5.2).
      "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
      "X-Folded: a\r\n Content-Length: 44\r\nContent-Length: 0\r\n\r\n",
    ]) {
      expect(await raw(head + lengths + hidden), lengths).to.deep.equal(["400"]);
    }
  });

  it("has no token that somebody could guess, and none in a URL", async () => {
    for (const token of ["", " ", "a".repeat(43), `${STAFF}x`, "..", "%00"]) {
      const { status } = await reader(service.url, token)("/fhir/Patient/1");
      expect(status, token).to.equal(401);
    }
    expect((await fetch(`${service.url}/fhir/Patient/1?access_token=${STAFF}`)).status).to.equal(401);
  });

  it("isn't got round by tokens that somebody makes up", async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 120; i++) {
      const init = { method: "POST", headers: { "content-type": "application/json" }, body: "{}" };
      statuses.push((await reader(service.url, `made-up-${i}`)("/sign-in/challenge", init)).status);
    }
    expect(statuses.at(-1)).to.equal(429);
    expect((await ask("/fhir/Patient/1")).status, "who is signed in").to.equal(404);
  });

  it("has who asks too often wait, and never the hospital's own staff", async () => {
    const statuses = new Set<number>();
    for (let i = 0; i < 120; i++) statuses.add((await ask("/fhir/Patient/1")).status);
    expect([...statuses]).to.deep.equal([404, 429]);
    const { status, json, headers } = await ask("/fhir/Patient/1");
    expect([status, json.resourceType]).to.deep.equal([429, "OperationOutcome"]);
    expect(Number(headers.get("retry-after"))).to.be.within(1, 60);
    for (let i = 0; i < 120; i++) expect((await reader(service.url, STAFF)("/fhir/Patient/1")).status).to.equal(404);
  });
});
