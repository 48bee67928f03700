import { confirm } from "../../terminal/ask.js";
import { command } from "../../line/command.js";
import { ACTOR_FLAGS, FORCE } from "../../line/common-flags.js";
import { EXPIRY_FLAGS, readExpiry, requireOneExpiry } from "../../line/expiry.js";
import { choice, file, participant } from "../../line/flag-kinds.js";
import { optional, required, several, toggle, type Values } from "../../line/flags.js";
import { OutputFile } from "../../files/output-file.js";
import { powersInWords } from "../../words/powers-in-words.js";
import { openSession } from "../../actor/session.js";
import { signedAction } from "../../files/signed-file.js";
import { done, facts, gas, next, nextOfOthers, time } from "../../terminal/tables.js";
import { badUsage } from "../../line/usage.js";
import { ChartChainError } from "../../../errors/index.js";
import { CATEGORIES } from "../../../sdk/index.js";

const FLAGS = {
  delegate: required(participant, "who acts in the patient's place: a person"),
  view: several(choice("CATEGORY", CATEGORIES), `may see these: ${CATEGORIES.join(", ")}`),
  grant: several(choice("CATEGORY", CATEGORIES), "may grant others these, and revoke them"),
  approve: toggle("may approve, decline and end relationships, and review emergencies"),
  until: EXPIRY_FLAGS.until,
  days: EXPIRY_FLAGS.days,
  sign: optional(file, "send nothing: write the signed decision here, for somebody else to relay"),
  yes: toggle("don't ask; what the delegate may do is shown all the same"),
  force: FORCE,
  ...ACTOR_FLAGS,
};

export default command({
  purpose:
    "Appoints somebody to act in a patient's place, within powers and until a time; appointing again replaces both. A delegate appoints nobody, changes no accounts and consents to no research.",
  flags: FLAGS,
  operand: "delegate",
  examples: ["5 --view SUMMARY --grant SUMMARY --days 365 --home homes/alice"],
  async run(flags, talk) {
    check(flags);
    await using output = flags.sign === undefined ? undefined : await OutputFile.reserve(flags.sign, flags);
    await using session = await openSession(flags, talk, { account: "sign", vault: "if-there", as: "patient" });
    const { client, transactions } = session;
    const { delegate, approve, grant, view } = flags;
    const { kind } = await client.describeParticipant({ id: delegate });
    if (kind !== "person") {
      throw new ChartChainError("DELEGATE_NOT_A_PERSON", `participant ${delegate} is an institution`, {
        details: { delegate },
        hint: "Only a person acts in a patient's place. An institution is granted access: chartchain consent grant.",
      });
    }
    const appointment = { delegate, approve, grant, view, until: (await readExpiry(client, flags))! };
    const shown = facts({
      delegate: `participant ${delegate}`,
      ...powersInWords(appointment),
      until: time(appointment.until),
    });
    talk.note(shown);
    await confirm(talk, "Appoint this delegate?", flags.yes);
    if (output !== undefined) return await signedAction(session, output, await client.signAppointDelegate(appointment));

    const patient = await client.ownId();
    const { receipt } = await client.appointDelegate(appointment);
    return {
      data: { patient, ...appointment, transactions },
      text: [
        done(`Participant ${delegate} may act in your place`),
        facts({ until: time(appointment.until), gas: gas(Number(receipt.gasUsed)) }),
        view.length === 0
          ? next(`it ends before that with: chartchain delegate dismiss ${delegate}`)
          : nextOfOthers(
              `a provider gives the delegate the keys: chartchain consent grant --deliver-only --patient ${patient} --viewer ${delegate} --purpose PATRQT --deliver FILE`,
            ),
      ].join("\n"),
    };
  },
});

function check(flags: Values<typeof FLAGS>): void {
  requireOneExpiry(flags);
  const { approve, grant, view, until, days } = flags;
  if (!approve && grant.length === 0 && view.length === 0) {
    throw badUsage("--view, --grant or --approve is missing: what the delegate may do");
  }
  if (until === undefined && days === undefined) throw badUsage("--until or --days is missing: no power is for ever");
}
