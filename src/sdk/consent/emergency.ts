import { hexlify, keccak256, randomBytes, toUtf8Bytes, concat } from "ethers";

import { ChartChainError, FORMAT_VERSION, refuseNewer } from "../../errors/index.js";
import { queryEvents } from "../chain/events.js";
import { send, type Sent } from "../chain/transactions.js";
import { currentTime, ownId, requireVault, type Context } from "../context.js";
import { header, is, parseHandover, type HandoverHeader } from "../handover/file.js";
import { signAction, type SignedActionFile } from "../handover/signed-action.js";
import { SIGNED_ACTIONS } from "../handover/signed/index.js";
import { nameForReduction, nameOrProblem, verifiedName } from "../people/participants.js";
import { categoriesOf, OUTCOMES, type Category, type Outcome } from "../vocabulary.js";
import { DEFAULT_SIGNATURE_LIFETIME } from "../people/register.js";

/** The reason for a break-glass: the chain has its salted digest, whoever reviews gets this. */
export interface EmergencyReasonFile extends HandoverHeader {
  kind: "chartchain/emergency-reason";
  patient: number;
  responder: number;
  number: number;
  reason: string;
  /** 32 random bytes in hex. */
  salt: string;
}

/** What breaking the glass came to. */
export interface BrokenGlass extends Sent {
  /** Counts the responder's break-glasses at this patient. */
  number: number;
  /** When it ends, in seconds since 1970. */
  until: number;
  categories: Category[];
  /** For the review: give it to the patient, or a delegate, or the authority. */
  reasonFile: EmergencyReasonFile;
}

/** A break-glass, as the patient sees it. */
export interface EmergencyEntry {
  patient: number;
  responder: number;
  /** The responder's verified name; empty when {@link problem} says that it can't be verified. */
  responderName: string;
  number: number;
  categories: Category[];
  /** When it ends or ended, in seconds since 1970. */
  until: number;
  reasonDigest: string;
  outcome: Outcome;
  block: number;
  /** What is wrong with the responder's name; undefined when nothing is. */
  problem: string | undefined;
}

/** Four hours, in seconds. */
const LONGEST = 4 * 60 * 60;

/**
 * Breaks the glass: what the patient's policy admits may be viewed for ETREAT, for four hours at the most. Everybody sees
 * that it happened. Whoever keeps the records hands them out one by one on seeing it, the steward's client or the patient's
 * device: `steward.deliver({ patient, viewer, purpose: "ETREAT" })`.
 *
 * @param patient from the emergency card, or from {@link resolve}
 * @param reason for the review; only its salted digest goes on chain
 * @param seconds how long it is needed
 * @throws NOT_CERTIFIED_FOR_EMERGENCIES, OPTED_OUT, GLASS_ALREADY_BROKEN, EXPIRY_TOO_FAR
 *
 * @example
 * const { until, reasonFile } = await ambulance.breakGlass({ patient: 7, reason: "unconscious after a fall" });
 */
export async function breakGlass(
  ctx: Context,
  { patient, reason, seconds = LONGEST }: { patient: number; reason: string; seconds?: number },
): Promise<BrokenGlass> {
  if (reason.trim() === "") {
    throw new ChartChainError("MISSING_REASON", "breaking the glass needs a reason", {
      hint: "Say in a few words what happened: the patient will read it.",
    });
  }
  const salt = hexlify(randomBytes(32));
  // The contract counts from the block's time, which is never before the newest one's.
  const head = await ctx.provider.getBlock("latest");
  const until = (head?.timestamp ?? 0) + seconds;
  const digest = reasonDigest({ reason, salt });
  // Before it is sent: without the salt nobody could check the reason, whatever becomes of this process.
  ctx.vault?.settings.set(keptReason(digest), { reason, salt });
  const sent = await send(ctx, "breakGlass", {
    contract: ctx.contracts.Consents,
    method: "breakGlass",
    args: [patient, until, digest],
  });
  const event = sent.events["GlassBroken"];
  const number = Number(event?.["number"]);
  const responder = Number(event?.["responder"]);
  return {
    ...sent,
    number,
    until,
    categories: categoriesOf(Number(event?.["categories"])),
    reasonFile: { ...header(ctx, "chartchain/emergency-reason"), patient, responder, number, reason, salt },
  };
}

/**
 * Makes the reason's file again, out of the vault of the client who broke the glass.
 *
 * @param number which of the client's break-glasses at this patient, from 1
 * @throws UNKNOWN_EMERGENCY, REASON_NOT_KEPT
 *
 * @example
 * const file = await ambulance.emergencyReasonOf({ patient: 7, number: 1 });
 */
export async function emergencyReasonOf(
  ctx: Context,
  { patient, number }: { patient: number; number: number },
): Promise<EmergencyReasonFile> {
  const responder = await ownId(ctx);
  const { args } = await emergencyEvent(ctx, { patient, responder, number });
  const kept = requireVault(ctx).settings.get(keptReason(args["reasonDigest"] as string));
  if (kept !== undefined) {
    const { reason, salt } = kept as { reason: string; salt: string };
    return { ...header(ctx, "chartchain/emergency-reason"), patient, responder, number, reason, salt };
  }
  throw new ChartChainError("REASON_NOT_KEPT", "this vault doesn't have the reason", {
    details: { patient, number },
    hint: "Open the vault with which the glass was broken.",
  });
}

/**
 * Reads the reason of a break-glass and makes sure that it is the one that was given at the time.
 *
 * @throws HANDOVER_…, UNKNOWN_EMERGENCY, REASON_ALTERED
 */
export async function readEmergencyReason(ctx: Context, { file }: { file: unknown }): Promise<EmergencyReasonFile> {
  // As long as it was when it was given: a reason that can't be read is none.
  const isReason = (value: unknown) => typeof value === "string";
  const shape = { patient: is.id, responder: is.id, number: is.count, reason: isReason, salt: is.digest };
  const given = parseHandover<EmergencyReasonFile>(ctx, "chartchain/emergency-reason", shape, file);
  const { patient, responder, number } = given;
  const entry = await emergencyEvent(ctx, given);
  if (entry.args["reasonDigest"] === reasonDigest(given)) return given;
  throw new ChartChainError("REASON_ALTERED", "the reason isn't the one that was given when the glass was broken", {
    details: { patient, responder, number },
    hint: "Don't rely on it; take it into account in the review.",
  });
}

const keptReason = (digest: string) => `emergency-reason:${digest}`;

async function emergencyEvent(
  ctx: Context,
  { patient, responder, number }: { patient: number; responder: number; number: number },
) {
  const entry = (await emergencyEvents(ctx, patient)).find(
    ({ args }) => Number(args["responder"]) === responder && Number(args["number"]) === number,
  );
  if (entry !== undefined) return entry;
  throw new ChartChainError("UNKNOWN_EMERGENCY", `participant ${responder} broke no glass number ${number}`, {
    details: { patient, responder, number },
    hint: "Check the numbers with who gave them.",
  });
}

/**
 * Every break-glass at a patient, with what was found out about it. One whose responder's name can't be verified is listed with
 * its problem, beside the others.
 *
 * @throws CHAIN_UNREACHABLE, CHAIN_CALL_FAILED
 *
 * @example
 * for (const { responder, problem } of await alice.listEmergencies({ patient: 7 })) console.log(responder, problem);
 */
export async function listEmergencies(ctx: Context, { patient }: { patient: number }): Promise<EmergencyEntry[]> {
  const { Consents } = ctx.contracts;
  const events = await emergencyEvents(ctx, patient);
  return Promise.all(
    events.map(async ({ args, blockNumber }) => {
      const responder = Number(args["responder"]);
      const number = Number(args["number"]);
      const [review, latest, { name: responderName, problem }] = await Promise.all([
        Consents.reviewOf(patient, responder, number),
        Consents.emergencyOf(patient, responder),
        nameOrProblem(ctx, responder),
      ]);
      return {
        patient,
        responder,
        responderName,
        number,
        categories: categoriesOf(Number(args["categories"])),
        // A review may have ended the latest one early.
        until: Number(Number(latest.number) === number ? latest.until : args["until"]),
        reasonDigest: args["reasonDigest"] as string,
        outcome: OUTCOMES[Number(review.outcome)]!,
        block: blockNumber,
        problem,
      };
    }),
  );
}

/** Which break-glass is reviewed, and whether there was an emergency. One without ends at once. */
export interface EmergencyReview {
  responder: number;
  number: number;
  justified: boolean;
  /** The client's own when left out; a delegate who approves relationships names the patient. */
  patient?: number;
}

/** Reviews a break-glass. Throws NO_SUCH_EMERGENCY, ALREADY_REVIEWED, NOT_EMPOWERED. */
export async function reviewEmergency(ctx: Context, review: EmergencyReview): Promise<Sent> {
  const { patient = await ownId(ctx), responder, number, justified } = review;
  return send(ctx, "reviewEmergency", {
    contract: ctx.contracts.Consents,
    method: "review",
    args: [patient, responder, number, outcomeIndex(justified)],
  });
}

/** Signs a review for somebody else to relay. */
export async function signReviewEmergency(
  ctx: Context,
  { lifetime = DEFAULT_SIGNATURE_LIFETIME, ...review }: EmergencyReview & { lifetime?: number },
): Promise<SignedActionFile> {
  const { patient = await ownId(ctx), responder, number, justified } = review;
  return signAction(ctx, SIGNED_ACTIONS.reviewEmergency, {
    patient,
    responder,
    responderName: await (justified ? verifiedName : nameForReduction)(ctx, responder),
    number,
    justified,
    deadline: (await currentTime(ctx)) + lifetime,
  });
}

/** Reviews a break-glass as the authority, unless the patient did already. */
export const reviewEmergencyAsAuthority = (
  ctx: Context,
  { patient, responder, number, justified }: Required<EmergencyReview>,
): Promise<Sent> =>
  send(ctx, "reviewEmergencyAsAuthority", {
    contract: ctx.contracts.Consents,
    method: "reviewAsAuthority",
    args: [patient, responder, number, outcomeIndex(justified)],
  });

/**
 * The text of an emergency card: a patient carries it as a QR code, so that a responder finds the participant of somebody
 * who is unconscious. It says who, and nothing about health; seeing anything still takes a certified responder.
 */
export async function emergencyCard(ctx: Context): Promise<string> {
  const { chainId, contracts } = ctx.deployment;
  return `chartchain:emergency?v=${FORMAT_VERSION}&chain=eip155:${chainId}&registrar=${contracts.Registrar}&participant=${await ownId(ctx)}`;
}

/**
 * Reads an emergency card.
 *
 * @returns the patient
 * @throws FORMAT_NEWER, EMERGENCY_CARD_UNREADABLE, HANDOVER_WRONG_CHAIN, UNKNOWN_PARTICIPANT
 */
export async function readEmergencyCard(ctx: Context, { card }: { card: string }): Promise<{ patient: number }> {
  refuseNewer("emergency card", Number(/^chartchain:emergency\?v=(\d{1,15})&/.exec(card.trim())?.[1]));
  const match =
    /^chartchain:emergency\?v=1&chain=eip155:(\d{1,15})&registrar=(0x[0-9a-fA-F]{40})&participant=(\d{1,13})$/.exec(
      card.trim(),
    );
  if (match === null) {
    throw new ChartChainError("EMERGENCY_CARD_UNREADABLE", "this is not the text of an emergency card", {
      hint: "Scan it again. It begins with chartchain:emergency.",
    });
  }
  const { chainId, contracts } = ctx.deployment;
  if (Number(match[1]) !== chainId || match[2]!.toLowerCase() !== contracts.Registrar.toLowerCase()) {
    throw new ChartChainError("HANDOVER_WRONG_CHAIN", "the card is of another network", {
      details: { chainId: Number(match[1]), expected: chainId },
      hint: "Look the patient up in the network that the card names.",
    });
  }
  const patient = Number(match[3]);
  if (!(await ctx.contracts.Registrar.isPerson(patient))) {
    throw new ChartChainError("UNKNOWN_PARTICIPANT", `there is no patient ${patient}`, {
      details: { participant: patient },
      hint: "Scan the card again.",
    });
  }
  return { patient };
}

const emergencyEvents = (ctx: Context, patient: number) =>
  queryEvents(ctx, ctx.contracts.Consents, ctx.contracts.Consents.filters.GlassBroken(patient));

const reasonDigest = ({ reason, salt }: { reason: string; salt: string }): string =>
  keccak256(concat([toUtf8Bytes("ChartChain emergency reason v1"), salt, toUtf8Bytes(reason)]));

const outcomeIndex = (justified: boolean): number => OUTCOMES.indexOf(justified ? "Justified" : "Unjustified");
