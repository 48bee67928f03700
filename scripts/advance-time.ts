import { nextBlockTime, openChain } from "./lib/chain.js";
import { step } from "./lib/command.js";
import { CHAIN_FLAGS } from "./lib/common-flags.js";
import { wholeNumber } from "./lib/flag-kinds.js";
import { required } from "./lib/flags.js";
import { LOCAL_CHAIN_ID } from "./lib/local-chain.js";
import { done, time } from "./lib/tables.js";
import { ChartChainError } from "../src/errors/index.js";
import { chainCall } from "../src/sdk/index.js";

const A_HUNDRED_YEARS = 36_500;

export default step(import.meta, {
  name: "advance-time",
  purpose:
    "Moves a local chain's clock forward, to see what comes after a waiting period without waiting. Refused on any other chain.",
  flags: { days: required(wholeNumber("N", 1, A_HUNDRED_YEARS), "so many days"), ...CHAIN_FLAGS },
  examples: ["--days 2"],
  async run({ days, ...flags }) {
    const { provider, deployment } = await openChain(flags);
    try {
      const { chainId } = deployment;
      if (chainId !== LOCAL_CHAIN_ID) {
        throw new ChartChainError("NOT_A_LOCAL_CHAIN", `nobody moves the clock of chain ${chainId}`, {
          details: { chainId, local: LOCAL_CHAIN_ID },
          hint: "Wait.",
        });
      }
      await chainCall(() => provider.send("evm_increaseTime", [days * 86_400]));
      await chainCall(() => provider.send("evm_mine", []));
      const now = await nextBlockTime(provider);
      return { data: { days, now }, text: done(`The chain's clock shows ${time(now)}`) };
    } finally {
      provider.destroy();
    }
  },
});
