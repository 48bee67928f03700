import fc from "fast-check";
import { TypedDataEncoder, getAddress, hexlify } from "ethers";
import type { TypedDataDomain } from "ethers";
import type { MessageType } from "../../src/sdk/chain/typed-data.js";
import { messageTypesOf } from "../../src/sdk/handover/signed/action.js";
import { SUBJECTS } from "../../src/sdk/handover/signed/index.js";
import { allModules } from "../../src/sdk/modules/index.js";

/** Every EIP-712 type that the network signs, the modules' among them. */
export const SIGNED_TYPES: MessageType[] = [
  ...new Set(
    [...SUBJECTS, ...allModules.flatMap((module) => ("signed" in module ? [module.signed] : []))].flatMap(
      messageTypesOf,
    ),
  ),
];

/** What a wallet is asked to sign. */
export interface Request {
  domain: TypedDataDomain;
  message: Record<string, unknown>;
}

/** Random requests to sign a type, any value of each field's type in them. */
export function requests({ primaryType, types }: MessageType): fc.Arbitrary<Request> {
  return fc.record({
    domain: fc.record({
      name: fc.constant("ChartChain"),
      version: fc.constant("1"),
      chainId: fc.oneof(fc.constantFrom(1, 31_337), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })),
      verifyingContract: address,
    }),
    message: struct(types, primaryType),
  });
}

/** The request as `eth_signTypedData_v4` carries it. */
export function payloadOf({ types }: MessageType, { domain, message }: Request): unknown {
  return TypedDataEncoder.getPayload(domain, types, message);
}

const address = fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => getAddress(hexlify(bytes)));

function struct(types: MessageType["types"], name: string): fc.Arbitrary<Record<string, unknown>> {
  const fields = types[name];
  if (fields === undefined) throw new Error(`no type ${name}`);
  const values = fields.map((field) => [field.name, valueOf(types, field.type)] as const);
  return fc.record(Object.fromEntries(values), { noNullPrototype: true });
}

function valueOf(types: MessageType["types"], type: string): fc.Arbitrary<unknown> {
  if (type.endsWith("[]")) return fc.array(valueOf(types, type.slice(0, -2)), { maxLength: 5 });
  if (type === "bool") return fc.boolean();
  if (type === "address") return address;
  if (type === "bytes32") return fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => hexlify(bytes));
  // What a name may hold: quotes, line ends, NUL, letters of any script; half a surrogate pair is no text.
  if (type === "string") return fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" }));
  const bits = /^uint(\d+)$/.exec(type)?.[1];
  if (bits === undefined) return struct(types, type);
  const max = 2n ** BigInt(bits) - 1n;
  return fc.oneof(fc.constantFrom(0n, 1n, max), fc.bigInt({ min: 0n, max }));
}
