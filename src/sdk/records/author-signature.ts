import { getAddress, getBytes } from "ethers";

import { ChartChainError, isChartChainError } from "../../errors/index.js";
import { ANCHOR_STATEMENT } from "../handover/signed/for-readers.js";
import { requireSigner, requireVault, type Context } from "../context.js";
import { checkMessage, signMessage } from "../handover/signature.js";
import { acceptAccount, actedIn } from "../handover/pinned.js";
import type { AnchoredRecord } from "./history.js";

/** What an author says that it anchored, or as a participant that it published: its key document. */
export interface AnchorStatement {
  patient: number;
  author: number;
  digest: string;
  /** How many places a batch takes; 0 for a single digest. */
  count: number;
}

/** An author's signature as it is handed over. */
export interface SignedAnchor {
  account: string;
  signature: string;
}

/** What an anchor of a patient's history says, in its author's words. */
export const statementOf = (
  patient: number,
  { author, digest, size }: Pick<AnchoredRecord, "author" | "digest" | "size">,
): AnchorStatement => ({ patient, author, digest, count: size ?? 0 });

/** Signs a statement with the client's account. Throws SIGNER_MISSING; what the wallet throws. */
export async function signAnchor(ctx: Context, statement: AnchorStatement): Promise<SignedAnchor> {
  const { account, signature } = await signMessage(ctx, ANCHOR_STATEMENT, { ...statement });
  return { account, signature };
}

/** {@link signAnchor}, kept in the vault; what this account signed before isn't signed again. */
export async function signAndKeep(ctx: Context, statement: AnchorStatement): Promise<void> {
  (await signToKeep(ctx, statement))();
}

/** {@link signAndKeep} whose keeping is left to the caller: what is returned does it. */
export async function signToKeep(ctx: Context, statement: AnchorStatement): Promise<() => void> {
  const { authorSignatures } = requireVault(ctx);
  const account = await requireSigner(ctx).getAddress();
  const kept = authorSignatures.get(inVault(statement));
  if (kept !== undefined && getAddress(kept.account) === account) return () => undefined;
  const signed = await signAnchor(ctx, statement);
  return () => {
    authorSignatures.keep(inVault(statement), signed);
  };
}

/**
 * Makes sure that authors signed what they anchored. The signature is checked here; that the account is the author's is what
 * this vault accepted about the author. So a node can leave an anchor out, and make none up.
 *
 * The account acts for the author now, or did in the block of the anchor: what it signed before it was retired, replaced or
 * frozen stands, and who got hold of its key afterwards anchors nothing with it.
 *
 * A contract account has its own form of signature. No node is believed about it alone: it counts where several agree.
 *
 * @returns checks one statement, which was anchored in a block; asks about each account once.
 *   Throws AUTHOR_UNPROVEN, ACCOUNT_UNPROVEN, NODES_DISAGREE, NODES_BEHIND, NODES_MISSING, CHAIN_UNREACHABLE
 *
 * @example
 * await anchorChecks(ctx)({ patient: 7, author: 4, digest, count: 8 }, signed, 120);
 */
export function anchorChecks(ctx: Context) {
  const acting = new Map<string, Promise<boolean>>();
  return async (statement: AnchorStatement, { account, signature }: SignedAnchor, block: number): Promise<void> => {
    const { author } = statement;
    const signer = getAddress(account);
    const signed = { message: { ...statement }, account: signer, signature };
    try {
      await checkMessage(ctx, ANCHOR_STATEMENT, signed, "the author's signature");
    } catch (error) {
      if (!isChartChainError(error, "HANDOVER_ALTERED")) throw error;
      throw unproven(statement, "the signature isn't that account's");
    }
    const name = `${author}/${signer}`;
    const acts = acting.get(name) ?? acceptAccount(ctx, author, signer);
    acting.set(name, acts);
    if ((await acts) || (await actedIn(ctx, author, signer, block))) return;
    throw unproven(statement, "the account that signed it didn't act for the author any more");
  };
}

/** Whether this vault has the author's signature over an anchor of a patient's history. */
export const isSigned = (ctx: Context, patient: number, anchor: AnchoredRecord): boolean =>
  requireVault(ctx).authorSignatures.get(inVault(statementOf(patient, anchor))) !== undefined;

/** A statement as the vault takes it. */
export const inVault = ({ digest, ...statement }: AnchorStatement) => ({ ...statement, digest: getBytes(digest) });

/** The signature that this vault has over a statement, as it is handed over. */
export function keptSignature(ctx: Context, statement: AnchorStatement): SignedAnchor | undefined {
  const kept = requireVault(ctx).authorSignatures.get(inVault(statement));
  return kept && { account: getAddress(kept.account), signature: kept.signature };
}

/** An anchor that nothing but a node's word stands behind. */
export const unproven = ({ patient, author, digest }: Omit<AnchorStatement, "count">, why: string): ChartChainError =>
  new ChartChainError("AUTHOR_UNPROVEN", `nothing proves that participant ${author} anchored this: ${why}`, {
    details: { patient, author, digest },
    hint: "Don't rely on it: a node may have made it up. Ask the author for its envelopes again.",
  });
