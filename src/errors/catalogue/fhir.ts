import type { Explanations } from "./explanation.js";

export const FHIR = {
  CONSENT_NOT_PLAIN: {
    why: "A Consent says something that isn't shown to who signs it: `buildConsent` would make another one of what was read. The message names the first element that differs.",
    fix: "Don't sign it. Ask who wrote it for one that names recipient, purposes, categories and period, and no more.",
  },
  DUPLICATE_JSON_NAME: {
    why: "A JSON object gives a property twice, so that two readers could read it differently.",
    fix: "Correct the file at the place named.",
  },
  EMPTY_BUNDLE: {
    why: "The Bundle has no resource, or the file only says what was deleted or what a server answered. In a folder neither the answer to a search that found nothing nor a list of deletions is an error.",
    fix: "Check that the export ran to its end. Put a list of deletions into a folder with the patient's files.",
  },
  FHIR_FILE_CHANGED: {
    why: "A file of NDJSON is read again when its resources are looked at, and it isn't what it was, or it is gone.",
    fix: "Read it again once nothing writes to it.",
  },
  FHIR_FILE_TOO_LARGE: {
    why: "A file of JSON, or a line of NDJSON, is over the size that is allowed: 128 MiB, or what `maxBytes` or `--max-mib` say. A file of JSON can never be larger than the longest text of Node.js, 512 MiB. A file of NDJSON has no limit.",
    fix: "Raise the limit, split the file into smaller Bundles, or write one resource a line (NDJSON).",
  },
  FHIR_FILE_UNREADABLE: {
    why: "The file can't be read.",
    fix: "Check the path and its permissions.",
  },
  FHIR_FOLDER_EMPTY: {
    why: "Neither the folder nor a folder inside it has a file of FHIR JSON or NDJSON. What is hidden isn't searched.",
    fix: "Put the files there, or name another folder.",
  },
  FHIR_FOLDER_HAS_BAD_FILES: {
    why: "Some files can't be taken; the message lists each with its reason. Nothing was written. A file without a subject, or about nobody, is no reason: it is listed as `unassigned` or `unused`.",
    fix: "Correct or remove them, or go on without them: `chartchain record add --skip-bad`, `npm start -- --skip-bad`, `parseFhirFolder(…, { skipBad: true })`.",
  },
  FHIR_FOLDER_UNREADABLE: {
    why: "The folder can't be read.",
    fix: "Check the path and its permissions.",
  },
  FHIR_FORMAT_UNSUPPORTED: {
    why: "The file is in another format than FHIR JSON; the message names it: FHIR XML, CDA, an HL7 v2 message, an archive, a web page that was saved in place of the data, and so on.",
    fix: "As the hint says: unpack it, convert it, or ask the server for `application/fhir+json`.",
  },
  FOREIGN_PATIENT: {
    why: "A resource refers to another patient than the input is about, or to somebody in a form that can't be read: an id of another server, a display alone, an identifier that the Patient resource doesn't have, a card number that a family shares. Resources inside others (contained, Parameters, Bundles) count too. `details.place` names where.",
    fix: "Remove the resource, give the other patient an input of their own, or correct the reference. What `details.worklistItem` names waits on the worklist: `chartchain worklist` assigns, splits or discards it.",
  },
  INVALID_RESOURCE: {
    why: "A resource breaks a rule of FHIR R4. `details.places` names where; `details.release` says which other release of FHIR it looks like, if one.",
    fix: "Correct it there. What looks like DSTU2, STU3 or R5: ask the server for R4, or convert it.",
  },
  JSON_TOO_DEEP: {
    why: "The JSON nests deeper than any FHIR resource needs.",
    fix: "Check where the file comes from.",
  },
  MULTIPLE_PATIENTS: {
    why: "The input is about more than one patient, or nothing shows that it is one: names, gender and birth date alone never do, nor does a number that contradicts them. [Whose data it is](../architecture.md#whose-data-it-is) has the rules.",
    fix: "Give each patient an input of their own. If it is one person, let both Patient resources have one of the person's identifiers. An export of many patients is read with `parseFhirFolder`; `chartchain record add` takes one of them with `--about`. What `details.worklistItem` names can be split on the worklist (`chartchain worklist`).",
  },
  NDJSON_HOLDS_BUNDLES: {
    why: "Lines of the file are Bundles that stay whole (documents, or labelled as a whole), among other lines; one input can't hold both.",
    fix: "Read it with `parseFhirFolder`, which takes each of them as an input of its own.",
  },
  NOT_FHIR: {
    why: "Something in the file has no `resourceType`; the message says what it looks like.",
    fix: "Give a FHIR R4 Bundle or resource as JSON, or resources as NDJSON.",
  },
  NOT_JSON: {
    why: "The file isn't JSON; the message says where it stops being it, and whether it ends in the middle.",
    fix: "Correct it there; fetch it again if it is empty or ends in the middle.",
  },
  NOT_UTF8: {
    why: "The file isn't UTF-8 text: UTF-16, Latin-1, or cut off within a character. `details.line` names the first such line.",
    fix: "Save it as UTF-8; FHIR JSON knows no other encoding. Fetch it again if it was cut off.",
  },
  NO_PATIENT: {
    why: "The input names no patient: it is about nobody (Practitioner, Organization), or its subject is missing, withheld or can't be read.",
    fix: "Add the Patient resource, or name the patient by a reference or an identifier; or, where `details.worklistItem` says that it waits, assign it by hand (`chartchain worklist`).",
  },
  UNKNOWN_RESOURCE_TYPE: {
    why: "FHIR R4 doesn't define this resource type; `details.release` says which release does, if one.",
    fix: "Ask the server for R4, convert the input to R4, or remove the resource.",
  },
  VALIDATOR_MISSING: {
    why: "Validation was asked for and its packages aren't installed.",
    fix: "Install them, as the hint says, or parse with `validate: false`.",
  },
} satisfies Explanations;
