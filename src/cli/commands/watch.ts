import { openSession } from "../actor/session.js";
import { command } from "../line/command.js";
import { ACTOR_FLAGS } from "../line/common-flags.js";
import { type Kind, participant, wholeNumber } from "../line/flag-kinds.js";
import { optional, several, toggle } from "../line/flags.js";
import { watchForInterrupt } from "../terminal/interrupt.js";
import { toJsonLine } from "../terminal/json.js";
import { caution, done } from "../terminal/tables.js";
import { fitted, room } from "../terminal/width.js";
import { namesOf } from "../words/access-in-words.js";
import { noticeInWords, participantsIn } from "../words/notice-in-words.js";
import { type Expiring, type Notice, type NoticeHandlers, watch } from "../../watch/index.js";

/** Where who never watched begins. */
const beginning: Kind<"now" | "deployment" | number> = {
  placeholder: "now|deployment|BLOCK",
  expects: "now, deployment, or a block's number",
  parse: (text) =>
    text === "now" || text === "deployment" ? text : wholeNumber("BLOCK", 0, Number.MAX_SAFE_INTEGER).parse(text),
};

const DAY = 86_400;

export default command({
  purpose:
    "Prints what happens to this participant as it happens, until Ctrl-C: proposals, grants, revocations, records, emergencies, recoveries, changes of accounts and licences, and what ends soon. It remembers what was told: run again, it goes on there. With --json each notice is one line. What a reorganisation takes back is told, too. It asks for no passphrase.",
  flags: {
    about: several(participant, "whom about (this home's own participant)"),
    from: optional(beginning, "where to begin the first time (now)"),
    days: optional(wholeNumber("N", 0, 3_650), "what ends within so many days is told (14)"),
    interval: optional(wholeNumber("SECONDS", 1, 3_600), "how often the node is asked (4)"),
    once: toggle("tell what is new, and end"),
    ...ACTOR_FLAGS,
  },
  examples: ["--home homes/alice", "--json --once --from deployment --home homes/hospital"],
  async run({ about, from = "now", days = 14, interval = 4, once, ...flags }, talk) {
    await using session = await openSession(flags, talk, { account: "address", vault: "none", index: "watch" });
    const { client } = session;
    const { stdout } = talk.streams;
    const columns = room();
    const print = (text: string): void => void stdout.write(`${columns === Infinity ? text : fitted(text, columns)}\n`);
    let told = 0;
    const tell = async (notice: Notice | Expiring): Promise<void> => {
      told++;
      if (talk.json) return void stdout.write(`${toJsonLine(notice)}\n`);
      const nameOf = await namesOf(client, participantsIn(notice));
      const where = notice.kind === "expiring" ? "soon" : `block ${notice.block}`;
      print(`${where}: ${noticeInWords(notice, nameOf)}`);
    };
    const handlers: NoticeHandlers = {
      ...{ onProposal: tell, onRelationship: tell, onRecord: tell, onGrant: tell, onRevocation: tell },
      ...{ onEmergency: tell, onReview: tell, onRecovery: tell, onAccount: tell, onDelegate: tell, onLicence: tell },
      onExpiring: tell,
      onUndone({ id }) {
        if (talk.json) stdout.write(`${toJsonLine({ id, kind: "undone" })}\n`);
        else print(caution(`A notice counts no more, its block was replaced: ${id}`));
      },
      onTrouble: ({ message }) => talk.note(caution(`The node can't answer now and is asked again: ${message}`)),
    };
    using interrupt = watchForInterrupt(talk);
    await using watching = await watch(client, handlers, {
      ...(about.length === 0 ? {} : { about }),
      consumer: about.length === 0 ? "cli" : `cli ${about.toSorted((a, b) => a - b).join(",")}`,
      from,
      expiringWithin: days * DAY,
      interval: interval * 1_000,
    });
    if (once) await watching.once();
    else {
      talk.note("Watching. Ctrl-C ends it; run again, it goes on there.");
      const stop = () => void watching.stop();
      interrupt.signal.addEventListener("abort", stop);
      // Nobody reads any more: `chartchain watch | head`.
      stdout.once("error", stop);
      try {
        await watching.done;
      } finally {
        stdout.off("error", stop);
      }
    }
    // With --json each notice was a document of its own.
    const text = told === 0 ? "Nothing new" : `Told all there was: ${told}`;
    return { data: { told }, text: talk.json ? "" : done(text) };
  },
});
