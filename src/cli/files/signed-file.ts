import type { SignedActionFile } from "../../sdk/index.js";
import type { Result } from "../line/command.js";
import type { OutputFile } from "./output-file.js";
import type { Session } from "../actor/session.js";
import { done, facts, next, nextOfOthers, time } from "../terminal/tables.js";

/**
 * Writes a signed action and says what to do with it.
 *
 * @param more what else there is to say of it
 */
export async function signedAction(
  session: Session,
  output: OutputFile,
  signed: SignedActionFile,
  more: { facts?: Parameters<typeof facts>[0]; cautions?: readonly string[]; next?: string } = {},
): Promise<Result> {
  await output.writeJson(signed);
  const deadline = Number(signed.message["deadline"]);
  const { account, created } = session;
  return {
    data: { signed: signed.action, file: output.path, account, deadline, created, transactions: [] },
    text: [
      done(`Signed ${signed.action}; nothing was sent`),
      facts({ file: output.path, account, "counts until": time(deadline), ...more.facts }),
      ...(more.cautions ?? []),
      nextOfOthers(`anybody sends and pays for it: chartchain relay ${output.path}`),
      ...(more.next === undefined ? [] : [next(more.next)]),
    ].join("\n"),
  };
}
