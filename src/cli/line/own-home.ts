import { AsyncLocalStorage } from "node:async_hooks";

import { printable } from "../terminal/printable.js";

/** For whom a command line acts: what it names itself. */
export interface Chosen {
  home?: string | undefined;
  profile?: string | undefined;
}

const chosen = new AsyncLocalStorage<Chosen>();

/** The home folder and the profile that a command line names, before its flags are read. */
export const homeAndProfile = (args: readonly string[]): Chosen => ({
  home: valueOf(args, "--home"),
  profile: valueOf(args, "--profile"),
});

function valueOf(args: readonly string[], flag: string): string | undefined {
  const at = args.lastIndexOf(flag);
  return at < 0 ? args.findLast((each) => each.startsWith(`${flag}=`))?.slice(flag.length + 1) : args[at + 1];
}

/** Does something for whoever named these; {@link inOwnHome} and {@link inTheirHome} know it meanwhile. */
export const atHome = <T>(named: Chosen, work: () => T): T => chosen.run(named, work);

/** Whether the command line itself says for whom it acts. */
export const isHomeNamed = (): boolean => Object.values(chosen.getStore() ?? {}).some((value) => value !== undefined);

/** A command that the same person runs, with the home or profile that was named: pasted without it, it would be somebody else's. */
export function inOwnHome(text: string): string {
  const { home, profile } = chosen.getStore() ?? {};
  if (home !== undefined) return withFlag(text, "--home", quoted(printable(home)));
  return profile === undefined ? text : withFlag(text, "--profile", quoted(printable(profile)));
}

/** A command that somebody else runs: where one home or profile was named, theirs is another. */
export function inTheirHome(text: string): string {
  const { home, profile } = chosen.getStore() ?? {};
  if (home !== undefined) return withFlag(text, "--home", "THEIRS");
  return profile === undefined ? text : withFlag(text, "--profile", "THEIRS");
}

/** Commands of one word; all others have two. */
export const LONE = [
  "completion",
  "disclosures",
  "doctor",
  "init",
  "mcp",
  "patients",
  "relay",
  "status",
  "watch",
  "whoami",
  "worklist",
];

/** A command as texts name it. */
export const COMMAND_WORDS = `\\bchartchain (?:(?:${LONE.join("|")})(?![a-z-])|[a-z]+ [a-z][a-z-]*)`;

const withFlag = (text: string, flag: string, value: string): string =>
  text.includes("--home") || text.includes("--profile")
    ? text
    : text.replace(new RegExp(COMMAND_WORDS, "g"), (command) =>
        // It is told for whom by its first word.
        command === "chartchain init" ? command : `${command} ${flag} ${value}`,
      );

const quoted = (path: string): string => (/^[\w@%+=:,./~-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`);
