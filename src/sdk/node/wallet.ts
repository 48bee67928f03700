import { scrypt as nodeScrypt } from "node:crypto";

import { scrypt, Wallet, type Provider } from "ethers";

import { ChartChainError } from "../../errors/index.js";
import { walletInvalid } from "./wallet-invalid.js";

// Node's own scrypt takes a third of a second where the one in JavaScript takes two.
scrypt.register(
  async (passphrase, salt, N, r, p, length) =>
    new Promise((resolve, reject) => {
      const maxmem = 128 * N * r + 128 * r * p + 2 ** 20;
      nodeScrypt(passphrase, salt, length, { N, r, p, maxmem }, (error, key) =>
        error === null ? resolve(`0x${key.toString("hex")}`) : reject(error),
      );
    }),
);

/**
 * Opens an encrypted JSON wallet: a keystore of version 3, as most wallets write it.
 *
 * @param text what is in the file
 * @param path where it lies, for messages
 * @throws WRONG_PASSPHRASE, WALLET_INVALID
 *
 * @example
 * const wallet = await openKeystore(await readFile(path, "utf8"), passphrase, { path, provider });
 *
 * @see https://ethereum.org/developers/docs/data-structures-and-encoding/web3-secret-storage/
 */
export async function openKeystore(
  text: string,
  passphrase: string,
  { path, provider }: { path: string; provider: Provider | null },
): Promise<Wallet> {
  try {
    const opened = await Wallet.fromEncryptedJson(text, passphrase);
    return new Wallet(opened.privateKey, provider);
  } catch (error) {
    if (!/incorrect password/.test(String(error))) throw walletInvalid(path);
    throw new ChartChainError("WRONG_PASSPHRASE", `the wallet does not open with this passphrase: ${path}`, {
      details: { path },
      hint: "Check the passphrase. If it is lost, so is the account.",
    });
  }
}
