import type { Explanations } from "../explanation.js";

export const DOUBTS_AND_RETRACTIONS = {
  CHART_CONTRADICTED: {
    why: "The input contradicts what this vault knows of the patient whose chart it is for (or, when an input is assigned by hand, one Patient of it another). That is its Patient, or, without one, whom its references name: by another number of a system in which the chart has one (`identifier`), or by another id of a server on which the chart knows one (`id`). `details.differs` names the elements of Patient, and no value. Nothing was added; the input waits on the worklist (`details.worklistItem`).",
    fix: "Check whose data it is. If it is another person's, assign it to that person's chart or discard it. If it is this patient's after all, say so with a reason (`--override`), which is logged.",
  },
  NO_CHART: {
    why: "An import of many patients doesn't know whose chart an input belongs to: none of the person's identifiers was attested by this institution or stands in a record of a chart that it keeps, or a number is shared and too little else is alike. An id counts with its server alone. The input waits on the worklist.",
    fix: "Attest the person's identifier (`chartchain identity attest`) and import again, or assign the input to the chart (`chartchain worklist`).",
  },
  NOT_THE_AUTHOR: {
    why: "Somebody else wrote the record (`details.author`). Nobody but its author retracts it.",
    fix: "Ask the author. Until then add a record that disputes it.",
  },
  REASON_MISSING: {
    why: "What is decided is logged with its reason, and the reason is empty or longer than 200 characters.",
    fix: "Say why in one sentence, without anything about a patient.",
  },
  RECORD_RETRACTED: {
    why: "Its author took the record back: it was entered in error, in this chart or altogether. No client opens it or hands it on any more.",
    fix: "Don't use what was read of it. Ask the author for the right record. An author who retracted a right one adds it once more with `again` (`--again`).",
  },
  RETRACTION_REFUSED: {
    why: "A statement says that a record was retracted, and it isn't signed by the record's author, names a record that this author never anchored, or is said to another patient. Nothing of it was kept.",
    fix: "Don't rely on it: the record stands. Ask who gave it to you.",
  },
  RIGHT_PATIENT_WRONG: {
    why: "Who is named as the right patient of a retracted record is an institution, or the patient whose chart it is in.",
    fix: "Name the person whose data it is, or leave it out.",
  },
  SPREAD_INVALID: {
    why: "Records can be left waiting to be anchored for a week at the most.",
    fix: "Give a whole number of seconds from 0 to 604,800.",
  },
  SPLIT_INVALID: {
    why: "Nothing, everything, or a resource that the input doesn't have was named to be split off.",
    fix: "Look at the input (`chartchain worklist --item N`), name some of its resources by their numbers, from 0, and leave at least one.",
  },
  WORKLIST_ITEM_UNKNOWN: {
    why: "Nothing waits under this number. It was resolved, or never there; numbers aren't used again.",
    fix: "List what waits (`chartchain worklist`), and what was decided (`chartchain worklist --log`).",
  },
  WORKLIST_ITEM_WRONG: {
    why: "The item is of another kind than what is to be done with it: an input is assigned, split or discarded; the sensitivity of a record that is in a chart is confirmed or lifted.",
    fix: "Look at the item and choose what fits it.",
  },
} satisfies Explanations;
