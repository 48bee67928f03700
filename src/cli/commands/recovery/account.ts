import { confirm } from "../../terminal/ask.js";
import { command } from "../../line/command.js";
import { ACTOR_FLAGS, FORCE } from "../../line/common-flags.js";
import { address, file, participant } from "../../line/flag-kinds.js";
import { optional, toggle, type Values } from "../../line/flags.js";
import { readJsonFile } from "../../files/input-file.js";
import { OutputFile } from "../../files/output-file.js";
import { listRecoveries } from "../../words/recovery-in-words.js";
import { approvalOf, executionOf, vetoOf } from "../../words/recovery-steps.js";
import { openSession, type Needs } from "../../actor/session.js";
import { signedAction } from "../../files/signed-file.js";
import { caution, done, facts, gas, next } from "../../terminal/tables.js";
import { badUsage } from "../../line/usage.js";
import { readGuardians } from "../../../sdk/people/guardians.js";

type Step = "start" | "approve" | "veto" | "execute";
const STEPS: readonly Step[] = ["start", "approve", "veto", "execute"];

const FLAGS = {
  start: toggle("a guardian: begin, which is also the first approval"),
  approve: toggle("a guardian: approve what another one began"),
  veto: toggle("the person: stop it, once; it goes on only with one more approval and twice the delay"),
  execute: toggle("the new account: take over, once the delay is over"),
  guardians: optional(file, "the guardians' file; --veto finds it in the vault"),
  account: optional(address, "for --start and --approve: the person's new account, as he or she told it in person"),
  participant: optional(participant, "to list the recoveries of this person, without one of the above"),
  sign: optional(file, "send nothing: write the signed decision here, for somebody else to relay"),
  yes: toggle("don't ask; what happens is shown all the same"),
  force: FORCE,
  ...ACTOR_FLAGS,
};

export default command({
  purpose:
    "Gives a person another account whose key was lost or stolen: guardians approve, a delay passes in which the person may veto and nothing increases, and the new account takes over. Then every former account is dead, everything granted has ended, and of what is seen in an emergency SUMMARY and MEDICATION are left at most; relationships stay. Without a step it lists what is open.",
  flags: FLAGS,
  examples: [
    "--start --guardians guardians.json --account 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 --home homes/carol",
    "--veto --home homes/alice",
    "--execute --guardians guardians.json --home homes/alice-again",
    "--participant 3 --home homes/carol",
  ],
  async run(flags, talk) {
    const step = stepOf(flags);
    const given = flags.guardians === undefined ? undefined : await readJsonFile(flags.guardians);
    await using output = flags.sign === undefined ? undefined : await OutputFile.reserve(flags.sign, flags);
    await using session = await openSession(flags, talk, needsOf(step));
    const { client, transactions } = session;
    const guardians = given === undefined ? undefined : readGuardians(client, given);
    if (step === undefined) {
      const person = flags.participant ?? guardians?.participant ?? (await client.ownId());
      return listRecoveries(person, await client.listRecoveries({ participant: person }), guardians);
    }

    const { shown, warning, question, send, sign, did } = await (step === "veto"
      ? vetoOf(client, guardians)
      : step === "execute"
        ? executionOf(client, guardians!)
        : approvalOf(client, step, guardians!, flags.account!));
    talk.note(facts(shown));
    talk.note(caution(warning));
    await confirm(talk, question, flags.yes);
    if (output !== undefined) return await signedAction(session, output, await sign());
    const { receipt } = await send();
    const { what, data, words, then } = await did();
    return {
      data: { step, ...data, transactions },
      text: [done(what), facts({ ...words, gas: gas(Number(receipt.gasUsed)) }), ...then.map(next)].join("\n"),
    };
  },
});

function stepOf(flags: Values<typeof FLAGS>): Step | undefined {
  const chosen = STEPS.filter((step) => flags[step]);
  if (chosen.length > 1) throw badUsage(`it takes one of ${STEPS.map((step) => `--${step}`).join(", ")}`);
  const [step] = chosen;
  const { guardians, account, participant, sign } = flags;
  if (step === undefined) {
    if (account !== undefined || sign !== undefined)
      throw badUsage("--start, --approve, --veto or --execute is missing");
    return undefined;
  }
  if (participant !== undefined) throw badUsage("--participant is for listing: the guardians' file says who it is");
  if (step !== "veto" && guardians === undefined) throw badUsage("--guardians is missing: the guardians' file");
  if ((step === "start" || step === "approve") !== (account !== undefined)) {
    throw badUsage(account === undefined ? "--account is missing: the new account" : "--account goes with guardians");
  }
  return step;
}

function needsOf(step: Step | undefined): Needs {
  if (step === undefined) return { account: "address", vault: "none" };
  return { account: "sign", vault: step === "execute" || step === "veto" ? "open" : "if-there" };
}
