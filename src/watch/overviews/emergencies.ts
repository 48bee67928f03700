import type { EventLog } from "ethers";

import { type Category, categoriesOf, type Client, OUTCOMES, type Outcome, ownId } from "../../sdk/index.js";
import { requireParticipant } from "../arguments.js";
import { indexOf } from "../chain-index.js";
import { consentEvents, type ConsentWords, foldConsents, isBroken } from "./consents.js";
import { LICENCES, licenceLasts, licencesOf } from "./licences.js";
import { type AsOf, type Events, numberIn, readEvents, type Wanted } from "./reading.js";

/** A break-glass. Times in seconds since 1970. */
export interface EmergencyAccess {
  patient: number;
  responder: number;
  /** Counts the responder's break-glasses at this patient. */
  number: number;
  /** What the responder might see, whoever keeps it. */
  categories: Category[];
  at: number;
  /** When it ends, or ended by itself. */
  until: number;
  outcome: Outcome;
  /** Whether it gives access now. */
  isOpen: boolean;
  block: number;
  transaction: string;
}

/** Emergencies at a patient. */
export interface Emergencies extends AsOf {
  patient: number;
  emergencies: EmergencyAccess[];
}

/**
 * Every break-glass at a patient, the newest first: who, what, when, until when, and what the review found.
 *
 * @param patient the client's own when left out
 * @throws ARGUMENT_INVALID, INDEX_MISSING, NOT_REGISTERED, NODE_BEHIND, and what {@link ChainIndex.sync} throws
 */
export async function emergenciesOf(client: Client, { patient }: { patient?: number } = {}): Promise<Emergencies> {
  if (patient !== undefined) requireParticipant("patient", patient);
  const id = patient ?? (await ownId(client));
  const wanted: Wanted = consentEvents(id);
  const { found, block, time } = await readEvents(client, [wanted, LICENCES], (events) => ({
    ...{ block: events.block, time: events.time },
    found: entriesOf(events, events.of(wanted)),
  }));
  const times = await indexOf(client).timesOf(found.map(({ event }) => event.blockHash));
  const emergencies = found.map(({ event, ...entry }) => ({
    ...{ patient: id, at: times.get(event.blockHash)!, block: event.blockNumber, transaction: event.transactionHash },
    ...entry,
  }));
  return { patient: id, block, time, emergencies: emergencies.reverse() };
}

/**
 * The break-glasses at a patient that give access now, the newest first.
 *
 * @param patient the client's own when left out
 * @throws as {@link emergenciesOf}
 *
 * @example
 * const { emergencies } = await openEmergencies(client);
 */
export async function openEmergencies(client: Client, input: { patient?: number } = {}): Promise<Emergencies> {
  const { emergencies, ...asOf } = await emergenciesOf(client, input);
  return { ...asOf, emergencies: emergencies.filter(({ isOpen }) => isOpen) };
}

type Entry = Omit<EmergencyAccess, "patient" | "at" | "block" | "transaction"> & { event: EventLog };

function entriesOf(events: Events, logs: readonly EventLog[]): Entry[] {
  const words = foldConsents(logs);
  const broken = logs.filter(({ eventName }) => eventName === "GlassBroken");
  const licences = licencesOf(
    events,
    broken.map((event) => numberIn(event, "responder")),
  );
  const outcomes = new Map<string, Outcome>();
  for (const event of logs)
    if (event.eventName === "EmergencyReviewed") outcomes.set(nameOf(event), OUTCOMES[numberIn(event, "outcome")]!);
  return broken.map((event) => {
    const [responder, number] = [numberIn(event, "responder"), numberIn(event, "number")];
    const categories = categoriesOf(numberIn(event, "categories"));
    const isLicensed = licenceLasts(licences.get(responder), events.time, "EMERGENCY");
    return {
      ...{ event, responder, number, categories, until: numberIn(event, "until") },
      outcome: outcomes.get(nameOf(event)) ?? "Unreviewed",
      isOpen: isLicensed && isLive(words, responder, number, events.time),
    };
  });
}

function isLive(words: ConsentWords, responder: number, number: number, time: number): boolean {
  const latest = words.emergencies.get(responder)!;
  if (latest.number !== number || !isBroken(words, latest, time)) return false;
  return latest.categories.some((category) => words.policy.includes(category));
}

const nameOf = (event: EventLog): string => `${numberIn(event, "responder")}/${numberIn(event, "number")}`;
