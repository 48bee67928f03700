import type { Session } from "../actor/session.js";
import type { Result } from "../line/command.js";
import { done, facts, nextOfOthers, time } from "../terminal/tables.js";
import type { SignedActionFile } from "../../sdk/index.js";
import type { OutputFile } from "./output-file.js";

/** Writes what was signed about a representative, and says who carries it out: it isn't for anybody to relay. */
export async function signedOrder({ account }: Session, output: OutputFile, action: SignedActionFile): Promise<Result> {
  await output.writeJson(action);
  const deadline = Number(action.message["deadline"]);
  return {
    data: { signed: action.action, file: output.path, account, deadline, transactions: [] },
    text: [
      done(`Signed ${action.action}; nothing was sent`),
      facts({ file: output.path, account, "counts until": time(deadline) }),
      nextOfOthers(
        action.action === "addRepresentative"
          ? `the clinic that registered the child sends it: chartchain relay ${output.path}`
          : `the authority carries it out: chartchain authority carry-out --order ${output.path}`,
      ),
    ].join("\n"),
  };
}
