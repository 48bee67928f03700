import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { ChartChainError } from "../src/errors/index.js";

/** What a devnet needs beside the library. They are optional peers of the package: whoever runs no devnet needs neither. */
const PEERS = ["hardhat", "@nomicfoundation/ignition-core"] as const;

/** A package lies here when npm installed it with `--global`: its peers have to lie beside it. */
const GLOBAL = /[\\/]lib[\\/]node_modules[\\/]chartchain[\\/]/;

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
    // Read and not imported: the compiler would put a copy of the file into what is built.
    const about = readFileSync(fileURLToPath(import.meta.resolve("chartchain/package.json")), "utf8");
    const { peerDependencies } = JSON.parse(about) as { peerDependencies: Record<(typeof PEERS)[number], string> };
    const packages = PEERS.map((name) => `${name}@${peerDependencies[name].replace("^", "")}`);
    const where = GLOBAL.test(import.meta.filename) ? "--global" : "--save-dev";
    throw new ChartChainError("HARDHAT_MISSING", `a local chain needs the package ${peer}`, {
      details: { peer, packages },
      hint: `Install what it needs: npm install ${where} ${packages.join(" ")}`,
      cause,
    });
  }
}
