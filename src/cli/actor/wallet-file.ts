import { renameSync } from "node:fs";
import { writeFile } from "node:fs/promises";

import { encryptKeystoreJson, Wallet, type Provider } from "ethers";

import { ChartChainError, isChartChainError } from "../../errors/index.js";
import { openKeystore } from "../../sdk/node/wallet.js";
import { OutputFile } from "../files/output-file.js";
import { PartialFile } from "../files/partial-file.js";
import type { AskPassphrase } from "../terminal/passphrase.js";
import { checkedKey, readWallet, type AccountSource } from "./account-source.js";

/**
 * An account that can sign.
 *
 * @throws KEY_INVALID, WALLET_NOT_FOUND, FILE_UNREADABLE, WALLET_INVALID, WRONG_PASSPHRASE, and what asking for the passphrase throws
 */
export async function openAccount(
  source: AccountSource,
  provider: Provider | null,
  ask: AskPassphrase,
): Promise<Wallet> {
  if ("key" in source) return new Wallet(checkedKey(source.key), provider);
  const { text } = await readWallet(source.path);
  return openKeystore(text, await ask(), { path: source.path, provider });
}

/**
 * Makes a wallet with a fresh key and keeps it encrypted (scrypt, for its owner alone).
 *
 * @param cost scrypt's N as a power of two; 17 when left out
 */
export async function createWallet(path: string, provider: Provider, ask: AskPassphrase, cost = 17): Promise<Wallet> {
  await using file = await OutputFile.reserve(path, { force: false });
  const wallet = new Wallet(Wallet.createRandom().privateKey, provider);
  await file.write([
    `${await encryptKeystoreJson(wallet, await ask({ fresh: true }), { scrypt: { N: 2 ** cost } })}\n`,
  ]);
  return wallet;
}

/** A change of a wallet's passphrase that is ready to be made. */
export interface WalletChange extends AsyncDisposable {
  /** False when the wallet opens with the new passphrase already. */
  readonly isNeeded: boolean;
  make(): void;
}

/**
 * Makes ready to change a wallet's passphrase: the new file is written beside the wallet, whose place it takes at once.
 *
 * @param cost scrypt's N as a power of two; 17 when left out
 * @throws WRONG_PASSPHRASE when neither opens it; WALLET_NOT_FOUND, WALLET_INVALID, FILE_UNREADABLE, FILE_UNWRITABLE
 */
export async function prepareWalletChange(
  path: string,
  current: string,
  next: string,
  cost = 17,
): Promise<WalletChange> {
  let wallet: Wallet;
  try {
    wallet = await openAccount({ path }, null, async () => current);
  } catch (error) {
    if (!isChartChainError(error, "WRONG_PASSPHRASE")) throw error;
    const isChanged = await openAccount({ path }, null, async () => next).then(
      () => true,
      () => false,
    );
    if (isChanged) return { isNeeded: false, make() {}, async [Symbol.asyncDispose]() {} };
    throw error;
  }
  const partial = await PartialFile.beside(path);
  try {
    const text = await encryptKeystoreJson(wallet, next, { scrypt: { N: 2 ** cost } });
    await writeFile(partial.path, `${text}\n`, { mode: 0o600, flag: "wx", flush: true });
  } catch (cause) {
    await partial[Symbol.asyncDispose]();
    throw new ChartChainError("FILE_UNWRITABLE", `the file can't be written: ${path}`, {
      details: { path, reason: (cause as NodeJS.ErrnoException).code },
      hint: "Check that its folder is yours to write and has room.",
      cause,
    });
  }
  return {
    isNeeded: true,
    make: () => renameSync(partial.path, path),
    [Symbol.asyncDispose]: () => partial[Symbol.asyncDispose](),
  };
}
