import { step } from "./lib/command.js";
import { ACTOR_FLAGS, FORCE } from "./lib/common-flags.js";
import { deliveredInWords, notDelivered, writeDelivery } from "./lib/deliver-file.js";
import { EXPIRY_FLAGS, readExpiry, requireOneExpiry } from "./lib/expiry.js";
import { choice, file, participant } from "./lib/flag-kinds.js";
import { optional, required, several, toggle, type Values } from "./lib/flags.js";
import { OutputFile } from "./lib/output-file.js";
import { requireKeys } from "./lib/require-keys.js";
import { openSession } from "./lib/session.js";
import { signedAction } from "./lib/signed-file.js";
import { done, facts, gas, next, time } from "./lib/tables.js";
import { CATEGORY_WORDS, inWords, PURPOSE_WORDS } from "./lib/terms-in-words.js";
import { badUsage } from "./lib/usage.js";
import { CATEGORIES, PURPOSES } from "../src/sdk/index.js";

const FLAGS = {
  viewer: required(participant, "who may see"),
  categories: several(choice("CATEGORY", CATEGORIES), `what: ${CATEGORIES.join(", ")}`),
  purpose: optional(choice("PURPOSE", PURPOSES), `what for: ${PURPOSES.join(", ")}`),
  ...EXPIRY_FLAGS,
  steward: optional(participant, "only the records that this provider keeps (every provider's)"),
  "sensitive-from-any-steward": toggle("GENOMIC and SENSITIVE records of every provider are meant, too"),
  sign: optional(file, "send nothing: write the signed grant here, for somebody else to relay"),
  deliver: optional(file, "afterwards write here what the viewer hasn't got yet: keys and envelopes"),
  "deliver-only": toggle("grant nothing: only write the --deliver file, for a grant that stands; for a provider, too"),
  patient: optional(participant, "by a delegate: in whose place; with --deliver-only, by a provider: whose records"),
  again: toggle("with --deliver-only: everything once more, when an earlier file was lost"),
  force: FORCE,
  ...ACTOR_FLAGS,
};

export default step(import.meta, {
  name: "grant-access",
  purpose:
    "Lets a viewer see some categories of a patient's records for a purpose, until a time. --deliver writes the file with the keys for the viewer: nobody else can open it.",
  flags: FLAGS,
  examples: [
    "--viewer 2 --categories SUMMARY,MEDICATION --purpose TREAT --days 30 --deliver for-clinic.json --home homes/alice",
    "--deliver-only --viewer 2 --purpose TREAT --deliver more-for-clinic.json --home homes/alice",
  ],
  async run(flags, talk) {
    check(flags);
    if (flags["deliver-only"]) return deliverOnly(flags, talk);
    const { viewer, steward, categories, sign, deliver } = flags;
    const purpose = flags.purpose!;
    const path = sign ?? deliver;
    await using output = path === undefined ? undefined : await OutputFile.reserve(path, flags);
    await using session = await openSession(flags, talk, { account: "sign", vault: "open" });
    const { client, transactions } = session;
    const until = (await readExpiry(client, flags))!;
    const grant = {
      viewer,
      categories,
      purpose,
      until,
      sensitiveFromAnySteward: flags["sensitive-from-any-steward"],
      ...(steward === undefined ? {} : { steward }),
      ...(flags.patient === undefined ? {} : { patient: flags.patient }),
    };
    const { name, kind } = await client.describeParticipant({ id: viewer });
    if (sign !== undefined) return await signedAction(session, output!, await client.signGrantAccess(grant));

    const patient = flags.patient ?? (await client.ownId());
    if (output !== undefined) await requireKeys(client, patient, categories, steward);
    const { receipt } = await client.grantAccess(grant);
    const delivered =
      output &&
      (await writeDelivery(client, { patient, viewer, purpose }, output).catch((cause: unknown) => {
        throw notDelivered(
          "Access is granted",
          cause,
          `Once that is mended: npx tsx scripts/grant-access.ts --deliver-only --again --viewer ${viewer} --purpose ${purpose} --deliver ${output.path}`,
        );
      }));
    return {
      data: { ...grant, patient, viewerName: name, ...(delivered && { delivered }), transactions },
      text: [
        done(`Granted access to ${kind === "person" ? `participant ${viewer}` : name}`),
        facts({
          viewer: kind === "person" ? viewer : `${name} (participant ${viewer}, name verified)`,
          "in the place of": flags.patient === undefined ? undefined : `participant ${patient}`,
          "may see": inWords(categories, CATEGORY_WORDS),
          for: inWords([purpose], PURPOSE_WORDS),
          of: steward === undefined ? "every provider" : `provider ${steward}`,
          until: time(Math.floor(until / 60) * 60),
          gas: gas(Number(receipt.gasUsed)),
          delivery: delivered && `${delivered.file}: ${deliveredInWords(delivered)}`,
        }),
        next(
          delivered === undefined
            ? `give the viewer the keys: npx tsx scripts/grant-access.ts --deliver-only --patient ${patient} --viewer ${viewer} --purpose ${purpose} --deliver FILE`
            : `the viewer takes it in: npx tsx scripts/open-record.ts --import ${delivered.file}`,
        ),
      ].join("\n"),
    };
  },
});

function check(flags: Values<typeof FLAGS>): void {
  requireOneExpiry(flags);
  const { categories, purpose, sign, deliver, patient, again } = flags;
  if (flags["deliver-only"]) {
    if (deliver === undefined) throw badUsage("--deliver-only needs --deliver FILE");
    if (sign !== undefined) throw badUsage("--deliver-only grants nothing: leave --sign out");
    return;
  }
  if (categories.length === 0) throw badUsage("--categories is missing: what the viewer may see");
  if (purpose === undefined) throw badUsage("--purpose is missing: what for");
  if ([flags.until, flags.days, flags.minutes].every((given) => given === undefined)) {
    throw badUsage("--until, --days or --minutes is missing: no grant is without an end");
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
  await using output = await OutputFile.reserve(flags.deliver!, flags);
  await using session = await openSession(flags, talk, { account: "sign", vault: "open" });
  const { client } = session;
  const { viewer, again, purpose } = flags;
  const patient = flags.patient ?? (await client.ownId());
  if (purpose === undefined && patient !== viewer) throw badUsage("--purpose is missing: which grant it is about");
  const input = { patient, viewer, again, ...(purpose === undefined ? {} : { purpose }) };
  const delivered = await writeDelivery(client, input, output);
  return {
    data: { patient, viewer, delivered, transactions: session.transactions },
    text: [
      done(`Wrote the delivery for participant ${viewer}`),
      facts({ file: delivered.file, holds: deliveredInWords(delivered) }),
      next(`the recipient takes it in: npx tsx scripts/open-record.ts --import ${delivered.file}`),
    ].join("\n"),
  };
}
