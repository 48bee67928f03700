import { parseUnits } from "ethers";

import { ambiguity, dayOf, type FromNow, HOW_TO_WRITE, lengthOf, timeOf, type WholeDay } from "./dates.js";

/** Values, paths, or names in the configuration. */
export type Completion = readonly string[] | "file" | "folder" | "profile" | "network";

/** What may stand behind a flag. */
export interface Kind<T> {
  /** How help names it: `ID`, `FILE`. */
  placeholder: string;
  /** What a shell offers for it: these values, or what there is of something. */
  completes?: Completion;
  /** What was expected, for the error. */
  expects: string;
  /** The value, or undefined when `text` isn't one. */
  parse: (text: string) => T | undefined;
  /** What is wrong with a text, where that can be said better than by what was expected. It repeats nothing but a day. */
  wrong?: (text: string) => string | undefined;
}

export const anyText = (placeholder: string): Kind<string> => ({
  placeholder,
  expects: "a text",
  parse: (text) => (text.trim() === "" ? undefined : text),
});

export const file: Kind<string> = { ...anyText("FILE"), completes: "file", expects: "the path of a file" };
export const folder: Kind<string> = { ...anyText("DIR"), completes: "folder", expects: "the path of a folder" };

export const url: Kind<string> = {
  placeholder: "URL",
  expects: "a URL that begins with http:// or https://",
  parse: (text) => (/^https?:\/\/./.test(text) && URL.canParse(text) ? text : undefined),
};

export const wholeNumber = (placeholder: string, min: number, max: number): Kind<number> => ({
  placeholder,
  expects: `a whole number from ${min} to ${max}`,
  parse: (text) => (/^\d{1,15}$/.test(text) && +text >= min && +text <= max ? +text : undefined),
});

/** A size, given in mebibytes and read as bytes. */
export const mebibytes: Kind<number> = {
  placeholder: "MIB",
  expects: "a whole number of mebibytes from 1 to 1048576",
  parse: (text) => {
    const size = wholeNumber("MIB", 1, 1_048_576).parse(text);
    return size === undefined ? undefined : size * 1_048_576;
  },
};

/** A number of days, or 0 for no limit. */
export const daysOrNone: Kind<number> = {
  placeholder: "DAYS|none",
  expects: "a number of days up to 65535, or the word none",
  parse: (text) => (text === "none" ? 0 : wholeNumber("DAYS", 1, 65_535).parse(text)),
};

export const participant: Kind<number> = {
  ...wholeNumber("ID", 1, 2 ** 40 - 1),
  expects: "a participant id, such as 7",
};

/** A provider, or 0 for every one. */
export const stewards: Kind<number> = {
  placeholder: "ID|every",
  expects: "a provider's participant id, or the word every",
  parse: (text) => (text === "every" ? 0 : participant.parse(text)),
};

export const address: Kind<string> = {
  placeholder: "ADDRESS",
  expects: "an account's address: 0x and 40 hexadecimal digits",
  parse: (text) => (/^0x[0-9a-fA-F]{40}$/.test(text) ? text : undefined),
};

/** A record's digest or the beginning of one, as the tables show it. */
export const digest: Kind<string> = {
  placeholder: "DIGEST",
  expects: "a record's digest, or at least its first 8 digits: 0x…",
  parse: (text) =>
    /^0x[0-9a-fA-F]{8,64}$/.test(text.replace(/…$/, "")) ? text.replace(/…$/, "").toLowerCase() : undefined,
};

const now = (): number => Math.floor(Date.now() / 1000);

/** A time in seconds since 1970. Only what means the same everywhere is taken: a day (its beginning in UTC), a zone, a length. */
export const instant: Kind<number> = {
  placeholder: "TIME",
  expects: HOW_TO_WRITE,
  parse: (text) => {
    const length = lengthOf(text);
    return length === undefined ? (dayOf(text, now()) ?? timeOf(text)) : now() + length;
  },
  wrong: ambiguity,
};

/** An {@link instant} that is still included: of a day its last second. */
export const lastInstant: Kind<number> = {
  ...instant,
  parse: (text) => {
    const first = dayOf(text, now());
    return first === undefined ? instant.parse(text) : first + 86_399;
  },
};

/** An {@link instant} ahead: lengths, today and tomorrow count from the chain's clock, which may run ahead of this machine's. */
export const end: Kind<number | FromNow | WholeDay> = {
  ...instant,
  parse: (text) => {
    if (dayOf(text, now()) !== undefined) return { day: text };
    const length = lengthOf(text);
    if (length === undefined) return instant.parse(text);
    return length > 0 ? { fromNow: length } : undefined;
  },
};

/** An encounter, as records refer to it. */
export const encounter: Kind<string> = {
  placeholder: "REFERENCE",
  expects: "an encounter as the records refer to it: Encounter/9",
  parse: (text) =>
    /^(\S*Encounter\/[A-Za-z0-9.-]{1,64}|urn:\S+)$/.test(text) && text.length <= 255 ? text : undefined,
};

/** Which block counts as final: the node's own tag, or a number of blocks. */
export const finality: Kind<"tag" | number> = {
  placeholder: "tag|BLOCKS",
  expects: "the word tag, or a number of blocks up to 100000",
  parse: (text) => (text === "tag" ? text : wholeNumber("BLOCKS", 0, 100_000).parse(text)),
};

/** A price of gas, in wei. */
export const gwei: Kind<bigint> = {
  placeholder: "GWEI",
  expects: "a price of gas in gwei, such as 1.5",
  parse: (text) => (/^\d{1,9}(\.\d{1,9})?$/.test(text) ? parseUnits(text, "gwei") : undefined),
};

/** One of some names, in any case. */
export const choice = <T extends string>(placeholder: string, names: readonly T[]): Kind<T> => ({
  placeholder,
  completes: names,
  expects: `one of ${names.join(", ")}`,
  parse: (text) => names.find((name) => name.toUpperCase() === text.toUpperCase()),
  wrong: (text) => {
    const meant = names.find((name) => name.slice(0, 3).toUpperCase() === text.slice(0, 3).toUpperCase());
    return meant === undefined ? undefined : `did you mean ${meant}? There are ${names.join(", ")}`;
  },
});

/** What a person calls a profile or a network. */
export const ownName = (placeholder = "NAME"): Kind<string> => ({
  placeholder,
  expects: "a name of up to 32 letters, digits, dots, dashes and underscores, with a letter or digit first",
  parse: (text) => (/^[A-Za-z0-9][\w.-]{0,31}$/.test(text) ? text : undefined),
});

/** A profile that is there. */
export const profileName: Kind<string> = { ...ownName(), completes: "profile" };
/** A network that is there. */
export const networkName: Kind<string> = { ...ownName(), completes: "network" };
