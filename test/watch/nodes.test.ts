import { join } from "node:path";

import { expect } from "chai";
import type { JsonRpcProvider, Log } from "ethers";

import { connect } from "../../src/sdk/index.js";
import { type ChainIndex, type IndexScope, relationshipsOf, whoMaySee } from "../../src/watch/index.js";
import { openIndex } from "../../src/watch/node/index.js";
import { type Actor, createDevnet, type Devnet, relate } from "../../devnet/index.js";
import { expectCode, mine, reorganised } from "../sdk/helpers.js";
import { type Proxy, type Request, type Response, startProxy } from "../sdk/proxy.js";
import { dice, type FaultyNode, startFaultyNode } from "../support/faulty-node.js";
import { nameOf } from "./model-chain.js";

interface RangeAsked {
  fromBlock?: string;
  toBlock?: string;
  blockHash?: string;
}

describe("an index of a node in the wild", () => {
  let world: Devnet;
  let hospital: Actor;
  let alice: Actor;
  let faulty: FaultyNode;
  let proxy: Proxy;
  let provider: JsonRpcProvider;
  before(async () => {
    world = await createDevnet();
    hospital = await world.institution("General Hospital");
    alice = await world.patient("alice");
    await relate(hospital, alice);
    await mine(world, 150);
    await happen(4);
    await mine(world, 40);
    await happen(4);
    // What answers in HTTP's own words stands before what changes answers.
    proxy = await startProxy(world.url);
    faulty = await startFaultyNode(proxy.url);
    provider = await connect(faulty.url);
  });
  after(async () => {
    provider.destroy();
    await faulty.close();
    await proxy.close();
    await world.close();
  });
  afterEach(() => {
    faulty.faultOf = () => undefined;
    proxy.before = () => undefined;
    proxy.after = (_, response) => response;
  });

  const happen = async (times: number) => {
    const until = (await world.now()) + 3_600;
    for (let i = 0; i < times; i++)
      await alice.client.grantAccess({
        viewer: hospital.id,
        categories: ["CARE"],
        purpose: "TREAT",
        until: until + i * 60,
      });
  };
  let opened = 0;
  const open = (from: JsonRpcProvider, scope: IndexScope) =>
    openIndex({
      file: join(world.folder, `wild-${opened++}.sqlite`),
      provider: from,
      deployment: world.deployment,
      scope,
    });

  /** Whatever an index has about the patient, and what it makes of it. */
  async function contentOf(index: ChainIndex) {
    index.follow(alice.id);
    const client = await world.clientOf(alice, { events: index });
    const range = { fromBlock: world.deployment.block, toBlock: await world.provider.getBlockNumber() };
    const topics = [null, `0x${alice.id.toString(16).padStart(64, "0")}`];
    const logs: Log[] = await index.logs({ address: Object.values(world.deployment.contracts), topics, ...range });
    const overviews = [await whoMaySee(client), await relationshipsOf(client)];
    return { logs: logs.map(nameOf), overviews };
  }
  /** Equal to an index that was built anew from a good node, also after the chain went another way. */
  async function holds(scope: IndexScope): Promise<void> {
    await using index = await open(provider, scope);
    await index.sync();
    await reorganised(world, () => happen(1));
    await happen(1);
    const content = await contentOf(index);
    await using anew = await open(world.provider, scope);
    expect(content).to.deep.equal(await contentOf(anew));
    expect(content.logs.length).to.be.greaterThan(8);
  }
  /** How often a fault was met: one that nobody meets proves nothing. */
  const met = { times: 0 };
  beforeEach(() => (met.times = 0));
  const isMet = <T>(value: T): T => (met.times++, value);
  const rangeOf = ({ method, params }: { method: string; params: unknown[] }): number => {
    const { fromBlock, toBlock, blockHash } = (params[0] ?? {}) as RangeAsked;
    return method !== "eth_getLogs" || blockHash !== undefined ? 0 : Number(toBlock) - Number(fromBlock) + 1;
  };
  const countingTo = (most: number) => {
    let calls = 0;
    return () => ++calls % most === 0;
  };

  it("that gives events of 50 blocks at a time has them all", async () => {
    proxy.before = (asked) =>
      rangeOf(asked) > 50 ? isMet({ error: { code: -32020, message: "backend response too large" } }) : undefined;
    await holds("asked");
    expect(met.times).to.be.greaterThan(0);
  });

  it("that gives three events at a time has them all, and says which block has more", async () => {
    const atMost = (most: number, ofBlocks: number) => (asked: Request, response: Response) =>
      rangeOf(asked) >= ofBlocks && (response.result as unknown[]).length > most
        ? isMet({ error: { code: -32005, message: `query returned more than ${most} results` } })
        : response;
    // The block with the deployment alone has more, which no node refuses.
    proxy.after = atMost(3, 2);
    await holds("whole");
    expect(met.times).to.be.greaterThan(0);
    proxy.after = atMost(0, 1);
    await using index = await open(provider, "whole");
    await expectCode("CHAIN_CALL_FAILED", index.sync());
  });

  it("that refuses every fifth call, with a time to wait or without one, has them all", async () => {
    const isFifth = countingTo(5);
    let unsaid = 0;
    faulty.faultOf = () => {
      if (!isFifth()) return undefined;
      return isMet({ status: 429, ...(unsaid++ < 2 ? {} : { headers: { "retry-after": "0" } }) });
    };
    await holds("asked");
    expect(met.times).to.be.greaterThan(20);
  });

  it("that has answered enough for today says so, and goes on tomorrow where it was", async () => {
    let today = 3;
    proxy.before = (asked) =>
      rangeOf(asked) > 0 && today-- <= 0
        ? isMet({ error: { code: -32005, message: "daily request count exceeded, retry in 1ms" } })
        : undefined;
    await using index = await open(provider, "whole");
    await expectCode("RATE_LIMITED", index.sync());
    today = Infinity;
    const content = await contentOf(index);
    await using anew = await open(world.provider, "whole");
    expect(content).to.deep.equal(await contentOf(anew));
    expect(met.times).to.be.greaterThan(0);
  });

  it("that keeps no old state has them all", async () => {
    const head = await world.provider.getBlockNumber();
    proxy.before = ({ method, params }) =>
      ["eth_call", "eth_getCode", "eth_getBalance"].includes(method) && Number(params[1]) < head
        ? isMet({ error: { code: -32000, message: "missing trie node: state is not available" } })
        : undefined;
    await holds("whole");
    // An index asks of logs and headers alone.
    expect(met.times).to.equal(0);
  });

  it("of which one replica lags behind the other has them all", async () => {
    const random = dice(1);
    const LAG = 3;
    let replica = 0;
    proxy.rewrite = async ({ params }) => {
      replica = random() < 0.5 ? (await world.provider.getBlockNumber()) - LAG : Infinity;
      if (replica === Infinity) return;
      if (params[0] === "latest") params[0] = `0x${isMet(replica).toString(16)}`;
      const range = params[0] as RangeAsked;
      if (range?.toBlock !== undefined && Number(range.toBlock) > replica)
        range.toBlock = `0x${isMet(replica).toString(16)}`;
    };
    proxy.after = ({ method, params }, response) => {
      const { blockHash } = (params[0] ?? {}) as RangeAsked;
      const newest = method.startsWith("eth_getBlockBy") ? [response.result] : (response.result as unknown[]);
      const isUnknown = [newest].flat().some((each) => {
        const { number, blockNumber } = (each ?? {}) as { number?: string; blockNumber?: string };
        return Number(number ?? blockNumber ?? 0) > replica;
      });
      if (!isUnknown) return response;
      return isMet(blockHash === undefined ? { result: null } : { error: { code: -32000, message: "unknown block" } });
    };
    try {
      await holds("whole");
    } finally {
      proxy.rewrite = () => undefined;
    }
    expect(met.times).to.be.greaterThan(10);
  });

  it("whose connection breaks again and again, before the answer or after the question, has them all", async () => {
    const isNinth = countingTo(9);
    faulty.faultOf = () =>
      isNinth() ? isMet(met.times % 2 === 0 ? "lose the question" : ("lose the answer" as const)) : undefined;
    await holds("asked");
    expect(met.times).to.be.greaterThan(20);
  });
});
