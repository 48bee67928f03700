import { getBytes, hexlify } from "ethers";

import { openSealed, sealTo } from "../../../crypto/index.js";
import { ChartChainError, isChartChainError } from "../../../errors/index.js";
import type { JsonValue } from "../../../vault/index.js";
import { participantActing } from "../../handover/pinned.js";
import { RECORD_RETRACTION } from "../../handover/signed/for-readers.js";
import { hearsOfConfidential } from "../../consent/confidential.js";
import { ownId, requireVault, type Context } from "../../context.js";
import { altered, fromBase64, header, is, parseHandover, toBase64, type HandoverHeader } from "../../handover/file.js";
import { checkMessage, messageDigest, signMessage } from "../../handover/signature.js";
import type { SignedMessage } from "../../handover/signed/action.js";
import { keyDocumentOf } from "../../people/participants.js";
import type { Category } from "../../vocabulary.js";
import { isConfirmed } from "../../people/confirmed-keys.js";
import { singleKeysOf } from "../key-holders.js";

/** What a record's author says about having retracted it. */
export interface RetractionMessage {
  /** To whom it is said: the patient whose chart the record is in, or whose data it holds. */
  patient: number;
  /** Who wrote the record, and says this. */
  author: number;
  /** Digest of the record; {@link NO_RECORD} to the right patient, whom the other chart's digests are none of. */
  record: string;
  /** What the author anchored for it; {@link NO_RECORD} where it could anchor nothing, or as above. */
  retraction: string;
  category: Category;
  reason: string;
  /** How many participants, besides the patient whose chart it is, may have had the record's key from the author. */
  keyHolders: number;
  /** In seconds since 1970. */
  retractedAt: number;
}

/** An author's signed statement, sealed to whom it is handed: goes with deliveries, or by itself. */
export interface RetractionFile extends HandoverHeader {
  kind: "chartchain/retraction";
  recipient: number;
  keyVersion: number;
  /** Base64; its size says nothing of the reason's. */
  sealed: string;
}

/** Stands where no record is named. */
export const NO_RECORD = `0x${"00".repeat(32)}`;

const SHAPE = { recipient: is.id, keyVersion: is.count, sealed: is.base64 };

/** A statement is sealed in steps of so many bytes. */
const STEP = 1_024;

/** Signs a statement, as the author. */
export const signRetraction = (ctx: Context, message: RetractionMessage): Promise<SignedMessage> =>
  signMessage(ctx, RECORD_RETRACTION, { ...message });

/** Seals a signed statement to whom it is handed. The key is the one that may have it, see {@link statementsFor}. */
export async function sealRetraction(
  ctx: Context,
  { message, account, signature }: SignedMessage,
  recipient: number,
): Promise<RetractionFile> {
  const { publicKey, keyVersion } = await keyDocumentOf(ctx, recipient);
  const said = new TextEncoder().encode(JSON.stringify({ message, account, signature }));
  const plaintext = new Uint8Array(Math.ceil(said.length / STEP) * STEP).fill(0x20);
  plaintext.set(said);
  const sealed = toBase64(await sealTo(publicKey, infoOf({ recipient, keyVersion }), plaintext));
  return { ...header(ctx, "chartchain/retraction"), recipient, keyVersion, sealed };
}

/**
 * Opens a statement, and makes sure that the participant whom it names as the author signed it.
 *
 * @throws HANDOVER_…, GRANT_FOR_SOMEBODY_ELSE, RETRACTION_REFUSED
 */
export async function readRetraction(
  ctx: Context,
  file: unknown,
): Promise<{ message: RetractionMessage; signed: SignedMessage }> {
  const given = parseHandover<RetractionFile>(ctx, "chartchain/retraction", SHAPE, file);
  const { recipient } = given;
  const own = await ownId(ctx);
  if (recipient !== own) {
    throw new ChartChainError("GRANT_FOR_SOMEBODY_ELSE", `the retraction is for participant ${recipient}`, {
      details: { recipient, own },
      hint: "Only the recipient it names can use it.",
    });
  }
  const signed = await unseal(ctx, given);
  await checkMessage(ctx, RECORD_RETRACTION, signed, "the retraction");
  const message = signed.message as unknown as RetractionMessage;
  const signer = await participantActing(ctx, signed.account);
  if (signer !== message.author) throw refused(message, "whoever signed it acts for somebody else");
  return { message, signed };
}

async function unseal(ctx: Context, given: RetractionFile): Promise<SignedMessage> {
  let said: unknown;
  try {
    const keyPair = await requireVault(ctx).identity.keyPair(given.keyVersion);
    const plaintext = await openSealed(keyPair, infoOf(given), fromBase64(given.sealed));
    said = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(plaintext));
  } catch (error) {
    if (isChartChainError(error) && error.code !== "SEALED_REFUSED") throw error;
    throw altered("the retraction");
  }
  const { message, account, signature, ...more } = (is.object(said) ? said : {}) as Record<string, unknown>;
  if (!is.object(message) || !is.address(account) || !is.hex(signature) || Object.keys(more).length > 0) {
    throw altered("the retraction");
  }
  return { message, account, signature } as SignedMessage;
}

const infoOf = ({ recipient, keyVersion }: Pick<RetractionFile, "recipient" | "keyVersion">) =>
  new TextEncoder().encode(`ChartChain retraction v1|${recipient}|${keyVersion}`);

/** Keeps a statement that was checked, to show it and to hand it on. */
export function keepStatement(ctx: Context, signed: SignedMessage): void {
  const { patient, record } = signed.message as unknown as RetractionMessage;
  requireVault(ctx).retractions.putStatement({
    digest: getBytes(messageDigest(ctx, RECORD_RETRACTION, signed.message)),
    patient,
    ...(record === NO_RECORD ? {} : { record: getBytes(record) }),
    signed: signed as unknown as JsonValue,
  });
}

/** What a kept statement says. */
export const messageIn = (signed: unknown): RetractionMessage => (signed as { message: RetractionMessage }).message;

/** The author's newest statement on a record of a chart. */
export function statementOn(
  ctx: Context,
  { record, patient, author }: { record: Uint8Array; patient: number; author: number },
): RetractionMessage | undefined {
  return requireVault(ctx)
    .retractions.statements({ patient })
    .map(({ signed }) => messageIn(signed))
    .findLast((message) => message.record === hexlify(record) && message.author === author);
}

/** A statement that isn't what it says. */
export const refused = ({ author, record }: RetractionMessage, why: string): ChartChainError =>
  new ChartChainError("RETRACTION_REFUSED", `participant ${author} can't retract this record: ${why}`, {
    details: { author, record },
    hint: "Don't rely on it: the record stands. Nobody but its author retracts it.",
  });

/**
 * The statements that a recipient wasn't given yet, and what to remember once it has them. About what is confidential a child
 * hears when it has come of age: whoever represents it would read it. For a key that wasn't confirmed since the recipient changed
 * it, all of them wait.
 *
 * @throws what {@link keyDocumentOf} throws, where there is something to say
 */
export async function statementsFor(
  ctx: Context,
  { patient, viewer, compartments, again }: { patient: number; viewer: number; compartments: string[]; again: boolean },
): Promise<{ statements: SignedMessage[]; given: () => void }> {
  const { retractions, settings, envelopes, compartments: singleKeys } = requireVault(ctx);
  const name = `retractions-told:${patient}:${viewer}`;
  const before = again ? [] : ((settings.get(name) as string[] | undefined) ?? []);
  const untold = retractions.statements({ patient }).filter(({ digest }) => !before.includes(hexlify(digest)));
  const isWithheld = viewer === patient && untold.length > 0 && !(await hearsOfConfidential(ctx, patient));
  const due = untold.filter(({ record }) => {
    const held = record && envelopes.get(record);
    // Of one that was shredded since, nothing tells any more what it was.
    if (isWithheld)
      return record === undefined || (held?.metadata !== undefined && held.metadata.confidential !== true);
    if (viewer === patient) return true;
    // Others hear of what they may have: a record whose key they were given.
    if (held === undefined) return false;
    const wasGivenSingly = singleKeysOf(ctx, held).some(({ id }) => singleKeys.exposed(id).has(viewer));
    return wasGivenSingly || compartments.includes(hexlify(held.compartmentId));
  });
  if (due.length === 0 || !isConfirmed(ctx, { participant: viewer, ...(await keyDocumentOf(ctx, viewer)) })) {
    return { statements: [], given: () => {} };
  }
  return {
    statements: due.map(({ signed }) => signed as unknown as SignedMessage),
    given: () => settings.set(name, [...before, ...due.map(({ digest }) => hexlify(digest))]),
  };
}
