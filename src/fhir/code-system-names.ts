/** Short names of the code systems that the tables use. */
export type SystemName =
  | "snomed"
  | "loinc"
  | "rxnorm"
  | "icd10"
  | "icd9"
  | "icd10pcs"
  | "icd11"
  | "icpc2"
  | "atc"
  | "read"
  | "dsm"
  | "cpt"
  | "hcpcs"
  | "nucc"
  | "ops"
  | "revenue"
  | "place"
  | "drg"
  | "service-category"
  | "service-type"
  | "label";

/**
 * URIs without version and in lower case, and OIDs. National editions keep the classification's name in their URI, in
 * one of its languages (ICD, CIM, CID, CIE); those that are published as an OID alone are named one by one.
 */
const URIS: readonly [SystemName, RegExp][] = [
  [
    "label",
    /\/v3[-/](?:actcode|confidentiality|rolecode|informationsensitivitypolicy|act(?:us)?privacylaw|obligationpolicy)$|v2[-/]0(?:177|717|907)$/,
  ],
  ["snomed", /snomed|^sct2?$/],
  ["loinc", /loinc|umls\/lnc$|^ln$/],
  ["rxnorm", /rxnorm/],
  ["icd10", /id\.who\.int\/icd\/release\/10|icd\.who\.int\/browse10|^i10c?$/],
  ["icd11", /id\.who\.int\/icd\/|icd\.who\.int\/browse|(?:icd|cim|cid|cie)[-_ ]?11/],
  ["icd10pcs", /icd[-_ ]?10.*(?:pcs|procedure)|cms\.gov\/medicare\/coding\/icd10$/],
  ["icd10", /(?:icd|cim|cid|cie)[-_ ]?10(?!.*(?:pcs|procedure))|\bkcd-?\d?\b/],
  ["icd9", /(?:icd|cim|cid|cie)[-_ ]?9(?!.*(?:pcs|procedure))|^i9c?(?:dx)?$/],
  ["icpc2", /(?:icpc|ciap)/],
  ["atc", /(?:^|[^a-z])atc(?:$|[^a-z])/],
  ["read", /(?:^|[^a-z])(?:read(?:v2|-?codes?)?|ctv3)(?:$|[^a-z])/],
  ["dsm", /(?:^|[^a-z])dsm-?(?:$|[^a-z])/],
  ["cpt", /(?:^|[^a-z])cpt-?4?(?:$|[^a-z0-9])/],
  ["hcpcs", /hcpcs/],
  ["nucc", /nucc\.org|provider-taxonomy/],
  ["ops", /(?:bfarm|dimdi)\/ops$/],
  ["revenue", /revenue-?codes?$|variables\/rev_cntr$/],
  ["place", /place-?of-?service|variables\/line_place_of_srvc_cd$/],
  ["drg", /(?:^|[^a-z])ms-?drg|variables\/clm_drg_cd$/],
  ["service-category", /\/service-category$/],
  ["service-type", /\/service-type$/],
];

/** Sources: the HL7 OID registry and the terminology servers of the countries. */
const OIDS: ReadonlyMap<string, SystemName> = new Map(
  (
    [
      ["label", "2.16.840.1.113883.5.4 2.16.840.1.113883.5.25 2.16.840.1.113883.5.111 2.16.840.1.113883.1.11.20428"],
      ["snomed", "2.16.840.1.113883.6.96 2.16.840.1.113883.2.1.3.2.4.15"],
      ["loinc", "2.16.840.1.113883.6.1"],
      ["rxnorm", "2.16.840.1.113883.6.88"],
      // WHO; CM; AM; CA and the Netherlands; Denmark (SKS), Sweden, Finland, Norway.
      ["icd10", "2.16.840.1.113883.6.3 2.16.840.1.113883.6.90 2.16.840.1.113883.6.135 2.16.840.1.113883.6.3.1"],
      ["icd10", "2.16.840.1.113883.6.3.2 1.2.208.176.2.4 1.2.752.116.1.1.1.1.3 1.2.246.537.6.1"],
      ["icd10", "2.16.578.1.12.4.1.1.7110 1.2.40.0.34.5.56"],
      ["icd9", "2.16.840.1.113883.6.103 2.16.840.1.113883.6.42 2.16.840.1.113883.6.2"],
      ["icd11", "2.16.840.1.113883.6.347"],
      ["icpc2", "2.16.840.1.113883.6.139 2.16.840.1.113883.2.4.4.31.1 2.16.578.1.12.4.1.1.7170 1.2.246.537.6.31"],
      ["atc", "2.16.840.1.113883.6.73 2.16.578.1.12.4.1.1.7180 1.2.752.129.2.2.3.1.1 1.2.246.537.6.32"],
      ["read", "2.16.840.1.113883.2.1.6.2 2.16.840.1.113883.2.1.3.2.4.14"],
      ["dsm", "2.16.840.1.113883.6.126 2.16.840.1.113883.6.127 2.16.840.1.113883.6.344"],
      ["cpt", "2.16.840.1.113883.6.12"],
      ["hcpcs", "2.16.840.1.113883.6.14 2.16.840.1.113883.6.285"],
      ["nucc", "2.16.840.1.113883.6.101"],
    ] as const
  ).flatMap(([name, oids]) => oids.split(" ").map((oid) => [oid, name] as const)),
);

/** Germany registers each year's ICD-10-GM and ATC by an OID of its own under this arc. */
const GERMAN_YEARS = /^1\.2\.276\.0\.76\.5\.\d+$/;

/**
 * Which of the known code systems a URI means: official URIs, national editions, OIDs with and without `urn:oid:`,
 * older spellings, each with or without a version (`|2024`).
 *
 * @example
 * systemName("http://fhir.de/CodeSystem/bfarm/icd-10-gm|2024") // "icd10"
 */
export function systemName(uri: string): SystemName | undefined {
  const plain = uri
    .trim()
    .toLowerCase()
    .replace(/\|.*$/, "")
    .replace(/\/+$/, "")
    .replace(/^urn:oid:/, "");
  // A country may register each version below the OID of the classification.
  return (
    OIDS.get(plain) ?? OIDS.get(plain.replace(/\.\d+$/, "")) ?? URIS.find(([, pattern]) => pattern.test(plain))?.[0]
  );
}

/**
 * The classifications that the shape of a code allows, for a code whose system is missing or unknown.
 *
 * @param isDiagnosis whether it stands where a diagnosis does; a letter and two digits mean anything elsewhere
 * @example
 * systemsByShape("F32.1", undefined, true) // ["icd10"]
 */
export function systemsByShape(code: string, uri: string | undefined, isDiagnosis: boolean): SystemName[] {
  const plain = code.trim();
  if (uri !== undefined && GERMAN_YEARS.test(uri.replace(/^urn:oid:/, ""))) return ["icd10", "atc"];
  if (isDiagnosis && /^[A-Z]\d\d(?:\.-)?$/.test(plain)) return /^P/.test(plain) ? ["icd10", "icpc2"] : ["icd10"];
  if (/^[A-Z]\d\d\.\d[A-Z0-9]{0,3}[-+*†!#]?$/i.test(plain)) return ["icd10"];
  if (/^[A-Z]\d\d[A-Z]{2}\d\d$/.test(plain)) return ["atc"];
  if (/^\d{1,5}-\d$/.test(plain)) return ["loinc"];
  if (/^\d{7,18}$/.test(plain)) return ["snomed"];
  return [];
}
