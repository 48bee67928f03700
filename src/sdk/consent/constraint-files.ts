import { hexlify } from "ethers";

import { constraintDigest, openSealed, sealTo } from "../../crypto/index.js";
import { ChartChainError, isChartChainError } from "../../errors/index.js";
import {
  decodeHeld,
  encodeHeld,
  heldConstraint,
  isOf,
  keepConstraint,
  type ConstrainedWord,
  type HeldConstraint,
} from "./constraint.js";
import { ownId, requireVault, type Context } from "../context.js";
import { altered, fromBase64, header, is, parseHandover, toBase64, type HandoverHeader } from "../handover/file.js";
import { requireIdentityStands } from "../people/identity-stands.js";
import { keyDocumentOf } from "../people/participants.js";
import { EVERY_STEWARD, PURPOSES, purposeIndex, type Purpose, UNCONSTRAINED } from "../vocabulary.js";

/** What narrows a grant, sealed to one of those who have to hold it: a steward, or the viewer. */
export interface ConstraintFile extends HandoverHeader {
  kind: "chartchain/constraint";
  patient: number;
  viewer: number;
  purpose: Purpose;
  /** Whose records; `EVERY_STEWARD` for a grant over all of them. */
  steward: number;
  /** The salted digest that the grant names on chain. */
  digest: string;
  recipient: number;
  keyVersion: number;
  /** Base64. */
  sealed: string;
}

/** Which grant's constraint goes to whom. */
export interface ReleaseConstraintInput {
  /** The client's own when left out. */
  patient?: number;
  viewer: number;
  purpose: Purpose;
  /** Whose records; every steward's when left out. */
  steward?: number;
  /** Who gets it: a steward, or the viewer. */
  to: number;
}

/**
 * Seals the constraint that a grant has now to a steward or the viewer. A steward needs it to release anything, a viewer to
 * open anything; a delivery to the viewer holds it.
 *
 * @throws CONSTRAINT_MISSING when the grant has none, or this vault doesn't hold it; UNKNOWN_PARTICIPANT, KEY_CHANGED,
 *   IDENTITY_WITHDRAWN
 *
 * @example
 * const file = await patient.releaseConstraint({ viewer: 9, purpose: "HPAYMT", steward: 4, to: 4 });
 * await clinic.takeConstraint({ file });
 */
export async function releaseConstraint(
  ctx: Context,
  { patient, viewer, purpose, steward = EVERY_STEWARD, to }: ReleaseConstraintInput,
): Promise<ConstraintFile> {
  const word = { patient: patient ?? (await ownId(ctx)), viewer, purpose, steward };
  const digest = await currentConstraint(ctx, word);
  const held = digest === UNCONSTRAINED ? undefined : heldConstraint(ctx, digest, word);
  if (held === undefined) {
    throw new ChartChainError("CONSTRAINT_MISSING", "this vault doesn't hold the constraint that the grant has now", {
      details: { ...word, digest },
      hint: "Whoever granted holds it: take its file, or grant with a constraint again.",
    });
  }
  return sealConstraint(ctx, word, held, to);
}

/** Seals a constraint to one recipient. */
export async function sealConstraint(
  ctx: Context,
  word: ConstrainedWord,
  held: HeldConstraint,
  recipient: number,
): Promise<ConstraintFile> {
  await requireIdentityStands(ctx, word.patient, recipient);
  const digest = hexlify(constraintDigest(held.constraint));
  const { publicKey, keyVersion } = await keyDocumentOf(ctx, recipient);
  const plaintext = new TextEncoder().encode(encodeHeld(held));
  const sealed = toBase64(await sealTo(publicKey, infoOf({ digest, recipient, keyVersion }), plaintext));
  return { ...header(ctx, "chartchain/constraint"), ...word, digest, recipient, keyVersion, sealed };
}

/**
 * Takes a grant's constraint into the vault. Its salted digest on chain says that it is the grant's, whoever hands it over.
 *
 * @throws HANDOVER_…, GRANT_FOR_SOMEBODY_ELSE, CONSTRAINT_MALFORMED; CONSTRAINT_STALE when the grant has another one now,
 *   or none
 *
 * @example
 * await viewer.takeConstraint({ file: JSON.parse(await readFile("constraint.json", "utf8")) });
 */
export async function takeConstraint(ctx: Context, { file }: { file: unknown }): Promise<ConstrainedWord> {
  const shape = {
    ...{ patient: is.id, viewer: is.id, steward: is.id, recipient: is.id, keyVersion: is.count, digest: is.digest },
    ...{ purpose: (value: unknown) => PURPOSES.includes(value as Purpose), sealed: is.base64 },
  };
  const given = parseHandover<ConstraintFile>(ctx, "chartchain/constraint", shape, file);
  const { patient, viewer, purpose, steward, digest, recipient } = given;
  const own = await ownId(ctx);
  if (recipient !== own) {
    throw new ChartChainError("GRANT_FOR_SOMEBODY_ELSE", `the constraint is for participant ${recipient}`, {
      details: { recipient, own },
      hint: "Only the recipient it names can use it.",
    });
  }
  const held = await unseal(ctx, given);
  const word = { patient, viewer, purpose, steward };
  if (hexlify(constraintDigest(held.constraint)) !== digest || !isOf(held.constraint, word)) {
    throw altered("the constraint");
  }
  const current = await currentConstraint(ctx, word);
  if (current !== digest) {
    throw new ChartChainError("CONSTRAINT_STALE", "the grant has another constraint now, or none", {
      details: { ...word, digest, current },
      hint: "Ask for the newest file. If it was just granted, wait for its block, and take the same file again.",
    });
  }
  keepConstraint(ctx, held);
  return word;
}

/** The digest that a grant names at the head. */
export const currentConstraint = (ctx: Context, { patient, viewer, purpose, steward }: ConstrainedWord) =>
  ctx.contracts.Consents.constraintOf(patient, viewer, purposeIndex(purpose), steward);

async function unseal(ctx: Context, given: ConstraintFile): Promise<HeldConstraint> {
  try {
    const keyPair = await requireVault(ctx).identity.keyPair(given.keyVersion);
    const plaintext = await openSealed(keyPair, infoOf(given), fromBase64(given.sealed));
    return decodeHeld(new TextDecoder().decode(plaintext));
  } catch (error) {
    if (isChartChainError(error, "SEALED_REFUSED")) throw altered("the constraint");
    throw error;
  }
}

const infoOf = ({ digest, recipient, keyVersion }: Pick<ConstraintFile, "digest" | "recipient" | "keyVersion">) =>
  new TextEncoder().encode(`ChartChain constraint v1|${digest}|${recipient}|${keyVersion}`);
