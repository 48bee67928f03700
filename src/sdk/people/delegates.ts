import { queryEvents } from "../chain/events.js";
import { send, type Sent } from "../chain/transactions.js";
import { categoriesMessage } from "../chain/typed-data.js";
import { currentTime, ownId, type Context } from "../context.js";
import { signAction, type SignedActionFile } from "../handover/signed-action.js";
import { SIGNED_ACTIONS } from "../handover/signed/index.js";
import { categoriesOf, categoryIndex, type Category } from "../vocabulary.js";
import { signatureEpochOf } from "./accounts.js";
import { DEFAULT_SIGNATURE_LIFETIME } from "./register.js";

/** What a delegate may do in a patient's place. */
export interface DelegatePowers {
  /** Approve, decline and end relationships, and review break-glasses. */
  approve: boolean;
  /** Grant these to others, and revoke them. */
  grant: readonly Category[];
  /** View these. */
  view: readonly Category[];
}

/** Whom a patient appoints, for what and until when. */
export interface Appointment extends Partial<DelegatePowers> {
  /** The delegate's participant id: a person. */
  delegate: number;
  /** When the powers end, in seconds since 1970; at most ten years ahead. */
  until: number;
}

/** Who may act in a patient's place, or will. */
export interface DelegateEntry extends DelegatePowers {
  delegate: number;
  /** When the powers begin, in seconds since 1970. Ahead: a court's notice, which the patient may dismiss until then. */
  from: number;
  /** When the powers end, in seconds since 1970. */
  until: number;
  /** Who appointed: the patient, or the participant id of the institution whose word it is. */
  source: number;
}

/**
 * Appoints a delegate: a health-care proxy, somebody of the family. Appointing somebody again replaces the powers and the
 * term. A delegate appoints nobody, changes no accounts and consents to no research; {@link revokeAccess} of everything
 * ends delegates, too.
 *
 * @throws DELEGATE_NOT_A_PERSON, DELEGATE_IS_PATIENT, MISSING_POWERS, INVALID_DELEGATE_TERM,
 *   APPOINTED_BY_INSTITUTION, RECOVERY_PENDING
 *
 * @example
 * await client.appointDelegate({ delegate: 9, approve: true, grant: ["SUMMARY"], view: ["SUMMARY"], until });
 */
export async function appointDelegate(ctx: Context, { delegate, until, ...powers }: Appointment): Promise<Sent> {
  const { approve = false, grant = [], view = [] } = powers;
  return send(ctx, "appointDelegate", {
    contract: ctx.contracts.Delegates,
    method: "appoint",
    args: [delegate, { approving: approve, granting: maskOf(grant), viewing: maskOf(view) }, until],
  });
}

/** Signs an appointment for somebody else to relay. It dies with the next change of the same delegate. */
export async function signAppointDelegate(
  ctx: Context,
  { delegate, until, lifetime = DEFAULT_SIGNATURE_LIFETIME, ...powers }: Appointment & { lifetime?: number },
): Promise<SignedActionFile> {
  const patient = await ownId(ctx);
  const { approve = false, grant = [], view = [] } = powers;
  return signAction(ctx, SIGNED_ACTIONS.appointDelegate, {
    patient,
    delegate,
    approvesRelationships: approve,
    grants: categoriesMessage(maskOf(grant)),
    views: categoriesMessage(maskOf(view)),
    until,
    signatureEpoch: await signatureEpochOf(ctx, patient),
    version: await versionOf(ctx, patient, delegate),
    deadline: (await currentTime(ctx)) + lifetime,
  });
}

/**
 * Ends a delegate's powers, or, before it counts, what a court announced. The client's own patient's unless another is named:
 * a delegate resigns that way.
 *
 * @throws NOT_EMPOWERED, NOT_A_DELEGATE; APPOINTED_BY_INSTITUTION for what an institution appointed, once it counts
 */
export async function dismissDelegate(
  ctx: Context,
  { delegate, patient }: { delegate: number; patient?: number },
): Promise<Sent> {
  return send(ctx, "dismissDelegate", {
    contract: ctx.contracts.Delegates,
    method: "dismiss",
    args: [patient ?? (await ownId(ctx)), delegate],
  });
}

/** Signs a dismissal for somebody else to relay. */
export async function signDismissDelegate(
  ctx: Context,
  { delegate, lifetime = DEFAULT_SIGNATURE_LIFETIME }: { delegate: number; lifetime?: number },
): Promise<SignedActionFile> {
  const patient = await ownId(ctx);
  return signAction(ctx, SIGNED_ACTIONS.dismissDelegate, {
    patient,
    delegate,
    version: await versionOf(ctx, patient, delegate),
    deadline: (await currentTime(ctx)) + lifetime,
  });
}

/** What somebody may do now in a patient's place, whoever appointed; undefined for nothing. */
export async function powersOf(
  ctx: Context,
  { patient, delegate }: { patient: number; delegate: number },
): Promise<DelegateEntry | undefined> {
  const [[powers, until], { from, source }] = await Promise.all([
    ctx.contracts.Delegates.powersOf(patient, delegate),
    ctx.contracts.Delegates.delegationOf(patient, delegate),
  ]);
  return until === 0n ? undefined : entryOf(patient, delegate, { ...powersIn(powers), from, until, source });
}

/**
 * Everybody who may act in a patient's place now, and whom a court announced.
 *
 * @example
 * const announced = (await client.listDelegates({ patient })).filter(({ from }) => from > now);
 */
export async function listDelegates(ctx: Context, { patient }: { patient: number }): Promise<DelegateEntry[]> {
  const { Delegates } = ctx.contracts;
  const appointments = await queryEvents(ctx, Delegates, Delegates.filters.DelegateAppointed(patient));
  const ids = [...new Set(appointments.map(({ args }) => Number(args["delegate"])))];
  const now = await currentTime(ctx);
  const entries = await Promise.all(
    ids.map(async (delegate) => {
      const stored = await Delegates.delegationOf(patient, delegate);
      if (now >= Number(stored.from)) return powersOf(ctx, { patient, delegate });
      const { from, until, source } = stored;
      return entryOf(patient, delegate, { ...powersIn(stored), from, until, source });
    }),
  );
  return entries.filter((entry) => entry !== undefined);
}

const powersIn = (powers: { approving: boolean; granting: bigint; viewing: bigint }): DelegatePowers => ({
  approve: powers.approving,
  grant: categoriesOf(Number(powers.granting)),
  view: categoriesOf(Number(powers.viewing)),
});

const entryOf = (
  patient: number,
  delegate: number,
  { from, until, source, ...powers }: DelegatePowers & { from: bigint; until: bigint; source: bigint },
): DelegateEntry => ({
  delegate,
  ...powers,
  from: Number(from),
  until: Number(until),
  source: source === 0n ? patient : Number(source),
});

/** How often an appointment was written. */
export const versionOf = async (ctx: Context, patient: number, delegate: number): Promise<number> =>
  Number((await ctx.contracts.Delegates.delegationOf(patient, delegate)).version);

/** A bit for each category; 0 for none. */
export const maskOf = (names: readonly string[]): number =>
  names.reduce((mask, name) => mask | (1 << categoryIndex(name)), 0);
