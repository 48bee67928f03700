import type { ChartChainError } from "../../errors/index.js";
import { isChartChainError } from "../../errors/index.js";
import { CATEGORIES, EVERY_STEWARD, PURPOSES, queryEvents, type Category } from "../../sdk/index.js";
import { titled } from "./untrusted.js";
import { openAs, type Viewer } from "./viewer.js";

const PATIENTS = 20;

export const iso = (seconds: number): string => new Date(seconds * 1000).toISOString();

/** Who reads, for what, and how much more. */
export async function whoami({ client, id, purpose, limit, maxBytes }: Viewer) {
  const { kind, name, roles, inGoodStanding } = await client.describeParticipant({ id });
  return {
    participant: id,
    kind,
    ...(kind === "institution" ? { name: titled(name), roles, licensed: inGoodStanding } : {}),
    chainId: client.deployment.chainId,
    purpose,
    limits: { recordsPerHour: limit.perHour, recordsLeft: limit.left, bytesPerAnswer: maxBytes },
  };
}

/**
 * Whose records are here, and what lets this participant read them until when, by the chain's head.
 *
 * @param cursor the page before this one ended with that patient
 */
export async function listPatients({ client, id, purpose }: Viewer, { cursor = "0" }: { cursor?: string | undefined }) {
  const held = new Map<number, number>();
  for (const { patient, steward } of await client.listRecords()) {
    if (patient !== id && steward !== id) held.set(patient, (held.get(patient) ?? 0) + 1);
  }
  const rest = [...held.keys()].filter((patient) => patient > Number(cursor)).sort((a, b) => a - b);
  const page = rest.slice(0, PATIENTS);
  const patients = [];
  for (const patient of page) {
    const { grants, delegated, emergency } = await client.accessOf({ patient, viewer: id });
    patients.push({
      patient,
      recordsHere: held.get(patient)!,
      grants: grants.map(({ steward, until, ...grant }) => ({
        ...grant,
        keptBy: steward === EVERY_STEWARD ? "everybody" : steward,
        until: iso(until),
        counts: grant.purpose === purpose,
      })),
      ...(delegated.length === 0 ? {} : { delegated }),
      ...(emergency.length === 0 || purpose !== "ETREAT" ? {} : { emergency }),
    });
  }
  return { patients, ...(rest.length > page.length ? { nextCursor: String(page.at(-1)) } : {}) };
}

/** What became of the newest grant that would have let a record be read. */
type Former = { state: "never" } | { state: "expired" | "revoked" | "stands"; until: string };

/** Why a record can't be read now, by trying to open it; nothing of what it says. */
export async function explainRecord(viewer: Viewer, digest: string) {
  try {
    await openAs(viewer, digest, 0);
    return { record: digest, readable: true };
  } catch (error) {
    if (!isChartChainError(error)) throw error;
    const grant = error.code === "CONSENT_DENIED" ? await formerGrant(viewer, error) : undefined;
    return { record: digest, readable: false, ...toldOf(error), ...(grant === undefined ? {} : { grant }) };
  }
}

/** An error as the tools tell it. */
export function toldOf({ code, message, details, hint }: ChartChainError) {
  const { reason } = details;
  return {
    code,
    ...(code === "CONSENT_DENIED" && typeof reason === "string" ? { reason } : {}),
    message,
    ...(hint === undefined ? {} : { hint }),
  };
}

/** The newest word that granted what was denied, and what became of it: by the events of this patient and this viewer alone. */
async function formerGrant({ client, id, purpose }: Viewer, { details }: ChartChainError): Promise<Former> {
  const { patient, steward, category } = details as { patient: number; steward: number; category: Category };
  const { Consents } = client.contracts;
  const filters = [Consents.filters.Granted(patient, id), Consents.filters.GrantConstrained(patient, id)];
  const events = await Promise.all(filters.map((filter) => queryEvents(client, Consents, filter)));
  const isAbout = (from: number): boolean => from === steward || from === EVERY_STEWARD;
  const ends = events
    .flat()
    .filter(({ args }) => PURPOSES[Number(args["purpose"])] === purpose && isAbout(Number(args["steward"])))
    .filter(({ args }) => (Number(args["categories"]) >> CATEGORIES.indexOf(category)) & 1)
    .map(({ args }) => Number(args["until"]));
  if (ends.length === 0) return { state: "never" };
  const { grants } = await client.accessOf({ patient, viewer: id });
  const standing = grants.find(
    (grant) => grant.purpose === purpose && isAbout(grant.steward) && grant.categories.includes(category),
  );
  if (standing !== undefined) return { state: "stands", until: iso(standing.until) };
  const until = Math.max(...ends);
  const head = await client.provider.getBlock("latest");
  const isOver = until <= Math.max(client.clock(), head?.timestamp ?? 0);
  return { state: isOver ? "expired" : "revoked", until: iso(until) };
}
