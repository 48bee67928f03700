import type { Resource } from "@medplum/fhirtypes";
import { systemName, type SystemName, systemsByShape } from "./code-system-names.js";
import { formatPath } from "./place.js";
import { SENSITIVE_CODES, type Sensitivity, SENSITIVITY_CLASSES, type SensitivityClass } from "./sensitive-codes.js";
import { SENSITIVE_LABELS } from "./sensitive-labels.js";
import { DRUGS_IN_TESTS, SENSITIVE_MEDICINES } from "./sensitive-medicines.js";
import { SENSITIVE_PREFIXES } from "./sensitive-prefixes.js";
import { foldText, ORDINARY_PHRASES, SENSITIVE_WORDS, stems, type WordGroup } from "./sensitive-words.js";
import { type Telling, tellingsOf } from "./telling.js";

/** What made a resource sensitive: a label of its source, a code, words that name it, or something it belongs to. */
export type SensitivityBasis = "label" | "code" | "words" | "prose" | "questionnaire" | "panel" | "reference";

/** One reason why a resource is sensitive. */
export interface SensitivityReason {
  readonly sensitivity: SensitivityClass;
  /** False where what was found may also mean something ordinary; a person has to look. Sensitive until then. */
  readonly certain: boolean;
  readonly basis: SensitivityBasis;
  /** Where it stands in the resource, e.g. `code.coding[0]`. Holds no patient data. */
  readonly path: string;
}

/**
 * The classes that a resource shows by itself, without repetition.
 *
 * @returns empty when nothing was found
 * @example
 * sensitivitiesOf(opioidAbuseCondition) // ["ETH"]
 */
export function sensitivitiesOf(resource: Resource): SensitivityClass[] {
  return classesOf(sensitivityReasonsOf(resource));
}

/** The classes that reasons name, in the order of {@link SENSITIVITY_CLASSES}. */
export function classesOf(reasons: readonly SensitivityReason[]): SensitivityClass[] {
  return SENSITIVITY_CLASSES.filter((one) => reasons.some(({ sensitivity }) => sensitivity === one));
}

/** Whether reasons leave a doubt that only a person can end: there are some, and none is certain. */
export function isDoubtful(reasons: readonly SensitivityReason[]): boolean {
  return reasons.length > 0 && !reasons.some(({ certain }) => certain);
}

/**
 * Why a resource is sensitive by itself: labels (`meta.security` and wherever a label stands), codes, and the words of
 * displays, texts, titles and questions, whatever the code system is. Words in passing (notes, narratives, what a
 * reference or an institution is called) leave a doubt.
 *
 * Real data carries few labels, and codes are missing, local or of a vendor, so no code system switches words off. What
 * a resource refers to is added by {@link classify}.
 *
 * @returns one reason for each class, basis and certainty, at the first place where it stands
 * @example
 * sensitivityReasonsOf(opioidAbuseCondition)
 * // [{ sensitivity: "ETH", certain: true, basis: "code", path: "code.coding[0]" }]
 */
export function sensitivityReasonsOf(resource: Resource): SensitivityReason[] {
  const found = new Map<string, SensitivityReason>();
  const tested = TESTED.has(resource.resourceType);
  for (const telling of tellingsOf(resource)) {
    for (const { sensitivity, certain, basis } of readTelling(telling, tested)) {
      const key = `${sensitivity} ${basis} ${certain}`;
      if (!found.has(key)) found.set(key, { sensitivity, certain, basis, path: formatPath(telling.path) });
    }
  }
  return [...found.values()];
}

type Finding = Omit<SensitivityReason, "path">;

/** Resources in which the name of a drug means a test for it. */
const TESTED: ReadonlySet<string> = new Set(["Observation", "DiagnosticReport", "Specimen", "ServiceRequest"]);

function readTelling(telling: Telling, tested: boolean): Finding[] {
  switch (telling.kind) {
    case "coding":
      return readCoding(telling, tested);
    case "name":
      return wordsIn(telling.text, tested).map((word) => ({ ...word, basis: "words" }));
    case "prose":
      return wordsIn(telling.text, false).map((word) => ({ ...word, certain: false, basis: "prose" }));
    case "canonical":
      return readCanonical(telling.url);
  }
}

function readCoding(coding: Telling & { kind: "coding" }, tested: boolean): Finding[] {
  const { system, code, display, label } = coding;
  const name = system === undefined ? undefined : systemName(system);
  const found: Finding[] = [];
  if (code !== undefined) {
    const labelled = label || name === "label" ? SENSITIVE_LABELS.get(code.toUpperCase()) : undefined;
    if (labelled) found.push({ sensitivity: labelled, certain: true, basis: "label" });
    for (const one of name === undefined ? systemsByShape(code, system) : [name]) {
      const known = meaningOf(one, code);
      if (known) found.push({ ...known, certain: known.certain && name !== undefined, basis: "code" });
    }
  }
  // What a label that is on the list calls itself adds nothing.
  if (display !== undefined && found.every(({ basis }) => basis !== "label")) {
    const test = tested || name === "loinc";
    for (const word of wordsIn(display, test)) found.push({ ...word, basis: "words" });
  }
  return found;
}

const SINGLE_CODES: ReadonlyMap<string, Sensitivity> = new Map(
  SENSITIVE_CODES.flatMap(({ system, codes, sensitivity }) =>
    codes
      .trim()
      .split(/\s+/)
      .map((code) => [`${system}|${code}`, sensitivity] as const),
  ),
);

/** What a word or code tells. */
type Meaning = Pick<SensitivityReason, "certain"> & { sensitivity: Sensitivity };

function meaningOf(system: SystemName, code: string): Meaning | undefined {
  // A post-coordinated expression of SNOMED CT names several concepts.
  const codes = system === "snomed" ? (code.match(/\d{6,18}/g) ?? []) : [code.trim()];
  for (const one of codes) {
    const single = SINGLE_CODES.get(`${system}|${one}`);
    if (single) return { sensitivity: single, certain: true };
  }
  const plain = code.toUpperCase().replace(/[^A-Z0-9]/g, "");
  // Denmark's edition puts a D before the code.
  const dense = system === "icd10" ? plain.replace(/^D(?=[A-Z]\d\d)/, "") : plain;
  const group = SENSITIVE_PREFIXES.find((rule) => rule.system === system && rule.pattern.test(dense));
  return group && { sensitivity: group.sensitivity, certain: group.doubtful !== true };
}

/** A questionnaire's URL holds the LOINC number of its panel, or its name as a slug. */
function readCanonical(url: string): Finding[] {
  const loinc = /(?:^|[^\d])(\d{1,5}-\d)(?:$|[^\d])/.exec(url)?.[1];
  const panel = loinc === undefined ? undefined : meaningOf("loinc", loinc);
  if (panel) return [{ ...panel, basis: "questionnaire" }];
  const slug = url.replace(/^[a-z]+:\/\/[^/]+/i, "").replace(/([a-z])([A-Z])/g, "$1 $2");
  return wordsIn(slug, false).map((word) => ({ ...word, basis: "questionnaire" }));
}

interface Compiled extends Meaning {
  pattern: RegExp;
}

const compile = (groups: readonly WordGroup[]): Compiled[] =>
  groups.map(({ sensitivity, doubtful, words }) => ({
    sensitivity,
    certain: doubtful !== true,
    pattern: stems(words),
  }));

const WORDS = compile([...SENSITIVE_WORDS, ...SENSITIVE_MEDICINES]);
const TESTS = compile(DRUGS_IN_TESTS);
const ORDINARY = new RegExp(stems(ORDINARY_PHRASES).source, "g");
/** AIDS is a word only in capitals: hearing aids are none. */
const AIDS = /\bAIDS\b/;

function wordsIn(text: string, tested: boolean): Meaning[] {
  const folded = foldText(text).replace(ORDINARY, " ");
  const found = new Map<Sensitivity, boolean>();
  for (const { sensitivity, certain, pattern } of tested ? [...WORDS, ...TESTS] : WORDS) {
    if (found.get(sensitivity) !== true && pattern.test(folded)) found.set(sensitivity, certain);
  }
  if (AIDS.test(text) && / aids /i.test(` ${folded} `)) found.set("HIV", true);
  return [...found].map(([sensitivity, certain]) => ({ sensitivity, certain }));
}

/** Why all of a Bundle or resource is sensitive by the labels of its `meta`. */
export function labelReasons(meta: Resource["meta"]): SensitivityReason[] {
  return sensitivityReasonsOf({ resourceType: "Basic", code: {}, meta: meta ?? {} });
}

/** Whether a Bundle's or resource's `meta` labels all of it as sensitive. */
export function isRestricted(meta: Resource["meta"]): boolean {
  return labelReasons(meta).length > 0;
}
