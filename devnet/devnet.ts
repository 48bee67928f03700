import { randomBytes } from "node:crypto";
import { existsSync, rmSync } from "node:fs";
import { chmod, cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

import { parseEther, Wallet, type JsonRpcProvider, type Provider } from "ethers";

import {
  connect,
  createClient,
  type ClientOptions,
  type Deployment,
  type TransactionReport,
} from "../src/sdk/index.js";
import { allModules, type FullClient } from "../src/sdk/modules/index.js";
import { createEmbeddedStore } from "../src/storage/node/index.js";
import { openVault, restoreVault } from "../src/vault/node/index.js";
import type { ChainIndex, IndexScope } from "../src/watch/index.js";
import { openIndex } from "../src/watch/node/index.js";
import type { Actor } from "./actor.js";
import { deployContracts } from "./deploy.js";
import { deployAgain } from "./redeploy.js";
import { snapshotOf, type Restorable } from "./fixture.js";
import { keyDocumentFolder } from "../src/sdk/node/key-document-folder.js";
import { throughJson } from "./handover.js";
import { startNode, type Node } from "./node.js";

/** How long the authority of a devnet waits between announcing and doing, in seconds. */
const AUTHORITY_DELAY = 1;

// The passphrases of a devnet are 256 random bits that nobody types: scrypt has nothing to slow down.
const RANDOM_PASSPHRASE_COST = 10;

const THREE_YEARS = 3 * 365 * 24 * 60 * 60;

/** How somebody comes to a devnet. */
export interface ActorOptions {
  /** With 10 ether (default), or without any. */
  ether?: boolean;
  /** A vault's backup and its passphrase, for somebody who comes back with another account. */
  backup?: { bytes: Uint8Array; passphrase: string };
}

/** What stands between a devnet's actors and its chain. */
export interface DevnetOptions {
  /** Each actor reads events through an index of its own, of this scope; from the node when left out. */
  index?: IndexScope;
  /** Starts what actors reach the node through, at whose URL it asks; they ask the node itself when left out. */
  inFront?: (url: string) => Promise<Node>;
}

/** A local chain behind a URL with everything deployed, a folder that stands in for IPFS, and everybody on it. */
export interface Devnet extends AsyncDisposable, Restorable {
  url: string;
  provider: JsonRpcProvider;
  deployment: Deployment;
  /** The licensing authority: the node's first account, which pays for everything that nobody else does. */
  authority: FullClient;
  /** Everything of this devnet that is on disk. */
  folder: string;
  /** The embedded store's folder, shared by all as a network would be. */
  ipfs: string;
  /** Every transaction that a client of this devnet sent, in order. */
  reports: (TransactionReport & { actor: string })[];
  /** Makes somebody with an account, an empty vault and a store, who isn't registered yet. */
  actor(name: string, options?: ActorOptions): Promise<Actor>;
  /** Makes a registered person. */
  patient(name: string): Promise<Actor>;
  /** Makes a registered institution, licensed for three years (default: as PROVIDER). */
  institution(name: string, roles?: readonly string[]): Promise<Actor>;
  /** From here on an institution works with an operator's account, new and with ether; its owner's is put away. */
  operate(actor: Actor): Promise<void>;
  /** A client of the account that owns: the actor's own, or the one that was put away. */
  ownerOf(actor: Actor): Promise<FullClient>;
  /** Another client of an actor, over the same account, vault and store. */
  clientOf(actor: Actor, options?: Partial<ClientOptions<typeof allModules>>): Promise<FullClient>;
  /** A client of somebody who has an account's key and nothing else. */
  thiefOf(actor: Actor): Promise<FullClient>;
  /** Closes an actor's vault, if it is open, and opens it again, as after a restart: with a new client. */
  reopen(actor: Actor): Promise<void>;
  /** The newest block's time, in seconds since 1970. */
  now(): Promise<number>;
  /** Moves the chain's clock forward, by seconds. */
  increaseTime(seconds: number): Promise<void>;
  /** Remembers chain, clock, actors, vaults and stores. Going back gives every actor a new client; who came later is gone. */
  snapshot(): Promise<() => Promise<boolean>>;
  /** Ends the chain and removes every file. */
  close(): Promise<void>;
}

/**
 * Starts a local chain on a free port of this machine, deploys everything to it, and makes a place for actors. Nothing of
 * it outlives the process, whatever ends it.
 *
 * @param start starts the node; Hardhat's own, in this process, when left out
 * @param options what stands between actors and node; nothing when left out
 * @throws HARDHAT_MISSING
 *
 * @example
 * await using devnet = await createDevnet();
 * const hospital = await devnet.institution("General Hospital");
 * const alice = await devnet.patient("Alice");
 * await hospital.client.proposeRelationship({ patient: alice.id });
 */
export async function createDevnet(
  start: () => Promise<Node> = startNode,
  options: DevnetOptions = {},
): Promise<Devnet> {
  const opened = new Opened();
  try {
    return await open(start, options, opened);
  } catch (error) {
    await opened.close();
    throw error;
  }
}

async function open(
  start: () => Promise<Node>,
  { index: scope, inFront }: DevnetOptions,
  opened: Opened,
): Promise<Devnet> {
  const folder = await temporaryFolder(opened);
  const node = await start();
  opened.defer(() => node.close());
  const { url } = node;
  const provider = await connect(url);
  opened.defer(() => provider.destroy());
  const delay = AUTHORITY_DELAY;
  const deployment = await (start === startNode
    ? deployAgain(provider, url, { delay })
    : deployContracts({ url, delay }));
  const theirs = inFront === undefined ? provider : await behind(await inFront(url), opened);
  const chain = {
    chainId: BigInt(deployment.chainId),
    genesisHash: deployment.genesisHash,
    contracts: deployment.contracts,
  };

  const funder = await provider.getSigner(0);
  const ipfs = join(folder, "ipfs");
  const keyDocuments = keyDocumentFolder(join(folder, "key-documents"));
  const reports: Devnet["reports"] = [];
  const names = new Map<string, string>([[funder.address, "authority"]]);
  const onTransaction = (report: TransactionReport) =>
    void reports.push({ ...report, actor: names.get(report.account) ?? report.account });
  const common = { deployment, modules: allModules, onTransaction };
  const authority = await createClient({ runner: funder, ...common });
  const actors: Actor[] = [];
  opened.defer(async () => {
    for (const { vault, store, index } of actors) {
      vault.close();
      await store.close();
      await index?.close();
    }
  });

  // One after the other: a node may give the same nonce to two that come at once.
  let funded: Promise<unknown> = Promise.resolve();
  const fund = (to: string) =>
    (funded = funded.then(async () => (await funder.sendTransaction({ to, value: parseEther("10") })).wait()));
  const vaultOf = ({ home, passphrase }: Pick<Actor, "home" | "passphrase">) => ({
    directory: home,
    chain,
    passphrase,
    cost: RANDOM_PASSPHRASE_COST,
  });

  const storeOf = ({ home }: Pick<Actor, "home">) =>
    createEmbeddedStore({ directory: ipfs, participant: basename(home) });

  let indexes = 0;
  const newIndex = async (): Promise<Pick<Actor, "index">> => {
    if (scope === undefined) return {};
    const file = join(folder, `index-${++indexes}.sqlite`);
    return { index: await openIndex({ file, provider: theirs, deployment, scope }) };
  };
  /** What a client reads events through: an index has what its own node says. */
  const eventsFor = (runner: { provider: Provider | null }, index: ChainIndex | undefined) =>
    index !== undefined && runner.provider === theirs ? { events: index } : {};

  const copyOf = async (what: string): Promise<string> => {
    const copy = await mkdtemp(join(folder, "snapshot-"));
    if (existsSync(what)) await cp(what, copy, { recursive: true });
    return copy;
  };

  const devnet: Devnet = {
    url,
    provider,
    deployment,
    authority,
    folder,
    ipfs,
    reports,
    async actor(name, { ether = true, backup } = {}) {
      const wallet = new Wallet(Wallet.createRandom().privateKey, theirs);
      names.set(wallet.address, name);
      const number = names.size;
      if (ether) await fund(wallet.address);
      const own = { home: join(folder, `vault-${number}`), passphrase: randomBytes(32).toString("hex") };
      const vault = await (backup === undefined
        ? openVault({ ...vaultOf(own), create: true })
        : restoreVault({ ...vaultOf(own), backup: backup.bytes, backupPassphrase: backup.passphrase }));
      const store = await storeOf(own);
      const indexed = await newIndex();
      const events = eventsFor(wallet, indexed.index);
      const client = await createClient({ runner: wallet, vault, store, keyDocuments, ...events, ...common });
      const actor: Actor = { name, wallet, vault, store, client, ...own, ...indexed, id: 0, received: [] };
      actors.push(actor);
      return actor;
    },
    async patient(name) {
      const actor = await devnet.actor(name);
      actor.id = (await actor.client.registerPatient()).participant;
      return actor;
    },
    async institution(name, roles = ["PROVIDER"]) {
      const actor = await devnet.actor(name);
      actor.id = (await actor.client.registerInstitution({ name })).participant;
      const until = (await devnet.now()) + THREE_YEARS;
      // The chain's clock moves on meanwhile, so that nobody has to wait.
      const onWait = () => devnet.increaseTime(AUTHORITY_DELAY + 1);
      await authority.licenseInstitution({ institution: actor.id, roles, until, onWait });
      return actor;
    },
    async operate(actor) {
      const operator = new Wallet(Wallet.createRandom().privateKey, theirs);
      names.set(operator.address, actor.name);
      await fund(operator.address);
      const joining = await devnet.clientOf(actor, { runner: operator });
      const file = await joining.signJoining({ participant: actor.id });
      await actor.client.addAccount({ file: throughJson(file), scope: "operator" });
      Object.assign(actor, { owner: actor.wallet, wallet: operator });
      actor.client = await devnet.clientOf(actor);
    },
    ownerOf: (actor) => devnet.clientOf(actor, { runner: actor.owner ?? actor.wallet }),
    clientOf: ({ wallet, vault, store, index }, options) => {
      const events = eventsFor(options?.runner ?? wallet, index);
      return createClient({ runner: wallet, vault, store, keyDocuments, ...events, ...common, ...options });
    },
    thiefOf: ({ wallet }) => createClient({ runner: wallet, ...common }),
    async reopen(actor) {
      actor.vault.close();
      actor.vault = await openVault(vaultOf(actor));
      actor.client = await devnet.clientOf(actor);
    },
    async snapshot() {
      const back = await snapshotOf(provider);
      const reported = reports.length;
      const kept = await Promise.all(
        actors.map(async (actor) => {
          // A vault that is open can't be copied whole.
          actor.vault.close();
          const vault = await copyOf(actor.home);
          await devnet.reopen(actor);
          const { name, wallet, owner, id, received } = actor;
          return { actor, vault, as: { name, wallet, owner, id, received: [...received] } };
        }),
      );
      const blocks = await copyOf(ipfs);
      return async () => {
        if (!(await back())) return false;
        reports.length = reported;
        for (const { vault } of actors) vault.close();
        for (const { store, index } of actors.splice(0)) {
          await store.close();
          await index?.close();
        }
        await putBack(blocks, ipfs);
        for (const { actor, vault, as } of kept) {
          await putBack(vault, actor.home);
          const anew = { received: [...as.received], store: await storeOf(actor), ...(await newIndex()) };
          Object.assign(actor, as, anew);
          await devnet.reopen(actor);
          actors.push(actor);
        }
        return true;
      };
    },
    now: async () => (await provider.getBlock("latest"))!.timestamp,
    async increaseTime(seconds) {
      await provider.send("evm_increaseTime", [seconds]);
      await provider.send("evm_mine", []);
    },
    close: () => opened.close(),
    [Symbol.asyncDispose]: () => opened.close(),
  };
  return devnet;
}

async function behind(front: Node, opened: Opened): Promise<JsonRpcProvider> {
  opened.defer(() => front.close());
  const provider = await connect(front.url);
  opened.defer(() => provider.destroy());
  return provider;
}

/** What somebody needs who comes back with another account: see {@link ActorOptions}. */
export const backupOf = async ({ vault, passphrase }: Actor): Promise<NonNullable<ActorOptions["backup"]>> => ({
  bytes: await vault.backup(passphrase),
  passphrase,
});

async function putBack(copy: string, folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await cp(copy, folder, { recursive: true });
  // As the vault and the store made it: nobody else may look inside.
  await chmod(folder, 0o700);
}

/** A folder that goes with the devnet, or with the process when that is ended first. */
async function temporaryFolder(opened: Opened): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "chartchain-devnet-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once("exit", remove);
  opened.defer(() => {
    process.off("exit", remove);
    remove();
  });
  return folder;
}

/** What is closed in the end, the newest first, whatever fails meanwhile: an AsyncDisposableStack, which Node 22 hasn't. */
class Opened {
  #ends: (() => unknown)[] = [];

  defer(end: () => unknown): void {
    this.#ends.push(end);
  }

  async close(): Promise<void> {
    const errors: unknown[] = [];
    for (const end of this.#ends.splice(0).reverse()) {
      try {
        await end();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0)
      throw errors.length === 1 ? errors[0] : new AggregateError(errors, "the devnet didn't close whole");
  }
}
