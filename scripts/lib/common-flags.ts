import { file, finality, folder, gwei, url } from "./flag-kinds.js";
import { optional, orVariable, settable, toggle } from "./flags.js";

const DEFAULT_RPC = "http://127.0.0.1:8545";

/** Every command has these. */
export const OUTPUT_FLAGS = {
  json: toggle("print one JSON document, and nothing else, to standard output"),
  help: toggle("print this help"),
};

/** Which chain, and which contracts on it. */
export const CHAIN_FLAGS = {
  rpc: orVariable("CHARTCHAIN_RPC", url, `the node, or CHARTCHAIN_RPC (${DEFAULT_RPC})`, DEFAULT_RPC),
  deployment: orVariable(
    "CHARTCHAIN_DEPLOYMENT",
    file,
    "where the contracts are, or CHARTCHAIN_DEPLOYMENT (deployments/<chain id>.json)",
  ),
};

/** Who acts, where nothing is stored. */
export const AUTHORITY_FLAGS = {
  ...CHAIN_FLAGS,
  home: orVariable(
    "CHARTCHAIN_HOME",
    folder,
    "the actor's home folder, or CHARTCHAIN_HOME (~/.local/share/chartchain)",
  ),
  wallet: optional(file, "encrypted JSON wallet of the account (wallet.json in the home folder)"),
  finality: settable(
    "CHARTCHAIN_FINALITY",
    finality,
    "which block counts as final: the node's tag, or so many blocks below the newest, or CHARTCHAIN_FINALITY (tag)",
  ),
  "max-fee": settable(
    "CHARTCHAIN_MAX_FEE",
    gwei,
    "the most that a unit of gas may cost, in gwei, or CHARTCHAIN_MAX_FEE (any)",
  ),
  "max-tip": settable(
    "CHARTCHAIN_MAX_TIP",
    gwei,
    "the most of it beyond the base fee, in gwei, or CHARTCHAIN_MAX_TIP (twice the base fee, from 5 to 100)",
  ),
};

/** Who acts. */
export const ACTOR_FLAGS = {
  ...AUTHORITY_FLAGS,
  store: orVariable(
    "CHARTCHAIN_STORE",
    folder,
    "folder that stands in for IPFS, or CHARTCHAIN_STORE (beside the deployment file)",
  ),
  ipfs: orVariable("CHARTCHAIN_IPFS", url, "a Kubo node's RPC instead of a folder, or CHARTCHAIN_IPFS"),
};

/** For commands that write files. */
export const FORCE = toggle("overwrite files that are there");
