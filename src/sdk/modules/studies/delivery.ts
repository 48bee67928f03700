import { getBytes, hexlify, randomBytes } from "ethers";

import { decodeKeyWrap, studyDeliveryDigest } from "../../../crypto/index.js";
import { ChartChainError } from "../../../errors/index.js";
import type { StoredCompartment } from "../../../vault/index.js";
import { queryEvents } from "../../chain/events.js";
import { send, type Sent } from "../../chain/transactions.js";
import { currentTime, ownId } from "../../context.js";
import { altered, fromBase64, header, is, malformed, parseHandover, type HandoverHeader } from "../../handover/file.js";
import { callOf, signAction, type SignedActionFile } from "../../handover/signed-action.js";
import { SIGNED } from "./signed.js";
import { CATEGORIES } from "../../vocabulary.js";
import type { DeliveryFile } from "../../release/deliver.js";
import { takeDelivery, type TakenDelivery } from "../../release/take-delivery.js";
import { collectEnvelopes } from "../../release/release-envelopes.js";
import { releaseWhere } from "../../release/release-keys.js";
import { DEFAULT_SIGNATURE_LIFETIME } from "../../people/register.js";
import { studyOf } from "./studies.js";
import { participationOf } from "./participation.js";
import { MODULE, type StudiesContext } from "./contracts.js";

/** One participant's data for a study: what the steward's receipt names by its digest. */
export interface StudyDeliveryFile extends HandoverHeader {
  kind: "chartchain/study-delivery";
  study: number;
  patient: number;
  /** 32 random bytes in hex. */
  salt: string;
  delivery: DeliveryFile;
}

/** Which participant's data goes to which study. */
export interface StudyDeliveryInput {
  study: number;
  patient: number;
}

/**
 * Delivers, as the steward that the patient named, a participant's records to a study: checks that the study is released
 * and that consent stands, releases the keys of the study's categories and the envelopes, and puts a signed receipt on
 * chain. Only then there is a file to hand over, which nobody but the researcher can open.
 *
 * @throws UNKNOWN_STUDY, WRONG_STAGE, NOT_THE_STEWARD, NOT_RELEASED, CONSENT_DENIED, CONSENT_REVOKED, NO_KEYS,
 *   KEY_UNCONFIRMED, NOT_A_RESEARCHER, TOO_LATE, NO_FUNDS
 *
 * @example
 * const { file } = await clinic.deliverToStudy({ study: 1, patient: 7 });
 */
export async function deliverToStudy(
  ctx: StudiesContext,
  input: StudyDeliveryInput,
): Promise<Sent & { file: StudyDeliveryFile }> {
  const { action, file } = await signDeliverToStudy(ctx, input);
  return { ...(await send(ctx, "deliverToStudy", callOf(ctx, action))), file };
}

/**
 * {@link deliverToStudy} with a receipt for somebody else to relay. Hand the file over when the receipt is on chain: the
 * patient is paid by it, and the researcher takes nothing without it.
 *
 * @example
 * const { action, file } = await clinic.signDeliverToStudy({ study: 1, patient: 7 });
 */
export async function signDeliverToStudy(
  ctx: StudiesContext,
  { study, patient, lifetime = DEFAULT_SIGNATURE_LIFETIME }: StudyDeliveryInput & { lifetime?: number },
): Promise<{ action: SignedActionFile; file: StudyDeliveryFile }> {
  const steward = await ownId(ctx);
  const delivery = await studyDelivery(ctx, { study, patient, steward });
  const salt = hexlify(randomBytes(32));
  const file = { ...header(ctx, "chartchain/study-delivery"), study, patient, salt, delivery };
  const deadline = (await currentTime(ctx)) + lifetime;
  const message = { steward, study, patient, dataDigest: digestOf(file), deadline };
  return { action: await signAction(ctx, SIGNED.actions.deliverToStudy, message), file };
}

/**
 * Takes a participant's data into the researcher's vault, after holding it against the steward's receipt on chain.
 *
 * @param file what {@link deliverToStudy} made
 * @throws HANDOVER_…, and what {@link takeDelivery} throws
 *
 * @example
 * await researcher.takeStudyDelivery({ file: JSON.parse(await readFile("delivery.json", "utf8")) });
 */
export async function takeStudyDelivery(ctx: StudiesContext, { file }: { file: unknown }): Promise<TakenDelivery> {
  const shape = { study: is.count, patient: is.id, salt: is.digest, delivery: is.object };
  const given = parseHandover<StudyDeliveryFile>(ctx, "chartchain/study-delivery", shape, file);
  const { Studies } = ctx.contracts;
  const filter = Studies.filters.Delivered(given.study, given.patient);
  const [receipt] = await queryEvents(ctx, Studies, filter);
  if (receipt?.args["dataDigest"] !== digestOf(given)) throw altered("the delivery");
  return takeDelivery(ctx, { file: given.delivery });
}

/** The keys and envelopes of the study's categories, all of them: what went out before is no part of it. */
async function studyDelivery(
  ctx: StudiesContext,
  { study, patient, steward }: StudyDeliveryInput & { steward: number },
): Promise<DeliveryFile> {
  const { researcher: viewer, categories } = await requireDeliverable(ctx, { study, patient, steward });
  const asked = { patient, viewer, purpose: "HRESCH" as const };
  const isAsked = ({ category }: StoredCompartment) => categories.includes(CATEGORIES[category]!);
  const { file: grant } = await releaseWhere(ctx, { ...asked, categories, steward }, isAsked, {
    module: MODULE,
    number: study,
  });
  const compartments = grant.wraps.map((wrap) => hexlify(decodeKeyWrap(fromBase64(wrap)).compartmentId));
  const { files } = await collectEnvelopes(ctx, { ...asked, compartments }, undefined, {
    module: MODULE,
    number: study,
  });
  return { ...header(ctx, "chartchain/delivery"), grant, envelopes: files };
}

/** What the contract would say once the keys are out. */
async function requireDeliverable(ctx: StudiesContext, input: StudyDeliveryInput & { steward: number }) {
  const { study: id, patient, steward } = input;
  const [study, { stage, steward: named }] = await Promise.all([
    studyOf(ctx, { study: id }),
    participationOf(ctx, { study: id, patient }),
  ]);
  const details = { study: id, patient, stage };
  if (stage !== "Joined") {
    throw new ChartChainError("WRONG_STAGE", `patient ${patient} isn't waiting for a delivery to study ${id}`, {
      details,
      hint: "Deliver once, to who joined. For a file that was lost, deliver again for HRESCH without the study.",
    });
  }
  if (named !== steward) {
    throw new ChartChainError("NOT_THE_STEWARD", `patient ${patient} named steward ${named} for study ${id}`, {
      details: { ...details, steward: named },
      hint: "The steward that the patient named delivers.",
    });
  }
  if (!study.released) {
    const { joined, minimum, enrolUntil, closesAt } = study;
    throw new ChartChainError("NOT_RELEASED", `study ${id} releases nothing now`, {
      details: { ...details, joined, minimum, enrolUntil, closesAt },
      hint: "Release it when enrolment is over. A study under its minimum cohort, or closed, releases nothing.",
    });
  }
  return study;
}

function digestOf({ study, patient, salt, delivery }: StudyDeliveryFile): string {
  try {
    return hexlify(studyDeliveryDigest({ salt: getBytes(salt), study, patient, content: delivery }));
  } catch (cause) {
    throw malformed("what it delivers can't be read", cause);
  }
}
