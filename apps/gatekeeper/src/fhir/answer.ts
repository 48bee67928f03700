import type { Found } from "../store/index.js";

/** What a FHIR request comes to, before it is entered and sent. */
export interface Answer {
  status: number;
  /** JSON. Numbers of resources are as they came. */
  body: string;
  headers?: Readonly<Record<string, string>>;
  /** The interaction, as CapabilityStatements name it. Source: https://hl7.org/fhir/R4/valueset-type-restful-interaction.html */
  interaction: string;
  /** What was asked for: a type, or a type and id. */
  asked: string;
  /** Every resource in it. */
  found: readonly Found[];
}

/** A weak ETag of a version. Source: https://hl7.org/fhir/R4/http.html#versioning */
export const etagOf = ({ versionId }: Found): string => `W/"${versionId}"`;

/** An answer with one resource. */
export const single = (interaction: string, found: Found & { json: string }): Answer => ({
  status: 200,
  body: found.json,
  headers: { etag: etagOf(found), "last-modified": new Date(found.updated).toUTCString() },
  interaction,
  asked: `${found.type}/${found.id}`,
  found: [found],
});
