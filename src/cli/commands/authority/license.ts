import { command } from "../../line/command.js";
import { nextBlockTime } from "../../actor/chain.js";
import { AUTHORITY_FLAGS } from "../../line/common-flags.js";
import { countDown } from "../../terminal/countdown.js";
import { EXPIRY_FLAGS, readExpiry, requireOneExpiry } from "../../line/expiry.js";
import { choice, participant } from "../../line/flag-kinds.js";
import { required, several } from "../../line/flags.js";
import { openSession } from "../../actor/session.js";
import { done, facts, gas, nextOfOthers, time } from "../../terminal/tables.js";
import { ROLES, type Role } from "../../../sdk/index.js";

const { until, days } = EXPIRY_FLAGS;
const A_YEAR = 365;

export default command({
  purpose:
    "Licenses an institution, as the authority: announces it, waits out the delay, and executes it. The authority is the wallet or key that is named; on a local chain else the node's first account.",
  flags: {
    institution: required(participant, "the institution"),
    roles: several(choice("ROLE", ROLES), `all that it may act as: ${ROLES.join(", ")} (PROVIDER)`),
    until,
    days: { ...days, help: `${days.help} (${A_YEAR})` },
    ...AUTHORITY_FLAGS,
  },
  operand: "institution",
  examples: ["1 --roles PROVIDER --days 365", "6 --roles EMERGENCY --days 365"],
  async run({ institution, ...flags }, talk) {
    requireOneExpiry(flags);
    await using session = await openSession(flags, talk, {
      account: "authority",
      vault: "none",
    });
    const { client } = session;
    const roles: Role[] = flags.roles.length === 0 ? ["PROVIDER"] : flags.roles;
    const { name } = await client.describeParticipant({ id: institution });
    const end = (await readExpiry(client, flags)) ?? (await readExpiry(client, { days: A_YEAR }))!;
    const resume = `chartchain authority license --institution ${institution} --roles ${roles.join(",")} --until ${iso(end)}`;

    const ahead = (await nextBlockTime(session.chain.provider)) - client.clock();
    using waiting = countDown(talk, `Announced. To go on after an interruption: ${resume}`, ahead);
    await client.licenseInstitution({
      institution,
      roles,
      until: end,
      onWait: ({ readyAt }) => waiting.begin(readyAt),
    });
    waiting.end();

    const used = session.transactions.reduce((sum, transaction) => sum + transaction.gas, 0);
    return {
      data: { institution, name, roles, until: end, authority: session.account, transactions: session.transactions },
      text: [
        done(`Licensed ${name}`),
        facts({
          "participant id": institution,
          roles: roles.join(", "),
          until: time(end),
          authority: session.account,
          gas: gas(used),
        }),
        ...(roles.includes("PROVIDER")
          ? [nextOfOthers("it proposes a relationship: chartchain relationship propose --patient ID")]
          : []),
        ...(roles.includes("EMERGENCY")
          ? [nextOfOthers("in an emergency: chartchain emergency break-glass --card TEXT --out FILE")]
          : []),
      ].join("\n"),
    };
  },
});

/** Down to the second: the announced call has to be the same one when it is taken up again. */
function iso(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}
