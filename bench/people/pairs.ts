import { createHash } from "node:crypto";
import type { HumanName, Identifier, Patient } from "@medplum/fhirtypes";

import { FAMILIES, MEN, NICKNAMES, NO_NUMBERS, TRANSLITERATIONS, UNNAMED, WOMEN } from "./names.js";
import { PERSON_NUMBERS, random, type Random, withWrongCheckDigit } from "./numbers.js";

/** Two Patient resources, and whether they are one person. */
export interface PersonPair {
  /** Why they differ although they are one, or look alike although they are two. */
  kind: string;
  onePerson: boolean;
  a: Patient;
  b: Patient;
  /** A third of the pairs, chosen by their digest: nobody looks at them while the rules are written. */
  heldOut: boolean;
}

/** What a kind makes out of one person: the other resource of the pair, or both. */
type Make = (person: Patient, from: Random, at: number) => readonly [Patient, Patient];

const TYPES = "http://terminology.hl7.org/CodeSystem/v2-0203";
const MEDICARE = "http://ns.electronichealth.net.au/id/medicare-number";
const HOSPITAL = "https://general.example.org/mrn";
const OTHER_HOSPITAL = "urn:oid:1.3.6.1.4.1.99999.7.1";
const LICENCES = "urn:oid:2.16.840.1.113883.4.3.25";

const typed = (code: string, system: string, value: string): Identifier => ({
  type: { coding: [{ system: TYPES, code }] },
  system,
  value,
});
const mrn = (from: Random, system = HOSPITAL): Identifier => typed("MR", system, from.digits(7));
const licence = (from: Random): Identifier => typed("DL", LICENCES, `S999${from.digits(5)}`);
const subscriber = (from: Random): Identifier => typed("SN", "https://insurer.example.org/subscriber", from.digits(9));

/** The number of a family's Medicare card: ten digits, the ninth of them a check digit. */
function card(from: Random): string {
  const digits = `${2 + from.below(5)}${from.digits(7)}`;
  const sum = [1, 3, 7, 9, 1, 3, 7, 9].reduce((total, weight, at) => total + weight * Number(digits[at]), 0);
  return `${digits}${sum % 10}1`;
}

function national(from: Random): Identifier {
  const { system, make } = pick(from, PERSON_NUMBERS);
  return { system, value: make(from) };
}

const pick = <T>(from: Random, list: readonly T[]): T => list[from.below(list.length)] as T;
const two = (value: number): string => String(value).padStart(2, "0");

/** Day 13 to 28: such a date reads one way only. */
const dayOfBirth = (from: Random): string =>
  `${1925 + from.below(98)}-${two(1 + from.below(12))}-${two(13 + from.below(16))}`;

function somebody(from: Random, at: number): Patient {
  const gender = from.below(2) === 0 ? "female" : "male";
  return {
    resourceType: "Patient",
    id: `p${at}`,
    identifier: [national(from)],
    name: [{ use: "official", family: pick(from, FAMILIES), given: [pick(from, gender === "female" ? WOMEN : MEN)] }],
    gender,
    birthDate: dayOfBirth(from),
  };
}

const first = (person: Patient): HumanName => person.name?.[0] ?? {};
const named = (person: Patient, name: HumanName): Patient => ({ ...person, name: [{ ...first(person), ...name }] });
const numbered = ({ identifier: _, ...person }: Patient, ...identifier: Identifier[]): Patient =>
  identifier.length === 0 ? person : { ...person, identifier };
const alsoNumbered = (person: Patient, ...more: Identifier[]): Patient => ({
  ...person,
  identifier: [...(person.identifier ?? []), ...more],
});

/** The same person as another system keeps it: another id, and a record number of its own. */
const elsewhere = (person: Patient, from: Random): Patient => ({
  ...alsoNumbered(person, mrn(from, OTHER_HOSPITAL)),
  id: `x${from.digits(6)}`,
});

const another = <T>(from: Random, list: readonly T[], not: T | undefined): T => {
  for (;;) {
    const one = pick(from, list);
    if (one !== not) return one;
  }
};
const otherFamily = (person: Patient, from: Random): string => another(from, FAMILIES, first(person).family as never);
const otherGiven = (person: Patient, from: Random, gender = person.gender): string =>
  another(from, gender === "female" ? WOMEN : MEN, first(person).given?.[0] as never);
const otherGender = ({ gender }: Patient): "male" | "female" => (gender === "female" ? "male" : "female");

/** Somebody who has nothing of the first but what the kind gives both. */
const stranger = (person: Patient, from: Random, gender: "male" | "female"): Patient => ({
  ...numbered(person),
  id: `y${from.digits(6)}`,
  gender,
  name: [{ family: otherFamily(person, from), given: [otherGiven(person, from, gender)] }],
});

/** A brother or sister born on the same day. */
const twin = (person: Patient, from: Random, gender: Patient["gender"]): Patient => ({
  ...named(numbered(person), { given: [otherGiven(person, from, gender)] }),
  id: `t${from.digits(6)}`,
  ...(gender === undefined ? {} : { gender }),
});

const swapLetters = (word: string, at: number): string => {
  const where = 1 + (at % Math.max(1, word.length - 2));
  return `${word.slice(0, where)}${word[where + 1] ?? ""}${word[where] ?? ""}${word.slice(where + 2)}`;
};

/** A date that can be read as day and month or month and day. */
const ambiguous = (from: Random): [string, string] => {
  const day = 1 + from.below(12);
  const month = 1 + ((day + from.below(11)) % 12);
  const year = 1930 + from.below(90);
  return [`${year}-${two(month)}-${two(day)}`, `${year}-${two(day)}-${two(month)}`];
};

const without = (person: Patient, element: keyof Patient): Patient => {
  const rest = { ...person };
  delete rest[element];
  return rest;
};

/** How often, and how: one person in two forms. */
const ONE_PERSON: Readonly<Record<string, readonly [times: number, make: Make]>> = {
  "two hospitals, one national number": [30, (person, from) => [person, elsewhere(person, from)]],
  "married name": [
    30,
    (person, from, at) => {
      const family =
        at % 3 === 0 ? `${first(person).family ?? ""}-${otherFamily(person, from)}` : otherFamily(person, from);
      const after = named(elsewhere(person, from), { family });
      const maiden: HumanName = { ...first(person), use: "maiden" };
      return [person, at % 3 === 1 ? { ...after, name: [...(after.name ?? []), maiden] } : after];
    },
  ],
  "married name, same hospital number": [
    10,
    (person, from) => {
      const before = numbered(person, mrn(from));
      return [before, named(before, { family: otherFamily(person, from) })];
    },
  ],
  transliteration: [
    31,
    (person, from, at) => {
      const [[family, given], [otherFamily, otherGiven]] = TRANSLITERATIONS[at % TRANSLITERATIONS.length]!;
      return [
        named(person, { family, given: [given] }),
        named(elsewhere(person, from), { family: otherFamily, given: [otherGiven] }),
      ];
    },
  ],
  "changed gender marker": [
    16,
    (person, from, at) => [
      person,
      { ...elsewhere(person, from), gender: at % 4 === 0 ? "other" : at % 4 === 1 ? "unknown" : otherGender(person) },
    ],
  ],
  "changed gender marker and given name": [
    2,
    (person, from) => {
      const gender = otherGender(person);
      return [person, { ...named(elsewhere(person, from), { given: [otherGiven(person, from, gender)] }), gender }];
    },
  ],
  "swapped day and month": [
    20,
    (person, from) => {
      const [one, other] = ambiguous(from);
      return [
        { ...person, birthDate: one },
        { ...elsewhere(person, from), birthDate: other },
      ];
    },
  ],
  "newborn, named later": [
    24,
    (person, from, at) => {
      const child = numbered(person, at % 2 === 0 ? mrn(from) : national(from));
      const word = UNNAMED[at % UNNAMED.length]!;
      const before = at % 3 === 0 ? `${word} of ${pick(from, WOMEN)}` : word;
      const later = at % 4 === 0 ? named(child, { family: otherFamily(child, from) }) : child;
      return [named(child, { use: "temp", given: [before] }), { ...later, id: `n${from.digits(6)}` }];
    },
  ],
  nickname: [
    12,
    (person, from, at) => {
      const [registered, used] = NICKNAMES[at % NICKNAMES.length]!;
      return [named(person, { given: [registered] }), named(elsewhere(person, from), { given: [used] })];
    },
  ],
  "initial or further given name": [
    14,
    (person, from, at) => {
      const [given = ""] = first(person).given ?? [];
      const other = at % 2 === 0 ? [`${given.charAt(0)}.`] : [given, otherGiven(person, from)];
      return [person, named(elsewhere(person, from), { given: other })];
    },
  ],
  "the whole name as text": [
    10,
    (person, from, at) => {
      const { family = "", given = [] } = first(person);
      const text = at % 2 === 0 ? `${family.toUpperCase()}, ${given.join(" ")}` : `Dr. ${given.join(" ")} ${family}`;
      return [person, { ...elsewhere(person, from), name: [{ text }] }];
    },
  ],
  "family and given name the other way round": [
    10,
    (person, from) => {
      const { family = "", given: [given = ""] = [] } = first(person);
      return [person, named(elsewhere(person, from), { family: given, given: [family] })];
    },
  ],
  "two family names": [
    10,
    (person, from, at) => {
      const one = first(person).family ?? "";
      const both = at % 2 === 0 ? `${one} ${otherFamily(person, from)}` : `${one} y ${otherFamily(person, from)}`;
      return [named(person, { family: both }), elsewhere(person, from)];
    },
  ],
  "misspelt name": [
    16,
    (person, from, at) => {
      const { family = "", given: [given = ""] = [] } = first(person);
      const wrong = at % 2 === 0 ? { family: swapLetters(family, at) } : { given: [swapLetters(given, at)] };
      return [person, named(elsewhere(person, from), wrong)];
    },
  ],
  "birth date in part": [
    10,
    (person, from, at) => [
      person,
      { ...elsewhere(person, from), birthDate: person.birthDate?.slice(0, at % 2 === 0 ? 4 : 7) ?? "" },
    ],
  ],
  "birth date missing": [12, (person, from) => [person, without(elsewhere(person, from), "birthDate")]],
  "birth date misspelt": [
    2,
    (person, from) => [
      person,
      {
        ...elsewhere(person, from),
        birthDate: person.birthDate?.replace(/\d$/, (digit) => String((Number(digit) + 5) % 10)) ?? "",
      },
    ],
  ],
  "name or gender missing": [
    10,
    (person, from, at) => [person, without(elsewhere(person, from), at % 2 === 0 ? "name" : "gender")],
  ],
  "nothing but the number": [
    8,
    ({ resourceType, identifier = [], ...person }) => [
      { resourceType, identifier, ...person },
      { resourceType, identifier },
    ],
  ],
  "registered twice in one hospital": [
    8,
    (person, from) => [
      alsoNumbered(person, mrn(from)),
      { ...alsoNumbered(person, mrn(from)), id: `d${from.digits(6)}` },
    ],
  ],
  "own place on a family card": [
    8,
    (person, from) => {
      const number = typed("MC", MEDICARE, `${card(from)}${1 + from.below(5)}`);
      const one = numbered(person, number);
      return [one, elsewhere(one, from)];
    },
  ],
  "passport, and a spelling of the number": [
    8,
    (person, from, at) => {
      const one = numbered(person, typed("PPN", "http://hl7.org/fhir/sid/passport-ITA", `YA${from.digits(7)}`));
      return [
        at % 2 === 0 ? one : named(one, { family: first(one).family?.toUpperCase() ?? "" }),
        elsewhere(one, from),
      ];
    },
  ],
  "superseded number": [
    6,
    (person, from) => {
      const old = person.identifier?.[0] ?? {};
      const { system = "", make } = PERSON_NUMBERS.find((one) => one.system === old.system)!;
      return [
        person,
        {
          ...elsewhere(person, from),
          identifier: [
            { system, value: make(from) },
            { ...old, use: "old" },
          ],
        },
      ];
    },
  ],
};

/** How often, and how: two people who look like one. */
const TWO_PEOPLE: Readonly<Record<string, readonly [times: number, make: Make]>> = {
  "twins, each with a number": [
    30,
    (person, from, at) => [
      person,
      numbered(twin(person, from, at % 2 === 0 ? person.gender : otherGender(person)), {
        system: person.identifier?.[0]?.system ?? "",
        value: PERSON_NUMBERS.find(({ system }) => system === person.identifier?.[0]?.system)!.make(from),
      }),
    ],
  ],
  "twins without a number": [8, (person, from) => [numbered(person), twin(person, from, person.gender)]],
  "twins on one family card": [
    16,
    (person, from, at) => {
      const number = at % 2 === 0 ? typed("MC", MEDICARE, card(from)) : subscriber(from);
      return [numbered(person, number), numbered(twin(person, from, person.gender), number)];
    },
  ],
  "twins with one number of a system that nobody knows": [
    12,
    (person, from, at) => {
      const number = { system: "https://cards.example.org/household", value: from.digits(8) };
      const other = twin(person, from, at % 2 === 0 ? person.gender : otherGender(person));
      return [numbered(person, number), numbered(other, number)];
    },
  ],
  "newborn twins, counted": [
    12,
    (person, from, at) => {
      const shared = at % 2 === 0 ? mrn(from) : national(from);
      const one = named(numbered(person, shared), { given: ["Baby"] });
      return [
        { ...one, multipleBirthInteger: 1 },
        { ...one, id: `m${from.digits(6)}`, multipleBirthInteger: 2 },
      ];
    },
  ],
  "newborn twins, lettered": [
    10,
    (person, from, at) => {
      const child = numbered(person, mrn(from));
      const word = at % 2 === 0 ? "Baby" : "Twin";
      return [
        named(child, { given: [`${word} A`] }),
        { ...named(child, { given: [`${word} B`] }), id: `m${from.digits(6)}` },
      ];
    },
  ],
  "newborns of one day and one family name": [
    10,
    (person, from) => {
      const child = named(person, { given: ["Baby Girl"] });
      return [numbered(child, mrn(from)), { ...numbered(child, mrn(from)), id: `m${from.digits(6)}` }];
    },
  ],
  "mother's number at the newborn": [
    12,
    (person, from, at) => {
      const number = at % 2 === 0 ? mrn(from) : national(from);
      const mother = { ...numbered(person, number), gender: "female" as const };
      const child = { ...named(mother, { given: ["Baby"] }), id: `m${from.digits(6)}`, birthDate: "2024-05-17" };
      return [mother, at % 3 === 0 ? without(without(child, "gender"), "birthDate") : child];
    },
  ],
  "family card": [
    32,
    (person, from, at) => {
      const number = [typed("MC", MEDICARE, card(from)), subscriber(from), { system: MEDICARE, value: card(from) }][
        at % 3
      ]!;
      const relative = {
        ...twin(person, from, at % 2 === 0 ? person.gender : otherGender(person)),
        birthDate: dayOfBirth(from),
      };
      return [numbered(person, number), numbered(at % 4 < 2 ? without(relative, "birthDate") : relative, number)];
    },
  ],
  "family number of a system that nobody knows, birth date missing": [
    10,
    (person, from, at) => {
      const number = { system: "https://cards.example.org/household", value: from.digits(8) };
      const relative = without(twin(person, from, at % 2 === 0 ? person.gender : otherGender(person)), "birthDate");
      return [numbered(person, number), numbered(relative, number)];
    },
  ],
  "father and son of one name": [
    10,
    (person, from, at) => {
      const number = at % 2 === 0 ? subscriber(from) : mrn(from);
      return [
        numbered(person, number),
        { ...numbered(person, number), id: `s${from.digits(6)}`, birthDate: dayOfBirth(from) },
      ];
    },
  ],
  "colliding licence": [
    20,
    (person, from, at) => {
      const number = licence(from);
      const other = stranger(person, from, at % 2 === 0 ? "male" : "female");
      return [numbered(person, number), { ...numbered(other, number), birthDate: dayOfBirth(from) }];
    },
  ],
  "colliding licence, born the same day": [
    16,
    (person, from, at) => {
      const number = licence(from);
      const gender = at % 2 === 0 ? otherGender(person) : (person.gender as "male" | "female");
      return [numbered(person, number), numbered(stranger(person, from, gender), number)];
    },
  ],
  "namesakes of one birthday": [
    15,
    (person, from) => [numbered(person), { ...numbered(person), id: `z${from.digits(6)}` }],
  ],
  "namesakes of one birthday, each with a number": [
    14,
    (person, from, at) => {
      const { system, make } = PERSON_NUMBERS[at % PERSON_NUMBERS.length]!;
      const shared = at % 2 === 0 ? [mrn(from)] : [];
      return [
        numbered(person, { system, value: make(from) }, ...shared),
        { ...numbered(person, { system, value: make(from) }, ...shared), id: `z${from.digits(6)}` },
      ];
    },
  ],
  "hospital number given again": [
    20,
    (person, from, at) => {
      const number = mrn(from);
      const other = stranger(person, from, at % 2 === 0 ? otherGender(person) : (person.gender as "male" | "female"));
      return [
        numbered(person, number),
        numbered(at % 2 === 0 ? without(other, "birthDate") : { ...other, birthDate: dayOfBirth(from) }, number),
      ];
    },
  ],
  "what stands for no number": [
    16,
    (person, from, at) => {
      const value = NO_NUMBERS[at % NO_NUMBERS.length]!;
      const system = at % 3 === 0 ? "https://fhir.nhs.uk/Id/nhs-number" : HOSPITAL;
      const other = without(stranger(person, from, person.gender as "male" | "female"), "birthDate");
      const one = at % 2 === 0 ? person : without(without(person, "name"), "birthDate");
      return [
        numbered(one, { system, value }),
        numbered(at % 4 === 1 ? without(other, "name") : other, { system, value }),
      ];
    },
  ],
  "one value of two systems": [
    12,
    (person, from, at) => {
      const value = from.digits(6);
      const other = at % 2 === 0 ? twin(person, from, person.gender) : { ...person, id: `z${from.digits(6)}` };
      return [
        numbered(person, at % 4 < 2 ? typed("MR", HOSPITAL, value) : { value }),
        numbered(other, at % 4 < 2 ? typed("MR", OTHER_HOSPITAL, value) : { value }),
      ];
    },
  ],
  "number with a wrong check digit": [
    10,
    (person, from, at) => {
      const { system, make } = PERSON_NUMBERS[at % 3]!;
      const number = { system, value: withWrongCheckDigit(make(from)) };
      const other =
        at % 2 === 0
          ? twin(person, from, person.gender)
          : without({ ...person, id: `z${from.digits(6)}` }, "birthDate");
      return [numbered(person, number), numbered(other, number)];
    },
  ],
  "one number, another's data": [
    14,
    (person, from, at) => {
      const other = {
        ...stranger(person, from, at % 2 === 0 ? otherGender(person) : (person.gender as "male" | "female")),
      };
      const late = at % 2 === 0 ? other : { ...other, birthDate: dayOfBirth(from) };
      return [person, numbered(late, ...(person.identifier ?? []))];
    },
  ],
  "temporary number, given again": [
    8,
    (person, from) => {
      const number: Identifier = { ...mrn(from), use: "temp" };
      const unnamed = named(person, { given: ["Baby"] });
      return [numbered(unnamed, number), { ...numbered(unnamed, number), id: `m${from.digits(6)}` }];
    },
  ],
};

/**
 * The measured set: the same pairs every time.
 *
 * @example
 * personPairs().filter(({ onePerson }) => onePerson).length // about half of them
 */
export function personPairs(): PersonPair[] {
  const from = random(20_260_131);
  const pairs: PersonPair[] = [];
  for (const [kinds, onePerson] of [
    [ONE_PERSON, true],
    [TWO_PEOPLE, false],
  ] as const) {
    for (const [kind, [times, make]] of Object.entries(kinds)) {
      for (let at = 0; at < times; at++) {
        const [a, b] = make(somebody(from, pairs.length), from, at);
        const digest = createHash("sha256")
          .update(JSON.stringify([kind, a, b]))
          .digest();
        pairs.push({ kind, onePerson, a, b, heldOut: digest.readUInt32BE(0) % 3 === 0 });
      }
    }
  }
  return pairs;
}
