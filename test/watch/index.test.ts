import { copyFile, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { expect } from "chai";
import type { JsonRpcProvider } from "ethers";

import { connect, type Client } from "../../src/sdk/index.js";
import type { ChainIndex, IndexScope } from "../../src/watch/index.js";
import { openIndex } from "../../src/watch/node/index.js";
import { type Actor, createDevnet, type Devnet, relate } from "../../devnet/index.js";
import { type Proxy, startProxy } from "../sdk/proxy.js";
import { expectCode } from "../sdk/helpers.js";
import { nameOf } from "./model-chain.js";

describe("an index between a client and a real node", () => {
  let world: Devnet;
  let clinic: Actor;
  let alice: Actor;
  let proxy: Proxy;
  let provider: JsonRpcProvider;
  before(async () => {
    world = await createDevnet();
    clinic = await world.institution("General Hospital");
    alice = await world.patient("alice");
    await relate(clinic, alice);
    proxy = await startProxy(world.url);
    provider = await connect(proxy.url);
  });
  after(async () => {
    provider.destroy();
    await proxy.close();
    await world.close();
  });
  afterEach(() => {
    proxy.before = () => undefined;
    proxy.calls.length = 0;
  });

  let opened = 0;
  const open = (scope: IndexScope = "asked", file = `index-${opened++}.sqlite`) =>
    openIndex({ file: join(world.folder, file), provider, deployment: world.deployment, scope });
  const clientOver = (index: ChainIndex): Promise<Client> =>
    world.clientOf(clinic, { runner: clinic.wallet.connect(provider), events: index });
  const add = (client: Client) =>
    client.addRecord({ patient: alice.id, category: "CARE", content: crypto.getRandomValues(new Uint8Array(8)) });
  /** Every log that the node has, and every one that the index has. */
  const everything = async (index: ChainIndex) => {
    const filter = { address: Object.values(world.deployment.contracts), topics: [] };
    const range = { fromBlock: world.deployment.block, toBlock: await provider.getBlockNumber() };
    const theirs = await provider.getLogs({ ...filter, ...range });
    return { theirs: theirs.map(nameOf), ours: (await index.logs({ ...filter, ...range })).map(nameOf) };
  };

  for (const scope of ["asked", "whole"] as const) {
    it(`of what is ${scope} lets no action scan the chain's log`, async () => {
      await using index = await open(scope);
      const client = await clientOver(index);
      await add(client);
      await client.listRecords();
      const ranges: number[] = [];
      proxy.before = ({ method, params }) => {
        const { blockHash, fromBlock, toBlock } = (params[0] ?? {}) as Record<string, string>;
        if (method === "eth_getLogs" && blockHash === undefined) ranges.push(Number(toBlock) - Number(fromBlock) + 1);
        return undefined;
      };
      await add(client);
      expect(await client.listRecords()).to.have.length.greaterThan(1);
      expect(ranges).to.deep.equal([]);
    });
  }

  it("has what the node has after the chain went back and on another way", async () => {
    await using index = await open("whole");
    const back = await world.snapshot();
    await world.patient("bob");
    await world.patient("carol");
    await index.sync();
    const before = await everything(index);
    expect(before.ours).to.deep.equal(before.theirs);
    expect(await back()).to.equal(true);
    await world.patient("dave");
    const after = await everything(index);
    expect(after.ours).to.deep.equal(after.theirs);
    expect(after.ours).to.not.deep.equal(before.ours);
    expect(after.ours.length).to.be.lessThan(before.ours.length);
  });

  it("goes past blocks that name no parent, as a local chain mines them many at once", async () => {
    await using index = await open("whole");
    await world.provider.send("hardhat_mine", ["0x50"]);
    await add(await clientOver(index));
    const { ours, theirs } = await everything(index);
    expect(ours).to.deep.equal(theirs);
  });

  it("is opened again with all that it had, and asks for what is new alone", async () => {
    const file = "kept.sqlite";
    const first = await open("whole", file);
    await first.sync();
    const { logs } = first.state;
    await first.close();
    await using again = await open("whole", file);
    expect(again.state.logs).to.equal(logs);
    proxy.calls.length = 0;
    await again.sync();
    expect(proxy.calls).to.not.include("eth_getLogs");
  });

  it("is one program's at a time, and closed for good", async () => {
    const index = await open("asked", "locked.sqlite");
    await expectCode("INDEX_IN_USE", open("asked", "locked.sqlite"));
    await index.close();
    await index.close();
    await expectCode("INDEX_CLOSED", index.sync());
  });

  it("of another deployment, or with tables of another version, is left as it is, with its consumers' places", async () => {
    const file = join(world.folder, "moved.sqlite");
    const first = await open("whole", "moved.sqlite");
    await first.sync();
    first.consumers.begin("mail", 7);
    const { state } = first;
    expect(state.logs).to.be.greaterThan(0);
    await first.close();
    const deployment = { ...world.deployment, block: world.deployment.block + 1 };
    const error = await expectCode("INDEX_MISMATCH", openIndex({ file, provider, deployment }));
    expect(error.details).to.deep.equal({ file, of: "deployment" });
    expect(error.hint).to.include("give watch as from a block before the gap");
    const inEdition = (change: (edition: number) => number) => {
      const database = new DatabaseSync(file);
      const { user_version: edition } = database.prepare("PRAGMA user_version").get() as { user_version: number };
      database.exec(`PRAGMA user_version = ${change(edition)}`);
      database.close();
    };
    inEdition((edition) => edition + 1);
    const newer = await expectCode("INDEX_MISMATCH", open("whole", "moved.sqlite"));
    expect(newer.details).to.deep.equal({ file, of: "edition" });
    inEdition((edition) => edition - 1);
    await using again = await open("whole", "moved.sqlite");
    expect(again.state).to.deep.equal(state);
    expect(again.consumers.place("mail").block).to.equal(7);
  });

  it("is its owner's alone to read, and unwritable where there is no folder", async function () {
    await expectCode("INDEX_UNWRITABLE", open("asked", join("nowhere", "index.sqlite")));
    if (process.platform === "win32") this.skip();
    await using index = await open("asked", "private.sqlite");
    await index.sync();
    for (const suffix of ["", "-wal"]) {
      const { mode } = await stat(join(world.folder, `private.sqlite${suffix}`));
      expect((mode & 0o777).toString(8), suffix).to.equal("600");
    }
  });

  it("follows participants alone", async () => {
    await using index = await open();
    for (const id of [0, -1, 1.5, NaN, 2 ** 40, "1" as unknown as number])
      await expectCode("ARGUMENT_INVALID", () => index.follow(alice.id, id));
    expect(index.state.followed).to.equal(0);
  });

  it("is never made of what is something else: that stays as it is", async () => {
    const file = join(world.folder, "groceries.txt");
    const text = "a list of groceries, long enough to be read as the head of a database: ".repeat(10);
    await writeFile(file, text);
    await expectCode("INDEX_CORRUPT", openIndex({ file, provider, deployment: world.deployment }));
    expect(await readFile(file, "utf8")).to.equal(text);
    const { home, vault } = await world.actor("nobody");
    // Until then its tables are in the engine's other file.
    vault.close();
    const copy = join(world.folder, "copy.sqlite");
    await copyFile(join(home, "vault.sqlite"), copy);
    await expectCode("INDEX_CORRUPT", openIndex({ file: copy, provider, deployment: world.deployment }));
    expect((await readFile(copy)).length).to.be.greaterThan(0);
  });

  it("says which block a node behind the same URL doesn't have", async () => {
    await using index = await open("whole");
    const head = await index.sync();
    const filter = { address: Object.values(world.deployment.contracts), topics: [], fromBlock: 1, toBlock: head + 5 };
    const error = await expectCode("NODE_BEHIND", index.logs(filter));
    expect(error.details).to.deep.equal({ block: head + 5, head });
  });
});
