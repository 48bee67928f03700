import type { EventLog } from "ethers";

import {
  CATEGORIES,
  categoriesOf,
  type Category,
  type Client,
  ownId,
  PURPOSES,
  type Purpose,
} from "../../sdk/index.js";
import { requireParticipant } from "../arguments.js";
import { consentEvents, foldConsents, isConstrained } from "./consents.js";
import { LICENCES, licenceLasts, licencesOf } from "./licences.js";
import { type AsOf, type Events, numberIn, readEvents, type Wanted } from "./reading.js";

/** A grant as it stands, or stood. Times in seconds since 1970. */
export interface GrantNow {
  patient: number;
  viewer: number;
  purpose: Purpose;
  /** Whose records: a steward's, or {@link EVERY_STEWARD}. */
  steward: number;
  /** Which categories it opens, each until when. */
  sees: { category: Category; until: number }[];
  /** Which it opened until they expired. */
  expired: { category: Category; until: number }[];
  /** Which were granted once and taken back, by themselves, with all that the viewer had, or with everything. */
  revoked: Category[];
  /** A constraint narrows it further, off chain. */
  constrained: boolean;
  /** The viewer is an institution whose licence isn't live now: it counts again when that is. */
  waitsForLicence: boolean;
}

/** Grants of one patient, or to one viewer. */
export interface Grants extends AsOf {
  grants: GrantNow[];
}

/**
 * Every grant that a patient ever made, or that a viewer ever got: what stands, what expired and what was revoked, told apart. Relationships,
 * delegates and broken glasses aren't among them: {@link whoMaySee} has all.
 *
 * @param of whose: the patient's who granted (the client's own when both are left out), or the viewer's who was granted
 * @throws ARGUMENT_INVALID, INDEX_MISSING, NOT_REGISTERED, NODE_BEHIND, and what {@link ChainIndex.sync} throws
 *
 * @example
 * const { grants } = await grantsOf(client);
 * const expired = grants.filter(({ sees, expired }) => sees.length === 0 && expired.length > 0);
 */
export async function grantsOf(
  client: Client,
  of: { patient: number } | { viewer: number } | object = {},
): Promise<Grants> {
  const { patient, viewer } = of as { patient?: number; viewer?: number };
  if (patient !== undefined) requireParticipant("patient", patient);
  if (viewer === undefined) return grantsAmong(client, [patient ?? (await ownId(client))], () => true);
  requireParticipant("viewer", viewer);
  const wanted: Wanted = { kinds: { Consents: GRANTED }, about: [undefined, [viewer]] };
  const patients = await readEvents(client, [wanted], (events) => [
    ...new Set(events.of(wanted).map((event) => numberIn(event, "patient"))),
  ]);
  return grantsAmong(client, patients, (event) => numberIn(event, "viewer") === viewer);
}

const GRANTED = ["Granted", "GrantConstrained"];

function grantsAmong(
  client: Client,
  patients: readonly number[],
  isMeant: (granted: EventLog) => boolean,
): Promise<Grants> {
  const wanted = patients.map(consentEvents);
  return readEvents(client, [...wanted, LICENCES], (events) => ({
    ...{ block: events.block, time: events.time },
    grants: patients.flatMap((patient, i) => ofPatient(patient, events, events.of(wanted[i]!), isMeant)),
  }));
}

function ofPatient(
  patient: number,
  events: Events,
  logs: readonly EventLog[],
  isMeant: (granted: EventLog) => boolean,
): GrantNow[] {
  const { grants } = foldConsents(logs);
  const made = new Map<string, { viewer: number; steward: number; purpose: Purpose; ever: Set<Category> }>();
  for (const event of logs) {
    if (!GRANTED.includes(event.eventName) || !isMeant(event)) continue;
    const [viewer, steward] = [numberIn(event, "viewer"), numberIn(event, "steward")];
    const purpose = PURPOSES[numberIn(event, "purpose")]!;
    const key = `${viewer}/${purpose}/${steward}`;
    const word = made.get(key) ?? { viewer, steward, purpose, ever: new Set<Category>() };
    for (const category of categoriesOf(numberIn(event, "categories"))) word.ever.add(category);
    made.set(key, word);
  }
  const licences = licencesOf(
    events,
    [...made.values()].map(({ viewer }) => viewer),
  );
  return [...made].map(([key, { ever, ...word }]) => {
    const stored = grants.get(key);
    const ends = CATEGORIES.flatMap((category) => {
      const until = stored?.lanes.get(category);
      return until === undefined ? [] : [{ category, until }];
    });
    const licence = licences.get(word.viewer);
    return {
      ...{ patient, ...word },
      sees: ends.filter(({ until }) => events.time < until),
      expired: ends.filter(({ until }) => events.time >= until),
      revoked: CATEGORIES.filter((category) => ever.has(category) && stored?.lanes.has(category) !== true),
      constrained: stored !== undefined && isConstrained(stored),
      waitsForLicence: licence !== undefined && !licenceLasts(licence, events.time),
    };
  });
}
