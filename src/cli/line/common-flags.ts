import { file, finality, folder, gwei, mebibytes, profileName, url, wholeNumber } from "./flag-kinds.js";
import { optional, orVariable, parsedOrVariable, repeatedOrVariable, toggle } from "./flags.js";

const DEFAULT_RPC = "http://127.0.0.1:8545";

/** Every command has these. */
export const OUTPUT_FLAGS = {
  json: toggle("print one JSON document, and nothing else, to standard output"),
  quiet: toggle("print only the result: no notes, no progress, nothing about what comes next"),
  profile: orVariable(
    "CHARTCHAIN_PROFILE",
    profileName,
    "whose home and network, as `chartchain init` made them, or CHARTCHAIN_PROFILE",
  ),
  help: toggle("print this help"),
};

/** Which chain, and which contracts on it. */
export const CHAIN_FLAGS = {
  rpc: orVariable("CHARTCHAIN_RPC", url, `the node, or CHARTCHAIN_RPC (${DEFAULT_RPC})`, DEFAULT_RPC),
  deployment: orVariable(
    "CHARTCHAIN_DEPLOYMENT",
    file,
    "where the contracts are, or CHARTCHAIN_DEPLOYMENT (else deployments/<chain id>.json in ~/.local/share/chartchain)",
  ),
};

/** The authority acts without a vault and a store. */
export const AUTHORITY_FLAGS = {
  ...CHAIN_FLAGS,
  "other-node": repeatedOrVariable(
    "CHARTCHAIN_OTHER_NODES",
    url,
    "a further node that has to say the same before access is given; again for more; or CHARTCHAIN_OTHER_NODES",
  ),
  agreement: parsedOrVariable(
    "CHARTCHAIN_AGREEMENT",
    wholeNumber("K", 1, 100),
    "how many of the nodes have to answer, or CHARTCHAIN_AGREEMENT (all)",
  ),
  home: orVariable(
    "CHARTCHAIN_HOME",
    folder,
    "the actor's home folder, or CHARTCHAIN_HOME (~/.local/share/chartchain)",
  ),
  wallet: optional(file, "encrypted JSON wallet of the account (wallet.json in the home folder)"),
  finality: parsedOrVariable(
    "CHARTCHAIN_FINALITY",
    finality,
    "which block counts as final: the node's tag, or so many blocks below the newest, or CHARTCHAIN_FINALITY (tag)",
  ),
  "max-fee": parsedOrVariable(
    "CHARTCHAIN_MAX_FEE",
    gwei,
    "the most that a unit of gas may cost, in gwei, or CHARTCHAIN_MAX_FEE (any)",
  ),
  "max-tip": parsedOrVariable(
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
  "key-documents": orVariable(
    "CHARTCHAIN_KEY_DOCUMENTS",
    folder,
    "folder that stands in for the services that give key documents, or CHARTCHAIN_KEY_DOCUMENTS (beside the deployment file)",
  ),
  ipfs: orVariable("CHARTCHAIN_IPFS", url, "a Kubo node's RPC instead of a folder, or CHARTCHAIN_IPFS"),
};

/** For commands that write files. */
export const FORCE = toggle("overwrite files that are there");

/** For commands that read FHIR; its value is in bytes. */
export const MAX_MIB = optional(mebibytes, "how large a JSON file, or a line of NDJSON, may be (128)");
