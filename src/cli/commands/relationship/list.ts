import { nameIfAgreed } from "../../actor/named.js";
import { openSession } from "../../actor/session.js";
import { command } from "../../line/command.js";
import { ACTOR_FLAGS } from "../../line/common-flags.js";
import { participant } from "../../line/flag-kinds.js";
import { optional, toggle } from "../../line/flags.js";
import { printable } from "../../terminal/printable.js";
import { caution, count, day, done, next, table, time } from "../../terminal/tables.js";
import { isOver, standingInWords } from "../../words/relationship-in-words.js";
import type { Client } from "../../../sdk/index.js";
import { relationshipsOf } from "../../../watch/index.js";

export default command({
  purpose:
    "Lists a participant's relationships, as a patient or as a provider: with whom, how each stands, since when and until when. Those that are over are left out without --all.",
  flags: {
    patient: optional(participant, "whose; by a delegate or a representative (this home's own)"),
    all: toggle("also what was declined, withdrawn or ended, and what lapsed"),
    ...ACTOR_FLAGS,
  },
  examples: ["--home homes/alice", "--all --home homes/hospital"],
  async run({ patient, all, ...flags }, talk) {
    await using session = await openSession(flags, talk, { account: "address", vault: "none" });
    const { client } = session;
    const own = patient ?? (await client.ownId());
    const { block, time: now, relationships } = await relationshipsOf(client, { participant: own });
    const shown = relationships.filter(({ status }) => all || !isOver(status));
    const rows = await Promise.all(
      shown.map(async ({ patient: of, provider, since, until, ...word }) => [
        of === own ? await providerName(client, provider) : `patient ${of}`,
        of === own ? provider : of,
        standingInWords(word),
        since === 0 ? "" : day(since),
        time(until),
      ]),
    );
    const left = relationships.length - shown.length;
    const pending = shown.some((each) => each.status === "Proposed" && each.patient === own);
    return {
      data: { participant: own, block, time: now, relationships: shown },
      text: [
        done(shown.length === 0 ? "No relationship stands" : count(shown.length, "relationship")),
        ...(rows.length === 0 ? [] : [table(["with", "id", "status", "since", "until"], rows)]),
        ...(left === 0 ? [] : [caution(`${count(left, "other one")} that ${left === 1 ? "is" : "are"} over: --all`)]),
        ...(pending ? [next("chartchain relationship pending")] : []),
      ].join("\n"),
    };
  },
});

const providerName = async (client: Client, id: number): Promise<string> =>
  printable((await nameIfAgreed(client, id)) || "name not verified");
