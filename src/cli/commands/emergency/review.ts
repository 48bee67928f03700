import { confirm } from "../../terminal/ask.js";
import { command } from "../../line/command.js";
import { ACTOR_FLAGS, FORCE } from "../../line/common-flags.js";
import { file, participant, wholeNumber } from "../../line/flag-kinds.js";
import { optional, toggle, type Values } from "../../line/flags.js";
import { readJsonFile } from "../../files/input-file.js";
import { OutputFile } from "../../files/output-file.js";
import { printable } from "../../terminal/printable.js";
import { openSession, type Needs } from "../../actor/session.js";
import { signedAction } from "../../files/signed-file.js";
import { done, facts, gas, next, time } from "../../terminal/tables.js";
import { CATEGORY_WORDS, inWords } from "../../words/terms-in-words.js";
import { badUsage } from "../../line/usage.js";
import { ChartChainError } from "../../../errors/index.js";
import type { Client, EmergencyEntry, EmergencyReasonFile } from "../../../sdk/index.js";

const FLAGS = {
  reason: optional(file, "the reason that the responder handed over: checked against the chain, and shown"),
  responder: optional(participant, "who broke the glass; the reason's file says it, too"),
  number: optional(wholeNumber("N", 1, 2 ** 32 - 1), "which time (the responder's last one)"),
  justified: toggle("there was an emergency"),
  unjustified: toggle("there was none: it ends at once"),
  patient: optional(participant, "by a delegate or the authority: whose glass it was"),
  authority: toggle("as the authority, where the patient said nothing"),
  sign: optional(file, "send nothing: write the signed review here, for somebody else to relay"),
  yes: toggle("don't ask; the emergency is shown all the same"),
  force: FORCE,
  ...ACTOR_FLAGS,
};

export default command({
  purpose:
    "Says whether there was an emergency, after showing what is known of it. Without an answer only shows it. Who broke the glass: chartchain emergency list. The patient's own word, or a delegate's, goes before the authority's; justified can still become unjustified, not the other way round.",
  flags: FLAGS,
  operand: "responder",
  examples: ["--reason reason.json --home homes/alice", "6 --unjustified --home homes/alice"],
  async run(flags, talk) {
    check(flags);
    const given = flags.reason === undefined ? undefined : await readJsonFile(flags.reason);
    await using output = flags.sign === undefined ? undefined : await OutputFile.reserve(flags.sign, flags);
    const decides = flags.justified || flags.unjustified;
    await using session = await openSession(flags, talk, needsOf(flags, decides));
    const { client, transactions } = session;
    const patient = flags.patient ?? (await client.ownId());
    const reason = given === undefined ? undefined : await readReason(client, patient, given);
    const entries = await client.listEmergencies({ patient });
    const entry = entryOf(entries, flags, reason);
    const { responder, number } = entry;
    if (!decides) {
      return {
        data: { patient, emergency: entry, ...(reason === undefined ? {} : { reason: reason.reason }) },
        text: [
          done(`Emergency ${number} of participant ${responder}`),
          emergencyFacts(entry, reason),
          next(`was there an emergency (else --unjustified): chartchain emergency review ${responder} --justified`),
        ].join("\n"),
      };
    }
    const review = { patient, responder, number, justified: flags.justified };
    talk.note(emergencyFacts(entry, reason));
    await confirm(talk, `Say that there was ${flags.justified ? "an" : "no"} emergency?`, flags.yes);
    if (output !== undefined) return await signedAction(session, output, await client.signReviewEmergency(review));
    const { receipt } = await (flags.authority
      ? client.reviewEmergencyAsAuthority(review)
      : client.reviewEmergency(review));
    return {
      data: { ...review, outcome: flags.justified ? "Justified" : "Unjustified", transactions },
      text: [
        done(flags.justified ? "There was an emergency" : "There was no emergency"),
        facts({ responder: entry.responderName || responder, number, gas: gas(Number(receipt.gasUsed)) }),
      ].join("\n"),
    };
  },
});

function check({ justified, unjustified, authority, patient, sign, responder, reason }: Values<typeof FLAGS>): void {
  if (justified && unjustified) throw badUsage("it is either --justified or --unjustified");
  if (authority && patient === undefined) throw badUsage("--authority needs --patient ID");
  if (authority && sign !== undefined) throw badUsage("the authority sends its own reviews: leave --sign out");
  const decides = justified || unjustified;
  if (responder === undefined && reason === undefined) {
    throw badUsage(
      "--responder or --reason is missing: which emergency it is about; chartchain emergency list shows them",
    );
  }
  if (!decides && sign !== undefined) throw badUsage("--justified or --unjustified is missing: what is signed");
}

function needsOf({ authority }: Values<typeof FLAGS>, decides: boolean): Needs {
  if (authority) return { account: "authority", vault: "none" };
  return decides ? { account: "sign", vault: "if-there", as: "patient" } : { account: "address", vault: "none" };
}

async function readReason(client: Client, patient: number, given: unknown): Promise<EmergencyReasonFile> {
  const reason = await client.readEmergencyReason({ file: given });
  if (reason.patient === patient) return reason;
  throw new ChartChainError("EMERGENCY_OF_SOMEBODY_ELSE", `the reason is about participant ${reason.patient}`, {
    details: { patient: reason.patient, expected: patient },
    hint: "Ask the responder for the right file. A delegate names the patient with --patient.",
  });
}

function entryOf(
  entries: readonly EmergencyEntry[],
  flags: Values<typeof FLAGS>,
  reason: EmergencyReasonFile | undefined,
): EmergencyEntry {
  const responder = flags.responder ?? reason?.responder;
  const number = flags.number ?? reason?.number;
  const entry = entries.findLast(
    (each) => each.responder === responder && (number === undefined || each.number === number),
  );
  if (entry !== undefined && (reason === undefined || isAbout(reason, entry))) return entry;
  throw new ChartChainError("UNKNOWN_EMERGENCY", `participant ${responder} didn't break this glass so`, {
    details: { responder, number },
    hint: "See who did: chartchain emergency list.",
  });
}

function isAbout(reason: EmergencyReasonFile, { responder, number }: EmergencyEntry): boolean {
  return reason.responder === responder && reason.number === number;
}

function emergencyFacts(entry: EmergencyEntry, reason: EmergencyReasonFile | undefined): string {
  return facts({
    responder:
      entry.problem === undefined
        ? `${entry.responderName} (participant ${entry.responder}, name verified)`
        : `participant ${entry.responder}, whose name isn't verified: ${printable(entry.problem)}`,
    number: entry.number,
    "could see": inWords(entry.categories, CATEGORY_WORDS),
    until: time(entry.until),
    reason: reason?.reason ?? "not handed over",
    review: entry.outcome,
  });
}
