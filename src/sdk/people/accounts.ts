import { send, type Sent } from "../chain/transactions.js";
import { ACCOUNT_ADDITION } from "../handover/signed/accounts.js";
import { currentTime, ownId, requireSigner, type Context } from "../context.js";
import { verifiedName } from "./participants.js";
import { accountEvents } from "../handover/pinned.js";
import { ACCOUNT_SCOPES, scopeIndex, type AccountScope } from "../vocabulary.js";
import { header, is, parseHandover, type HandoverHeader } from "../handover/file.js";
import { checkMessage, signMessage } from "../handover/signature.js";
import type { SignedMessage } from "../handover/signed/action.js";
import { signAction, type SignedActionFile } from "../handover/signed-action.js";
import { authorizationOf } from "../handover/signed/action.js";
import { SIGNED_ACTIONS } from "../handover/signed/index.js";
import { DEFAULT_SIGNATURE_LIFETIME } from "./register.js";
import type { Said } from "../chain/typed-data.js";

/** A new account's word that it wants to act for a participant. */
export interface JoiningFile extends HandoverHeader, SignedMessage<Said<typeof ACCOUNT_ADDITION>> {
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
export const signedPartOf = <M extends object>({
  message,
  account,
  signature,
}: SignedMessage<M>): SignedMessage<M> => ({
  message,
  account,
  signature,
});

/**
 * Adds an account, as an owner: another key to the same door. An institution's new owner acts after two days, in which
 * {@link retireAccount} stops it; any other account acts at once.
 *
 * @param file what {@link signJoining} made with the new account
 * @param scope what it may do; left out: an operator of an institution, or the owner that a person's account is
 * @throws HANDOVER_…, ALREADY_REGISTERED, RECOVERY_PENDING, NOT_AN_OWNER, NOT_AN_INSTITUTION for a person's operator
 */
export async function addAccount(
  ctx: Context,
  { file, scope }: { file: unknown; scope?: AccountScope },
): Promise<Sent> {
  const joining = await readJoining(ctx, file);
  const number = scopeIndex(scope ?? (await usualScope(ctx)));
  const args = [number, authorizationOf(joining)];
  return send(ctx, "addAccount", { contract: ctx.contracts.Registrar, method: "addAccount", args });
}

/** Signs that an account may be added, for somebody else to relay: both signatures go into one file. */
export async function signAddAccount(
  ctx: Context,
  { file, scope, lifetime }: { file: unknown; scope?: AccountScope; lifetime?: number },
): Promise<SignedActionFile> {
  const joining = await readJoining(ctx, file);
  const { participant, account, ...rest } = await changeMessage(ctx, joining.account, lifetime);
  const message = { participant, account, scope: scope ?? (await usualScope(ctx)), ...rest };
  return signAction(ctx, SIGNED_ACTIONS.addAccount, message, { joining: signedPartOf(joining) });
}

/** The least that a new account of this client's participant needs. */
async function usualScope(ctx: Context): Promise<AccountScope> {
  // By the name that this vault accepted: a node that calls an institution a person would make an owner of an operator.
  const name = await verifiedName(ctx, await ownId(ctx));
  return name === "" ? "owner" : "operator";
}

/**
 * Retires an account, as an owner: an operator, and an owner that doesn't act yet, at once; another one in 30 days, which is
 * longer than a recovery takes. Cancels signatures that were not used.
 *
 * @throws NOT_OWN_ACCOUNT, RETIREMENT_UNCHANGED, NOT_AN_OWNER
 */
export const retireAccount = (ctx: Context, { account }: { account: string }): Promise<Sent> =>
  change(ctx, "retireAccount", account);

/** Signs the retirement of an account for somebody else to relay. */
export const signRetireAccount = async (ctx: Context, { account, lifetime }: { account: string; lifetime?: number }) =>
  signAction(ctx, SIGNED_ACTIONS.retireAccount, await changeMessage(ctx, account, lifetime));

/** Keeps an account that was to retire, as an owner. Throws RETIREMENT_UNCHANGED, RECOVERY_PENDING, NOT_AN_OWNER. */
export const keepAccount = (ctx: Context, { account }: { account: string }): Promise<Sent> =>
  change(ctx, "keepAccount", account);

/** Signs that an account stays, for somebody else to relay. */
export const signKeepAccount = async (ctx: Context, { account, lifetime }: { account: string; lifetime?: number }) =>
  signAction(ctx, SIGNED_ACTIONS.keepAccount, await changeMessage(ctx, account, lifetime));

/** An account of a participant, as the chain has it. Times in seconds. */
export interface AccountInfo {
  account: string;
  scope: AccountScope;
  /** Whether it acts now: it isn't retired, replaced, frozen or too new. */
  acts: boolean;
  actsFrom: number;
  /** From when on it acts no more; 0 for one that nobody retired. */
  retiresAt: number;
}

/**
 * The accounts that a participant has or had, in the order in which they came.
 *
 * @param participant the client's own when left out
 *
 * @example
 * const operators = (await client.listAccounts()).filter(({ scope, acts }) => acts && scope === "operator");
 */
export async function listAccounts(
  ctx: Context,
  { participant }: { participant?: number } = {},
): Promise<AccountInfo[]> {
  const id = participant ?? (await ownId(ctx));
  const { Registrar } = ctx.contracts;
  const given = await accountEvents(ctx, id, "latest");
  const accounts = await Promise.all(
    [...new Set(given.map(({ account }) => account))].map(async (account) => {
      const [stored, actsFor] = await Promise.all([Registrar.accountOf(account), Registrar.participantOf(account)]);
      return {
        account,
        scope: ACCOUNT_SCOPES[Number(stored.scope)]!,
        acts: Number(actsFor) === id,
        actsFrom: Number(stored.actsFrom),
        retiresAt: Number(stored.retiresAt),
      };
    }),
  );
  return accounts.sort((a, b) => a.actsFrom - b.actsFrom);
}

/**
 * Cancels every signature of the client's that was not used: grants, approvals, appointments, changes. What was granted
 * stays. An institution's owner does it: what an institution signs and this ends is about accounts and keys.
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
  return signAction(ctx, SIGNED_ACTIONS.cancelSignatures, {
    participant,
    signatureEpoch,
    deadline: (await currentTime(ctx)) + lifetime,
  });
}

/** How often a participant cancelled outstanding signatures: what a signature of his or hers names. */
export const signatureEpochOf = async (ctx: Context, participant: number): Promise<number> =>
  Number((await ctx.contracts.Registrar.epochsOf(participant)).signatureEpoch);

/**
 * What a signature in a patient's place names: the patient's signature epoch, and a deputy's own added to it. So it is dead
 * when either of the two cancels signatures.
 */
export async function signatureEpochFor(ctx: Context, patient: number): Promise<number> {
  const own = await ownId(ctx);
  const [epoch, added] = await Promise.all([
    signatureEpochOf(ctx, patient),
    own === patient ? 0 : signatureEpochOf(ctx, own),
  ]);
  return epoch + added;
}

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
