import type { Bundle, Patient, Resource } from "@medplum/fhirtypes";
import type { ErrorCode } from "../errors/index.js";

/** One resource of an input, with the text it was written in. */
export interface FhirEntry {
  readonly resource: Resource;
  /** `Bundle.entry.fullUrl`, if the input gave one. */
  readonly fullUrl?: string;
  /** The resource's original JSON text: every number keeps its lexeme, so 1.00 stays 1.00. */
  readonly json: string;
  /** Where it stands, e.g. `Bundle.entry[12].resource (Observation)`. Holds no patient data. */
  readonly place: string;
  /** The file it came from. */
  readonly file: string;
}

/** Whom an input is about. */
export interface PatientIdentity {
  /** The patient as the input writes it: `Patient/123`, `urn:uuid:…`, a URL, or `#id` of a contained Patient. */
  readonly reference: string;
  /** The Patient resource, if the input has one. */
  readonly resource?: Patient;
  /** Everything that names this patient: references and `identifier:system|value`. */
  readonly names: readonly string[];
  /** In what the Patient resources differ that were taken for this one person; absent when in nothing. No values. */
  readonly warnings?: readonly string[];
}

/** One parsed input: a Bundle, a single resource, or the non-document files of a folder about one patient. */
export interface ParsedFhir {
  /** The file or folder. */
  readonly file: string;
  /** Present when the input is one Bundle. */
  readonly bundle?: Bundle;
  /** The original text of the Bundle or resource; absent when several files were joined. */
  readonly text?: string;
  readonly entries: readonly FhirEntry[];
  readonly patient: PatientIdentity;
}

/** A file that was not taken, and why. */
export interface BadFile {
  file: string;
  code: ErrorCode;
  message: string;
  /** The line of NDJSON, from 1, where it is only that. */
  line?: number;
}

/** What a folder says about one person. */
export interface FolderPatient {
  patient: PatientIdentity;
  /** Each document Bundle by itself, and everything else joined, so that references across files resolve. */
  inputs: ParsedFhir[];
  files: string[];
}
