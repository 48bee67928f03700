import type { EventLog } from "ethers";

import { type Category, categoriesOf, PURPOSES, type Purpose } from "../../sdk/index.js";
import { numberIn, type Wanted } from "./reading.js";
import { minuteOf } from "./relationships.js";

/** A grant as the contract stores it. */
export interface GrantWord {
  viewer: number;
  steward: number;
  purpose: Purpose;
  /** When each category that was granted ends, in seconds since 1970. */
  lanes: Map<Category, number>;
  constraintDigest: string;
}

/** Somebody who may act in the patient's place. Times in seconds since 1970. */
export interface DelegationWord {
  delegate: number;
  /** Whose word it is; 0: the patient's. */
  source: number;
  viewing: Category[];
  from: number;
  until: number;
  ofChild: boolean;
  accessEpoch: number;
}

/** A responder's latest break-glass. */
export interface EmergencyWord {
  responder: number;
  number: number;
  categories: Category[];
  until: number;
  accessEpoch: number;
  generation: number;
}

/** Whatever lets others see a patient's records, relationships apart, as the contracts store it. */
export interface ConsentWords {
  isPerson: boolean;
  isChild: boolean;
  accessEpoch: number;
  /** What responders may see. */
  policy: Category[];
  generations: Map<number, number>;
  grants: Map<string, GrantWord>;
  delegations: Map<number, DelegationWord>;
  emergencies: Map<number, EmergencyWord>;
}

/** The events of a patient's consents. */
export const consentEvents = (patient: number): Wanted => ({
  kinds: {
    Registrar: ["PatientRegistered", "ChildRegistered", "CameOfAge", "SettingsChanged", "AllRevoked", "Recovered"],
    Consents: ["Granted", "GrantConstrained", "GrantRevoked", "ViewerRevoked", "GlassBroken", "EmergencyReviewed"],
    Delegates: ["DelegateAppointed", "DelegateDismissed"],
  },
  about: [[patient]],
});

/** What responders see unless the person decides otherwise: `DEFAULT_EMERGENCY` of the contract. */
const DEFAULT_POLICY: readonly Category[] = ["SUMMARY", "MEDICATION"];

const UNCONSTRAINED = `0x${"0".repeat(64)}`;

/** Whether a grant has a constraint that narrows it. */
export const isConstrained = ({ constraintDigest }: GrantWord): boolean => constraintDigest !== UNCONSTRAINED;

/** What a patient's events come to. */
export function foldConsents(events: readonly EventLog[]): ConsentWords {
  const words: ConsentWords = {
    ...{ isPerson: false, isChild: false, accessEpoch: 0, policy: [...DEFAULT_POLICY] },
    ...{ generations: new Map(), grants: new Map(), delegations: new Map(), emergencies: new Map() },
  };
  for (const event of events) FOLD[event.eventName]?.(words, event);
  return words;
}

const masked = (event: EventLog, name = "categories"): Category[] => categoriesOf(numberIn(event, name));

function grantIn({ grants }: ConsentWords, event: EventLog): GrantWord {
  const [viewer, steward] = [numberIn(event, "viewer"), numberIn(event, "steward")];
  const purpose = PURPOSES[numberIn(event, "purpose")]!;
  const key = `${viewer}/${purpose}/${steward}`;
  const word = grants.get(key) ?? { viewer, steward, purpose, lanes: new Map(), constraintDigest: UNCONSTRAINED };
  grants.set(key, word);
  return word;
}

const grant = (words: ConsentWords, event: EventLog): GrantWord => {
  const word = grantIn(words, event);
  for (const category of masked(event)) word.lanes.set(category, minuteOf(numberIn(event, "until")));
  return word;
};

const FOLD: Record<string, (words: ConsentWords, event: EventLog) => unknown> = {
  PatientRegistered: (words) => (words.isPerson = true),
  ChildRegistered: (words) => (words.isPerson = words.isChild = true),
  CameOfAge: (words) => (words.isChild = false),
  SettingsChanged(words, { args }) {
    words.policy = categoriesOf(Number((args["settings"] as { emergency: bigint }).emergency));
  },
  // It has no event of its own that a recovery narrows the policy.
  Recovered: (words) => (words.policy = words.policy.filter((category) => DEFAULT_POLICY.includes(category))),
  AllRevoked(words, event) {
    words.accessEpoch = numberIn(event, "accessEpoch");
    words.grants.clear();
  },
  ViewerRevoked(words, event) {
    const viewer = numberIn(event, "viewer");
    words.generations.set(viewer, numberIn(event, "generation"));
    for (const [key, word] of words.grants) if (word.viewer === viewer) words.grants.delete(key);
  },
  Granted: grant,
  GrantConstrained(words, event) {
    grant(words, event).constraintDigest = event.args["constraintDigest"] as string;
  },
  GrantRevoked(words, event) {
    const { lanes } = grantIn(words, event);
    for (const category of masked(event)) lanes.delete(category);
  },
  GlassBroken(words, event) {
    const responder = numberIn(event, "responder");
    const [number, until] = [numberIn(event, "number"), numberIn(event, "until")];
    const generation = words.generations.get(responder) ?? 0;
    const word = { responder, number, until, categories: masked(event), accessEpoch: words.accessEpoch, generation };
    words.emergencies.set(responder, word);
  },
  EmergencyReviewed(words, event) {
    const word = words.emergencies.get(numberIn(event, "responder"));
    const isUnjustified = numberIn(event, "outcome") === 2;
    if (word !== undefined && isUnjustified && word.number === numberIn(event, "number")) word.until = 0;
  },
  DelegateAppointed(words, event) {
    const { delegation } = event.args as unknown as { delegation: Record<string, bigint | boolean> };
    const delegate = numberIn(event, "delegate");
    words.delegations.set(delegate, {
      ...{ delegate, source: numberIn(event, "source"), viewing: categoriesOf(Number(delegation["viewing"])) },
      ...{ from: Number(delegation["from"]), until: Number(delegation["until"]) },
      ...{ ofChild: delegation["ofChild"] === true, accessEpoch: Number(delegation["accessEpoch"]) },
    });
  },
  DelegateDismissed: (words, event) => words.delegations.delete(numberIn(event, "delegate")),
};

/** Whether a break-glass stands, as far as the patient goes. */
export const isBroken = (words: ConsentWords, emergency: EmergencyWord, time: number): boolean =>
  time < emergency.until &&
  emergency.accessEpoch === words.accessEpoch &&
  emergency.generation === (words.generations.get(emergency.responder) ?? 0);
