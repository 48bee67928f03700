import { hexlify, randomBytes } from "ethers";

import { openSealed, sealTo } from "../../crypto/index.js";
import { ChartChainError } from "../../errors/index.js";
import { KEY_CONFIRMATION } from "../handover/signed/for-readers.js";
import { currentTime, ownId, requireVault, type Context } from "../context.js";
import { fromBase64, header, is, parseHandover, toBase64, type HandoverHeader } from "../handover/file.js";
import { checkMessage, signMessage } from "../handover/signature.js";
import type { SignedMessage } from "../handover/signed/action.js";
import { agreed } from "../chain/nodes.js";
import { keyDocumentOf, recoveryEndOf } from "./participants.js";
import { keyState, participantActing } from "../handover/pinned.js";
import { noteConfirmedKey } from "./confirmed-keys.js";
import type { Said } from "../chain/typed-data.js";

/** A number that only the holder of a new key can read. */
export interface KeyChallengeFile extends HandoverHeader {
  kind: "chartchain/key-challenge";
  /** Who asks: a steward, or the patient. */
  holder: number;
  participant: number;
  keyVersion: number;
  /** Sealed to the participant's current key, base64. */
  sealed: string;
}

/** The number, signed: the participant holds both the account and the key. */
export interface KeyConfirmationFile extends HandoverHeader, SignedMessage<Said<typeof KEY_CONFIRMATION>> {
  kind: "chartchain/key-confirmation";
}

const infoOf = (holder: number, participant: number, keyVersion: number) =>
  new TextEncoder().encode(`ChartChain key challenge v1|${holder}|${participant}|${keyVersion}`);

/**
 * Challenges a participant who changed keys, before anything that is older than the new key is wrapped for it.
 *
 * @throws UNKNOWN_PARTICIPANT, RECOVERY_PENDING; what the store throws
 *
 * @example
 * const challenge = await clinic.challengeKey({ participant: 7 });
 * const confirmation = await patient.answerKeyChallenge({ file: challenge });
 * await clinic.acceptKeyConfirmation({ file: confirmation });
 * await clinic.deliver({ patient: 7, viewer: 7, again: true });
 */
export async function challengeKey(ctx: Context, { participant }: { participant: number }): Promise<KeyChallengeFile> {
  const { keyChallenges } = requireVault(ctx).access;
  const holder = await ownId(ctx);
  await requireNoRecovery(ctx, participant);
  const { publicKey, keyVersion, digest } = await keyDocumentOf(ctx, participant);
  const nonce = randomBytes(32);
  keyChallenges.set({ participant }, { keyVersion, nonce: hexlify(nonce), keyDocument: digest });
  const sealed = toBase64(await sealTo(publicKey, infoOf(holder, participant, keyVersion), nonce));
  return { ...header(ctx, "chartchain/key-challenge"), holder, participant, keyVersion, sealed };
}

/**
 * Answers a challenge with the vault's key and the client's account.
 *
 * @throws HANDOVER_…, KEY_CHALLENGE_UNANSWERABLE when the vault's key doesn't open it
 */
export async function answerKeyChallenge(ctx: Context, { file }: { file: unknown }): Promise<KeyConfirmationFile> {
  const shape = { holder: is.id, participant: is.id, keyVersion: is.count, sealed: is.base64 };
  const challenge = parseHandover<KeyChallengeFile>(ctx, "chartchain/key-challenge", shape, file);
  const { holder, participant, keyVersion, sealed } = challenge;
  let nonce: Uint8Array;
  try {
    const keyPair = await requireVault(ctx).identity.keyPair(keyVersion);
    nonce = await openSealed(keyPair, infoOf(holder, participant, keyVersion), fromBase64(sealed));
  } catch (cause) {
    throw new ChartChainError("KEY_CHALLENGE_UNANSWERABLE", "this vault's key doesn't open the challenge", {
      details: { participant, keyVersion },
      hint: "Open it with the vault that has the new key, or ask for a new challenge.",
      cause,
    });
  }
  const message = { participant, holder, keyVersion, nonce: hexlify(nonce) };
  return { ...header(ctx, "chartchain/key-confirmation"), ...(await signMessage(ctx, KEY_CONFIRMATION, message)) };
}

/**
 * Accepts a confirmation: from then on everything that the participant may see is wrapped for the new key.
 *
 * @throws HANDOVER_…, KEY_CONFIRMATION_REFUSED, RECOVERY_PENDING; ACCOUNT_UNPROVEN when only a node says that its signer
 *   acts for the participant; NODES_DISAGREE, NODES_BEHIND, NODES_MISSING
 */
export async function acceptKeyConfirmation(
  ctx: Context,
  { file }: { file: unknown },
): Promise<{ participant: number; keyVersion: number }> {
  const { keyChallenges } = requireVault(ctx).access;
  const shape = { message: is.object, account: is.address, signature: is.hex };
  const confirmation = parseHandover<KeyConfirmationFile>(ctx, "chartchain/key-confirmation", shape, file);
  await checkMessage(ctx, KEY_CONFIRMATION, confirmation, "the confirmation");
  const { participant, holder, keyVersion, nonce } = confirmation.message;
  const challenge = keyChallenges.get({ participant });
  const signer = await participantActing(ctx, confirmation.account);
  const current = await agreed(ctx, `the key document of participant ${participant}`, (view, at) =>
    keyState(view, participant, at),
  );
  const problem =
    holder !== (await ownId(ctx))
      ? "it answers somebody else"
      : signer !== participant
        ? "its signer acts for somebody else"
        : challenge === undefined
          ? "nobody was challenged, or it was answered already"
          : challenge.nonce !== nonce || challenge.keyVersion !== keyVersion
            ? "it answers another challenge"
            : keyVersion !== current.keyVersion || challenge.keyDocument !== current.keyDocument
              ? "the key was changed again since"
              : undefined;
  if (problem !== undefined) {
    throw new ChartChainError("KEY_CONFIRMATION_REFUSED", `the confirmation of a key is refused: ${problem}`, {
      details: { participant: participant },
      hint: "Challenge the participant again.",
    });
  }
  await requireNoRecovery(ctx, participant);
  keyChallenges.delete({ participant });
  noteConfirmedKey(ctx, participant, current);
  return { participant: participant, keyVersion: keyVersion };
}

/** While guardians recover an account, whoever holds it and its key may be a thief. */
async function requireNoRecovery(ctx: Context, participant: number): Promise<void> {
  const stored = await ctx.contracts.Registrar.participant(participant);
  if (recoveryEndOf(stored) <= (await currentTime(ctx))) return;
  throw new ChartChainError("RECOVERY_PENDING", `a recovery of participant ${participant} is pending`, {
    details: { participant },
    hint: "Wait until it is executed or lapses; then challenge the participant again.",
  });
}
