import { dataUseInWords, type ShownTerms, type Study } from "../../sdk/modules/studies/index.js";
import { chart } from "../line/amounts.js";
import { wholeNumber } from "../line/flag-kinds.js";
import { time } from "../terminal/tables.js";
import { CATEGORY_WORDS, inWords } from "./terms-in-words.js";

/** A study's number. */
export const studyNumber = { ...wholeNumber("N", 1, 2 ** 48), expects: "a study's number, such as 1" };

/** A study as a person reads it. */
export const studyInWords = (study: Study): Record<string, string | string[] | number> => ({
  researcher: `participant ${study.researcher}`,
  status: `${study.status}${study.released ? ", releasing data" : ""}`,
  records: inWords(study.categories, CATEGORY_WORDS),
  price: `${chart(study.price)} for each participant, of which the patient gets 80 %`,
  cohort: `${study.joined} joined; at least ${study.minimum}, at most ${study.maximum}`,
  "joined until": time(study.enrolUntil),
  "closes at": time(study.closesAt),
});

/** A study's terms as a patient reads them before saying yes. */
export const studyTermsInWords = (terms: ShownTerms): Record<string, string | string[]> => ({
  title: terms.title,
  description: terms.description.split("\n"),
  contact: terms.contact,
  "used for": terms.dataUse.map(dataUseInWords),
  ...(terms.diseases.length === 0 ? {} : { diseases: terms.diseases }),
});

/** A study for programs: amounts as decimal texts. */
export const studyForPrograms = <T extends Study>(study: T) => ({ ...study, price: String(study.price) });
