import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { ensurePrivateDirectory } from "./private-directory.js";

/** The environment variables that {@link resolveHome} reads. */
export type HomeEnvironment = Partial<Record<"CHARTCHAIN_HOME" | "XDG_DATA_HOME" | "HOME", string>>;

/**
 * The home folder of one actor: `flag`, else `CHARTCHAIN_HOME`, else `chartchain` in the XDG data directory
 * (https://specifications.freedesktop.org/basedir-spec/latest/). Created with mode 0700 if it is missing.
 *
 * @param flag what the person gave on the command line, if anything
 * @param environment the process's variables by default
 * @returns an absolute path
 * @throws `HOME_NOT_PRIVATE` when others may get into the folder; `HOME_UNUSABLE` when it cannot be created
 *
 * @example
 * const directory = vaultDirectory(resolveHome(values.home), 31337n);
 */
export function resolveHome(flag?: string, environment: HomeEnvironment = process.env): string {
  const home = resolve(flag || environment.CHARTCHAIN_HOME || join(dataHome(environment), "chartchain"));
  ensurePrivateDirectory(home);
  return home;
}

/**
 * Where in a home folder the vault for a chain lives.
 *
 * @param home from {@link resolveHome}
 * @param chainId EIP-155 chain id
 */
export function vaultDirectory(home: string, chainId: bigint): string {
  return join(home, String(chainId));
}

/** The XDG data directory of a person. The specification has relative paths ignored. */
export function dataHome({ XDG_DATA_HOME: given, HOME: own }: HomeEnvironment): string {
  return given && isAbsolute(given) ? given : join(own || homedir(), ".local", "share");
}
