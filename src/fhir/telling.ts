import type { JsonPath } from "./json-scan.js";

/** What in a resource can tell its subject, each kind read in its own way. */
export type Telling =
  /** A Coding, a bare code, or a display alone. `label` where it stands among the security labels. */
  | { kind: "coding"; path: JsonPath; system?: string; code?: string; display?: string; label: boolean }
  /** Words that name: a concept's text, a title, a question. */
  | { kind: "name"; path: JsonPath; text: string }
  /** Words in passing: a note, a narrative, what a reference calls its target, an institution's name. */
  | { kind: "prose"; path: JsonPath; text: string }
  /** A canonical URL, or a question's link id. */
  | { kind: "canonical"; path: JsonPath; url: string };

const KEYS: ReadonlyMap<string, "name" | "prose" | "canonical"> = new Map(
  Object.entries({
    name: "title subtitle description productName synonym",
    prose: `conclusion comment valueString summary disposition div clinicalImpression details detail detailString
      valueMarkdown contentString note instruction patientInstruction administrationInstruction alias extraDetails
      statusReason cancelledReason overrideReason reason onsetString abatementString deceasedString occurrenceString
      performedString mitigation rationale basis outcomeDesc textEquivalent descriptionSummary answerString network`,
    canonical: `questionnaire instantiatesCanonical instantiatesUri instantiates definition definitionCanonical
      definitionUri linkId profile moduleCanonical moduleUri valueCanonical measure`,
  }).flatMap(([kind, keys]) => keys.split(/\s+/).map((key) => [key, kind as "name" | "prose" | "canonical"] as const)),
);

/** Elements of type Annotation, whose text alone looks like a concept's. Source: https://hl7.org/fhir/R4/datatypes.html#Annotation */
const ANNOTATIONS: ReadonlySet<string> = new Set(["note", "valueAnnotation", "progress"]);

const LABELS: ReadonlySet<string> = new Set(["security", "securityLabel", "confidentiality"]);

/** Where references name people: their names hold words by chance. */
const ROLES_OF_PEOPLE: ReadonlySet<string> = new Set(
  `subject patient performer actor practitioner author authenticator party requester recorder asserter individual
   beneficiary subscriber policyHolder member who enterer provider source informationSource sender recipient receiver
   onBehalfOf careProvider generalPractitioner link other target for owner reporter attester collector referrer interpreter
   resultsInterpreter member verifiedWith assessor participant consentingParty operator witness`.split(/\s+/),
);
/** Where references name institutions: what they are called tells in passing. */
const ROLES_OF_PLACES: ReadonlySet<string> = new Set(
  `organization managingOrganization serviceProvider custodian payor insurer location facility origin destination
   hospitalization assigner healthcareService`.split(/\s+/),
);
const PLACE = /(?:^|\/)(?:Organization|Location|HealthcareService)\//;

/**
 * Everything in a resource that can tell what it is about, contained resources and attached text included, with its
 * place. A generated narrative counts where nothing else of the resource is in words.
 *
 * @example
 * tellingsOf(condition) // [{ kind: "coding", path: ["code", "coding", 0], system: …, code: "F32.1", … }]
 */
export function tellingsOf(resource: object): Telling[] {
  const found: Telling[] = [];
  walk(resource, [], false, found);
  const { div } = (resource as { text?: { div?: unknown } }).text ?? {};
  if (typeof div === "string" && found.every(isWithoutWords))
    found.push({ kind: "prose", path: ["text", "div"], text: div });
  return found;
}

const isWithoutWords = (one: Telling): boolean =>
  one.kind === "canonical" || (one.kind === "coding" && (one.display === undefined || CIRCUMSTANCES.has(one.path[0])));

/** What every resource of a type has, whatever it is about. */
const CIRCUMSTANCES: ReadonlySet<unknown> = new Set(
  `meta clinicalStatus verificationStatus category status class identifier intent priority interpretation`.split(" "),
);

function walk(node: object, path: JsonPath, label: boolean, found: Telling[]): void {
  const parent = path.findLast((step) => typeof step === "string");
  // A warning against alcohol says nothing of who takes the medicine.
  if (parent === "additionalInstruction") return;
  if (!Array.isArray(node)) {
    addCoding(node, path, label, parent, found);
    addAttached(node, path, found);
  }
  for (const [key, value] of Object.entries(node) as [string, unknown][]) {
    const step = Array.isArray(node) ? Number(key) : key;
    if (typeof value === "object" && value !== null) walk(value, [...path, step], label || LABELS.has(key), found);
    else if (typeof value === "string") addText(key, value, [...path, step], node, parent, found);
  }
}

/** A Coding. A Quantity has code and system, too, and a unit means nothing here. */
function addCoding(
  node: object,
  path: JsonPath,
  label: boolean,
  parent: string | number | undefined,
  found: Telling[],
): void {
  const { system, code, display, value } = node as Record<string, unknown>;
  if (value !== undefined || isReference(node) || (typeof code !== "string" && typeof display !== "string")) return;
  if (isBareReference(node, parent)) {
    if (ROLES_OF_PLACES.has(String(parent))) found.push({ kind: "prose", path, text: String(display) });
    return;
  }
  found.push({
    kind: "coding",
    path,
    label,
    ...(typeof system === "string" ? { system } : {}),
    ...(typeof code === "string" ? { code } : {}),
    ...(typeof display === "string" ? { display } : {}),
  });
}

/** Longer ones hold pictures, in formats that call themselves text. */
const MOST_TEXT = 2_000_000;

/** Plain text, HTML or XML in an Attachment or a Binary, as base64. */
function addAttached(node: object, path: JsonPath, found: Telling[]): void {
  const { contentType, data } = node as Record<string, unknown>;
  if (typeof data !== "string" || data.length > MOST_TEXT || typeof contentType !== "string") return;
  if (!/^text\/|[/+](?:xml|json|rtf)\b/i.test(contentType)) return;
  found.push({ kind: "prose", path: [...path, "data"], text: textOfBase64(data) });
}

/** Whatever is no base64 is passed over: what a reader would still make out must not be missed. */
function textOfBase64(data: string): string {
  const letters = data
    .replaceAll("-", "+")
    .replaceAll("_", "/")
    .replace(/[^A-Za-z0-9+/]/g, "");
  // One letter alone is no byte.
  const whole = letters.length % 4 === 1 ? letters.slice(0, -1) : letters;
  return new TextDecoder().decode(Uint8Array.from(atob(whole), (character) => character.charCodeAt(0)));
}

function addText(
  key: string,
  text: string,
  path: JsonPath,
  owner: object,
  parent: string | number | undefined,
  found: Telling[],
): void {
  // Composition.confidentiality is a bare code of HL7 v3 Confidentiality.
  if (key === "confidentiality") found.push({ kind: "coding", path, code: text, label: true });
  const kind = Array.isArray(owner)
    ? KEYS.get(String(parent))
    : kindOf(key, owner, String(parent), path.includes("section"));
  if (kind === "canonical") found.push({ kind, path, url: text });
  else if (kind !== undefined) found.push({ kind, path, text });
}

function kindOf(
  key: string,
  owner: object,
  parent: string,
  inSection: boolean,
): "name" | "prose" | "canonical" | undefined {
  switch (key) {
    case "display":
      return isReference(owner) && namesNoPerson(owner, parent) ? "prose" : undefined;
    case "text":
      if (parent === "name" || parent === "address") return undefined;
      return !ANNOTATIONS.has(parent) && ("linkId" in owner || looksLikeConcept(owner)) ? "name" : "prose";
    case "name":
      // An institution's name may be that of a person. Everywhere else a plain string of this name is a technical one.
      if (parent === "deviceName") return "name";
      return "resourceType" in owner || parent === "class" ? "prose" : undefined;
    case "url":
      return parent === "extension" || parent === "modifierExtension" ? "canonical" : undefined;
    case "div":
      // A generated narrative says nothing that the resource's elements don't; a section's entries may be elsewhere.
      return (owner as { status?: unknown }).status === "generated" && parent === "text" && !inSection
        ? undefined
        : "prose";
    default:
      return KEYS.get(key);
  }
}

function isReference(owner: object): boolean {
  return "reference" in owner || "identifier" in owner || ("type" in owner && !("system" in owner));
}

/** A reference that holds nothing but what its target is called. */
function isBareReference(node: object, parent: string | number | undefined): boolean {
  const role = String(parent);
  return !("code" in node) && !("system" in node) && (ROLES_OF_PEOPLE.has(role) || ROLES_OF_PLACES.has(role));
}

function namesNoPerson(owner: object, parent: string): boolean {
  const { reference } = owner as { reference?: unknown };
  return !ROLES_OF_PEOPLE.has(parent) || (typeof reference === "string" && PLACE.test(reference));
}

/** A CodeableConcept has no other properties; an annotation, a dosage or a questionnaire item has. */
function looksLikeConcept(owner: object): boolean {
  return Object.keys(owner).every((key) => ["id", "extension", "coding", "text", "_text"].includes(key));
}
