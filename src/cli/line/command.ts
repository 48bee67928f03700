import type { Talk } from "../terminal/talk.js";
import type { Flags, Values } from "./flags.js";

/** What a command came to: for programs, and for people. */
export interface Result {
  data: unknown;
  /** Nothing is printed where it is empty: the command said everything itself. */
  text: string;
  /** True where something is left undone that a person has to look at: the command ends with 1, and prints all of it. */
  incomplete?: boolean;
  /** The text is for a program: no line of it is broken. */
  verbatim?: boolean;
  /** What goes on after that was printed, until somebody interrupts it. */
  stay?: () => Promise<void>;
}

/** One thing that a person does. Its name is its place in the list of commands. */
export interface Command<F extends Flags = Flags> {
  /** What it does, in one or two sentences. */
  purpose: string;
  flags: F;
  /** The flag that the first word gives without the flag's name; where the flag may be repeated, every word. */
  operand?: keyof F & string;
  /** Arguments that work. */
  examples: readonly string[];
  /** It is about profiles and networks themselves: what the usual or the named one says doesn't count for it. */
  aboutProfiles?: boolean;
  run(values: Values<F>, talk: Talk): Promise<Result>;
}

/**
 * Says of what a command is made, and keeps the types of its flags.
 *
 * @example
 * export default command({ purpose: "…", flags: { file: required(file, "…") }, examples: ["--file a.json"], run });
 */
export const command = <F extends Flags>(described: Command<F>): Command<F> => described;
