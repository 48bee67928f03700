import { ZeroHash } from "ethers";

import { PURPOSES, type Message, type Value } from "../typed-data.js";

/** The messages that differ from `message` in exactly one field, or by one entry of a list, by the field's name. */
export function mutations(message: Message): [string, Message][] {
  return Object.entries(message).flatMap(([name, value]) =>
    mutated(value).map(([inner, other]): [string, Message] => [`${name}${inner}`, { ...message, [name]: other }]),
  );
}

function mutated(value: Value): [string, Value][] {
  if (Array.isArray(value)) {
    return value.flatMap((entry, i): [string, Value][] => [
      [`[${i}] left out`, value.toSpliced(i, 1)],
      [`[${i}] twice`, value.toSpliced(i, 0, entry)],
      ...mutations(entry).map(([inner, other]): [string, Value] => [`[${i}].${inner}`, value.with(i, other)]),
    ]);
  }
  if (typeof value === "object") return mutations(value).map(([inner, other]) => [`.${inner}`, other]);
  return [["", otherThan(value)]];
}

function otherThan(value: string | bigint | number | boolean): Value {
  if (typeof value === "boolean") return !value;
  if (typeof value !== "string") return BigInt(value) + 1n;
  if (value.length === 42) return "0x000000000000000000000000000000000000dEaD";
  if (value.length === 66) return ZeroHash.replace(/0$/, "1");
  const purpose = (PURPOSES as readonly string[]).indexOf(value);
  return purpose < 0 ? `${value} ` : PURPOSES[(purpose + 1) % PURPOSES.length]!;
}
