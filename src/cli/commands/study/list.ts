import { chart } from "../../line/amounts.js";
import { command } from "../../line/command.js";
import { ACTOR_FLAGS } from "../../line/common-flags.js";
import { choice, participant } from "../../line/flag-kinds.js";
import { optional } from "../../line/flags.js";
import { openSession } from "../../actor/session.js";
import { studyForPrograms, studyInWords, studyNumber } from "../../words/study-in-words.js";
import { done, facts, next, table, time } from "../../terminal/tables.js";
import type { StudyStatus } from "../../../sdk/modules/studies/index.js";

const STATUSES: Record<string, StudyStatus> = { OPEN: "Open", SETTLED: "Settled", CANCELLED: "Cancelled" };

export default command({
  purpose:
    "Lists the studies on the chain, or shows one and one's own part in it. What a study is about isn't there: the researcher hands its terms over.",
  flags: {
    study: optional(studyNumber, "show this one"),
    researcher: optional(participant, "only this institution's"),
    status: optional(choice("STATUS", Object.keys(STATUSES)), `only those: ${Object.keys(STATUSES).join(", ")}`),
    ...ACTOR_FLAGS,
  },
  operand: "study",
  examples: ["--status OPEN --home homes/alice", "1 --home homes/alice"],
  async run({ study: number, researcher, status, ...flags }, talk) {
    await using session = await openSession(flags, talk, { account: "address", vault: "none" });
    const { client } = session;
    if (number !== undefined) {
      const study = await client.studyOf({ study: number });
      const part = await client.participationOf({ study: number });
      const own =
        part.stage === "None"
          ? {}
          : {
              "your part": part.paid ? `${part.stage}, paid` : part.stage,
              "delivered by": `participant ${part.steward}`,
              ...(part.deliveredAt === 0
                ? {}
                : { delivered: time(part.deliveredAt), "disputed until": time(part.disputableUntil) }),
            };
      return {
        data: { study: studyForPrograms(study), participation: part },
        text: [done(`Study ${number}`), facts({ ...studyInWords(study), ...own })].join("\n"),
      };
    }
    const studies = await client.listStudies({
      ...(researcher === undefined ? {} : { researcher }),
      ...(status === undefined ? {} : { status: STATUSES[status]! }),
    });
    const rows = studies.map((each) => [
      each.study,
      each.researcher,
      each.status,
      each.categories.join(", "),
      chart(each.price),
      `${each.joined} of ${each.minimum}–${each.maximum}`,
      time(each.enrolUntil),
    ]);
    return {
      data: { studies: studies.map(studyForPrograms) },
      text: [
        done(studies.length === 1 ? "1 study" : `${studies.length} studies`),
        ...(rows.length === 0
          ? []
          : [
              table(["study", "researcher", "status", "records", "price", "joined", "joined until"], rows),
              next(`chartchain study list ${studies[0]!.study}`),
            ]),
      ].join("\n"),
    };
  },
});
