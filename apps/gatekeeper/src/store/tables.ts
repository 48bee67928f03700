import type { ColumnType, Generated, JSONColumnType } from "kysely";
import type { Category, SensitivityClass } from "chartchain/fhir";

/** The classes of a record: written as JSON text, read as a list. */
type Classes = JSONColumnType<SensitivityClass[], string, string>;

/** What the database holds. Times are milliseconds since 1970. */
export interface Tables {
  contents: ContentTable;
  versions: VersionTable;
  records: RecordTable;
  held: HeldTable;
  terms: TermTable;
  upstream_state: UpstreamStateTable;
  upstream_people: UpstreamPersonTable;
  upstream_resources: UpstreamResourceTable;
  upstream_companions: UpstreamCompanionTable;
  upstream_arrivals: UpstreamArrivalTable;
}

/** What a resource said at some time. The same words of the same resource are there once, whoever's records hold them. */
export interface ContentTable {
  number: Generated<number>;
  type: string;
  id: string;
  /** SHA-256 of `meta` and `body`. */
  hash: string;
  /** The `meta` as it came, without `versionId` and `lastUpdated`. */
  meta: string;
  /** The members beside `resourceType`, `id` and `meta`, as an object. */
  body: string;
  /** The first and the last instant of care that it names. */
  first: number | null;
  last: number | null;
}

/** A version of a resource in one patient's data. A practitioner of two patients has versions in the data of each. */
export interface VersionTable {
  /** Grows with time over all patients: it never leaves the store. */
  number: Generated<number>;
  patient: number;
  type: string;
  id: string;
  /** 0: the resource. 1: a Patient without the elements that make it sensitive. */
  variant: number;
  /** None for a deletion. */
  content: number | null;
  /** FHIR's `versionId`: random, so that it tells of no other version. */
  version_id: string;
  updated: number;
  current: boolean;
  /** How the source called it, where that isn't `Type/id`. */
  name: string | null;
  /** Labels of what stood around it, as codes of HL7 v3 ActCode and Confidentiality. */
  labels: string;
  /** `meta.lastUpdated` of its source. */
  source_updated: number | null;
  /** All classes of the records that held it last. */
  classes: Classes;
}

/** A record as the library splits a patient's data. Its number is kept while its key is the same. */
export interface RecordTable {
  number: Generated<number>;
  patient: number;
  key: string;
  category: ColumnType<Category, Category, Category>;
  confidential: boolean;
  medicines: boolean;
  classes: Classes;
  encounter: string | null;
  first: number | null;
  last: number | null;
  /** Whether it holds a current version. */
  live: boolean;
}

/** Which record holds which version: today for a current one, at the end of its time for a former one. */
export interface HeldTable {
  version: number;
  record: number;
  /** Of the record: patient, category and whether it is confidential, in one number. */
  kind: number;
}

/** What a search finds a content by. */
export interface TermTable {
  content: number;
  type: string;
  parameter: string;
  /** Of a token: its system, empty for none, null where the element implies it. Of a reference: the type of its target. */
  system: string | null;
  /** Of a string: in small letters without marks. Of a reference: the id of its target, or another URL. */
  value: string | null;
  /** Of a string: as it stands there. Of a quantity: its unit in words. */
  exact: string | null;
  low: number | null;
  high: number | null;
}

/** How far the hospital's FHIR server was read. */
export interface UpstreamStateTable {
  name: string;
  /** JSON. */
  value: string;
}

/** A Patient of the hospital's FHIR server, and whose it is. */
export interface UpstreamPersonTable {
  id: string;
  /** With a minus before it what `versions.patient` has while the data is for the hospital's own staff alone. */
  number: Generated<number>;
  /** The resource; none for one that was deleted. */
  json: string | null;
  /** Whose data others find it among. Of one in doubt, whose it was before: what stood there stays. */
  participant: number | null;
  state: "nobody" | "taken" | "doubtful";
  /** JSON: why it is in doubt. */
  doubts: string;
  /** JSON: what a person decided, and about which facts. */
  decided: string | null;
}

/** In whose data a resource of that server stands, in which version. */
export interface UpstreamResourceTable {
  /** As `versions.patient`. */
  chart: number;
  type: string;
  id: string;
  /** The server's word for the version. */
  stamp: string;
  /** The id of its Patient; none for what stands with whoever refers to it. */
  owner: string | null;
}

/** What is about nobody by itself, and goes with what refers to it. */
export interface UpstreamCompanionTable {
  type: string;
  id: string;
  json: string;
  stamp: string;
}

/** What was read and isn't in anybody's data yet. */
export interface UpstreamArrivalTable {
  type: string;
  id: string;
  /** None for a deletion. */
  json: string | null;
  /** The id of its Patient; none while that isn't clear. */
  owner: string | null;
}
