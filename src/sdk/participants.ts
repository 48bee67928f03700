import { getBytes, id as keccakOfText } from "ethers";

import { decodeKeyDocument, type KeyDocument } from "../crypto/index.js";
import { ChartChainError } from "../errors/index.js";
import { cidFromSha256 } from "../storage/index.js";
import { chainCall } from "./chain/errors.js";
import { queryEvents } from "./chain/events.js";
import { requireStore, type Context } from "./context.js";
import { rolesOf, type Role } from "./vocabulary.js";

/** What the chain says about a participant. Times in seconds; 0 stands for none. */
export interface ParticipantInfo {
  id: number;
  kind: "person" | "institution";
  /** Empty for a person. */
  name: string;
  roles: Role[];
  /** An institution's licence is live, or it is a person. */
  inGoodStanding: boolean;
  licensedUntil: number;
  suspendedUntil: number;
  keyVersion: number;
}

/**
 * Looks a participant up. An institution's name is checked against its digest.
 *
 * @param id the participant
 * @throws UNKNOWN_PARTICIPANT, NAME_UNVERIFIED, CHAIN_UNREACHABLE
 */
export async function describeParticipant(ctx: Context, { id }: { id: number }): Promise<ParticipantInfo> {
  const { Registrar } = ctx.contracts;
  const [stored, inGoodStanding, keyVersion] = await chainCall(() =>
    Promise.all([Registrar.participant(id), Registrar.isInGoodStanding(id), Registrar.keyVersionOf(id)]),
  );
  if (stored.kind === 0n) {
    throw new ChartChainError("UNKNOWN_PARTICIPANT", `there is no participant ${id}`, {
      details: { participant: id },
      hint: "Check the number; participants are counted from 1.",
    });
  }
  return {
    id,
    kind: stored.kind === 1n ? "person" : "institution",
    name: stored.kind === 1n ? "" : await institutionName(ctx, id),
    roles: rolesOf(Number(stored.roles)),
    inGoodStanding,
    licensedUntil: Number(stored.licensedUntil),
    suspendedUntil: Number(stored.suspendedUntil),
    keyVersion: Number(keyVersion),
  };
}

/** The name as a signature has to show it: verified for an institution, empty for a person. */
export async function verifiedName(ctx: Context, id: number): Promise<string> {
  const digest = await chainCall(() => ctx.contracts.Registrar.nameDigestOf(id));
  return digest === keccakOfText("") ? "" : institutionName(ctx, id);
}

async function institutionName(ctx: Context, id: number): Promise<string> {
  const { Registrar } = ctx.contracts;
  const [event] = await queryEvents(ctx, Registrar, Registrar.filters.InstitutionRegistered(id));
  const name = event?.args["name"] as string | undefined;
  const digest = await chainCall(() => Registrar.nameDigestOf(id));
  if (name !== undefined && keccakOfText(name) === digest) return name;
  throw new ChartChainError("NAME_UNVERIFIED", `the name of institution ${id} can't be verified`, {
    details: { participant: id },
    hint: "Use a node that keeps old logs; don't sign anything for a name that isn't verified.",
  });
}

/**
 * A participant's key document: fetched by its digest on chain, which is its CID.
 *
 * @throws UNKNOWN_PARTICIPANT; BLOCK_MISSING, BLOCK_CORRUPT from the store; KEY_DOCUMENT_MALFORMED
 */
export async function keyDocumentOf(ctx: Context, id: number): Promise<KeyDocument & { keyVersion: number }> {
  const { Registrar } = ctx.contracts;
  const [digest, keyVersion] = await chainCall(() =>
    Promise.all([Registrar.keyDocumentOf(id), Registrar.keyVersionOf(id)]),
  );
  if (keyVersion === 0n) {
    throw new ChartChainError("UNKNOWN_PARTICIPANT", `there is no participant ${id}`, {
      details: { participant: id },
      hint: "Check the number; participants are counted from 1.",
    });
  }
  const block = await requireStore(ctx).getBlock(cidFromSha256(getBytes(digest)));
  return { ...decodeKeyDocument(block), keyVersion: Number(keyVersion) };
}

/** What stands for a participant in a FHIR resource: an identifier that is a URI (CAIP-10 account, then the id). */
export const participantIdentifier = (ctx: Context, id: number) => ({
  identifier: {
    system: "urn:ietf:rfc:3986",
    value: `eip155:${ctx.deployment.chainId}:${ctx.deployment.contracts.Registrar}#${id}`,
  },
});
