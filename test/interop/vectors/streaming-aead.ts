import { createHash, randomBytes } from "node:crypto";
import { padStream } from "../../../src/crypto/index.js";
import { collect, pattern } from "../../crypto/helpers.js";
import type { Engine } from "../engine.js";
import { hexOf } from "./hex.js";

const SEGMENT = 2 ** 20;
const SIZES = [0, 1, 1000, ...[1, 2].flatMap((count) => around(count * (SEGMENT - 16) - 40)), 5 * SEGMENT + 3];

/** Streams and records sealed by Tink. Short ones are given in full, of the others the header and a digest. */
export async function streamingAeadVectors(tink: Engine): Promise<object> {
  const versions = await tink.versions();
  const key = bytes(32);
  const associatedData = Uint8Array.from(Buffer.from("associated data"));
  const streams: object[] = [];
  for (const size of SIZES) {
    const request = { Key: key, AssociatedData: associatedData, Data: pattern(size) };
    streams.push({ size, ...described(await tink.askBytes("seal", request)) });
  }
  const records: object[] = [];
  for (const [at, size] of [0, 1, 1000, 100_000].entries()) {
    const dek = bytes(32);
    const recordId = bytes(16);
    const amends = at % 2 === 0 ? undefined : bytes(32);
    const Record = { RecordID: recordId, ...(amends && { Amends: amends }) };
    const Data = await collect(padStream([pattern(size)], size));
    const sealed = described(await tink.askBytes("seal", { Key: dek, Record, Data }));
    const named = { dek: hexOf(dek), recordId: hexOf(recordId), ...(amends && { amends: hexOf(amends) }) };
    records.push({ ...named, size, ...sealed });
  }
  return {
    source: `Sealed by tink-go ${versions["github.com/tink-crypto/tink-go/v2"]}, template AES256_GCM_HKDF_1MB. Byte i of each plaintext is (31 * i + floor(i / 256)) mod 256; records are padded.`,
    key: hexOf(key),
    associatedData: hexOf(associatedData),
    streams,
    records,
  };
}

function described(sealed: Uint8Array): object {
  return {
    salt: hexOf(sealed.subarray(1, 33)),
    noncePrefix: hexOf(sealed.subarray(33, 40)),
    ciphertextSha256: createHash("sha256").update(sealed).digest("hex"),
    ...(sealed.length <= 1200 && { ciphertext: hexOf(sealed) }),
  };
}

function around(size: number): number[] {
  return [size - 1, size, size + 1];
}

const bytes = (length: number): Uint8Array => Uint8Array.from(randomBytes(length));
