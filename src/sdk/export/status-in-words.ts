/** What a reader takes for granted. */
const ORDINARY: ReadonlySet<string> = new Set(["final", "active", "completed", "finished", "current", "confirmed"]);

/** What tells how a finding stands, as code of a CodeableConcept: of Condition and AllergyIntolerance. */
const CODED = ["clinicalStatus", "verificationStatus"];

/**
 * How a resource stands where that isn't what a reader takes for granted: "corrected", "entered-in-error", "preliminary";
 * empty where there is nothing to say. The words are the source's codes.
 *
 * Source: https://hl7.org/fhir/R4/lifecycle.html
 */
export function statusInWords(resource: object): string {
  const tree = resource as Readonly<Record<string, unknown>>;
  const said = [tree["status"], ...CODED.flatMap((name) => codesIn(tree[name]))];
  return said
    .filter((status): status is string => typeof status === "string" && status !== "" && !ORDINARY.has(status))
    .join(", ");
}

function codesIn(concept: unknown): unknown[] {
  const { coding } = (concept ?? {}) as { coding?: unknown };
  return Array.isArray(coding) ? coding.map((each) => (each as { code?: unknown } | null)?.code) : [];
}
