import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { expect } from "chai";
import { isChartChainError } from "chartchain/errors";
import { FhirServer } from "chartchain/fhir";

import { openDoor } from "../../src/upstream/door.js";

describe("the outbound door", () => {
  let server: Server;
  let port: number;
  const asked: string[] = [];
  let answer = (response: ServerResponse): void => void response.end("{}");
  before(async () => {
    server = createServer((request, response) => {
      asked.push(`${request.headers.host} ${request.url}`);
      answer(response);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    ({ port } = server.address() as AddressInfo);
  });
  beforeEach(() => {
    asked.length = 0;
    answer = (response) => void response.end("{}");
  });
  after(async () => {
    server.close();
    server.closeAllConnections();
    await once(server, "close");
  });

  const codeOf = async (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => "nothing was refused",
      (error: unknown) => (isChartChainError(error) ? error.code : String(error)),
    );

  it("asks an address that is listed", async () => {
    const found = await openDoor(["127.0.0.0/8"])(`http://127.0.0.1:${port}/fhir/metadata`);
    expect([found.status, await found.text(), asked.length]).to.deep.equal([200, "{}", 1]);
  });

  it("refuses this machine, private networks, link-local and what tells of a cloud's machine", async () => {
    const hosts = [
      ...[
        "127.0.0.1",
        "localhost",
        "0.0.0.0",
        "10.0.0.8",
        "172.16.3.4",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
      ],
      ...[
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[fd00:ec2::254]",
        "[fe80::1]",
        "[64:ff9b::7f00:1]",
      ],
      // Other ways to write 127.0.0.1.
      ...["2130706433", "0x7f.1", "0177.0.0.1", "127.1"],
    ];
    for (const host of hosts) {
      for (const protocol of ["http", "https"])
        expect(await codeOf(openDoor([])(`${protocol}://${host}:${port}/`)), host).to.equal("UPSTREAM_ADDRESS_REFUSED");
    }
    expect(asked).to.deep.equal([]);
  });

  it("goes without TLS to listed addresses alone, and speaks nothing but HTTP", async () => {
    const publicly = async () => [{ address: "93.184.215.14", family: 4 }];
    expect(await codeOf(openDoor([], publicly)("http://fhir.hospital.example/"))).to.equal("UPSTREAM_ADDRESS_REFUSED");
    for (const url of ["file:///etc/passwd", "ftp://127.0.0.1/", "data:text/plain,x"])
      expect(await codeOf(openDoor(["127.0.0.1"])(url)), url).to.equal("UPSTREAM_ADDRESS_REFUSED");
  });

  it("resolves a name once, and goes to the address that it checked", async () => {
    let times = 0;
    const rebinding = async () => [{ address: ++times === 1 ? "127.0.0.1" : "127.0.0.2", family: 4 }];
    const found = await openDoor(["127.0.0.1"], rebinding)(`http://fhir.hospital.example:${port}/fhir`);
    expect([found.status, times]).to.deep.equal([200, 1]);
    expect(asked).to.deep.equal([`fhir.hospital.example:${port} /fhir`]);
  });

  it("refuses a name of which one address is refused", async () => {
    const both = async () => [
      { address: "127.0.0.1", family: 4 },
      { address: "169.254.169.254", family: 4 },
    ];
    const work = openDoor(["127.0.0.1"], both)(`http://fhir.hospital.example:${port}/`);
    expect(await codeOf(work)).to.equal("UPSTREAM_ADDRESS_REFUSED");
    expect(asked).to.deep.equal([]);
  });

  describe("with a FHIR server behind it", () => {
    const behind = (more: object = {}) =>
      new FhirServer({
        ...{ url: `http://127.0.0.1:${port}/fhir`, allowHttp: true, fetch: openDoor(["127.0.0.1"]) },
        ...{ headers: { authorization: "Bearer secret" }, timeout: 300, longestPause: 1, ...more },
      });

    it("follows no redirect, not even to its own origin", async () => {
      answer = (response) => void response.writeHead(302, { location: `http://127.0.0.1:${port}/other` }).end();
      expect(await codeOf(behind().json("metadata"))).to.equal("FHIR_SERVER_LEFT");
      expect(asked).to.have.length(1);
    });

    it("asks no other origin for what the server names, and hands nobody else its credential", async () => {
      for (const url of ["https://elsewhere.example/fhir/Patient", `http://127.0.0.1:${port + 1}/fhir/Patient`])
        expect(await codeOf(behind().json(url)), url).to.equal("FHIR_SERVER_LEFT");
      expect(asked).to.deep.equal([]);
    });

    it("reads no more than it may, and waits no longer", async () => {
      answer = (response) => void response.end("x".repeat(2_000));
      expect(await codeOf(behind({ maxBytes: 1_000 }).json("metadata"))).to.equal("FHIR_SERVER_ANSWER_INVALID");
      answer = (response) => void response.write("{");
      expect(await codeOf(behind().json("metadata"))).to.equal("FHIR_SERVER_UNREACHABLE");
    });

    it("says who refuses an address, at once", async () => {
      const unlisted = behind({ fetch: openDoor([]) });
      expect(await codeOf(unlisted.json("metadata"))).to.equal("UPSTREAM_ADDRESS_REFUSED");
    });
  });
});
