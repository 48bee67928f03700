import { DATA_USE_CODE } from "../../../crypto/index.js";
import { ChartChainError } from "../../../errors/index.js";

/** A term of GA4GH's Data Use Ontology, as it is spelled there. */
export interface DataUseTerm {
  code: string;
  shorthand: string;
  label: string;
  /** What a use is for, or how it is restricted further. A restriction that a study names is a promise to its participants. */
  kind: "permission" | "restriction";
}

const term = (number: number, kind: DataUseTerm["kind"], shorthand: string, label: string): DataUseTerm => ({
  code: `DUO:${String(number).padStart(7, "0")}`,
  shorthand,
  label,
  kind,
});

/**
 * The usual terms. `clinical care use` is a modifier in the ontology; it allows more than research, so it is accepted or
 * refused here like a permission.
 */
export const DATA_USE_TERMS: readonly DataUseTerm[] = [
  term(4, "permission", "NRES", "no restriction"),
  term(6, "permission", "HMB", "health or medical or biomedical research"),
  term(7, "permission", "DS", "disease specific research"),
  term(11, "permission", "POA", "population origins or ancestry research only"),
  term(42, "permission", "GRU", "general research use"),
  term(43, "permission", "CC", "clinical care use"),
  term(12, "restriction", "RS", "research specific restrictions"),
  term(15, "restriction", "NMDS", "no general methods research"),
  term(16, "restriction", "GSO", "genetic studies only"),
  term(18, "restriction", "NPUNCU", "not for profit, non commercial use only"),
  term(19, "restriction", "PUB", "publication required"),
  term(20, "restriction", "COL", "collaboration required"),
  term(21, "restriction", "IRB", "ethics approval required"),
  term(22, "restriction", "GS", "geographical restriction"),
  term(24, "restriction", "MOR", "publication moratorium"),
  term(25, "restriction", "TS", "time limit on use"),
  term(26, "restriction", "US", "user specific restriction"),
  term(27, "restriction", "PS", "project specific restriction"),
  term(28, "restriction", "IS", "institution specific restriction"),
  term(29, "restriction", "RTN", "return to database or resource"),
  term(44, "restriction", "NPOA", "population origins or ancestry research prohibited"),
  term(45, "restriction", "NPU", "not for profit organisation use only"),
  term(46, "restriction", "NCU", "non-commercial use only"),
];

/** What one restriction says besides itself. */
const IMPLIED: Readonly<Record<string, readonly string[]>> = { NPUNCU: ["NPU", "NCU"] };

/** The term of a code or a shorthand; undefined for one that isn't among the usual ones. */
export const dataUseTerm = (name: string): DataUseTerm | undefined =>
  DATA_USE_TERMS.find(({ code, shorthand }) => code === name || shorthand === name);

/**
 * The code of a term that is named by its code (`DUO:0000042`) or its shorthand (`GRU`).
 *
 * @throws DATA_USE_UNKNOWN for what is neither; a code that isn't among the usual ones is taken as it is
 */
export function dataUseCode(name: string): string {
  const code = dataUseTerm(name)?.code ?? name;
  if (DATA_USE_CODE.test(code)) return code;
  throw new ChartChainError("DATA_USE_UNKNOWN", `"${name.slice(0, 60)}" is no code of the Data Use Ontology`, {
    hint: `Write it as DUO:0000042, or use one of ${DATA_USE_TERMS.map(({ shorthand }) => shorthand).join(", ")}.`,
  });
}

/** A term in words: `DUO:0000042 (GRU, general research use)`. */
export function dataUseInWords(code: string): string {
  const known = dataUseTerm(code);
  return known === undefined ? code : `${code} (${known.shorthand}, ${known.label})`;
}

/** Whether a study's codes hold a restriction, by itself or within another one. */
export function hasRestriction(codes: readonly string[], wanted: string): boolean {
  const held = codes.flatMap((code) => {
    const implied = IMPLIED[dataUseTerm(code)?.shorthand ?? ""] ?? [];
    return [code, ...implied.map((shorthand) => dataUseCode(shorthand))];
  });
  const parts = IMPLIED[dataUseTerm(wanted)?.shorthand ?? ""];
  return held.includes(wanted) || (parts?.every((shorthand) => held.includes(dataUseCode(shorthand))) ?? false);
}
