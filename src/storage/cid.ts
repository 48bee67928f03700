import { code as DAG_PB } from "@ipld/dag-pb";
import { CID } from "multiformats/cid";
import { code as RAW } from "multiformats/codecs/raw";
import { create as createMultihash } from "multiformats/hashes/digest";
import { invalidCid } from "./failures.js";
import { sha256 } from "../crypto/index.js";

const SHA2_256 = 0x12;

/** Base32 of 36 bytes: version, codec, hash function, length and the 32 bytes of the digest. */
const SHAPE = /^b[a-z2-7]{58}$/;

/**
 * True for the CIDs of this network: version 1, codec raw or dag-pb, sha2-256. An identity multihash (whose "hash" is
 * the content itself) or a weak hash function is none of them.
 */
export function isStoreCid(cid: CID): boolean {
  const { code, size } = cid.multihash;
  return cid.version === 1 && (cid.code === RAW || cid.code === DAG_PB) && code === SHA2_256 && size === 32;
}

/**
 * Reads a CID in the only spelling this network uses, so that one block has one name.
 *
 * @throws INVALID_CID for everything else, such as a path, another base, version or hash, or loose padding bits.
 */
export function parseCid(text: string): CID {
  if (typeof text !== "string" || !SHAPE.test(text)) throw invalidCid(text, "expected 59 characters of base32");
  const cid = decode(text);
  if (cid === undefined || !isStoreCid(cid)) throw invalidCid(text, "expected CIDv1, raw or dag-pb, sha2-256");
  if (cid.toString() !== text) throw invalidCid(text, "not in canonical form");
  return cid;
}

function decode(text: string): CID | undefined {
  try {
    return CID.parse(text);
  } catch {
    return undefined;
  }
}

/** The raw CID of a digest, as an object. */
export function rawCid(digest: Uint8Array): CID {
  return CID.createV1(RAW, createMultihash(SHA2_256, digest));
}

/**
 * The CID of `bytes` as one raw block: CIDv1, codec raw, sha2-256.
 *
 * @param bytes - any length; a store takes at most 1 MiB as one block.
 * @returns 59 characters of base32, starting with `bafkrei`.
 *
 * @example
 * cidOfBlock(new Uint8Array(0)) // "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"
 *
 * @see https://github.com/multiformats/cid
 */
export function cidOfBlock(bytes: Uint8Array): string {
  return rawCid(sha256(bytes)).toString();
}

/**
 * The sha2-256 digest in a raw CID. It stands on no chain: whoever sees it can ask IPFS for the block.
 *
 * @returns 32 bytes.
 * @throws INVALID_CID, also for a dag-pb CID: its digest alone would not lead back to it.
 */
export function sha256FromCid(cid: string): Uint8Array {
  const parsed = parseCid(cid);
  if (parsed.code !== RAW) throw invalidCid(cid, "expected codec raw");
  return Uint8Array.from(parsed.multihash.digest);
}
