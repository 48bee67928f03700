import { deliveryCommand } from "../files/deliver-file.js";
import { openSession } from "../actor/session.js";
import { ACTOR_FLAGS, MAX_MIB } from "../line/common-flags.js";
import type { Result } from "../line/command.js";
import { anyText, choice, digest, file } from "../line/flag-kinds.js";
import { optional, required, type Values } from "../line/flags.js";
import { badUsage } from "../line/usage.js";
import { startProgress } from "../terminal/progress.js";
import { caution, done, facts, gas, next } from "../terminal/tables.js";
import type { Talk } from "../terminal/talk.js";
import { ChartChainError } from "../../errors/index.js";
import type { ParsedFhir } from "../../fhir/index.js";
import { CATEGORIES } from "../../sdk/index.js";
import { findRecord } from "./record-choice.js";
import { fhirInputs, fhirRecords, fileRecord, type PreparedRecord } from "./record-inputs.js";

/** What a record takes that refers to another one. */
export const REFERRING_FLAGS = {
  digest: required(digest, "the record that it refers to: its digest, or how that begins"),
  input: optional(file, "a FHIR R4 Bundle or resource as JSON that is one record"),
  "max-mib": MAX_MIB,
  file: optional(file, "any file, with --media-type"),
  category: optional(choice("CATEGORY", CATEGORIES), "of the --file (the other record's)"),
  "media-type": optional(anyText("TYPE"), "of the --file, such as application/pdf"),
  ...ACTOR_FLAGS,
};

type Given = Values<typeof REFERRING_FLAGS>;

/**
 * Adds one record that replaces, or contradicts, another one of the same patient.
 *
 * @throws RECORD_UNKNOWN when this vault doesn't hold the other one, and what the SDK's `addRecord` throws
 */
export async function addReferring(kind: "amends" | "disputes", flags: Given, talk: Talk): Promise<Result> {
  if ((flags.input === undefined) === (flags.file === undefined)) {
    throw badUsage("it takes either --input FILE or --file FILE");
  }
  if (flags.file !== undefined && flags["media-type"] === undefined) throw badUsage("--file needs --media-type");
  const fhir = flags.input === undefined ? undefined : await oneRecordIn(flags.input, flags["max-mib"]);
  await using session = await openSession(flags, talk, { account: "sign", vault: "open" });
  const { client, transactions } = session;
  const other = await findRecord(client, flags.digest);
  if (other?.category === undefined) {
    throw new ChartChainError("RECORD_UNKNOWN", "this vault holds no such record, or not its key", {
      details: { digest: flags.digest },
      hint: "See what it holds: chartchain record list.",
    });
  }
  const { patient } = other;
  const record =
    fhir?.record ?? (await fileRecord(flags.file!, flags.category ?? other.category, flags["media-type"]!));
  if (fhir !== undefined) {
    for (const parsed of fhir.inputs) {
      const { warnings } = await client.admitFhir({ patient, parsed, confidential: other.confidential });
      for (const warning of warnings) talk.note(caution(`Of patient ${patient}: ${warning}.`));
    }
  }
  using progress = startProgress(talk, "Sealing", record.size, "bytes");
  const { category, sensitivities, confidential = false, size, mediaType, content } = record;
  const added = await client.addRecord({
    ...{ patient, category, size, content: content(progress), [kind]: other.digest },
    confidential: confidential || other.confidential,
    ...(sensitivities === undefined ? {} : { sensitivities }),
    ...(mediaType === undefined ? {} : { mediaType }),
  });
  const { receipt, alreadyThere, index } = added;
  return {
    data: { patient, [kind]: other.digest, digest: added.digest, category: added.category, alreadyThere, transactions },
    text: [
      alreadyThere
        ? caution("The same content was added before: nothing was written")
        : done(`Added a record that ${kind === "amends" ? "replaces" : "disputes"} the other one`),
      facts({
        digest: added.digest,
        [kind === "amends" ? "replaces" : "disputes"]: alreadyThere ? undefined : other.digest,
        patient,
        category: added.category,
        "place in the history": index,
        gas: receipt === undefined ? undefined : gas(Number(receipt.gasUsed)),
      }),
      next(`give the patient the keys: ${deliveryCommand(patient, patient)}`),
    ].join("\n"),
  };
}

async function oneRecordIn(
  path: string,
  maxBytes: number | undefined,
): Promise<{ record: PreparedRecord; inputs: readonly ParsedFhir[] }> {
  const { inputs } = await fhirInputs(path, { maxBytes });
  const [record, another] = fhirRecords(inputs);
  if (record !== undefined && another === undefined) return { record, inputs };
  throw badUsage("the input is several records: give one at a time, what takes the place of one record");
}
