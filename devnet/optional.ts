import { ChartChainError } from "../src/errors/index.js";

/** What a devnet needs beside the library. They are optional peers of the package: whoever runs no devnet needs neither. */
const PEERS = ["hardhat", "@nomicfoundation/ignition-core"] as const;

/**
 * Loads a peer where it is needed.
 *
 * @throws HARDHAT_MISSING
 */
export async function optional<T>(peer: (typeof PEERS)[number], load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    if ((cause as { code?: unknown } | null)?.code !== "ERR_MODULE_NOT_FOUND") throw cause;
    throw new ChartChainError("HARDHAT_MISSING", `a devnet needs the package ${peer}`, {
      details: { peer },
      hint: `Install what it needs: npm install --save-dev ${PEERS.join(" ")}`,
      cause,
    });
  }
}
