import { expect } from "chai";
import { createServer } from "node:http";
import { inspect } from "node:util";
import { once } from "node:events";
import type { AddressInfo } from "node:net";

import { JsonRpcProvider } from "ethers";

import { connect } from "../../../src/sdk/index.js";
import { expectCode } from "../helpers.js";
import { startNode, type Node } from "../../../devnet/index.js";
import { startFaultyNode } from "../../support/faulty-node.js";
import { startProxy } from "../proxy.js";

/** What is wrong with it. */
const saidBy = (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    () => "nothing is wrong",
    (error: Error) => error.message,
  );

describe("connecting to a node", () => {
  let node: Node;
  before(async () => {
    node = await startNode();
  });
  after(() => node.close());

  it("gives a provider that knows its chain and always answers with the newest state", async () => {
    const provider = await connect(node.url);
    expect((await provider.getNetwork()).chainId).to.equal(31337n);
    const before = await provider.getBlockNumber();
    await provider.send("evm_mine", []);
    expect(await provider.getBlockNumber()).to.equal(before + 1);
    provider.destroy();
  });

  it("fails at once where nothing listens", async () => {
    const error = await expectCode("CHAIN_UNREACHABLE", connect("http://127.0.0.1:1"));
    expect(error.message).to.contain("127.0.0.1:1");
    expect(error.hint, "whoever has the package alone has no other tool").to.match(/^Start it/);
  });

  it("gives a provider that asks nothing more once it is destroyed", async () => {
    const provider = await connect(node.url);
    const asked = provider.getBlockNumber();
    provider.destroy();
    expect(await saidBy(asked)).to.contain("provider destroyed");
    expect(await saidBy(provider.send("eth_blockNumber", []))).to.contain("provider destroyed");
  });

  for (const [what, answer, error] of [
    ["the answer to another question", '{"jsonrpc":"2.0","id":-1,"result":"0x7a69"}', "missing response"],
    ["what is no JSON", "<html>", "not valid JSON"],
  ] as const) {
    it(`gives a provider that doesn't take ${what}`, async () => {
      let isProbed = false;
      const server = createServer((_, response) => {
        response.end(isProbed ? answer : '{"jsonrpc":"2.0","id":1,"result":"0x7a69"}');
        isProbed = true;
      });
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      const provider = await connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
      expect(await saidBy(provider.send("eth_blockNumber", []))).to.contain(error);
      provider.destroy();
      server.close();
    });
  }

  describe("whose logs", () => {
    const hash = (digit: string) => `0x${digit.repeat(64)}`;
    const log = {
      address: "0x5fbdb2315678afecb367f032d93f642f64180aa3",
      blockHash: hash("a"),
      blockNumber: "0x10",
      data: "0xAbCd",
      logIndex: "0x0",
      removed: false,
      topics: [hash("b"), hash("0")],
      transactionHash: hash("c"),
      transactionIndex: "0x2",
    };
    const other = { ...log, address: "0xe7f1725e7734ce288f8367e1bb143e90bb3f0512" };

    /** What ours and ethers' own provider make of the same answer: the logs, or what is wrong. */
    async function readByBoth(answer: unknown[]): Promise<[ours: unknown, theirs: unknown]> {
      await using faulty = await startFaultyNode(node.url);
      faulty.faultOf = ({ method }) => (method === "eth_getLogs" ? { result: answer } : undefined);
      const providers = [await connect(faulty.url), new JsonRpcProvider(faulty.url)];
      const read = await Promise.all(
        providers.map((provider) =>
          provider.getLogs({}).then(
            (logs) => logs.map((each) => each.toJSON() as unknown),
            ({ code, shortMessage }: { code: string; shortMessage: string }) => ({ code, shortMessage }),
          ),
        ),
      );
      for (const provider of providers) provider.destroy();
      return read as [unknown, unknown];
    }

    it("are those that ethers reads, of the first and of the next one of a contract", async () => {
      const [ours, theirs] = await readByBoth([
        ...[log, other, { ...log, logIndex: "0x1f" }, { ...other, data: "0x", topics: [] }],
        ...[
          { ...log, removed: undefined },
          { ...log, removed: null },
          { ...log, removed: true },
          { ...log, blockTimestamp: "0x1" },
        ],
        ...[
          { ...log, blockNumber: 17 },
          { ...log, logIndex: undefined, index: 3 },
          { ...log, blockNumber: "0x1fffffffffffff" },
        ],
        { ...log, address: "0x5FbDB2315678afecb367f032d93F642f64180aa3" },
      ]);
      expect(ours).to.deep.equal(theirs);
      expect(ours).to.have.length(12);
      expect((ours as unknown[])[2]).to.deep.include({
        address: "0x5FbDB2315678afecb367f032d93F642f64180aa3",
        index: 31,
      });
    });

    it("are those that ethers reads also of more contracts than are remembered", async () => {
      const many = Array.from({ length: 600 }, (_, i) => ({
        ...log,
        address: `0x${i.toString(16).padStart(40, "0")}`,
      }));
      const [ours, theirs] = await readByBoth([...many, ...many]);
      expect(ours).to.deep.equal(theirs);
      expect(ours).to.have.length(1_200);
    });

    for (const [what, wrong] of Object.entries({
      address: { address: "0x5fbdb2315678afecb367f032d93f642f64180a" },
      "address's mixed case": { address: "0x5fbDB2315678afecb367f032d93F642f64180aa3" },
      "block's hash": { blockHash: "0xaa" },
      "block's number": { blockNumber: "sixteen" },
      "block's number, which is too large": { blockNumber: "0xffffffffffffffff" },
      data: { data: "0xabc" },
      "data, which is missing": { data: undefined },
      index: { logIndex: null },
      removal: { removed: "no" },
      topics: { topics: hash("b") },
      topic: { topics: [hash("b"), "0x07"] },
      "transaction's hash": { transactionHash: `${hash("c")}00` },
      "transaction's index": { transactionIndex: {} },
    })) {
      it(`are refused as by ethers for a wrong ${what}, also of a contract that had one before`, async () => {
        const [ours, theirs] = await readByBoth([log, { ...log, ...wrong }]);
        expect(ours).to.deep.equal(theirs);
        expect(ours).to.deep.include({ code: "BAD_DATA" });
      });
    }

    it("are refused as by ethers for what is no log", async () => {
      const [ours, theirs] = await readByBoth([log, null]);
      expect(ours).to.deep.equal(theirs);
      expect(ours).to.have.property("code");
    });
  });

  it("fails where something else than a node answers", async () => {
    const server = createServer((_, response) => response.end("<html>"));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    await expectCode("CHAIN_UNREACHABLE", connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
    server.close();
  });

  it("fails where a node answers with an error", async () => {
    const proxy = await startProxy(node.url);
    proxy.before = () => ({ error: { code: -32000, message: "not you" } });
    await expectCode("CHAIN_UNREACHABLE", connect(proxy.url));
    await proxy.close();
  });

  it("fails when no answer comes in time", async () => {
    const server = createServer(() => {});
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await expectCode("CHAIN_UNREACHABLE", connect(url, { timeout: 50 }));
    server.closeAllConnections();
    server.close();
  });

  it("never shows the path of a URL, which may hold a key", async () => {
    const error = await expectCode("CHAIN_UNREACHABLE", connect("http://127.0.0.1:1/v3/secret-key?token=also-secret"));
    expect(JSON.stringify(error) + error.message).not.to.match(/secret/);
  });

  it("shows the node half of a name and a password, and nothing where the URL has neither", async () => {
    await using faulty = await startFaultyNode(node.url);
    for (const [before, sent] of [
      ["", undefined],
      ["user@", "user:"],
      [":pass@", ":pass"],
    ] as const) {
      faulty.asked = [];
      (await connect(faulty.url.replace("//", `//${before}`))).destroy();
      const header = sent === undefined ? undefined : `Basic ${Buffer.from(sent).toString("base64")}`;
      expect(new Set(faulty.asked.map(({ headers }) => headers.authorization)), before).to.deep.equal(
        new Set([header]),
      );
    }
  });

  it("shows a name and a password to the node, and to nobody else", async () => {
    await using faulty = await startFaultyNode(node.url);
    await using elsewhere = await startFaultyNode(node.url);
    const credentials = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;
    const withCredentials = (text: string) => faulty.url.replace("//", `//${text}@`);
    const provider = await connect(withCredentials("user:p%40ss%C3%A9"));
    expect(await provider.getBlockNumber()).to.be.a("number");
    expect(await provider.getLogs({})).to.deep.equal([]);
    expect(new Set(faulty.asked.map(({ headers }) => headers.authorization))).to.deep.equal(
      new Set([credentials("user:p@ssé")]),
    );
    faulty.faultOf = () => ({ status: 500, body: "no" });
    for (const ask of [() => provider.getBlockNumber(), () => provider.getLogs({})]) {
      const failed: unknown = await ask().catch((error: unknown) => error);
      expect(inspect(failed, { depth: 10, showHidden: true })).not.to.match(/p@ss|p%40ss|dXNlcjpw/);
    }
    faulty.faultOf = () => ({ status: 307, headers: { location: elsewhere.url } });
    expect(await provider.getLogs({})).to.deep.equal([]);
    expect(elsewhere.asked.map(({ headers }) => headers.authorization)).to.deep.equal([undefined]);
    provider.destroy();

    faulty.faultOf = () => ({ status: 401, body: "who are you?" });
    const error = await expectCode("CHAIN_UNREACHABLE", connect(withCredentials("user:secret")));
    expect(error.message).to.contain("credentials");
    expect(inspect(error, { depth: 10, showHidden: true })).not.to.match(/secret|dXNlcjpz/);

    // A server that sends the request on to another one.
    await using other = await startFaultyNode(node.url);
    faulty.faultOf = () => ({ status: 307, headers: { location: other.url } });
    (await connect(withCredentials("user:secret"))).destroy();
    expect(other.asked.map(({ headers }) => headers.authorization)).to.deep.equal([undefined]);
  });

  it("asks again where the node was asked too often, and says so when it stays like that", async () => {
    await using faulty = await startFaultyNode(node.url);
    let left = 1;
    faulty.faultOf = () => (left-- > 0 ? { status: 429, headers: { "retry-after": "0" } } : undefined);
    (await connect(faulty.url)).destroy();
    faulty.faultOf = () => ({ status: 429, headers: { "retry-after": "0" } });
    await expectCode("RATE_LIMITED", connect(faulty.url));
    expect(faulty.asked.length).to.be.below(10);
  });

  it("fails on what is no URL", async () => {
    await expectCode("CHAIN_UNREACHABLE", connect("nowhere"));
  });
});
