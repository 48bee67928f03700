import type { EventLog } from "ethers";

import { type Client, ownId, type RelationshipEntry, type RelationshipStatus } from "../../sdk/index.js";
import { requireParticipant } from "../arguments.js";
import { indexOf } from "../chain-index.js";
import { LICENCES, licenceLasts, licencesOf } from "./licences.js";
import { type AsOf, numberIn, readEvents, type Wanted } from "./reading.js";

/** A relationship as it stands. Times in seconds since 1970; 0 stands for none. */
export interface RelationshipNow extends RelationshipEntry {
  patient: number;
  /** The sha2-256 digest of the sealed terms that were proposed last, or accepted; undefined where nothing ever was. */
  termsDigest: string | undefined;
  /** The patient refuses this provider's proposals and offers. */
  blocked: boolean;
}

/** The relationships of a participant. */
export interface Relationships extends AsOf {
  relationships: RelationshipNow[];
}

const KINDS = {
  PatientProviderRelationships: [
    ...["RelationshipProposed", "RelationshipApproved", "RelationshipDeclined", "RelationshipWithdrawn"],
    ...["RelationshipSuspended", "RelationshipResumed", "RelationshipEnded", "ProviderBlocked", "ProviderUnblocked"],
  ],
};

/** The events of a patient's relationships, and of those that a provider has. */
export const relationshipEvents = (participant: number): [Wanted, Wanted] => [
  { kinds: KINDS, about: [[participant]] },
  { kinds: KINDS, about: [undefined, [participant]] },
];

/**
 * The relationships of a participant, as a patient or as a provider, whatever became of them: status, provider, from when and
 * until when. Equal to what the contract says at that block.
 *
 * @param participant the client's own when left out
 * @throws ARGUMENT_INVALID, INDEX_MISSING, NOT_REGISTERED, and what {@link ChainIndex.sync} throws
 *
 * @example
 * const { relationships } = await relationshipsOf(client);
 */
export async function relationshipsOf(
  client: Client,
  { participant }: { participant?: number } = {},
): Promise<Relationships> {
  if (participant !== undefined) requireParticipant("participant", participant);
  const id = participant ?? (await ownId(client));
  const wanted = relationshipEvents(id);
  const { words, licences, block, time } = await readEvents(client, [...wanted, LICENCES], (events) => {
    const found = foldRelationships(wanted.flatMap((each) => events.of(each)));
    const providers = found.map(({ provider }) => provider);
    return { words: found, licences: licencesOf(events, providers), block: events.block, time: events.time };
  });
  const times = await indexOf(client).timesOf(words.flatMap(({ sinceBlock }) => sinceBlock ?? []));
  const relationships = words.map(({ sinceBlock, ...word }) => {
    const since = sinceBlock === undefined ? 0 : minuteOf(times.get(sinceBlock)!);
    const licensed = licenceLasts(licences.get(word.provider), time);
    return { ...word, since, licensed, status: statusAt(word, since, time) };
  });
  return { block, time, relationships };
}

/** A relationship as the contract stores it, but for when it began: in which block that was. */
export type RelationshipWord = Omit<RelationshipNow, "since" | "licensed"> & { sinceBlock: string | undefined };

/** What events of relationships come to. */
export function foldRelationships(events: readonly EventLog[]): RelationshipWord[] {
  const words = new Map<string, RelationshipWord>();
  for (const event of events) {
    const [patient, provider] = [numberIn(event, "patient"), numberIn(event, "provider")];
    const pair = `${patient}/${provider}`;
    let word = words.get(pair);
    if (word === undefined) {
      const status: RelationshipStatus = "None";
      word = {
        patient,
        provider,
        status,
        nonce: 0,
        until: 0,
        blocked: false,
        termsDigest: undefined,
        sinceBlock: undefined,
      };
      words.set(pair, word);
    }
    follow(word, event);
  }
  return [...words.values()];
}

function follow(word: RelationshipWord, event: EventLog): void {
  const close = (status: RelationshipStatus) => Object.assign(word, { status, nonce: next(word.nonce) });
  switch (event.eventName) {
    case "RelationshipProposed":
    case "RelationshipApproved":
      word.status = event.eventName === "RelationshipProposed" ? "Proposed" : "Active";
      word.nonce = numberIn(event, "nonce");
      word.until = minuteOf(numberIn(event, "until"));
      word.termsDigest = event.args["termsDigest"] as string;
      word.sinceBlock = event.blockHash;
      break;
    case "RelationshipDeclined":
      close("Declined");
      break;
    case "RelationshipWithdrawn":
      close("Withdrawn");
      break;
    case "RelationshipSuspended":
      if (numberIn(event, "by") === word.patient) close("SuspendedByPatient");
      else word.status = "SuspendedByProvider";
      break;
    case "RelationshipResumed":
      word.status = "Active";
      break;
    case "RelationshipEnded":
      close("Ended");
      break;
    case "ProviderBlocked":
      close(word.status === "Proposed" ? "Declined" : word.status);
      word.blocked = true;
      break;
    case "ProviderUnblocked":
      word.blocked = false;
  }
}

const LAST_NONCE = 2 ** 24 - 1;
const next = (nonce: number): number => Math.min(nonce + 1, LAST_NONCE);

/** The contract counts in minutes, and rounds down. */
export const minuteOf = (seconds: number): number => seconds - (seconds % 60);

/** How long a proposal waits for its answer, in seconds: `PROPOSAL_LIFETIME` of the contract. */
const PROPOSAL_LIFETIME = 30 * 24 * 60 * 60;

const OPEN: readonly RelationshipStatus[] = ["Active", "SuspendedByPatient", "SuspendedByProvider"];

/** Whether a relationship was approved and not ended. */
export const isOpen = (status: RelationshipStatus): boolean => OPEN.includes(status);

/** Two ends are the clock's. */
export function statusAt(
  { status, until }: { status: RelationshipStatus; until: number },
  since: number,
  time: number,
): RelationshipStatus {
  if (status === "Proposed" && time >= since + PROPOSAL_LIFETIME) return "Lapsed";
  return isOpen(status) && until !== 0 && time >= until ? "Ended" : status;
}
