import { chainCall } from "../chain/errors.js";
import { send, type Sent } from "../chain/transactions.js";
import { ACCOUNT_ADDITION } from "../chain/typed-data.js";
import { currentTime, ownId, requireSigner, type Context } from "../context.js";
import { header, is, parseHandover, type HandoverHeader } from "../handover/file.js";
import { checkMessage, signMessage, type SignedMessage } from "../handover/signature.js";
import { authorizationOf, signAction, type SignedActionFile } from "../handover/signed-action.js";
import { DEFAULT_SIGNATURE_LIFETIME } from "./register.js";

/** A new account's word that it wants to act for a participant. */
export interface JoiningFile extends HandoverHeader, SignedMessage {
  kind: "chartchain/joining";
}

/**
 * Signs, with an account that belongs to nobody yet, that it wants to act for a participant.
 *
 * @param participant whom it will act for
 *
 * @example
 * const file = await phone.signJoining({ participant: 7 });
 * await laptop.addAccount({ file });
 */
export async function signJoining(
  ctx: Context,
  { participant, lifetime = DEFAULT_SIGNATURE_LIFETIME }: { participant: number; lifetime?: number },
): Promise<JoiningFile> {
  const message = {
    participant,
    account: await requireSigner(ctx).getAddress(),
    signatureEpoch: await signatureEpochOf(ctx, participant),
    deadline: (await currentTime(ctx)) + lifetime,
  };
  return { ...header(ctx, "chartchain/joining"), ...(await signMessage(ctx, ACCOUNT_ADDITION, message)) };
}

/** Reads what {@link signJoining} made. Throws HANDOVER_…. */
export async function readJoining(ctx: Context, file: unknown): Promise<JoiningFile> {
  const shape = { message: is.object, account: is.address, signature: is.hex };
  const joining = parseHandover<JoiningFile>(ctx, "chartchain/joining", shape, file);
  return checkMessage(ctx, ACCOUNT_ADDITION, joining, "the account's signature", "contract");
}

/** Just the signature of a joining file. */
export const signedPartOf = ({ message, account, signature }: SignedMessage): SignedMessage => ({
  message,
  account,
  signature,
});

/**
 * Adds an account: another key to the same door.
 *
 * @param file what {@link signJoining} made with the new account
 * @throws HANDOVER_…, ALREADY_REGISTERED, RECOVERY_PENDING
 */
export async function addAccount(ctx: Context, { file }: { file: unknown }): Promise<Sent> {
  return change(ctx, "addAccount", authorizationOf(await readJoining(ctx, file)));
}

/** Signs that an account may be added, for somebody else to relay: both signatures go into one file. */
export async function signAddAccount(
  ctx: Context,
  { file, lifetime }: { file: unknown; lifetime?: number },
): Promise<SignedActionFile> {
  const joining = await readJoining(ctx, file);
  const message = await changeMessage(ctx, joining.account, lifetime);
  return signAction(ctx, "addAccount", message, { joining: signedPartOf(joining) });
}

/**
 * Retires an account in 30 days, which is longer than a recovery takes. Cancels signatures that were not used.
 *
 * @throws NOT_OWN_ACCOUNT, RETIREMENT_UNCHANGED
 */
export const retireAccount = (ctx: Context, { account }: { account: string }): Promise<Sent> =>
  change(ctx, "retireAccount", account);

/** Signs the retirement of an account for somebody else to relay. */
export const signRetireAccount = async (ctx: Context, { account, lifetime }: { account: string; lifetime?: number }) =>
  signAction(ctx, "retireAccount", await changeMessage(ctx, account, lifetime));

/** Keeps an account that was to retire. Throws RETIREMENT_UNCHANGED, RECOVERY_PENDING. */
export const keepAccount = (ctx: Context, { account }: { account: string }): Promise<Sent> =>
  change(ctx, "keepAccount", account);

/** Signs that an account stays, for somebody else to relay. */
export const signKeepAccount = async (ctx: Context, { account, lifetime }: { account: string; lifetime?: number }) =>
  signAction(ctx, "keepAccount", await changeMessage(ctx, account, lifetime));

/**
 * Cancels every signature of the client's that was not used: grants, approvals, appointments, changes. What was granted
 * stays.
 *
 * @example
 * await client.cancelSignatures(); // a handover file was lost
 */
export const cancelSignatures = (ctx: Context): Promise<Sent> =>
  send(ctx, "cancelSignatures", { contract: ctx.contracts.Registrar, method: "cancelSignatures", args: [] });

/** Signs the cancellation of signatures for somebody else to relay. */
export async function signCancelSignatures(
  ctx: Context,
  { lifetime = DEFAULT_SIGNATURE_LIFETIME }: { lifetime?: number } = {},
): Promise<SignedActionFile> {
  const participant = await ownId(ctx);
  const signatureEpoch = await signatureEpochOf(ctx, participant);
  return signAction(ctx, "cancelSignatures", {
    participant,
    signatureEpoch,
    deadline: (await currentTime(ctx)) + lifetime,
  });
}

/** How often a participant cancelled outstanding signatures: what a signature of his or hers names. */
export const signatureEpochOf = async (ctx: Context, participant: number): Promise<number> =>
  Number((await chainCall(() => ctx.contracts.Registrar.epochsOf(participant))).signatureEpoch);

const change = (ctx: Context, method: string, argument: unknown): Promise<Sent> =>
  send(ctx, method, { contract: ctx.contracts.Registrar, method, args: [argument] });

async function changeMessage(ctx: Context, account: string, lifetime = DEFAULT_SIGNATURE_LIFETIME) {
  const participant = await ownId(ctx);
  return {
    participant,
    account,
    signatureEpoch: await signatureEpochOf(ctx, participant),
    deadline: (await currentTime(ctx)) + lifetime,
  };
}
