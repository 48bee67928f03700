import type { Resource } from "@medplum/fhirtypes";
import { codingsOf, type FoundCoding, systemName, uncodedTextsOf } from "./codings.js";
import { SENSITIVE_CODES, SENSITIVE_LABELS, type Sensitivity } from "./sensitive-codes.js";
import { SENSITIVE_PREFIXES } from "./sensitive-prefixes.js";
import { SENSITIVE_INGREDIENTS, SENSITIVE_WORDS } from "./sensitive-words.js";

/** Why a resource is sensitive: a class of HL7 v3 ActCode, or RESTRICTED where a label says no more. */
export type SensitivityReason = Sensitivity | "RESTRICTED";

const SINGLE_CODES: ReadonlyMap<string, Sensitivity> = new Map(
  SENSITIVE_CODES.flatMap(({ system, codes, sensitivity }) =>
    codes
      .trim()
      .split(/\s+/)
      .map((code) => [`${system}|${code}`, sensitivity] as const),
  ),
);

/**
 * The sensitivity classes that a resource shows by itself: by labels (`meta.security` and wherever a label stands), by
 * codes, by ingredients in the display of drug codes, and by words where a concept has no code.
 *
 * Real data carries no labels, so codes decide; when in doubt the answer is sensitive. What a resource refers to is
 * added by {@link classify}.
 *
 * @returns classes without repetition; empty when nothing was found
 * @example
 * sensitivitiesOf(opioidAbuseCondition) // ["ETH"]
 */
export function sensitivitiesOf(resource: Resource): SensitivityReason[] {
  const found = new Set<SensitivityReason>();
  for (const coding of codingsOf(resource)) {
    const reason = sensitivityOfCode(coding);
    if (reason) found.add(reason);
  }
  for (const text of uncodedTextsOf(resource)) {
    for (const words of [SENSITIVE_WORDS, SENSITIVE_INGREDIENTS]) {
      const reason = matching(words, text);
      if (reason) found.add(reason);
    }
  }
  return [...found];
}

function sensitivityOfCode({ system, code, display }: FoundCoding): SensitivityReason | undefined {
  const name = systemName(system);
  if (name === undefined) return undefined;
  if (name === "label") return Object.hasOwn(SENSITIVE_LABELS, code) ? SENSITIVE_LABELS[code] : undefined;
  const single = SINGLE_CODES.get(`${name}|${code}`);
  if (single) return single;
  const dense = code.replaceAll(".", "").toUpperCase();
  const group = SENSITIVE_PREFIXES.find((rule) => rule.system === name && rule.pattern.test(dense));
  if (group) return group.sensitivity;
  // SNOMED CT codes medicinal products too.
  return (name === "rxnorm" || name === "snomed") && display !== undefined
    ? matching(SENSITIVE_INGREDIENTS, display)
    : undefined;
}

function matching(words: Readonly<Record<Sensitivity, RegExp>>, text: string): Sensitivity | undefined {
  return (Object.keys(words) as Sensitivity[]).find((reason) => words[reason].test(text));
}

/** Whether a Bundle's or resource's `meta` labels all of it as sensitive. */
export function isRestricted(meta: Resource["meta"]): boolean {
  return sensitivitiesOf({ resourceType: "Basic", code: {}, meta: meta ?? {} }).length > 0;
}
