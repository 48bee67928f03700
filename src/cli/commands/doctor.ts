import { examine } from "../doctor/examine.js";
import { LIMIT_MS } from "../doctor/finding.js";
import { command } from "../line/command.js";
import { ACTOR_FLAGS } from "../line/common-flags.js";
import { toggle } from "../line/flags.js";
import { caution, count, done, failed } from "../terminal/tables.js";

const MARKS = { good: done, doubtful: caution, bad: failed };

export default command({
  purpose: `Looks at everything that a profile needs: node, chain, contracts, clock, account, keys, store, permissions, disk; and says how to mend what is wrong. Sends nothing, and waits for nothing longer than ${LIMIT_MS / 1000} seconds. Ends with 1 if anything is wrong.`,
  flags: {
    vault: toggle("open the vault, too, with the passphrase: do its keys belong to what is on chain?"),
    ...ACTOR_FLAGS,
  },
  examples: ["", "--profile alice --vault"],
  async run(flags, talk) {
    const findings = await examine(flags, talk);
    const bad = findings.filter(({ state }) => state === "bad").length;
    const doubtful = findings.filter(({ state }) => state === "doubtful").length;
    const lines = findings.flatMap(({ what, state, says, mend }) => [
      MARKS[state](`${what}: ${says}`),
      ...(mend === undefined ? [] : [`  mend  ${mend.replaceAll("\n", "\n        ")}`]),
    ]);
    const summary =
      bad === 0
        ? done(doubtful === 0 ? "All is well" : `Nothing is wrong; ${count(doubtful, "thing")} to look at`)
        : failed(`${count(bad, "thing")} to mend${doubtful === 0 ? "" : `, ${doubtful} to look at`}`);
    return { data: { findings, bad, doubtful }, text: [...lines, "", summary].join("\n"), incomplete: bad > 0 };
  },
});
