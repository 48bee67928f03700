import { concat, getAddress, sha256, toBeHex, toUtf8Bytes } from "ethers";

import { ChartChainError } from "../../errors/index.js";
import { ownId, requireSigner, requireVault, type Context } from "../context.js";
import { keyDocumentOf } from "./participants.js";
import { equalBytes } from "../../crypto/index.js";

const LABEL = toUtf8Bytes("ChartChain/attestation-code/v1\0");
const CHILD_LABEL = toUtf8Bytes("ChartChain/child-attestation-code/v1\0");

/**
 * What the person's screen and the provider's both show before the provider attests who is behind an account: 20 digits,
 * derived from account and key document. 66 bits, because whoever wants another account attested can try as many as there is
 * time for: eight digits are found in an hour.
 *
 * @param account the person's, as the provider was told it
 * @param keyDocument the digest of its key document, as the Registrar has it
 *
 * @example
 * attestationCode({ account, keyDocument }); // "0312 5549 8821 0047 6630"
 */
export const attestationCode = ({ account, keyDocument }: { account: string; keyDocument: string }): string =>
  digitsOf([LABEL, getAddress(account), keyDocument]);

/**
 * The same before a provider attests that a child is in a person's care: derived from the representative's participant id
 * and the child's key document.
 *
 * @example
 * childAttestationCode({ representative: 7, keyDocument });
 */
export const childAttestationCode = ({
  representative,
  keyDocument,
}: {
  representative: number;
  keyDocument: string;
}) => digitsOf([CHILD_LABEL, toBeHex(representative, 5), keyDocument]);

function digitsOf(parts: (Uint8Array | string)[]): string {
  const digits = (BigInt(sha256(concat(parts))) % 10n ** 20n).toString().padStart(20, "0");
  return digits.match(/.{4}/g)!.join(" ");
}

/**
 * The {@link attestationCode} of the client's own account, for the person's screen. It is of the key that is in this vault.
 *
 * @throws KEY_CHANGED when the chain has another key for this account; NOT_REGISTERED
 *
 * @example
 * console.log(await alice.ownAttestationCode());
 */
export async function ownAttestationCode(ctx: Context): Promise<string> {
  const account = await requireSigner(ctx).getAddress();
  const id = await ownId(ctx);
  const { digest, publicKey } = await keyDocumentOf(ctx, id);
  const own = await requireVault(ctx).identity.keyPair();
  if (!equalBytes(publicKey, own.publicKey)) {
    throw new ChartChainError("KEY_CHANGED", "the chain has another key for this account than this vault", {
      details: { participant: id },
      hint: "Show no code. Use the device that registered, or recover the account.",
    });
  }
  return attestationCode({ account, keyDocument: digest });
}

/**
 * Refuses to attest an account before its code was compared with the one on the person's screen.
 *
 * @param code as the staff read it there; spaces don't matter
 * @throws ATTESTATION_CODE_DIFFERS, NOT_REGISTERED
 */
export async function requireSameCode(
  ctx: Context,
  { account, code }: { account: string; code: string },
): Promise<void> {
  const { Registrar } = ctx.contracts;
  const id = await Registrar.participantOf(account);
  const keyDocument = await Registrar.keyDocumentOf(id);
  refuseOtherCode(id === 0n ? undefined : attestationCode({ account, keyDocument }), code, { account });
}

/**
 * Refuses a code that isn't the one of what is to be attested.
 *
 * @param expected undefined where nothing has one
 * @param code as the staff read it on the person's screen; spaces don't matter
 * @throws ATTESTATION_CODE_DIFFERS
 */
export function refuseOtherCode(
  expected: string | undefined,
  code: string | undefined,
  details: Record<string, unknown>,
): void {
  const plain = (text: string) => text.replace(/\s/g, "");
  if (expected !== undefined && code !== undefined && plain(expected) === plain(code)) return;
  throw new ChartChainError("ATTESTATION_CODE_DIFFERS", "the code isn't the one of this account and its key", {
    details,
    hint: "Have the person show the code again, on the device that holds the account. If it still differs, attest nothing.",
  });
}
