import { CATEGORIES } from "../../vocabulary.js";

/** A verified name, or for who has none the number. */
export const who = (participant: number, name: string): string => (name === "" ? `participant ${participant}` : name);

/** Which of the signer's records: "my summary and my medication". */
export function mine(categories: Readonly<Record<string, boolean>>): string {
  const named = CATEGORIES.map((name) => name.toLowerCase()).filter((name) => categories[name] === true);
  return listed(named.map((name) => WORDS[name] ?? `my ${name} records`)) || "nothing of mine";
}

const WORDS: Readonly<Record<string, string>> = { summary: "my summary", medication: "my medication" };

const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)!}`;

/** A time, in seconds since 1970: "21 December 2026, 12:00 UTC". */
export function at(seconds: number): string {
  const time = new Date(seconds * 1000);
  const day = time.toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
  return `${day}, ${time.toISOString().slice(11, 16)} UTC`;
}

const PURPOSES: Readonly<Record<string, string>> = {
  TREAT: "treatment",
  ETREAT: "an emergency",
  HPAYMT: "payment",
  HOPERAT: "its operations",
  HRESCH: "research",
  PUBHLTH: "public health",
  PATRQT: "what I ask of it",
};

/** A purpose of use (HL7 v3 PurposeOfUse), in words. */
export const purposeInWords = (code: string): string => PURPOSES[code] ?? code;
