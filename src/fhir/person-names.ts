import type { HumanName, Patient } from "@medplum/fhirtypes";
import { isSameWord } from "./name-spelling.js";

/** How two parts of names stand to each other; `unknown` when one is missing, a stand-in, or in another script. */
export type Likeness = "agree" | "differ" | "unknown";

export interface NameLikeness {
  family: Likeness;
  given: Likeness;
  /** Both have a name, but nothing of the two can be compared. */
  incomparable: boolean;
  /** Neither has a name yet: two newborns. */
  unnamed: boolean;
}

interface Name {
  family: string[];
  given: string[];
  /** Every word, for names that are written as one text or the other way round. */
  all: string[];
  /** What a ward writes before a child has a name. */
  standIn?: StandIn;
  suffix?: string;
}

/** "Baby Boy B": the mark tells twins apart. */
interface StandIn {
  sex?: "boy" | "girl";
  mark?: string;
}

const LETTERS: Readonly<Record<string, string>> = {
  ß: "ss",
  ø: "o",
  ł: "l",
  đ: "d",
  ð: "d",
  þ: "th",
  æ: "ae",
  œ: "oe",
  ı: "i",
};

/** Words that belong to many family names and so make no two alike. */
const PARTICLES = new Set(["van", "von", "den", "der", "de", "la", "le", "di", "da", "do", "dos", "al", "el", "bin"]);
for (const particle of ["ibn", "bint", "y", "e", "zu", "ten", "ter", "del", "della", "du", "mac", "mc", "st"]) {
  PARTICLES.add(particle);
}

const TITLES = new Set(["mr", "mrs", "ms", "miss", "mx", "dr", "prof", "sir", "herr", "frau", "mme", "dhr", "mevr"]);
const GENERATIONS = new Set(["jr", "sr", "junior", "senior", "ii", "iii", "iv"]);
const UNNAMED =
  /^(baby|babyboy|babygirl|boy|girl|newborn|infant|neonate|bb|bg|child|twin|triplet|male|female|unknown|unnamed)$/;

/**
 * How the names of two patients stand to each other. Every name of one is held against every name of the other, and the
 * likest two count: a maiden name that is still listed agrees.
 *
 * Spelling, transliteration, order, initials and usual short forms make no difference.
 *
 * @param loosely also takes a slip of the pen, or the beginning of a name, for the same: where a number has already
 * shown that it is one person. Brothers and sisters have names that are alike.
 * @example
 * compareNames([{ family: "Müller", given: ["Jörg"] }], [{ text: "MUELLER, Joerg" }], false).given // "agree"
 */
export function compareNames(one: Patient["name"], other: Patient["name"], loosely: boolean): NameLikeness {
  const [ones, others] = [readNames(one), readNames(other)];
  if (ones.length === 0 || others.length === 0) return MISSING;
  let best: NameLikeness | undefined;
  for (const a of ones) {
    for (const b of others) {
      const found = compareTwo(a, b, loosely);
      if (best === undefined || score(found) > score(best)) best = found;
    }
  }
  return best as NameLikeness;
}

/** One has no name at all. */
const MISSING: NameLikeness = { family: "unknown", given: "unknown", incomparable: false, unnamed: false };

const POINTS: Readonly<Record<Likeness, number>> = { agree: 1, unknown: 0, differ: -1 };
/** No two likenesses have one score: which names count doesn't depend on who comes first. */
const score = ({ family, given, incomparable, unnamed }: NameLikeness): number =>
  POINTS[family] + 1.1 * POINTS[given] - (incomparable ? 0.01 : 0) - (unnamed ? 0.02 : 0);

function readNames(names: Patient["name"]): Name[] {
  return (
    asList(names)
      .slice(0, MAX.names)
      // What is written in place of a name, to hide it.
      .filter((name): name is HumanName => typeof name === "object" && name !== null && !isAnonymous(name))
      .map(readName)
      .filter(({ all, standIn }) => all.length > 0 || standIn !== undefined)
  );
}

const isAnonymous = (name: object): boolean => (name as HumanName).use === "anonymous";

const asList = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

function readName({ family, given, text, suffix }: HumanName): Name {
  const familyWords = words(family);
  const givenWords = asList(given).slice(0, MAX.words).flatMap(words).slice(0, MAX.words);
  const structured = familyWords.length + givenWords.length > 0;
  const textWords = structured ? [] : words(text);
  const standIn = readStandIn(structured ? givenWords : textWords);
  const generation = [...asList(suffix).flatMap(words), ...familyWords, ...textWords].find((word) =>
    GENERATIONS.has(word),
  );
  const named = (list: string[]): string[] => list.filter((word) => !TITLES.has(word) && !GENERATIONS.has(word));
  const parts = standIn
    ? { family: named(familyWords), given: [], all: [] }
    : {
        family: named(familyWords),
        given: named(givenWords),
        all: named(structured ? [...familyWords, ...givenWords] : textWords),
      };
  return {
    ...parts,
    ...(standIn === undefined ? {} : { standIn }),
    ...(generation === undefined ? {} : { suffix: generation }),
  };
}

/** More than names have, so that comparing them never takes long. */
const MAX = { names: 16, words: 12, letters: 40, text: 512 };

/** Lower case, without accents and apostrophes, cut at everything that is no letter or digit. */
function words(text: unknown): string[] {
  if (typeof text !== "string") return [];
  return text
    .slice(0, MAX.text)
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .toLowerCase()
    .replace(/[ßøłđðþæœı]/g, (letter) => LETTERS[letter] ?? letter)
    .replace(/['’ʼ`´]/g, "")
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "")
    .slice(0, MAX.words)
    .map((word) => word.slice(0, MAX.letters));
}

function readStandIn(list: readonly string[]): StandIn | undefined {
  const [first = "", ...rest] = list;
  if (!UNNAMED.test(first)) return undefined;
  const sexes = list.flatMap((word) =>
    /boy$|^bb$|^male$/.test(word) ? "boy" : /girl$|^bg$|^female$/.test(word) ? "girl" : [],
  );
  const mark = rest.find((word) => /^([a-d]|[1-4]|i{1,3}|iv|one|two|three)$/.test(word));
  const [sex] = sexes as ("boy" | "girl")[];
  return { ...(sex === undefined ? {} : { sex }), ...(mark === undefined ? {} : { mark }) };
}

function compareTwo(a: Name, b: Name, loosely: boolean): NameLikeness {
  const same = (x: string, y: string): boolean => isSameWord(x, y, loosely);
  if (a.standIn || b.standIn) {
    const unnamed = a.standIn !== undefined && b.standIn !== undefined;
    return { ...compareStandIns(a, b, same), incomparable: !unnamed, unnamed };
  }
  if (scriptOf(a.all) !== scriptOf(b.all)) return { ...MISSING, incomparable: true };
  const otherGeneration = a.suffix !== undefined && b.suffix !== undefined && a.suffix !== b.suffix;
  const given = (likeness: Likeness): Likeness => (otherGeneration ? "differ" : likeness);

  const [fewer, more] = a.all.length <= b.all.length ? [a.all, b.all] : [b.all, a.all];
  if (fewer.length > 1 && isWithin(fewer, more, same)) {
    return { ...MISSING, family: "agree", given: given("agree") };
  }
  const [x, y] = [partsOf(a, b, same), partsOf(b, a, same)];
  return {
    ...MISSING,
    family:
      x.family.length === 0 || y.family.length === 0 ? "unknown" : likeness(sharesFamily(x.family, y.family, same)),
    given: given(
      x.given.length === 0 || y.given.length === 0 ? "unknown" : likeness(sharesGiven(x.given, y.given, same)),
    ),
  };
}

const likeness = (agrees: boolean): Likeness => (agrees ? "agree" : "differ");

type Same = (one: string, other: string) => boolean;

/** Which words of a name that is one text are the family's: those that the other name has there, or else the last. */
function partsOf(name: Name, other: Name, same: Same): { family: string[]; given: string[] } {
  if (name.family.length + name.given.length > 0) return name;
  const shared = name.all.filter((word) => other.family.some((one) => same(word, one)));
  const family = shared.length > 0 ? shared : name.all.slice(-1);
  return { family, given: name.all.filter((word) => !family.includes(word)) };
}

function compareStandIns(a: Name, b: Name, same: Same): Pick<NameLikeness, "family" | "given"> {
  const family =
    a.family.length === 0 || b.family.length === 0 ? "unknown" : likeness(sharesFamily(a.family, b.family, same));
  const { sex, mark } = a.standIn ?? {};
  const apart =
    (mark !== undefined && b.standIn?.mark !== undefined && mark !== b.standIn.mark) ||
    (sex !== undefined && b.standIn?.sex !== undefined && sex !== b.standIn.sex);
  return { family, given: apart ? "differ" : "unknown" };
}

function sharesFamily(one: readonly string[], other: readonly string[], same: Same): boolean {
  const telling = (list: readonly string[]): readonly string[] => {
    const kept = list.filter((word) => !PARTICLES.has(word));
    return kept.length > 0 ? kept : list;
  };
  if (same(one.join(""), other.join(""))) return true;
  return telling(one).some((word) => telling(other).some((another) => same(word, another)));
}

/** All given names of the one who has fewer: brothers may share a first or a second name. */
function sharesGiven(one: readonly string[], other: readonly string[], same: Same): boolean {
  if (same(one.join(""), other.join(""))) return true;
  const [fewer, more] = one.length <= other.length ? [one, other] : [other, one];
  return isWithin(fewer, more, same);
}

/** Beyond this only equal words are paired: trying every pairing would take long. */
const MAX_PAIRED = 8;

/** Whether each word of the first list has one of its own in the second, in whatever pairing. */
function isWithin(fewer: readonly string[], more: readonly string[], same: Same): boolean {
  const [word, ...rest] = fewer;
  if (word === undefined) return true;
  const isAlike = more.length > MAX_PAIRED ? (one: string) => one === word : (one: string) => same(word, one);
  return more.some((one, at) => isAlike(one) && isWithin(rest, [...more.slice(0, at), ...more.slice(at + 1)], same));
}

/** The script that most words are written in; what is no letter counts for none. */
function scriptOf(list: readonly string[]): string {
  const text = list.join("");
  const scripts = ["Latin", "Cyrillic", "Greek", "Arabic", "Hebrew", "Han", "Hiragana", "Katakana", "Hangul"];
  return scripts.find((script) => new RegExp(`\\p{Script=${script}}`, "u").test(text)) ?? "other";
}
