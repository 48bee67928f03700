import { existsSync } from "node:fs";

import { computeAddress, getAddress, VoidSigner, type Provider, type Signer } from "ethers";

import { ChartChainError } from "../../errors/index.js";
import { walletInvalid } from "../../sdk/node/wallet-invalid.js";
import { readBytes } from "../files/input-file.js";
import type { Environment } from "../terminal/program.js";

/** Where an account comes from: a wallet's file, or a private key. */
export type AccountSource = { path: string } | { key: string };

/** The account that the caller named instead of the one in the home folder: --wallet goes before CHARTCHAIN_KEY. */
export function namedAccount(wallet: string | undefined, environment: Environment): AccountSource | undefined {
  if (wallet !== undefined) return { path: wallet };
  const key = environment["CHARTCHAIN_KEY"];
  return key === undefined ? undefined : { key };
}

/** The account's address alone, for what needs no signature: nothing is decrypted. Throws KEY_INVALID, WALLET_NOT_FOUND, FILE_UNREADABLE, WALLET_INVALID. */
export async function readAccount(source: AccountSource, provider: Provider): Promise<Signer> {
  const address = "key" in source ? computeAddress(checkedKey(source.key)) : (await readWallet(source.path)).address;
  return new VoidSigner(address, provider);
}

/** A private key in hex, as a signer takes it. Throws KEY_INVALID. */
export function checkedKey(given: string): string {
  const key = given.startsWith("0x") ? given : `0x${given}`;
  try {
    // What an invalid key looks like stays out of the error.
    computeAddress(key);
    return key;
  } catch {
    throw new ChartChainError("KEY_INVALID", "CHARTCHAIN_KEY is not a private key", {
      hint: "It has 64 hexadecimal digits, with or without 0x before them.",
    });
  }
}

/** A wallet's file, and its address. Throws WALLET_NOT_FOUND, FILE_UNREADABLE, WALLET_INVALID. */
export async function readWallet(path: string): Promise<{ text: string; address: string }> {
  if (!existsSync(path)) {
    throw new ChartChainError("WALLET_NOT_FOUND", `there is no wallet: ${path}`, {
      details: { path },
      hint: "Check --home. chartchain account register-provider and chartchain account register-patient make a wallet in a home folder that has none.",
    });
  }
  const text = (await readBytes(path)).toString("utf8");
  try {
    const { address } = JSON.parse(text) as { address: string };
    return { text, address: getAddress(address.startsWith("0x") ? address : `0x${address}`) };
  } catch {
    throw walletInvalid(path);
  }
}
