import type { Resource } from "@medplum/fhirtypes";
import { codingsOf, systemName, type SystemName } from "./codings.js";
import { foldText, stems } from "./sensitive-words.js";
import { tellingsOf } from "./telling.js";

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
 * Genetic carriers, susceptibility, screening and tests in classifications, by the beginning of a code without dots. A
 * disease that is inherited is a disease: it stays among the problems, where care needs it.
 */
const GENETIC_PREFIXES: Readonly<Partial<Record<SystemName, RegExp>>> = {
  icd10: /^Z1(?:4|5|371)/,
  icd9: /^V8[34]/,
  cpt: /^(?:81[1-4]\d\d|882[3-9]\d|9604[01])/,
  hcpcs: /^S38[45]/,
};

/** Words of genetic tests and what they find, in the languages and the spelling of sensitive-words.ts. */
const GENETIC_WORDS = stems(`
  (genetic|genomic) (test|counsel|suscept|carrier|analys|report|variant|screen|risk|mutation|predisp|profil|result|finding|marker|sequenc|stud)
  genes? (mutation|variant|delet|duplic|analys|panel|test|sequenc|rearrang|targeted|polymorph)
  (pathogenic|germ ?line|genomic|sequence) (variant|mutation)
  (exome|genome) (sequenc|analys)
  brca ?[12]
  (karyotyp|caryotyp|cariotip|pharmacogen|pharmakogen|farmacogen|humangenet)
  chromosom[a-z]* (analys|microarray|stud)
  cyp ?\\d[a-z]\\d+
  factor v leiden
  carrier (of|for)( [a-z0-9]+){0,3} (gene|mutation|fibrosis|sickle|thalass|fragile|tay)
  (gene|mutation|cystic fibrosis|sickle cell|thalass[a-z]*|h(a)?emophilia( [ab])?|tay sachs|fragile x) carrier
  (gen|dna|erbgut) ?(test|analyse|diagnost|mutation|untersuch)
  genetische[a-z]* (untersuch|beratung|test|dispos|veranl|befund|onderz|aanleg)
  (test|analyse|conseil|predisposition|mutation|etude|depistage)s? genetique
  (test|analisi|analisis|analise|consejo|consulenza|aconselhamento|predisposi[a-z]*|muta[a-z]*|estudi?o) genetic[oa]
  (dna onderz|erfelijkheidsonderz)
`);

/** Genes of germs, whose types and resistance are no data about a person's inheritance. */
const OF_GERMS = stems(`
  (virus|viral|hepatitis|hcv|hbv|hpv|papilloma|influenza|sars|covid|bacter[a-z]*|mycobacter|tubercul|staphyl|mrsa|streptoc|resistan|rpob|katg|mec ?a|van ?[ab]$|toxin|plasmodi|fung)
`);

/**
 * Whether a resource is genetic by itself: a molecular sequence, a genetic observation, report, carrier state or
 * susceptibility, by code or by words, or something a source labelled GDIS (genetic disease information sensitivity).
 *
 * @example
 * isGenomic({ resourceType: "MolecularSequence", coordinateSystem: 0 }) // true
 */
export function isGenomic(resource: Resource): boolean {
  if (resource.resourceType === "MolecularSequence") return true;
  return codingsOf(resource).some(isGeneticCode) || tellingsOf(resource).some((one) => isGeneticName(wordsOf(one)));
}

function isGeneticCode({ system, code }: { system: string; code: string }): boolean {
  const name = systemName(system);
  return (
    (name === "loinc" && GENETIC_LOINC.has(code)) ||
    (/v2[-/]0074$/.test(system) && GENETIC_SECTIONS.has(code)) ||
    (name === "label" && code === "GDIS") ||
    /\/genomics-reporting\//.test(system) ||
    /^http:\/\/(?:www\.genenames\.org|varnomen\.hgvs\.org)/.test(system) ||
    (name !== undefined && GENETIC_PREFIXES[name]?.test(code.toUpperCase().replaceAll(".", "")) === true)
  );
}

/** What names the subject; words in passing say too little. */
function wordsOf(telling: ReturnType<typeof tellingsOf>[number]): string {
  if (telling.kind === "name") return telling.text;
  return telling.kind === "coding" ? (telling.display ?? "") : "";
}

function isGeneticName(text: string): boolean {
  const folded = foldText(text);
  return GENETIC_WORDS.test(folded) && !OF_GERMS.test(folded);
}
