import { nextBlockTime } from "../../actor/chain.js";
import { openSession } from "../../actor/session.js";
import { command } from "../../line/command.js";
import { AUTHORITY_FLAGS } from "../../line/common-flags.js";
import { participant } from "../../line/flag-kinds.js";
import { required, type Values } from "../../line/flags.js";
import { countDown } from "../../terminal/countdown.js";
import type { Talk } from "../../terminal/talk.js";
import { done, facts, gas, time } from "../../terminal/tables.js";
import type { FullClient } from "../../../sdk/modules/index.js";

const STANDING_FLAGS = { institution: required(participant, "the institution"), ...AUTHORITY_FLAGS };

/** One change of how an institution stands. */
export interface Change {
  /** The command, to go on with. */
  command: string;
  make: (
    client: FullClient,
    change: { institution: number; onWait: (wait: { readyAt: number }) => void },
  ) => Promise<unknown>;
  /** What is so then, about the institution by its name. */
  says: (name: string) => string;
}

/** A command of the authority that changes how an institution stands: at once, or announced and after the delay. */
export const standingCommand = (purpose: string, change: Change) =>
  command({
    purpose: `${purpose} The authority is the wallet or key that is named; on a local chain else the node's first account.`,
    flags: STANDING_FLAGS,
    operand: "institution",
    examples: ["2"],
    run: (flags, talk) => changeStanding(change, flags, talk),
  });

async function changeStanding(change: Change, { institution, ...flags }: Values<typeof STANDING_FLAGS>, talk: Talk) {
  await using session = await openSession(flags, talk, { account: "authority", vault: "none" });
  const { client, transactions } = session;
  const ahead = (await nextBlockTime(session.chain.provider)) - client.clock();
  const resume = `chartchain authority ${change.command} ${institution}`;
  using waiting = countDown(talk, `Announced. To go on after an interruption: ${resume}`, ahead);
  await change.make(client, { institution, onWait: ({ readyAt }) => waiting.begin(readyAt) });
  waiting.end();

  const { name, inGoodStanding, suspendedUntil } = await client.describeParticipant({ id: institution });
  const used = transactions.reduce((sum, transaction) => sum + transaction.gas, 0);
  return {
    data: { institution, name, inGoodStanding, suspendedUntil, authority: session.account, transactions },
    text: [
      done(change.says(name)),
      facts({
        "participant id": institution,
        "in good standing": inGoodStanding ? "yes" : "no",
        "suspended until": suspendedUntil === 0 ? undefined : time(suspendedUntil),
        authority: session.account,
        gas: gas(used),
      }),
    ].join("\n"),
  };
}
