import { step, type Talk } from "./lib/command.js";
import { ACTOR_FLAGS, FORCE, MAX_MIB } from "./lib/common-flags.js";
import { deliveredInWords, notDelivered, writeDelivery } from "./lib/deliver-file.js";
import { anyText, choice, file, participant, wholeNumber } from "./lib/flag-kinds.js";
import { optional, required } from "./lib/flags.js";
import { OutputFile } from "./lib/output-file.js";
import { startProgress } from "./lib/progress.js";
import { fhirRecords, fileRecord, type PreparedRecord } from "./lib/record-inputs.js";
import { openSession, type Session } from "./lib/session.js";
import { bytes, caution, count, done, facts, fitting, gas, next, short, table } from "./lib/tables.js";
import { badUsage } from "./lib/usage.js";
import { ChartChainError } from "../src/errors/index.js";
import { CATEGORIES, type Category } from "../src/sdk/index.js";

export default await step(import.meta, {
  name: "add-record",
  purpose:
    "Adds records for a patient, as a provider with an active relationship: seals each, pins the ciphertext, and anchors its digest. A FHIR file is split into document-sized records; any other file is one record.",
  flags: {
    patient: required(participant, "the patient"),
    input: optional(file, "a FHIR R4 Bundle or resource as JSON, NDJSON, or a folder of them"),
    about: optional(anyText("REFERENCE"), "whom of an --input that holds several patients: Patient/ID"),
    "max-mib": MAX_MIB,
    file: optional(file, "any file, with --category and --media-type"),
    category: optional(choice("CATEGORY", CATEGORIES), `of the --file: ${CATEGORIES.join(", ")}`),
    "media-type": optional(anyText("TYPE"), "of the --file, such as application/pdf"),
    skip: optional(
      wholeNumber("N", 1, 1_000_000),
      "leave out the first N records of the --input: an earlier run added them",
    ),
    deliver: optional(file, "afterwards write here what the patient hasn't got yet: keys and envelopes"),
    force: FORCE,
    ...ACTOR_FLAGS,
  },
  examples: [
    "--patient 3 --input bundle.json --deliver for-alice.json --home homes/hospital",
    "--patient 3 --file scan.pdf --category DIAGNOSTIC --media-type application/pdf --home homes/hospital",
  ],
  async run({ patient, deliver, ...flags }, talk) {
    await using output = deliver === undefined ? undefined : await OutputFile.reserve(deliver, flags);
    const records = await prepare(flags);
    await using session = await openSession(flags, talk, { account: "sign", vault: "open" });
    const { client, transactions } = session;
    const added = await addAll(session, talk, patient, records, flags.skip ?? 0);

    const delivered = output && (await writeDelivery(client, { patient, viewer: patient }, output).catch(explain));
    const rounds = added.filter(({ roundOpened }) => roundOpened);
    const members = [...new Set(rounds.flatMap((record) => record.members))];
    return {
      data: { patient, records: added, ...(delivered && { delivered }), transactions },
      text: [
        done(`Added ${count(added.length, "record")} for patient ${patient}`),
        table(
          ["#", "category", "resources", "size", "digest", "CID", "gas"],
          added.map((record) => [
            record.index,
            record.category,
            record.resources ?? "",
            bytes(record.size),
            short(record.digest),
            fitting(talk.streams.stdout, record.cid, 80),
            gas(record.gas),
          ]),
        ),
        facts({
          "gas in all": gas(added.reduce((sum, record) => sum + record.gas, 0)),
          delivery: delivered && `${delivered.file}: ${deliveredInWords(delivered)}`,
        }),
        ...(members.length === 0
          ? []
          : [caution(`A new key was opened for viewers ${members.join(", ")}, too: grant-access --deliver-only.`)]),
        next(
          delivered === undefined
            ? `give the patient the keys: npx tsx scripts/grant-access.ts --deliver-only --patient ${patient} --viewer ${patient} --deliver FILE`
            : `the patient takes it in: npx tsx scripts/open-record.ts --import ${delivered.file}`,
        ),
      ].join("\n"),
    };
  },
});

interface Input {
  input: string | undefined;
  about: string | undefined;
  "max-mib": number | undefined;
  file: string | undefined;
  category: Category | undefined;
  "media-type": string | undefined;
  skip: number | undefined;
}

async function prepare({
  input,
  file,
  category,
  "media-type": mediaType,
  skip,
  ...flags
}: Input): Promise<PreparedRecord[]> {
  if ((input === undefined) === (file === undefined)) throw badUsage("it takes either --input FILE or --file FILE");
  if (file !== undefined) {
    if (category === undefined || mediaType === undefined) throw badUsage("--file needs --category and --media-type");
    if (skip !== undefined) throw badUsage("--skip goes with --input");
    if (flags.about !== undefined) throw badUsage("--about goes with --input");
    return [await fileRecord(file, category, mediaType)];
  }
  if (category !== undefined || mediaType !== undefined) {
    throw badUsage("--category and --media-type go with --file: a FHIR file says itself what it holds");
  }
  const records = await fhirRecords(input!, { about: flags.about, maxBytes: flags["max-mib"] });
  if (skip !== undefined && skip >= records.length) {
    throw badUsage(`--skip ${skip} leaves nothing: the file has ${count(records.length, "record")}`);
  }
  return records;
}

/** A record that is anchored, as reports show it. */
interface Added {
  index: number;
  category: Category;
  resources: number | undefined;
  size: number;
  digest: string;
  cid: string;
  gas: number;
  roundOpened: boolean;
  members: number[];
}

async function addAll(
  { client }: Session,
  talk: Talk,
  patient: number,
  records: readonly PreparedRecord[],
  skip: number,
): Promise<Added[]> {
  const streamed = records[0]?.resources === undefined;
  using progress = streamed
    ? startProgress(talk, "Sealing", records[0]!.size, "bytes")
    : startProgress(talk, "Adding records", records.length - skip, "records");
  const added: Added[] = [];
  for (const { category, size, mediaType, resources, content } of records.slice(skip)) {
    try {
      const record = await client.addRecord({
        patient,
        category,
        size,
        content: content(progress),
        ...(mediaType === undefined ? {} : { mediaType }),
      });
      const { index, digest, cid, receipt, roundOpened, members } = record;
      added.push({ index, category, resources, size, digest, cid, gas: Number(receipt.gasUsed), roundOpened, members });
    } catch (cause) {
      if (added.length === 0) throw cause;
      throw stoppedHalfway(added, skip, records.length, cause);
    }
    if (!streamed) progress.update(added.length);
  }
  return added;
}

function stoppedHalfway(added: readonly Added[], skip: number, all: number, cause: unknown): ChartChainError {
  const so = skip + added.length;
  return new ChartChainError("RECORDS_PARTLY_ADDED", `${so} of ${all} records are added; the next one failed`, {
    details: { added: added.map(({ digest }) => digest), total: all },
    hint: `What is added is whole and stays. For the rest, run the same again with --skip ${so}.`,
    cause,
  });
}

function explain(cause: unknown): never {
  throw notDelivered(
    "The records are added",
    cause,
    "Make it with: npx tsx scripts/grant-access.ts --deliver-only --again.",
  );
}
