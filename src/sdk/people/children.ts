import { ChartChainError } from "../../errors/index.js";
import { attestationCode, childAttestationCode, refuseOtherCode } from "./attestation-code.js";
import { send, type Sent } from "../chain/transactions.js";
import { CHILD_REGISTRATION, COMING_OF_AGE_ACCOUNT } from "../handover/signed/children.js";
import { currentTime, ownId, requireSigner, type Context } from "../context.js";
import { header, is, parseHandover, type HandoverHeader } from "../handover/file.js";
import { checkMessage, signMessage } from "../handover/signature.js";
import type { SignedMessage } from "../handover/signed/action.js";
import { signAction, type SignedActionFile } from "../handover/signed-action.js";
import { authorizationOf } from "../handover/signed/action.js";
import { SIGNED_ACTIONS } from "../handover/signed/index.js";
import { signatureEpochFor, signatureEpochOf, signedPartOf } from "./accounts.js";
import { identityCommitment } from "./identity.js";
import { prepareNextKey } from "./keys.js";
import { currentKeyDocument, DEFAULT_SIGNATURE_LIFETIME, type Registered } from "./register.js";
import type { Said } from "../chain/typed-data.js";

/** A parent's request to a clinic: which child, known to the clinic under which number. */
export interface ChildRequest {
  /** The participant id of who represents the child. */
  representative: number;
  /** The digest of the child's key document, from {@link prepareChild}. */
  keyDocument: string;
  /** What the clinic knows the child under: system and value in one text. */
  identifier: string;
  /** From {@link identitySalt}; give it to the representative as well. */
  salt: string;
  /** The calendar year in which the child comes of age: a year doesn't tell a birthday. */
  comesOfAgeIn: number;
}

/** A clinic's word that a child is in a person's care. */
export interface ChildAttestationFile extends HandoverHeader, SignedMessage<Said<typeof CHILD_REGISTRATION>> {
  kind: "chartchain/child-attestation";
}

/** What somebody who came of age asks a clinic to attest: the new account's word, and the key that goes with it. */
export interface ComingOfAgeFile extends HandoverHeader, SignedMessage<Said<typeof COMING_OF_AGE_ACCOUNT>> {
  kind: "chartchain/coming-of-age-request";
}

/**
 * Prepares a child's key document: the representative's vault opens what is sealed for the child.
 *
 * @returns its digest, for the clinic
 */
export const prepareChild = (ctx: Context): Promise<string> => currentKeyDocument(ctx);

/**
 * The code of the client's person and of what {@link prepareChild} makes here, for the person's screen: whatever file the
 * clinic has, it is of this vault's key.
 *
 * @throws NOT_REGISTERED
 *
 * @example
 * console.log(await parent.ownChildCode());
 */
export const ownChildCode = async (ctx: Context): Promise<string> =>
  childAttestationCode({ representative: await ownId(ctx), keyDocument: await prepareChild(ctx) });

/**
 * Attests, as a clinic, that a child is in a person's care.
 *
 * @param code the one on the representative's screen ({@link ownChildCode}), which staff compared with this request's
 * @throws ATTESTATION_CODE_DIFFERS
 *
 * @example
 * const file = await clinic.attestChild({ representative: 7, keyDocument, code, identifier: "http://clinic.example/mrn|9", salt, comesOfAgeIn: 2040 });
 */
export async function attestChild(
  ctx: Context,
  {
    representative,
    keyDocument,
    code,
    identifier,
    salt,
    comesOfAgeIn,
    lifetime = DEFAULT_SIGNATURE_LIFETIME,
  }: ChildRequest & {
    code: string;
    lifetime?: number;
  },
): Promise<ChildAttestationFile> {
  refuseOtherCode(childAttestationCode({ representative, keyDocument }), code, { representative });
  const issuer = await ownId(ctx);
  const commitment = identityCommitment({ issuer, identifier, salt });
  const deadline = (await currentTime(ctx)) + lifetime;
  const message = { issuer, representative, keyDocument, commitment, comesOfAgeIn, deadline };
  return { ...header(ctx, "chartchain/child-attestation"), ...(await signMessage(ctx, CHILD_REGISTRATION, message)) };
}

/**
 * Registers a child, for whom the client's person acts until the end of the year in which it comes of age.
 *
 * @param attestation what {@link attestChild} made
 * @throws HANDOVER_…, IDENTITY_ALREADY_LINKED, INVALID_YEAR, NOT_A_LICENSED_PROVIDER, RECOVERY_PENDING
 *
 * @example
 * const { participant: child } = await parent.registerChild({ attestation });
 */
export async function registerChild(ctx: Context, { attestation }: { attestation: unknown }): Promise<Registered> {
  const file = await readChildAttestation(ctx, attestation);
  const { keyDocument, commitment, comesOfAgeIn } = file.message;
  const sent = await send(ctx, "registerChild", {
    contract: ctx.contracts.Registrar,
    method: "registerChild",
    args: [keyDocument, commitment, comesOfAgeIn, authorizationOf(file)],
  });
  return { ...sent, participant: Number(sent.events["ChildRegistered"]?.["child"]) };
}

/** Signs a child's registration for somebody else to relay: both signatures go into one file. */
export async function signRegisterChild(
  ctx: Context,
  { attestation, lifetime = DEFAULT_SIGNATURE_LIFETIME }: { attestation: unknown; lifetime?: number },
): Promise<SignedActionFile> {
  const file = await readChildAttestation(ctx, attestation);
  const representative = await ownId(ctx);
  const { issuer, keyDocument, commitment, comesOfAgeIn } = file.message;
  const signatureEpoch = await signatureEpochOf(ctx, representative);
  const deadline = (await currentTime(ctx)) + lifetime;
  const message = { representative, issuer, keyDocument, commitment, comesOfAgeIn, signatureEpoch, deadline };
  return signAction(ctx, SIGNED_ACTIONS.registerChild, message, { attestation: signedPartOf(file) });
}

/**
 * Signs, with an account that belongs to nobody yet and from a vault of one's own, that it is to be the account of a child
 * that came of age, with a key that only this vault has. Its key is counted after the one that a representative prepared.
 *
 * @example
 * const request = await grown.signComingOfAge({ child: 12 });
 * const code = await grown.ownComingOfAgeCode({ child: 12 }); // for the screen
 * const file = await clinic.attestComingOfAge({ request, code });
 */
export async function signComingOfAge(
  ctx: Context,
  { child, lifetime = DEFAULT_SIGNATURE_LIFETIME }: { child: number; lifetime?: number },
): Promise<ComingOfAgeFile> {
  const message = {
    child,
    account: await requireSigner(ctx).getAddress(),
    keyDocument: await prepareNextKey(ctx, child),
    deadline: (await currentTime(ctx)) + lifetime,
  };
  const signed = await signMessage(ctx, COMING_OF_AGE_ACCOUNT, message);
  return { ...header(ctx, "chartchain/coming-of-age-request"), ...signed };
}

/**
 * The code of the account and key that {@link signComingOfAge} names, for the screen of who came of age: whatever file the
 * clinic has, it is of this account and this vault's key.
 *
 * @example
 * console.log(await grown.ownComingOfAgeCode({ child: 12 }));
 */
export const ownComingOfAgeCode = async (ctx: Context, { child }: { child: number }): Promise<string> =>
  attestationCode({
    account: await requireSigner(ctx).getAddress(),
    keyDocument: await prepareNextKey(ctx, child),
  });

/**
 * Attests, as the clinic that registered a child, that it came of age and has this account and key. Anybody may relay the
 * file. What the representatives gave away ends with it. Another clinic's attestation is for one of them to relay, until the year
 * is over; from then on for anybody, if the first clinic is licensed no more.
 *
 * @param request what {@link signComingOfAge} made
 * @param code the one on the person's screen ({@link ownComingOfAgeCode}), which staff compared with this request's
 * @throws HANDOVER_…, ATTESTATION_CODE_DIFFERS
 */
export async function attestComingOfAge(
  ctx: Context,
  { request, code, lifetime = DEFAULT_SIGNATURE_LIFETIME }: { request: unknown; code: string; lifetime?: number },
): Promise<SignedActionFile> {
  const file = await readComingOfAge(ctx, request);
  const { account } = file;
  const { child, keyDocument } = file.message;
  refuseOtherCode(attestationCode({ account, keyDocument }), code, { account });
  const deadline = (await currentTime(ctx)) + lifetime;
  const message = { issuer: await ownId(ctx), child, account, keyDocument, deadline };
  return signAction(ctx, SIGNED_ACTIONS.comeOfAge, message, { joining: signedPartOf(file) });
}

/** Reads what {@link signComingOfAge} made. Throws HANDOVER_…. */
export async function readComingOfAge(ctx: Context, file: unknown): Promise<ComingOfAgeFile> {
  const shape = { message: is.object, account: is.address, signature: is.hex };
  const request = parseHandover<ComingOfAgeFile>(ctx, "chartchain/coming-of-age-request", shape, file);
  return checkMessage(ctx, COMING_OF_AGE_ACCOUNT, request, "the account's signature", "contract");
}

/** Who registered a child, and in which calendar year it comes of age; undefined for a person that isn't one, or no longer. */
export async function childhoodOf(
  ctx: Context,
  { child }: { child: number },
): Promise<{ issuer: number; comesOfAgeIn: number } | undefined> {
  const { issuer, comesOfAgeIn } = await ctx.contracts.Registrar.childhoodOf(child);
  return issuer === 0n ? undefined : { issuer: Number(issuer), comesOfAgeIn: Number(comesOfAgeIn) };
}

/**
 * Gives a child a key of the client's own vault, at once: when a representative ends who has the former one. What is written
 * from then on is sealed for it. Another change follows six hours later at the earliest.
 *
 * @throws NOT_THE_REPRESENTATIVE, NOT_A_CHILD, KEY_CHANGED_JUST_NOW, RECOVERY_PENDING while one of the representative's own is
 *
 * @example
 * await parent.changeKeyOfChild({ child: 12 });
 */
export async function changeKeyOfChild(ctx: Context, { child }: { child: number }): Promise<Sent> {
  const args = [child, await prepareNextKey(ctx, child)];
  return send(ctx, "changeKey", { contract: ctx.contracts.Registrar, method: "changeKeyOfChild", args });
}

/** Signs a child's change of keys for somebody else to relay. */
export async function signChangeKeyOfChild(
  ctx: Context,
  { child, lifetime = DEFAULT_SIGNATURE_LIFETIME }: { child: number; lifetime?: number },
): Promise<SignedActionFile> {
  const keyVersion = Number(await ctx.contracts.Registrar.keyVersionOf(child)) + 1;
  return signAction(ctx, SIGNED_ACTIONS.changeKeyOfChild, {
    participant: child,
    keyDocument: await prepareNextKey(ctx, child),
    keyVersion,
    signatureEpoch: await signatureEpochFor(ctx, child),
    deadline: (await currentTime(ctx)) + lifetime,
  });
}

/** Revokes, as a representative, everything that was granted over a patient's records. Throws NOT_THE_REPRESENTATIVE. */
export const revokeAllOf = (ctx: Context, { patient }: { patient: number }): Promise<Sent> =>
  send(ctx, "revokeAccess", { contract: ctx.contracts.Registrar, method: "revokeAll", args: [patient] });

/** Signs, as a representative, the revocation of everything over a patient's records for somebody else to relay. */
export async function signRevokeAllOf(
  ctx: Context,
  { patient, lifetime = DEFAULT_SIGNATURE_LIFETIME }: { patient: number; lifetime?: number },
): Promise<SignedActionFile> {
  const { accessEpoch } = await ctx.contracts.Registrar.epochsOf(patient);
  return signAction(ctx, SIGNED_ACTIONS.revokeAll, {
    patient,
    accessEpoch: Number(accessEpoch),
    deadline: (await currentTime(ctx)) + lifetime,
  });
}

/**
 * Reads what {@link attestChild} made for the client's person.
 *
 * @throws HANDOVER_…, ATTESTATION_FOR_SOMEBODY_ELSE
 */
export async function readChildAttestation(ctx: Context, file: unknown): Promise<ChildAttestationFile> {
  const shape = { message: is.object, account: is.address, signature: is.hex };
  const given = parseHandover<ChildAttestationFile>(ctx, "chartchain/child-attestation", shape, file);
  const attestation = await checkMessage(ctx, CHILD_REGISTRATION, given, "the clinic's attestation", "contract");
  const { representative } = attestation.message;
  const own = await ownId(ctx);
  if (representative === own) return attestation;
  throw new ChartChainError("ATTESTATION_FOR_SOMEBODY_ELSE", `the attestation names participant ${representative}`, {
    details: { representative, own },
    hint: "Only the person it names can use it.",
  });
}
