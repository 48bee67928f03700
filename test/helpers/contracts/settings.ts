import type { Signer } from "ethers";

import { DEFAULT_EMERGENCY } from "./participants.js";
import { signAtRegistrar } from "./signatures.js";
import { categoriesOf } from "./typed-data.js";
import type { World } from "./world.js";

export interface Settings {
  knownOnly: boolean;
  longestGrant: number;
  emergency: number;
}

export const DEFAULTS: Settings = { knownOnly: false, longestGrant: 0, emergency: DEFAULT_EMERGENCY };

/** The two ways to change them: as oneself, and by a signature that somebody else sends. */
export const WAYS = ["direct", "signed"] as const;
export type Way = (typeof WAYS)[number];

/** Changes the settings of the person whose account it is. */
export const changeSettingsAs = async (registrar: World["registrar"], by: Signer, settings: Settings) =>
  registrar.connect(by).changeSettings(await registrar.participantOf(by), settings);

/** Revokes everything of the person whose account it is. */
export const revokeAllAs = async (registrar: World["registrar"], by: Signer) =>
  registrar.connect(by).revokeAll(await registrar.participantOf(by));

/** Changes what is named; the rest becomes what it is by default. */
export async function change(world: World, way: Way, by: Signer, settings: Partial<Settings>) {
  const { registrar, relayer } = world;
  const all = { ...DEFAULTS, ...settings };
  if (way === "direct") return changeSettingsAs(registrar, by, all);
  const signed = await signAtRegistrar(world, "PatientSettings", by, {
    refuseProposalsFromUnknownProviders: all.knownOnly,
    longestGrantInDays: all.longestGrant,
    emergencyCategories: categoriesOf(all.emergency),
  });
  return registrar.connect(relayer).changeSettingsWithSig(await registrar.participantOf(by), all, signed);
}

export const settingsOf = async ({ registrar }: World, id: bigint): Promise<Settings> => {
  const { knownOnly, longestGrant, emergency } = await registrar.settingsOf(id);
  return { knownOnly, longestGrant: Number(longestGrant), emergency: Number(emergency) };
};
