import { deliveryCommand } from "../../files/deliver-file.js";
import { command } from "../../line/command.js";
import { ACTOR_FLAGS } from "../../line/common-flags.js";
import { toggle } from "../../line/flags.js";
import { openSession } from "../../actor/session.js";
import { caution, count, done, facts, gas, next } from "../../terminal/tables.js";

export default command({
  purpose:
    "Anchors what chartchain record add --spread sealed and left waiting, and the dummies that chartchain record anchor-dummies --within ordered: a batch for each patient whose moment has come, all in as few transactions as they fit into. Run it every few minutes, by cron or a timer. What can't be anchored is named and waits on.",
  flags: {
    now: toggle("also what is to wait for a later moment"),
    ...ACTOR_FLAGS,
  },
  examples: ["--home homes/hospital", "--now --home homes/hospital"],
  async run({ now, ...flags }, talk) {
    await using session = await openSession(flags, talk, { account: "sign", vault: "open" });
    const { client, transactions } = session;
    const { anchored, refused, waiting } = await client.anchorWaiting({ early: now });
    const records = anchored.reduce((sum, patient) => sum + patient.records.length, 0);
    const withRecords = anchored.filter((patient) => patient.records.length > 0).length;
    const patients = anchored.map(({ patient }) => patient);
    return {
      data: { anchored, refused, waiting, transactions },
      text: [
        done(`Anchored ${count(records, "record")} of ${count(withRecords, "patient")}`),
        ...refused.map((each) =>
          caution(
            `${each.records === 0 ? "Dummies" : count(each.records, "record")} of patient ${each.patient} can't be anchored: ${each.message}.`,
          ),
        ),
        facts({
          "dummies alone":
            patients.length === withRecords ? undefined : count(patients.length - withRecords, "patient"),
          "wait for their moment": waiting === 0 ? undefined : count(waiting, "record"),
          gas: gas(transactions.reduce((sum, transaction) => sum + transaction.gas, 0)),
        }),
        ...(patients.length === 0
          ? []
          : [...patients.map((each) => next(`give patient ${each} the keys: ${deliveryCommand(each, each)}`))]),
      ].join("\n"),
    };
  },
});
