import { getBytes, hexlify } from "ethers";

import { ChartChainError } from "../../errors/index.js";
import type { JsonValue } from "../../vault/index.js";
import { participantActing } from "../pinned.js";
import { RECORD_RETRACTION } from "../chain/typed-data.js";
import { hearsOfConfidential } from "../consent/confidential.js";
import { requireVault, type Context } from "../context.js";
import { header, is, parseHandover, type HandoverHeader } from "../handover/file.js";
import { checkMessage, messageDigest, signMessage, type SignedMessage } from "../handover/signature.js";
import type { Category } from "../vocabulary.js";
import { singleKeysOf } from "./key-holders.js";

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

/** An author's signed statement: goes with deliveries, or by itself. */
export interface RetractionFile extends HandoverHeader, SignedMessage {
  kind: "chartchain/retraction";
}

/** Stands where no record is named. */
export const NO_RECORD = `0x${"00".repeat(32)}`;

const SHAPE = { message: is.object, account: is.address, signature: is.hex };

/** Signs a statement, as the author. */
export const signRetraction = async (ctx: Context, message: RetractionMessage): Promise<RetractionFile> => ({
  ...header(ctx, "chartchain/retraction"),
  ...(await signMessage(ctx, RECORD_RETRACTION, { ...message })),
});

/**
 * Reads a statement, and makes sure that the participant whom it names as the author signed it.
 *
 * @throws HANDOVER_…, RETRACTION_REFUSED
 */
export async function readRetraction(ctx: Context, file: unknown): Promise<RetractionMessage> {
  const given = parseHandover<RetractionFile>(ctx, "chartchain/retraction", SHAPE, file);
  await checkMessage(ctx, RECORD_RETRACTION, given, "the retraction");
  const message = given.message as unknown as RetractionMessage;
  const signer = await participantActing(ctx, given.account);
  if (signer !== message.author) throw refused(message, "whoever signed it acts for somebody else");
  return message;
}

/** Keeps a statement that was checked, to show it and to hand it on. */
export function keepStatement(ctx: Context, file: RetractionFile): void {
  const { patient, record } = file.message as unknown as RetractionMessage;
  requireVault(ctx).retractions.putStatement({
    digest: getBytes(messageDigest(ctx, RECORD_RETRACTION, file.message)),
    patient,
    ...(record === NO_RECORD ? {} : { record: getBytes(record) }),
    file: file as unknown as JsonValue,
  });
}

/** What a kept statement says. */
export const messageIn = (file: unknown): RetractionMessage => (file as { message: RetractionMessage }).message;

/** The author's newest statement on a record of a chart. */
export function statementOn(
  ctx: Context,
  { record, patient, author }: { record: Uint8Array; patient: number; author: number },
): RetractionMessage | undefined {
  return requireVault(ctx)
    .retractions.statements({ patient })
    .map(({ file }) => messageIn(file))
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
 * hears when it has come of age: whoever represents it would read it.
 */
export async function statementsFor(
  ctx: Context,
  { patient, viewer, compartments, again }: { patient: number; viewer: number; compartments: string[]; again: boolean },
): Promise<{ statements: RetractionFile[]; given: () => void }> {
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
  return {
    statements: due.map(({ file }) => file as unknown as RetractionFile),
    given: () => due.length > 0 && settings.set(name, [...before, ...due.map(({ digest }) => hexlify(digest))]),
  };
}
