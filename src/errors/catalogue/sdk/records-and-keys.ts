import type { Explanations } from "../explanation.js";

export const RECORDS_AND_KEYS = {
  CLASSES_OF_ORDINARY: {
    why: "A record of another category than SENSITIVE was given classes of sensitive data (`details.classes`), or a grant was narrowed to classes and is not of SENSITIVE. Nothing was added or sent.",
    fix: "File it as SENSITIVE, or name no class. Grant SENSITIVE as well; an empty list of classes, `--classes NONE`, fits every grant.",
  },
  CONSENT_DENIED: {
    why: "`decide` answers no. `details.reason` says why: `NOT_GRANTED`, `NOT_FINAL`, `EXPIRED_LOCALLY`, `REVOKED_BEFORE`, `MODULE_MISSING`, `CONSTRAINED`, `CONFIDENTIAL`, `NODE_BEHIND` or a module's own, such as `STUDY_NOT_RELEASED`; of several nodes also `NODES_DISAGREE` or `NODES_MISSING`, and `details.nodes` says what each of them said.",
    fix: "The hint is about the reason. Without a grant ask the patient for one. `NOT_FINAL`: wait for finality. `EXPIRED_LOCALLY`: check the clock. `REVOKED_BEFORE`: the patient revokes once more and grants anew. `NODE_BEHIND`: use a node that is in sync. `CONSTRAINED`: a constraint narrows the grant. It doesn't admit the record, gives no compartment's key, or this vault doesn't hold its newest file: ask the patient for it. `CONFIDENTIAL`: a minor consented to this care alone, and nobody gets it by the word of who acts for the minor, nor as a delegate. `NODES_DISAGREE`, `NODES_MISSING`: see these.",
  },
  CONSTRAINT_MISSING: {
    why: "The grant has no constraint, or this vault doesn't hold the one that it has now.",
    fix: "Whoever granted holds it: take its file, or grant with a constraint again.",
  },
  CONSTRAINT_STALE: {
    why: "The file is of a constraint that the grant doesn't have now: it was replaced, lifted or ended since.",
    fix: "Ask for the newest file. Right after a grant, wait for its block and take the same file again.",
  },
  EXPORT_NOT_AS_WRITTEN: {
    why: "A file of an export was read back after it was written, and other bytes came: the disk or what stands for one doesn't keep what it is given.",
    fix: "Nothing of the export counts. Check the disk, and export to another one.",
  },
  HISTORY_UNVERIFIED: {
    why: "The records that the node shows for a patient don't come to the running head in the contract's state: it leaves some out, or makes some up.",
    fix: "Use another node, which keeps old logs. Rely on nothing that this one shows.",
  },
  KEY_MISSING: {
    why: "The vault has the record's envelope and no key of its compartment.",
    fix: "Ask the steward or the patient for the keys and take them; without a grant they give none.",
  },
  MEMBERSHIP_UNSTABLE: {
    why: "Who may see the record changed each of three times that it was asked before anchoring. Nothing was anchored.",
    fix: "Run it again.",
  },
  NARROWING_LOST: {
    why: "A grant would leave live categories that it doesn't name no longer narrowed as they are: what narrows a viewer's grant for a purpose and a provider is of all its categories. Or it would be wider, or narrower, than a live grant beside it: that of one provider and that of every provider add up, so the wider one counts. `details.lost` says which categories of whose records (`steward`; 0 is every provider) lose what (`narrowing`; left out where this vault doesn't hold it), and beside which grant (`besides`). Nothing was sent.",
    fix: "Name all the categories in one grant, give a narrowing within the former one, or revoke the wider grant first. If it is meant: `loseNarrowing: true`, or `--lose-narrowing`.",
  },
  NO_KEYS: {
    why: "This vault holds no key for these records of the patient, or none that is its owner's to give: a steward gives the keys of its own records, the patient those of every steward's.",
    fix: "Ask the patient, or the steward of the records. Check the patient's number, the steward and the categories.",
  },
  OUTSIDE_TERMS: {
    why: "A provider would write records of a category, or open its own for a purpose, that the terms of its relationship with the patient don't name. Treatment, emergency treatment and the patient's own request are never refused by this.",
    fix: "Propose a relationship on terms that name it. For a purpose the patient may give a grant instead.",
  },
  READER_NOT_EMPOWERED: {
    why: "Terms were to be sealed to a reader who isn't a delegate of the patient with the power to approve.",
    fix: "Name a delegate who may approve, as `chartchain delegate list` shows them, or leave `--reader` out.",
  },
  RECORD_CHANGED: {
    why: "A streamed record gave other bytes when it was sealed than when it was read the first time.",
    fix: "Wait until nobody writes it any more, and add it again. Nothing was added.",
  },
  RECORD_NOT_ANCHORED: {
    why: "The chain has no record with this digest from this author, as far as the node knows. Somebody else's anchor of the same digest doesn't count.",
    fix: "Don't rely on the record. If it was just added, wait for its block, and take the same file again.",
  },
  RECORD_NOT_BY_STEWARD: {
    why: "Somebody other than the steward wrote the record into the steward's compartment: whoever holds its key can.",
    fix: "Don't rely on the record. Tell the steward who wrote it.",
  },
  RECORD_SIZE_MISSING: {
    why: "A streamed record was given without its size.",
    fix: "Give `size` in bytes.",
  },
  RECORDS_NOT_GRANTED: {
    why: "A grant is narrowed to records of which some are of a category that it doesn't name and that isn't granted already, of another patient, or kept by another provider: they would never go out. Nothing was sent.",
    fix: "Grant the categories in `categories` as well, or leave `records` out.",
  },
  RECORD_UNKNOWN: {
    why: "The vault has no envelope of this record.",
    fix: "Ask the steward or the patient for the envelopes and take them.",
  },
  ROUND_NEVER_REACHED: {
    why: "A grant has a key of a round that its steward can't have opened: there are more rounds than the chain has blocks.",
    fix: "Don't use the key: it is made up. Ask the steward of the records for its keys.",
  },
} satisfies Explanations;
