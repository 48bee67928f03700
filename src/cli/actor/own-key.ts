import { decodeKeyDocument } from "../../crypto/index.js";
import type { Client } from "../../sdk/index.js";

/**
 * Whether a vault's key, and the document of it, are those that the chain has for whoever the account acts for.
 *
 * @param client with a vault, and an account that signs
 * @returns what differs, in words; undefined where nothing does
 * @throws NOT_REGISTERED, KEY_DOCUMENT_MISSING, KEY_DOCUMENT_DIFFERS
 */
export async function keyDifference(client: Client): Promise<string | undefined> {
  const id = await client.ownId();
  const { keyVersion } = await client.describeParticipant({ id });
  const { identity } = client.vault!;
  if (!identity.keyVersions().includes(keyVersion))
    return `the chain has key version ${keyVersion} of participant ${id}, and the vault hasn't`;
  const { documents } = await client.ownKeyDocument();
  const document = documents[0] && decodeKeyDocument(Buffer.from(documents[0].document, "base64"));
  const { publicKey } = await identity.keyPair(keyVersion);
  if (document === undefined || !Buffer.from(document.publicKey).equals(publicKey))
    return `the key document of participant ${id} isn't of the vault's key (version ${keyVersion})`;
  return undefined;
}
