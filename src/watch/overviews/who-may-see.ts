import { ChartChainError } from "../../errors/index.js";
import { CATEGORIES, type Category, type Client, EVERY_STEWARD, ownId, type Purpose } from "../../sdk/index.js";
import { requireParticipant } from "../arguments.js";
import { consentEvents, type ConsentWords, foldConsents, isBroken, isConstrained } from "./consents.js";
import { LICENCES, type Licence, licenceLasts, licencesOf } from "./licences.js";
import { type AsOf, type Events, numberIn, readEvents, type Wanted } from "./reading.js";
import { foldRelationships, relationshipEvents, type RelationshipWord, statusAt } from "./relationships.js";

/**
 * Why somebody may see records.
 *
 * - `grant`: the patient, or a delegate, granted it; `research`: for a study's purpose
 * - `relationship`: a provider sees what it keeps itself
 * - `delegate`: whom the patient appointed; `representative`: whom an institution did, for a child or by a court's word
 * - `emergency`: a responder broke the glass
 */
export type Basis = "grant" | "research" | "relationship" | "delegate" | "representative" | "emergency";

/** Somebody who may see something. Times in seconds since 1970. */
export interface Seer {
  viewer: number;
  basis: Basis;
  /** Whose records: a steward's, or {@link EVERY_STEWARD}. */
  steward: number;
  /** For what; undefined: whatever it is for. */
  purpose: Purpose | undefined;
  /** Which categories, each until when; 0: without an end. */
  sees: { category: Category; until: number }[];
  /** A constraint narrows the grant further, off chain: records go out singly, as far as that admits them. */
  constrained: boolean;
  /** By whose word somebody acts in the patient's place: the patient's or an institution's; undefined for anybody else. */
  source: number | undefined;
  /**
   * Undefined where it counts now. Else what it waits for, and counts again, or first, when that comes: the `licence` of an
   * institution that isn't live now, or the end of a court's `notice`.
   */
  waitsFor: "licence" | "notice" | undefined;
}

/** Who may see a patient's records. */
export interface WhoMaySee extends AsOf {
  patient: number;
  seers: Seer[];
}

/**
 * Who may see a patient's records: what, for what, until when and on which basis. The patient, who always may, isn't among
 * them.
 *
 * It shows what the contract says at that block, {@link canView}; it decides nothing. Whoever is about to give something away
 * asks the contract. What somebody read before isn't here: nobody takes that back.
 *
 * @param patient the client's own when left out
 * @throws ARGUMENT_INVALID, INDEX_MISSING, NOT_REGISTERED, NOT_A_PATIENT, and what {@link ChainIndex.sync} throws
 *
 * @example
 * for (const { viewer, basis, sees } of (await whoMaySee(client)).seers) console.log(viewer, basis, sees);
 */
export async function whoMaySee(client: Client, { patient }: { patient?: number } = {}): Promise<WhoMaySee> {
  if (patient !== undefined) requireParticipant("patient", patient);
  const id = patient ?? (await ownId(client));
  const { words, block, time } = await readEvents(client, whoMaySeeEvents(id), (events) => ({
    ...{ block: events.block, time: events.time },
    words: wordsOf(id, events),
  }));
  if (words === undefined) throw notAPatient(id);
  return { patient: id, block, time, seers: seersOf(id, words, time) };
}

/** Whose records a viewer may see, and what of them. */
export interface WhoseRecords extends AsOf {
  viewer: number;
  patients: { patient: number; seers: Seer[] }[];
  /** Everybody on whose events the answer hangs: the viewer, whoever ever let it in, and by whose word somebody acts for them. */
  hangsOn: number[];
  /** When something that it rests on begins or ends by itself, in seconds since 1970: what is over, and what is to come. */
  instants: number[];
}

/**
 * Whose records a viewer may see: what, for what, until when and on which basis, as {@link whoMaySee} tells each patient.
 * The viewer's own, as a patient, aren't among them.
 *
 * @throws ARGUMENT_INVALID, INDEX_MISSING, and what {@link ChainIndex.sync} throws
 *
 * @example
 * for (const { patient, seers } of (await whoseRecords(hospital, { viewer: clinic })).patients) console.log(patient, seers);
 */
export async function whoseRecords(client: Client, { viewer }: { viewer: number }): Promise<WhoseRecords> {
  requireParticipant("viewer", viewer);
  const [, asProvider] = relationshipEvents(viewer);
  const named: Wanted[] = [asProvider, { kinds: LETTING_IN, about: [undefined, [viewer]] }];
  const ids = await readEvents(client, named, (events) => [
    ...new Set(named.flatMap((each) => events.of(each)).map((event) => numberIn(event, "patient"))),
  ]);
  const wanted = ids.flatMap(whoMaySeeEvents);
  return readEvents(client, wanted.length === 0 ? [LICENCES] : wanted, (events) => {
    const told = ids.map((patient) => ({ patient, words: wordsOf(patient, events) }));
    const sources = told.flatMap(({ words }) => words?.consents.delegations.get(viewer)?.source || []);
    return {
      ...{ viewer, block: events.block, time: events.time },
      patients: told.flatMap(({ patient, words }) => {
        const seers = words === undefined ? [] : seersOf(patient, words, events.time);
        const theirs = seers.filter((seer) => seer.viewer === viewer);
        return theirs.length === 0 ? [] : [{ patient, seers: theirs }];
      }),
      hangsOn: [...new Set([viewer, ...ids, ...sources])],
      instants: [...new Set(told.flatMap(({ words }) => (words === undefined ? [] : instantsOf(words, viewer))))],
    };
  });
}

/** When something that lets a viewer in begins, or ends by itself. */
function instantsOf({ consents, relationships, licences }: Words, viewer: number): number[] {
  const delegation = consents.delegations.get(viewer);
  const institutions = [licences.get(viewer), licences.get(delegation?.source ?? 0)];
  return [
    ...relationships.flatMap(({ provider, until }) => (provider === viewer && until > 0 ? [until] : [])),
    ...[...consents.grants.values()].flatMap((word) => (word.viewer === viewer ? [...word.lanes.values()] : [])),
    ...(delegation === undefined ? [] : [delegation.from, delegation.until]),
    ...(consents.emergencies.get(viewer)?.until ? [consents.emergencies.get(viewer)!.until] : []),
    ...institutions.flatMap((licence) => (licence === undefined ? [] : [licence.until, licence.suspendedUntil])),
  ];
}

/** What lets somebody in to a patient's records, relationships apart. */
const LETTING_IN = {
  Consents: ["Granted", "GrantConstrained", "GlassBroken"],
  Delegates: ["DelegateAppointed"],
};

const whoMaySeeEvents = (patient: number): Wanted[] => [
  consentEvents(patient),
  relationshipEvents(patient)[0],
  LICENCES,
];

/** What a patient's events come to, with the licences of whoever is in them. */
interface Words {
  consents: ConsentWords;
  relationships: RelationshipWord[];
  licences: Licences;
}

/** Undefined for no patient. */
function wordsOf(patient: number, events: Events): Words | undefined {
  const consents = foldConsents(events.of(consentEvents(patient)));
  if (!consents.isPerson) return undefined;
  const relationships = foldRelationships(events.of(relationshipEvents(patient)[0]));
  const institutions = [
    ...relationships.map(({ provider }) => provider),
    ...[...consents.grants.values()].map(({ viewer }) => viewer),
    ...[...consents.delegations.values()].map(({ source }) => source),
    ...consents.emergencies.keys(),
  ];
  return { consents, relationships, licences: licencesOf(events, institutions) };
}

const seersOf = (patient: number, { consents, relationships, licences }: Words, time: number): Seer[] => [
  ...ofRelationships(relationships, licences, time),
  ...ofDelegations(patient, consents, licences, time),
  ...ofGrants(consents, licences, time),
  ...ofEmergencies(consents, licences, time),
];

type Licences = Map<number, Licence>;

const waits = (isWaiting: boolean): Seer["waitsFor"] => (isWaiting ? "licence" : undefined);

function ofRelationships(relationships: readonly RelationshipWord[], licences: Licences, time: number): Seer[] {
  return relationships
    .filter((word) => word.status === "Active" && statusAt(word, 0, time) === "Active")
    .map(({ provider, until }) => ({
      ...{ viewer: provider, basis: "relationship", steward: provider, purpose: undefined },
      sees: CATEGORIES.map((category) => ({ category, until })),
      ...{ constrained: false, source: undefined },
      waitsFor: waits(!licenceLasts(licences.get(provider), time, "PROVIDER")),
    }));
}

function ofDelegations(patient: number, words: ConsentWords, licences: Licences, time: number): Seer[] {
  return [...words.delegations.values()]
    .filter(({ viewing, until, ofChild, source, accessEpoch }) => {
      if (viewing.length === 0 || time >= until) return false;
      if (ofChild) return words.isChild;
      return source !== 0 || accessEpoch === words.accessEpoch;
    })
    .map(({ delegate, source, viewing, from, until, ofChild }) => ({
      ...{ viewer: delegate, basis: source === 0 ? "delegate" : "representative" },
      ...{ steward: EVERY_STEWARD, purpose: undefined, constrained: false, source: source || patient },
      sees: viewing.map((category) => ({ category, until })),
      waitsFor:
        time < from ? "notice" : waits(source !== 0 && !ofChild && !licenceLasts(licences.get(source), time, "COURT")),
    }));
}

function ofGrants({ grants }: ConsentWords, licences: Licences, time: number): Seer[] {
  return [...grants.values()].flatMap((word) => {
    const { viewer, steward, purpose, lanes } = word;
    const sees = CATEGORIES.flatMap((category) => {
      const until = lanes.get(category) ?? 0;
      return time < until ? [{ category, until }] : [];
    });
    if (sees.length === 0) return [];
    // Who was never licensed is a person: only an institution in good standing is granted anything.
    const licence = licences.get(viewer);
    return [
      {
        ...{ viewer, steward, purpose, sees, constrained: isConstrained(word), source: undefined },
        basis: purpose === "HRESCH" ? "research" : "grant",
        waitsFor: waits(licence !== undefined && !licenceLasts(licence, time)),
      } satisfies Seer,
    ];
  });
}

function ofEmergencies(words: ConsentWords, licences: Licences, time: number): Seer[] {
  return [...words.emergencies.values()]
    .filter((emergency) => isBroken(words, emergency, time))
    .map(({ responder, categories, until }) => ({
      ...{ viewer: responder, basis: "emergency" as const, steward: EVERY_STEWARD, purpose: "ETREAT" as const },
      // The patient's policy of now holds, too.
      sees: categories.filter((each) => words.policy.includes(each)).map((category) => ({ category, until })),
      ...{ constrained: false, source: undefined },
      waitsFor: waits(!licenceLasts(licences.get(responder), time, "EMERGENCY")),
    }))
    .filter(({ sees }) => sees.length > 0);
}

const notAPatient = (participant: number): ChartChainError =>
  new ChartChainError("NOT_A_PATIENT", `participant ${participant} is no person that is registered`, {
    details: { participant },
    hint: "Use the participant id of a patient.",
  });
