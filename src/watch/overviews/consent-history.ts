import { type Client, ownId } from "../../sdk/index.js";
import { requireCount, requireParticipant } from "../arguments.js";
import { indexOf } from "../chain-index.js";
import type { NoticeKind } from "../notice-kinds.js";
import { type Notice, noticeOf } from "../notice-of.js";
import { actorsOf } from "./actors.js";
import { type AsOf, readEvents } from "./reading.js";

/** What a history tells of: what gave access, or took it back. */
type Told = Extract<NoticeKind, "relationship" | "grant" | "revocation" | "emergency" | "review" | "delegate">;

/** One thing that gave somebody access to a patient's records, or took it back. */
export type ConsentEvent = Notice<Told> & {
  /** When, in seconds since 1970. */
  at: number;
  /**
   * The participant who did it, whoever sent the transaction; 0: the authority. Undefined where the transaction doesn't say it:
   * it came through a contract of somebody else's.
   */
  actor: number | undefined;
};

/** A page of a history. */
export interface ConsentHistory extends AsOf {
  patient: number;
  /** The newest first. */
  history: ConsentEvent[];
  /** For the next page; undefined when there is none. */
  before: ConsentPlace | undefined;
}

/** Where a page ended. */
export interface ConsentPlace {
  block: number;
  position: number;
}

const KINDS = {
  PatientProviderRelationships: [
    "RelationshipApproved",
    "RelationshipSuspended",
    "RelationshipResumed",
    "RelationshipEnded",
  ],
  Consents: ["Granted", "GrantConstrained", "GrantRevoked", "ViewerRevoked", "GlassBroken", "EmergencyReviewed"],
  Registrar: ["AllRevoked"],
  Delegates: ["DelegateAppointed", "DelegateDismissed"],
};

/**
 * What was granted, to whom and by whom, and what was taken back, since the patient is registered.
 *
 * @param patient the client's own when left out
 * @param most how many entries a page has (default: 50); the node is asked about each one's transaction
 * @param before where the page before ended
 * @throws ARGUMENT_INVALID, INDEX_MISSING, NOT_REGISTERED, NODE_BEHIND, and what {@link ChainIndex.sync} throws
 *
 * @example
 * const { history, before } = await consentHistory(client);
 * const older = await consentHistory(client, { before });
 */
export async function consentHistory(
  client: Client,
  { patient, most = 50, before }: { patient?: number; most?: number; before?: ConsentPlace | undefined } = {},
): Promise<ConsentHistory> {
  requireCount("most", most);
  if (patient !== undefined) requireParticipant("patient", patient);
  const id = patient ?? (await ownId(client));
  const wanted = { kinds: KINDS, about: [[id]] };
  const { logs, block, time } = await readEvents(client, [wanted], (events) => ({
    ...{ block: events.block, time: events.time },
    logs: events.of(wanted, { most: most + 1, before }),
  }));
  const page = logs.slice(-most).reverse();
  const [times, actors] = await Promise.all([
    indexOf(client).timesOf(page.map(({ blockHash }) => blockHash)),
    actorsOf(client, page),
  ]);
  const oldest = page.at(-1);
  return {
    ...{ patient: id, block, time },
    history: page.map((log, i) => ({
      ...(noticeOf(client, log, [id]) as Notice<Told>),
      at: times.get(log.blockHash)!,
      actor: actors[i],
    })),
    before:
      logs.length > most && oldest !== undefined ? { block: oldest.blockNumber, position: oldest.index } : undefined,
  };
}
