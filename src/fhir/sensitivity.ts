import type { Resource } from "@medplum/fhirtypes";
import { systemName, type SystemName, systemsByShape } from "./code-system-names.js";
import { ORDINARY_PHRASES } from "./ordinary-phrases.js";
import { formatPath } from "./place.js";
import { SENSITIVE_CODES, type Sensitivity } from "./sensitive-codes.js";
import { SENSITIVITY_CLASSES, type SensitivityClass } from "./vocabulary.js";
import { CONFIDENTIAL_LABEL, SENSITIVE_LABELS } from "./sensitive-labels.js";
import { DRUGS_IN_TESTS, SENSITIVE_MEDICINES } from "./sensitive-medicines.js";
import { SENSITIVE_PREFIXES } from "./sensitive-prefixes.js";
import { foldText, SENSITIVE_WORDS, stems, type WordGroup } from "./sensitive-words.js";
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
  /** The label says that a minor consented to the care alone (`ADOL`): nobody who acts for the patient may see it. */
  readonly confidential?: true;
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
 * @returns one reason for each class, basis and certainty, at the first place where it stands; for a label of what is
 *   confidential one more
 * @example
 * sensitivityReasonsOf(opioidAbuseCondition)
 * // [{ sensitivity: "ETH", certain: true, basis: "code", path: "code.coding[0]" }]
 */
export function sensitivityReasonsOf(resource: Resource): SensitivityReason[] {
  const found = new Map<string, SensitivityReason>();
  const context = {
    tested: TESTED.has(resource.resourceType),
    diagnosis: resource.resourceType === "Condition",
  };
  for (const telling of tellingsOf(resource)) {
    for (const finding of readTelling(telling, context)) {
      const { sensitivity, certain, basis, confidential = false } = finding;
      const key = `${sensitivity} ${basis} ${certain} ${confidential}`;
      if (!found.has(key)) found.set(key, { ...finding, path: formatPath(telling.path) });
    }
  }
  return [...found.values()];
}

type Finding = Omit<SensitivityReason, "path">;

/** Resources in which the name of a drug means a test for it. */
const TESTED: ReadonlySet<string> = new Set(["Observation", "DiagnosticReport", "Specimen", "ServiceRequest"]);

/** What the type of a resource says of the words and codes in it. */
interface Context {
  /** The name of a drug means a test for it. */
  tested: boolean;
  /** A code without a system is one of diseases. */
  diagnosis: boolean;
}

function readTelling(telling: Telling, context: Context): Finding[] {
  const { tested } = context;
  switch (telling.kind) {
    case "coding":
      return readCoding(telling, context);
    case "name":
      return wordsIn(telling.text, tested).map((word) => ({ ...word, basis: "words" }));
    case "prose":
      return wordsIn(telling.text, false).map((word) => ({ ...word, certain: false, basis: "prose" }));
    case "canonical":
      return readCanonical(telling.url);
  }
}

function readCoding(coding: Telling & { kind: "coding" }, { tested, diagnosis }: Context): Finding[] {
  const { system, code, display, label, path } = coding;
  const name = system === undefined ? undefined : systemName(system);
  const found: Finding[] = [];
  if (code !== undefined) {
    const labelled = label || (name === "label" && isLabel(system, code)) ? labelOf(code) : undefined;
    if (labelled) found.push({ sensitivity: labelled, certain: true, basis: "label", ...confidentialBy(code) });
    const hl7 = SINGLE_CODES.get(`hl7|${lastPartOf(system ?? "")}#${code}`);
    if (hl7) found.push({ sensitivity: hl7, certain: true, basis: "code" });
    for (const one of name === undefined ? systemsByShape(code, system, diagnosis && path[0] === "code") : [name]) {
      for (const known of meaningsOf(one, code))
        found.push({ ...known, certain: known.certain && name !== undefined, basis: "code" });
    }
  }
  // What a label that is on the list calls itself adds nothing.
  if (display !== undefined && found.every(({ basis }) => basis !== "label")) {
    const test = tested || name === "loinc";
    for (const word of wordsIn(display, test)) found.push({ ...word, basis: "words" });
  }
  return found;
}

const labelOf = (code: string): SensitivityClass | undefined => SENSITIVE_LABELS.get(code.toUpperCase());

const confidentialBy = (code: string): Pick<SensitivityReason, "confidential"> =>
  code.toUpperCase() === CONFIDENTIAL_LABEL ? { confidential: true } : {};

/** R and V are labels of confidentiality alone: in HL7 v3 ActCode and RoleCode they mean something else. */
function isLabel(system: string | undefined, code: string): boolean {
  return !/^[RV]$/i.test(code) || /confidentiality|5\.25(?:\||$)|v2[-/]0177/i.test(system ?? "");
}

/** `discharge-disposition` of `http://terminology.hl7.org/CodeSystem/discharge-disposition|0.1.0`. */
function lastPartOf(uri: string): string {
  return uri.toLowerCase().replace(/\|.*$/, "").replace(/^.*\//, "");
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

function meaningsOf(system: SystemName, code: string): Meaning[] {
  // A post-coordinated expression of SNOMED CT names several concepts.
  const codes = system === "snomed" ? (code.match(/\d{6,18}/g) ?? []) : [code.trim()];
  const singles = codes.flatMap((one) => SINGLE_CODES.get(`${system}|${one}`) ?? []);
  if (singles.length > 0) return singles.map((sensitivity) => ({ sensitivity, certain: true }));
  const plain = code.toUpperCase().replace(/[^A-Z0-9]/g, "");
  // Denmark's edition puts a D before the code.
  const dense = system === "icd10" ? plain.replace(/^D(?=[A-Z]\d\d)/, "") : plain;
  return SENSITIVE_PREFIXES.filter((rule) => rule.system === system && rule.pattern.test(dense)).map(
    ({ sensitivity, doubtful }) => ({ sensitivity, certain: doubtful !== true }),
  );
}

/** The URL of a questionnaire holds the LOINC number of its panel, or its name as a slug, as that of a profile does. */
function readCanonical(url: string): Finding[] {
  const loinc = /(?:^|[^\d])(\d{1,5}-\d)(?:$|[^\d])/.exec(url)?.[1];
  const panel = loinc === undefined ? [] : meaningsOf("loinc", loinc);
  if (panel.length > 0) return panel.map((one) => ({ ...one, basis: "questionnaire" }));
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
/** AIDS is a word only in capitals: hearing aids are none. So is PrEP. */
const AIDS = /\bAIDS\b/;
const PREP = /\bPrEP\b/;

function wordsIn(text: string, tested: boolean): Meaning[] {
  const folded = foldText(text).replace(ORDINARY, " ");
  const found = new Map<Sensitivity, boolean>();
  for (const { sensitivity, certain, pattern } of tested ? [...WORDS, ...TESTS] : WORDS) {
    if (found.get(sensitivity) !== true && pattern.test(folded)) found.set(sensitivity, certain);
  }
  if (AIDS.test(text) && / aids /i.test(` ${folded} `)) found.set("HIV", true);
  else if (PREP.test(text) && !found.has("HIV")) found.set("HIV", false);
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
