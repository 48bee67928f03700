import { formatUnits, parseUnits } from "ethers";

import type { Kind } from "./flag-kinds.js";

/** An amount of tokens or ether as a person writes it, in units of 10^-18. */
export const amount = (placeholder: string): Kind<bigint> => ({
  placeholder,
  expects: "an amount such as 12 or 0.5",
  parse: (text) => (/^\d{1,12}(\.\d{1,18})?$/.test(text) ? parseUnits(text, 18) : undefined),
});

/** `12.5 CHART`. */
export const chart = (units: bigint): string => `${plain(units)} CHART`;
/** `0.5 ether`. */
export const ether = (wei: bigint): string => `${plain(wei)} ether`;

const plain = (units: bigint): string => formatUnits(units, 18).replace(/\.0$/, "");
