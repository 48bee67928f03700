import { ChartChainError } from "../../../errors/index.js";
import type { KeyHolder } from "../../../sdk/index.js";
import { confirm } from "../../terminal/ask.js";
import { command } from "../../line/command.js";
import { ACTOR_FLAGS, FORCE } from "../../line/common-flags.js";
import { deliveredInWords, notDelivered, writeDelivery, deliveryCommand } from "../../files/deliver-file.js";
import { anyText, digest, file, participant } from "../../line/flag-kinds.js";
import { optional, required, toggle } from "../../line/flags.js";
import { OutputFile } from "../../files/output-file.js";
import { findRecord } from "../../records/record-choice.js";
import { openSession } from "../../actor/session.js";
import { caution, done, facts, next, short, table, time, wrapped } from "../../terminal/tables.js";

export default command({
  purpose:
    "Marks a record as entered in error, as its author: from then on nobody's client opens it, lists it or hands it on. It can't be undone; a record that was right after all is added anew.",
  flags: {
    digest: required(digest, "the record: its digest, or how that begins"),
    reason: required(anyText("TEXT"), "why; both patients read it, so write nothing about either of them into it"),
    "right-patient": optional(participant, "whose data it is: the next delivery to that patient says so, too"),
    deliver: optional(file, "afterwards write here what the patient of the chart hasn't got yet, this among it"),
    force: FORCE,
    yes: toggle("don't ask"),
    ...ACTOR_FLAGS,
  },
  operand: "digest",
  examples: ['0x1f2e3d4c5b6a --reason "filed under another person" --right-patient 9 --home homes/hospital'],
  async run({ digest, reason, "right-patient": rightPatient, deliver, yes, ...flags }, talk) {
    await using output = deliver === undefined ? undefined : await OutputFile.reserve(deliver, flags);
    await using session = await openSession(flags, talk, { account: "sign", vault: "open" });
    const { client } = session;
    const before = (await client.listRetractions()).filter(({ record }) => record?.startsWith(digest));
    const record = before.length === 0 ? await findRecord(client, digest) : undefined;
    const whole = before.length === 1 ? before[0]!.record! : (record?.digest ?? digest);
    if (record !== undefined) {
      talk.note(
        facts({ digest: short(whole), patient: record.patient, category: record.category, reason: wrapped(reason) }),
      );
    }
    await confirm(talk, "Retract it for good?", yes || before.length > 0);
    session.ifInterrupted("run the same again: what is retracted stays so");
    const retracted = await client.retractRecord({
      ...{ digest: whole, reason },
      ...(rightPatient === undefined ? {} : { rightPatient }),
    });
    const { patient, copies } = retracted;
    const isAnchored = [retracted, ...copies].every(({ anchored }) => anchored);
    const holders = [retracted, ...copies].flatMap(({ keyHolders }) => keyHolders);
    const delivered =
      output &&
      (await writeDelivery(client, { patient, viewer: patient }, output).catch((cause: unknown) =>
        explain(cause, patient),
      ));
    return {
      data: { retracted, ...(delivered && { delivered }), transactions: session.transactions },
      text: [
        done("Retracted: entered in error"),
        facts({
          digest: short(whole),
          patient,
          reason: wrapped(retracted.statement?.reason ?? ""),
          "right patient": rightPatient,
          "in the history": isAnchored ? "yes: every holder's client refuses it now" : "no",
          "copies retracted with it":
            copies.length === 0 ? undefined : copies.map(({ record }) => short(record!)).join(", "),
        }),
        ...(delivered === undefined ? [] : [done(`Wrote ${delivered.file}: ${deliveredInWords(delivered)}`)]),
        ...(isAnchored ? [] : [caution(STATEMENT_ALONE)]),
        holdersInWords(merged(holders)),
        ...[...(delivered === undefined ? [patient] : []), ...(rightPatient === undefined ? [] : [rightPatient])].map(
          (of) => next(`tell patient ${of}: ${deliveryCommand(of, of)}`),
        ),
      ].join("\n"),
    };
  },
});

const STATEMENT_ALONE =
  "You may write nothing into this chart any more. Only who is delivered your statement learns of it: deliver to all below.";

/** Each holder once, with the releases of all the records. */
const merged = (holders: readonly KeyHolder[]): KeyHolder[] =>
  [...new Set(holders.map(({ participant }) => participant))].map((participant) => ({
    participant,
    releases: holders
      .filter((holder) => holder.participant === participant)
      .flatMap(({ releases }) => releases)
      .sort((a, b) => a.at - b.at),
  }));

function holdersInWords(holders: readonly KeyHolder[]): string {
  if (holders.length === 0) return done("Nobody but the patient may have had the key from here");
  return [
    caution("May have had the key from here, and read the record:"),
    table(
      ["participant", "released for", "first", "last"],
      holders.map(({ participant: id, releases }) => [
        id,
        [...new Set(releases.map(({ purpose }) => purpose))].join(", ") || "noted, without a release",
        releases[0] === undefined ? "" : time(releases[0].at),
        releases.at(-1) === undefined ? "" : time(releases.at(-1)!.at),
      ]),
    ),
  ].join("\n");
}

function explain(cause: unknown, patient: number): never {
  if (cause instanceof ChartChainError && cause.code === "NOTHING_TO_DELIVER") throw cause;
  throw notDelivered("The record is retracted", cause, `Make it with: ${deliveryCommand(patient, patient)} --again`);
}
