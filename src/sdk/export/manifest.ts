import type { ErrorCode } from "../../errors/index.js";
import type { ExportedFile } from "./sink.js";

/** Something that isn't in an export, or isn't proved, and why. */
export interface LeftOut {
  /** `record`: one by its digest. `places`: of the patient's history. `summary`: the patient summary. */
  what: "record" | "places" | "summary";
  /** The error that opening it ends with, or would. */
  code: ErrorCode;
  /** Why, in a sentence. */
  why: string;
  /** What somebody can do about it. */
  fix?: string;
  digest?: string;
  /** Whose word it is or would be: who anchored it. */
  author?: number;
  /** Places in the patient's history, from 1, both included. */
  from?: number;
  to?: number;
}

/** What an export says of itself, in `export.json`. */
export interface ExportManifest {
  /** What it is. It is no handover file: nothing here takes it in. */
  format: "ChartChain export";
  /** The number of this format: of the manifest, of the files' names, and of how sources are told apart. */
  version: 1;
  formats: { fhir: "4.0.1"; summary: "http://hl7.org/fhir/uv/ips" };
  chainId: number;
  genesisHash: string;
  /** Address of the Registrar, by whose numbers participants are named. */
  registrar: string;
  /** The chain is told as it is at this block; `time` in seconds since 1970. */
  block: { number: number; hash: string; time: number };
  patient: number;
  /** Who exported: the patient, or who acts in the patient's place. */
  exporter: number;
  /** In seconds since 1970. */
  exportedAt: number;
  /** The finished files but this one, each as it was read back. */
  files: ExportedFile[];
  counts: {
    /** Records that were opened, verified and written. */
    records: number;
    /** Their resources, each counted once where several records hold the same. */
    resources: number;
    /** Records that aren't FHIR, each a file of its own. */
    documents: number;
    grants: number;
    relationships: number;
    delegates: number;
    emergencies: number;
    releases: number;
    /** Entries of the Bundle, those that the export itself says included. */
    entries: number;
  };
  history: {
    /** How many records the chain counts at the most. */
    count: number;
    /** The running head that the anchors come to, as the contract has it. */
    head: string;
    /** Anchors that their author signed for, of all. */
    signed: number;
    anchors: number;
    /** Places of batches that are dummies, or records that this vault has no envelope of. */
    unknown: number;
  };
  leftOut: LeftOut[];
  /** What no export of this kind can say. */
  limits: readonly string[];
}
