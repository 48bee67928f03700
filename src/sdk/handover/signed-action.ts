import { ChartChainError } from "../../errors/index.js";
import type { Call } from "../chain/transactions.js";
import type { SignedType } from "../chain/typed-data.js";
import type { Context } from "../context.js";
import { isGuardians, type Guardians } from "./guardians.js";
import type { BankContext } from "../modules/data-bank/contracts.js";
import { isDepositProof, requireDepositProof } from "../modules/data-bank/deposit-proof.js";
import { header, is, malformed, parseHandover, type HandoverHeader } from "./file.js";
import { checkMessage, signMessage, type SignedMessage } from "./signature.js";
import { SIGNED_CALLS, type Authorization, type SignedCall } from "./signed-calls.js";

export type SignedActionName = keyof typeof SIGNED_CALLS;

/** A signed action that anybody may send and pay for. */
export interface SignedActionFile extends HandoverHeader, SignedMessage {
  kind: "chartchain/signed-action";
  action: SignedActionName;
  /** The provider's signed offer, for `acceptOffer`. */
  offer?: SignedMessage;
  /** The new account's signature, for `addAccount` and `comeOfAge`. */
  joining?: SignedMessage;
  /** The clinic's signature, for `registerChild`. */
  attestation?: SignedMessage;
  /** The patient's signed grant, for `joinStudy`. */
  consent?: SignedMessage;
  /** The disclosed guardians, for a recovery. */
  guardians?: Guardians;
  /** The proof that a deposit is in a batch, for `claimInterest`; empty where the steward stated it. */
  proof?: string[];
}

/** What else a file holds, besides the signed action itself. */
export type Attachments = Pick<
  SignedActionFile,
  "offer" | "joining" | "attestation" | "consent" | "guardians" | "proof"
>;

const ATTACHED = ["offer", "joining", "attestation", "consent"] as const;

const isSigned = (value: unknown) => {
  const signed = value as SignedMessage | null;
  if (!is.object(signed) || Object.keys(signed!).length !== 3) return false;
  return is.object(signed?.message) && is.address(signed?.account) && is.hex(signed?.signature);
};

const SHAPE = {
  action: (value: unknown) => typeof value === "string" && Object.hasOwn(SIGNED_CALLS, value),
  message: is.object,
  account: is.address,
  signature: is.hex,
  offer: is.optional(isSigned),
  joining: is.optional(isSigned),
  attestation: is.optional(isSigned),
  consent: is.optional(isSigned),
  guardians: is.optional(isGuardians),
  proof: is.optional(isDepositProof),
};

/** Signs an action into a handover file. `message` holds everything but what the type's name already says. */
export async function signAction(
  ctx: Context,
  action: SignedActionName,
  message: Record<string, unknown>,
  attachments: Attachments = {},
): Promise<SignedActionFile> {
  const signed = await signMessage(ctx, SIGNED_CALLS[action].type, message);
  return { ...header(ctx, "chartchain/signed-action", { about: namedIn(message) }), action, ...signed, ...attachments };
}

/** Who is to be given something, by what a message says: who relays it may be the one that gives it. */
function namedIn(message: Record<string, unknown>): number[] {
  const { viewer, researcher, delegate, grants } = message;
  const viewers = Array.isArray(grants) ? grants.map((each: { viewer: unknown }) => each.viewer) : [];
  return [viewer, researcher, delegate, ...viewers].filter((each) => typeof each === "number");
}

/**
 * Reads a signed action and makes sure that it is what its signer signed and still in time.
 *
 * @throws HANDOVER_MALFORMED, HANDOVER_WRONG_KIND, HANDOVER_WRONG_CHAIN, HANDOVER_ALTERED, HANDOVER_EXPIRED
 */
export async function readSignedAction(ctx: Context, file: unknown, now: number): Promise<SignedActionFile> {
  const action = parseHandover<SignedActionFile>(ctx, "chartchain/signed-action", SHAPE, file);
  const { type, attached = {}, needsGuardians = false, needsProof = false }: SignedCall = SIGNED_CALLS[action.action];
  for (const name of ATTACHED) {
    if ((action[name] !== undefined) !== (attached[name] !== undefined)) throw misplaced(name);
  }
  if ((action.guardians !== undefined) !== needsGuardians) throw misplaced("guardians");
  if ((action.proof !== undefined) !== needsProof) throw misplaced("proof");
  const checked = await checkMessage(ctx, type, action, `the action ${action.action}`, "contract");
  for (const name of ATTACHED) {
    const signed = checked[name];
    if (signed !== undefined)
      checked[name] = await checkMessage(ctx, attached[name] as SignedType, signed, `the ${name}`, "contract");
  }
  if (action.proof !== undefined) {
    await requireDepositProof(
      ctx as BankContext,
      action.message as Record<"patient" | "steward" | "season", number>,
      action.proof,
    );
  }
  const deadline = deadlineOf(action);
  if (deadline < now) {
    throw new ChartChainError(
      "HANDOVER_EXPIRED",
      `the signature counted until ${new Date(deadline * 1000).toISOString()}`,
      {
        hint: "Ask the signer to sign again.",
      },
    );
  }
  return checked;
}

/** The contract call that a signed action becomes. */
export function callOf(ctx: Context, file: SignedActionFile): Call {
  const { type, call }: SignedCall = SIGNED_CALLS[file.action];
  const { offer, joining, attestation, consent, guardians, proof } = file;
  const [method, ...args] = call(file.message, authorizationOf(file), {
    ...(offer === undefined ? {} : { offer: authorizationOf(offer) }),
    ...(joining === undefined ? {} : { joining: authorizationOf(joining) }),
    ...(attestation === undefined ? {} : { attestation: authorizationOf(attestation) }),
    ...(consent === undefined
      ? {}
      : { consent: { authorization: authorizationOf(consent), until: Number(consent.message["until"]) } }),
    ...(guardians === undefined ? {} : { guardians }),
    ...(proof === undefined ? {} : { proof }),
  });
  return {
    contract: (ctx.contracts as unknown as Record<string, Call["contract"]>)[type.contract]!,
    method: method as string,
    args,
  };
}

/** The signature as the contracts take it. */
export const authorizationOf = (signed: SignedMessage): Authorization => ({
  account: signed.account,
  deadline: deadlineOf(signed),
  signature: signed.signature,
});

const deadlineOf = (signed: SignedMessage): number => Number(signed.message["deadline"]);

const misplaced = (field: string) => malformed(`its field ${field} is missing or doesn't belong there`);
