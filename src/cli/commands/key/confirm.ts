import { command, type Result } from "../../line/command.js";
import { ACTOR_FLAGS, FORCE } from "../../line/common-flags.js";
import { file, participant } from "../../line/flag-kinds.js";
import { optional, type Values } from "../../line/flags.js";
import { readJsonFile } from "../../files/input-file.js";
import { OutputFile } from "../../files/output-file.js";
import { openSession, type Session } from "../../actor/session.js";
import { done, facts, next, nextOfOthers } from "../../terminal/tables.js";
import { badUsage } from "../../line/usage.js";

const FLAGS = {
  challenge: optional(participant, "who holds records: ask whether this participant has the new key"),
  answer: optional(file, "who changed keys: answer this challenge"),
  accept: optional(file, "who holds records: take this answer; older keys are then wrapped for the new key, too"),
  out: optional(file, "write the challenge, or the answer, here"),
  force: FORCE,
  ...ACTOR_FLAGS,
};

export default command({
  purpose:
    "Makes sure that somebody who changed keys holds the new one, before keys of older records are wrapped for it: a challenge, its answer, and the answer's acceptance, each a file.",
  flags: FLAGS,
  examples: [
    "--challenge 3 --out challenge.json --home homes/hospital",
    "--answer challenge.json --out answer.json --home homes/alice",
    "--accept answer.json --home homes/hospital",
  ],
  async run(flags, talk) {
    const { challenge, answer, accept, out } = flags;
    if ([challenge, answer, accept].filter((given) => given !== undefined).length !== 1) {
      throw badUsage("it takes one of --challenge ID, --answer FILE and --accept FILE");
    }
    if ((accept === undefined) !== (out !== undefined)) throw badUsage("--out goes with --challenge and --answer");
    const path = answer ?? accept;
    const given = path === undefined ? undefined : await readJsonFile(path);
    await using output = out === undefined ? undefined : await OutputFile.reserve(out, flags);
    await using session = await openSession(flags, talk, { account: "sign", vault: "open" });
    return await oneStep(session, flags, given, output);
  },
});

async function oneStep(
  { client }: Session,
  { challenge, answer }: Values<typeof FLAGS>,
  given: unknown,
  output: OutputFile | undefined,
): Promise<Result> {
  if (challenge !== undefined) {
    const file = await client.challengeKey({ participant: challenge });
    await output!.writeJson(file);
    const { keyVersion } = file;
    return {
      data: { participant: challenge, keyVersion, file: output!.path },
      text: [
        done(`Challenged participant ${challenge}`),
        facts({ "key version": keyVersion, file: output!.path }),
        nextOfOthers(`who has the key answers: chartchain key confirm --answer ${output!.path} --out FILE`),
      ].join("\n"),
    };
  }
  if (answer !== undefined) {
    await output!.writeJson(await client.answerKeyChallenge({ file: given }));
    return {
      data: { file: output!.path },
      text: [
        done("Answered"),
        facts({ file: output!.path }),
        nextOfOthers(`who asked takes it: chartchain key confirm --accept ${output!.path}`),
      ].join("\n"),
    };
  }
  const confirmed = await client.acceptKeyConfirmation({ file: given });
  return {
    data: confirmed,
    text: [
      done(`Participant ${confirmed.participant} holds key ${confirmed.keyVersion}`),
      next(
        `everything again, for the new key: chartchain consent grant --deliver-only --again --patient ID --viewer ${confirmed.participant} --deliver FILE`,
      ),
    ].join("\n"),
  };
}
