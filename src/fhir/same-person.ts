import type { Patient } from "@medplum/fhirtypes";
import { compareNames, type Likeness, type NameLikeness } from "./person-names.js";
import { type PersonNumber, personNumbers } from "./person-numbers.js";

/** What {@link comparePeople} finds. No part holds a value from the resources. */
export interface PersonComparison {
  /** `doubtful`: a person has to say; until then they count as two. */
  verdict: "same" | "different" | "doubtful";
  /** Elements of Patient, e.g. `identifier`, `birthDate`, `name.family`, on which both agree. */
  agrees: string[];
  /** Elements of Patient that contradict each other. */
  differs: string[];
  /** What is told along with `same`, in words for a person. */
  warnings: string[];
}

export interface PersonEvidence {
  /** Both are versions of one resource, or the server gives them one id: that counts like a record number. */
  sameResource?: boolean;
}

/**
 * Whether two Patient resources are one person. Mixing two people's data is the worst that can happen, so in doubt they
 * are not.
 *
 * - One person has the same identifier, of a system that is not known to be shared and with a right check digit where
 *   the system has one, and birth dates that fit. A name or a gender that alone differs is a warning. With a wrong check
 *   digit all of name, gender and birth date must agree.
 * - Contradicting birth dates, two numbers of a system that gives each person one, another place in a multiple birth, a
 *   death before the other's birth, or two contradictions: never one.
 * - Names, gender and birth date alone never make two resources one: twins, newborns, namesakes.
 * - Where nothing but the number speaks for it and something speaks against it, it is doubtful: a missing birth date
 *   proves nothing, and twins may have one number by mistake.
 *
 * Ids are not compared: every server has a Patient/1.
 *
 * @param a and b the resources, as they came
 * @throws nothing; missing and malformed elements count as missing
 * @example
 * comparePeople(known, incoming) // { verdict: "doubtful", agrees: ["identifier"], differs: ["name.given"], warnings: [] }
 */
export function comparePeople(a: Patient, b: Patient, { sameResource = false }: PersonEvidence = {}): PersonComparison {
  const numbers = compareNumbers(personNumbers(a), personNumbers(b));
  const gender = compareGender(a.gender, b.gender);
  const birth = compareBirthDates(a.birthDate, b.birthDate);
  const multiple = compareMultipleBirth(a, b);
  const death = compareDeaths(a, b);
  const strictName = compareNames(a.name, b.name, false);
  const loosely = numbers.shares === "person" && gender !== "differ" && !isOfSeveral(a) && !isOfSeveral(b);
  const name = loosely ? compareNames(a.name, b.name, true) : strictName;
  const respelt = strictName.family !== name.family || strictName.given !== name.given;

  const parts: [element: string, likeness: Likeness][] = [
    [
      "identifier",
      numbers.shares !== "none" ? "agree" : numbers.contradict || numbers.twoRecords ? "differ" : "unknown",
    ],
    ["birthDate", birth === "same" || birth === "partly" ? "agree" : birth === "missing" ? "unknown" : "differ"],
    ["gender", gender],
    ["name.family", name.family],
    ["name.given", name.given],
    ["multipleBirth[x]", multiple],
    ["deceased[x]", death],
  ];
  const agrees = parts.flatMap(([element, likeness]) => (likeness === "agree" ? element : []));
  const differs = parts.flatMap(([element, likeness]) => (likeness === "differ" ? element : []));
  if (numbers.shares !== "none" && (numbers.contradict || numbers.twoRecords)) differs.unshift("identifier");

  const diedFirst = isDeadBeforeBirth(a, b) || isDeadBeforeBirth(b, a);
  if (diedFirst && death !== "differ") differs.push("deceased[x]");
  const never = birth === "differ" || numbers.contradict || multiple === "differ" || diedFirst;
  const verdict = never ? "different" : judge({ numbers, gender, birth, death, name, sameResource });
  return { verdict, agrees, differs, warnings: verdict === "same" ? warningsOf(differs, name, respelt) : [] };
}

interface Evidence {
  numbers: NumberLikeness;
  gender: Likeness;
  birth: BirthLikeness;
  death: Likeness;
  name: NameLikeness;
  sameResource: boolean;
}

/** The verdict where nothing forbids it from the start. */
function judge({ numbers, gender, birth, death, name, sameResource }: Evidence): PersonComparison["verdict"] {
  const { family, given } = name;
  const certain = numbers.shares === "person";
  const nameDiffers = family === "differ" || given === "differ";
  // A number that is a person's own weighs more than a name that changed as a whole.
  const names = certain ? Number(nameDiffers) : Number(family === "differ") + Number(given === "differ");
  const contradictions = names + Number(gender === "differ") + Number(birth === "swapped") + Number(death === "differ");
  if (contradictions > 1) return "different";
  if (death === "differ") return "doubtful";
  if (numbers.shares === "none" && !sameResource) return "doubtful";

  const hasFullName = family === "agree" && given === "agree";
  // A number that was never given out, in two places: one person where there is nothing else to tell.
  if (numbers.shares === "slip" && !sameResource) {
    const agreesInAll = hasFullName && birth === "same" && gender === "agree" && !numbers.twoRecords;
    return agreesInAll ? "same" : "doubtful";
  }
  if (numbers.twoRecords && !(certain && birth === "same" && hasFullName && contradictions === 0)) return "doubtful";
  if (birth === "swapped") return certain && hasFullName ? "same" : "doubtful";
  // Twins without names have all the rest in common.
  if (name.unnamed && !certain) return "doubtful";
  // Without a birth date a family's number can be told from a person's only by the given name.
  if (birth === "missing") {
    const isNamed = hasFullName || (!name.incomparable && (certain || (family === "unknown" && given === "unknown")));
    return contradictions === 0 && isNamed ? "same" : "doubtful";
  }
  if (contradictions === 0) return "same";
  if (birth !== "same") return "doubtful";
  // Twins: one birthday, one family, two given names.
  if (given === "differ" && family !== "differ") return "doubtful";
  if (certain) return "same";
  if (family === "differ") return given !== "differ" && (given === "agree" || gender === "agree") ? "same" : "doubtful";
  return hasFullName ? "same" : "doubtful";
}

interface NumberLikeness {
  /** The strongest kind of identifier that both have. */
  shares: PersonNumber["strength"];
  /** Each has a number of its own in a system that gives a person one. */
  contradict: boolean;
  /**
   * Each has a record number of its own in one system, or one of them two numbers of a system that gives a person one:
   * two people, or one who was registered twice.
   */
  twoRecords: boolean;
}

function compareNumbers(one: readonly PersonNumber[], other: readonly PersonNumber[]): NumberLikeness {
  const isShared = (a: PersonNumber): boolean => other.some((b) => a.system === b.system && a.value === b.value);
  const told = (strength: PersonNumber["strength"]): ((number: PersonNumber) => boolean) => {
    return (number) => number.strength === strength;
  };
  const apart = (strength: PersonNumber["strength"]): boolean => {
    const current = [one, other].map((list) => list.filter((number) => number.current && told(strength)(number)));
    const [ones = [], others = []] = current;
    return ones.some(
      ({ system }) =>
        others.some((number) => number.system === system) &&
        !one.some((number) => number.system === system && isShared(number)),
    );
  };
  // Both must hold the number for as strong: a type may say it on one side only.
  const shared = one.filter((a) => isShared(a) && a.strength !== "none");
  const strong = shared.filter((a) =>
    other.some((b) => a.system === b.system && a.value === b.value && b.strength !== "none"),
  );
  return {
    shares: (["person", "record", "slip"] as const).find((strength) => strong.some(told(strength))) ?? "none",
    contradict: apart("person"),
    twoRecords: apart("record") || hasTwo(one, other) || hasTwo(other, one),
  };
}

/** Two numbers at once, of a system that gives a person one and of which the other has a number, too. */
function hasTwo(list: readonly PersonNumber[], other: readonly PersonNumber[]): boolean {
  const current = list.filter(({ strength, current: now }) => now && strength === "person");
  return current.some(
    ({ system, value }) =>
      current.some((number) => number.system === system && number.value !== value) &&
      other.some((number) => number.system === system),
  );
}

function compareGender(one: Patient["gender"], other: Patient["gender"]): Likeness {
  const isKnown = (gender: Patient["gender"]): boolean => gender !== undefined && gender !== "unknown";
  if (!isKnown(one) || !isKnown(other)) return "unknown";
  return one === other ? "agree" : "differ";
}

type BirthLikeness = "same" | "partly" | "swapped" | "missing" | "differ";

/** What registers and databases write when they don't know the day. */
const NO_BIRTH_DATES: ReadonlySet<unknown> = new Set([
  ...["0001-01-01", "1753-01-01", "1800-01-01", "1899-12-30", "1899-12-31", "1900-01-01", "1901-01-01", "9999-12-31"],
]);

function compareBirthDates(one: unknown, other: unknown): BirthLikeness {
  if (typeof one !== "string" || typeof other !== "string") return "missing";
  if (NO_BIRTH_DATES.has(one) || NO_BIRTH_DATES.has(other)) return "missing";
  if (one === other) return one.length === 10 ? "same" : "partly";
  if (one.startsWith(`${other}-`) || other.startsWith(`${one}-`)) return "partly";
  const [year, month, day] = one.split("-");
  return day !== undefined && other === `${year}-${day}-${month}` ? "swapped" : "differ";
}

/** One of twins, by what the resource says. */
const isOfSeveral = ({ multipleBirthBoolean, multipleBirthInteger }: Patient): boolean =>
  multipleBirthBoolean === true || multipleBirthInteger !== undefined;

function compareMultipleBirth(a: Patient, b: Patient): Likeness {
  const [one, other] = [a.multipleBirthInteger, b.multipleBirthInteger];
  if (one === undefined || other === undefined) return "unknown";
  return one === other ? "agree" : "differ";
}

/** The days of death, a day apart at most: it may have been night, or another time zone. */
function compareDeaths(a: Patient, b: Patient): Likeness {
  const [one, other] = [deathOf(a), deathOf(b)];
  if (one === undefined || other === undefined) return "unknown";
  if (one.startsWith(other) || other.startsWith(one)) return "agree";
  const days = Math.abs(Date.parse(one) - Date.parse(other)) / 86_400_000;
  return one.length === 10 && other.length === 10 && days <= 1 ? "agree" : "differ";
}

const deathOf = ({ deceasedDateTime }: Patient): string | undefined =>
  typeof deceasedDateTime === "string" && deceasedDateTime !== "" ? deceasedDateTime.slice(0, 10) : undefined;

/** One had died before the other was born. */
function isDeadBeforeBirth(dead: Patient, { birthDate }: Patient): boolean {
  const death = deathOf(dead);
  if (death === undefined || typeof birthDate !== "string" || NO_BIRTH_DATES.has(birthDate)) return false;
  const precision = Math.min(death.length, birthDate.length);
  return death.slice(0, precision) < birthDate.slice(0, precision);
}

const WARNINGS: Readonly<Record<string, string>> = {
  identifier: "there are two numbers of one system: the person may be registered twice",
  birthDate: "the birth dates have day and month the other way round",
  gender: "the gender differs",
  "name.family": "the family name differs",
  "name.given": "the given name differs",
};

function warningsOf(differs: readonly string[], { incomparable }: NameLikeness, respelt: boolean): string[] {
  const warnings = differs.flatMap((element) => WARNINGS[element] ?? []);
  if (respelt) warnings.push("the name is spelt in another way");
  if (incomparable) warnings.push("the names cannot be compared");
  return warnings;
}
