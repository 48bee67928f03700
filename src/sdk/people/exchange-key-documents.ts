import { decodeKeyDocument } from "../../crypto/index.js";
import { ownId, requireVault, type Context } from "../context.js";
import {
  carry,
  header,
  is,
  isCarried,
  parseHandover,
  unpack,
  type CarriedKeyDocument,
  type HandoverHeader,
} from "../handover/file.js";
import {
  differs,
  digestOfKeyDocument,
  findKeyDocument,
  heldKeyDocument,
  heldSigned,
  keepKeyDocument,
  signKeyDocument,
} from "../handover/key-documents.js";
import { keyStateOf } from "./participants.js";
import { acceptAccount, acceptKey } from "../handover/pinned.js";
import { keyChangeOf } from "./keys.js";

/** A participant's key documents, for whoever has to seal something to it. */
export interface KeyDocumentFile extends HandoverHeader {
  kind: "chartchain/key-document";
  participant: number;
  /** The one that counts, and the one that was announced, if there is one. */
  documents: CarriedKeyDocument[];
}

/**
 * Makes a file of a participant's key document: of one's own, for everybody who has to seal to it, signed by the client's
 * account; or of somebody else's that this vault has, such as a viewer's for a steward, with the signature that came with it. It
 * holds nothing secret.
 *
 * @param participant the client's own when left out
 * @throws NOT_REGISTERED, VAULT_MISSING, UNKNOWN_PARTICIPANT, KEY_DOCUMENT_MISSING, KEY_DOCUMENT_DIFFERS
 *
 * @example
 * const file = await alice.ownKeyDocument();
 * await hospital.takeKeyDocument({ file });
 */
export async function ownKeyDocument(
  ctx: Context,
  { participant }: { participant?: number } = {},
): Promise<KeyDocumentFile> {
  requireVault(ctx);
  const id = participant ?? (await ownId(ctx));
  const key = await keyStateOf(ctx, id);
  await findKeyDocument(ctx, id, key);
  const announced = await keyChangeOf(ctx, { participant: id });
  const digests = [key, ...(announced === undefined ? [] : [announced])].map(({ keyDocument }) => keyDocument);
  const isOwn = await actsFor(ctx, id);
  const documents: CarriedKeyDocument[] = [];
  for (const digest of digests) {
    if (heldKeyDocument(ctx, digest) === undefined) continue;
    if (isOwn) await signKeyDocument(ctx, id, digest);
    documents.push(carry(heldSigned(ctx, digest)!));
  }
  return { ...header(ctx, "chartchain/key-document"), participant: id, documents };
}

async function actsFor({ signer, contracts }: Context, participant: number): Promise<boolean> {
  if (signer === undefined) return false;
  const account = await signer.getAddress();
  return Number(await contracts.Registrar.participantOf(account)) === participant;
}

/**
 * Takes a participant's key document into the vault, from whom ever it comes: the chain has its digest. One that was announced
 * is kept for when it counts. A signature that comes with it has to be of an account that is the participant's, or was.
 *
 * @returns the version that counts now; `current` is false where the file has the announced one alone
 * @throws HANDOVER_…, VAULT_MISSING, UNKNOWN_PARTICIPANT, KEY_DOCUMENT_MALFORMED, KEY_CHANGED, CHAIN_UNREACHABLE, NODES_…;
 *   KEY_DOCUMENT_DIFFERS for an older one, or somebody else's; ACCOUNT_UNPROVEN for one that somebody else signed
 *
 * @example
 * await hospital.takeKeyDocument({ file: JSON.parse(await readFile("alice-key.json", "utf8")) });
 */
export async function takeKeyDocument(
  ctx: Context,
  { file }: { file: unknown },
): Promise<{ participant: number; keyVersion: number; current: boolean }> {
  requireVault(ctx);
  const shape = { participant: is.id, documents: is.listOf(isCarried) };
  const given = parseHandover<KeyDocumentFile>(ctx, "chartchain/key-document", shape, file);
  const { participant } = given;
  const documents = given.documents.map((each) => unpack(ctx, each));
  for (const { document } of documents) decodeKeyDocument(document);
  const key = await keyStateOf(ctx, participant);
  const announced = await keyChangeOf(ctx, { participant });
  const digests = [key.keyDocument, announced?.keyDocument];
  const wanted = documents.filter(
    ({ document, signed }) =>
      digests.includes(digestOfKeyDocument(document)) && (signed === undefined || signed.participant === participant),
  );
  if (wanted.length === 0) throw differs(participant, key);
  for (const { signed } of wanted) if (signed !== undefined) await acceptAccount(ctx, participant, signed.account);
  wanted.forEach(({ document, signed }) => keepKeyDocument(ctx, document, signed));
  await acceptKey(ctx, participant, key);
  const current = wanted.some(({ document }) => digestOfKeyDocument(document) === key.keyDocument);
  return { participant, keyVersion: key.keyVersion, current };
}
