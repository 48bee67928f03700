import { command, type Result } from "../../line/command.js";
import type { Talk } from "../../terminal/talk.js";
import { ACTOR_FLAGS, FORCE } from "../../line/common-flags.js";
import { choice, digest, file } from "../../line/flag-kinds.js";
import { optional, repeated, type Values } from "../../line/flags.js";
import { keysInWords } from "../../files/deliver-file.js";
import { takeFile, type Taken } from "../../files/take-files.js";
import { readJsonFile } from "../../files/input-file.js";
import { listReadable, type ReadableRecord } from "../../records/list-readable.js";
import { OutputFile } from "../../files/output-file.js";
import { startProgress } from "../../terminal/progress.js";
import { findRecord } from "../../records/record-choice.js";
import { recordInWords } from "../../words/record-in-words.js";
import { openSession, type Session } from "../../actor/session.js";
import { bytes, caution, count, done, facts, next, PLACES, short, table, time } from "../../terminal/tables.js";
import { badUsage } from "../../line/usage.js";
import { CATEGORIES, NO_RECORD, PURPOSES, type RetractionMessage } from "../../../sdk/index.js";

const FLAGS = {
  take: repeated(
    file,
    "first take in this delivery, grant, envelopes, retraction or constraint file; may be given again",
  ),
  digest: optional(digest, "open this record: its digest, or how that begins"),
  purpose: optional(choice("PURPOSE", PURPOSES), `what for (PATRQT for one's own records): ${PURPOSES.join(", ")}`),
  out: optional(file, "write the record's content here, as it was added"),
  force: FORCE,
  ...ACTOR_FLAGS,
};

export default command({
  purpose:
    "Lists the records that this vault holds and what they may be read for now; with --digest opens one. Consent is checked on the chain each time, and every block, key and digest is verified.",
  flags: FLAGS,
  examples: [
    "--take for-alice.json --home homes/alice",
    "--digest 0x1f2e3d4c5b6a --purpose TREAT --out record.json --home homes/clinic",
  ],
  async run(flags, talk) {
    if (flags.digest === undefined && (flags.out !== undefined || flags.purpose !== undefined)) {
      throw badUsage("--out and --purpose go with --digest: they are about one record");
    }
    await using output = flags.out === undefined ? undefined : await OutputFile.reserve(flags.out, flags);
    const files = [];
    for (const path of flags.take) files.push({ path, content: await readJsonFile(path) });
    await using session = await openSession(flags, talk, { account: "address", vault: "open" });
    const taken: Taken[] = [];
    for (const { path, content } of files) taken.push(await takeFile(session.client, path, content));

    const { data, text } =
      flags.digest === undefined ? await list(session) : await open(session, flags, flags.digest, output, talk);
    const words = taken.flatMap((each) => [takenInWords(each), ...refusedInWords(each)]);
    return { data: { taken, ...(data as object) }, text: [...words, text].join("\n") };
  },
});

function takenInWords(taken: Taken): string {
  if (taken.constraintOf !== undefined) {
    const { patient, viewer, purpose } = taken.constraintOf;
    return done(`Took in ${taken.file}: what narrows patient ${patient}'s grant to ${viewer} for ${purpose}`);
  }
  const { file, records, known, locked, shredded, retracted, retractions, withheld } = taken;
  const left = [
    ...(known > 0 ? [`${known} known before`] : []),
    ...(locked > 0 ? [`${locked} without a key`] : []),
    ...(shredded > 0 ? [`${shredded} shredded here`] : []),
    ...(retracted > 0 ? [`${retracted} retracted`] : []),
  ];
  return [
    done(`Took in ${file}: ${[keysInWords(taken, "new key"), count(records, "new record"), ...left].join(", ")}`),
    ...(withheld ? [caution("There are sensitive records besides, which aren't shown: ask the patient")] : []),
    ...retractions.map(retractionInWords),
  ].join("\n");
}

function retractionInWords({ author, record, category, reason }: RetractionMessage): string {
  const what =
    record === NO_RECORD
      ? `a ${category} record about you that stood in somebody else's chart`
      : `the ${category} record ${short(record)}: it was entered in error`;
  return caution(`Participant ${author} retracted ${what} (${reason})`);
}

const refusedInWords = ({ file, refused }: Taken): string[] =>
  refused.map((each) => {
    const what =
      "steward" in each ? `a key of provider ${each.steward}` : `record ${short(each.digest ?? "unreadable")}`;
    return caution(`Left out of ${file}: ${what}: ${each.reason} (${each.code})`);
  });

async function list({ client }: Session): Promise<Result> {
  const records = await listReadable(client);
  const rows = records.map((record) => [
    record.index ?? "",
    `${record.patient} / ${record.steward}`,
    record.category === undefined ? "no key" : `${record.category}${outside(record)}`,
    record.createdAt === undefined ? "" : time(record.createdAt).slice(0, 10),
    short(record.digest),
    record.unfinished ? "nobody: unfinished" : purposesOf(record) || "nothing now",
  ]);
  const isUnsure = records.some(({ maybeFor }) => maybeFor.length > 0);
  const head = ["#", "of / by", "category", "added", "digest", "readable for"];
  return {
    data: { records },
    text: [
      done(`${count(records.length, "record")} here, each of a patient / by the provider that keeps it`),
      ...(rows.length === 0
        ? []
        : [
            table(head, rows),
            PLACES,
            ...(isUnsure ? [caution("maybe: a grant is narrowed by what records say. Opening one tells.")] : []),
            next("chartchain record open --digest DIGEST --purpose PURPOSE"),
          ]),
    ].join("\n"),
  };
}

const purposesOf = ({ readableFor, maybeFor }: ReadableRecord): string =>
  [...readableFor, ...maybeFor.map((purpose) => `${purpose} maybe`)].join(", ");

const outside = ({ outsideTerms }: { outsideTerms?: boolean }): string => (outsideTerms ? " outside the terms" : "");

async function open(
  { client }: Session,
  { purpose }: Values<typeof FLAGS>,
  digest: string,
  output: OutputFile | undefined,
  talk: Talk,
): Promise<Result> {
  const found = await findRecord(client, digest);
  const own = await client.ownId();
  if (purpose === undefined && found !== undefined && found.patient !== own) {
    throw badUsage("--purpose is missing: what a record of somebody else is opened for");
  }
  const options = { digest: found?.digest ?? digest, ...(purpose === undefined ? {} : { purpose }) };
  const { manifest, cid, stream } = await client.openRecordAsStream(options);
  const { patient, steward, author, mediaType, size, createdAt } = manifest;
  const about = { patient, steward, author, category: CATEGORIES[manifest.category]!, mediaType, size, cid, createdAt };
  const summary = facts({
    digest: options.digest,
    patient,
    category: about.category,
    "kept by": author === steward ? `provider ${steward}` : `provider ${steward}, written by ${author}`,
    type: mediaType,
    size: bytes(size),
    added: time(createdAt),
  });
  using progress = startProgress(talk, "Opening", size, "bytes");
  let read = 0;
  const watched = (async function* () {
    for await (const chunk of stream) {
      yield chunk;
      progress.update((read += chunk.length));
    }
  })();
  if (output !== undefined) {
    await output.write(watched);
    return {
      data: { ...about, digest: options.digest, out: output.path },
      text: [done("Opened and verified"), summary, facts({ "written to": output.path })].join("\n"),
    };
  }
  const chunks: Uint8Array[] = [];
  for await (const chunk of watched) chunks.push(chunk);
  const content = Buffer.concat(chunks);
  return {
    data: { ...about, digest: options.digest, ...contentForPrograms(mediaType, content) },
    text: [done("Opened and verified"), summary, recordInWords(mediaType, content)].join("\n"),
  };
}

/** JSON as it is, other text as text, anything else in base64. */
function contentForPrograms(mediaType: string, content: Buffer): { content: unknown } | { base64: string } {
  if (/[/+]json$/.test(mediaType)) return { content: JSON.parse(content.toString("utf8")) };
  return /^text\//.test(mediaType) ? { content: content.toString("utf8") } : { base64: content.toString("base64") };
}
