import { nextBlockTime, openChain } from "../../actor/chain.js";
import { command } from "../../line/command.js";
import { CHAIN_FLAGS } from "../../line/common-flags.js";
import { wholeNumber } from "../../line/flag-kinds.js";
import { required } from "../../line/flags.js";
import { LOCAL_CHAIN_ID } from "../../actor/local-chain.js";
import { done, time } from "../../terminal/tables.js";
import { ChartChainError } from "../../../errors/index.js";
import { chainCall } from "../../../sdk/index.js";

const A_HUNDRED_YEARS = 36_500;

export default command({
  purpose:
    "Moves a local chain's clock forward, to see what comes after a waiting period without waiting. Refused on any other chain.",
  flags: { days: required(wholeNumber("N", 1, A_HUNDRED_YEARS), "so many days"), ...CHAIN_FLAGS },
  operand: "days",
  examples: ["2"],
  async run({ days, ...flags }, talk) {
    const { provider, deployment } = await openChain(flags, talk);
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
