import type { Resource } from "@medplum/fhirtypes";
import {
  type Category,
  type FhirEntry,
  type FhirRecord,
  MEDICINES,
  readFhirJson,
  type SensitivityClass,
  splitIntoRecords,
} from "chartchain/fhir";
import type { Member } from "./incoming.js";

/** A record of a patient's data, and what is in it. */
export interface SplitRecord {
  /** The same for the same record after more data came. */
  key: string;
  category: Category;
  confidential: boolean;
  medicines: boolean;
  classes: readonly SensitivityClass[];
  encounter: string | null;
  /** Positions of members. */
  members: number[];
  /** Positions of Patients of which it holds the ordinary part alone. */
  demographics: number[];
}

/** All records of a patient's current data. */
export interface SplitSet {
  records: SplitRecord[];
  /** What Patients say without what makes them sensitive, as JSON, by their position. */
  demographics: ReadonlyMap<number, string>;
}

/** Splits all that the store has of one patient, as the library does it; each document by itself. */
export function recordsOf(members: readonly Member[]): SplitSet {
  const isApart = members.map(({ resource, labels }) => isDocument(resource) && labels === "");
  const rest = members.flatMap((_, at) => (isApart[at] ? [] : [at]));
  const parsed = { file: "", patient: { reference: "Patient", names: [] } };
  const positions = new Map(rest.map((at) => [members[at]!.resource, at]));
  const demographics = new Map<number, string>();
  const records =
    rest.length === 0 ? [] : splitIntoRecords({ ...parsed, entries: wrapped(rest.map((at) => members[at]!)) });
  return {
    records: [
      ...records.map((record) => placed(record, positions, demographics)),
      ...members.flatMap(({ json, id, type }, at) =>
        isApart[at]
          ? splitIntoRecords({ ...parsed, ...readFhirJson(json, "Bundle") }).map((record) => ({
              ...headOf(record, `document ${type}/${id}`),
              members: isError(members[at]!.resource) ? [] : [at],
              demographics: [],
            }))
          : [],
      ),
    ],
    demographics,
  };
}

/**
 * Whether its author says that it was entered in error. Then it is in no record, as a retracted record is nobody's to open: only the
 * hospital's own staff finds it.
 *
 * Source: https://hl7.org/fhir/R4/resource.html, "entered-in-error" of every status that has it
 */
function isError(resource: Resource): boolean {
  const { status, verificationStatus, docStatus } = resource as unknown as Record<string, unknown>;
  const { coding } = (verificationStatus ?? {}) as { coding?: { code?: unknown }[] };
  const codes = [status, docStatus, ...(Array.isArray(coding) ? coding.map(({ code }) => code) : [])];
  const composition = resource.resourceType === "Bundle" ? resource.entry?.[0]?.resource : undefined;
  return codes.includes("entered-in-error") || (composition?.resourceType === "Composition" && isError(composition));
}

const isDocument = (resource: Resource): boolean => resource.resourceType === "Bundle" && resource.type === "document";

/** What stood under a label stands in a Bundle with that label again. */
function wrapped(members: readonly Member[]): FhirEntry[] {
  const byLabels = new Map<string, Member[]>();
  for (const member of members) byLabels.set(member.labels, [...(byLabels.get(member.labels) ?? []), member]);
  return [...byLabels].flatMap(([labels, list]): FhirEntry[] => {
    if (labels === "")
      return list.map(({ resource, json }) => ({ resource, json, place: resource.resourceType, file: "" }));
    const security = labels.split(" ").map((code) => ({
      system: `http://terminology.hl7.org/CodeSystem/${code === "R" ? "v3-Confidentiality" : "v3-ActCode"}`,
      code,
    }));
    const entry = list.map(({ resource }) => ({ resource }));
    const texts = list.map(({ json }) => `{"resource":${json}}`).join(",");
    const resource = { resourceType: "Bundle", type: "collection", meta: { security }, entry } as Resource;
    return [{ resource, json: `{"entry":[${texts}]}`, place: "Bundle", file: "" }];
  });
}

function placed(
  record: FhirRecord,
  positions: ReadonlyMap<Resource, number>,
  demographics: Map<number, string>,
): SplitRecord {
  const found: SplitRecord = { ...headOf(record), members: [], demographics: [] };
  const texts = (): readonly FhirEntry[] => readFhirJson(record.bytes, "record").entries;
  record.resources.forEach((resource, order) => {
    const at = positions.get(resource);
    if (at !== undefined) {
      if (!isError(resource)) found.members.push(at);
      return;
    }
    // The library made it: a Patient without what is sensitive.
    const whole = [...positions].find(([{ resourceType, id }]) => {
      return resourceType === resource.resourceType && id === resource.id;
    })![1];
    found.demographics.push(whole);
    demographics.set(whole, texts()[order]!.json);
  });
  return found;
}

function headOf(record: FhirRecord, document?: string): Omit<SplitRecord, "members" | "demographics"> {
  const { category, confidential, sensitivities, encounter, resources } = record;
  const medicines = category === "SENSITIVE" && resources.some(({ resourceType }) => MEDICINES.has(resourceType));
  return {
    key: document ?? JSON.stringify([category, confidential, medicines, encounter ?? null]),
    category,
    confidential,
    medicines: document === undefined && medicines,
    classes: sensitivities,
    encounter: encounter ?? null,
  };
}
