import { hexlify, randomBytes, solidityPackedKeccak256 } from "ethers";

import { ChartChainError } from "../../errors/index.js";
import { requireSameCode } from "./attestation-code.js";
import { queryEvents } from "../chain/events.js";
import { send, type Sent } from "../chain/transactions.js";
import { currentTime, ownId, requireVault, type Context } from "../context.js";
import { readSignedAction, callOf, signAction, type SignedActionFile } from "../handover/signed-action.js";
import { SIGNED_ACTIONS } from "../handover/signed/index.js";
import { PURPOSES, type Purpose } from "../vocabulary.js";
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
 * person, and it counts for this account only. The vault, where there is one, remembers the identifier as the person's.
 *
 * @param account the person's account
 * @param code the one on the person's screen ({@link ownAttestationCode}), which staff compared with this account's
 * @param identifier system and value in one text
 * @param salt from {@link identitySalt}; give it to the person as well
 *
 * @throws ATTESTATION_CODE_DIFFERS
 *
 * @example
 * const file = await clinic.attestIdentity({ account, code, identifier: "http://clinic.example/mrn|7", salt: identitySalt() });
 */
export async function attestIdentity(
  ctx: Context,
  {
    account,
    code,
    identifier,
    salt,
    lifetime = DEFAULT_SIGNATURE_LIFETIME,
  }: {
    account: string;
    code: string;
    identifier: string;
    salt: string;
    lifetime?: number;
  },
): Promise<SignedActionFile> {
  await requireSameCode(ctx, { account, code });
  const issuer = await ownId(ctx);
  const commitment = identityCommitment({ issuer, identifier, salt });
  await rememberNumber(ctx, account, identifier);
  const deadline = (await currentTime(ctx)) + lifetime;
  return signAction(ctx, SIGNED_ACTIONS.linkIdentity, { issuer, account, commitment, deadline });
}

/** What the issuer attests it knows of the person: an import finds the chart by it. */
async function rememberNumber(ctx: Context, account: string, identifier: string): Promise<void> {
  const [, system = "", value = ""] = /^(.*)\|(.*)$/s.exec(identifier) ?? [];
  if (ctx.vault === undefined || system === "" || value === "") return;
  const participant = Number(await ctx.contracts.Registrar.participantOf(account));
  ctx.vault.people.add(participant, { resourceType: "Patient", identifier: [{ system, value }] });
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
 * @returns the participant id; undefined where nobody is linked, or the issuer withdrew it
 */
export async function resolve(ctx: Context, claim: IdentityClaim): Promise<number | undefined> {
  const id = Number(await ctx.contracts.Registrar.resolve(claim.issuer, identityCommitment(claim)));
  return id === 0 ? undefined : id;
}

/** Keys that this vault's owner released. */
export interface ReleasedTo {
  /** Whose records they open. */
  patient: number;
  recipient: number;
  purpose: Purpose;
  /** When it was last, in seconds since 1970. */
  last: number;
}

/** A withdrawal, with who has to be told. */
export interface IdentityWithdrawal extends Sent {
  /** What went to the person, and what of the person's chart went to others. */
  released: ReleasedTo[];
}

/**
 * Takes back, as the issuer, that it knows who a person is. From then on the issuer seals nothing for that participant and
 * releases nothing to it, nor anything of its chart to others. What the person has stays readable, and everything that the
 * person may do stays possible.
 *
 * @param participant the person
 * @throws NO_SUCH_IDENTITY
 *
 * @example
 * const { released } = await clinic.withdrawIdentity({ participant: 17 });
 */
export async function withdrawIdentity(
  ctx: Context,
  { participant }: { participant: number },
): Promise<IdentityWithdrawal> {
  const sent = await setWithdrawn(ctx, participant, true);
  return { ...sent, released: await releasedAbout(ctx, { participant }) };
}

/** Takes a withdrawal back, once it is certain who the person is. Throws NO_SUCH_IDENTITY, NOT_A_LICENSED_PROVIDER. */
export const restoreIdentity = (ctx: Context, { participant }: { participant: number }): Promise<Sent> =>
  setWithdrawn(ctx, participant, false);

/** Who received keys under a link, by this vault's log: the person, and whoever got some of the person's chart. */
export async function releasedAbout(ctx: Context, { participant }: { participant: number }): Promise<ReleasedTo[]> {
  const released = new Map<string, ReleasedTo>();
  for (const { patient, recipient, purpose, at } of requireVault(ctx).releases.list()) {
    if (patient !== participant && recipient !== participant) continue;
    released.set(`${patient} ${recipient} ${purpose}`, { patient, recipient, purpose: PURPOSES[purpose]!, last: at });
  }
  return [...released.values()];
}

async function setWithdrawn(ctx: Context, participant: number, withdrawn: boolean): Promise<Sent> {
  const { Registrar } = ctx.contracts;
  const issuer = await ownId(ctx);
  const [linked] = await queryEvents(ctx, Registrar, Registrar.filters.IdentityLinked(issuer, participant));
  if (linked === undefined) {
    throw new ChartChainError(
      "NO_SUCH_IDENTITY",
      `this institution attested nothing about participant ${participant}`,
      {
        details: { participant },
        hint: "Check the number: only the issuer withdraws.",
      },
    );
  }
  const step = withdrawn ? "withdrawIdentity" : "restoreIdentity";
  return send(ctx, step, {
    contract: Registrar,
    method: "withdrawIdentity",
    args: [linked.args["commitment"], withdrawn],
  });
}
