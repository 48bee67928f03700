import { confirm } from "../../terminal/ask.js";
import { command, type Result } from "../../line/command.js";
import { ACTOR_FLAGS, FORCE } from "../../line/common-flags.js";
import { choice, file, participant } from "../../line/flag-kinds.js";
import { optional, toggle, type Values } from "../../line/flags.js";
import { readJsonFile } from "../../files/input-file.js";
import { OutputFile } from "../../files/output-file.js";
import { openSession, type Session } from "../../actor/session.js";
import { signedAction } from "../../files/signed-file.js";
import { caution, done, facts, gas, nextOfOthers, time } from "../../terminal/tables.js";
import { badUsage } from "../../line/usage.js";
import { ChartChainError } from "../../../errors/index.js";
import { readJoining, type JoiningFile } from "../../../sdk/people/accounts.js";

const FLAGS = {
  join: toggle("the new account: sign that it wants to act for the --participant"),
  participant: optional(participant, "with --join: whom it will act for"),
  out: optional(file, "with --join: write the signed wish here"),
  file: optional(file, "the account that is there: add the one that signed this wish"),
  scope: optional(
    choice("SCOPE", ["OPERATOR", "OWNER"]),
    "with --file, for an institution: operator (the daily work; unless told otherwise) or owner (everything, from two days on)",
  ),
  sign: optional(file, "with --file: send nothing, write the signed invitation here, for somebody else to relay"),
  yes: toggle("don't ask; the account is shown all the same"),
  force: FORCE,
  ...ACTOR_FLAGS,
};

export default command({
  purpose:
    "Adds an account to a participant, in two steps: the new account signs that it wants to, and one that is there, an owner, adds it. Each account of a person may do everything; an institution has operators for the daily work, too.",
  flags: FLAGS,
  examples: [
    "--join --participant 3 --out joining.json --home homes/alices-phone",
    "--file joining.json --home homes/alice",
    "--file joining.json --scope operator --home homes/hospital",
  ],
  async run(flags, talk) {
    check(flags);
    if (flags.join) return join(flags, await OutputFile.reserve(flags.out!, flags), talk);
    const joining = await readJsonFile(flags.file!);
    await using output = flags.sign === undefined ? undefined : await OutputFile.reserve(flags.sign, flags);
    await using session = await openSession(flags, talk, { account: "sign", vault: "if-there" });
    const { client, transactions } = session;
    const own = await client.ownId();
    const { account } = await ownJoining(session, own, joining);
    const { kind } = await client.describeParticipant({ id: own });
    const scope = (flags.scope ?? (kind === "person" ? "OWNER" : "OPERATOR")) === "OWNER" ? "owner" : "operator";
    talk.note(facts({ participant: own, "new account": account, scope }));
    const may = scope === "owner" ? "everything that you may" : "the daily work of the institution";
    talk.note(caution(`It may do ${may}. Compare it with what the new device shows.`));
    await confirm(talk, "Add this account?", flags.yes);
    if (output !== undefined)
      return await signedAction(session, output, await client.signAddAccount({ file: joining, scope }));
    const { receipt, events } = await client.addAccount({ file: joining, scope });
    const from = Number(events["AccountAdded"]!["from"]);
    return {
      data: { participant: own, account, scope, from, transactions },
      text: [
        done("Added the account"),
        facts({ account, scope, "acts from": time(from), gas: gas(Number(receipt.gasUsed)) }),
      ].join("\n"),
    };
  },
});

function check({ join, participant, out, file, sign, scope }: Values<typeof FLAGS>): void {
  if (join === (file !== undefined)) throw badUsage("it takes either --join, or --file FILE");
  if (join && participant === undefined) throw badUsage("--participant is missing: whom the account will act for");
  if (join && out === undefined) throw badUsage("--out is missing: where the signed wish goes");
  if (join && sign !== undefined) throw badUsage("--sign goes with --file");
  if (join && scope !== undefined) throw badUsage("--scope goes with --file");
  if (!join && (participant !== undefined || out !== undefined))
    throw badUsage("--participant and --out go with --join");
}

async function join(
  flags: Values<typeof FLAGS>,
  reserved: OutputFile,
  talk: Parameters<typeof openSession>[1],
): Promise<Result> {
  await using output = reserved;
  await using session = await openSession(flags, talk, { account: "sign", vault: "if-there" });
  const { client, account } = session;
  const { participant } = flags;
  await client.describeParticipant({ id: participant! });
  const joining = await client.signJoining({ participant: participant! });
  await output.writeJson(joining);
  const deadline = Number(joining.message["deadline"]);
  return {
    data: { participant, account, file: output.path, deadline },
    text: [
      done(`Signed that this account wants to act for participant ${participant}; nothing was sent`),
      facts({ account, file: output.path, "counts until": time(deadline) }),
      nextOfOthers(`with an account that is there: chartchain account add --file ${output.path}`),
    ].join("\n"),
  };
}

async function ownJoining({ client }: Session, own: number, file: unknown): Promise<JoiningFile> {
  const joining = await readJoining(client, file);
  const { participant } = joining.message;
  if (participant === own) return joining;
  throw new ChartChainError(
    "JOINING_SOMEBODY_ELSE",
    `the account wants to act for participant ${Number(participant)}`,
    {
      details: { participant: Number(participant), own },
      hint: "Let the new account sign again, with the right --participant.",
    },
  );
}
