import type { Resource } from "@medplum/fhirtypes";
import { isChartChainError } from "chartchain/errors";
import { type FhirRecord, patientSummary, readFhirJson, splitIntoRecords } from "chartchain/fhir";

import type { Found, PageEntry, Store, Visible } from "../store/index.js";

/** A summary, and what of the store is in it. */
export interface Summary {
  json: string;
  found: readonly Found[];
}

/**
 * The International Patient Summary of what may be seen of a patient: the newest that is there as a document, else one that is composed.
 *
 * Source: http://hl7.org/fhir/uv/ips/OperationDefinition/summary
 *
 * @param id of the Patient resource
 * @param now when it is composed
 * @returns undefined where the asker sees no such Patient
 */
export async function summaryOf(store: Store, id: string, visible: Visible, now: Date): Promise<Summary | undefined> {
  const entries = await everythingOf(store, id, visible);
  const inputs = entries.map(({ json }) => ({ json, resource: JSON.parse(json) as Resource }));
  const isDocument = ({ resource }: (typeof inputs)[number]): boolean =>
    resource.resourceType === "Bundle" && resource.type === "document";
  const parsed = { file: "", patient: { reference: `Patient/${id}`, names: [] } };
  const rest = inputs.filter((input) => !isDocument(input));
  const records: FhirRecord[] = [
    ...splitIntoRecords({
      ...parsed,
      entries: rest.map(({ json, resource }) => ({ json, resource, place: resource.resourceType, file: "" })),
    }),
    ...inputs
      .filter(isDocument)
      .flatMap(({ json }) => splitIntoRecords({ ...parsed, ...readFhirJson(json, "Bundle") })),
  ];
  try {
    const { bundle, bytes } = patientSummary(records, { date: now.toISOString() });
    const own = new Set([
      `Bundle/${bundle.id}`,
      ...(bundle.entry ?? []).flatMap(({ resource }) =>
        resource?.id === undefined ? [] : `${resource.resourceType}/${resource.id}`,
      ),
    ]);
    return {
      json: new TextDecoder().decode(bytes),
      found: entries.filter(({ type, id: name }) => own.has(`${type}/${name}`)),
    };
  } catch (error) {
    if (isChartChainError(error, "NO_PATIENT")) return undefined;
    throw error;
  }
}

async function everythingOf(store: Store, id: string, visible: Visible): Promise<PageEntry[]> {
  const entries: PageEntry[] = [];
  let page: string | undefined;
  do {
    const answer = await store.everything(id, {}, visible, page);
    entries.push(...(answer?.entries ?? []));
    page = answer?.next;
  } while (page !== undefined);
  return entries;
}
