import type { Explanations } from "../explanation.js";

export const DATA_BANK_AND_STUDIES = {
  BATCH_UNKNOWN: {
    why: "The steward sent no batch for the season, or the chain's events don't lead to its root: the node keeps no old logs, or the batch was made elsewhere.",
    fix: "Confirm the season first. Later, use a node that keeps old logs and the vault with which the season was confirmed.",
  },
  DATA_USE_UNKNOWN: {
    why: "The name is no code of the Data Use Ontology: neither `DUO:` with seven digits nor one of the usual shorthands.",
    fix: "Write it as `DUO:0000042`, or `GRU`.",
  },
  PROOF_FOR_SOMEBODY_ELSE: {
    why: "The proof is of another patient's deposit.",
    fix: "Only the patient that it names can use it.",
  },
  RECORD_NOT_IN_SEASON: {
    why: "The season before has no such record of the patient that this steward or the patient anchored.",
    fix: "Name the digest as it was anchored. What is older than that can't be stated any more.",
  },
  SEASON_NOT_CONFIRMABLE: {
    why: "The season that is confirmed now is another one. Nothing was confirmed.",
    fix: "A season is confirmed in the one after it, and at no other time.",
  },
  STUDY_NOT_WANTED: {
    why: "The study doesn't fit the standing preferences in the vault; `details.reasons` says what doesn't. Without preferences nothing fits.",
    fix: "Change the preferences, or join despite them by saying so.",
  },
  STUDY_TERMS_MALFORMED: {
    why: "The terms lack something, are too long, hold control characters, or name diseases without `disease specific research`.",
    fix: "Correct what the message names.",
  },
  STUDY_TERMS_MISMATCH: {
    why: "The terms aren't those whose digest is on chain, or their researcher or categories aren't the study's.",
    fix: "Don't join. Ask the researcher for the file again.",
  },
  STUDY_TERMS_UNKNOWN: {
    why: "The vault neither opened nor joined this study.",
    fix: "Ask the researcher for the terms file.",
  },
  UNKNOWN_STUDY: {
    why: "There is no study with this number.",
    fix: "Check it; studies are counted from 1.",
  },
} satisfies Explanations;
