import type { Command } from "./command.js";

/** A command of any flags. Its file is only loaded to run it, or to explain or complete its flags. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a table of commands holds those of all flags
export type Load = () => Promise<{ default: Command<any> }>;

/** What it does, in a few words, and the command. */
export type Verb = readonly [about: string, load: Load];

/** Commands about one thing. */
export interface Noun {
  about: string;
  verbs: Readonly<Record<string, Verb>>;
}

/** Makes a {@link Noun}. */
export const noun = (about: string, verbs: Record<string, Verb>): Noun => ({ about, verbs });

export const isNoun = (entry: Verb | Noun): entry is Noun => "verbs" in entry;
