import { command, type Result } from "../../line/command.js";
import type { Talk } from "../../terminal/talk.js";
import { ACTOR_FLAGS, FORCE } from "../../line/common-flags.js";
import { choice, digest, file } from "../../line/flag-kinds.js";
import { optional, required, type Values } from "../../line/flags.js";
import { OutputFile } from "../../files/output-file.js";
import { startProgress } from "../../terminal/progress.js";
import { findRecord } from "../../records/record-choice.js";
import { recordInWords } from "../../words/record-in-words.js";
import { openSession, type Session } from "../../actor/session.js";
import { bytes, done, facts, time } from "../../terminal/tables.js";
import { badUsage } from "../../line/usage.js";
import { CATEGORIES, PURPOSES } from "../../../sdk/index.js";

const FLAGS = {
  digest: required(digest, "the record: its digest, or how that begins"),
  purpose: optional(choice("PURPOSE", PURPOSES), `what for (PATRQT for one's own records): ${PURPOSES.join(", ")}`),
  out: optional(file, "write the record's content here, as it was added"),
  force: FORCE,
  ...ACTOR_FLAGS,
};

export default command({
  purpose:
    "Opens a record that this vault holds. Consent is checked on the chain each time, and every block, key and digest is verified.",
  flags: FLAGS,
  operand: "digest",
  examples: [
    "0x1f2e3d4c5b6a --home homes/alice",
    "0x1f2e3d4c5b6a --purpose TREAT --out record.json --home homes/clinic",
  ],
  async run(flags, talk) {
    await using output = flags.out === undefined ? undefined : await OutputFile.reserve(flags.out, flags);
    await using session = await openSession(flags, talk, { account: "address", vault: "open" });
    return await open(session, flags, output, talk);
  },
});

async function open(
  { client }: Session,
  { purpose, digest }: Values<typeof FLAGS>,
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
