import type { Client } from "../../sdk/index.js";
import { requireParticipant, requireSpan } from "../arguments.js";
import type { AsOf } from "./reading.js";
import { isOpen, type RelationshipNow, relationshipsOf } from "./relationships.js";

/** The patients of a provider. */
export interface Patients extends AsOf {
  /** Those whose relationship is active or suspended. */
  patients: RelationshipNow[];
  /** Of these, those whose relationship ends within the days that were asked for, the next one first. */
  ending: RelationshipNow[];
  /** Whoever hasn't answered a proposal yet. */
  proposed: RelationshipNow[];
}

const DAY = 24 * 60 * 60;

/**
 * A provider's patients, since when and until when, and whose relationship ends soon.
 *
 * @param provider the client's own when left out
 * @param endingWithin how soon, in days (default: 30)
 * @throws as {@link relationshipsOf}
 *
 * @example
 * const { ending } = await patientsOf(hospital, { endingWithin: 14 });
 */
export async function patientsOf(
  client: Client,
  { provider, endingWithin = 30 }: { provider?: number; endingWithin?: number } = {},
): Promise<Patients> {
  requireSpan("endingWithin", endingWithin);
  if (provider !== undefined) requireParticipant("provider", provider);
  const { block, time, relationships } = await relationshipsOf(
    client,
    provider === undefined ? {} : { participant: provider },
  );
  const patients = relationships.filter(({ status }) => isOpen(status));
  return {
    ...{ block, time, patients },
    ending: patients
      .filter(({ until }) => until !== 0 && until - time <= endingWithin * DAY)
      .sort((a, b) => a.until - b.until),
    proposed: relationships.filter(({ status }) => status === "Proposed"),
  };
}
