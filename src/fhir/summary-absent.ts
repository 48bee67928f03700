import type { AllergyIntolerance, Coding, Resource } from "@medplum/fhirtypes";
import { mainConceptOf } from "./summary-label.js";
import { isPast } from "./summary-status.js";

/** What there is none of, in the words of the guide's codes. */
type Topic = "allergies" | "problems" | "medications" | "procedures" | "devices" | "immunizations";

/** "There is none", or "nothing is known of any". */
interface Absence {
  topic: Topic;
  /** Only allergies of this kind (`AllergyIntolerance.category`). */
  only?: string;
}

const TYPES: Readonly<Record<Topic, readonly string[]>> = {
  allergies: ["AllergyIntolerance"],
  problems: ["Condition"],
  medications: ["MedicationStatement", "MedicationRequest"],
  procedures: ["Procedure"],
  devices: ["DeviceUseStatement"],
  immunizations: ["Immunization"],
};

/** Source: http://hl7.org/fhir/uv/ips (ValueSet absent-or-unknown-snomed-uv-ips) */
const SNOMED: Readonly<Record<string, Absence>> = {
  "716186003": { topic: "allergies" },
  "160244002": { topic: "allergies" },
  "409137002": { topic: "allergies", only: "medication" },
  "428607008": { topic: "allergies", only: "environment" },
  "429625007": { topic: "allergies", only: "food" },
  "160245001": { topic: "problems" },
  "787481004": { topic: "medications" },
  "787480003": { topic: "procedures" },
  "787483001": { topic: "devices" },
  "787482006": { topic: "immunizations" },
};

/** `no-known-food-allergies`, `no-allergy-info`, and the same in words: "No known drug allergies", "NKDA". */
const WORDS =
  /^no[- ](?:(?:known|current|information[- ]about)[- ])?(?:(drug|medication|environmental|food)[- ])?(allerg(?:y|ies)|problems?|medications?|procedures?|devices?|immuni[sz]ations?)(?:[- ](?:info|use|or disability))?(?: \(.*\))?$/i;
const SHORT: Readonly<Record<string, Absence>> = {
  nka: { topic: "allergies" },
  nkda: { topic: "allergies", only: "medication" },
  nkfa: { topic: "allergies", only: "food" },
};
const KINDS: Readonly<Record<string, string>> = {
  drug: "medication",
  medication: "medication",
  environmental: "environment",
  food: "food",
};
const TOPICS = Object.keys(TYPES) as Topic[];

/**
 * Leaves out what says that there is nothing where something is listed: "no known allergies" beside an allergy that
 * stands. One of them is wrong, and the reader of a summary must not take the reassuring one for the answer.
 *
 * "No known food allergies" stands beside a medicine, and beside an allergy whose kind isn't told. What is over
 * contradicts nothing.
 *
 * @param listed what may stand in the summary, {@link standingOf}
 * @param now FHIR dateTime of the summary
 * @example
 * withoutContradicted([{ resource: noKnownAllergies }, { resource: peanut }], now) // [{ resource: peanut }]
 */
export function withoutContradicted<T extends { resource: Resource }>(listed: readonly T[], now: string): T[] {
  const facts = listed.map(({ resource }) => resource).filter((one) => !absenceIn(one) && !isPast(one, now));
  return listed.filter(({ resource }) => {
    const absence = absenceIn(resource);
    return absence === undefined || !facts.some((fact) => contradicts(fact, absence));
  });
}

function contradicts(fact: Resource, { topic, only }: Absence): boolean {
  if (!TYPES[topic].includes(fact.resourceType)) return false;
  return only === undefined || ((fact as AllergyIntolerance).category ?? []).some((category) => category === only);
}

/** What a resource says there is none of; undefined for one that is about something. */
function absenceIn(resource: Resource): Absence | undefined {
  const { coding = [], text } = mainConceptOf(resource) ?? {};
  const coded = coding.flatMap(({ system, code = "" }: Coding) =>
    system === "http://snomed.info/sct" && Object.hasOwn(SNOMED, code) ? (SNOMED[code] ?? []) : (inWords(code) ?? []),
  );
  return coded[0] ?? [...coding.map(({ display }) => display), text].flatMap((words) => inWords(words) ?? [])[0];
}

function inWords(text = ""): Absence | undefined {
  const words = text.trim();
  const short = words.toLowerCase();
  if (Object.hasOwn(SHORT, short)) return SHORT[short];
  const [, kind = "", what = ""] = WORDS.exec(words) ?? [];
  const topic = TOPICS.find((one) => what !== "" && one.startsWith(what.toLowerCase().slice(0, 5)));
  const only = KINDS[kind.toLowerCase()];
  return topic && { topic, ...(only === undefined ? {} : { only }) };
}
