import type { GuardiansFile, RecoveryState, RecoveryStage } from "../../sdk/index.js";
import type { Result } from "../line/command.js";
import { count, done, next, table, time } from "../terminal/tables.js";

/** How far a recovery has come, as a person would say it. */
export const STAGE_WORDS: Readonly<Record<RecoveryStage, string>> = {
  None: "over",
  Collecting: "guardians approve",
  Pending: "the delay runs; nothing increases",
  Escalated: "vetoed; one approval more",
  Unstoppable: "twice the delay runs; no veto",
};

/**
 * From when on a recovery may be executed, in seconds since 1970; undefined while it needs approvals.
 *
 * @param guardians whose delay it is
 */
export function executableFrom({ stage, since }: RecoveryState, { guardians }: GuardiansFile): number | undefined {
  if (stage === "Pending") return since + guardians.delay;
  return stage === "Unstoppable" ? since + 2 * guardians.delay : undefined;
}

/** The recoveries of a person that are open. When they may be executed only the guardians' file says. */
export function listRecoveries(
  person: number,
  open: readonly RecoveryState[],
  guardians: GuardiansFile | undefined,
): Result {
  const recoveries = open.map((recovery) => {
    const from = guardians && executableFrom(recovery, guardians);
    return { ...recovery, ...(from === undefined ? {} : { executableFrom: from }) };
  });
  const rows = recoveries.map((recovery) => [
    recovery.starter,
    recovery.newAccount,
    recovery.approvals,
    STAGE_WORDS[recovery.stage],
    recovery.executableFrom === undefined ? "" : time(recovery.executableFrom),
  ]);
  const what =
    rows.length === 0 ? "no recovery is open" : `${count(rows.length, "open recovery")}`.replace(/rys$/, "ries");
  return {
    data: { participant: person, recoveries },
    text: [
      done(`Participant ${person}: ${what}`),
      ...(rows.length === 0
        ? []
        : [
            table(["guardian", "new account", "approvals", "stage", "executable from"], rows),
            next("is that you, and did you not ask for it? chartchain recovery veto"),
          ]),
    ].join("\n"),
  };
}
