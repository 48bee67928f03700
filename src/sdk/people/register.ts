import { send, type Sent } from "../chain/transactions.js";
import { currentTime, requireSigner, requireVault, type Context } from "../context.js";
import { signAction, type SignedActionFile } from "../handover/signed-action.js";
import { SIGNED_ACTIONS } from "../handover/signed/index.js";
import { requireFreeName } from "./institution-name.js";
import { offerKeyDocument } from "../handover/key-documents.js";

/** What a registration came to. */
export interface Registered extends Sent {
  /** The new participant id. */
  participant: number;
}

/** How long a signature counts unless told otherwise: a week, in seconds. */
export const DEFAULT_SIGNATURE_LIFETIME = 7 * 24 * 60 * 60;

/**
 * Registers the client's account as a person: makes the key document of the vault's identity and puts its digest on chain.
 * Who is to seal something to this person needs the document: {@link ownKeyDocument}.
 *
 * @throws ALREADY_REGISTERED, NO_FUNDS, and what {@link send} throws
 *
 * @example
 * const { participant } = await client.registerPatient();
 */
export async function registerPatient(ctx: Context): Promise<Registered> {
  const keyDocument = await currentKeyDocument(ctx);
  const sent = await send(ctx, "registerPatient", {
    contract: ctx.contracts.Registrar,
    method: "registerPatient",
    args: [keyDocument],
  });
  return { ...sent, participant: Number(sent.events["PatientRegistered"]?.["id"]) };
}

/**
 * Signs a registration for somebody else to relay: the patient needs no ether.
 *
 * @param lifetime how long the signature counts, in seconds
 *
 * @example
 * const file = await client.signRegisterPatient();
 */
export async function signRegisterPatient(
  ctx: Context,
  { lifetime = DEFAULT_SIGNATURE_LIFETIME }: { lifetime?: number } = {},
): Promise<SignedActionFile> {
  const keyDocument = await currentKeyDocument(ctx);
  const account = await requireSigner(ctx).getAddress();
  return signAction(ctx, SIGNED_ACTIONS.registerPatient, {
    account,
    keyDocument,
    deadline: (await currentTime(ctx)) + lifetime,
  });
}

/**
 * Registers the client's account as an institution, which may do nothing until the authority licenses it.
 *
 * @param name the public name that wallets show to patients, for good: in letters of one script, and unlike any licensed one's
 * @throws ALREADY_REGISTERED, NAME_UNFIT, NO_FUNDS, and what {@link send} throws
 *
 * @example
 * const { participant } = await client.registerInstitution({ name: "General Hospital" });
 */
export async function registerInstitution(
  ctx: Context,
  { name, service }: { name: string; service?: string },
): Promise<Registered> {
  await requireFreeName(ctx, { id: 0, name });
  const keyDocument = await currentKeyDocument(ctx, service);
  const sent = await send(ctx, "registerInstitution", {
    contract: ctx.contracts.Registrar,
    method: "registerInstitution",
    args: [keyDocument, name],
  });
  return { ...sent, participant: Number(sent.events["InstitutionRegistered"]?.["id"]) };
}

/** Makes the key document of the vault's current key. Returns its digest. */
export const currentKeyDocument = (ctx: Context, service?: string): Promise<string> =>
  offerKeyDocument(ctx, requireVault(ctx).identity.keyVersion, service);
