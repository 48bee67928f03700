import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

import { ChartChainError } from "../../errors/index.js";
import type { Environment } from "../terminal/program.js";

/** Where a chain is, and how its nodes and stores are asked. What is left out has the default of its flag. */
export interface Network {
  /** URL of the node. */
  rpc?: string;
  /** File with the contracts' addresses. */
  deployment?: string;
  /** Folder that stands in for IPFS. */
  store?: string;
  /** Folder that stands in for the services that give key documents. */
  keyDocuments?: string;
  /** URL of a Kubo node's RPC. */
  ipfs?: string;
  /** URLs of further nodes. */
  otherNodes?: string[];
  /** How many of the nodes have to answer. */
  agreement?: number;
  /** `tag`, or a number of blocks. */
  finality?: string;
}

/** Who acts, and on which network. */
export interface Profile {
  /** The home folder. */
  home?: string;
  /** The name of a network. */
  network?: string;
}

/** What a person's configuration file holds. */
export interface Configuration {
  version: 1;
  /** The profile that acts where none is named. */
  default?: string;
  profiles: Record<string, Profile>;
  networks: Record<string, Network>;
}

/**
 * Where a person's configuration is kept: `chartchain/config.json` in the XDG configuration directory
 * (https://specifications.freedesktop.org/basedir-spec/latest/).
 */
export function configurationFile({ XDG_CONFIG_HOME: given, HOME: own }: Environment): string {
  const folder = given !== undefined && isAbsolute(given) ? given : join(own ?? homedir(), ".config");
  return join(folder, "chartchain", "config.json");
}

/**
 * Reads a person's configuration; an empty one where there is no file yet.
 *
 * @throws CONFIGURATION_INVALID
 */
export function readConfiguration(environment: Environment): Configuration {
  const path = configurationFile(environment);
  if (!existsSync(path)) return { version: 1, profiles: {}, networks: {} };
  const problem = (what: string, cause?: unknown) =>
    new ChartChainError("CONFIGURATION_INVALID", `the configuration can't be used: ${what}: ${path}`, {
      details: { path },
      hint: "Mend the file, or move it away and run chartchain init.",
      cause,
    });
  let read: unknown;
  try {
    read = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw problem("it is no JSON, or can't be read", cause);
  }
  const { version, default: usual, profiles, networks } = (read ?? {}) as Partial<Configuration>;
  if (version !== 1) throw problem("it is of another version of this program");
  if (!isTable(profiles) || !isTable(networks)) throw problem("profiles and networks are missing");
  if (usual !== undefined && typeof usual !== "string") throw problem("default is no name");
  return { version, ...(usual === undefined ? {} : { default: usual }), profiles, networks };
}

const isTable = (value: unknown): value is Record<string, never> =>
  typeof value === "object" &&
  value !== null &&
  Object.values(value).every((entry) => typeof entry === "object" && entry !== null);

/**
 * The variables that count for a command: those that are set, and what a profile says. A profile that was named goes before
 * variables; the usual one, which nobody named, behind them.
 *
 * @param named by flag or CHARTCHAIN_PROFILE
 * @throws PROFILE_NOT_FOUND, NETWORK_NOT_FOUND, CONFIGURATION_INVALID
 */
export function withProfile(named: string | undefined, environment: Environment): Environment {
  const wanted = named ?? environment["CHARTCHAIN_PROFILE"];
  const configuration = readConfiguration(environment);
  const name = wanted ?? configuration.default;
  if (name === undefined) return environment;
  const profile = Object.hasOwn(configuration.profiles, name) ? configuration.profiles[name]! : undefined;
  if (profile === undefined) {
    throw new ChartChainError("PROFILE_NOT_FOUND", `there is no profile ${name}`, {
      details: { profiles: Object.keys(configuration.profiles) },
      hint: `There are: ${Object.keys(configuration.profiles).join(", ") || "none"}. chartchain init makes one.`,
    });
  }
  const said = variablesOf(profile, configuration);
  return wanted === undefined ? { ...said, ...environment } : { ...environment, ...said };
}

function variablesOf({ home, network: name }: Profile, { networks }: Configuration): Environment {
  if (name !== undefined && !Object.hasOwn(networks, name)) {
    throw new ChartChainError("NETWORK_NOT_FOUND", `there is no network ${name}`, {
      details: { networks: Object.keys(networks) },
      hint: `There are: ${Object.keys(networks).join(", ") || "none"}. chartchain network add makes one.`,
    });
  }
  const network = name === undefined ? {} : networks[name]!;
  const variables: Environment = {
    CHARTCHAIN_HOME: home,
    CHARTCHAIN_RPC: network.rpc,
    CHARTCHAIN_DEPLOYMENT: network.deployment,
    CHARTCHAIN_STORE: network.store,
    CHARTCHAIN_KEY_DOCUMENTS: network.keyDocuments,
    CHARTCHAIN_IPFS: network.ipfs,
    CHARTCHAIN_OTHER_NODES: network.otherNodes?.join(" "),
    CHARTCHAIN_AGREEMENT: network.agreement === undefined ? undefined : String(network.agreement),
    CHARTCHAIN_FINALITY: network.finality,
  };
  return Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined));
}
