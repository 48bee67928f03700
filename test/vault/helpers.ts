import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { ChartChainError, type ErrorCode } from "../../src/errors/index.js";
import type { NewEnvelope, RecordMetadata, Vault, VaultChain } from "../../src/vault/index.js";
import { type OpenVaultOptions, openVault } from "../../src/vault/node/index.js";
import { Database } from "../../src/sqlite/index.js";
import { openFile } from "../../src/sqlite/node/index.js";
import { asVaultError } from "../../src/vault/vault-errors.js";
import { killWorkers } from "./processes.js";

/** A vault's file, with nothing of a vault in it. */
export const openDatabase = (file: string): Database => Database.open(file, openFile, asVaultError);

export const PASSPHRASE = "an old oak by the river";

/** scrypt at its cheapest. */
export const COST = 10;

export const CHAIN: VaultChain = {
  chainId: 31337n,
  genesisHash: `0x${"1a".repeat(32)}`,
  contracts: { Registrar: `0x${"01".repeat(20)}`, Consents: `0x${"02".repeat(20)}` },
};

export const ALICE = 17;
export const BOB = 18;
export const GENERAL_HOSPITAL = 4;
export const INSURER = 9;

/** Folders and vaults of one suite; both are gone after each test. */
export interface Workspace {
  /** A new empty folder. */
  directory: () => string;
  /** Opens a vault with the values above; creates it unless told otherwise. */
  open: (directory: string, options?: Partial<OpenVaultOptions>) => Promise<Vault>;
}

/** Call it inside `describe`. */
export function workspace(): Workspace {
  const directories: string[] = [];
  const vaults: Vault[] = [];
  afterEach(() => {
    killWorkers();
    for (const vault of vaults.splice(0)) vault.close();
    for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
  });
  return {
    directory() {
      const directory = mkdtempSync(join(tmpdir(), "chartchain-vault-"));
      directories.push(directory);
      return directory;
    },
    async open(directory, options = {}) {
      const vault = await openVault({
        ...{ directory, chain: CHAIN, passphrase: PASSPHRASE, create: true, cost: COST },
        ...options,
      });
      vaults.push(vault);
      return vault;
    },
  };
}

/** Expects a `ChartChainError` with this code and a hint, and gives it back. */
export async function expectCode(code: ErrorCode, action: () => unknown): Promise<ChartChainError> {
  let thrown: unknown;
  try {
    await action();
  } catch (error) {
    thrown = error;
  }
  expect(thrown, `nothing was thrown, ${code} expected`).to.be.instanceOf(ChartChainError);
  const error = thrown as ChartChainError;
  expect(error.code, error.message).to.equal(code);
  expect(error.hint).to.be.a("string");
  expect(() => JSON.stringify(error)).not.to.throw();
  return error;
}

/** 32 bytes that always are the same for a name. */
export function digestOf(name: string | number): Uint8Array {
  return new Uint8Array(createHash("sha256").update(String(name)).digest());
}

/** 16 bytes that always are the same for a name. */
export function idOf(name: string | number): Uint8Array {
  return digestOf(`id of ${name}`).slice(0, 16);
}

/** An envelope with random bytes as long as real ones. */
export function envelope(name: string | number, changes: Partial<NewEnvelope> = {}): NewEnvelope {
  return {
    ...{ digest: digestOf(name), compartmentId: idOf("compartment"), bytes: new Uint8Array(randomBytes(1100)) },
    ...{ patient: ALICE, steward: GENERAL_HOSPITAL, status: "pending" },
    ...changes,
  };
}

export function metadata(changes: Partial<RecordMetadata> = {}): RecordMetadata {
  return {
    ...{
      recordId: idOf("record"),
      category: 7,
      classes: 1,
      cid: "bafkreiabcdefghijklmnopqrstuvwxyz234567",
      size: 4321,
    },
    ...{ createdAt: 1_750_000_000, author: GENERAL_HOSPITAL },
    ...changes,
  };
}
