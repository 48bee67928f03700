import type { Composition, CompositionSection, Device, Organization, Practitioner, Resource } from "@medplum/fhirtypes";
import { ChartChainError } from "../errors/index.js";
import { concept, LOINC } from "./code-systems.js";
import { newestVersions } from "./newest-version.js";
import type { FhirEntry } from "./parsed.js";
import { entriesJson } from "./record-bytes.js";
import { referencesOf, resolverOf } from "./references.js";
import { TRAVELLING } from "./resource-types.js";
import { withoutContradicted } from "./summary-absent.js";
import { dayOf, labelOf, subjectMatterOf } from "./summary-label.js";
import { ALERTS, newestOfEachKind, SUMMARY_SECTIONS, type SummarySection } from "./summary-sections.js";
import { isProhibition, standingOf } from "./summary-status.js";

export interface ComposeOptions {
  /** When it is composed: FHIR dateTime with time zone. */
  date: string;
  /** Who composes it; a Device called ChartChain unless given. */
  author?: Organization | Practitioner | Device;
  /** Makes the identifiers of the new resources; `crypto.randomUUID` unless given. */
  uuid?: () => string;
}

type Named = FhirEntry & { fullUrl: string };

/**
 * Composes a document Bundle in the form of an International Patient Summary from resources.
 *
 * Resources keep their text. Each is taken in its newest version, what its source deleted is left out, and so is what
 * was not done, is not taken, has ended, was refuted or recorded by mistake ({@link standingOf}); what is listed with a
 * reservation says so in the narrative. A medicine that must not be given stands in no list, as the guide demands, but
 * in words among the alerts. Of each kind of observation the newest is taken.
 * Sources: http://hl7.org/fhir/uv/ips, https://hl7.org/fhir/R4/documents.html
 *
 * @param entries in the order in which they were recorded; their `file` tells records apart
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
  const now = options.date;
  const listed = withoutContradicted(
    all.filter(({ resource }) => standingOf(resource, now).listed),
    now,
  );
  const forbidden = all.filter(({ resource }) => isProhibition(resource, now));
  const chosen = SUMMARY_SECTIONS.map((section) => ({
    section,
    entries: newestOfEachKind(listed.filter(({ resource }) => section.holds(resource, now))),
    forbidden: section.loinc === ALERTS ? forbidden : [],
  }));
  const resolve = resolverOf(all);
  const lineOf = lineWriter(now, (reference) => resolve(reference).map((at) => all[at]?.resource)[0]);
  const composition: Composition = {
    resourceType: "Composition",
    id: uuid(),
    status: "final",
    type: concept(LOINC, "60591-5", "Patient summary Document"),
    subject: { reference: patient.fullUrl },
    date: options.date,
    author: [{ reference: author.fullUrl }],
    title: "Patient Summary",
    section: chosen
      .filter((one) => one.entries.length > 0 || one.forbidden.length > 0 || one.section.required)
      .map((one) => sectionOf(one, lineOf)),
  };
  const head = added(composition, () => composition.id ?? uuid());
  const content = withCompanions([patient, ...chosen.flatMap((one) => one.entries)], listed);
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
  return newestVersions(entries).map(({ resource, json, place, file, fullUrl }) => ({
    ...{ resource, json, place, file },
    fullUrl: fullUrl ?? `urn:uuid:${uuid()}`,
  }));
}

function added(resource: Resource, uuid: () => string): Named {
  return { resource, json: JSON.stringify(resource), fullUrl: `urn:uuid:${uuid()}`, place: "", file: "" };
}

interface ChosenSection {
  section: SummarySection;
  entries: readonly Named[];
  forbidden: readonly Named[];
}

type LineWriter = (resource: Resource) => string;

function sectionOf({ section, entries, forbidden }: ChosenSection, lineOf: LineWriter): CompositionSection {
  const nothing = concept("http://terminology.hl7.org/CodeSystem/list-empty-reason", "unavailable", "Unavailable");
  const lines = [
    ...forbidden.map(({ resource }) => `Prohibited, do not give: ${lineOf(resource)}`),
    ...entries.map(({ resource }) => lineOf(resource)),
  ];
  const empty = lines.length === 0 ? { emptyReason: nothing } : {};
  return {
    title: section.title,
    code: concept(LOINC, section.loinc, section.display),
    // "additional": the words say more than the entries.
    text: { status: forbidden.length > 0 ? "additional" : "generated", div: narrative(lines) },
    ...(entries.length === 0 ? empty : { entry: entries.map(({ fullUrl }) => ({ reference: fullUrl })) }),
  };
}

function narrative(lines: readonly string[]): string {
  const open = '<div xmlns="http://www.w3.org/1999/xhtml">';
  if (lines.length === 0) return `${open}No information available.</div>`;
  return `${open}<ul>${lines.map((line) => `<li>${escapeXml(line)}</li>`).join("")}</ul></div>`;
}

/** Writes a resource as a line: what, when, and what a reader must know of it. */
function lineWriter(now: string, find: (reference: string) => Resource | undefined): LineWriter {
  return (resource) => {
    const day = dayOf(resource);
    const { remarks: own } = standingOf(resource, now);
    const target = subjectMatterOf(resource, find);
    const isMistaken = (target as { status?: string } | undefined)?.status === "entered-in-error";
    const remarks = [...own, ...(isMistaken ? ["what it refers to was entered in error"] : [])];
    const what = `${labelOf(resource, find)}${day === undefined ? "" : `, ${day}`}`;
    return remarks.length === 0 ? what : `${what} (${remarks.join("; ")})`;
  };
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (char) => `&#${char.codePointAt(0) ?? 0};`);
}

/** Adds what the chosen entries need to be read: who, where, what with, and the observations that a report groups. */
function withCompanions(chosen: readonly Named[], all: readonly Named[]): Named[] {
  const resolve = resolverOf(all);
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
