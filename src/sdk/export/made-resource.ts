import type { Narrative, Resource } from "@medplum/fhirtypes";

import { plainText } from "./plain-text.js";

/** A resource that the export itself says, beside those of the records. */
export interface MadeResource {
  fullUrl: string;
  resource: Resource;
}

/** A FHIR instant of a time in seconds since 1970. */
export const instant = (seconds: number): string => new Date(seconds * 1000).toISOString().replace(/\.\d+Z$/, "Z");

/** A sentence as a resource's narrative: what R4 has no element for is said, too. */
export const narrative = (sentence: string): Narrative => ({
  status: "additional",
  div: `<div xmlns="http://www.w3.org/1999/xhtml">${escaped(sentence)}</div>`,
});

const escaped = (text: string): string => plainText(text).replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
