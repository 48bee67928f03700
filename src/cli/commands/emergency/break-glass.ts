import { deliveryCommand } from "../../files/deliver-file.js";
import { askLine, confirm } from "../../terminal/ask.js";
import { command } from "../../line/command.js";
import { ACTOR_FLAGS, FORCE } from "../../line/common-flags.js";
import { anyText, file, participant, wholeNumber } from "../../line/flag-kinds.js";
import { optional, required, toggle } from "../../line/flags.js";
import { OutputFile } from "../../files/output-file.js";
import { openSession } from "../../actor/session.js";
import { caution, done, facts, gas, nextOfOthers, time } from "../../terminal/tables.js";
import { CATEGORY_WORDS, inWords, PURPOSE_WORDS } from "../../words/terms-in-words.js";
import { badUsage } from "../../line/usage.js";

const FOUR_HOURS = 4 * 60;

export default command({
  purpose:
    "Breaks the glass in an emergency, as an institution that is licensed for that: opens what the patient's settings admit, for four hours at most. Everybody sees that it happened, and the patient reviews it.",
  flags: {
    card: optional(anyText("TEXT"), "the text of the patient's emergency card"),
    patient: optional(participant, "the patient, instead of a card"),
    reason: optional(
      anyText("TEXT"),
      "what happened, for the review; asked for when left out, since others can read a command line",
    ),
    minutes: optional(wholeNumber("N", 1, FOUR_HOURS), `for so many minutes (${FOUR_HOURS})`),
    again: optional(
      wholeNumber("N", 1, 65_535),
      "break nothing: write the reason of your Nth emergency at this patient once more",
    ),
    out: required(file, "write the reason here, for the patient's review"),
    yes: toggle("don't ask; what will be seen is shown all the same"),
    force: FORCE,
    ...ACTOR_FLAGS,
  },
  operand: "patient",
  examples: [
    '--card "$CARD" --out reason.json --home homes/ambulance',
    "3 --again 1 --out reason.json --home homes/ambulance",
  ],
  async run({ card, out, minutes = FOUR_HOURS, yes, again, ...flags }, talk) {
    if ((card === undefined) === (flags.patient === undefined)) {
      throw badUsage("it takes either --card TEXT or --patient ID");
    }
    if (again !== undefined && flags.reason !== undefined) throw badUsage("--again has its reason already");
    await using output = await OutputFile.reserve(out, flags);
    if (again !== undefined) {
      await using session = await openSession(flags, talk, { account: "address", vault: "open" });
      const { client } = session;
      const patient = flags.patient ?? (await client.readEmergencyCard({ card: card! })).patient;
      await output.writeJson(await client.emergencyReasonOf({ patient, number: again }));
      return {
        data: { patient, number: again, reasonFile: output.path },
        text: [done("Wrote the reason once more"), facts({ number: again, reason: output.path })].join("\n"),
      };
    }
    if (flags.reason === undefined && !talk.interactive)
      throw badUsage("--reason is missing: what happened, for the review");
    await using session = await openSession(flags, talk, { account: "sign", vault: "open", as: "provider" });
    const { client, transactions } = session;
    const patient = flags.patient ?? (await client.readEmergencyCard({ card: card! })).patient;
    const { emergencyCategories } = await client.settingsOf({ patient });
    // Once it is known that there is somebody to be helped.
    const reason = flags.reason ?? (await askLine(talk, "What happened, in a few words: "));
    talk.note(
      facts({
        patient: `participant ${patient}`,
        "will be seen": inWords(emergencyCategories, CATEGORY_WORDS),
        for: PURPOSE_WORDS.ETREAT,
        "for so long": `${minutes} minutes`,
      }),
    );
    talk.note(caution("Everybody sees that it happened. The patient will ask why."));
    await confirm(talk, "Break the glass?", yes);

    session.ifInterrupted(
      `its number: chartchain emergency list --patient ${patient}`,
      `the reason once more: chartchain emergency break-glass --patient ${patient} --again NUMBER --out ${output.path}`,
    );
    const { number, until, categories, reasonFile, receipt } = await client.breakGlass({
      patient,
      reason,
      seconds: minutes * 60,
    });
    await output.writeJson(reasonFile);
    const { responder } = reasonFile;
    return {
      data: { patient, responder, number, until, categories, reasonFile: output.path, transactions },
      text: [
        done(`Broke the glass of participant ${patient}`),
        facts({
          number,
          "may be seen": inWords(categories, CATEGORY_WORDS),
          until: time(until),
          reason: output.path,
          gas: gas(Number(receipt.gasUsed)),
        }),
        nextOfOthers(
          `a provider that keeps the records, or the patient's device, hands them out: ${deliveryCommand(patient, responder, "ETREAT")}`,
        ),
      ].join("\n"),
    };
  },
});
