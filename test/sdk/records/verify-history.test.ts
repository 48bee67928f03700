import { expect } from "chai";
import { getBytes, hexlify, toBeHex } from "ethers";

import { Batch } from "../../../src/crypto/index.js";
import { type Client } from "../../../src/sdk/index.js";
import { bytes } from "../helpers.js";
import { behindProxy, type ProxiedClient, type Response } from "../proxy.js";
import { type Actor, createDevnet, type Devnet, handOn, relate } from "../../../devnet/index.js";

type Logs = { blockNumber: string; data: string; logIndex: string; topics: string[] }[];

describe("verifying a history", () => {
  let world: Devnet;
  let clinic: Actor;
  let alice: Actor;
  let proxy: ProxiedClient;
  let client: Client;
  const digests: string[] = [];
  before(async () => {
    world = await createDevnet();
    clinic = await world.institution("General Hospital");
    alice = await world.patient("alice");
    await relate(clinic, alice);
    for (const author of [clinic, clinic, alice]) {
      const content = bytes(`text ${digests.length}`);
      digests.push((await author.client.addRecord({ patient: alice.id, category: "CARE", content })).digest);
    }
    proxy = await behindProxy(world, alice);
    ({ client } = proxy);
  });
  after(async () => {
    await proxy.close();
    await world.close();
  });
  afterEach(() => {
    proxy.after = (_, response) => response;
  });

  const verify = () => client.verifyHistory({ patient: alice.id });
  /** Makes the node lie about its logs. */
  const lie = (about: (logs: Logs) => Logs) => {
    proxy.after = ({ method }, response): Response =>
      method === "eth_getLogs" ? { result: about(response.result as Logs) } : response;
  };

  it("tells which records are missing here", async () => {
    const report = await verify();
    expect(report).to.deep.include({ complete: false, matchesHead: true, count: 3, missing: digests.slice(0, 2) });
    expect(report.block).to.equal(await world.provider.getBlockNumber());
  });

  it("is complete once all are here", async () => {
    await handOn(clinic, alice, alice.id);
    const report = await verify();
    expect(report).to.deep.include({ complete: true, matchesHead: true, missing: [], shredded: [] });
    const { recordChain, recordCount } = await alice.client.overviewOf({ patient: alice.id });
    expect({ chain: recordChain, count: recordCount }).to.deep.equal({ chain: report.chain, count: report.count });
  });

  it("is complete for somebody without any", async () => {
    expect(await client.verifyHistory({ patient: 999 })).to.deep.include({ complete: true, count: 0 });
  });

  const lies: Record<string, (logs: Logs) => Logs> = {
    "hides the first record": (logs) => logs.slice(1),
    "hides one in the middle": (logs) => [...logs.slice(0, 1), ...logs.slice(2)],
    "hides the last record": (logs) => logs.slice(0, -1),
    "hides everything": () => [],
    "shows one twice": (logs) => [...logs, ...logs.slice(-1)],
    "reorders them": (logs) => [...logs].reverse(),
    "swaps their digests": (logs) => {
      const [first, second, ...others] = logs as [Logs[number], Logs[number], ...Logs];
      const swap = (one: Logs[number], other: Logs[number]) => ({
        ...one,
        data: one.data.slice(0, 66) + other.data.slice(66),
      });
      return [swap(first, second), swap(second, first), ...others];
    },
    "changes a digest": (logs) =>
      logs.map((log, i) =>
        i === 1 ? { ...log, data: `${log.data.slice(0, -1)}${log.data.endsWith("0") ? 1 : 0}` } : log,
      ),
  };
  for (const [what, about] of Object.entries(lies)) {
    it(`finds out a node that ${what}`, async () => {
      lie(about);
      expect(await verify()).to.deep.include({ complete: false, matchesHead: false, count: 3 });
    });
  }

  it("tells a record that was shredded here from one that is missing", async () => {
    await alice.client.shredRecord({ digest: digests[0]! });
    expect(await verify()).to.deep.include({ complete: true, missing: [], shredded: [digests[0]] });
  });

  describe("with batches", () => {
    let batch: Batch;
    const anchor = async (count: number) => {
      const digest = hexlify(batch.digest());
      await (await clinic.client.contracts.Records.anchorBatch({ patient: alice.id, count, digest })).wait();
    };

    it("names whose list never came and which places it takes, and verifies the rest", async () => {
      batch = Batch.of(digests.map((digest) => getBytes(digest)));
      await anchor(8);
      const report = await verify();
      expect(report).to.deep.include({ complete: false, matchesHead: true, count: 11, missing: [] });
      expect(report.withheld).to.deep.equal([{ author: clinic.id, from: 4, to: 11 }]);
      expect(report.batches).to.have.length(1);
      expect(report.batches[0]).to.include({ author: clinic.id, index: 4, size: 8, records: undefined, unknown: 8 });
    });

    it("tells which place is which record once the list is here", async () => {
      alice.vault.batches.keep(alice.id, batch);
      const report = await verify();
      expect(report).to.deep.include({ complete: true, matchesHead: true, count: 11, missing: [], withheld: [] });
      // The clinic's two records, one of them shredded here; alice's own isn't the clinic's, whatever the list says.
      const place = (digest: string) => 4 + batch.proofOf(getBytes(digest))!.index;
      expect(report.batches[0]!.unknown).to.equal(6);
      expect(report.batches[0]!.records).to.have.deep.members(
        digests.slice(0, 2).map((digest) => ({ index: place(digest), digest })),
      );
    });

    it("takes no list for one whose count is another: somebody lied about it", async () => {
      await anchor(64);
      const report = await verify();
      expect(report).to.deep.include({ complete: false, matchesHead: true, count: 75 });
      expect(report.withheld).to.deep.equal([{ author: clinic.id, from: 12, to: 75 }]);
    });

    it("finds out a node that lies about a count, or turns a batch into a record", async () => {
      const recordAnchored = alice.client.contracts.Records.getEvent("RecordAnchored").fragment.topicHash;
      const isBatch = ({ data }: Logs[number]) => data.length === 2 + 3 * 64;
      const count = (log: Logs[number], to: number) =>
        `${log.data.slice(0, 66)}${toBeHex(to, 32).slice(2)}${log.data.slice(130)}`;
      const cheats: ((log: Logs[number]) => object)[] = [
        (log) => ({ data: count(log, 9) }),
        (log) => ({
          topics: [recordAnchored, ...log.topics.slice(1)],
          data: log.data.slice(0, 66) + log.data.slice(130),
        }),
      ];
      for (const cheat of cheats) {
        lie((logs) => logs.map((log) => (isBatch(log) ? { ...log, ...cheat(log) } : log)));
        expect(await verify()).to.deep.include({ complete: false, matchesHead: false, count: 75 });
      }
    });
  });
});
