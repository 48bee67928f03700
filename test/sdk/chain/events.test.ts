import { expect } from "chai";

import { anchoredRecords, connect, type Client } from "../../../src/sdk/index.js";
import { queryEvents } from "../../../src/sdk/chain/events.js";
import { expectCode } from "../helpers.js";
import { startFaultyNode } from "../../support/faulty-node.js";
import { behindProxy, type ProxiedClient } from "../proxy.js";
import { type Actor, createDevnet, type Devnet, relate } from "../../../devnet/index.js";

describe("events", () => {
  let world: Devnet;
  let alice: Actor;
  let proxy: ProxiedClient;
  let client: Client;
  before(async () => {
    world = await createDevnet();
    const clinic = await world.institution("General Hospital");
    alice = await world.patient("alice");
    await relate(clinic, alice);
    for (let i = 0; i < 5; i++) {
      await clinic.client.addRecord({ patient: alice.id, category: "CARE", content: new Uint8Array(i) });
    }
    proxy = await behindProxy(world, alice);
    ({ client } = proxy);
  });
  after(async () => {
    await proxy.close();
    await world.close();
  });

  const refuseAbove = (blocks: number) => {
    proxy.before = ({ method, params }) => {
      if (method !== "eth_getLogs") return undefined;
      const { fromBlock, toBlock } = params[0] as { fromBlock: string; toBlock: string };
      const size = Number(toBlock) - Number(fromBlock) + 1;
      return size > blocks ? { error: { code: -32005, message: "query exceeds max block range" } } : undefined;
    };
  };

  it("are all found, in order, where a node allows only short ranges", async () => {
    refuseAbove(3);
    const records = await anchoredRecords(client, alice.id);
    expect(records.map(({ index }) => index)).to.deep.equal([1, 2, 3, 4, 5]);
  });

  for (const [what, bytes, asksAboutOneBlockAlone] of [
    ["in parts where the answer about all blocks is too long", 300_000, false],
    ["block by block where the answer about each is too long for several", 2_000_000, true],
  ] as const) {
    it(`are asked for ${what}`, async () => {
      proxy.before = () => undefined;
      proxy.after = ({ method }, response) =>
        method === "eth_getLogs"
          ? { result: (response.result as object[]).map((log) => ({ ...log, padding: "x".repeat(bytes) })) }
          : response;
      const asked: boolean[] = [];
      proxy.rewrite = ({ method, params }) => {
        const [range] = params as [{ fromBlock: string; toBlock: string }];
        if (method === "eth_getLogs") asked.push(range.fromBlock === range.toBlock);
      };
      const records = await anchoredRecords(client, alice.id);
      expect(records.map(({ index }) => index)).to.deep.equal([1, 2, 3, 4, 5]);
      expect(asked.length).to.be.above(1);
      expect(asked.includes(true)).to.equal(asksAboutOneBlockAlone);
      [proxy.after, proxy.rewrite] = [(_, response) => response, () => undefined];
    });
  }

  it("can't be had from a node that is too slow", async () => {
    await using faulty = await startFaultyNode(world.url);
    faulty.faultOf = ({ method }) => (method === "eth_getLogs" ? { late: 2_000 } : undefined);
    const slow = await connect(faulty.url, { timeout: 500 });
    const patient = await world.clientOf(alice, { runner: alice.wallet.connect(slow) });
    await expectCode("CHAIN_UNREACHABLE", anchoredRecords(patient, alice.id));
    slow.destroy();
  });

  it("can't be had from a node that allows no range at all", async () => {
    refuseAbove(0);
    const error = await expectCode("CHAIN_CALL_FAILED", anchoredRecords(client, alice.id));
    expect(error.message).to.match(/the events of block \d+ alone/);
  });

  it("can't be had from a node that refuses for another reason, or is out of reach", async () => {
    proxy.before = ({ method }) =>
      method === "eth_getLogs" ? { error: { code: -32000, message: "history is pruned" } } : undefined;
    await expectCode("CHAIN_CALL_FAILED", anchoredRecords(client, alice.id));
    proxy.before = ({ method }) => (method === "eth_getLogs" ? "hang up" : undefined);
    await expectCode("CHAIN_UNREACHABLE", anchoredRecords(client, alice.id));
    proxy.before = () => undefined;
  });

  it("are asked for again after a pause where the node was asked too often, and not for half of them", async () => {
    await using faulty = await startFaultyNode(world.url);
    const slow = await connect(faulty.url);
    const patient = await world.clientOf(alice, { runner: alice.wallet.connect(slow) });
    const ranges = () => faulty.asked.filter(({ method }) => method === "eth_getLogs");
    const error = { code: -32005, message: "daily request count exceeded, request rate limited" };
    let left = 1;
    faulty.asked.length = 0;
    faulty.faultOf = ({ method }) => (method === "eth_getLogs" && left-- > 0 ? { error } : undefined);
    expect((await anchoredRecords(patient, alice.id)).map(({ index }) => index)).to.deep.equal([1, 2, 3, 4, 5]);
    expect(new Set(ranges().map(({ params }) => JSON.stringify(params))).size).to.equal(1);

    for (const fault of [{ error }, { status: 429 }]) {
      faulty.asked.length = 0;
      faulty.faultOf = ({ method }) => (method === "eth_getLogs" ? fault : undefined);
      const refused = await expectCode("RATE_LIMITED", anchoredRecords(patient, alice.id));
      expect(refused.message).to.contain("rate limit");
      const asked = ranges();
      expect(asked.length).to.be.within(2, 5);
      expect(new Set(asked.map(({ params }) => JSON.stringify(params))).size).to.equal(1);
      for (const [i, { at }] of asked.slice(1).entries()) expect(at - asked[i]!.at).to.be.at.least(200);
    }
    slow.destroy();
  });

  it("are waited for as long as the node says, and no longer than anybody would", async () => {
    await using faulty = await startFaultyNode(world.url);
    const slow = await connect(faulty.url);
    const patient = await world.clientOf(alice, { runner: alice.wallet.connect(slow) });
    let left = 1;
    faulty.asked.length = 0;
    faulty.faultOf = ({ method }) =>
      method === "eth_getLogs" && left-- > 0 ? { status: 429, headers: { "retry-after": "1" } } : undefined;
    await anchoredRecords(patient, alice.id);
    const [first, second] = faulty.asked.filter(({ method }) => method === "eth_getLogs");
    expect(second!.at - first!.at).to.be.at.least(990);

    faulty.asked.length = 0;
    faulty.faultOf = ({ method }) =>
      method === "eth_getLogs" ? { status: 429, headers: { "retry-after": "3600" } } : undefined;
    const error = await expectCode("RATE_LIMITED", anchoredRecords(patient, alice.id));
    expect(error.details).to.deep.equal({ retryAfter: 3600 });
    expect(faulty.asked.filter(({ method }) => method === "eth_getLogs")).to.have.length(1);
    slow.destroy();
  });

  it("are all found where a node's answers may be only so large", async () => {
    await world.provider.send("hardhat_mine", ["0x80"]);
    const asked: number[] = [];
    proxy.before = ({ method, params }) => {
      if (method !== "eth_getLogs") return undefined;
      const { fromBlock, toBlock } = params[0] as { fromBlock: string; toBlock: string };
      asked.push(Number(toBlock) - Number(fromBlock) + 1);
      return asked.at(-1)! > 50 ? { error: { code: -32020, message: "backend response too large" } } : undefined;
    };
    const records = await anchoredRecords(client, alice.id);
    expect(records.map(({ index }) => index)).to.deep.equal([1, 2, 3, 4, 5]);
    // One question finds the size; each answer is followed by one that asks for more.
    expect(asked.length).to.be.below(20);
    proxy.before = () => undefined;
  });

  it("of a range that hasn't begun are none", async () => {
    const { Records } = client.contracts;
    expect(await queryEvents(client, Records, Records.filters.RecordAnchored(), 1_000_000)).to.deep.equal([]);
  });
});
