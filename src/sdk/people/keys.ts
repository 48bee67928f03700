import { ChartChainError } from "../../errors/index.js";
import { send, type Sent } from "../chain/transactions.js";
import { currentTime, ownId, requireVault, type Context } from "../context.js";
import { signAction, type SignedActionFile } from "../handover/signed-action.js";
import { SIGNED_ACTIONS } from "../handover/signed/index.js";
import { offerKeyDocument, signKeyDocument } from "../handover/key-documents.js";
import { signatureEpochOf } from "./accounts.js";
import { DEFAULT_SIGNATURE_LIFETIME } from "./register.js";

/** A change of keys that doesn't count yet. */
export interface KeyChange {
  keyDocument: string;
  /** From when on it counts, in seconds since 1970. */
  from: number;
}

/**
 * Announces a fresh encryption key; it counts in two days, and what is written from then on is sealed for it. What was
 * sealed for the former key stays readable with it: the vault keeps both. A steward wraps old keys for the new one only
 * after the new one was confirmed: {@link challengeKey}. Whoever seals to this participant needs the new document:
 * {@link ownKeyDocument}. The account signs for the document as well, for who has met it: so a wallet asks twice.
 *
 * @throws KEY_CHANGE_UNDER_WAY, RECOVERY_PENDING
 *
 * @example
 * await client.changeKey();
 */
export async function changeKey(ctx: Context, { service }: { service?: string } = {}): Promise<Sent> {
  const participant = await ownId(ctx);
  const keyDocument = await prepareNextKey(ctx, participant, service);
  await signKeyDocument(ctx, participant, keyDocument);
  return send(ctx, "changeKey", { contract: ctx.contracts.Registrar, method: "changeKey", args: [keyDocument] });
}

/** Signs a change of keys for somebody else to relay. */
export async function signChangeKey(
  ctx: Context,
  { service, lifetime = DEFAULT_SIGNATURE_LIFETIME }: { service?: string; lifetime?: number } = {},
): Promise<SignedActionFile> {
  const participant = await ownId(ctx);
  const keyVersion = (await chainKeyVersion(ctx, participant)) + 1;
  const keyDocument = await prepareNextKey(ctx, participant, service);
  await signKeyDocument(ctx, participant, keyDocument);
  return signAction(ctx, SIGNED_ACTIONS.changeKey, {
    participant,
    keyDocument,
    keyVersion,
    signatureEpoch: await signatureEpochOf(ctx, participant),
    deadline: (await currentTime(ctx)) + lifetime,
  });
}

/** Calls off a change of keys that doesn't count yet. Cancels signatures that were not used. Throws NO_KEY_CHANGE. */
export const cancelKeyChange = (ctx: Context): Promise<Sent> =>
  send(ctx, "cancelKeyChange", { contract: ctx.contracts.Registrar, method: "cancelKeyChange", args: [] });

/** Signs for somebody else to relay that the announced change of keys is called off. Throws NO_KEY_CHANGE. */
export async function signCancelKeyChange(
  ctx: Context,
  { lifetime = DEFAULT_SIGNATURE_LIFETIME }: { lifetime?: number } = {},
): Promise<SignedActionFile> {
  const participant = await ownId(ctx);
  const announced = await keyChangeOf(ctx, { participant });
  if (announced === undefined) {
    throw new ChartChainError("NO_KEY_CHANGE", `participant ${participant} announced no change of keys`, {
      details: { participant },
      hint: "There is nothing to call off: a change that counts already is followed by another one.",
    });
  }
  return signAction(ctx, SIGNED_ACTIONS.cancelKeyChange, {
    participant,
    keyDocument: announced.keyDocument,
    keyVersion: (await chainKeyVersion(ctx, participant)) + 1,
    signatureEpoch: await signatureEpochOf(ctx, participant),
    deadline: (await currentTime(ctx)) + lifetime,
  });
}

/** The change of keys of a participant that doesn't count yet; undefined when there is none. */
export async function keyChangeOf(
  ctx: Context,
  { participant }: { participant: number },
): Promise<KeyChange | undefined> {
  const { keyDocument, from } = await ctx.contracts.Registrar.keyChangeOf(participant);
  return from === 0n ? undefined : { keyDocument, from: Number(from) };
}

/** Makes the key document of the vault's next key, and that where it isn't there yet. Returns the document's digest. */
export async function prepareNextKey(ctx: Context, participant: number, service?: string): Promise<string> {
  const { identity } = requireVault(ctx);
  const version = (await chainKeyVersion(ctx, participant)) + 1;
  // Kept before anybody hears of it. An announcement that was called off leaves one to use again.
  if (!identity.keyVersions().includes(version)) identity.addKeyVersion(version);
  return offerKeyDocument(ctx, version, service);
}

/**
 * The same, with a key that this vault made for an account that takes over: whoever stole the former one may have the
 * vault as it was before, and a next key in it.
 */
export async function prepareRecoveryKey(ctx: Context, participant: number, account: string): Promise<string> {
  const vault = requireVault(ctx);
  const { identity, access } = vault;
  const version = (await chainKeyVersion(ctx, participant)) + 1;
  // Made once, so that each signed acceptance brings the same one.
  if (access.recoveryKeys.get({ version }) !== account) {
    vault.transaction(() => {
      if (identity.keyVersions().includes(version)) identity.replaceKeyVersion(version);
      else identity.addKeyVersion(version);
      access.recoveryKeys.set({ version }, account);
    });
  }
  return prepareNextKey(ctx, participant);
}

/** Lets the vault follow the chain: from when on a new key counts, it is the vault's current one. */
export async function settleKeyVersion(ctx: Context): Promise<void> {
  if (ctx.vault === undefined || ctx.signer === undefined) return;
  const { identity } = ctx.vault;
  if (identity.keyVersions().length < 2) return;
  const account = await ctx.signer.getAddress();
  const own = Number(await ctx.contracts.Registrar.participantOf(account));
  const version = own === 0 ? 0 : await chainKeyVersion(ctx, own);
  if (version !== identity.keyVersion && identity.keyVersions().includes(version)) identity.useKeyVersion(version);
}

const chainKeyVersion = async (ctx: Context, participant: number): Promise<number> =>
  Number(await ctx.contracts.Registrar.keyVersionOf(participant));
