import { openSession } from "../../actor/session.js";
import { command } from "../../line/command.js";
import { ACTOR_FLAGS } from "../../line/common-flags.js";
import { choice, participant } from "../../line/flag-kinds.js";
import { optional } from "../../line/flags.js";
import { caution, count, done, next, table } from "../../terminal/tables.js";
import { BASIS_WORDS, byEnd, namesOf, reservations, stewardInWords } from "../../words/access-in-words.js";
import { CATEGORIES } from "../../../sdk/index.js";
import { whoMaySee } from "../../../watch/index.js";

export default command({
  purpose:
    "Shows everybody who may see a patient's records now, and on which basis: grants, providers that keep records, delegates and representatives, broken glasses. By the chain's newest block; whoever opens a record asks it again.",
  flags: {
    patient: optional(participant, "whose records; by a delegate or a representative (this home's own)"),
    category: optional(choice("CATEGORY", CATEGORIES), `only who sees this: ${CATEGORIES.join(", ")}`),
    ...ACTOR_FLAGS,
  },
  examples: ["--home homes/alice", "--category SENSITIVE --home homes/alice"],
  async run({ patient, category, ...flags }, talk) {
    await using session = await openSession(flags, talk, { account: "address", vault: "none" });
    const { client } = session;
    const { seers: all, ...asOf } = await whoMaySee(client, patient === undefined ? {} : { patient });
    const seers = all
      .map((seer) => ({
        ...seer,
        sees: seer.sees.filter((each) => category === undefined || each.category === category),
      }))
      .filter(({ sees }) => sees.length > 0);
    const nameOf = await namesOf(
      client,
      seers.map(({ viewer }) => viewer),
    );
    const rows = seers.map((seer) => [
      `${nameOf(seer.viewer)}\nby ${BASIS_WORDS[seer.basis]}`,
      byEnd(seer.sees).join("; "),
      seer.purpose ?? "anything",
      [seer.basis === "relationship" ? "itself" : stewardInWords(seer.steward), ...reservations(seer)].join(", "),
    ]);
    const who = new Set(seers.map(({ viewer }) => viewer)).size;
    return {
      data: { ...asOf, seers },
      text: [
        done(who === 0 ? "Nobody but the patient" : `${count(who, "participant")} beside the patient`),
        ...(rows.length === 0 ? [] : [table(["who, by what", "sees", "for", "kept by"], rows)]),
        caution("What somebody read before isn't here: nobody takes that back."),
        ...seers
          .slice(0, 1)
          .map((seer) =>
            next(
              `chartchain consent explain ${seer.viewer} --category ${seer.sees[0]!.category} --purpose ${seer.purpose ?? "TREAT"}`,
            ),
          ),
      ].join("\n"),
    };
  },
});
