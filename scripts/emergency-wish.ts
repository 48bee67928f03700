import { step } from "./lib/command.js";
import { ACTOR_FLAGS, FORCE } from "./lib/common-flags.js";
import { choice, file, participant } from "./lib/flag-kinds.js";
import { optional } from "./lib/flags.js";
import { readJsonFile } from "./lib/input-file.js";
import { OutputFile } from "./lib/output-file.js";
import { openSession } from "./lib/session.js";
import { caution, done, facts, next } from "./lib/tables.js";
import { badUsage } from "./lib/usage.js";
import type { EmergencyWish } from "../src/sdk/index.js";

export default step(import.meta, {
  name: "emergency-wish",
  purpose:
    "Signs what a patient wishes for emergencies about SENSITIVE records, and keeps it; a steward takes the file. Without flags: shows what is kept.",
  flags: {
    medicines: optional(
      choice("SHOW|HIDE", ["SHOW", "HIDE"]),
      "whether responders see medicines and allergies that matter then: lithium, MAO inhibitors, methadone, HIV medicines",
    ),
    more: optional(choice("SAY|HIDE", ["SAY", "HIDE"]), "whether responders are told that there is more"),
    out: optional(file, "write the signed wish here, for the stewards"),
    take: optional(file, "take a patient's signed wish into this vault"),
    patient: optional(participant, "show this patient's wish, as it was taken; your own when left out"),
    force: FORCE,
    ...ACTOR_FLAGS,
  },
  examples: [
    "--medicines SHOW --more SAY --out wish.json --home homes/alice",
    "--take wish.json --home homes/hospital",
    "--home homes/alice",
  ],
  async run(flags, talk) {
    const { medicines, more, take } = flags;
    const signing = medicines !== undefined || more !== undefined;
    if (signing && (medicines === undefined || more === undefined))
      throw badUsage("a wish is signed as a whole: name --medicines and --more");
    if (signing && take !== undefined) throw badUsage("--take signs nothing");
    if (flags.out !== undefined && !signing) throw badUsage("there is nothing to write: name --medicines and --more");
    const taken = take === undefined ? undefined : await readJsonFile(take);
    await using output = flags.out === undefined ? undefined : await OutputFile.reserve(flags.out, flags);
    await using session = await openSession(flags, talk, { account: signing ? "sign" : "address", vault: "open" });
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
    const wish = { showMedicines: medicines === "SHOW", sayThatMoreExists: more === "SAY" };
    const signed = await client.signEmergencyWish(wish);
    await output?.writeJson(signed);
    const { emergencyCategories } = await client.settingsOf({ patient: await client.ownId() });
    const admitted = [...emergencyCategories, "SENSITIVE"].join(",");
    const isShut = wish.showMedicines && !emergencyCategories.includes("SENSITIVE");
    return {
      data: { patient: await client.ownId(), wish, file: output?.path ?? null },
      text: [
        done("Signed and kept; nothing was sent"),
        facts(inWords(wish)),
        ...(isShut
          ? [
              caution("Your settings don't admit SENSITIVE in an emergency yet: no responder sees these medicines."),
              next(`npx tsx scripts/change-settings.ts --emergency ${admitted}`),
            ]
          : []),
        ...(output === undefined
          ? []
          : [next(`each steward takes it: npx tsx scripts/emergency-wish.ts --take ${output.path}`)]),
      ].join("\n"),
    };
  },
});

function inWords(wish: EmergencyWish | undefined): Record<string, string> {
  if (wish === undefined) return { "sensitive medicines": "no wish is kept", "that there is more": "not told" };
  return {
    "sensitive medicines": wish.showMedicines ? "shown to responders" : "not shown",
    "that there is more": wish.sayThatMoreExists ? "told" : "not told",
  };
}
