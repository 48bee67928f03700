import { ChartChainError } from "../../../errors/index.js";
import { queryEvents } from "../../chain/events.js";
import { send, type Sent } from "../../chain/transactions.js";
import { currentTime, ownId } from "../../context.js";
import { signAction, type SignedActionFile } from "../../handover/signed-action.js";
import { authorizationOf } from "../../handover/signed/action.js";
import { SIGNED } from "./signed.js";
import { verifiedName } from "../../people/participants.js";
import { wholeMinute } from "../../time.js";
import { laneEnd, purposeIndex, type Category } from "../../vocabulary.js";
import { STUDY_STAGES, type StudyStage } from "./stages.js";
import { signatureEpochOf, signedPartOf } from "../../people/accounts.js";
import { signGrantAccess } from "../../consent/grant-access.js";
import { DEFAULT_SIGNATURE_LIFETIME } from "../../people/register.js";
import { revokeAccess, signRevokeAccess } from "../../consent/revoke-access.js";
import { keepTerms, studyOf, type Study } from "./studies.js";
import { matchTerms, readStudyTerms, researchPreferences, type VerifiedStudy } from "./terms.js";
import type { StudiesContext } from "./contracts.js";
import type { Said } from "../../chain/typed-data.js";
import type { SignedMessage } from "../../handover/signed/action.js";
import type { GRANT } from "../../handover/signed/consent.js";

/** One patient's part in a study. */
export interface Participation {
  study: number;
  patient: number;
  stage: StudyStage;
  /** Whether the patient has the money. */
  paid: boolean;
  /** Who keeps the data. */
  steward: number;
  /** In seconds since 1970; 0: not yet. */
  deliveredAt: number;
  /** Until when the patient may dispute the delivery, and from when it is paid; in seconds since 1970; 0: not yet. */
  disputableUntil: number;
  /** Until when an open dispute is answered or decided, in seconds since 1970; 0: there is none. */
  deadline: number;
}

/** Which study to join, and whose records go into it. */
export interface JoinInput {
  /** The study's terms, as the researcher handed them over. */
  terms: unknown;
  /** Who keeps the records: a provider with an active relationship. */
  steward: number;
  /**
   * When the grant ends, in seconds since 1970; with the study when left out, or where the same researcher was granted
   * some of it for longer: a grant has one end, and another study isn't to lose what it needs.
   */
  until?: number;
  /** Join although the standing preferences say no. */
  despitePreferences?: boolean;
}

/** What a patient signs to leave a study. */
export interface SignedWithdrawal {
  withdrawal: SignedActionFile;
  /** Undefined where other studies of the same researcher need the whole grant. */
  revocation: SignedActionFile | undefined;
}

/**
 * Joins a study: verifies the terms against the chain and the standing preferences, and signs the grant to the researcher
 * (HRESCH, the study's categories at one steward, until the study closes), which the contract writes with the same
 * transaction. Keys aren't released before the cohort is large enough.
 *
 * @throws what {@link readStudyTerms} throws; STUDY_NOT_WANTED; NOT_AN_ACTIVE_STEWARD, ENROLMENT_CLOSED, STUDY_NOT_OPEN,
 *   ALREADY_TOOK_PART, PATIENT_NOT_ATTESTED, NOT_A_RESEARCHER, GRANT_DOES_NOT_FIT, EXPIRY_TOO_FAR, RECOVERY_PENDING,
 *   NO_FUNDS
 *
 * @example
 * await patient.joinStudy({ terms: JSON.parse(await readFile("terms.json", "utf8")), steward: 4 });
 */
export async function joinStudy(ctx: StudiesContext, input: JoinInput): Promise<Sent> {
  const { study, until, consent } = await consentTo(ctx, input, DEFAULT_SIGNATURE_LIFETIME);
  return send(ctx, "joinStudy", {
    contract: ctx.contracts.Studies,
    method: "join",
    args: [study.study, input.steward, until, authorizationOf(consent)],
  });
}

/**
 * Signs the consent to a study, and the grant that it needs, for somebody else to relay: the patient needs no ether.
 *
 * @param lifetime how long both signatures count, in seconds
 * @throws what {@link joinStudy} throws before it sends
 *
 * @example
 * const file = await patient.signJoinStudy({ terms, steward: 4 });
 */
export async function signJoinStudy(
  ctx: StudiesContext,
  { lifetime = DEFAULT_SIGNATURE_LIFETIME, ...input }: JoinInput & { lifetime?: number },
): Promise<SignedActionFile> {
  const { study, consent } = await consentTo(ctx, input, lifetime);
  const patient = await ownId(ctx);
  const [researcherName, stewardName] = await Promise.all([
    verifiedName(ctx, study.researcher),
    verifiedName(ctx, input.steward),
  ]);
  const message = {
    patient,
    study: study.study,
    researcher: study.researcher,
    researcherName,
    steward: input.steward,
    stewardName,
    termsDigest: study.termsDigest,
    price: String(study.price),
    minimum: study.minimum,
    signatureEpoch: await signatureEpochOf(ctx, patient),
    deadline: (await currentTime(ctx)) + lifetime,
  };
  // Signed here, a moment ago.
  const granted = signedPartOf(consent) as SignedMessage<Said<typeof GRANT>>;
  return signAction(ctx, SIGNED.actions.joinStudy, message, { consent: granted });
}

/**
 * Withdraws from a study and takes the grant back, as far as no other study of the same researcher that the patient takes
 * part in needs it. What was delivered stays due; nothing more is delivered. Run again, it finishes what was interrupted.
 *
 * @throws WRONG_STAGE, STUDY_NOT_OPEN, UNKNOWN_STUDY, NO_FUNDS
 *
 * @example
 * await patient.withdrawFromStudy({ study: 1 });
 */
export async function withdrawFromStudy(ctx: StudiesContext, { study }: { study: number }): Promise<Sent> {
  const revocation = await revocationFor(ctx, study);
  // First: it alone stops deliveries.
  if (revocation !== undefined) await revokeAccess(ctx, revocation);
  return send(ctx, "withdrawFromStudy", { contract: ctx.contracts.Studies, method: "withdraw", args: [study] });
}

/**
 * Signs a withdrawal and the revocation that goes with it, for somebody else to relay.
 *
 * @example
 * const { withdrawal, revocation } = await patient.signWithdrawFromStudy({ study: 1 });
 */
export async function signWithdrawFromStudy(
  ctx: StudiesContext,
  { study, lifetime = DEFAULT_SIGNATURE_LIFETIME }: { study: number; lifetime?: number },
): Promise<SignedWithdrawal> {
  const revocation = await revocationFor(ctx, study);
  return {
    withdrawal: await signForStudy(ctx, SIGNED.actions.withdrawFromStudy, study, lifetime),
    revocation: revocation && (await signRevokeAccess(ctx, { ...revocation, lifetime })),
  };
}

/**
 * Disputes a delivery within seven days: nobody is paid for it, unless the steward answers within fourteen days and the
 * dispute is decided for it ({@link answerDispute}).
 *
 * @throws WRONG_STAGE, TOO_LATE, STUDY_NOT_OPEN, NO_FUNDS
 *
 * @example
 * await patient.disputeDelivery({ study: 1 });
 */
export const disputeDelivery = (ctx: StudiesContext, { study }: { study: number }): Promise<Sent> =>
  send(ctx, "disputeDelivery", { contract: ctx.contracts.Studies, method: "dispute", args: [study] });

/**
 * Signs a dispute for somebody else to relay.
 *
 * @example
 * const file = await patient.signDisputeDelivery({ study: 1 });
 */
export const signDisputeDelivery = (
  ctx: StudiesContext,
  { study, lifetime = DEFAULT_SIGNATURE_LIFETIME }: { study: number; lifetime?: number },
): Promise<SignedActionFile> => signForStudy(ctx, SIGNED.actions.disputeDelivery, study, lifetime);

/**
 * One patient's part in a study; its stage is `None` for who takes no part.
 *
 * @param patient the client's own when left out
 * @throws NOT_REGISTERED, CHAIN_UNREACHABLE
 *
 * @example
 * const { stage } = await patient.participationOf({ study: 1 });
 */
export async function participationOf(
  ctx: StudiesContext,
  { study, patient }: { study: number; patient?: number },
): Promise<Participation> {
  const { Studies } = ctx.contracts;
  const id = patient ?? (await ownId(ctx));
  const [{ stage, paid, steward, deliveredAt, deadline }, term] = await Promise.all([
    Studies.participationOf(study, id),
    Studies.DISPUTE_TERM(),
  ]);
  return {
    study,
    patient: id,
    stage: STUDY_STAGES[Number(stage)]!,
    paid,
    steward: Number(steward),
    deliveredAt: Number(deliveredAt),
    disputableUntil: deliveredAt === 0n ? 0 : Number(deliveredAt + term),
    deadline: DISPUTED.includes(STUDY_STAGES[Number(stage)]!) ? Number(deadline) : 0,
  };
}

/** Checks everything that a patient would want checked, and signs the grant. */
async function consentTo(
  ctx: StudiesContext,
  { terms, steward, until, despitePreferences = false }: JoinInput,
  lifetime: number,
): Promise<{ study: VerifiedStudy; until: number; consent: SignedActionFile }> {
  const study = await readStudyTerms(ctx, { file: terms });
  const { matches, reasons } = matchTerms(study, await researchPreferences(ctx));
  if (!matches && !despitePreferences) {
    const details = { study: study.study, reasons };
    throw new ChartChainError(
      "STUDY_NOT_WANTED",
      `study ${study.study} doesn't fit the preferences: ${reasons.map(({ detail }) => detail).join("; ")}`,
      {
        details,
        hint: "Change the preferences, or join despite them: despitePreferences, on the command line --despite-preferences.",
      },
    );
  }
  const patient = await ownId(ctx);
  if (!(await ctx.contracts.PatientProviderRelationships.isActive(patient, steward))) {
    throw new ChartChainError(
      "NOT_AN_ACTIVE_STEWARD",
      `participant ${steward} keeps no records of patient ${patient}`,
      {
        details: { patient, steward },
        hint: "Name a provider with an active relationship: it delivers the data.",
      },
    );
  }
  keepTerms(ctx, study.termsDigest, study.terms);
  const end = wholeMinute(until ?? (await neededUntil(ctx, study, patient, steward)));
  const { researcher: viewer, categories } = study;
  const grant = { viewer, purpose: "HRESCH" as const, steward, categories, until: end, lifetime };
  return { study, until: end, consent: await signGrantAccess(ctx, grant) };
}

/** A grant counts to the minute and has to last as long as the study; it isn't to shorten what stands already. */
async function neededUntil(
  ctx: StudiesContext,
  { researcher, categories, closesAt }: Study,
  patient: number,
  steward: number,
): Promise<number> {
  const { Consents } = ctx.contracts;
  const [, lanes] = await Consents.grantOf(patient, researcher, purposeIndex("HRESCH"), steward);
  const ends = categories.map((category) => laneEnd(lanes, category));
  return Math.max(closesAt + 59, ...ends);
}

async function signForStudy(
  ctx: StudiesContext,
  action: typeof SIGNED.actions.withdrawFromStudy,
  study: number,
  lifetime: number,
): Promise<SignedActionFile> {
  const deadline = (await currentTime(ctx)) + lifetime;
  return signAction(ctx, action, { patient: await ownId(ctx), study, deadline });
}

/** What to revoke: the study's categories without those that other studies of the researcher need. */
async function revocationFor(ctx: StudiesContext, id: number) {
  const { Studies } = ctx.contracts;
  const patient = await ownId(ctx);
  const study = await studyOf(ctx, { study: id });
  const { steward } = await requireLeavable(ctx, study, patient);
  const joined = await queryEvents(ctx, Studies, Studies.filters.Joined(undefined, patient, steward));
  const now = await currentTime(ctx);
  const needed = new Set<Category>();
  for (const { args } of joined) {
    const other = Number(args["study"]);
    if (other === id) continue;
    const [{ stage }, { researcher, status, closesAt, categories }] = await Promise.all([
      participationOf(ctx, { study: other, patient }),
      studyOf(ctx, { study: other }),
    ]);
    if (!LEAVABLE.includes(stage) || researcher !== study.researcher || status !== "Open" || closesAt <= now) continue;
    for (const category of categories) needed.add(category);
  }
  const categories = study.categories.filter((category) => !needed.has(category));
  if (categories.length === 0) return undefined;
  return { viewer: study.researcher, purpose: "HRESCH" as const, steward, categories };
}

const DISPUTED: readonly StudyStage[] = ["Disputed", "Answered", "Acknowledged"];
const LEAVABLE: readonly StudyStage[] = ["Joined", "Delivered"];

/** What the contract would say once the grant is revoked. */
async function requireLeavable(ctx: StudiesContext, { study, status }: Study, patient: number): Promise<Participation> {
  const participation = await participationOf(ctx, { study, patient });
  const { stage } = participation;
  const hint = "Nothing was sent. A grant is revoked without the study, too.";
  if (status !== "Open") {
    throw new ChartChainError("STUDY_NOT_OPEN", `study ${study} has ended`, { details: { study, status }, hint });
  }
  if (!LEAVABLE.includes(stage)) {
    throw new ChartChainError("WRONG_STAGE", `patient ${patient} can't leave study ${study} (${stage})`, {
      details: { study, patient, stage },
      hint,
    });
  }
  return participation;
}
