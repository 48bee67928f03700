import type { Resource } from "@medplum/fhirtypes";
import { codingsOf, systemName } from "./codings.js";

/**
 * LOINC codes of genetic observations and reports, from HL7's Genomics Reporting guide
 * (http://hl7.org/fhir/uv/genomics-reporting): reports and panels, variants, haplotype and genotype, gene studied,
 * changes in DNA and protein, implications.
 */
const GENETIC_LOINC: ReadonlySet<string> = new Set(
  `51969-4 81247-9 55232-3 53577-3 51958-7 69548-6 84414-2 84413-4 48018-6 48004-6 48005-3 47998-0 53034-5 53037-8
   48002-0 48006-1 48013-7 48019-4 81252-9 81258-6 81290-9 69547-8 69551-0 51963-7 51961-1 83005-9 79716-7`
    .trim()
    .split(/\s+/),
);

/** HL7 v2 table 0074 diagnostic service sections: Genetics, Cytogenetics. */
const GENETIC_SECTIONS: ReadonlySet<string> = new Set(["GE", "CG"]);

/**
 * Whether a resource is genetic by itself: a molecular sequence, a genetic observation or report, or something a source
 * labelled GDIS (genetic disease information sensitivity).
 *
 * @example
 * isGenomic({ resourceType: "MolecularSequence", coordinateSystem: 0 }) // true
 */
export function isGenomic(resource: Resource): boolean {
  if (resource.resourceType === "MolecularSequence") return true;
  return codingsOf(resource).some(
    ({ system, code }) =>
      (systemName(system) === "loinc" && GENETIC_LOINC.has(code)) ||
      (/v2[-/]0074$/.test(system) && GENETIC_SECTIONS.has(code)) ||
      (systemName(system) === "label" && code === "GDIS") ||
      /\/genomics-reporting\//.test(system) ||
      /^http:\/\/(?:www\.genenames\.org|varnomen\.hgvs\.org)/.test(system),
  );
}
