import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text as textOf } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

import { expect } from "chai";
import { toBeHex } from "ethers";

import { ChartChainError } from "../../src/errors/index.js";
import { connect, createClient, type Client, type DeliveryFile } from "../../src/sdk/index.js";
import type { Vault } from "../../src/vault/index.js";
import { openVault, restoreVault } from "../../src/vault/node/index.js";
import { type Actor, backupOf, createDevnet, type Devnet, relate, throughJson } from "../../devnet/index.js";
import { bytes, expectCode, HOUR, inFuture, outcomeOf, text } from "../sdk/helpers.js";
import { startProxy, type Proxy } from "../sdk/proxy.js";
import type { TakeTask } from "./take-worker.js";

const KILLS = process.env["CHARTCHAIN_DEEP"] === undefined ? 10 : 200;
const WORKER = fileURLToPath(new URL("./take-worker.ts", import.meta.url));

/**
 * An import that was interrupted, at whatever point, or that met a node which hadn't seen the newest block, is repeated with
 * the same file: that completes what is missing.
 */
describe("an import that is interrupted", () => {
  let world: Devnet;
  let clinic: Actor;
  let insurer: Actor;
  let alice: Actor;
  let folder: string;
  let proxy: Proxy;
  let provider: Awaited<ReturnType<typeof connect>>;
  let empty: Awaited<ReturnType<typeof backupOf>>;
  let delivery: DeliveryFile;
  let digests: string[];
  let vaults = 0;
  before(async () => {
    world = await createDevnet();
    folder = await mkdtemp(join(tmpdir(), "chartchain-imports-"));
    clinic = await world.institution("General Hospital");
    insurer = await world.institution("Mutual Insurance", ["PAYER"]);
    alice = await world.patient("alice");
    await relate(clinic, alice);
    const until = await inFuture(world, 1000 * HOUR);
    await alice.client.grantAccess({ viewer: insurer.id, categories: ["CARE", "SUMMARY"], purpose: "TREAT", until });
    digests = [];
    for (const [category, content] of [
      ["CARE", "one"],
      ["CARE", "two"],
      ["SUMMARY", "three"],
    ] as const) {
      const of = { patient: alice.id, category, content: bytes(content) };
      digests.push((await clinic.client.addRecord(of)).digest);
    }
    empty = await backupOf(insurer);
    const of = { patient: alice.id, viewer: insurer.id, purpose: "TREAT" } as const;
    delivery = throughJson(await clinic.client.deliver(of));
    proxy = await startProxy(world.url);
    provider = await connect(proxy.url);
  });
  after(async () => {
    provider.destroy();
    await proxy.close();
    await world.close();
    await rm(folder, { recursive: true, force: true });
  });
  afterEach(() => {
    proxy.before = () => undefined;
  });

  /** The insurer as it was before it took anything in, in a vault of its own. */
  async function newVault(): Promise<Vault> {
    const { deployment } = world;
    const directory = join(folder, `vault-${++vaults}`);
    await mkdir(directory, { mode: 0o700 });
    const { chainId, genesisHash, contracts } = deployment;
    return restoreVault({
      directory,
      chain: { chainId: BigInt(chainId), genesisHash, contracts },
      passphrase: insurer.passphrase,
      backup: empty.bytes,
      backupPassphrase: empty.passphrase,
      cost: 10,
    });
  }
  const directoryOf = (number: number) => join(folder, `vault-${number}`);
  /** A client over a vault; `flaky` goes through the proxy. */
  const clientOf = (vault: Vault, flaky = false): Promise<Client> =>
    createClient({
      runner: flaky ? insurer.wallet.connect(provider) : insurer.wallet,
      deployment: world.deployment,
      vault,
      store: insurer.store,
    });

  /** Takes the same file in again, and everything is here, once. */
  async function expectCompleted(vault: Vault, when: string): Promise<void> {
    const client = await clientOf(vault);
    await client.takeDelivery({ file: delivery });
    const records = await client.listRecords({ patient: alice.id });
    expect(records.map(({ digest }) => digest).sort(), when).to.deep.equal([...digests].sort());
    expect(vault.compartments.list({ patient: alice.id }), when).to.have.length(2);
    for (const { digest } of records) await client.openRecord({ digest, purpose: "TREAT" });
    const { grant, envelopes } = await client.takeDelivery({ file: delivery });
    expect(grant, when).to.deep.include({ keys: 2, added: 0 });
    expect(envelopes, when).to.deep.equal([
      { patient: alice.id, steward: clinic.id, ...{ added: 0, known: 3, locked: 0, shredded: 0 } },
    ]);
  }

  it("by a connection that is lost for good, at any request, is completed by the same file", async () => {
    let interrupted = 0;
    for (let at = 1; ; at++) {
      const vault = await newVault();
      const client = await clientOf(vault, true);
      let requests = 0;
      proxy.before = () => (++requests >= at ? "hang up" : undefined);
      const outcome = await outcomeOf(client.takeDelivery({ file: delivery }));
      proxy.before = () => undefined;
      if (requests < at) {
        expect(outcome).to.equal("done");
        vault.close();
        break;
      }
      if (outcome !== "done") interrupted++;
      await expectCompleted(vault, `request ${at}: ${outcome}`);
      vault.close();
    }
    expect(interrupted).to.be.greaterThan(5);
  });

  it("by a full disk, at any write, is completed by the same file", async () => {
    let failed = 0;
    for (let at = 1; ; at++) {
      const vault = await newVault();
      const client = await clientOf(vault);
      let writes = 0;
      const failing = (of: object, method: string) => {
        const methods = of as Record<string, (...args: unknown[]) => unknown>;
        const original = methods[method]!.bind(of);
        methods[method] = (...args) => {
          if (++writes === at) throw new ChartChainError("VAULT_FULL", "no space is left", { hint: "Free some." });
          return original(...args);
        };
      };
      failing(vault.compartments, "put");
      failing(vault.envelopes, "put");
      failing(vault.inbox, "markSeen");
      failing(vault.settings, "set");
      for (const table of Object.values(vault.access)) failing(table, "set");
      const outcome = await outcomeOf(client.takeDelivery({ file: delivery }));
      if (writes < at) {
        expect(outcome).to.equal("done");
        vault.close();
        break;
      }
      expect(outcome).to.equal("VAULT_FULL");
      failed++;
      await expectCompleted(vault, `write ${at}`);
      vault.close();
    }
    expect(failed).to.be.greaterThan(5);
  });

  it("because its node is one block behind is completed by the same file, later", async () => {
    const added = await clinic.client.addRecord({ patient: alice.id, category: "CARE", content: bytes("four") });
    const of = { patient: alice.id, viewer: insurer.id, purpose: "TREAT" } as const;
    const whole = throughJson(await clinic.client.deliver({ ...of, again: true }));
    const late = throughJson({
      ...whole,
      envelopes: [{ ...whole.envelopes[0]!, envelopes: whole.envelopes[0]!.envelopes.slice(-1) }],
    });
    const behind = toBeHex(added.receipt!.blockNumber - 1).replace(/^0x0+/, "0x");
    proxy.before = (request) => {
      if (request.method === "eth_blockNumber") return { result: behind };
      const old = (value: unknown): unknown => {
        if (value === "latest" || value === "pending" || value === "finalized") return behind;
        if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
        return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, old(each)]));
      };
      request.params = request.params.map(old);
      return undefined;
    };
    for (const [file, taken] of [
      [late, 0],
      [whole, 3],
    ] as const) {
      const vault = await newVault();
      const client = await clientOf(vault, true);
      if (taken === 0) await expectCode("RECORD_NOT_ANCHORED", client.takeDelivery({ file }));
      else {
        const { envelopes } = await client.takeDelivery({ file });
        expect(envelopes[0]).to.deep.include({ added: taken });
        const refused = envelopes[0]!.refused!.map(({ digest, code }) => ({ digest, code }));
        expect(refused).to.deep.equal([{ digest: added.digest, code: "RECORD_NOT_ANCHORED" }]);
      }
      const current = await clientOf(vault);
      const { envelopes } = await current.takeDelivery({ file });
      expect(envelopes[0]).to.deep.include({ added: 1, known: taken });
      expect(text((await current.openRecord({ digest: added.digest, purpose: "TREAT" })).content)).to.equal("four");
      vault.close();
    }
  });

  it("is completed as well once a newer file has been taken, whose keys make the older ones a replay", async () => {
    const vault = await newVault();
    const client = await clientOf(vault);
    await client.takeKeys({ file: delivery.grant });
    await world.increaseTime(60);
    const of = { patient: alice.id, viewer: insurer.id, purpose: "TREAT" } as const;
    await client.takeKeys({ file: throughJson(await clinic.client.releaseKeys(of)) });
    await expectCode("GRANT_REPLAYED", client.takeKeys({ file: delivery.grant }));
    const { grant, envelopes } = await client.takeDelivery({ file: delivery });
    expect(grant).to.equal(undefined);
    expect(envelopes[0]).to.deep.include({ added: 3 });
    vault.close();
  });

  it("is taken where it was made before a newer one, and comes after it for the first time", async () => {
    const vault = await newVault();
    const client = await clientOf(vault);
    const of = { patient: alice.id, viewer: insurer.id, purpose: "TREAT" } as const;
    const [care] = clinic.vault.compartments.list({ patient: alice.id, category: 4 });
    const older = throughJson(await clinic.client.releaseKeys({ ...of, categories: ["CARE"] }));
    await world.increaseTime(60);
    await client.takeKeys({
      file: throughJson(await clinic.client.releaseKeys({ ...of, categories: ["SUMMARY"] })),
    });
    expect(await client.takeKeys({ file: older })).to.deep.include({ added: 1 });
    expect(vault.compartments.get(care!.id)).not.to.equal(undefined);
    vault.close();
  });

  it(`by a kill, ${KILLS} times at random points, is completed by the same file`, async () => {
    const file = join(folder, "delivery.json");
    await writeFile(file, JSON.stringify(delivery));
    /** Runs an import in a process, and says how many points it passed; undefined when it was killed. */
    const run = async (killAt: number): Promise<{ vault: number; points: number | undefined }> => {
      const vault = await newVault();
      const number = vaults;
      vault.close();
      const task: TakeTask = {
        ...{ url: world.url, deployment: world.deployment, privateKey: insurer.wallet.privateKey, file, killAt },
        ...{ vault: directoryOf(number), passphrase: insurer.passphrase },
      };
      const child = spawn(
        process.execPath,
        ["--disable-warning=ExperimentalWarning", "--import=tsx", WORKER, JSON.stringify(task)],
        {
          stdio: ["ignore", "pipe", "inherit"],
        },
      );
      const [printed, ended] = await Promise.all([textOf(child.stdout), once(child, "close")]);
      const signal = ended[1] as string | null;
      expect([null, "SIGKILL"]).to.include(signal);
      return { vault: number, points: signal === null ? Number(printed) : undefined };
    };
    const { points } = await run(0);
    expect(points).to.be.greaterThan(10);
    const { deployment } = world;
    const { chainId, genesisHash, contracts } = deployment;
    let killed = 0;
    for (let i = 0; i < KILLS; i++) {
      const killAt = 1 + ((i * 7919) % points!);
      const { vault: number, points: passed } = await run(killAt);
      if (passed === undefined) killed++;
      const vault = await openVault({
        directory: directoryOf(number),
        chain: { chainId: BigInt(chainId), genesisHash, contracts },
        passphrase: insurer.passphrase,
      });
      await expectCompleted(vault, `killed at point ${killAt} of ${points}`);
      vault.close();
      await rm(directoryOf(number), { recursive: true, force: true });
    }
    expect(killed, "each was killed on the way").to.equal(KILLS);
  });
});
