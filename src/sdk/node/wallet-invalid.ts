import { ChartChainError } from "../../errors/index.js";

/** A file that holds no wallet. */
export const walletInvalid = (path: string): ChartChainError =>
  new ChartChainError("WALLET_INVALID", `the file is not an encrypted JSON wallet: ${path}`, {
    details: { path },
    hint: "Use a keystore file (version 3), as most wallets export it.",
  });
