import { confirm } from "../../terminal/ask.js";
import { command, type Result } from "../../line/command.js";
import { ACTOR_FLAGS, FORCE } from "../../line/common-flags.js";
import { EXPIRY_FLAGS, readExpiry, requireOneExpiry } from "../../line/expiry.js";
import { choice, file, participant } from "../../line/flag-kinds.js";
import { optional, several, toggle, type Values } from "../../line/flags.js";
import { OutputFile } from "../../files/output-file.js";
import { powersInWords } from "../../words/powers-in-words.js";
import { openSession, type Session } from "../../actor/session.js";
import { signedAction } from "../../files/signed-file.js";
import { caution, count, done, facts, gas, next, nextOfOthers, time } from "../../terminal/tables.js";
import { badUsage } from "../../line/usage.js";
import { ChartChainError } from "../../../errors/index.js";
import { CATEGORIES } from "../../../sdk/index.js";

const FLAGS = {
  delegate: optional(participant, "who acts in the patient's place: a person"),
  view: several(choice("CATEGORY", CATEGORIES), `may see these: ${CATEGORIES.join(", ")}`),
  grant: several(choice("CATEGORY", CATEGORIES), "may grant others these, and revoke them"),
  approve: toggle("may approve, decline and end relationships, and review emergencies"),
  until: EXPIRY_FLAGS.until,
  days: EXPIRY_FLAGS.days,
  dismiss: toggle("end the delegate's powers"),
  patient: optional(participant, "with --dismiss, by the delegate: in whose place the delegate acts no more"),
  sign: optional(file, "send nothing: write the signed decision here, for somebody else to relay"),
  yes: toggle("don't ask; what the delegate may do is shown all the same"),
  force: FORCE,
  ...ACTOR_FLAGS,
};

export default command({
  purpose:
    "Appoints somebody to act in a patient's place, within powers and until a time; appointing again replaces both. Without --delegate it lists the delegates, and representatives that a court announced: --dismiss ends one of those during its notice. A delegate appoints nobody, changes no accounts and consents to no research.",
  flags: FLAGS,
  examples: [
    "--delegate 5 --view SUMMARY --grant SUMMARY --days 365 --home homes/alice",
    "--delegate 5 --dismiss --home homes/alice",
    "--dismiss --patient 3 --home homes/carol",
  ],
  async run(flags, talk) {
    check(flags);
    await using output = flags.sign === undefined ? undefined : await OutputFile.reserve(flags.sign, flags);
    const listing = flags.delegate === undefined && !flags.dismiss;
    await using session = await openSession(
      flags,
      talk,
      listing ? { account: "address", vault: "none" } : { account: "sign", vault: "if-there" },
    );
    const { client, transactions } = session;
    if (flags.dismiss) return await dismiss(session, flags, output);
    const { delegate, approve, grant, view } = flags;
    if (delegate === undefined) return await list(session);

    const { kind } = await client.describeParticipant({ id: delegate });
    if (kind !== "person") {
      throw new ChartChainError("DELEGATE_NOT_A_PERSON", `participant ${delegate} is an institution`, {
        details: { delegate },
        hint: "Only a person acts in a patient's place. An institution is granted access: grant-access.",
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
          ? next(`it ends before that with: chartchain delegate appoint --delegate ${delegate} --dismiss`)
          : nextOfOthers(
              `a provider gives the delegate the keys: chartchain consent grant --deliver-only --patient ${patient} --viewer ${delegate} --purpose PATRQT --deliver FILE`,
            ),
      ].join("\n"),
    };
  },
});

function check(flags: Values<typeof FLAGS>): void {
  requireOneExpiry(flags);
  const { delegate, dismiss, patient, approve, grant, view, until, days, sign } = flags;
  const powers = approve || grant.length > 0 || view.length > 0;
  if (dismiss) {
    if (powers || until !== undefined || days !== undefined) throw badUsage("--dismiss takes no powers and no term");
    if ((delegate === undefined) === (patient === undefined)) {
      throw badUsage("--dismiss takes --delegate ID from the patient, --patient ID from the delegate");
    }
    if (patient !== undefined && sign !== undefined) throw badUsage("--sign is for the patient");
    return;
  }
  if (patient !== undefined) throw badUsage("--patient goes with --dismiss");
  if (delegate === undefined) {
    if (powers || sign !== undefined) throw badUsage("--delegate is missing: who acts in the patient's place");
    return;
  }
  if (!powers) throw badUsage("--view, --grant or --approve is missing: what the delegate may do");
  if (until === undefined && days === undefined) throw badUsage("--until or --days is missing: no power is for ever");
}

async function dismiss(session: Session, flags: Values<typeof FLAGS>, output: OutputFile | undefined): Promise<Result> {
  const { client, transactions } = session;
  const delegate = flags.delegate ?? (await client.ownId());
  if (output !== undefined) return signedAction(session, output, await client.signDismissDelegate({ delegate }));
  const patient = flags.patient ?? (await client.ownId());
  const { receipt } = await client.dismissDelegate({ delegate, patient });
  return {
    data: { patient, delegate, dismissed: true, transactions },
    text: [
      done(`Participant ${delegate} acts no more in the place of participant ${patient}`),
      facts({ gas: gas(Number(receipt.gasUsed)) }),
      caution("What the delegate granted stays: take it back with revoke-access."),
    ].join("\n"),
  };
}

async function list({ client, transactions }: Session): Promise<Result> {
  const patient = await client.ownId();
  const delegates = await client.listDelegates({ patient });
  return {
    data: { delegates, transactions },
    text: [
      done(delegates.length === 0 ? "Nobody acts in your place" : count(delegates.length, "delegate")),
      ...delegates.map(({ delegate, from, until, source, ...powers }) =>
        facts({
          delegate: `participant ${delegate}`,
          ...powersInWords(powers),
          ...(source === patient ? {} : { "appointed by": `participant ${source}` }),
          ...(from <= client.clock() ? {} : { "counts from": `${time(from)}; until then you may dismiss it` }),
          until: time(until),
        }),
      ),
    ].join("\n"),
  };
}
