import { getBytes, hexlify } from "ethers";

import { studyTermsDigest, type StudyTerms } from "../../../crypto/index.js";
import { isChartChainError } from "../../../errors/index.js";
import { is, malformed, parseHandover, type HandoverHeader } from "../../handover/file.js";
import { CATEGORIES, categoriesOf, type Category } from "../../vocabulary.js";
import type { StudiesContext } from "./contracts.js";

/** A study's terms as a file shows them. */
export interface ShownTerms {
  /** 32 random bytes in hex. */
  salt: string;
  researcher: number;
  title: string;
  description: string;
  contact: string;
  dataUse: string[];
  diseases: string[];
  categories: Category[];
}

/** A study's terms, for those who may be asked to take part. Never for the chain. */
export interface StudyTermsFile extends HandoverHeader {
  kind: "chartchain/study-terms";
  study: number;
  terms: ShownTerms;
}

/** Terms as they are shown. */
export const shownTerms = ({ salt, researcher, title, description, contact, ...terms }: StudyTerms): ShownTerms => ({
  salt: hexlify(salt),
  researcher,
  title,
  description,
  contact,
  dataUse: [...terms.dataUse],
  diseases: [...terms.diseases],
  categories: categoriesOf(terms.categories),
});

/** Reads the fields of a terms file; whether they are the study's is another question. Throws HANDOVER_…. */
export function parseStudyTerms(ctx: StudiesContext, file: unknown): StudyTermsFile & { digest: string } {
  const shape = { study: is.count, terms: is.object };
  const parsed = parseHandover<StudyTermsFile>(ctx, "chartchain/study-terms", shape, file);
  try {
    return { ...parsed, digest: hexlify(studyTermsDigest(hiddenTerms(parsed.terms))) };
  } catch (cause) {
    if (!isChartChainError(cause, "STUDY_TERMS_MALFORMED")) throw cause;
    throw malformed(cause.message, cause);
  }
}

/** The terms as their digest is made of. A field too many stays, for the codec to refuse. */
function hiddenTerms({ salt, categories, ...others }: ShownTerms): StudyTerms {
  const known = Array.isArray(categories) && categoriesOf(maskOf(categories)).join() === categories.join();
  return {
    ...others,
    version: 1,
    salt: is.digest(salt) ? getBytes(salt) : new Uint8Array(),
    categories: known ? maskOf(categories) : 0,
  };
}

const maskOf = (categories: readonly Category[]): number =>
  CATEGORIES.reduce((mask, name, lane) => (categories.includes(name) ? mask | (1 << lane) : mask), 0);
