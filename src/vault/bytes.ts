import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";

/** Bytes as `0x` and lower-case hexadecimal, as they stand in receipts and error details. */
export const toHex = (bytes: Uint8Array): string => `0x${bytesToHex(bytes)}`;

/** The bytes of `0x…`, in an array of their own. */
export const fromHex = (hex: string): Uint8Array => hexToBytes(hex.slice(2));
