import { command } from "../../line/command.js";
import { ACTOR_FLAGS, FORCE } from "../../line/common-flags.js";
import {
  checkConstraint,
  CONSTRAINT_FLAGS,
  constraintFlagsIn,
  constraintInWords,
  readConstraint,
  writeConstraint,
} from "../../line/constraint.js";
import { deliveredInWords, notDelivered, writeDelivery, deliveryCommand } from "../../files/deliver-file.js";
import { EXPIRY_FLAGS, readExpiry, requireOneExpiry } from "../../line/expiry.js";
import { choice, file, participant } from "../../line/flag-kinds.js";
import { optional, required, several, toggle, type Values } from "../../line/flags.js";
import { OutputFile } from "../../files/output-file.js";
import { requireKeys } from "../../actor/require-keys.js";
import { openSession } from "../../actor/session.js";
import { signedAction } from "../../files/signed-file.js";
import { caution, done, facts, gas, next, nextOfOthers, time } from "../../terminal/tables.js";
import { CATEGORY_WORDS, inWords, PURPOSE_WORDS } from "../../words/terms-in-words.js";
import { badUsage } from "../../line/usage.js";
import { CATEGORIES, lossInWords, PURPOSES } from "../../../sdk/index.js";

const FLAGS = {
  viewer: required(participant, "who may see"),
  categories: several(choice("CATEGORY", CATEGORIES), `what: ${CATEGORIES.join(", ")}`),
  purpose: optional(choice("PURPOSE", PURPOSES), `what for: ${PURPOSES.join(", ")}`),
  ...EXPIRY_FLAGS,
  steward: optional(participant, "only the records that this provider keeps (every provider's)"),
  "sensitive-from-any-steward": toggle("GENOMIC and SENSITIVE records of every provider are meant, too"),
  ...CONSTRAINT_FLAGS,
  "lose-narrowing": toggle(
    "go on where categories that aren't named would no longer be narrowed as they are, or where a wider grant beside this one makes narrowing vain",
  ),
  sign: optional(file, "send nothing: write the signed grant here, for somebody else to relay"),
  deliver: optional(file, "afterwards write here what the viewer hasn't got yet: keys and envelopes"),
  constraint: optional(
    file,
    "afterwards write here what the grant is narrowed to, for the provider that keeps the records",
  ),
  "constraint-for": optional(participant, "that provider, where it isn't --steward"),
  "deliver-only": toggle(
    "grant nothing: only write --deliver or --constraint of a grant that stands; for a provider, too",
  ),
  patient: optional(participant, "by a delegate: in whose place; with --deliver-only, by a provider: whose records"),
  again: toggle("with --deliver-only: everything once more, when an earlier file was lost"),
  force: FORCE,
  ...ACTOR_FLAGS,
};

export default command({
  purpose:
    "Lets a viewer see some categories of a patient's records for a purpose, until a time. --deliver writes the file with the keys for the viewer: nobody else can open it. A grant can be narrowed to records, classes, a time or an encounter: --constraint writes that for the provider, which then delivers record by record. One narrowing is of all the categories of the same viewer, purpose and provider, and grants of one provider and of every provider add up: what would lose its narrowing by that is refused.",
  flags: FLAGS,
  operand: "viewer",
  examples: [
    "2 --categories SUMMARY,MEDICATION --purpose TREAT --days 30 --deliver for-clinic.json --home homes/alice",
    "4 --categories OBSERVATION --purpose HPAYMT --days 30 --records 0x1f2e3d4c,0x5b6a7988 --steward 1 --constraint for-hospital.json --home homes/alice",
    "2 --deliver-only --purpose TREAT --deliver more-for-clinic.json --home homes/alice",
  ],
  async run(flags, talk) {
    check(flags);
    if (flags["deliver-only"]) return deliverOnly(flags, talk);
    const { viewer, steward, categories, sign, deliver } = flags;
    const purpose = flags.purpose!;
    await using output = await reserve(sign ?? deliver, flags);
    await using sealed = await reserve(flags.constraint, flags);
    await using session = await openSession(flags, talk, { account: "sign", vault: "open", as: "patient" });
    const { client, transactions } = session;
    const until = (await readExpiry(client, flags))!;
    const { name, kind } = await client.describeParticipant({ id: viewer });
    const patient = flags.patient ?? (await client.ownId());
    const constraint = await readConstraint(client, flags, { patient, steward });
    const grant = {
      viewer,
      categories,
      purpose,
      until,
      sensitiveFromAnySteward: flags["sensitive-from-any-steward"],
      ...(steward === undefined ? {} : { steward }),
      ...(flags.patient === undefined ? {} : { patient: flags.patient }),
      ...(constraint === undefined ? {} : { constraint }),
      ...(flags["lose-narrowing"] ? { loseNarrowing: true } : {}),
    };
    const { categories: covered, narrowing, lost } = await client.previewGrant(grant);
    const narrowed = {
      "narrowed to":
        narrowing === undefined
          ? "what this vault doesn't hold; it stays as it is"
          : constraintInWords(constraint === undefined ? (narrowing ?? undefined) : constraint),
      ...(constraint === undefined && narrowing === null ? {} : { "all of it": covered.join(", ") }),
    };
    const losing = lost.map((loss) => caution(`As you said: ${lossInWords(loss)}`));
    const word = { patient, viewer, purpose, steward };
    const later = constraintLater(word);
    if (sign !== undefined) {
      const more = { facts: narrowed, cautions: losing, ...(constraint ? { next: later } : {}) };
      return await signedAction(session, output!, await client.signGrantAccess(grant), more);
    }
    if (output !== undefined) await requireKeys(client, patient, categories, steward);
    const keys = `chartchain consent grant --deliver-only --again --viewer ${viewer} --purpose ${purpose} --deliver ${output?.path ?? "FILE"}`;
    session.ifInterrupted(
      "whether it stands: chartchain consent list",
      ...(constraint === undefined ? [] : [later]),
      ...(output === undefined ? [] : [`then write the keys: ${keys}`]),
    );
    const { receipt } = await client.grantAccess(grant);
    const constraintFile =
      sealed &&
      (await writeConstraint(client, word, constraintRecipient(flags), sealed).catch((cause: unknown) => {
        throw notDelivered("Access is granted", cause, `Once that is mended, ${later}`);
      }));
    const delivered =
      output &&
      (await writeDelivery(client, { patient, viewer, purpose }, output).catch((cause: unknown) => {
        throw notDelivered("Access is granted", cause, `Once that is mended: ${keys}`);
      }));
    return {
      data: {
        ...grant,
        patient,
        viewerName: name,
        ...(narrowing === null ? {} : { covered }),
        ...(lost.length === 0 ? {} : { lost }),
        ...(delivered && { delivered }),
        ...(constraintFile && { constraintFile }),
        transactions,
      },
      text: [
        done(`Granted access to ${kind === "person" ? `participant ${viewer}` : name}`),
        facts({
          viewer: kind === "person" ? viewer : `${name} (participant ${viewer}, name verified)`,
          "in the place of": flags.patient === undefined ? undefined : `participant ${patient}`,
          "may see": inWords(categories, CATEGORY_WORDS),
          for: inWords([purpose], PURPOSE_WORDS),
          of: steward === undefined ? "every provider" : `provider ${steward}`,
          until: time(Math.floor(until / 60) * 60),
          ...narrowed,
          gas: gas(Number(receipt.gasUsed)),
          delivery: delivered && `${delivered.file}: ${deliveredInWords(delivered)}`,
          constraint: constraintFile && `${constraintFile.file}: for provider ${constraintFile.for} alone`,
        }),
        ...losing,
        ...(constraintFile ? [nextOfOthers(takesConstraint(constraintFile))] : constraint ? [next(later)] : []),
        delivered === undefined
          ? next(`give the viewer the keys: ${deliveryCommand(patient, viewer, purpose)}`)
          : nextOfOthers(`the viewer takes it in: chartchain record take ${delivered.file}`),
      ].join("\n"),
    };
  },
});

const reserve = (path: string | undefined, flags: { force: boolean }) =>
  path === undefined ? undefined : OutputFile.reserve(path, flags);

/** The provider that is to hold a grant's constraint. Throws BAD_USAGE when nobody said which. */
function constraintRecipient(flags: Values<typeof FLAGS>): number {
  const recipient = flags["constraint-for"] ?? flags.steward;
  if (recipient === undefined) throw badUsage("--constraint-for is missing: for which provider the constraint is");
  return recipient;
}

const takesConstraint = ({ file: path, for: provider }: { file: string; for: number }): string =>
  `provider ${provider} takes it in: chartchain record take ${path}`;

/** How a provider is told later what a grant is narrowed to. */
function constraintLater(word: { viewer: number; purpose: string; steward: number | undefined }): string {
  const whose = word.steward === undefined ? "--constraint-for PROVIDER" : `--steward ${word.steward}`;
  return `tell the provider, which can deliver nothing before: chartchain consent grant --deliver-only --viewer ${word.viewer} --purpose ${word.purpose} ${whose} --constraint FILE`;
}

function check(flags: Values<typeof FLAGS>): void {
  requireOneExpiry(flags);
  checkConstraint(flags);
  const given = constraintFlagsIn(flags);
  if (flags.constraint !== undefined) constraintRecipient(flags);
  else if (flags["constraint-for"] !== undefined) throw badUsage("--constraint-for goes with --constraint");
  const { categories, purpose, sign, deliver, patient, again } = flags;
  if (flags["deliver-only"]) {
    if (deliver === undefined && flags.constraint === undefined) {
      throw badUsage("--deliver-only needs --deliver FILE or --constraint FILE");
    }
    if (sign !== undefined) throw badUsage("--deliver-only grants nothing: leave --sign out");
    if (flags["lose-narrowing"]) throw badUsage("--deliver-only grants nothing: leave --lose-narrowing out");
    if (given.length > 0) throw badUsage(`--deliver-only grants nothing: leave --${given[0]!} out`);
    return;
  }
  if (categories.length === 0) throw badUsage("--categories is missing: what the viewer may see");
  if (purpose === undefined) throw badUsage("--purpose is missing: what for");
  if ([flags.until, flags.days, flags.minutes].every((given) => given === undefined)) {
    throw badUsage("--until, --days or --minutes is missing: no grant is without an end");
  }
  if (flags.constraint !== undefined && (given.length === 0 || flags["lift-constraint"])) {
    throw badUsage("--constraint writes what narrows the grant: say by what, or see --deliver-only");
  }
  if (sign !== undefined && flags.constraint !== undefined) {
    throw badUsage("--sign and --constraint exclude each other: a constraint goes out once the grant is on chain");
  }
  if (sign !== undefined && deliver !== undefined) {
    throw badUsage("--sign and --deliver exclude each other: keys go out once the grant is on chain");
  }
  if (again) throw badUsage("--again goes with --deliver-only");
  if (patient !== undefined && deliver !== undefined) {
    throw badUsage("a delegate hands out no keys: the patient or the provider does, with --deliver-only");
  }
}

async function deliverOnly(flags: Values<typeof FLAGS>, talk: Parameters<typeof openSession>[1]) {
  await using output = await reserve(flags.deliver, flags);
  await using sealed = await reserve(flags.constraint, flags);
  await using session = await openSession(flags, talk, { account: "sign", vault: "open" });
  const { client } = session;
  const { viewer, again, purpose, steward } = flags;
  const patient = flags.patient ?? (await client.ownId());
  if (purpose === undefined && (patient !== viewer || sealed !== undefined)) {
    throw badUsage("--purpose is missing: which grant it is about");
  }
  const constraintFile =
    sealed &&
    (await writeConstraint(
      client,
      { patient, viewer, purpose: purpose!, steward },
      constraintRecipient(flags),
      sealed,
    ));
  const input = { patient, viewer, again, ...(purpose === undefined ? {} : { purpose }) };
  const delivered = output && (await writeDelivery(client, input, output));
  return {
    data: {
      ...{ patient, viewer, ...(delivered && { delivered }), ...(constraintFile && { constraintFile }) },
      transactions: session.transactions,
    },
    text: [
      ...(constraintFile
        ? [
            done(`Wrote for provider ${constraintFile.for} what the grant to participant ${viewer} is narrowed to`),
            facts({ file: constraintFile.file }),
            nextOfOthers(takesConstraint(constraintFile)),
          ]
        : []),
      ...(delivered
        ? [
            done(`Wrote the delivery for participant ${viewer}`),
            facts({ file: delivered.file, holds: deliveredInWords(delivered) }),
            nextOfOthers(`the recipient takes it in: chartchain record take ${delivered.file}`),
          ]
        : []),
    ].join("\n"),
  };
}
