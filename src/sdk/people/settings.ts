import { send, type Sent } from "../chain/transactions.js";
import { categoriesMessage } from "../chain/typed-data.js";
import { currentTime, ownId, type Context } from "../context.js";
import { requireKnownFields } from "../known-fields.js";
import { signAction, type SignedActionFile } from "../handover/signed-action.js";
import { SIGNED_ACTIONS } from "../handover/signed/index.js";
import { agreed } from "../chain/nodes.js";
import { categoriesOf, categoryIndex, type Category } from "../vocabulary.js";
import { signatureEpochFor } from "./accounts.js";
import { DEFAULT_SIGNATURE_LIFETIME } from "./register.js";

/** What a patient wants kept to, whoever acts. */
export interface PatientSettings {
  /** Only providers that once stood in the patient's list may propose; others hand an offer over. */
  refuseUnknownProviders: boolean;
  /** The longest term of a grant, in days; 0: no limit of the patient's own. */
  longestGrant: number;
  /** What a responder sees in an emergency; an empty list: nobody breaks the glass. */
  emergencyCategories: readonly Category[];
}

interface StoredSettings {
  knownOnly: boolean;
  longestGrant: bigint;
  emergency: bigint;
}

/** Settings as the contracts give them. */
export const settingsFrom = ({ knownOnly, longestGrant, emergency }: StoredSettings): PatientSettings => ({
  refuseUnknownProviders: knownOnly,
  longestGrant: Number(longestGrant),
  emergencyCategories: categoriesOf(Number(emergency)),
});

/** The settings of a patient. */
export const settingsOf = async (ctx: Context, { patient }: { patient: number }): Promise<PatientSettings> =>
  settingsAt(ctx, patient, "latest");

const settingsAt = async (view: Context, patient: number, at: number | "latest"): Promise<PatientSettings> =>
  settingsFrom(await view.contracts.Registrar.settingsOf(patient, { blockTag: at }));

/**
 * Changes the client's settings: those that are named; the others stay. Cancels signatures that were not used. While a
 * recovery is pending they only become narrower. What stays is written as well, so all nodes have to say the same of it; where
 * every setting is named, none is asked.
 *
 * @throws ARGUMENT_INVALID for a setting that there isn't; RECOVERY_PENDING, NO_FUNDS; NODES_DISAGREE, NODES_BEHIND, NODES_MISSING
 *
 * @example
 * await client.changeSettings({ longestGrant: 90, emergencyCategories: [] });
 */
export async function changeSettings(ctx: Context, changes: Partial<PatientSettings>): Promise<Sent> {
  return change(ctx, await ownId(ctx), changes);
}

/**
 * Changes, as a representative, the settings of a child or of whom a court put in its care: those that are named; the others stay.
 *
 * @throws NOT_THE_REPRESENTATIVE, RECOVERY_PENDING while one of the representative's own is, NO_FUNDS
 *
 * @example
 * await parent.changeSettingsOf({ patient: 12, emergencyCategories: ["SUMMARY", "MEDICATION", "CARE"] });
 */
export async function changeSettingsOf(
  ctx: Context,
  { patient, ...changes }: Partial<PatientSettings> & { patient: number },
): Promise<Sent> {
  return change(ctx, patient, changes);
}

async function change(ctx: Context, patient: number, changes: Partial<PatientSettings>): Promise<Sent> {
  const settings = await merged(ctx, patient, changes);
  return send(ctx, "changeSettings", {
    contract: ctx.contracts.Registrar,
    method: "changeSettings",
    args: [patient, stored(settings)],
  });
}

/** Signs a change of settings for somebody else to relay. */
export const signChangeSettings = async (
  ctx: Context,
  changes: Partial<PatientSettings> & { lifetime?: number },
): Promise<SignedActionFile> => signSettings(ctx, await ownId(ctx), changes);

/** Signs, as a representative, a change of a patient's settings for somebody else to relay. */
export const signChangeSettingsOf = (
  ctx: Context,
  { patient, ...changes }: Partial<PatientSettings> & { patient: number; lifetime?: number },
): Promise<SignedActionFile> => signSettings(ctx, patient, changes);

async function signSettings(
  ctx: Context,
  patient: number,
  { lifetime = DEFAULT_SIGNATURE_LIFETIME, ...changes }: Partial<PatientSettings> & { lifetime?: number },
): Promise<SignedActionFile> {
  const settings = await merged(ctx, patient, changes);
  return signAction(ctx, SIGNED_ACTIONS.changeSettings, {
    patient,
    refuseProposalsFromUnknownProviders: settings.refuseUnknownProviders,
    longestGrantInDays: settings.longestGrant,
    emergencyCategories: categoriesMessage(maskOf(settings.emergencyCategories)),
    signatureEpoch: await signatureEpochFor(ctx, patient),
    deadline: (await currentTime(ctx)) + lifetime,
  });
}

const FIELDS: readonly (keyof PatientSettings)[] = ["refuseUnknownProviders", "longestGrant", "emergencyCategories"];

async function merged(ctx: Context, patient: number, changes: Partial<PatientSettings>): Promise<PatientSettings> {
  requireKnownFields("a change of settings", changes, FIELDS);
  const { refuseUnknownProviders, longestGrant, emergencyCategories } = changes;
  if (refuseUnknownProviders !== undefined && longestGrant !== undefined && emergencyCategories !== undefined) {
    return { refuseUnknownProviders, longestGrant, emergencyCategories };
  }
  // One node that lies would have a person who asks for one thing sign another.
  const about = `the settings of participant ${patient}`;
  return { ...(await agreed(ctx, about, (view, at) => settingsAt(view, patient, at))), ...changes };
}

/** Settings as the contracts take them. */
const stored = ({ refuseUnknownProviders, longestGrant, emergencyCategories }: PatientSettings) => ({
  knownOnly: refuseUnknownProviders,
  longestGrant,
  emergency: maskOf(emergencyCategories),
});

/** Like categoryMask, but no category at all is a policy too. */
const maskOf = (names: readonly string[]): number => names.reduce((mask, name) => mask | (1 << categoryIndex(name)), 0);
