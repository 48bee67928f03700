import { ChartChainError } from "../../errors/index.js";
import type { Call } from "../chain/transactions.js";
import {
  categoriesMaskOf,
  FULL_REVOCATION,
  GRANT,
  GRANT_REVOCATION,
  IDENTITY_ATTESTATION,
  PATIENT_REGISTRATION,
  RELATIONSHIP_APPROVAL,
  RELATIONSHIP_DECLINE,
  RELATIONSHIP_END,
  RELATIONSHIP_OFFER,
  VIEWER_REVOCATION,
  type SignedType,
} from "../chain/typed-data.js";
import type { Context } from "../context.js";
import { purposeIndex } from "../vocabulary.js";
import { header, is, malformed, parseHandover, type HandoverHeader } from "./file.js";
import { checkMessage, signMessage, type SignedMessage } from "./signature.js";

// The values were checked by the encoder of the message's EIP-712 type before one of these is asked for.
type Message = Record<string, unknown>;
type Authorization = { account: string; deadline: number; signature: string };

/** What can be signed by one and relayed by another: the message's type, and the call that it becomes. */
const SIGNED_ACTIONS = {
  registerPatient: {
    type: PATIENT_REGISTRATION,
    call: (m: Message, a: Authorization) => ["registerPatientWithSig", m["keyDocument"], a],
  },
  linkIdentity: {
    type: IDENTITY_ATTESTATION,
    call: (m: Message, a: Authorization) => ["linkIdentity", m["account"], m["commitment"], a],
  },
  approveRelationship: {
    type: RELATIONSHIP_APPROVAL,
    call: (m: Message, a: Authorization) => ["approveWithSig", offerOf(m), a],
  },
  acceptOffer: {
    type: RELATIONSHIP_APPROVAL,
    call: (m: Message, a: Authorization, provider: Authorization | undefined) => ["establish", offerOf(m), provider, a],
  },
  declineRelationship: {
    type: RELATIONSHIP_DECLINE,
    call: (m: Message, a: Authorization) => ["declineWithSig", m["patient"], m["provider"], m["nonce"], a],
  },
  endRelationship: {
    type: RELATIONSHIP_END,
    call: (m: Message, a: Authorization) => ["endWithSig", m["patient"], m["provider"], m["nonce"], a],
  },
  grantAccess: {
    type: GRANT,
    call: (m: Message, a: Authorization) => [
      "grantWithSig",
      {
        viewer: m["viewer"],
        purpose: purposeIndex(m["purpose"] as string),
        steward: m["steward"],
        categories: categoriesMaskOf(m["categories"] as Record<string, boolean>),
        sensitiveFromAnySteward: m["sensitiveFromAnySteward"],
        until: m["until"],
      },
      a,
    ],
  },
  revokeGrant: {
    type: GRANT_REVOCATION,
    call: (m: Message, a: Authorization) => [
      "revokeGrantWithSig",
      m["viewer"],
      purposeIndex(m["purpose"] as string),
      m["steward"],
      categoriesMaskOf(m["categories"] as Record<string, boolean>),
      m["version"],
      a,
    ],
  },
  revokeViewer: {
    type: VIEWER_REVOCATION,
    call: (m: Message, a: Authorization) => ["revokeViewerWithSig", m["viewer"], a],
  },
  revokeAll: { type: FULL_REVOCATION, call: (_: Message, a: Authorization) => ["revokeAllWithSig", a] },
} satisfies Record<
  string,
  { type: SignedType; call: (m: Message, a: Authorization, provider?: Authorization) => unknown[] }
>;

export type SignedActionName = keyof typeof SIGNED_ACTIONS;

/** A signed action that anybody may send and pay for. */
export interface SignedActionFile extends HandoverHeader, SignedMessage {
  kind: "chartchain/signed-action";
  action: SignedActionName;
  /** The provider's signed offer, for `acceptOffer`. */
  offer?: SignedMessage;
}

const isSigned = (value: unknown) => {
  const signed = value as SignedMessage | null;
  if (!is.object(signed) || Object.keys(signed!).length !== 3) return false;
  return is.object(signed?.message) && is.address(signed?.account) && is.hex(signed?.signature);
};

const SHAPE = {
  action: (value: unknown) => typeof value === "string" && Object.hasOwn(SIGNED_ACTIONS, value),
  message: is.object,
  account: is.address,
  signature: is.hex,
  offer: is.optional(isSigned),
};

/** Signs an action into a handover file. `message` holds everything but what the type's name already says. */
export async function signAction(
  ctx: Context,
  action: SignedActionName,
  message: Record<string, unknown>,
  offer?: SignedMessage,
): Promise<SignedActionFile> {
  const signed = await signMessage(ctx, SIGNED_ACTIONS[action].type, message);
  return {
    ...header(ctx, "chartchain/signed-action"),
    action,
    ...signed,
    ...(offer === undefined ? {} : { offer }),
  };
}

/**
 * Reads a signed action and makes sure that it is what its signer signed and still in time.
 *
 * @throws HANDOVER_MALFORMED, HANDOVER_WRONG_KIND, HANDOVER_WRONG_CHAIN, HANDOVER_ALTERED, HANDOVER_EXPIRED
 */
export async function readSignedAction(ctx: Context, file: unknown, now: number): Promise<SignedActionFile> {
  const action = parseHandover<SignedActionFile>(ctx, "chartchain/signed-action", SHAPE, file);
  if ((action.action === "acceptOffer") !== (action.offer !== undefined)) {
    throw malformed("its field offer is missing or doesn't belong there");
  }
  await checkMessage(ctx, SIGNED_ACTIONS[action.action].type, action, `the action ${action.action}`);
  if (action.offer !== undefined) await checkMessage(ctx, RELATIONSHIP_OFFER, action.offer, "the offer");
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
  return action;
}

/** The contract call that a signed action becomes. */
export function callOf(ctx: Context, file: SignedActionFile): Call {
  const { type, call } = SIGNED_ACTIONS[file.action];
  const provider = file.offer === undefined ? undefined : authorizationOf(file.offer);
  const [method, ...args] = call(file.message, authorizationOf(file), provider);
  return { contract: ctx.contracts[type.contract], method: method as string, args };
}

/** The signature as the contracts take it. */
export const authorizationOf = (signed: SignedMessage): Authorization => ({
  account: signed.account,
  deadline: deadlineOf(signed),
  signature: signed.signature,
});

const deadlineOf = (signed: SignedMessage): number => Number(signed.message["deadline"]);

const offerOf = (m: Message) => ({
  patient: m["patient"],
  provider: m["provider"],
  termsDigest: m["termsDigest"],
  nonce: m["nonce"],
  until: m["until"],
});
