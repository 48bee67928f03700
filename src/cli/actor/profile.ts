import { existsSync, readFileSync } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, isAbsolute, join, resolve } from "node:path";

import { ChartChainError } from "../../errors/index.js";
import { PartialFile } from "../files/partial-file.js";
import { toJson } from "../terminal/json.js";
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
  /** The name of a network; the usual one when left out. */
  network?: string;
  /** As what it was made. */
  role?: Role;
}

export const ROLES = ["patient", "provider"] as const;
export type Role = (typeof ROLES)[number];

/** What a person's configuration file holds. */
export interface Configuration {
  version: 1;
  /** The profile that acts where none is named. */
  default?: string;
  /** The usual network: where no profile names another. */
  network?: string;
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
  const { version, default: usual, network, profiles, networks } = (read ?? {}) as Partial<Configuration>;
  if (version !== 1) throw problem("it is of another version of this program");
  if (!isTable(profiles) || !isTable(networks)) throw problem("profiles and networks are missing");
  if (usual !== undefined && typeof usual !== "string") throw problem("default is no name");
  if (network !== undefined && typeof network !== "string") throw problem("network is no name");
  return {
    version,
    ...(usual === undefined ? {} : { default: usual }),
    ...(network === undefined ? {} : { network }),
    profiles,
    networks,
  };
}

/**
 * Changes a person's configuration; whoever reads the file meanwhile finds the former one or this one, whole. It is for its
 * owner alone (0600): the URL of a node may carry an access key.
 *
 * @param change makes the new configuration of the present one
 * @throws CONFIGURATION_INVALID, FILE_UNWRITABLE, what `change` throws
 */
export async function changeConfiguration(
  environment: Environment,
  change: (present: Configuration) => Configuration,
): Promise<Configuration> {
  const changed = change(readConfiguration(environment));
  const path = configurationFile(environment);
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await using partial = await PartialFile.beside(path);
    await writeFile(partial.path, `${toJson(changed)}\n`, { mode: 0o600 });
    await rename(partial.path, path);
  } catch (cause) {
    throw new ChartChainError("FILE_UNWRITABLE", `the configuration can't be written: ${path}`, {
      details: { path, reason: (cause as NodeJS.ErrnoException).code },
      hint: "Check that its folder is yours to write and has room.",
      cause,
    });
  }
  return changed;
}

/** All entries of a table but one. */
export const without = <T>(entries: Record<string, T>, name: string): Record<string, T> =>
  Object.fromEntries(Object.entries(entries).filter(([each]) => each !== name));

/** The network of that name. Throws NETWORK_NOT_FOUND. */
export function networkNamed(name: string, { networks }: Configuration): Network {
  if (Object.hasOwn(networks, name)) return networks[name]!;
  throw new ChartChainError("NETWORK_NOT_FOUND", `there is no network ${name}`, {
    details: { networks: Object.keys(networks) },
    hint: `There are: ${Object.keys(networks).join(", ") || "none"}. chartchain network start makes one on this machine, chartchain network add NAME one of somebody else's.`,
  });
}

/** The profile of that name. Throws PROFILE_NOT_FOUND. */
export function profileNamed(name: string, { profiles }: Configuration): Profile {
  if (Object.hasOwn(profiles, name)) return profiles[name]!;
  throw new ChartChainError("PROFILE_NOT_FOUND", `there is no profile ${name}`, {
    details: { profiles: Object.keys(profiles) },
    hint: `There are: ${Object.keys(profiles).join(", ") || "none"}. chartchain init makes one.`,
  });
}

/** The profile with that home folder, by its name. */
export const profileAt = (home: string | undefined, environment: Environment): string | undefined =>
  home === undefined
    ? undefined
    : Object.entries(readConfiguration(environment).profiles).find(([, each]) => each.home === resolve(home))?.[0];

const isTable = (value: unknown): value is Record<string, never> =>
  typeof value === "object" &&
  value !== null &&
  Object.values(value).every((entry) => typeof entry === "object" && entry !== null);

/**
 * The variables that count for a command: those that are set, and what a profile says. A profile that was named goes before
 * variables; the usual one, which nobody named, and the usual network behind them.
 *
 * @param named by flag or CHARTCHAIN_PROFILE
 * @throws PROFILE_NOT_FOUND, NETWORK_NOT_FOUND, CONFIGURATION_INVALID
 */
export function withProfile(named: string | undefined, environment: Environment): Environment {
  const wanted = named ?? environment["CHARTCHAIN_PROFILE"];
  const configuration = readConfiguration(environment);
  const name = wanted ?? configuration.default;
  const said = variablesOf(name === undefined ? {} : profileNamed(name, configuration), configuration);
  return wanted === undefined ? { ...said, ...environment } : { ...environment, ...said };
}

/** What a profile says, as variables. */
export function variablesOf({ home, network: name }: Profile, configuration: Configuration): Environment {
  const chosen = name ?? configuration.network;
  const network = chosen === undefined ? {} : networkNamed(chosen, configuration);
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
