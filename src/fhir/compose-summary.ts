import type { Composition, CompositionSection, Device, Organization, Practitioner, Resource } from "@medplum/fhirtypes";
import { ChartChainError } from "../errors/index.js";
import { concept, LOINC } from "./code-systems.js";
import type { FhirEntry } from "./parsed.js";
import { entriesJson } from "./record-bytes.js";
import { referencesOf, resolverOf } from "./references.js";
import { TRAVELLING } from "./resource-types.js";
import { isMistake, newestOfEachKind, SUMMARY_SECTIONS, type SummarySection } from "./summary-sections.js";

export interface ComposeOptions {
  /** When it is composed: FHIR dateTime with time zone. */
  date: string;
  /** Who composes it; a Device called ChartChain unless given. */
  author?: Organization | Practitioner | Device;
  /** Makes the identifiers of the new resources; `crypto.randomUUID` unless given. */
  uuid?: () => string;
}

type Named = Pick<FhirEntry, "resource" | "json"> & { fullUrl: string };

/**
 * Composes a document Bundle in the form of an International Patient Summary from resources.
 *
 * Resources keep their text. Those recorded by mistake are left out, and of each kind of observation the newest is
 * taken. Sources: http://hl7.org/fhir/uv/ips, https://hl7.org/fhir/R4/documents.html
 *
 * @returns the Bundle as JSON text
 * @throws ChartChainError NO_PATIENT
 * @example
 * composeSummary(parsed.entries, { date: "2026-11-21T10:00:00Z" })
 */
export function composeSummary(entries: readonly FhirEntry[], options: ComposeOptions): string {
  const uuid = options.uuid ?? (() => crypto.randomUUID());
  const all = named(entries, uuid);
  const patient = all.find(({ resource }) => resource.resourceType === "Patient");
  if (!patient) {
    throw new ChartChainError("NO_PATIENT", "no record given for the summary holds the Patient resource", {
      hint: "Include the patient's SUMMARY record.",
    });
  }
  const author = added(options.author ?? CHARTCHAIN, uuid);
  const chosen = SUMMARY_SECTIONS.map((section) => ({
    section,
    entries: newestOfEachKind(all.filter(({ resource }) => section.holds(resource) && !isMistake(resource))),
  }));
  const composition: Composition = {
    resourceType: "Composition",
    id: uuid(),
    status: "final",
    type: concept(LOINC, "60591-5", "Patient summary Document"),
    subject: { reference: patient.fullUrl },
    date: options.date,
    author: [{ reference: author.fullUrl }],
    title: "Patient Summary",
    section: chosen.filter((one) => one.entries.length > 0 || one.section.required).map(sectionOf),
  };
  const head = added(composition, () => composition.id ?? uuid());
  const content = withCompanions([patient, ...chosen.flatMap((one) => one.entries)], all);
  const bundleId = JSON.stringify({ system: "urn:ietf:rfc:3986", value: `urn:uuid:${uuid()}` });
  const members = entriesJson([head, ...content, author]);
  const timestamp = JSON.stringify(options.date);
  return `{"resourceType":"Bundle","identifier":${bundleId},"type":"document","timestamp":${timestamp},"entry":[${members}]}`;
}

const CHARTCHAIN: Device = {
  resourceType: "Device",
  deviceName: [{ name: "ChartChain", type: "model-name" }],
};

/** Each resource once, with a fullUrl: its own, or a new one, since a document needs one for each entry. */
function named(entries: readonly FhirEntry[], uuid: () => string): Named[] {
  const found = new Map<string, Named>();
  for (const { resource, json, fullUrl } of entries) {
    const name = fullUrl ?? (resource.id === undefined ? json : `${resource.resourceType}/${resource.id}`);
    if (!found.has(name)) found.set(name, { resource, json, fullUrl: fullUrl ?? `urn:uuid:${uuid()}` });
  }
  return [...found.values()];
}

function added(resource: Resource, uuid: () => string): Named {
  return { resource, json: JSON.stringify(resource), fullUrl: `urn:uuid:${uuid()}` };
}

function sectionOf({ section, entries }: { section: SummarySection; entries: readonly Named[] }): CompositionSection {
  const nothing = concept("http://terminology.hl7.org/CodeSystem/list-empty-reason", "unavailable", "Unavailable");
  return {
    title: section.title,
    code: concept(LOINC, section.loinc, section.display),
    text: { status: "generated", div: narrative(entries) },
    ...(entries.length === 0
      ? { emptyReason: nothing }
      : { entry: entries.map(({ fullUrl }) => ({ reference: fullUrl })) }),
  };
}

function narrative(entries: readonly Named[]): string {
  const open = '<div xmlns="http://www.w3.org/1999/xhtml">';
  if (entries.length === 0) return `${open}No information available.</div>`;
  return `${open}<ul>${entries.map(({ resource }) => `<li>${escapeXml(labelOf(resource))}</li>`).join("")}</ul></div>`;
}

function labelOf(resource: Resource): string {
  const { code, vaccineCode, medicationCodeableConcept } = resource as Partial<
    Record<"code" | "vaccineCode" | "medicationCodeableConcept", { text?: string; coding?: { display?: string }[] }>
  >;
  const named = code ?? vaccineCode ?? medicationCodeableConcept;
  return named?.text ?? named?.coding?.find(({ display }) => display !== undefined)?.display ?? resource.resourceType;
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (char) => `&#${char.codePointAt(0) ?? 0};`);
}

/** Adds what the chosen entries need to be read: who, where, what with, and the observations that a report groups. */
function withCompanions(chosen: readonly Named[], all: readonly Named[]): Named[] {
  const resolve = resolverOf(all.map((entry) => ({ ...entry, place: "", file: "" })));
  const kept = new Set<Named>(chosen);
  const queue = [...chosen];
  for (let entry = queue.pop(); entry; entry = queue.pop()) {
    for (const at of referencesOf(entry.resource).flatMap(resolve)) {
      const target = all[at];
      if (!target || kept.has(target) || !isCompanion(target.resource)) continue;
      kept.add(target);
      queue.push(target);
    }
  }
  return [...kept];
}

function isCompanion({ resourceType }: Resource): boolean {
  return TRAVELLING.has(resourceType) || resourceType === "Observation";
}
