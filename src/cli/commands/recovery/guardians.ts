import { confirm } from "../../terminal/ask.js";
import { command } from "../../line/command.js";
import { ACTOR_FLAGS, FORCE } from "../../line/common-flags.js";
import { file, participant, wholeNumber } from "../../line/flag-kinds.js";
import { optional, required, several, toggle } from "../../line/flags.js";
import { OutputFile } from "../../files/output-file.js";
import { openSession } from "../../actor/session.js";
import { signedAction } from "../../files/signed-file.js";
import { caution, done, facts, gas, next, time } from "../../terminal/tables.js";
import { badUsage } from "../../line/usage.js";
import { chainCall, type Client } from "../../../sdk/index.js";

const DAY = 86_400;

export default command({
  purpose:
    "Chooses who may give a person another account: so many of some participants, after a delay. The first guardians count at once, others after 30 days. The chain has only a salted digest of them; the file that this writes says who they are.",
  flags: {
    guardian: several(participant, "the guardians: two to sixteen participants"),
    threshold: required(wholeNumber("N", 1, 15), "how many of them it takes: fewer than there are"),
    delay: optional(wholeNumber("DAYS", 1, 7), "how long you may veto a recovery, in days (3)"),
    out: required(file, "write the guardians' file here: for each of them, and for you"),
    sign: optional(file, "send nothing: write the signed choice here, for somebody else to relay"),
    yes: toggle("don't ask; the guardians are shown all the same"),
    force: FORCE,
    ...ACTOR_FLAGS,
  },
  operand: "guardian",
  examples: ["4,5,6 --threshold 2 --out guardians.json --home homes/alice"],
  async run({ guardian: members, threshold, delay = 3, yes, ...flags }, talk) {
    if (members.length === 0) throw badUsage("--guardian is missing: two to sixteen participants");
    await using output = await OutputFile.reserve(flags.out, flags);
    await using signed = flags.sign === undefined ? undefined : await OutputFile.reserve(flags.sign, flags);
    await using session = await openSession(flags, talk, { account: "sign", vault: "open", as: "patient" });
    const { client, transactions } = session;
    const person = await client.ownId();
    const choice = { members, threshold, delay: delay * DAY };
    const first = await hasNone(client, person);
    const words = {
      guardians: members.map((id) => `participant ${id}`),
      "it takes": `${threshold} of ${members.length}; after a veto ${threshold + 1}`,
      "you may veto for": `${delay} days; after a veto ${2 * delay} days pass`,
      count: first ? "at once" : "in 30 days; until then the former ones do",
    };
    talk.note(facts(words));
    talk.note(caution("So many of them together can take your place. Choose people who don't know of each other."));
    await confirm(talk, "Choose these guardians?", yes);

    if (signed !== undefined) {
      const made = await client.signSetGuardians(choice);
      await output.writeJson(made.file);
      const result = await signedAction(session, signed, made.action);
      return { data: { ...(result.data as object), guardiansFile: output.path }, text: result.text };
    }
    const { file: guardians, receipt, events } = await client.setGuardians(choice);
    await output.writeJson(guardians);
    const from = Number(events["GuardiansChanging"]?.["from"]);
    return {
      data: { person, members, threshold, delay: choice.delay, from, guardiansFile: output.path, transactions },
      text: [
        done(first ? "Your guardians count" : "Your guardians will count"),
        facts({
          ...words,
          ...(first ? {} : { from: time(from) }),
          file: output.path,
          gas: gas(Number(receipt.gasUsed)),
        }),
        next("give the file to each of them, keep one yourself, and make a backup: chartchain vault backup"),
      ].join("\n"),
    };
  },
});

/** Whether the person has no guardians yet, so that the first ones count at once. */
async function hasNone({ contracts }: Client, person: number): Promise<boolean> {
  return /^0x0*$/.test(await chainCall(() => contracts.Registrar.guardiansOf(person)));
}
