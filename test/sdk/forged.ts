import { hexlify } from "ethers";

import {
  type CompartmentKey,
  createManifest,
  encodeEnvelope,
  encodeKeyWrap,
  kindOf,
  keyWrapDigest,
  manifestDigest,
  sealEnvelope,
  sealRecord,
  wrapCompartmentKey,
} from "../../src/crypto/index.js";
import type { EnvelopesFile, KeysFile } from "../../src/sdk/index.js";
import { KEY_RELEASE } from "../../src/sdk/handover/signed/for-readers.js";
import { header } from "../../src/sdk/handover/file.js";
import { signMessage } from "../../src/sdk/handover/signature.js";
import { keyDocumentOf } from "../../src/sdk/people/participants.js";
import type { Actor } from "../../devnet/index.js";
import { bytes } from "./helpers.js";

/** A release of keys with a valid signature and whatever content: what a client that keeps no rule makes. */
export async function forgedGrant(
  signer: Actor,
  recipient: Actor,
  keys: readonly CompartmentKey[],
  changes: Record<string, unknown> = {},
): Promise<KeysFile> {
  const { publicKey, keyVersion } = await keyDocumentOf(signer.client, recipient.id);
  const wraps = await Promise.all(
    keys.map((compartmentKey) =>
      wrapCompartmentKey({
        compartmentKey,
        recipientPublicKey: publicKey,
        participant: recipient.id,
        keyVersion,
      }),
    ),
  );
  const signed = await signMessage(signer.client, KEY_RELEASE, {
    patient: keys[0]!.patient,
    granter: signer.id,
    recipient: recipient.id,
    recipientKeyVersion: keyVersion,
    purpose: "TREAT",
    wraps: wraps.map((wrap) => hexlify(keyWrapDigest(wrap))),
    issuedAt: 1_790_000_000,
    ...changes,
  });
  const encoded = wraps.map((wrap) => Buffer.from(encodeKeyWrap(wrap)).toString("base64"));
  return { ...header(signer.client, "chartchain/grant"), ...signed, wraps: encoded };
}

/** A record that is sealed and pinned, and not anchored. */
export interface ForgedRecord {
  digest: string;
  /** Encoded, base64. */
  envelope: string;
}

/** Seals a record under a compartment's key, by whoever says to be its author. */
export async function forgedRecord(
  writer: Actor,
  key: CompartmentKey,
  { author, content = "forged" }: { author: number; content?: string },
): Promise<ForgedRecord> {
  const plaintext = bytes(content);
  const sealed = sealRecord({ source: [plaintext], size: plaintext.length });
  const { cid } = await writer.store.put(sealed.ciphertext, { pin: true });
  const place = { cid, offset: 0, packSize: sealed.length, packing: 0 };
  const manifest = createManifest({
    ...{ ...sealed, sha256: sealed.sha256() },
    ...{ patient: key.patient, steward: key.steward, author, ...kindOf(key) },
    ...{ mediaType: "text/plain", createdAt: 1_790_000_000 },
  });
  const envelope = encodeEnvelope(sealEnvelope({ manifest, dek: sealed.dek, place, compartmentKey: key }));
  return { digest: hexlify(manifestDigest(manifest)), envelope: Buffer.from(envelope).toString("base64") };
}

/** A file of envelopes, which nobody signs. */
export const envelopesFile = (
  maker: Actor,
  { patient, steward }: { patient: number; steward: number },
  envelopes: readonly string[],
  signatures: EnvelopesFile["signatures"] = [],
): EnvelopesFile => ({
  ...header(maker.client, "chartchain/envelopes"),
  ...{ patient, steward, next: 0, envelopes: [...envelopes], signatures: [...signatures] },
});
