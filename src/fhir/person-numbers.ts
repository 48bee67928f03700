import type { Coding, Identifier, Patient } from "@medplum/fhirtypes";
import { canonicalSystem, canonicalValue, knownStrength, type Strength } from "./number-systems.js";

/** An identifier as it is compared. */
export interface PersonNumber {
  /** One name for all names of a system that is known. */
  system: string;
  value: string;
  strength: Strength;
  /** False for what was replaced. */
  current: boolean;
}

/** Types of numbers that are a person's own. Source: https://terminology.hl7.org/CodeSystem-v2-0203.html */
const PERSON_TYPES = /^(NI|SS|NN[A-Z]{3}|JHN)$/;

/** Types of numbers that a family, an account or a visit has, or that are given again: of the same table. */
const SHARED_TYPES: ReadonlySet<string> = new Set([
  ...["SN", "MB", "AN", "ANC", "AND", "ANT", "GI", "GN", "EN", "BA", "BC", "AM", "DI", "DS", "MS", "VS", "WC", "XX"],
  ...["VN", "ACSN", "FILL", "PLAC", "SID", "MRT", "PNT", "ANON"],
]);

/** Words for a number that several people have, or that is given again, in the name of a type or at the end of a system. */
const SHARED_WORDS =
  /\b(temp|tempora\w*|provis\w*|famil\w*|household|haushalt\w*|foyer|subscriber|policy|member|account|guarantor|visit|encounter|phone|telephone|mobile|e-?mail)\b/i;

const STAND_INS =
  /^(UNK(NOWN)?|N\/?[AK]|NONE|NULL|NIL|UNDEFINED|MISSING|MASKED|PENDING|REFUSED|DECLINED|ANONYMOUS|UNASSIGNED|UNAVAILABLE|NOT ?(KNOWN|AVAILABLE|APPLICABLE|PROVIDED|ASSIGNED|RECORDED|GIVEN)|TBD|TEST|TEMP|DEFAULT|DUMMY)$/i;

/** Figures that were covered up, with stars or the letter x: `***-**-1234`. */
const COVERED = /[*#•]{2}|^x{3}/i;

/** A UUID of one digit is somebody's, save for Nil and Max. Source: RFC 9562, sections 5.9 and 5.10 */
const TELLING_UUID =
  /^(urn:uuid:)?(?!(0{8}(-0{4}){3}-0{12}|f{8}(-f{4}){3}-f{12})$)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether a value only says that there is no number, or doesn't show it. */
export function isStandIn(value: string): boolean {
  if (TELLING_UUID.test(value.trim())) return false;
  const plain = value.trim().replace(/[\s_-]+/g, " ");
  const dense = plain.replace(/[^A-Z0-9*#•]/gi, "");
  return dense === "" || /^(.)\1{3,}$/i.test(dense) || COVERED.test(dense) || STAND_INS.test(plain);
}

/**
 * How far an identifier tells who somebody is.
 *
 * @example
 * strengthOf({ system: "https://fhir.nhs.uk/Id/nhs-number", value: "900 000 0009" }) // "person"
 */
export function strengthOf({ system, value, use, type }: Identifier): Strength {
  if (typeof system !== "string" || typeof value !== "string" || use === "temp" || isStandIn(value)) return "none";
  const known = knownStrength(system, value);
  if (known) return known;
  const codings: unknown = type?.coding;
  const list = (Array.isArray(codings) ? codings : []) as (Coding | null)[];
  const codes = list.map((coding) => coding?.code ?? "");
  const names = [type?.text, ...list.map((coding) => coding?.display), lastPart(system)];
  if (codes.some((code) => SHARED_TYPES.has(code)) || names.some(isSharedByName)) return "none";
  return codes.some((code) => PERSON_TYPES.test(code)) ? "person" : "record";
}

const isSharedByName = (name: unknown): boolean =>
  typeof name === "string" && SHARED_WORDS.test(name.replace(/([a-z])(?=[A-Z])/g, "$1 ").replace(/_/g, " "));

/** What a system says that its numbers are: `family-card` of `https://h.example/id/family-card/`. `tel:` by itself. */
function lastPart(system: string): string {
  if (/^(tel|sms|fax|mailto):/i.test(system)) return "phone";
  return (
    system
      .replace(/\/+$/, "")
      .replace(/[/:](id|number|no)$/i, "")
      .replace(/^[a-z][\w+.-]*:\/\/[^/]*/i, "")
      .split(/[/:#]/)
      .at(-1) ?? ""
  );
}

/**
 * Whether an identifier can name one person in a reference. A wrong check digit is no matter there: the same slip is in
 * both places. A family's number and a stand-in name nobody.
 */
export const namesSomebody = (identifier: Identifier): boolean => strengthOf(identifier) !== "none";

/** The identifiers of a patient that have a system and a value. */
export function personNumbers({ identifier }: Pick<Patient, "identifier">): PersonNumber[] {
  return identifiersOf(identifier).flatMap((one) => {
    const { system, value, use, period } = one;
    if (typeof system !== "string" || typeof value !== "string") return [];
    return {
      system: canonicalSystem(system),
      value: canonicalValue(system, value),
      strength: strengthOf(one),
      current: use !== "old" && !hasEnded(period),
    };
  });
}

/** By the day: a card that ends today still counts. */
const hasEnded = (period: Identifier["period"]): boolean =>
  typeof period?.end === "string" && period.end < new Date().toISOString().slice(0, period.end.slice(0, 10).length);

/** What is an identifier of what an input gives as identifiers: it may not have been validated. */
export function identifiersOf(identifiers: unknown): Identifier[] {
  const list: unknown[] = Array.isArray(identifiers) ? identifiers : [];
  return list.filter((one): one is Identifier => typeof one === "object" && one !== null);
}
