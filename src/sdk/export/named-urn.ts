import { hexlify } from "ethers";

import { sha256 } from "../../crypto/index.js";

/**
 * A `urn:uuid:` for a name: a UUID of version 8 out of its SHA-256. The same name gives the same, so that two exports of one
 * thing name it alike.
 *
 * Source: https://www.rfc-editor.org/rfc/rfc9562#section-5.8
 */
export function namedUrn(...name: readonly (string | number)[]): string {
  const hash = sha256(new TextEncoder().encode(JSON.stringify(["ChartChain/export/v1", ...name]))).slice(0, 16);
  hash[6] = (hash[6]! & 0x0f) | 0x80;
  hash[8] = (hash[8]! & 0x3f) | 0x80;
  const hex = hexlify(hash).slice(2);
  const groups = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)];
  return `urn:uuid:${groups.join("-")}`;
}
