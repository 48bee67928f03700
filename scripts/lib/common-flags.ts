import { file, folder, mebibytes, url } from "./flag-kinds.js";
import { optional, orVariable, toggle } from "./flags.js";

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

/** Who acts. */
export const ACTOR_FLAGS = {
  ...CHAIN_FLAGS,
  home: orVariable(
    "CHARTCHAIN_HOME",
    folder,
    "the actor's home folder, or CHARTCHAIN_HOME (~/.local/share/chartchain)",
  ),
  wallet: optional(file, "encrypted JSON wallet of the account (wallet.json in the home folder)"),
  store: orVariable(
    "CHARTCHAIN_STORE",
    folder,
    "folder that stands in for IPFS, or CHARTCHAIN_STORE (beside the deployment file)",
  ),
  ipfs: orVariable("CHARTCHAIN_IPFS", url, "a Kubo node's RPC instead of a folder, or CHARTCHAIN_IPFS"),
};

/** For commands that write files. */
export const FORCE = toggle("overwrite files that are there");

/** For commands that read FHIR; its value is in bytes. */
export const MAX_MIB = optional(mebibytes, "how large a JSON file, or a line of NDJSON, may be (128)");
