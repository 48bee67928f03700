import type { Resource } from "@medplum/fhirtypes";
import { visit } from "./references.js";

/** What a token tells about a person. */
export type PersonalTokenKind = "name" | "date" | "address" | "telecom" | "identifier" | "text";

/** A string that must appear nowhere in public. */
export interface PersonalToken {
  kind: PersonalTokenKind;
  value: string;
}

/** Shorter strings are found everywhere by chance. */
const MIN_LENGTH: Readonly<Record<PersonalTokenKind, number>> = {
  name: 3,
  date: 8,
  address: 4,
  telecom: 5,
  identifier: 4,
  text: 12,
};

const NAME_PARTS = ["text", "family", "given"];
const ADDRESS_PARTS = ["text", "line", "city", "district", "postalCode"];
const FREE_TEXT = new Set([
  "div",
  "note",
  "text",
  "comment",
  "description",
  "conclusion",
  "summary",
  "valueString",
  "title",
]);
const FULL_DATE = /^(\d{4})-(\d{2})-(\d{2})/;

/**
 * The strings in a patient's resources that identify: names, full dates (ISO, compact, day first), addresses, telecom,
 * identifiers, and free text (narratives, notes, descriptions) in phrases. A check that looks for leaks on chain or in
 * public blocks searches for them.
 *
 * @returns tokens without repetition, in the order found; the values are secret
 * @example
 * personalTokens([patient]) // [{ kind: "name", value: "Carmona" }, { kind: "date", value: "19890406" }, …]
 */
export function personalTokens(resources: readonly Resource[]): PersonalToken[] {
  const found = new Map<string, PersonalToken>();
  const add = (kind: PersonalTokenKind, value: unknown): void => {
    if (typeof value !== "string") return;
    const clean = value.replace(/\s+/g, " ").trim();
    if (clean.length >= MIN_LENGTH[kind]) found.set(`${kind} ${clean}`, { kind, value: clean });
  };
  visit(resources, (key, value, owner) => {
    for (const item of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (key === "name") addName(item, add);
      else if (key === "address") addParts(item, ADDRESS_PARTS, (part) => add("address", part));
      else if (key === "telecom") addParts(item, ["value"], (part) => add("telecom", part));
      else if (key === "identifier") addParts(item, ["value"], (part) => add("identifier", part));
      else if (key === "id" && "resourceType" in owner) add("identifier", item);
      else if (typeof item === "string" && FULL_DATE.test(item))
        for (const date of formsOfDate(item)) add("date", date);
      else if (FREE_TEXT.has(key)) for (const phrase of phrasesOf(item)) add("text", phrase);
    }
  });
  return [...found.values()];
}

type Add = (kind: PersonalTokenKind, value: unknown) => void;

function addName(item: unknown, add: Add): void {
  if (typeof item === "string") return add("name", item);
  if (typeof item !== "object" || item === null) return;
  const { family, given } = item as { family?: unknown; given?: unknown };
  addParts(item, NAME_PARTS, (part) => add("name", part));
  const givens = Array.isArray(given) ? given.filter((part) => typeof part === "string") : [];
  if (typeof family !== "string" || givens.length === 0) return;
  add("name", `${givens.join(" ")} ${family}`);
  add("name", `${givens[0] ?? ""} ${family}`);
  add("name", `${family}, ${givens.join(" ")}`);
}

function addParts(item: unknown, parts: readonly string[], add: (value: unknown) => void): void {
  if (typeof item !== "object" || item === null) return;
  for (const part of parts) {
    const value = (item as Record<string, unknown>)[part];
    for (const one of Array.isArray(value) ? (value as unknown[]) : [value]) add(one);
  }
}

function formsOfDate(value: string): string[] {
  const [iso = "", year = "", month = "", day = ""] = FULL_DATE.exec(value) ?? [];
  return [iso, `${year}${month}${day}`, `${day}.${month}.${year}`, `${month}/${day}/${year}`];
}

/** The text between tags, cut at sentence ends; a phrase has at least two words. */
function phrasesOf(value: unknown): string[] {
  if (typeof value !== "string") return [];
  return value
    .split(/<[^>]*>/)
    .flatMap((part) => decodeEntities(part).split(/[.!?;]\s|\n/))
    .filter((part) => /\S\s+\S/.test(part));
}

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " " };

function decodeEntities(text: string): string {
  return text
    .replace(/&#(\d{1,7});/g, (whole, code: string) =>
      Number(code) < 0x110000 ? String.fromCodePoint(Number(code)) : whole,
    )
    .replace(/&([a-z]+);/g, (whole, name: string) => ENTITIES[name] ?? whole);
}
