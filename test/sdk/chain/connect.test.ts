import { expect } from "chai";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";

import { connect } from "../../../src/sdk/index.js";
import { expectCode } from "../helpers.js";
import { startNode, type Node } from "../../../devnet/index.js";
import { startProxy } from "../proxy.js";

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

  it("fails on what is no URL", async () => {
    await expectCode("CHAIN_UNREACHABLE", connect("nowhere"));
  });
});
