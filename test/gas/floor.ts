import { getBytes } from "ethers";

import type { World } from "./world.js";

/** One step of a transaction, as `debug_traceTransaction` tells it. */
interface Step {
  op: string;
  gasCost: number;
  stack: string[];
}

const BASE = 21_000;
const [ZERO_BYTE, BYTE] = [4, 16];
const CONTRACT = 2_600;
const COLD_SLOT = 2_100;
const SIGNATURE = 3_000;
/** Where the precompiled contracts end, of which recovering a signature's account is the first. */
const PRECOMPILED = 0xffn;

/**
 * What a transaction can't cost less than, whatever its contracts' code: the base, its call data, each slot once, each
 * contract called once, its logs, and its signatures.
 */
export async function floorOf({ provider }: World, hash: string): Promise<number> {
  const { input } = (await provider.send("eth_getTransactionByHash", [hash])) as { input: string };
  const { structLogs } = (await provider.send("debug_traceTransaction", [hash, { disableStorage: true }])) as {
    structLogs: Step[];
  };
  let floor = BASE;
  for (const byte of getBytes(input)) floor += byte === 0 ? ZERO_BYTE : BYTE;
  const called = new Set<bigint>();
  for (const { op, gasCost, stack } of structLogs) {
    if (op === "SSTORE" || op.startsWith("LOG") || (op === "SLOAD" && Number(gasCost) === COLD_SLOT)) {
      floor += Number(gasCost);
    }
    if (op !== "CALL" && op !== "STATICCALL" && op !== "DELEGATECALL") continue;
    const to = BigInt(`0x${stack.at(-2)!.replace(/^0x/, "")}`);
    if (to > PRECOMPILED) called.add(to);
    else if (to === 1n) floor += SIGNATURE;
  }
  return floor + called.size * CONTRACT;
}
