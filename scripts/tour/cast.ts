import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { network } from "hardhat";
import { parseEther, Wallet, type JsonRpcProvider, type JsonRpcSigner } from "ethers";

import {
  connect,
  createClient,
  type Client,
  type DeliveryFile,
  type Deployment,
  type TransactionReport,
} from "../../src/sdk/index.js";
import { createEmbeddedStore, type RecordStore } from "../../src/storage/index.js";
import { openVault, restoreVault, type Vault } from "../../src/vault/index.js";
import { deployContracts } from "../lib/deploy-contracts.js";

/** How long the authority of a tour waits between announcing and doing, in seconds. */
const AUTHORITY_DELAY = 1;

// The passphrases of a tour are 256 random bits that nobody types: scrypt has nothing to slow down.
const RANDOM_PASSPHRASE_COST = 12;

/** One participant: an account, a vault and a store of its own. */
export interface Actor {
  name: string;
  client: Client;
  wallet: Wallet;
  vault: Vault;
  store: RecordStore;
  /** The vault's folder. */
  home: string;
  /** The participant id, once registered. */
  id: number;
  /** Every file that was handed to this participant. */
  received: DeliveryFile[];
}

/** The chain, the folder that stands in for the network, and everybody on it. */
export interface Stage {
  provider: JsonRpcProvider;
  deployment: Deployment;
  /** What the gas of the deployment came to. */
  deploymentGas: number;
  authority: Client;
  /** The embedded store's folder, shared by all as a network would be. */
  network: string;
  reports: (TransactionReport & { actor: string })[];
  /** @param backup a vault's backup and its passphrase, for somebody who comes back with another account */
  actor(name: string, ether: boolean, backup?: { bytes: Uint8Array; passphrase: string }): Promise<Actor>;
  /** Somebody who has an account's key and nothing else. */
  thiefOf(actor: Actor): Promise<Client>;
  advanceTime(seconds: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts a local Hardhat chain on a free port of this machine and deploys everything to it. Nothing of it outlives the
 * process, whatever ends it.
 */
export async function openStage(): Promise<Stage> {
  await using opened = new AsyncDisposableStack();
  const folder = await temporaryFolder(opened);
  const server = await network.createServer("node", "127.0.0.1", 0);
  const { address, port } = await server.listen();
  opened.defer(() => server.close());
  const url = `http://${address}:${port}`;
  const deployment = await deployContracts({ url, delay: AUTHORITY_DELAY, ephemeral: true });
  const provider = await connect(url);
  opened.defer(() => provider.destroy());
  const funder = await provider.getSigner(0);
  const shared = join(folder, "ipfs");
  const reports: Stage["reports"] = [];
  const names = new Map<string, string>([[funder.address, "authority"]]);
  const onTransaction = (report: TransactionReport) =>
    void reports.push({ ...report, actor: names.get(report.account) ?? report.account });
  const actors: Actor[] = [];
  opened.defer(async () => {
    for (const { vault, store } of actors) {
      vault.close();
      await store.close();
    }
  });
  const deploymentGas = await gasSpent(provider);
  const authority = await createClient({ runner: funder, deployment, onTransaction });
  const resources = opened.move();

  return {
    provider,
    deployment,
    deploymentGas,
    authority,
    network: shared,
    reports,
    async actor(name, ether, backup) {
      const wallet = new Wallet(Wallet.createRandom().privateKey, provider);
      names.set(wallet.address, name);
      if (ether) await fund(funder, wallet.address);
      const home = join(folder, `vault-${actors.length}`);
      const { chainId, genesisHash, contracts } = deployment;
      const options = {
        directory: home,
        chain: { chainId: BigInt(chainId), genesisHash, contracts },
        passphrase: randomBytes(32).toString("hex"),
        cost: RANDOM_PASSPHRASE_COST,
      };
      const vault = await (backup === undefined
        ? openVault({ ...options, create: true })
        : restoreVault({ ...options, backup: backup.bytes, backupPassphrase: backup.passphrase }));
      const store = await createEmbeddedStore({ directory: shared, participant: `actor-${actors.length}` });
      const client = await createClient({ runner: wallet, deployment, vault, store, onTransaction });
      const actor: Actor = { name, client, wallet, vault, store, home, id: 0, received: [] };
      actors.push(actor);
      return actor;
    },
    thiefOf: ({ wallet }) => createClient({ runner: wallet, deployment, onTransaction }),
    async advanceTime(seconds) {
      await provider.send("evm_increaseTime", [seconds]);
      await provider.send("evm_mine", []);
    },
    close: () => resources.disposeAsync(),
  };
}

/** A folder that goes with the stage, or with the process when that is ended first. */
async function temporaryFolder(opened: AsyncDisposableStack): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "chartchain-tour-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once("exit", remove);
  opened.defer(() => {
    process.off("exit", remove);
    remove();
  });
  return folder;
}

async function fund(funder: JsonRpcSigner, to: string): Promise<void> {
  await (await funder.sendTransaction({ to, value: parseEther("10") })).wait();
}

async function gasSpent(provider: JsonRpcProvider): Promise<number> {
  const last = await provider.getBlockNumber();
  const blocks = await Promise.all(Array.from({ length: last + 1 }, (_, number) => provider.getBlock(number)));
  return blocks.reduce((sum, block) => sum + Number(block?.gasUsed ?? 0n), 0);
}
