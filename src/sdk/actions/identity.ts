import { hexlify, randomBytes, solidityPackedKeccak256 } from "ethers";

import { chainCall } from "../chain/errors.js";
import { send, type Sent } from "../chain/transactions.js";
import { currentTime, ownId, type Context } from "../context.js";
import { readSignedAction, callOf, signAction, type SignedActionFile } from "../handover/signed-action.js";
import { DEFAULT_SIGNATURE_LIFETIME } from "./register.js";

/** Who somebody is to an issuer: an identifier such as a medical record number, and the salt that hides it. */
export interface IdentityClaim {
  /** The issuer's participant id. */
  issuer: number;
  /** The identifier's system and value in one text, for example `http://hospital.example/mrn|12345`. */
  identifier: string;
  /** 32 random bytes in hex, which only issuer and person know. */
  salt: string;
}

/** A random salt for one person. */
export const identitySalt = (): string => hexlify(randomBytes(32));

/** The commitment that goes on chain: keccak-256 over domain, issuer, salt and identifier. */
export const identityCommitment = ({ issuer, identifier, salt }: IdentityClaim): string =>
  solidityPackedKeccak256(
    ["string", "uint40", "bytes32", "string"],
    ["ChartChain identity v1", issuer, salt, identifier],
  );

/**
 * States, as the issuer, that `account` belongs to the person with this identifier. Anybody may relay it, also the
 * person, and it counts for this account only.
 *
 * @param account the person's account
 * @param identifier system and value in one text
 * @param salt from {@link identitySalt}; give it to the person as well
 *
 * @example
 * const file = await clinic.attestIdentity({ account, identifier: "http://clinic.example/mrn|7", salt: identitySalt() });
 */
export async function attestIdentity(
  ctx: Context,
  {
    account,
    identifier,
    salt,
    lifetime = DEFAULT_SIGNATURE_LIFETIME,
  }: {
    account: string;
    identifier: string;
    salt: string;
    lifetime?: number;
  },
): Promise<SignedActionFile> {
  const issuer = await ownId(ctx);
  const commitment = identityCommitment({ issuer, identifier, salt });
  const deadline = (await currentTime(ctx)) + lifetime;
  return signAction(ctx, "linkIdentity", { issuer, account, commitment, deadline });
}

/** Puts an attestation on chain. Throws IDENTITY_ALREADY_LINKED, NOT_A_LICENSED_PROVIDER, HANDOVER_… */
export async function linkIdentity(ctx: Context, { file }: { file: unknown }): Promise<Sent> {
  const action = await readSignedAction(ctx, file, await currentTime(ctx));
  return send(ctx, "linkIdentity", callOf(ctx, action));
}

/**
 * Looks a person up by an attested identity.
 *
 * Never seal anything to the result on the strength of this alone: the relationship that the person approves is what
 * proves who reads.
 *
 * @returns the participant id, or undefined
 */
export async function resolve(ctx: Context, claim: IdentityClaim): Promise<number | undefined> {
  const id = Number(await chainCall(() => ctx.contracts.Registrar.resolve(claim.issuer, identityCommitment(claim))));
  return id === 0 ? undefined : id;
}
