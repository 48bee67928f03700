import { deliveryCommand } from "../../files/deliver-file.js";
import { confirm } from "../../terminal/ask.js";
import { command } from "../../line/command.js";
import { ACTOR_FLAGS, FORCE } from "../../line/common-flags.js";
import { file, participant } from "../../line/flag-kinds.js";
import { optional, several, toggle } from "../../line/flags.js";
import { named } from "../../actor/named.js";
import { OutputFile } from "../../files/output-file.js";
import { printable } from "../../terminal/printable.js";
import { openSession } from "../../actor/session.js";
import { signedAction } from "../../files/signed-file.js";
import { caution, count, done, facts, gas, next, table, time } from "../../terminal/tables.js";
import { badUsage } from "../../line/usage.js";
import { ChartChainError } from "../../../errors/index.js";
import { EVERY_STEWARD } from "../../../sdk/index.js";

export default command({
  purpose:
    "Shows what was granted when everything was revoked last, by a recovery or by hand, and grants it again with one signature, as far as it hasn't expired.",
  flags: {
    viewer: several(participant, "only what these had; --yes needs them named"),
    sign: optional(file, "send nothing: write the signed grants here, for somebody else to relay"),
    yes: toggle("don't ask; the grants are shown all the same"),
    force: FORCE,
    ...ACTOR_FLAGS,
  },
  operand: "viewer",
  examples: ["--home homes/alice-again", "2,8 --home homes/alice-again"],
  async run({ viewer: viewers, yes, ...flags }, talk) {
    if (yes && viewers.length === 0) throw badUsage("--viewer is missing: the last grants may be a thief's");
    await using output = flags.sign === undefined ? undefined : await OutputFile.reserve(flags.sign, flags);
    await using session = await openSession(flags, talk, { account: "sign", vault: "if-there", as: "patient" });
    const { client, transactions } = session;
    const grants = (await client.formerGrants()).filter(
      ({ viewer }) => viewers.length === 0 || viewers.includes(viewer),
    );
    if (grants.length === 0) {
      throw new ChartChainError("NOTHING_TO_GRANT_AGAIN", "nothing was granted that was revoked with everything else", {
        details: { viewers },
        hint: "It has expired, was revoked by itself before, or was never granted. Grant it anew: chartchain consent grant.",
      });
    }
    const rows = await Promise.all(
      grants.map(async ({ viewer, categories, purpose, steward = EVERY_STEWARD, until }) => [
        printable(await named(client, viewer)),
        categories.join(", "),
        purpose,
        steward === EVERY_STEWARD ? "every provider" : `provider ${steward}`,
        time(until),
      ]),
    );
    talk.note(table(["viewer", "may see", "for", "of", "until"], rows));
    talk.note(caution("Whoever had the stolen key may have granted some of them."));
    await confirm(talk, "Grant all of these again?", yes);
    if (output !== undefined) return await signedAction(session, output, await client.signChangeConsents({ grants }));
    const { receipt } = await client.changeConsents({ grants });
    const own = await client.ownId();
    return {
      data: { grants, transactions },
      text: [
        done(`Granted again: ${count(grants.length, "grant")}`),
        facts({ gas: gas(Number(receipt.gasUsed)) }),
        ...grants.map(({ viewer, purpose }) =>
          next(
            `give viewer ${viewer} the keys of what is written from now on: ${deliveryCommand(own, viewer, purpose)}`,
          ),
        ),
      ].join("\n"),
    };
  },
});
