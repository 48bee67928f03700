import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type JsonRpcProvider, Wallet, parseEther } from "ethers";
import { NextToLast } from "blockstore-fs/sharding";
import { CID } from "multiformats/cid";

import { deployContracts } from "../../scripts/lib/deploy-contracts.js";
import {
  connect,
  createClient,
  type Client,
  type ClientOptions,
  type Deployment,
  type TransactionReport,
} from "../../src/sdk/index.js";
import { createEmbeddedStore, type RecordStore } from "../../src/storage/index.js";
import { openVault, restoreVault, type Vault } from "../../src/vault/index.js";
import { startHardhat, type Node } from "./nodes.js";

/** scrypt's cost in tests: the lowest, because nothing here is secret. */
export const TEST_COST = 10;

/** One participant with an account, a vault and a store of its own. */
export interface Actor {
  name: string;
  wallet: Wallet;
  vault: Vault;
  store: RecordStore;
  client: Client;
  home: string;
  /** The participant id, once registered. */
  id: number;
}

interface ActorOptions {
  ether?: boolean;
  /** Whose vault it is again, with an account of its own. */
  restoring?: Actor;
}

/** A node over HTTP with everything deployed, and a place for actors. */
export interface World {
  url: string;
  provider: JsonRpcProvider;
  deployment: Deployment;
  folder: string;
  reports: TransactionReport[];
  authority: Client;
  /** Makes an actor; funded unless told otherwise, with an empty vault unless there is somebody's to restore. */
  actor(name: string, options?: ActorOptions): Promise<Actor>;
  patient(name: string): Promise<Actor>;
  institution(name: string, roles?: readonly string[]): Promise<Actor>;
  /** Another client of an actor, over the same account, vault and store. */
  clientOf(actor: Actor, options?: Partial<ClientOptions>): Promise<Client>;
  /** Closes an actor's vault, if it is open, and opens it again, as after a restart. */
  reopen(actor: Actor): Promise<void>;
  /** Flips a byte of a block on disk. */
  alterBlock(cid: string): Promise<void>;
  /** Moves the chain's clock forward. */
  increaseTime(seconds: number): Promise<void>;
  close(): Promise<void>;
}

export const passphraseOf = (name: string): string => `passphrase of ${name}`;

const AUTHORITY_DELAY = 1;

/** The file in which an embedded store keeps a block. */
export function blockFile(store: string, cid: string): string {
  const { dir, file } = new NextToLast().encode(CID.parse(cid));
  return join(store, "blocks", dir, file);
}

/** Starts a node on a free port, Hardhat's unless told otherwise, and deploys to it. */
export async function createWorld(start: () => Promise<Node> = startHardhat): Promise<World> {
  const node = await start();
  const { url } = node;
  const provider = await connect(url);
  // A second node in a process starts at the time of the first.
  await provider.send("evm_setNextBlockTimestamp", [Math.floor(Date.now() / 1000) + 1]);
  await provider.send("evm_mine", []);
  const funder = await provider.getSigner(0);
  const deployment = await deployContracts({ url, delay: AUTHORITY_DELAY, ephemeral: true });
  const folder = await mkdtemp(join(tmpdir(), "chartchain-world-"));
  const reports: TransactionReport[] = [];
  const onTransaction = (report: TransactionReport) => void reports.push(report);
  const actors: Actor[] = [];
  const authority = await createClient({ runner: funder, deployment, onTransaction });

  // One after the other: a node may give the same nonce to two that come at once.
  let funded: Promise<unknown> = Promise.resolve();
  const fund = (to: string) =>
    (funded = funded.then(async () => (await funder.sendTransaction({ to, value: parseEther("10") })).wait()));

  const { chainId, genesisHash, contracts } = deployment;
  const optionsOf = (name: string) => ({
    directory: join(folder, name),
    chain: { chainId: BigInt(chainId), genesisHash, contracts },
    passphrase: passphraseOf(name),
    cost: TEST_COST,
  });
  const openVaultOf = (name: string) => openVault({ ...optionsOf(name), create: true });

  const world: World = {
    url,
    provider,
    deployment,
    folder,
    reports,
    authority,
    async actor(name, { ether = true, restoring } = {}) {
      const home = join(folder, name);
      const wallet = new Wallet(Wallet.createRandom().privateKey, provider);
      if (ether) await fund(wallet.address);
      const backup = await restoring?.vault.backup(passphraseOf(name));
      const vault = await (backup === undefined ? openVaultOf(name) : restoreVault({ ...optionsOf(name), backup }));
      const store = await createEmbeddedStore({ directory: join(folder, "ipfs"), participant: name });
      const client = await createClient({ runner: wallet, deployment, vault, store, onTransaction });
      const actor: Actor = { name, wallet, vault, store, client, home, id: 0 };
      actors.push(actor);
      return actor;
    },
    async patient(name) {
      const actor = await world.actor(name);
      actor.id = (await actor.client.registerPatient()).participant;
      return actor;
    },
    async institution(name, roles = ["PROVIDER"]) {
      const actor = await world.actor(name);
      actor.id = (await actor.client.registerInstitution({ name })).participant;
      const until = (await provider.getBlock("latest"))!.timestamp + 3 * 365 * 24 * 60 * 60;
      // The chain's clock moves on meanwhile, so that nobody has to wait.
      const onWait = () => void world.increaseTime(AUTHORITY_DELAY + 1);
      await authority.licenseInstitution({ institution: actor.id, roles, until, onWait });
      return actor;
    },
    clientOf: ({ wallet, vault, store }, options) =>
      createClient({ runner: wallet, deployment, vault, store, onTransaction, ...options }),
    async reopen(actor) {
      actor.vault.close();
      actor.vault = await openVaultOf(actor.name);
      actor.client = await world.clientOf(actor);
    },
    async alterBlock(cid) {
      const file = blockFile(join(folder, "ipfs"), cid);
      const content = await readFile(file);
      content[content.length >> 1]! ^= 1;
      await writeFile(file, content);
    },
    async increaseTime(seconds) {
      await provider.send("evm_increaseTime", [seconds]);
      await provider.send("evm_mine", []);
    },
    async close() {
      for (const { vault, store } of actors) {
        vault.close();
        await store.close();
      }
      provider.destroy();
      await node.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return world;
}
