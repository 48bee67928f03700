import type { KeyDocument } from "../../crypto/index.js";
import { ChartChainError, isChartChainError, type ErrorCode } from "../../errors/index.js";
import type { Context } from "../context.js";
import { findKeyDocument } from "../handover/key-documents.js";
import { agreed } from "../chain/nodes.js";
import { acceptKey, acquaint, keyState, pin, pinnedOf, readName, type KeyState } from "../handover/pinned.js";
import { rolesOf, type Role } from "../vocabulary.js";

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
 * When the recovery that is pending ends, as the participant's word has it, in seconds; 0 without one. An institution is
 * recovered by nobody: what its word says there is about its operators.
 */
export const recoveryEndOf = ({ kind, frozenUntil }: { kind: bigint; frozenUntil: bigint }): number =>
  kind === 1n ? Number(frozenUntil) * 60 * 60 : 0;

/**
 * Looks a participant up. An institution's name is checked against its digest, and against the one that this vault accepted
 * before.
 *
 * @param id the participant
 * @throws UNKNOWN_PARTICIPANT, NAME_UNVERIFIED, NAME_CHANGED, CHAIN_UNREACHABLE, NODES_DISAGREE, NODES_BEHIND, NODES_MISSING
 */
export async function describeParticipant(ctx: Context, { id }: { id: number }): Promise<ParticipantInfo> {
  const { Registrar } = ctx.contracts;
  const [stored, inGoodStanding, keyVersion] = await Promise.all([
    Registrar.participant(id),
    Registrar.isInGoodStanding(id),
    Registrar.keyVersionOf(id),
  ]);
  if (stored.kind === 0n) {
    throw new ChartChainError("UNKNOWN_PARTICIPANT", `there is no participant ${id}`, {
      details: { participant: id },
      hint: "Check the number; participants are counted from 1.",
    });
  }
  return {
    id,
    kind: stored.kind === 1n ? "person" : "institution",
    name: await verifiedName(ctx, id),
    roles: rolesOf(Number(stored.roles)),
    inGoodStanding,
    licensedUntil: Number(stored.licensedUntil),
    suspendedUntil: Number(stored.suspendedUntil),
    keyVersion: Number(keyVersion),
  };
}

/**
 * The name as a signature has to show it: verified for an institution, empty for a person. It is the one that this vault
 * accepted before, if it did.
 *
 * @throws NAME_UNVERIFIED, NAME_CHANGED, NODES_DISAGREE, NODES_BEHIND, NODES_MISSING
 */
export async function verifiedName(ctx: Context, id: number): Promise<string> {
  const name = await agreed(ctx, `the name of participant ${id}`, (view, at) => readName(view, id, at));
  const accepted = pinnedOf(ctx, id)?.name;
  if (accepted !== undefined && accepted !== name) throw nameChanged(id, accepted, name);
  if (accepted === undefined && ctx.vault !== undefined && (await acquaint(ctx, id)).keyVersion > 0) {
    pin(ctx, id, { name });
  }
  return name;
}

/** {@link verifiedName} for what reduces: nobody who lies about the name keeps anybody from taking access away. */
export const nameForReduction = async (ctx: Context, id: number): Promise<string> =>
  pinnedOf(ctx, id)?.name ?? readName(ctx, id, "latest");

const nameChanged = (id: number, accepted: string, named: string): ChartChainError =>
  new ChartChainError(
    "NAME_CHANGED",
    `participant ${id} was ${JSON.stringify(accepted)} before, and the node says now that it is ${JSON.stringify(named)}`,
    {
      details: { participant: id, accepted, named },
      hint: "No institution changes its name on this chain: the node lies, now or then. Ask another one before you give anything.",
    },
  );

/** What is wrong with one participant's name alone. The chain out of reach is wrong with all of them. */
const NAME_PROBLEMS: readonly ErrorCode[] = [
  "NAME_UNVERIFIED",
  "NAME_CHANGED",
  "KEY_CHANGED",
  "NODES_DISAGREE",
  "NODES_BEHIND",
  "NODES_MISSING",
];

/** {@link verifiedName} for a list, which one bad name doesn't keep from being shown. */
export async function nameOrProblem(ctx: Context, id: number): Promise<{ name: string; problem: string | undefined }> {
  try {
    return { name: await verifiedName(ctx, id), problem: undefined };
  } catch (error) {
    if (!NAME_PROBLEMS.some((code) => isChartChainError(error, code))) throw error;
    return { name: "", problem: (error as Error).message };
  }
}

/**
 * A participant's key as the chain has it now.
 *
 * @throws UNKNOWN_PARTICIPANT, CHAIN_UNREACHABLE, NODES_DISAGREE, NODES_BEHIND, NODES_MISSING
 */
export async function keyStateOf(ctx: Context, id: number): Promise<KeyState> {
  const key = await agreed(ctx, `the key document of participant ${id}`, (view, at) => keyState(view, id, at));
  if (key.keyVersion > 0) return key;
  throw new ChartChainError("UNKNOWN_PARTICIPANT", `there is no participant ${id}`, {
    details: { participant: id },
    hint: "Check the number; participants are counted from 1.",
  });
}

/**
 * A participant's key document, which the vault was handed or its owner's service gives: it has the digest that is on chain.
 * The first one that this vault meets is pinned; another one has to be announced.
 *
 * @returns `onlyAfter`: after which block something has to be begun to be wrapped for this key before it is confirmed; see
 *   {@link acceptKey}
 * @throws UNKNOWN_PARTICIPANT, KEY_CHANGED, KEY_DOCUMENT_MISSING, KEY_DOCUMENT_DIFFERS; NODES_DISAGREE, NODES_BEHIND,
 *   NODES_MISSING
 */
export async function keyDocumentOf(
  ctx: Context,
  id: number,
): Promise<KeyDocument & { keyVersion: number; digest: string; onlyAfter: number }> {
  const key = await keyStateOf(ctx, id);
  const onlyAfter = await acceptKey(ctx, id, key);
  const document = await findKeyDocument(ctx, id, key);
  return { ...document, keyVersion: key.keyVersion, digest: key.keyDocument, onlyAfter };
}

/** What stands for a participant in a FHIR resource: an identifier that is a URI (CAIP-10 account, then the id). */
export const participantIdentifier = (ctx: Context, id: number) => ({
  identifier: {
    system: "urn:ietf:rfc:3986",
    value: `eip155:${ctx.deployment.chainId}:${ctx.deployment.contracts.Registrar}#${id}`,
  },
});
