import { AbiCoder, keccak256 } from "ethers";

const COUNT = 2n ** 40n;

/** The head that follows, recomputed as a reader of the log would: the hash's upper bits, and what stands below them. */
function follow(head: bigint, cut: bigint, below: bigint, types: string[], values: unknown[]) {
  const bytes = (256 - cut.toString(2).length + 1) / 8;
  const chain = `0x${(head / cut).toString(16).padStart(2 * bytes, "0")}`;
  const hash = BigInt(keccak256(AbiCoder.defaultAbiCoder().encode([`bytes${bytes}`, ...types], [chain, ...values])));
  return (hash / cut) * cut + below;
}

/** A patient's running head after one more record. */
export function followRecord(head: bigint, author: bigint, digest: string): bigint {
  const index = (head % COUNT) + 1n;
  return follow(head, COUNT, index, ["uint40", "uint40", "bytes32"], [index, author, digest]);
}

/** A patient's running head after a batch. */
export function followBatch(head: bigint, author: bigint, digest: string, count: bigint): bigint {
  const index = (head % COUNT) + 1n;
  const types = ["uint40", "uint40", "bytes32", "uint16"];
  return follow(head, COUNT, index + count - 1n, types, [index, author, digest, count]);
}

/** A log's head after another one was published. */
export function followHead(
  head: bigint,
  { number, size, root, mapRoot }: { number: number; size: bigint; root: string; mapRoot: string },
): bigint {
  const types = ["uint32", "uint40", "bytes32", "bytes32"];
  return follow(head, 2n ** 72n, size + BigInt(number) * COUNT, types, [number, size, root, mapRoot]);
}
