import { expect } from "chai";
import fc from "fast-check";

import type { ChartChainError, ErrorCode } from "../../../src/errors/index.js";
import type { SignedActionFile } from "../../../src/sdk/index.js";
import { expectCode } from "../helpers.js";
import { everyMutationOf, mutationsOf } from "../mutations.js";
import { type Actor, type Devnet, throughJson } from "../../../devnet/index.js";

/** A signed action: how it is signed, what it does, and what comes of sending it twice. */
export interface SignedCase {
  sign: () => Promise<SignedActionFile>;
  check: () => Promise<void>;
  /** The contract's error when the same file is relayed again. */
  replay: ErrorCode;
  /** What an altered file is refused with. */
  refusal?: RegExp;
}

const RANDOM_MUTATIONS = 40;

/** Each action is refused with any field altered, costs nobody anything then, and counts once as it was signed. */
export function countOnce(setting: () => { world: Devnet; relayer: Actor }, cases: Record<string, SignedCase>): void {
  for (const [what, { sign, check, replay, refusal = /^HANDOVER_/ }] of Object.entries(cases)) {
    it(`that is ${what} is refused with any field altered, and counts once as it was signed`, async () => {
      const { world, relayer } = setting();
      const file = throughJson(await sign());
      const sent = () => world.provider.getTransactionCount(relayer.wallet.address);
      const before = await sent();
      const isRefused = async (mutation: { path: string; file: unknown }) => {
        const outcome = await relayer.client.relay({ file: mutation.file }).then(
          () => "executed",
          (error: ChartChainError) => error.code ?? String(error),
        );
        expect(outcome, mutation.path).to.match(refusal);
      };
      for (const mutation of everyMutationOf(file)) await isRefused(mutation);
      await fc.assert(fc.asyncProperty(mutationsOf(file), isRefused), { numRuns: RANDOM_MUTATIONS });
      expect(await sent()).to.equal(before);

      const { receipt } = await relayer.client.relay({ file });
      expect(receipt.from).to.equal(relayer.wallet.address);
      await check();
      await expectCode(replay, relayer.client.relay({ file }));
    });
  }
}
