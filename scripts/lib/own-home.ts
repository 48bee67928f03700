import { AsyncLocalStorage } from "node:async_hooks";

import { printable } from "./printable.js";

const homes = new AsyncLocalStorage<string | undefined>();

/** The home folder that a command line names; undefined where it names none. */
export function homeIn(args: readonly string[]): string | undefined {
  const at = args.lastIndexOf("--home");
  return at < 0 ? args.findLast((each) => each.startsWith("--home="))?.slice("--home=".length) : args[at + 1];
}

/** Does something for whoever named this home; {@link inOwnHome} and {@link inTheirHome} know it meanwhile. */
export const atHome = <T>(home: string | undefined, work: () => T): T => homes.run(home, work);

/** A command that the same person runs, with the home that was named: pasted without it, it would be somebody else's. */
export function inOwnHome(text: string): string {
  const home = homes.getStore();
  return home === undefined ? text : withHome(text, quoted(printable(home)));
}

/** A command that somebody else runs: where one home was named, theirs is another. */
export const inTheirHome = (text: string): string => (homes.getStore() === undefined ? text : withHome(text, "THEIRS"));

const withHome = (text: string, home: string): string =>
  text.includes("--home")
    ? text
    : text.replace(/npx tsx scripts\/[a-z-]+\.ts/g, (command) => `${command} --home ${home}`);

const quoted = (path: string): string => (/^[\w@%+=:,./~-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`);
