import { command } from "../../line/command.js";
import { confirm } from "../../terminal/ask.js";
import { ACTOR_FLAGS } from "../../line/common-flags.js";
import { anyText, digest } from "../../line/flag-kinds.js";
import { optional, required, toggle } from "../../line/flags.js";
import { findRecord } from "../../records/record-choice.js";
import { openSession } from "../../actor/session.js";
import { caution, done, facts } from "../../terminal/tables.js";

export default command({
  purpose:
    "Erases a record from this vault: key and envelope are gone from the disk, the pin is released, and it is never taken in again. It speaks for this holder alone; the receipt says what it can't reach.",
  flags: {
    digest: required(digest, "the record: its digest, or how that begins"),
    reason: optional(anyText("TEXT"), "for the receipt; write nothing about the patient into it"),
    yes: toggle("don't ask"),
    ...ACTOR_FLAGS,
  },
  operand: "digest",
  examples: ['0x1f2e3d4c5b6a --reason "erasure request" --home homes/hospital'],
  async run({ digest, reason, yes, ...flags }, talk) {
    await using session = await openSession(flags, talk, { account: "address", vault: "open" });
    const record = await findRecord(session.client, digest);
    const whole = record?.digest ?? digest;
    if (record === undefined) talk.note(caution("This vault doesn't hold it. Shredding it refuses it for the future."));
    else
      talk.note(facts({ digest: whole, patient: record.patient, category: record.category, steward: record.steward }));
    await confirm(talk, "Erase it for ever?", yes);
    const receipt = await session.client.shredRecord({ digest: whole, ...(reason === undefined ? {} : { reason }) });
    return {
      data: { receipt },
      text: [
        done("Shredded"),
        facts({
          digest: receipt.digest,
          holder: `participant ${receipt.holder}`,
          at: receipt.at,
          reason: receipt.reason,
          erased: receipt.erased.length === 0 ? "nothing: it wasn't here" : receipt.erased,
          "may have the key": receipt.exposed.length === 0 ? undefined : `participants ${receipt.exposed.join(", ")}`,
          "can't be reached": receipt.residue,
        }),
      ].join("\n"),
    };
  },
});
