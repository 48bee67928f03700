import { openingOf } from "./list.js";
import { named } from "../../actor/named.js";
import { openSession } from "../../actor/session.js";
import { command } from "../../line/command.js";
import { ACTOR_FLAGS } from "../../line/common-flags.js";
import { digest } from "../../line/flag-kinds.js";
import { required } from "../../line/flags.js";
import { askReadable } from "../../records/list-readable.js";
import { findRecord } from "../../records/record-choice.js";
import { readableInWords, titled } from "../../records/titled.js";
import { bytes, done, facts, time } from "../../terminal/tables.js";
import { CATEGORY_WORDS, CLASS_WORDS, inWords } from "../../words/terms-in-words.js";
import { ChartChainError } from "../../../errors/index.js";

export default command({
  purpose:
    "Shows what is known of one record: title, days, digest, CID, who wrote and who keeps it, category and classes, size, place in the patient's history, and what it may be read for now.",
  flags: { digest: required(digest, "the record: its digest, or how that begins"), ...ACTOR_FLAGS },
  operand: "digest",
  examples: ["0x1f2e3d4c5b6a --home homes/alice"],
  async run({ digest: given, ...flags }, talk) {
    await using session = await openSession(flags, talk, { account: "address", vault: "open" });
    const { client } = session;
    const found = await findRecord(client, given);
    if (found === undefined) {
      throw new ChartChainError("RECORD_UNKNOWN", "this vault holds no such record", {
        details: { digest: given },
        hint: "See what it holds: chartchain record list. It may be retracted, shredded, or never handed over.",
      });
    }
    const [readable] = await (await askReadable(client))([found]);
    const record = await titled(client, readable!);
    const amendedBy = (await client.listRecords({ patient: record.patient })).filter(
      ({ amends }) => amends === record.digest,
    );
    const { category, days, author, size, createdAt } = record;
    return {
      data: { ...record, amendedBy: amendedBy.map((each) => each.digest) },
      text: [
        done(record.title ?? "A record that can't be read now"),
        facts({
          days: days && (days.first === days.last ? days.first : `${days.first} to ${days.last}`),
          digest: record.digest,
          patient: record.patient,
          category: category && CATEGORY_WORDS[category],
          "sensitive for": record.sensitivities.length === 0 ? undefined : inWords(record.sensitivities, CLASS_WORDS),
          confidential: record.confidential ? "care that a minor consented to alone" : undefined,
          "written by": author === undefined ? undefined : await named(client, author),
          "kept by": await named(client, record.steward),
          type: record.mediaType,
          size: size === undefined ? undefined : bytes(size),
          added: createdAt === undefined ? undefined : time(createdAt),
          "place in the history": record.index ?? "not anchored yet",
          CID: record.cid,
          replaces: record.amends,
          "replaced by": amendedBy.length === 0 ? undefined : amendedBy.map((each) => each.digest),
          disputes: record.disputes,
          terms: record.outsideTerms ? "outside: nobody agreed on this category" : undefined,
          "readable for": readableInWords(record),
        }),
        ...openingOf(record, await client.ownId()),
      ].join("\n"),
    };
  },
});
