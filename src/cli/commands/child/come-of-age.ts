import { confirm } from "../../terminal/ask.js";
import { command, type Result } from "../../line/command.js";
import type { Talk } from "../../terminal/talk.js";
import { ACTOR_FLAGS, FORCE } from "../../line/common-flags.js";
import { anyText, file, participant } from "../../line/flag-kinds.js";
import { optional, toggle, type Values } from "../../line/flags.js";
import { OutputFile } from "../../files/output-file.js";
import { readJsonFile } from "../../files/input-file.js";
import { openSession } from "../../actor/session.js";
import { signedAction } from "../../files/signed-file.js";
import { caution, done, facts, nextOfOthers } from "../../terminal/tables.js";
import { badUsage } from "../../line/usage.js";
import { readComingOfAge } from "../../../sdk/people/children.js";

const FLAGS = {
  child: optional(participant, "the one who came of age: your participant id"),
  request: optional(file, "with --child: write here what the clinic needs"),
  file: optional(file, "the clinic: attest what is in this file"),
  code: optional(
    anyText("DIGITS"),
    "with --file: the code on the person's own screen (chartchain identity code --grown-child), as staff read it there",
  ),
  sign: optional(file, "with --file: write the attested take-over here, for anybody to relay"),
  yes: toggle("don't ask; what is attested is shown all the same"),
  force: FORCE,
  ...ACTOR_FLAGS,
};

export default command({
  purpose:
    "Gives somebody who came of age an account and a key of its own, in two steps: it makes them in a home folder of its own, and the clinic that registered the child attests it. What its representatives gave away ends with it.",
  flags: FLAGS,
  examples: [
    "--child 9 --request grown.json --home homes/dora",
    '--file grown.json --code "0312 5549 8821 0047 6630" --sign take-over.json --home homes/clinic',
  ],
  async run(flags, talk) {
    const { child, request, file, code, sign } = flags;
    if ((child === undefined) === (file === undefined)) throw badUsage("it takes either --child ID, or --file FILE");
    if ((child === undefined) !== (request === undefined)) throw badUsage("--child and --request go together");
    if ([sign, code].some((given) => (given === undefined) !== (file === undefined)))
      throw badUsage("--file, --code and --sign go together");
    return child === undefined ? attest(flags, file!, code!, sign!, talk) : ask(flags, child, request!, talk);
  },
});

async function ask(flags: Values<typeof FLAGS>, child: number, path: string, talk: Talk): Promise<Result> {
  await using output = await OutputFile.reserve(path, flags);
  await using session = await openSession(flags, talk, { account: "sign", vault: "create" });
  const { client, account, created } = session;
  await client.describeParticipant({ id: child });
  const asked = await client.signComingOfAge({ child });
  await output.writeJson(asked);
  return {
    data: { child, account, keyDocument: asked.message["keyDocument"], file: output.path, created },
    text: [
      done(`Prepared an account and a key for participant ${child}; nothing was sent`),
      facts({ account, ...created, "for the clinic": output.path }),
      nextOfOthers(
        `the clinic, with the code that chartchain identity code --grown-child ${child} shows you, attests it: chartchain child come-of-age --file ${output.path}`,
      ),
    ].join("\n"),
  };
}

async function attest(
  flags: Values<typeof FLAGS>,
  path: string,
  code: string,
  out: string,
  talk: Talk,
): Promise<Result> {
  const request = await readJsonFile(path);
  await using output = await OutputFile.reserve(out, flags);
  await using session = await openSession(flags, talk, { account: "sign", vault: "if-there" });
  const { client } = session;
  const { account, message } = await readComingOfAge(client, request);
  talk.note(facts({ "came of age": `participant ${Number(message["child"])}`, "its account": account }));
  talk.note(caution("From then on this account alone decides."));
  await confirm(talk, "Attest that this is the person, and of age?", flags.yes);
  return await signedAction(session, output, await client.attestComingOfAge({ request, code }));
}
