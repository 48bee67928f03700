import { hexlify, randomBytes } from "ethers";

import { ChartChainError } from "../../errors/index.js";
import type { JsonValue } from "../../vault/index.js";
import { send, type Sent } from "../chain/transactions.js";
import { currentTime, ownId, requireVault, type Context } from "../context.js";
import { header, is, parseHandover, type HandoverHeader } from "../handover/file.js";
import { guardiansDigest, isGuardians, type Guardians } from "../handover/guardians.js";
import { signAction, type SignedActionFile } from "../handover/signed-action.js";
import { SIGNED_ACTIONS } from "../handover/signed/index.js";
import { signatureEpochOf } from "./accounts.js";
import { DEFAULT_SIGNATURE_LIFETIME } from "./register.js";

/** What each guardian keeps: without it nobody can start a recovery, and nobody finds out who the guardians are. */
export interface GuardiansFile extends HandoverHeader {
  kind: "chartchain/guardians";
  participant: number;
  guardians: Guardians;
}

/** Whom a person trusts with a recovery. */
export interface GuardianChoice {
  /** Two to sixteen participants. */
  members: readonly number[];
  /** How many of them it takes: fewer than there are, since a veto asks for one more. */
  threshold: number;
  /** How long the person has to veto, in seconds: a day to a week. Three days when left out. */
  delay?: number;
}

const DAY = 24 * 60 * 60;
/** How many former guardians' files a vault keeps. */
const MOST_KEPT = 20;

/**
 * Sets the client's guardians: at once the first time, after 30 days from then on. Give the file to each of them, and keep
 * it yourself.
 *
 * @throws GUARDIANS_UNUSABLE, RECOVERY_PENDING
 *
 * @example
 * const { file } = await client.setGuardians({ members: [9, 12, 15], threshold: 2 });
 */
export async function setGuardians(ctx: Context, choice: GuardianChoice): Promise<Sent & { file: GuardiansFile }> {
  const { file, digest } = await guardiansFor(ctx, choice);
  const sent = await send(ctx, "changeGuardians", {
    contract: ctx.contracts.Registrar,
    method: "changeGuardians",
    args: [digest],
  });
  return { ...sent, file };
}

/** Signs a change of guardians for somebody else to relay. */
export async function signSetGuardians(
  ctx: Context,
  { lifetime = DEFAULT_SIGNATURE_LIFETIME, ...choice }: GuardianChoice & { lifetime?: number },
): Promise<{ action: SignedActionFile; file: GuardiansFile }> {
  const { file, digest } = await guardiansFor(ctx, choice);
  const action = await signAction(ctx, SIGNED_ACTIONS.changeGuardians, {
    participant: file.participant,
    guardiansDigest: digest,
    signatureEpoch: await signatureEpochOf(ctx, file.participant),
    deadline: (await currentTime(ctx)) + lifetime,
  });
  return { action, file };
}

/**
 * The change of a person's guardians that doesn't count yet: somebody who holds the person's key can announce one, so an
 * app should show it.
 *
 * @returns what the contract knows of the new guardians, and when they begin to count (seconds since 1970); undefined when
 *   nothing is announced
 *
 * @example
 * const change = await client.guardianChangeOf({ participant: 7 });
 */
export async function guardianChangeOf(
  ctx: Context,
  { participant }: { participant: number },
): Promise<{ guardiansDigest: string; from: number } | undefined> {
  const { digest, from } = await ctx.contracts.Registrar.guardianChangeOf(participant);
  return from === 0n ? undefined : { guardiansDigest: digest, from: Number(from) };
}

/** Reads what {@link setGuardians} made. Throws HANDOVER_…. */
export function readGuardians(ctx: Context, file: unknown): GuardiansFile {
  return parseHandover<GuardiansFile>(
    ctx,
    "chartchain/guardians",
    { participant: is.id, guardians: isGuardians },
    file,
  );
}

const keptUnder = (participant: number) => ({
  newest: `guardians:${participant}`,
  former: `guardians-former:${participant}`,
});

/** A change counts late, or is refused: until then the former guardians are the ones to know. */
function keepGuardians({ vault }: Context, file: GuardiansFile): void {
  const { newest, former } = keptUnder(file.participant);
  vault?.transaction(() => {
    const before = vault.settings.get(newest);
    const earlier = (vault.settings.get(former) as JsonValue[] | undefined) ?? [];
    if (before !== undefined) vault.settings.set(former, [...earlier, before].slice(-MOST_KEPT));
    vault.settings.set(newest, JSON.parse(JSON.stringify(file)) as JsonValue);
  });
}

/** The guardians that count now, as far as the vault knows them. */
export async function keptGuardians(ctx: Context): Promise<unknown> {
  const participant = await ownId(ctx);
  const { settings } = requireVault(ctx);
  const { newest, former } = keptUnder(participant);
  const kept = [settings.get(newest), ...((settings.get(former) as JsonValue[] | undefined) ?? [])];
  const { Registrar } = ctx.contracts;
  const current = await Registrar.guardiansOf(participant);
  for (const file of kept.filter((each) => each !== undefined)) {
    const { guardians } = readGuardians(ctx, file);
    if (guardiansDigest(participant, guardians) === current) return file;
  }
  throw new ChartChainError("GUARDIANS_UNKNOWN", "this vault doesn't know the guardians", {
    details: { participant },
    hint: "Give the guardians' file: each guardian has one.",
  });
}

async function guardiansFor(ctx: Context, choice: GuardianChoice): Promise<{ file: GuardiansFile; digest: string }> {
  const participant = await ownId(ctx);
  const { threshold, delay = 3 * DAY } = choice;
  const members = [...new Set(choice.members)].sort((a, b) => a - b);
  const problem =
    members.length < 2 || members.length > 16
      ? "there have to be two to sixteen"
      : members.includes(participant)
        ? "nobody guards himself or herself"
        : !Number.isSafeInteger(threshold) || threshold < 1 || threshold >= members.length
          ? "the threshold has to be smaller than their number, since a veto asks for one more"
          : !Number.isSafeInteger(delay) || delay < DAY || delay > 7 * DAY
            ? "the delay has to be a day to a week"
            : await unknownAmong(ctx, members);
  if (problem !== undefined) {
    throw new ChartChainError("GUARDIANS_UNUSABLE", `these guardians can't be used: ${problem}`, {
      details: { members, threshold, delay },
      hint: "The chain sees them only when they are needed, which is too late to correct them.",
    });
  }
  const guardians: Guardians = { members, threshold, delay, salt: hexlify(randomBytes(32)) };
  const file = { ...header(ctx, "chartchain/guardians"), participant, guardians };
  // Before anything is sent: guardians that nobody knows can't be used.
  keepGuardians(ctx, file);
  return { file, digest: guardiansDigest(participant, guardians) };
}

async function unknownAmong(ctx: Context, members: number[]): Promise<string | undefined> {
  const count = Number(await ctx.contracts.Registrar.participantCount());
  const unknown = members.find((member) => !Number.isSafeInteger(member) || member < 1 || member > count);
  return unknown === undefined ? undefined : `there is no participant ${unknown}`;
}
