import { queryEvents } from "../chain/events.js";
import { currentTime, ownId, type Context } from "../context.js";
import {
  CATEGORIES,
  categoriesOf,
  EVERY_STEWARD,
  laneEnd,
  purposeIndex,
  PURPOSES,
  STATUSES,
  type Category,
  type Purpose,
  type RelationshipStatus,
  UNCONSTRAINED,
} from "../vocabulary.js";
import { powersOf } from "../people/delegates.js";

/** A grant that stands. */
export interface StandingGrant {
  purpose: Purpose;
  /** Whose records; `EVERY_STEWARD` for a grant over all of them. */
  steward: number;
  categories: Category[];
  /** When the first of its categories ends, in seconds since 1970. */
  until: number;
  /** A constraint narrows it: records go out singly, as far as that admits them. */
  constrained: boolean;
}

/** Everything that lets somebody see a patient's records, by the chain's head. */
export interface AccessOf {
  patient: number;
  viewer: number;
  /** What {@link revokeAccess} takes away. */
  grants: StandingGrant[];
  /** What the viewer has as a delegate or a representative. */
  delegated: Category[];
  /**
   * By whose word the viewer acts in the patient's place: the patient's, whom {@link dismissDelegate} serves, or that of the
   * institution that appointed it and ends it; undefined where it doesn't act.
   */
  delegatedBy: number | undefined;
  /** What a broken glass shows the viewer; {@link revokeAccess} of the viewer ends it. */
  emergency: Category[];
  /** As a provider the viewer sees the records that it keeps while this is Active; {@link endRelationship} ends it. */
  relationship: RelationshipStatus;
}

/**
 * What somebody sees of a patient, and why: grants, the relationship of a provider, a delegate's or representative's
 * powers, a broken glass. Read at the head, from the patient's events; a licence that isn't live takes away what an institution has
 * here.
 *
 * @param patient the client's own when left out
 * @throws NOT_REGISTERED, CHAIN_UNREACHABLE
 *
 * @example
 * const { grants, relationship } = await patient.accessOf({ viewer: 9 });
 */
export async function accessOf(
  ctx: Context,
  { patient: of, viewer }: { patient?: number; viewer: number },
): Promise<AccessOf> {
  const patient = of ?? (await ownId(ctx));
  const { Consents, PatientProviderRelationships, Registrar } = ctx.contracts;
  const now = await currentTime(ctx);
  const [{ status }, powers, glass, [policy], [counters]] = await Promise.all([
    PatientProviderRelationships.relationship(patient, viewer),
    powersOf(ctx, { patient, delegate: viewer }),
    Consents.emergencyOf(patient, viewer),
    Registrar.emergencyOf(patient),
    Consents.grantOf(patient, viewer, purposeIndex("ETREAT"), EVERY_STEWARD),
  ]);
  const isBroken =
    now < Number(glass.until) && glass.accessEpoch === counters.accessEpoch && glass.generation === counters.generation;
  return {
    patient,
    viewer,
    grants: await standingGrants(ctx, patient, viewer, now),
    delegated: [...(powers?.view ?? [])],
    delegatedBy: powers?.source,
    emergency: isBroken ? categoriesOf(Number(glass.categories & policy)) : [],
    relationship: STATUSES[Number(status)]!,
  };
}

/** The grants that were ever made to a viewer, as they stand: the contract keeps no list of them. */
async function standingGrants(ctx: Context, patient: number, viewer: number, now: number): Promise<StandingGrant[]> {
  const { Consents } = ctx.contracts;
  const filters = [Consents.filters.Granted(patient, viewer), Consents.filters.GrantConstrained(patient, viewer)];
  const events = (await Promise.all(filters.map((filter) => queryEvents(ctx, Consents, filter)))).flat();
  const made = new Map(
    events.map(({ args }) => {
      const [purpose, steward] = [Number(args["purpose"]), Number(args["steward"])];
      return [`${purpose}/${steward}`, { purpose, steward }];
    }),
  );
  const grants = await Promise.all(
    [...made.values()].map(async ({ purpose, steward }) => {
      const [[, lanes], constraint] = await Promise.all([
        Consents.grantOf(patient, viewer, purpose, steward),
        Consents.constraintOf(patient, viewer, purpose, steward),
      ]);
      const live = CATEGORIES.filter((category) => laneEnd(lanes, category) > now);
      const until = Math.min(...live.map((category) => laneEnd(lanes, category)));
      return {
        purpose: PURPOSES[purpose]!,
        steward,
        categories: live,
        until,
        constrained: constraint !== UNCONSTRAINED,
      };
    }),
  );
  return grants.filter(({ categories }) => categories.length > 0);
}
