import { confirm } from "../../terminal/ask.js";
import { command } from "../../line/command.js";
import { ACTOR_FLAGS, FORCE } from "../../line/common-flags.js";
import { EXPIRY_FLAGS, readExpiry, requireOneExpiry } from "../../line/expiry.js";
import { choice, file, participant } from "../../line/flag-kinds.js";
import { optional, required, several, toggle, type Values } from "../../line/flags.js";
import { OutputFile } from "../../files/output-file.js";
import { signedOrder } from "../../files/signed-order.js";
import { powersInWords } from "../../words/powers-in-words.js";
import { openSession } from "../../actor/session.js";
import { done, facts, gas, nextOfOthers, time } from "../../terminal/tables.js";
import { badUsage } from "../../line/usage.js";
import { CATEGORIES } from "../../../sdk/index.js";

const FLAGS = {
  patient: required(participant, "in whose place: an adult, or a child"),
  representative: required(participant, "who acts: a person"),
  view: several(choice("CATEGORY", CATEGORIES), `an adult's: may see these: ${CATEGORIES.join(", ")}`),
  grant: several(choice("CATEGORY", CATEGORIES), "an adult's: may grant others these, and revoke them"),
  approve: toggle("an adult's: may approve, decline and end relationships, and review emergencies"),
  until: EXPIRY_FLAGS.until,
  days: EXPIRY_FLAGS.days,
  sign: optional(file, "send nothing: write what is signed here, for who carries it out"),
  yes: toggle("don't ask; what is asked for is shown all the same"),
  force: FORCE,
  ...ACTOR_FLAGS,
};

export default command({
  purpose:
    "Says who acts in somebody's place by law. A court, or registry, announces a representative of an adult, who has 30 days to dismiss it; after a death an executor is appointed so. For a child a present representative signs, and the clinic that registered the child relays it; or that clinic or a court signs, and the authority carries it out. One ends: chartchain representative end.",
  flags: FLAGS,
  operand: "representative",
  examples: [
    "9 --patient 4 --approve --grant SUMMARY,MEDICATION --view SUMMARY --days 365 --home homes/court",
    "9 --patient 12 --sign second-parent.json --home homes/bob",
  ],
  async run(flags, talk) {
    check(flags);
    const { patient, representative, sign } = flags;
    await using output = sign === undefined ? undefined : await OutputFile.reserve(sign, flags);
    await using session = await openSession(flags, talk, { account: "sign", vault: "if-there" });
    const { client, transactions } = session;
    const childhood = await client.childhoodOf({ child: patient });
    if (output !== undefined) {
      if (childhood === undefined)
        throw badUsage("an adult's representative is announced by a court: leave --sign out");
      talk.note(facts({ patient: `participant ${patient}`, representative: `participant ${representative}` }));
      await confirm(talk, "Sign that it acts for the child?", flags.yes);
      const { kind } = await client.describeParticipant({ id: await client.ownId() });
      const pair = { child: patient, representative };
      const signing = kind === "person" ? client.signAddRepresentative(pair) : client.signAppointRepresentative(pair);
      return await signedOrder(session, output, await signing);
    }
    if (childhood !== undefined) throw badUsage("a child can't dismiss anybody: --sign FILE, for who carries it out");
    const until = await readExpiry(client, flags);
    if (until === undefined) throw badUsage("--until or --days is missing: no power is for ever");
    const { approve, grant, view } = flags;
    const announced = { patient, representative, approve, grant, view, until };
    talk.note(
      facts({ representative: `participant ${representative}`, ...powersInWords(announced), until: time(until) }),
    );
    await confirm(talk, "Announce this representative?", flags.yes);
    const { receipt } = await client.announceRepresentative(announced);
    const listed = await client.listDelegates({ patient });
    const { from } = listed.find(({ delegate }) => delegate === representative)!;
    return {
      data: { ...announced, from, transactions },
      text: [
        done(`Announced participant ${representative}`),
        facts({ "counts from": time(from), until: time(until), gas: gas(Number(receipt.gasUsed)) }),
        nextOfOthers(`until then the person may dismiss it: chartchain delegate dismiss ${representative}`),
      ].join("\n"),
    };
  },
});

function check(flags: Values<typeof FLAGS>): void {
  requireOneExpiry(flags);
  const { view, grant, approve, until, days, sign } = flags;
  const powers = approve || grant.length > 0 || view.length > 0;
  const term = until !== undefined || days !== undefined;
  if (sign !== undefined && (powers || term)) {
    throw badUsage("powers and a term are for a court that announces an adult's representative");
  }
  if (sign === undefined && !powers) throw badUsage("--view, --grant or --approve is missing");
}
