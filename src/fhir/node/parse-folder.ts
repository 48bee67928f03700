import { createHash } from "node:crypto";
import { ChartChainError, isChartChainError } from "../../errors/index.js";
import { deletedBy, deletionsIn, onlyDeletes } from "../deletion.js";
import { type FolderFiles, filesOf, type LeftOut } from "./folder-files.js";
import { groupByPatient } from "../group-by-patient.js";
import { answerAlone, emptyFile, type FhirDocument } from "../parse.js";
import type { BadFile, FhirEntry, FolderPatient, ParsedFhir } from "../parsed.js";
import { identifyPatient } from "../patient-identity.js";
import type { ParseOptions } from "../parse-text.js";
import { readDocuments } from "./read-documents.js";
import { parseLiteral } from "../references.js";

export interface FolderOptions extends ParseOptions {
  /** Return the good files and list the bad ones, rather than refuse the folder. */
  skipBad?: boolean;
  /** With skipBad: return a folder without a patient, or without a file, too, as what changed since yesterday may be. */
  mayBeNobody?: boolean;
  /** Is told of each document that was read: a file, or a line of NDJSON. */
  onRead?: () => void;
}

/** What a folder holds. */
export interface ParsedFolder {
  patients: FolderPatient[];
  /** Files that are about somebody but don't say who (NO_PATIENT): in no chart until a person says. */
  unassigned: BadFile[];
  /** Files about nobody (Practitioner, Organization …) that no patient's file refers to. */
  unused: string[];
  bad: BadFile[];
  /** What of the folder was not read, and why: hidden files, links out of it, a read-me, the manifest and log of an export. */
  leftOut: LeftOut[];
  /**
   * How many resources of NDJSON say who, where or what with (Practitioner, Organization, Medication …) and are left
   * out because nobody's data refer to them: an export holds those of the whole institution.
   */
  unreferenced: number;
  /** How many deletions are of resources that no file here holds: what was added before from elsewhere stays. */
  deletedElsewhere: number;
}

/** How many bad files an error prints; its details have all. */
const MAX_PRINTED = 50;

/**
 * Reads all FHIR files of a folder and of the folders inside it, JSON and NDJSON, in the order of their names; or one
 * file that may hold several patients, as a Bulk Data export does.
 *
 * A line of NDJSON counts like a file of its own; a resource with an id that comes again letter by letter is taken once.
 * Files are of one patient when they share a reference to the patient or
 * an identifier, and {@link comparePeople} finds one person in their Patient resources; a file that could be of either of
 * two patients is bad. A file without a patient (Medication, Practitioner, Organization …, also a Bundle of them) belongs
 * to the patients whose files refer to it. The manifest and the log of an export are passed over, and so is the answer to
 * a search that found nothing. What a file says was deleted goes to the patient who has the resource.
 *
 * The resources of NDJSON are read from their files again when they are looked at, so that what is held of a large
 * export is an index: take the patients one after another, and leave the files as they are meanwhile.
 *
 * @throws ChartChainError FHIR_FOLDER_UNREADABLE, FHIR_FOLDER_EMPTY, FHIR_FOLDER_HAS_BAD_FILES (one error that lists
 * every bad file; with skipBad only when no file is good), VALIDATOR_MISSING; of one file the codes of
 * {@link parseFhirFile}; FHIR_FILE_CHANGED when a resource of NDJSON is looked at
 * @example
 * const { patients, bad } = await parseFhirFolder("inputs", { skipBad: true })
 * for (const { inputs } of patients) for (const record of inputs.flatMap(splitIntoRecords)) console.log(record.category)
 */
export async function parseFhirFolder(path: string, options: FolderOptions = {}): Promise<ParsedFolder> {
  const mayBeNobody = options.skipBad === true && options.mayBeNobody === true;
  const { files, leftOut } = await filesOf(path).catch((error: unknown): FolderFiles => {
    if (!mayBeNobody || !isChartChainError(error, "FHIR_FOLDER_EMPTY")) throw error;
    return { files: [], leftOut: [] };
  });
  const faults: Fault[] = [];
  const about: ParsedFhir[] = [];
  const withoutPatient = new Map<FhirDocument, Fault>();
  const deletions: { file: string; document: FhirDocument }[] = [];
  const seen = new Set<string>();
  let read = 0;
  for (const file of files) {
    const lines = new Map<string, FhirEntry[]>();
    for await (const { document, line } of readDocuments(file, options)) {
      read += 1;
      options.onRead?.();
      try {
        if (document instanceof ChartChainError) throw document;
        if (isRepeated(document, seen)) continue;
        if (onlyDeletes(document)) deletions.push({ file, document });
        else about.push(...aboutPatient(file, document, line, lines));
      } catch (error) {
        if (!(error instanceof ChartChainError)) throw error;
        if (isPartOfExport(error) && file !== path) {
          leftOut.push({ file, reason: "of the export itself" });
          break;
        }
        if (error.details["isAnswer"] === true && file !== path) {
          leftOut.push({ file, reason: "a search that found nothing" });
          continue;
        }
        if (!(document instanceof ChartChainError) && isChartChainError(error, "NO_PATIENT")) {
          withoutPatient.set(document, { error: answerAlone(file, document) ?? error, file, line });
        } else faults.push({ file, error, line });
      }
    }
  }
  const { patients, conflicts, ...left } = groupByPatient(path, about, [...withoutPatient.keys()]);
  const among = (documents: ReadonlySet<FhirDocument>) =>
    [...withoutPatient].flatMap(([document, found]) => (documents.has(document) ? [found] : []));
  const unassigned = among(left.unassigned);
  const unused = among(left.unused).filter(({ line }) => line === undefined);
  const unreferenced = left.unused.size - unused.length;
  const deletedElsewhere = assignDeletions(patients, deletions);
  const isNobody = patients.length === 0 && !mayBeNobody;
  if (isNobody) faults.push(...unassigned, ...unused);
  const bad = [...faults.map(badFile), ...conflicts];
  bad.sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0));
  if (bad.length > 0 && (!options.skipBad || isNobody)) {
    throw faults.length === 1 && bad.length === 1 && files[0] === path
      ? faults[0]!.error
      : hasBadFiles(path, files.length, bad, options);
  }
  if (isNobody) {
    if (read === 0 && files[0] === path) throw emptyFile(path);
    throw new ChartChainError("NO_PATIENT", `${path} holds nothing about a patient`, {
      details: { file: path, unreferenced },
      hint: "Give the files of the patients, too: Patient.ndjson, Observation.ndjson and so on.",
    });
  }
  return {
    patients,
    unassigned: unassigned.map(badFile),
    unused: unused.map(({ file }) => file),
    bad,
    leftOut,
    unreferenced,
    deletedElsewhere,
  };
}

interface Fault {
  file: string;
  error: ChartChainError;
  line: number | undefined;
}

/**
 * The document as an input about somebody; none when it goes to an earlier line about the same patient: the lines of a
 * large export would otherwise be as many inputs.
 */
function aboutPatient(
  file: string,
  document: FhirDocument,
  line: number | undefined,
  lines: Map<string, FhirEntry[]>,
): ParsedFhir[] {
  const name = line === undefined ? file : `${file}, line ${line}`;
  const patient = identifyPatient(name, document.entries);
  if (line === undefined || document.bundle || patient.resource) return [{ file, ...document, patient }];
  const key = patient.names.join("\n");
  const known = lines.get(key);
  if (known) {
    known.push(...document.entries);
    return [];
  }
  const entries = [...document.entries];
  lines.set(key, entries);
  return [{ file, entries, patient }];
}

/** Whether a resource of its own, with an id, was there before: a file that was downloaded twice, a line that was. */
function isRepeated({ bundle, entries: [entry] }: FhirDocument, seen: Set<string>): boolean {
  if (bundle || entry?.resource.id === undefined) return false;
  const known = seen.size;
  return seen.add(createHash("sha256").update(entry.json).digest().toString("latin1", 0, 16)).size === known;
}

/**
 * Gives each deletion to the only patient whose files hold the resource, as an input of its own.
 *
 * @returns how many deletions are nobody's here
 */
function assignDeletions(
  patients: readonly FolderPatient[],
  deletions: readonly { file: string; document: FhirDocument }[],
): number {
  if (deletions.length === 0) return 0;
  const owners = new Map<string, Set<FolderPatient>>();
  for (const patient of patients) {
    for (const { resource, fullUrl } of patient.inputs.flatMap(({ entries }) => entries)) {
      for (const name of [fullUrl, `${resource.resourceType}/${resource.id ?? ""}`]) {
        if (name !== undefined) owners.set(name, (owners.get(name) ?? new Set()).add(patient));
      }
    }
  }
  let assigned = 0;
  for (const { file, document } of deletions) {
    const byOwner = new Map<FolderPatient, FhirEntry[]>();
    for (const entry of document.entries) {
      const [reference = ""] = deletedBy(entry.resource);
      const { type, id } = parseLiteral(reference) ?? {};
      const [owner, another] = owners.get(reference) ?? owners.get(`${type ?? ""}/${id ?? ""}`) ?? [];
      if (!owner || another) continue;
      byOwner.set(owner, [...(byOwner.get(owner) ?? []), entry]);
      assigned += 1;
    }
    for (const [owner, entries] of byOwner) {
      owner.inputs.push({ file, entries, patient: owner.patient });
      owner.files = [...new Set([...owner.files, file])].sort();
    }
  }
  const all = deletions.map(({ document: { bundle, entries } }) =>
    Math.max(entries.length, bundle ? deletionsIn(bundle) : 0),
  );
  return all.reduce((sum, count) => sum + count, 0) - assigned;
}

const isPartOfExport = (error: ChartChainError): boolean => error.details["ofExport"] === true;

function badFile({ file, error: { code, message }, line }: Fault): BadFile {
  return { file, code, message, ...(line === undefined ? {} : { line }) };
}

function hasBadFiles(
  dir: string,
  count: number,
  bad: readonly BadFile[],
  { skipBad = false }: FolderOptions,
): ChartChainError {
  const lines = bad.slice(0, MAX_PRINTED).map(({ code, message }) => `${code}: ${message}`);
  if (bad.length > MAX_PRINTED) lines.push(`and ${bad.length - MAX_PRINTED} more`);
  const files = new Set(bad.map(({ file }) => file)).size;
  return new ChartChainError(
    "FHIR_FOLDER_HAS_BAD_FILES",
    `${dir}: ${files} of ${count} files cannot be taken\n${lines.join("\n")}`,
    {
      details: { dir, count, bad },
      hint: skipBad
        ? "None of the others is about a patient. Correct these files, or give those of the patients, too."
        : "Correct or remove these files, or set skipBad to take the others.",
    },
  );
}
