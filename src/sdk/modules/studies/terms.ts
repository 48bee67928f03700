import { ChartChainError } from "../../../errors/index.js";
import type { JsonValue } from "../../../vault/index.js";
import { requireVault } from "../../context.js";
import { dataUseCode, dataUseInWords, dataUseTerm, hasRestriction } from "./data-use.js";
import { parseStudyTerms, type StudyTermsFile } from "./terms-file.js";
import { categoriesOf, categoryMask, type Category } from "../../vocabulary.js";
import { studyOf, type Study } from "./studies.js";
import type { StudiesContext } from "./contracts.js";

/** Which studies a patient would take part in. What isn't named isn't acceptable. */
export interface ResearchPreferences {
  /** What data may be used for, by code (`DUO:0000006`) or shorthand (`HMB`). A broad code doesn't stand for narrower ones. */
  dataUse: readonly string[];
  /** Which diseases, where `disease specific research` is acceptable; every disease when left out. */
  diseases?: readonly string[];
  /** Restrictions that a study has to name, such as `NCU`; none when left out. */
  restrictions?: readonly string[];
  /** Which records. */
  categories: readonly Category[];
  /** The lowest price per participant, in units of 10^-18 of a token; the patient gets 80 % of it. 0 when left out. */
  lowestPrice?: bigint;
}

/** Why a study doesn't fit a patient's preferences. */
export type MismatchReason = "NO_PREFERENCES" | "DATA_USE" | "DISEASE" | "RESTRICTION" | "CATEGORY" | "PRICE";

/** Whether a study fits, and what doesn't. */
export interface StudyMatch {
  matches: boolean;
  reasons: { reason: MismatchReason; detail: string }[];
}

/** A study with the terms that are the chain's. */
export interface VerifiedStudy extends Study {
  terms: StudyTermsFile["terms"];
}

const NAME = "research-preferences";

interface StoredPreferences {
  dataUse: string[];
  diseases: string[] | null;
  restrictions: string[];
  categories: Category[];
  lowestPrice: string;
}

/**
 * Reads a study's terms and holds them against the chain: digest, researcher and categories.
 *
 * @param file what {@link openStudy} made
 * @throws HANDOVER_…, UNKNOWN_STUDY, STUDY_TERMS_MISMATCH
 *
 * @example
 * const { terms, price } = await patient.readStudyTerms({ file: JSON.parse(await readFile("terms.json", "utf8")) });
 */
export async function readStudyTerms(ctx: StudiesContext, { file }: { file: unknown }): Promise<VerifiedStudy> {
  const { study: id, terms, digest } = parseStudyTerms(ctx, file);
  const study = await studyOf(ctx, { study: id });
  const fits =
    digest === study.termsDigest &&
    terms.researcher === study.researcher &&
    terms.categories.join() === study.categories.join();
  if (!fits) {
    throw new ChartChainError("STUDY_TERMS_MISMATCH", `these aren't the terms of study ${id}`, {
      details: { study: id, digest, expected: study.termsDigest },
      hint: "Don't join. Ask the researcher for the terms file again; it was edited, or is another study's.",
    });
  }
  return { ...study, terms };
}

/**
 * Sets, in the client's vault, which studies it would take part in. Nobody else sees it.
 *
 * @param preferences all of them; undefined takes them back, and then no study matches
 * @throws VAULT_MISSING, DATA_USE_UNKNOWN, UNKNOWN_NAME, MISSING_CATEGORIES
 *
 * @example
 * client.setResearchPreferences({ dataUse: ["HMB"], restrictions: ["NCU"], categories: ["OBSERVATION"] });
 */
export async function setResearchPreferences(ctx: StudiesContext, preferences?: ResearchPreferences): Promise<void> {
  const { settings } = requireVault(ctx);
  if (preferences === undefined) {
    settings.delete(NAME);
    return;
  }
  const { dataUse, diseases, restrictions = [], categories, lowestPrice = 0n } = preferences;
  const stored: StoredPreferences = {
    dataUse: dataUse.map(dataUseCode),
    diseases: diseases === undefined ? null : [...diseases],
    restrictions: restrictions.map(dataUseCode),
    categories: categoriesOf(categoryMask(categories)),
    lowestPrice: String(lowestPrice),
  };
  settings.set(NAME, stored as unknown as JsonValue);
}

/** What {@link setResearchPreferences} set; undefined when nothing is. Throws VAULT_MISSING. */
export async function researchPreferences(ctx: StudiesContext): Promise<ResearchPreferences | undefined> {
  const stored = requireVault(ctx).settings.get(NAME) as StoredPreferences | undefined;
  if (stored === undefined) return undefined;
  const { diseases, lowestPrice, ...rest } = stored;
  return { ...rest, ...(diseases === null ? {} : { diseases }), lowestPrice: BigInt(lowestPrice) };
}

/**
 * Holds a study against the client's standing preferences.
 *
 * @param file the study's terms
 * @throws what {@link readStudyTerms} throws; VAULT_MISSING
 *
 * @example
 * const { matches, reasons } = await patient.matchStudy({ file });
 */
export async function matchStudy(ctx: StudiesContext, { file }: { file: unknown }): Promise<StudyMatch> {
  return matchTerms(await readStudyTerms(ctx, { file }), await researchPreferences(ctx));
}

/** Whether a study fits preferences: everything it does has to be acceptable. */
export function matchTerms(study: VerifiedStudy, preferences: ResearchPreferences | undefined): StudyMatch {
  const reasons: StudyMatch["reasons"] = [];
  if (preferences === undefined) {
    reasons.push({ reason: "NO_PREFERENCES", detail: "no preferences are set: nothing is acceptable" });
    return { matches: false, reasons };
  }
  const { dataUse, diseases, restrictions = [], categories, lowestPrice = 0n } = preferences;
  const { terms, price } = study;
  // A code that isn't among the usual ones may allow anything: it has to be accepted by itself.
  const uses = terms.dataUse.filter((code) => dataUseTerm(code)?.kind !== "restriction");
  if (uses.length === 0) reasons.push({ reason: "DATA_USE", detail: "the study names no use" });
  for (const code of uses.filter((code) => !dataUse.includes(code))) {
    reasons.push({ reason: "DATA_USE", detail: `${dataUseInWords(code)} isn't acceptable` });
  }
  for (const disease of terms.diseases.filter((each) => diseases?.includes(each) === false)) {
    reasons.push({ reason: "DISEASE", detail: `${disease} isn't acceptable` });
  }
  for (const wanted of restrictions.filter((each) => !hasRestriction(terms.dataUse, each))) {
    reasons.push({ reason: "RESTRICTION", detail: `${dataUseInWords(wanted)} isn't promised` });
  }
  for (const category of terms.categories.filter((each) => !categories.includes(each))) {
    reasons.push({ reason: "CATEGORY", detail: `${category} records aren't acceptable` });
  }
  if (price < lowestPrice) reasons.push({ reason: "PRICE", detail: `${price} is less than ${lowestPrice}` });
  return { matches: reasons.length === 0, reasons };
}
