import { confirm } from "../../terminal/ask.js";
import { amount, ether } from "../../line/amounts.js";
import { command } from "../../line/command.js";
import { ACTOR_FLAGS } from "../../line/common-flags.js";
import { address, participant } from "../../line/flag-kinds.js";
import { optional, toggle, type Values } from "../../line/flags.js";
import { openSession } from "../../actor/session.js";
import { done, facts, gas, time } from "../../terminal/tables.js";
import { badUsage } from "../../line/usage.js";
import type { Sent } from "../../../sdk/index.js";
import type { FullClient } from "../../../sdk/modules/index.js";
import type { BankSteward } from "../../../sdk/modules/data-bank/index.js";

const FLAGS = {
  ether: optional(
    amount("AMOUNT"),
    "raise the bond by so much ether; 0.0001 stands for each deposit of fourteen seasons",
  ),
  steward: optional(participant, "with --ether: whose bond it is (one's own)"),
  release: toggle("ask for the bond: it is free after 420 days, and confirms nothing from now on"),
  keep: toggle("leave it where it is after all"),
  withdraw: toggle("take it out"),
  to: optional(address, "with --withdraw: who gets it (one's own account)"),
  yes: toggle("don't ask before --release"),
  ...ACTOR_FLAGS,
};

export default command({
  purpose:
    "Shows what a steward may confirm and what stands for it, raises its bond, or takes it back. A deposit that is proven false costs a hundred times what stands for one.",
  flags: FLAGS,
  examples: ["--home homes/hospital", "--ether 0.5 --home homes/hospital", "--release --home homes/hospital"],
  async run(flags, talk) {
    const wanted = [flags.ether !== undefined, flags.release, flags.keep, flags.withdraw].filter(Boolean).length;
    if (wanted > 1) throw badUsage("give one of --ether, --release, --keep and --withdraw");
    if (flags.to !== undefined && !flags.withdraw) throw badUsage("--to goes with --withdraw");
    if (flags.steward !== undefined && flags.ether === undefined) throw badUsage("--steward goes with --ether");
    const needs =
      wanted === 0
        ? ({ account: "address", vault: "none" } as const)
        : ({ account: "sign", vault: "if-there" } as const);
    await using session = await openSession(flags, talk, needs);
    const { client, transactions } = session;
    if (flags.release) await confirm(talk, "Ask for the bond, and confirm no deposits from now on?", flags.yes);
    const sent = await act(client, flags);
    const standing = await client.bankStewardOf(flags.steward === undefined ? {} : { steward: flags.steward });
    return {
      data: { ...standing, bond: String(standing.bond), transactions },
      text: [
        done(titleOf(flags)),
        facts({ ...inWords(standing), gas: sent && gas(Number(sent.receipt.gasUsed)) }),
      ].join("\n"),
    };
  },
});

async function act(client: FullClient, flags: Values<typeof FLAGS>): Promise<Sent | undefined> {
  const { ether: amount, steward, to } = flags;
  if (amount !== undefined) return client.postBond({ amount, ...(steward === undefined ? {} : { steward }) });
  if (flags.release) return client.releaseBond();
  if (flags.keep) return client.keepBond();
  return flags.withdraw ? client.withdrawBond(to === undefined ? {} : { to }) : undefined;
}

function titleOf({ ether: amount, release, keep, withdraw }: Values<typeof FLAGS>): string {
  if (amount !== undefined) return "Raised the bond";
  return release ? "Asked for the bond" : keep ? "The bond stays" : withdraw ? "Took the bond out" : "The bond";
}

function inWords({
  steward,
  budget,
  bond,
  bondFreeAt,
  allowed,
  season,
  confirmed,
}: BankSteward): Record<string, string> {
  return {
    steward: `participant ${steward}`,
    budget: `${budget.toLocaleString("en")} deposits in a season`,
    bond: ether(bond),
    ...(bondFreeAt === 0 ? {} : { "may be taken out": time(bondFreeAt) }),
    "allowed by both": allowed.toLocaleString("en"),
    ...(season === undefined ? {} : { [`confirmed of season ${season}`]: confirmed.toLocaleString("en") }),
  };
}
