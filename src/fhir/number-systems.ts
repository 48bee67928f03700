/**
 * What an identifier says about who somebody is.
 *
 * - `person`: a system that gives each person one number, and the number is well formed.
 * - `record`: names one person within its system, as far as is known: a record number, a passport, a licence.
 * - `slip`: a number whose form or check digit is wrong: it proves nothing that isn't plain without it.
 * - `none`: a family card, a temporary number, a stand-in for no number.
 */
export type Strength = "person" | "record" | "slip" | "none";

interface NumberSystem {
  /** `Identifier.system` as it occurs; the first stands for all. */
  systems: readonly string[];
  strength: (value: string) => Strength;
  /** What of a number is compared, where it is written with more or with less. */
  core?: (value: string) => string;
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

/** Numbers of the form of a social security number that forms and advertisements made nobody's. */
const NOBODYS_SSN: ReadonlySet<string> = new Set(["078051120", "123456789", "457555462"]);

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

/** With or without the century; a plus in it stands for a hundred years of age. */
function personnummer(value: string): string {
  return value.replace("+", "").slice(-10);
}

const ahvCheck = (value: string): boolean => weigh(value, [1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]) % 10 === 0;

const cpfCheck = (value: string): boolean =>
  ((weigh(value, [10, 9, 8, 7, 6, 5, 4, 3, 2]) * 10) % 11) % 10 === Number(value[9]) &&
  ((weigh(value, [11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) * 10) % 11) % 10 === Number(value[10]);

const svnrCheck = (value: string): boolean => weigh(value, [3, 7, 9, 0, 5, 8, 4, 2, 1, 6]) % 11 === Number(value[3]);

/** Two forms, of one alphabet without I and O: HISO 10046:2024, Consumer Health Identity Standard. */
function nhiCheck(value: string): boolean {
  const alphabet = "_ABCDEFGHJKLMNPQRSTUVWXYZ";
  const sum = [...value.slice(0, 6)].reduce(
    (total, sign, at) => total + (7 - at) * (/\d/.test(sign) ? Number(sign) : alphabet.indexOf(sign)),
    0,
  );
  if (!/\d$/.test(value)) return alphabet[23 - (sum % 23)] === value.slice(-1);
  return sum % 11 !== 0 && (11 - (sum % 11)) % 10 === Number(value.slice(-1));
}

/** What a sign counts for in an odd place of an Italian tax code; in an even one it is a digit or a place in the alphabet. */
const FISCAL_ODD = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];

/** Source: Decreto ministeriale 23 dicembre 1976, n. 13813. */
function fiscalCheck(value: string): boolean {
  const sum = [...value.slice(0, 15)].reduce((total, sign, at) => {
    const place = /\d/.test(sign) ? Number(sign) : sign.charCodeAt(0) - 65;
    return total + (at % 2 === 0 ? (FISCAL_ODD[place] ?? 0) : place);
  }, 0);
  return String.fromCharCode(65 + (sum % 26)) === value.slice(-1);
}

/** A foreigner's begins with X, Y or Z, which count as 0, 1 and 2. */
const dniCheck = (value: string): boolean =>
  "TRWAGMYFPDXBNJZSQVHLCKE"[
    Number(value.slice(0, -1).replace(/^[XYZ]/, (sign) => String("XYZ".indexOf(sign)))) % 23
  ] === value.slice(-1);

const peselCheck = (value: string): boolean => weigh(value, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]) % 10 === 0;

function isikukoodCheck(value: string): boolean {
  const first = weigh(value, [1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) % 11;
  const check = first < 10 ? first : (weigh(value, [3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 11) % 10;
  return check === Number(value[10]);
}

/** Day and month of birth; a replacement number adds 60 to the day. It has had no check digit since 2007. */
const CPR = /^(0[1-9]|[12]\d|3[01]|6[1-9]|[78]\d|9[01])(0[1-9]|1[0-2])\d{6}$/;

/**
 * Systems that are known: national numbers as the HL7 affiliates name them, and cards that several people share. Values
 * come without spaces, dashes, dots and slashes, in capitals.
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
    strength: person(/^(?!000|666|9)\d{3}(?!00)\d{2}(?!0000)\d{4}$/, (value) => !NOBODYS_SSN.has(value)),
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
    strength: person(/^(\d{2})?\d{6}\+?\d{4}$/, (value) => luhn(personnummer(value))),
    core: personnummer,
  },
  {
    systems: ["urn:oid:1.2.752.129.2.1.3.3", "http://electronichealth.se/identifier/samordningsnummer"],
    strength: person(/^(\d{2})?\d{4}[6-9]\d\+?\d{4}$/, (value) => luhn(personnummer(value))),
    core: personnummer,
  },
  {
    systems: ["urn:oid:2.16.578.1.12.4.1.4.1", "http://hl7.no/fhir/NamingSystem/FNR"],
    strength: person(/^\d{11}$/, fodselsnummerCheck),
  },
  { systems: ["urn:oid:2.16.578.1.12.4.1.4.2"], strength: person(/^[4-7]\d{10}$/, fodselsnummerCheck) },
  { systems: ["urn:oid:1.2.208.176.1.2"], strength: person(CPR) },
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
  {
    systems: ["https://standards.digital.health.nz/ns/nhi-id"],
    strength: person(/^[A-HJ-NP-Z]{3}\d{2}(\d{2}|[A-HJ-NP-Z]{2})$/, nhiCheck),
  },
  {
    systems: ["http://hl7.it/sid/codiceFiscale", "urn:oid:2.16.840.1.113883.2.9.4.3.2"],
    strength: person(/^[A-Z]{6}[0-9A-Z]{2}[A-Z][0-9A-Z]{2}[A-Z][0-9A-Z]{3}[A-Z]$/, fiscalCheck),
  },
  { systems: ["urn:oid:1.3.6.1.4.1.19126.3"], strength: person(/^(\d{8}|[XYZ]\d{7})[A-Z]$/, dniCheck) },
  { systems: ["urn:oid:2.16.840.1.113883.3.4424.1.1.616"], strength: person(/^\d{11}$/, peselCheck) },
  { systems: ["https://fhir.ee/sid/pid/est/ni"], strength: person(/^[1-8]\d{10}$/, isikukoodCheck) },
];

/** One form of what is written with http or https, with a slash at the end, in capitals, or as a bare OID. */
function keyOf(system: string): string {
  const key = system
    .trim()
    .toLowerCase()
    .replace(/^https:/, "http:")
    .replace(/\/+$/, "");
  return /^(urn:oid:|oid:)?\d+(\.\d+)+$/.test(key) ? `urn:oid:${key.replace(/^.*:/, "")}` : key;
}

const BY_SYSTEM = new Map(SYSTEMS.flatMap((known) => known.systems.map((system) => [keyOf(system), known] as const)));

/** The one name of a system that has several. */
export const canonicalSystem = (system: string): string => BY_SYSTEM.get(keyOf(system))?.systems[0] ?? system;

/** A value as its system is compared: a known number without spaces, dashes, dots and slashes. */
export function canonicalValue(system: string, value: string): string {
  const known = BY_SYSTEM.get(keyOf(system));
  if (!known) return value.trim();
  const dense = denseOf(value);
  return known.core?.(dense) ?? dense;
}

const denseOf = (value: string): string =>
  value
    .normalize("NFKC")
    .replace(/[\s./\p{Pd}]+/gu, "")
    .toUpperCase();

/** What a number of a system that is known says; undefined for other systems. */
export const knownStrength = (system: string, value: string): Strength | undefined =>
  BY_SYSTEM.get(keyOf(system))?.strength(denseOf(value));

/** Whether every number of a system belongs to a person: what is identified by one is no device and no group. */
export const isPersonSystem = (system: string): boolean => BY_SYSTEM.has(keyOf(system));
