import { openSession } from "../../actor/session.js";
import { command } from "../../line/command.js";
import { ACTOR_FLAGS } from "../../line/common-flags.js";
import type { Kind } from "../../line/flag-kinds.js";
import { participant, wholeNumber } from "../../line/flag-kinds.js";
import { optional } from "../../line/flags.js";
import { count, done, next, table, time } from "../../terminal/tables.js";
import { namesOf } from "../../words/access-in-words.js";
import { noticeInWords, participantsIn } from "../../words/notice-in-words.js";
import { consentHistory, type ConsentPlace } from "../../../watch/index.js";

/** Where a page ended, as the page says it. */
const place: Kind<ConsentPlace> = {
  placeholder: "PLACE",
  expects: "where the page before ended, as it says itself: 120/3",
  parse: (text) => {
    const [, block, position] = /^(\d{1,12})\/(\d{1,9})$/.exec(text) ?? [];
    return block === undefined ? undefined : { block: Number(block), position: Number(position) };
  },
};

export default command({
  purpose:
    "Shows what gave somebody access to a patient's records or took it back, the newest first: when, what, and who did it, whoever sent the transaction.",
  flags: {
    patient: optional(participant, "whose; by a delegate or a representative (this home's own)"),
    limit: optional(wholeNumber("N", 1, 1_000), "so many of the newest (20)"),
    before: optional(place, "the page before this place"),
    ...ACTOR_FLAGS,
  },
  examples: ["--home homes/alice", "--limit 5 --home homes/alice"],
  async run({ patient, limit = 20, before, ...flags }, talk) {
    await using session = await openSession(flags, talk, { account: "address", vault: "none" });
    const { client } = session;
    const page = await consentHistory(client, { ...(patient === undefined ? {} : { patient }), most: limit, before });
    const ids = page.history.flatMap((event) => [...participantsIn(event), event.actor ?? 0]);
    const nameOf = await namesOf(client, ids);
    const rows = page.history.map((event) => [
      time(event.at),
      noticeInWords(event, nameOf),
      event.actor === undefined ? "" : event.actor === 0 ? "the authority" : nameOf(event.actor),
    ]);
    const older = page.before && `${page.before.block}/${page.before.position}`;
    const of = patient === undefined ? "" : ` --patient ${patient}`;
    return {
      data: { ...page, before: older ?? null },
      text: [
        done(rows.length === 0 ? "Nothing yet" : count(rows.length, older === undefined ? "event" : "newest event")),
        ...(rows.length === 0 ? [] : [table(["when", "what", "by"], rows)]),
        ...(older === undefined ? [] : [next(`chartchain consent history${of} --before ${older}`)]),
      ].join("\n"),
    };
  },
});
