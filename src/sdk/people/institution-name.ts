import { ChartChainError } from "../../errors/index.js";
import { queryEvents } from "../chain/events.js";
import type { Context } from "../context.js";

/**
 * What an institution may be called: the name is all that a wallet shows to whoever grants access to it. A profile in the
 * manner of RFC 8266 (nicknames, PRECIS), with what UTS #39 says about mixed scripts and look-alikes. Nothing is mapped:
 * a name that would have to be is refused, because its digest is on chain.
 */

/** The longest name, in bytes of UTF-8. The Registrar takes no longer one either. */
export const LONGEST_NAME = 200;

/** Scripts in everyday use (UAX #31, table 5). Those of one row may stand in one name, as Chinese, Japanese and Korean do (UTS #39, 5.1). */
const SCRIPTS: string[][] = [
  ...["Arabic", "Armenian", "Bengali", "Cyrillic", "Devanagari", "Ethiopic", "Georgian", "Greek", "Gujarati"],
  ...["Gurmukhi", "Hebrew", "Kannada", "Khmer", "Lao", "Latin", "Malayalam", "Myanmar", "Oriya", "Sinhala", "Tamil"],
  ...["Telugu", "Thaana", "Thai", "Tibetan"],
]
  .map((script) => [script])
  .concat([
    ["Han", "Hiragana", "Katakana"],
    ["Han", "Bopomofo"],
    ["Han", "Hangul"],
  ]);

/** Letters and their marks of each row, or what all scripts share: ASCII digits, and the punctuation that names have. */
const rowOf = (scripts: readonly string[]): RegExp => {
  const letters = scripts.map((script) => `\\p{Script_Extensions=${script}}`).join("");
  return new RegExp(`^(?:(?=[\\p{L}\\p{M}])[${letters}\\p{Script=Inherited}]|[0-9 '’&.,()/+·–-])+$`, "u");
};
/** Made when the first name is looked at: that takes longer than all else when a program starts. */
let rows: RegExp[] | undefined;

/** Phonetic, archaic and decorative letters of living scripts: they only look like others. */
const UNUSUAL =
  /[\u01c0-\u01c3\u0250-\u02ff\u0370-\u0373\u0376\u0377\u037b-\u037d\u037f\u03d7-\u03ff\u0460-\u0489\u1d00-\u1dbf\u2c60-\u2c7f\ua640-\ua69f\ua720-\ua7ff\uab30-\uab6f]/u;

/**
 * Refuses a name that could pass for another one, or that shows as something else than it is.
 *
 * @throws NAME_UNFIT, with what is wrong with it
 *
 * @example
 * requireFitName("General Hospital");
 */
export function requireFitName(name: string): void {
  const why = unfitness(name);
  if (why !== undefined) throw unfit(name, why);
}

/**
 * {@link requireFitName}, and that no institution which was ever licensed has a name that looks the same. Reads two kinds of
 * events over the whole chain: a name is given once.
 *
 * @param id who is to be called so; 0 for somebody who has yet to register
 * @throws NAME_UNFIT, CHAIN_UNREACHABLE
 */
export async function requireFreeName(ctx: Context, { id, name }: { id: number; name: string }): Promise<void> {
  requireFitName(name);
  const { Registrar } = ctx.contracts;
  const [licensed, registered] = await Promise.all([
    queryEvents(ctx, Registrar, Registrar.filters.Licensed()),
    queryEvents(ctx, Registrar, Registrar.filters.InstitutionRegistered()),
  ]);
  const ever = new Set(licensed.map(({ args }) => Number(args["id"])).filter((other) => other !== id));
  const named = registered.map(({ args }) => ({ id: Number(args["id"]), name: args["name"] as string }));
  requireDistinctName(
    name,
    named.filter((other) => ever.has(other.id)),
  );
}

function unfitness(name: string): string | undefined {
  if (new TextEncoder().encode(name).length > LONGEST_NAME) return `is longer than ${LONGEST_NAME} bytes`;
  if (name.normalize("NFKC") !== name) return "has letters or spaces in another form than the usual one (NFKC)";
  if (/^ | {2}| $/.test(name)) return "has a space at an end, or two together";
  if (!/\p{L}/u.test(name)) return "has no letter";
  if (/\p{M}{3}|(?:^|[^\p{L}\p{M}])\p{M}/u.test(name)) return "has accents without a letter, or three on one";
  if (UNUSUAL.test(name)) return "has a letter that no language of its script writes";
  if (!(rows ??= SCRIPTS.map(rowOf)).some((row) => row.test(name)))
    return "has signs that names don't have, or letters of several scripts";
  return undefined;
}

/**
 * Refuses a name that a person could take for one of `others`: with the same skeleton, which says nothing about case,
 * accents, spaces and punctuation, or which letter of those that look alike it is (in the manner of UTS #39, section 4).
 *
 * @throws NAME_UNFIT, naming the other one
 */
export function requireDistinctName(name: string, others: Iterable<{ id: number; name: string }>): void {
  const own = skeletonsOf(name);
  for (const other of others) {
    if (!skeletonsOf(other.name).some((skeleton, at) => skeleton === own[at])) continue;
    throw unfit(name, `looks like ${JSON.stringify(other.name)}, participant ${other.id}`, { participant: other.id });
  }
}

/** Latin letters, each with what looks like it: in Latin, Cyrillic, Greek and, where whole words do, Armenian. */
const SMALL = pairs(
  ["a", "аα"],
  ["b", "вьβ"],
  ["c", "сϲ"],
  ["d", "ԁđ"],
  ["e", "еεє"],
  ["h", "нһ"],
  ["j", "јϳ"],
  ["k", "кκ"],
  ["l", "i1łıіιӏ"],
  ["m", "мμ"],
  ["n", "пηո"],
  ["o", "0øоοσօ"],
  ["p", "рρ"],
  ["q", "ԛ"],
  ["r", "г"],
  ["s", "ѕ"],
  ["t", "тτ"],
  ["u", "υս"],
  ["v", "νѵ"],
  ["w", "ωԝш"],
  ["x", "хχ"],
  ["y", "уγү"],
  ["3", "з"],
  ["6", "б"],
);
const LARGE = pairs(
  ["A", "АΑ"],
  ["B", "ВΒ"],
  ["C", "СϹ"],
  ["E", "ЕΕ"],
  ["H", "НΗ"],
  ["I", "L1ІΙӀ"],
  ["J", "ЈͿ"],
  ["K", "КΚ"],
  ["M", "МΜ"],
  ["N", "Ν"],
  ["O", "0ОΟՕ"],
  ["P", "РΡ"],
  ["Q", "Ԛ"],
  ["S", "ЅՏ"],
  ["T", "ТΤ"],
  ["U", "Ս"],
  ["V", "Ѵ"],
  ["W", "Ԝ"],
  ["X", "ХΧ"],
  ["Y", "УΥҮ"],
  ["Z", "Ζ"],
  ["Г", "Γ"],
  ["П", "Π"],
  ["Ф", "Φ"],
  ["3", "З"],
);
/** Two letters that look like one. */
const JOINED: [RegExp, string][] = [
  [/rn/g, "m"],
  [/vv/g, "w"],
  [/cl/g, "d"],
];

function pairs(...rows: [string, string][]): Map<string, string> {
  return new Map(rows.flatMap(([sign, alike]) => [...alike].map((each) => [each, sign] as const)));
}

/** How a name looks in small letters, and in capitals: letters look alike in one and not in the other. */
function skeletonsOf(name: string): string[] {
  const fold = (text: string, alike: Map<string, string>) =>
    [...text.normalize("NFKD").replace(/[^\p{L}\p{Nd}]/gu, "")].map((sign) => alike.get(sign) ?? sign).join("");
  const small = fold(name.toLowerCase(), SMALL);
  return [JOINED.reduce((text, [two, one]) => text.replace(two, one), small), fold(name.toUpperCase(), LARGE)];
}

function unfit(name: string, why: string, details: Record<string, unknown> = {}): ChartChainError {
  // Escaped: the name is what is wrong.
  const shown = JSON.stringify(name.slice(0, LONGEST_NAME)).replace(
    /[^\x20-\x7e\p{L}\p{Nd}]/gu,
    (sign) => `\\u{${sign.codePointAt(0)!.toString(16)}}`,
  );
  return new ChartChainError("NAME_UNFIT", `an institution can't be called ${shown}: it ${why}`, {
    details: { name, ...details },
    hint: "Use the name in letters of one script, with digits, spaces and '’&.,()/+·–- alone, unlike any licensed institution's.",
  });
}
