import { confirm } from "../../terminal/ask.js";
import { command } from "../../line/command.js";
import { ACTOR_FLAGS, FORCE } from "../../line/common-flags.js";
import { choice, daysOrNone, file, participant } from "../../line/flag-kinds.js";
import { optional, several, toggle, type Values } from "../../line/flags.js";
import { OutputFile } from "../../files/output-file.js";
import { openSession } from "../../actor/session.js";
import { signedAction } from "../../files/signed-file.js";
import { done, facts, gas, table } from "../../terminal/tables.js";
import { badUsage } from "../../line/usage.js";
import { CATEGORIES, type Category, type PatientSettings } from "../../../sdk/index.js";

const FLAGS = {
  patient: optional(participant, "whose representative you are; yourself when left out"),
  "unknown-providers": optional(
    choice("ADMIT|REFUSE", ["ADMIT", "REFUSE"]),
    "whether any licensed provider may propose, or only those that once kept records; the others hand an offer over",
  ),
  "longest-grant": optional(daysOrNone, "no grant is longer than so many days, whoever signs it"),
  emergency: several(
    choice("CATEGORY", ["NONE", ...CATEGORIES]),
    `what a responder sees in an emergency, or NONE: ${CATEGORIES.join(", ")}`,
  ),
  sign: optional(file, "send nothing: write the signed settings here, for somebody else to relay"),
  yes: toggle("don't ask; the change is shown all the same"),
  force: FORCE,
  ...ACTOR_FLAGS,
};

export default command({
  purpose:
    "Shows a patient's settings, and changes those that are named. What was signed before and not used dies with a change.",
  flags: FLAGS,
  examples: [
    "--home homes/alice",
    "--longest-grant 90 --emergency SUMMARY,MEDICATION,CARE --home homes/alice",
    "--emergency NONE --unknown-providers REFUSE --home homes/alice",
    "--patient 9 --longest-grant 30 --home homes/alice",
  ],
  async run(flags, talk) {
    const changes = changesIn(flags);
    const changing = Object.keys(changes).length > 0;
    if (!changing && flags.sign !== undefined) throw badUsage("there is nothing to sign: name a setting");
    await using output = flags.sign === undefined ? undefined : await OutputFile.reserve(flags.sign, flags);
    await using session = await openSession(flags, talk, {
      account: changing ? "sign" : "address",
      vault: changing ? "if-there" : "none",
      ...(flags.patient === undefined ? { as: "patient" } : {}),
    });
    const { client, transactions } = session;
    const own = await client.ownId();
    const patient = flags.patient ?? own;
    const now = await client.settingsOf({ patient });
    if (!changing) {
      return {
        data: { patient, settings: now },
        text: [
          done(patient === own ? "Your settings" : `The settings of participant ${patient}`),
          facts(inWords(now)),
        ].join("\n"),
      };
    }

    const then = { ...now, ...changes };
    const before = inWords(now);
    const rows = Object.entries(inWords(then)).map(([name, value]) => [name, before[name]!, value]);
    talk.note(table(["setting", "now", "then"], rows));
    await confirm(talk, "Change the settings?", flags.yes);
    if (output !== undefined) {
      const signed = await (patient === own
        ? client.signChangeSettings(changes)
        : client.signChangeSettingsOf({ patient, ...changes }));
      return await signedAction(session, output, signed);
    }
    const { receipt } = await (patient === own
      ? client.changeSettings(changes)
      : client.changeSettingsOf({ patient, ...changes }));
    return {
      data: { patient, settings: then, transactions },
      text: [done("Changed the settings"), facts({ ...inWords(then), gas: gas(Number(receipt.gasUsed)) })].join("\n"),
    };
  },
});

function changesIn(flags: Values<typeof FLAGS>): Partial<PatientSettings> {
  const { emergency } = flags;
  const [unknown, longestGrant] = [flags["unknown-providers"], flags["longest-grant"]];
  if (emergency.includes("NONE") && emergency.length > 1) throw badUsage("--emergency names categories or NONE");
  return {
    ...(unknown === undefined ? {} : { refuseUnknownProviders: unknown === "REFUSE" }),
    ...(longestGrant === undefined ? {} : { longestGrant }),
    ...(emergency.length === 0
      ? {}
      : { emergencyCategories: emergency.filter((name): name is Category => name !== "NONE") }),
  };
}

function inWords(settings: PatientSettings): Record<string, string> {
  return {
    "may propose": settings.refuseUnknownProviders ? "providers that once kept records" : "every licensed provider",
    "longest grant": settings.longestGrant === 0 ? "no limit" : `${settings.longestGrant} days`,
    "seen in an emergency":
      settings.emergencyCategories.length === 0 ? "nothing" : settings.emergencyCategories.join(", "),
  };
}
