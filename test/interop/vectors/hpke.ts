import { createHash, randomBytes } from "node:crypto";
import fc from "fast-check";
import { encodeCompartmentKey } from "../../../src/crypto/index.js";
import type { Engine } from "../engine.js";
import { compartmentKeys } from "../values.js";
import { hexOf } from "./hex.js";

/** A message and some key wraps that Go's HPKE made. */
export async function hpkeVectors(go: Engine): Promise<object> {
  const seed = bytes(32);
  const publicKey = await go.askBytes("publicKey", { Seed: seed });
  const info = Uint8Array.from(Buffer.from("go info"));
  const plaintext = Uint8Array.from(Buffer.from("sealed by go"));
  const sealed = await go.askBytes("seal", { PublicKey: publicKey, Info: info, Data: plaintext });
  return {
    source: `Public keys derived, message and wraps sealed by crypto/hpke of Go ${(await go.versions())["go"]?.replace(/^go/, "")}: MLKEM768X25519, HKDFSHA256, AES256GCM.`,
    seed: hexOf(seed),
    publicKey: hexOf(publicKey),
    info: hexOf(info),
    plaintext: hexOf(plaintext),
    sealed: hexOf(sealed),
    wraps: await wraps(go),
  };
}

async function wraps(go: Engine): Promise<object[]> {
  const made: object[] = [];
  const recipients = [
    [1, 0],
    [9, 1],
    [2 ** 32, 255],
    [2 ** 40 - 1, 2 ** 32 - 1],
  ] as const;
  const wrapped = fc.sample(compartmentKeys, { seed: 9180, numRuns: recipients.length });
  for (const [i, [participant, keyVersion]] of recipients.entries()) {
    const compartmentKey = wrapped[i];
    if (compartmentKey === undefined) throw new Error("too few samples");
    const seed = bytes(32);
    const publicKey = await go.askBytes("publicKey", { Seed: seed });
    const sealed = await go.askBytes("seal", {
      PublicKey: publicKey,
      Wrap: { CompartmentID: compartmentKey.id, Participant: participant, KeyVersion: keyVersion },
      Data: encodeCompartmentKey(compartmentKey),
    });
    made.push({
      seed: hexOf(seed),
      publicKeySha256: createHash("sha256").update(publicKey).digest("hex"),
      participant,
      keyVersion,
      compartmentKey: { ...compartmentKey, id: hexOf(compartmentKey.id), key: hexOf(compartmentKey.key) },
      enc: hexOf(sealed.subarray(0, 1120)),
      ciphertext: hexOf(sealed.subarray(1120)),
    });
  }
  return made;
}

const bytes = (length: number): Uint8Array => Uint8Array.from(randomBytes(length));
