import { expect } from "chai";

import { anchoredRecords, connect, type Client } from "../../../src/sdk/index.js";
import { queryEvents } from "../../../src/sdk/chain/events.js";
import { expectCode } from "../helpers.js";
import { startProxy, type Proxy } from "../proxy.js";
import { type Actor, createDevnet, type Devnet, relate } from "../../../devnet/index.js";

describe("events", () => {
  let world: Devnet;
  let alice: Actor;
  let proxy: Proxy;
  let client: Client;
  let provider: Awaited<ReturnType<typeof connect>>;
  before(async () => {
    world = await createDevnet();
    const clinic = await world.institution("General Hospital");
    alice = await world.patient("alice");
    await relate(clinic, alice);
    for (let i = 0; i < 5; i++) {
      await clinic.client.addRecord({ patient: alice.id, category: "CARE", content: new Uint8Array(i) });
    }
    proxy = await startProxy(world.url);
    provider = await connect(proxy.url);
    client = await world.clientOf(alice, { runner: alice.wallet.connect(provider) });
  });
  after(async () => {
    provider.destroy();
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

  it("can't be had from a node that allows no range at all", async () => {
    refuseAbove(0);
    await expectCode("CHAIN_CALL_FAILED", anchoredRecords(client, alice.id));
  });

  it("can't be had from a node that refuses for another reason, or is out of reach", async () => {
    proxy.before = ({ method }) =>
      method === "eth_getLogs" ? { error: { code: -32000, message: "history is pruned" } } : undefined;
    await expectCode("CHAIN_CALL_FAILED", anchoredRecords(client, alice.id));
    proxy.before = ({ method }) => (method === "eth_getLogs" ? "hang up" : undefined);
    await expectCode("CHAIN_UNREACHABLE", anchoredRecords(client, alice.id));
    proxy.before = () => undefined;
  });

  it("of a range that hasn't begun are none", async () => {
    const { Records } = client.contracts;
    expect(await queryEvents(client, Records, Records.filters.RecordAnchored(), 1_000_000)).to.deep.equal([]);
  });
});
