import { AbiCoder, keccak256 } from "ethers";

import { is } from "./file.js";

/** Who may give a person a new account, and how. The chain holds a salted digest of it until it is used. */
export interface Guardians {
  /** Two to sixteen participants, in ascending order. */
  members: number[];
  /** How many of them it takes; at least one fewer than there are. After a veto one more. */
  threshold: number;
  /** How long the person has to veto, in seconds; after a veto twice as long. */
  delay: number;
  /** 32 random bytes in hex. */
  salt: string;
}

/** Whether a value has the shape of guardians; the contract knows whether they are the person's. */
export function isGuardians(value: unknown): boolean {
  if (!is.object(value)) return false;
  const { members, threshold, delay, salt, ...rest } = value as Record<string, unknown>;
  return (
    is.listOf(is.id)(members) &&
    (members as unknown[]).length <= 16 &&
    is.count(threshold) &&
    is.count(delay) &&
    is.digest(salt) &&
    Object.keys(rest).length === 0
  );
}

/** What stands on chain for a person's guardians: keccak-256 of the ABI encoding of the person's id and the guardians. */
export const guardiansDigest = (participant: number, { members, threshold, delay, salt }: Guardians): string =>
  keccak256(
    AbiCoder.defaultAbiCoder().encode(
      ["uint40", "tuple(uint40[] members, uint8 threshold, uint32 delay, bytes32 salt)"],
      [participant, { members, threshold, delay, salt }],
    ),
  );
