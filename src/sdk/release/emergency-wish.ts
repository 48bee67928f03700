import { hexlify } from "ethers";

import { ChartChainError } from "../../errors/index.js";
import type { EnvelopeEntry, SignedStatement } from "../../vault/index.js";
import { participantActing } from "../handover/pinned.js";
import { factsHere } from "../records/known-facts.js";
import { isRetracted } from "../records/retraction/retractions.js";
import { EMERGENCY_WISH } from "../handover/signed/for-readers.js";
import { decide, type Question } from "../consent/decide.js";
import { readGlass, readGrants } from "../consent/readings.js";
import { currentTime, ownId, requireVault, type Context } from "../context.js";
import { altered, header, is, malformed, parseHandover, type HandoverHeader } from "../handover/file.js";
import { checkMessage, signMessage } from "../handover/signature.js";
import type { SignedMessage } from "../handover/signed/action.js";
import { agreed } from "../chain/nodes.js";
import { categoryIndex } from "../vocabulary.js";
import { contentOf } from "../records/open-record.js";

/**
 * What responders see of SENSITIVE: nothing; medicines and allergies alone (lithium, MAO inhibitors, methadone, HIV medicines); or all.
 */
export const SHOWN_SENSITIVE = ["nothing", "medicines", "all"] as const;
export type ShownSensitive = (typeof SHOWN_SENSITIVE)[number];

/** What a patient wishes for emergencies beyond the categories that the chain knows. */
export interface EmergencyWish {
  /**
   * What of SENSITIVE goes through a broken glass: nothing without a wish. It takes the patient's settings, too, which admit
   * SENSITIVE on chain: see {@link changeSettings}.
   */
  showSensitive: ShownSensitive;
  /** Responders are told that there is something that they don't see. */
  sayThatMoreExists: boolean;
}

/** A wish as its patient signed it. */
export interface EmergencyWishFile extends HandoverHeader, SignedMessage {
  kind: "chartchain/emergency-wish";
}

/** Clocks differ by less. In seconds. */
const TOLERANCE = 60 * 60;

/**
 * Signs the client's wish for emergencies (EIP-712), keeps it in the vault, and returns it for the stewards. A later one
 * replaces it.
 *
 * @throws ARGUMENT_INVALID, VAULT_MISSING, NOT_REGISTERED
 * @example
 * const file = await patient.signEmergencyWish({ showSensitive: "medicines", sayThatMoreExists: true });
 */
export async function signEmergencyWish(ctx: Context, wish: EmergencyWish): Promise<EmergencyWishFile> {
  const patient = await ownId(ctx);
  const { showSensitive, sayThatMoreExists } = wish;
  if (!SHOWN_SENSITIVE.includes(showSensitive)) {
    throw new ChartChainError("ARGUMENT_INVALID", `of SENSITIVE nobody can be shown ${String(showSensitive)}`, {
      details: { showSensitive },
      hint: `Give one of ${SHOWN_SENSITIVE.join(", ")}. Nothing was signed.`,
    });
  }
  // From plain JavaScript: left out, it would be signed as no.
  if (typeof sayThatMoreExists !== "boolean") {
    throw new ChartChainError("ARGUMENT_INVALID", "the wish doesn't say whether responders are told that more exists", {
      details: { sayThatMoreExists },
      hint: "Give sayThatMoreExists: true or false. Nothing was signed.",
    });
  }
  const message = { patient, showSensitive, sayThatMoreExists, signedAt: await currentTime(ctx) };
  const signed = await signMessage(ctx, EMERGENCY_WISH, message);
  const file: EmergencyWishFile = { ...header(ctx, "chartchain/emergency-wish"), ...signed };
  keep(ctx, patient, file);
  return file;
}

/**
 * Takes a patient's wish into the vault of who keeps records of the patient. Of two the later one stays.
 *
 * @returns the wish that is kept now
 * @throws HANDOVER_…, VAULT_MISSING
 * @example
 * await clinic.takeEmergencyWish({ file: JSON.parse(await readFile("wish.json", "utf8")) });
 */
export async function takeEmergencyWish(
  ctx: Context,
  { file }: { file: unknown },
): Promise<EmergencyWish & { patient: number }> {
  const shape = { message: is.object, account: is.address, signature: is.hex };
  const signed = parseHandover<EmergencyWishFile>(ctx, "chartchain/emergency-wish", shape, file);
  await checkMessage(ctx, EMERGENCY_WISH, signed, "the wish");
  const { patient, showSensitive, signedAt } = messageOf(signed);
  if (!SHOWN_SENSITIVE.includes(showSensitive)) throw malformed("it doesn't say what of SENSITIVE is shown");
  const signer = await participantActing(ctx, signed.account);
  if (signer !== patient) throw altered("the wish");
  if (signedAt > (await currentTime(ctx)) + TOLERANCE) throw malformed("it is dated later than now");
  const held = kept(ctx, patient);
  if (held === undefined || messageOf(held).signedAt < signedAt) keep(ctx, patient, signed);
  return { patient, ...wishIn(kept(ctx, patient)!) };
}

/**
 * The wish of a patient that counts: the one that this vault keeps, as long as the account that signed it acts for the patient.
 * What a thief signed ends with the recovery, and what a retired account signed ends, too.
 *
 * @returns undefined where the vault keeps none, or its account acts no more
 * @throws VAULT_MISSING, CHAIN_UNREACHABLE, NODES_…
 */
export async function emergencyWishOf(
  ctx: Context,
  { patient }: { patient: number },
): Promise<EmergencyWish | undefined> {
  const file = kept(ctx, patient);
  if (file === undefined) return undefined;
  const signer = await agreed(ctx, `account ${file.account}`, async (view, at) =>
    Number(await view.contracts.Registrar.participantOf(file.account, { blockTag: at })),
  );
  return signer === patient ? wishIn(file) : undefined;
}

/**
 * Whether a responder is told that this steward withholds SENSITIVE records: it broke the glass, there are some, and the patient
 * lets it. Who has a grant for emergencies and broke no glass is told nothing: it has what was granted, and no emergency.
 */
export async function saysThatMoreExists(
  ctx: Context,
  { patient, viewer }: { patient: number; viewer: number },
): Promise<boolean> {
  if ((await emergencyWishOf(ctx, { patient }))?.sayThatMoreExists !== true) return false;
  const steward = await ownId(ctx);
  const sensitive = categoryIndex("SENSITIVE");
  const records = requireVault(ctx).envelopes.list({ patient, steward, status: "anchored" });
  const standing = records.filter((entry) => !isRetracted(ctx, entry));
  const withheld = standing.filter(({ metadata }) => metadata?.category === sensitive);
  if (withheld.length === 0) return false;
  const question = { patient, steward, viewer, category: "SENSITIVE", purpose: "ETREAT" } as const;
  if (!(await hasBrokenGlass(ctx, question))) return false;
  const { allowed, reason } = await decide(ctx, question);
  if (reason !== "SINGLE_RECORDS") return !allowed;
  for (const entry of withheld) if (!(await isShownInEmergency(ctx, entry).catch(() => false))) return true;
  return false;
}

/** Whether a responder's glass is broken now and shows anything, by all nodes. One that was seen to end stays ended. */
const hasBrokenGlass = (ctx: Context, question: Question): Promise<boolean> =>
  agreed(ctx, `the emergency of patient ${question.patient}`, async (view, at) => {
    const head = await view.provider.getBlock(at);
    if (head === null) return false;
    const [grant] = await readGrants(view, question, head);
    const { admits, expiry, live, endedBefore } = await readGlass(view, question, head, grant!);
    return admits !== 0n && live && !endedBefore && ctx.clock() < expiry;
  });

/**
 * Whether a broken glass that admits a record's category shows the record: what is SENSITIVE only by the patient's wish, which
 * this vault has to hold, see {@link emergencyWishOf}; where the wish is about medicines, only what holds medicines and allergies alone.
 *
 * @param again reads once more what the record says
 * @throws BLOCK_MISSING, BLOCK_CORRUPT, CIPHERTEXT_REFUSED for one that can't be read
 */
export async function isShownInEmergency(ctx: Context, entry: EnvelopeEntry, again = false): Promise<boolean> {
  if (entry.metadata?.category !== categoryIndex("SENSITIVE")) return true;
  const shown = (await emergencyWishOf(ctx, { patient: entry.patient }))?.showSensitive;
  if (shown === "all") return true;
  if (shown !== "medicines") return false;
  const digest = hexlify(entry.digest);
  return (await factsHere(ctx, digest, () => contentOf(ctx, digest), again))?.isMedicines === true;
}

function wishIn(file: EmergencyWishFile): EmergencyWish {
  const { showSensitive, sayThatMoreExists } = messageOf(file);
  return { showSensitive, sayThatMoreExists };
}

function messageOf({ message }: SignedMessage): EmergencyWish & { patient: number; signedAt: number } {
  return message as unknown as EmergencyWish & { patient: number; signedAt: number };
}

function kept(ctx: Context, patient: number): EmergencyWishFile | undefined {
  return requireVault(ctx).access.emergencyWishes.get({ patient }) as unknown as EmergencyWishFile | undefined;
}

function keep(ctx: Context, patient: number, file: EmergencyWishFile): void {
  requireVault(ctx).access.emergencyWishes.set({ patient }, file as unknown as SignedStatement);
}
