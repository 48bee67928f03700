import type { TransactionReceipt } from "ethers";

import type { Context } from "../context.js";

/** Where each batch begins in its patient's history, and why others were passed over, by patients and digests. */
export interface Told {
  first: ReadonlyMap<string, number>;
  skipped: ReadonlyMap<string, string>;
}

export const nameOf = (patient: number, digest: string): string => `${patient}/${digest}`;

/**
 * What a receipt says of the author's own batches. In one transaction with others' (a contract account's, for instance) stand
 * others' events, and any provider has `BatchSkipped` written about any patient and digest: those say nothing.
 */
export function readReceipt(ctx: Context, { logs }: Pick<TransactionReceipt, "logs">, author: number): Told {
  const { Records } = ctx.contracts;
  const [first, skipped] = [new Map<string, number>(), new Map<string, string>()];
  for (const log of logs) {
    if (log.address !== ctx.deployment.contracts.Records) continue;
    const event = Records.interface.parseLog(log);
    if (event === null || Number(event.args["author"]) !== author) continue;
    const batch = nameOf(Number(event.args["patient"]), event.args["digest"] as string);
    if (event.name === "BatchAnchored") first.set(batch, Number(event.args["index"]));
    if (event.name === "BatchSkipped") {
      const reason = event.args["reason"] as string;
      skipped.set(batch, Records.interface.getError(reason)?.name ?? reason);
    }
  }
  return { first, skipped };
}
