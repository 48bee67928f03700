import { command } from "../../line/command.js";
import { ACTOR_FLAGS, FORCE } from "../../line/common-flags.js";
import { choice, file, participant } from "../../line/flag-kinds.js";
import { optional } from "../../line/flags.js";
import { readJsonFile } from "../../files/input-file.js";
import { OutputFile } from "../../files/output-file.js";
import { openSession } from "../../actor/session.js";
import { caution, done, facts, next, nextOfOthers } from "../../terminal/tables.js";
import { badUsage } from "../../line/usage.js";
import { SHOWN_SENSITIVE, type EmergencyWish } from "../../../sdk/index.js";

export default command({
  purpose:
    "Signs what a patient wishes for emergencies about SENSITIVE records, and keeps it; a steward takes the file. Without flags: shows what is kept.",
  flags: {
    sensitive: optional(
      choice("NOTHING|MEDICINES|ALL", ["NOTHING", "MEDICINES", "ALL"]),
      "what of SENSITIVE responders see: nothing; medicines and allergies that matter then, such as lithium, MAO inhibitors, methadone, HIV medicines; or all",
    ),
    more: optional(choice("SAY|HIDE", ["SAY", "HIDE"]), "whether responders are told that there is more"),
    out: optional(file, "write the signed wish here, for the stewards"),
    take: optional(file, "take a patient's signed wish into this vault"),
    patient: optional(participant, "show this patient's wish, as it was taken; your own when left out"),
    force: FORCE,
    ...ACTOR_FLAGS,
  },
  examples: [
    "--sensitive MEDICINES --more SAY --out wish.json --home homes/alice",
    "--take wish.json --home homes/hospital",
    "--home homes/alice",
  ],
  async run(flags, talk) {
    const { sensitive, more, take } = flags;
    const signing = sensitive !== undefined || more !== undefined;
    if (signing && (sensitive === undefined || more === undefined))
      throw badUsage("a wish is signed as a whole: name --sensitive and --more");
    if (signing && take !== undefined) throw badUsage("--take signs nothing");
    if (flags.out !== undefined && !signing) throw badUsage("there is nothing to write: name --sensitive and --more");
    const taken = take === undefined ? undefined : await readJsonFile(take);
    await using output = flags.out === undefined ? undefined : await OutputFile.reserve(flags.out, flags);
    await using session = await openSession(flags, talk, {
      account: signing ? "sign" : "address",
      vault: "open",
      ...(taken === undefined ? { as: "patient" as const } : {}),
    });
    const { client } = session;
    if (taken !== undefined) {
      const { patient, ...wish } = await client.takeEmergencyWish({ file: taken });
      return {
        data: { patient, wish },
        text: [done(`Took the wish of participant ${patient}`), facts(inWords(wish))].join("\n"),
      };
    }
    if (!signing) {
      const patient = flags.patient ?? (await client.ownId());
      const wish = await client.emergencyWishOf({ patient });
      return {
        data: { patient, wish: wish ?? null },
        text: [done(`The wish of participant ${patient}`), facts(inWords(wish))].join("\n"),
      };
    }
    const showSensitive = SHOWN_SENSITIVE.find((word) => word === sensitive?.toLowerCase())!;
    const wish = { showSensitive, sayThatMoreExists: more === "SAY" };
    const signed = await client.signEmergencyWish(wish);
    await output?.writeJson(signed);
    const { emergencyCategories } = await client.settingsOf({ patient: await client.ownId() });
    const admitted = [...emergencyCategories, "SENSITIVE"].join(",");
    const isShut = showSensitive !== "nothing" && !emergencyCategories.includes("SENSITIVE");
    return {
      data: { patient: await client.ownId(), wish, file: output?.path ?? null },
      text: [
        done("Signed and kept; nothing was sent"),
        facts(inWords(wish)),
        ...(isShut
          ? [
              caution("Your settings don't admit SENSITIVE in an emergency yet: no responder sees any of it."),
              next(`chartchain consent settings --emergency ${admitted}`),
            ]
          : []),
        ...(output === undefined
          ? []
          : [nextOfOthers(`each steward takes it: chartchain emergency wish --take ${output.path}`)]),
      ].join("\n"),
    };
  },
});

function inWords(wish: EmergencyWish | undefined): Record<string, string> {
  if (wish === undefined)
    return { "of what is sensitive": "no wish is kept; nothing is shown", "that there is more": "not told" };
  return {
    "of what is sensitive": {
      nothing: "nothing is shown",
      medicines: "medicines and allergies alone",
      all: "all of it",
    }[wish.showSensitive],
    "that there is more": wish.sayThatMoreExists ? "told" : "not told",
  };
}
