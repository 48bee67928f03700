import type { Coding, Identifier, Patient } from "@medplum/fhirtypes";

/**
 * What an identifier says about who somebody is.
 *
 * - `person`: a system that gives each person one number, and the number is well formed.
 * - `record`: names one person within its system, as far as is known: a record number, a passport, a licence.
 * - `slip`: a number whose form or check digit is wrong: it proves nothing that isn't plain without it.
 * - `none`: a family card, a temporary number, a stand-in for no number.
 */
export type Strength = "person" | "record" | "slip" | "none";

/** An identifier as it is compared. */
export interface PersonNumber {
  /** One name for all names of a system that is known. */
  system: string;
  value: string;
  strength: Strength;
  /** False for what was replaced. */
  current: boolean;
}

interface NumberSystem {
  /** `Identifier.system` as it occurs; the first stands for all. */
  systems: readonly string[];
  strength: (value: string) => Strength;
}

const digitsOf = (value: string): number[] => [...value].map(Number);
const weigh = (value: string, weights: readonly number[]): number =>
  weights.reduce((sum, weight, at) => sum + weight * (digitsOf(value)[at] ?? 0), 0);

/** ISO/IEC 7812-1, annex B. */
function luhn(value: string): boolean {
  const sum = digitsOf(value)
    .reverse()
    .reduce((total, digit, at) => total + (at % 2 === 0 ? digit : digit > 4 ? 2 * digit - 9 : 2 * digit), 0);
  return sum % 10 === 0;
}

const person =
  (form: RegExp, check: (value: string) => boolean = () => true) =>
  (value: string): Strength =>
    form.test(value) && check(value) ? "person" : "slip";

/** The ten digits of a card are the family's; the eleventh says which member. Source: Healthcare identifiers, AU Base. */
function medicare(value: string): Strength {
  if (value.length < 11) return "none";
  const known = /^[2-6]\d{9}[1-9]$/.test(value) && weigh(value, [1, 3, 7, 9, 1, 3, 7, 9]) % 10 === Number(value[8]);
  return known ? "record" : "slip";
}

const nhsCheck = (value: string): boolean => weigh(value, [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]) % 11 === 0;

const fodselsnummerCheck = (value: string): boolean =>
  weigh(value, [3, 7, 6, 1, 8, 9, 4, 5, 2, 1]) % 11 === 0 && weigh(value, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]) % 11 === 0;

function kvnrCheck(value: string): boolean {
  const number = `${String(value.charCodeAt(0) - 64).padStart(2, "0")}${value.slice(1, 9)}`;
  const sum = digitsOf(number).reduce((total, digit, at) => {
    const product = digit * (1 + (at % 2));
    return total + (product > 9 ? product - 9 : product);
  }, 0);
  return sum % 10 === Number(value[9]);
}

const HETU_SIGNS = "0123456789ABCDEFHJKLMNPRSTUVWXY";
const hetuCheck = (value: string): boolean =>
  HETU_SIGNS[Number(`${value.slice(0, 6)}${value.slice(-4, -1)}`) % 31] === value.slice(-1);

/** Corsica's departments 2A and 2B count as 19 and 18. */
const nirCheck = (value: string): boolean =>
  97n - (BigInt(value.slice(0, 13).replace("2A", "19").replace("2B", "18")) % 97n) === BigInt(value.slice(13));

/** Born in 2000 or later: a 2 is written before the nine digits for the check. */
const ssinCheck = (value: string): boolean =>
  ["", "2"].some((century) => 97 - (Number(`${century}${value.slice(0, 9)}`) % 97) === Number(value.slice(9)));

const ahvCheck = (value: string): boolean => weigh(value, [1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]) % 10 === 0;

const cpfCheck = (value: string): boolean =>
  ((weigh(value, [10, 9, 8, 7, 6, 5, 4, 3, 2]) * 10) % 11) % 10 === Number(value[9]) &&
  ((weigh(value, [11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) * 10) % 11) % 10 === Number(value[10]);

const svnrCheck = (value: string): boolean => weigh(value, [3, 7, 9, 0, 5, 8, 4, 2, 1, 6]) % 11 === Number(value[3]);

/**
 * Systems that are known: national numbers as the HL7 affiliates name them, and cards that several people share. Values
 * come without spaces, hyphens and dots, in capitals.
 *
 * Source: https://hl7.org/fhir/R4/identifier-registry.html and the base guides of the countries.
 */
const SYSTEMS: readonly NumberSystem[] = [
  {
    systems: [
      "https://fhir.nhs.uk/Id/nhs-number",
      "http://fhir.nhs.uk/Id/nhs-number",
      "http://fhir.nhs.net/Id/nhs-number",
      "https://fhir.nhs.net/Id/nhs-number",
      "urn:oid:2.16.840.1.113883.2.1.4.1",
    ],
    strength: person(/^\d{10}$/, nhsCheck),
  },
  { systems: ["urn:oid:2.16.840.1.113883.2.1.3.2.4.16.53"], strength: person(/^\d{10}$/, nhsCheck) },
  {
    systems: ["http://ns.electronichealth.net.au/id/hi/ihi/1.0"],
    strength: person(/^800360\d{10}$/, luhn),
  },
  {
    systems: ["http://ns.electronichealth.net.au/id/medicare-number"],
    strength: medicare,
  },
  {
    systems: ["http://hl7.org/fhir/sid/us-ssn", "urn:oid:2.16.840.1.113883.4.1"],
    // What the Social Security Administration never gives out.
    strength: person(/^(?!000|666|9)\d{3}(?!00)\d{2}(?!0000)\d{4}$/),
  },
  {
    systems: ["http://fhir.de/sid/gkv/kvid-10", "http://fhir.de/NamingSystem/gkv/kvid-10"],
    strength: person(/^[A-Z]\d{9}$/, kvnrCheck),
  },
  {
    systems: ["http://fhir.nl/fhir/NamingSystem/bsn", "urn:oid:2.16.840.1.113883.2.4.6.3"],
    strength: person(/^\d{9}$/, (value) => weigh(value, [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 === 0),
  },
  {
    systems: ["urn:oid:1.2.752.129.2.1.3.1", "http://electronichealth.se/identifier/personnummer"],
    strength: person(/^(\d{2})?\d{10}$/, (value) => luhn(value.slice(-10))),
  },
  {
    systems: ["urn:oid:2.16.578.1.12.4.1.4.1", "http://hl7.no/fhir/NamingSystem/FNR"],
    strength: person(/^\d{11}$/, fodselsnummerCheck),
  },
  { systems: ["urn:oid:1.2.208.176.1.2"], strength: person(/^\d{10}$/) },
  {
    systems: ["urn:oid:1.2.246.21"],
    // The sign of the century may be a hyphen, which is gone by now.
    strength: person(/^\d{6}[A-FUVWXY+]?\d{3}[0-9A-Y]$/, hetuCheck),
  },
  { systems: ["urn:oid:1.2.250.1.213.1.4.8"], strength: person(/^[12]\d{4}(\d{2}|2[AB])\d{8}$/, nirCheck) },
  {
    systems: ["https://www.ehealth.fgov.be/standards/fhir/core/NamingSystem/ssin"],
    strength: person(/^\d{11}$/, ssinCheck),
  },
  { systems: ["urn:oid:2.16.756.5.32"], strength: person(/^756\d{10}$/, ahvCheck) },
  {
    systems: ["http://rnds.saude.gov.br/fhir/r4/NamingSystem/cpf", "urn:oid:2.16.840.1.113883.13.237"],
    strength: person(/^\d{11}$/, cpfCheck),
  },
  { systems: ["urn:oid:1.2.40.0.10.1.4.3.1"], strength: person(/^\d{10}$/, svnrCheck) },
  {
    systems: ["http://fhir.health.gov.il/identifier/il-national-id"],
    strength: person(/^\d{9}$/, luhn),
  },
  { systems: ["https://standards.digital.health.nz/ns/nhi-id"], strength: person(/^[A-Z]{3}\d{2}(\d{2}|\d[A-Z])$/) },
  {
    systems: ["http://hl7.it/sid/codiceFiscale", "urn:oid:2.16.840.1.113883.2.9.4.3.2"],
    strength: person(/^[A-Z]{6}[0-9A-Z]{2}[A-Z][0-9A-Z]{2}[A-Z][0-9A-Z]{3}[A-Z]$/),
  },
];

const BY_SYSTEM = new Map(SYSTEMS.flatMap((known) => known.systems.map((system) => [system, known] as const)));

/** Types of numbers that are a person's own. Source: https://terminology.hl7.org/CodeSystem-v2-0203.html */
const PERSON_TYPES = /^(NI|SS|NN[A-Z]{3}|JHN)$/;

/** Types of numbers that a family, an account or a visit has, or that are given again: of the same table. */
const SHARED_TYPES: ReadonlySet<string> = new Set([
  ...["SN", "MB", "AN", "ANC", "AND", "ANT", "GI", "GN", "EN", "BA", "BC", "AM", "DI", "DS", "MS", "VS", "WC", "XX"],
  ...["VN", "ACSN", "FILL", "PLAC", "SID", "MRT", "PNT", "ANON"],
]);

const STAND_INS =
  /^([^A-Z0-9]*|(.)\2{3,}|UNK(NOWN)?|N\/?[AK]|NONE|NULL|NIL|NOT ?(KNOWN|AVAILABLE)|TBD|TEST|TEMP|DEFAULT)$/i;

/** Whether a value only says that there is no number. */
export const isStandIn = (value: string): boolean => STAND_INS.test(value.trim());

/** The one name of a system that has several. */
export const canonicalSystem = (system: string): string => BY_SYSTEM.get(system)?.systems[0] ?? system;

/** A value as its system is compared: a known number without spaces, hyphens and dots. */
export function canonicalValue(system: string, value: string): string {
  return BY_SYSTEM.has(system) ? value.replace(/[\s.-]+/g, "").toUpperCase() : value.trim();
}

/**
 * How far an identifier tells who somebody is.
 *
 * @example
 * strengthOf({ system: "https://fhir.nhs.uk/Id/nhs-number", value: "900 000 0009" }) // "person"
 */
export function strengthOf({ system, value, use, type }: Identifier): Strength {
  if (typeof system !== "string" || typeof value !== "string" || use === "temp" || isStandIn(value)) return "none";
  const known = BY_SYSTEM.get(system);
  if (known) return known.strength(canonicalValue(system, value));
  const codings: unknown = type?.coding;
  const codes = (Array.isArray(codings) ? (codings as (Coding | null)[]) : []).map((coding) => coding?.code ?? "");
  if (codes.some((code) => SHARED_TYPES.has(code))) return "none";
  return codes.some((code) => PERSON_TYPES.test(code)) ? "person" : "record";
}

/**
 * Whether an identifier can name one person in a reference. A wrong check digit is no matter there: the same slip is in
 * both places. A family's number and a stand-in name nobody.
 */
export const namesSomebody = (identifier: Identifier): boolean => strengthOf(identifier) !== "none";

/** Whether every number of a system belongs to a person: what is identified by one is no device and no group. */
export const isPersonSystem = (system: string): boolean => BY_SYSTEM.has(system);

/** The identifiers of a patient that have a system and a value. */
export function personNumbers({ identifier }: Pick<Patient, "identifier">): PersonNumber[] {
  return identifiersOf(identifier).flatMap((one) => {
    const { system, value, use } = one;
    if (typeof system !== "string" || typeof value !== "string") return [];
    return {
      system: canonicalSystem(system),
      value: canonicalValue(system, value),
      strength: strengthOf(one),
      current: use !== "old",
    };
  });
}

/** What is an identifier of what an input gives as identifiers: it may not have been validated. */
export function identifiersOf(identifiers: unknown): Identifier[] {
  const list: unknown[] = Array.isArray(identifiers) ? identifiers : [];
  return list.filter((one): one is Identifier => typeof one === "object" && one !== null);
}
