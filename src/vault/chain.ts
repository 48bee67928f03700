import { ChartChainError } from "../errors/index.js";
import type { Database } from "../sqlite/index.js";
import { invalidInput, requireHex, requireName } from "./input.js";
import { readMeta, writeMeta } from "./meta.js";

/** Which contracts on which chain a vault is for. */
export interface VaultChain {
  /** EIP-155 chain id. */
  chainId: bigint;
  /** Hash of block 0, `0x` and 32 bytes. A local chain that was restarted has another one. */
  genesisHash: string;
  /** Addresses of the deployed contracts by name, at least one. */
  contracts: Record<string, string>;
}

/** The chain with its hex values in lower case and its contracts in order. Throws `VAULT_INPUT_INVALID`. */
export function normalizeChain(chain: VaultChain): VaultChain {
  const { chainId, genesisHash, contracts } = chain;
  if (typeof chainId !== "bigint" || chainId <= 0n) throw invalidInput("chain.chainId", "a positive bigint");
  const entries = Object.entries(contracts).sort(([a], [b]) => (a < b ? -1 : 1));
  // Without one, a chain that was kept but deployed to anew would look the same.
  if (entries.length === 0) throw invalidInput("chain.contracts", "the address of at least one contract");
  const addresses = entries.map(([name, address]): [string, string] => {
    requireName(name, "a contract's name");
    return [name, requireHex(address, `chain.contracts.${name}`, 20)];
  });
  return {
    chainId,
    genesisHash: requireHex(genesisHash, "chain.genesisHash", 32),
    contracts: Object.fromEntries(addresses),
  };
}

/** Stores which chain the vault is for. */
export function writeChain(database: Database, { chainId, genesisHash, contracts }: VaultChain): void {
  writeMeta(database, "chain_id", String(chainId));
  writeMeta(database, "genesis_hash", genesisHash);
  for (const [name, address] of Object.entries(contracts)) {
    database.run("INSERT INTO contracts VALUES (?, ?) ON CONFLICT DO NOTHING", name, address);
  }
}

/** Which chain the vault is for. */
export function readChain(database: Database): VaultChain {
  const rows = database.all<{ name: string; address: string }>("SELECT name, address FROM contracts ORDER BY name");
  return {
    chainId: BigInt(readMeta<string>(database, "chain_id") ?? 0),
    genesisHash: readMeta<string>(database, "genesis_hash") ?? "",
    contracts: Object.fromEntries(rows.map(({ name, address }) => [name, address])),
  };
}

/**
 * Refuses another chain than the one that is kept. A contract that was not known before is no difference: modules are
 * deployed later.
 *
 * @param kept what the vault or backup is for
 * @param given what the program is connected to
 * @param what names the vault or backup in the message
 * @throws `VAULT_OTHER_CHAIN`, naming both
 */
export function requireSameChain(kept: VaultChain, given: VaultChain, what: string): void {
  const differences: string[] = [];
  if (kept.chainId !== given.chainId) differences.push(`chain id ${kept.chainId}, not ${given.chainId}`);
  if (kept.genesisHash !== given.genesisHash) {
    differences.push(`genesis block ${kept.genesisHash}, not ${given.genesisHash}`);
  }
  for (const [name, address] of Object.entries(kept.contracts)) {
    const other = given.contracts[name];
    if (other !== address) differences.push(`${name} at ${address}, not ${other ?? "missing"}`);
  }
  if (differences.length === 0) return;
  throw new ChartChainError("VAULT_OTHER_CHAIN", `${what} belongs to ${differences.join("; ")}`, {
    details: { vault: plain(kept), given: plain(given), differences },
    hint: "Connect to the chain it belongs to; or, if that chain is gone for good, move the vault's folder away.",
  });
}

function plain({ chainId, genesisHash, contracts }: VaultChain): Record<string, unknown> {
  return { chainId: String(chainId), genesisHash, contracts };
}
