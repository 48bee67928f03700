import { command } from "../../line/command.js";
import { ACTOR_FLAGS } from "../../line/common-flags.js";
import { participant } from "../../line/flag-kinds.js";
import { required } from "../../line/flags.js";
import { openSession } from "../../actor/session.js";
import { caution, count, done, facts, short } from "../../terminal/tables.js";
import { ChartChainError } from "../../../errors/index.js";
import type { HistoryReport } from "../../../sdk/index.js";

const placeOf = ({ author, digest, from, to }: HistoryReport["unproved"][number]): string =>
  `${short(digest)} (participant ${author}, ${from === to ? from : `${from} to ${to}`})`;

export default command({
  purpose:
    "Proves a patient's history complete: recomputes the running head from every anchored digest, compares it with the contract's state, lists what this vault doesn't hold, and tells which anchors their author signed for.",
  flags: { patient: required(participant, "the patient"), ...ACTOR_FLAGS },
  operand: "patient",
  examples: ["3 --home homes/alice"],
  async run({ patient, ...flags }, talk) {
    await using session = await openSession(flags, talk, { account: "address", vault: "open" });
    const { client } = session;
    await client.describeParticipant({ id: patient });
    const report = await client.verifyHistory({ patient });
    if (!report.matchesHead) {
      throw new ChartChainError(
        "HISTORY_MISMATCH",
        `the events of patient ${patient} don't add up to the head on chain`,
        {
          details: { ...report },
          hint: "A record was left out, added or reordered on the way here. Ask another node.",
        },
      );
    }
    const unknown = report.batches.reduce((sum, batch) => sum + batch.unknown, 0);
    const held = report.count - report.missing.length - report.shredded.length - report.copied.length - unknown;
    return {
      data: { patient, ...report },
      text: [
        done(`The history of patient ${patient} adds up: ${count(report.count, "record")}, none left out or reordered`),
        facts({
          "held here": held,
          "shredded here": report.shredded.length === 0 ? undefined : report.shredded.map(short),
          "not held here": report.missing.length === 0 ? undefined : report.missing.map(short),
          "copied by others": report.copied.length === 0 ? undefined : report.copied.map(short),
          "dummies, or not held here": unknown === 0 ? undefined : unknown,
          "signed by their author": `${report.signed} of ${count(report.signed + report.unproved.length, "anchor")}`,
          "not proved by its author": report.unproved.length === 0 ? undefined : report.unproved.map(placeOf),
          "running head": report.chain,
          "at block": report.block,
        }),
        ...report.withheld.map(({ author, from, to }) =>
          caution(`Participant ${author} handed over no list of the records ${from} to ${to}.`),
        ),
        ...(report.missing.length === 0 ? [] : [caution("Of the records not held here, no delivery was taken in.")]),
      ].join("\n"),
    };
  },
});
