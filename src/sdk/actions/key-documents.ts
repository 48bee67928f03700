import { decodeKeyDocument } from "../../crypto/index.js";
import { ownId, requireVault, type Context } from "../context.js";
import { fromBase64, header, is, parseHandover, toBase64, type HandoverHeader } from "../handover/file.js";
import { differs, digestOfKeyDocument, findKeyDocument, heldKeyDocument, keepKeyDocument } from "../key-documents.js";
import { keyStateOf } from "../participants.js";
import { acceptKey } from "../pinned.js";
import { keyChangeOf } from "./keys.js";

/** A participant's key documents, for whoever has to seal something to it. */
export interface KeyDocumentFile extends HandoverHeader {
  kind: "chartchain/key-document";
  participant: number;
  /** Base64: the one that counts, and the one that was announced, if there is one. */
  documents: string[];
}

/**
 * Makes a file of a participant's key document: of one's own, for everybody who has to seal to it; or of somebody else's that
 * this vault has, such as a viewer's for a steward. It holds nothing secret.
 *
 * @param participant the client's own when left out
 * @throws NOT_REGISTERED, VAULT_MISSING, UNKNOWN_PARTICIPANT, KEY_DOCUMENT_MISSING, KEY_DOCUMENT_DIFFERS
 *
 * @example
 * const file = await alice.exportKeyDocument();
 * await hospital.importKeyDocument({ file });
 */
export async function exportKeyDocument(
  ctx: Context,
  { participant }: { participant?: number } = {},
): Promise<KeyDocumentFile> {
  requireVault(ctx);
  const id = participant ?? (await ownId(ctx));
  const key = await keyStateOf(ctx, id);
  await findKeyDocument(ctx, id, key);
  const announced = await keyChangeOf(ctx, { participant: id });
  const documents = [key, ...(announced === undefined ? [] : [announced])].flatMap(
    ({ keyDocument }) => heldKeyDocument(ctx, keyDocument) ?? [],
  );
  return { ...header(ctx, "chartchain/key-document"), participant: id, documents: documents.map(toBase64) };
}

/**
 * Takes a participant's key document into the vault, from whom ever it comes: the chain has its digest. One that was announced
 * is kept for when it counts.
 *
 * @returns the version that counts now; `current` is false where the file has the announced one alone
 * @throws HANDOVER_…, VAULT_MISSING, UNKNOWN_PARTICIPANT, KEY_DOCUMENT_MALFORMED, KEY_CHANGED, CHAIN_UNREACHABLE, NODES_…;
 *   KEY_DOCUMENT_DIFFERS for an older one, or somebody else's
 *
 * @example
 * await hospital.importKeyDocument({ file: JSON.parse(await readFile("alice-key.json", "utf8")) });
 */
export async function importKeyDocument(
  ctx: Context,
  { file }: { file: unknown },
): Promise<{ participant: number; keyVersion: number; current: boolean }> {
  requireVault(ctx);
  const shape = { participant: is.id, documents: is.listOf(is.base64) };
  const given = parseHandover<KeyDocumentFile>(ctx, "chartchain/key-document", shape, file);
  const { participant } = given;
  const documents = given.documents.map(fromBase64);
  documents.forEach(decodeKeyDocument);
  const key = await keyStateOf(ctx, participant);
  const announced = await keyChangeOf(ctx, { participant });
  const wanted = documents.filter((document) =>
    [key.keyDocument, announced?.keyDocument].includes(digestOfKeyDocument(document)),
  );
  if (wanted.length === 0) throw differs(participant, key);
  await acceptKey(ctx, participant, key);
  wanted.forEach((document) => keepKeyDocument(ctx, document));
  const current = wanted.some((document) => digestOfKeyDocument(document) === key.keyDocument);
  return { participant, keyVersion: key.keyVersion, current };
}
