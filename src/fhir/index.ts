export { buildDisclosureEvent, type Disclosure, PRIVACY_DISCLOSURE_SOURCE } from "./audit-event.js";
export { categoryOf, categoryOfBundle } from "./category.js";
export { type Classified, classify } from "./classify.js";
export { categoryCoding, CATEGORY_SYSTEM } from "./code-systems.js";
export { type ComposeOptions } from "./compose-summary.js";
export { buildConsent, type ConsentTerms, readConsent } from "./consent.js";
export { countResources, type ResourceCount } from "./count.js";
export { encounterReference } from "./encounter.js";
export { type FhirDocument, readFhirJson } from "./parse.js";
export { deletedBy } from "./deletion.js";
export { documentsOfText } from "./documents-of-text.js";
export { type ParseOptions, parseFhirText } from "./parse-text.js";
export { type BadFile, type FhirEntry, type FolderPatient, type ParsedFhir, type PatientIdentity } from "./parsed.js";
export { DEFAULT_MAX_BYTES } from "./decode-text.js";
export {
  claimsIn,
  claimsInResource,
  hasSeen,
  hasSeenServer,
  NO_CLAIMS,
  type PatientClaim,
  type PatientClaims,
  tellingNumbers,
} from "./patient-claims.js";
export { identifyPatient } from "./patient-identity.js";
export { identifierNames, lastingName } from "./patient-names.js";
export { headingOf, type RecordHeading } from "./heading.js";
export { nameInWords, resourceInWords, type ResourceInWords } from "./in-words.js";
export { demographicsOf, peopleIn } from "./people-in.js";
export { type PersonalToken, type PersonalTokenKind, personalTokens } from "./personal-data.js";
export { comparePeople, type PersonComparison, type PersonEvidence } from "./same-person.js";
export { FhirServer, serverBase, type FhirServerOptions } from "./server/fhir-server.js";
export {
  exportFromServer,
  type ServerExport,
  type ServerExportOptions,
  type ServerFile,
} from "./server/server-export.js";
export { buildProvenance, type SealedRecord } from "./provenance.js";
export { bundleBytes } from "./record-bytes.js";
export { unwrap, type UnwrappedEntry } from "./nested.js";
export { newestVersions } from "./newest-version.js";
export {
  type EntryResolver,
  entryResolverOf,
  type LiteralReference,
  parseLiteral,
  referencesOf,
} from "./references.js";
export { isResourceType, MEDICINES, TRAVELLING } from "./resource-types.js";
export { inScope, renamed, type ScopedEntry, type SourceScope } from "./scoped-entries.js";
export { sensitivitiesOf, type SensitivityBasis, type SensitivityReason, sensitivityReasonsOf } from "./sensitivity.js";
export { type FhirRecord, type SensitivityDoubt, splitIntoRecords, type SplitOptions } from "./split.js";
export { subjectsOf, type SubjectReference } from "./subject.js";
export { categoryInWords } from "./title.js";
export { patientSummary, type PatientSummary, type SummaryInput } from "./summary.js";
export { assertValid, validateParsed, validateResource } from "./validate.js";
export { type FhirIssue } from "./issue.js";
export {
  CATEGORIES,
  type Category,
  laneOf,
  type Purpose,
  PURPOSES,
  SENSITIVITY_CLASSES,
  type SensitivityClass,
} from "./vocabulary.js";
