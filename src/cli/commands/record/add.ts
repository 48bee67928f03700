import { command } from "../../line/command.js";
import type { Talk } from "../../terminal/talk.js";
import { ACTOR_FLAGS, FORCE, MAX_MIB } from "../../line/common-flags.js";
import { deliveredInWords, notDelivered, writeDelivery, deliveryCommand } from "../../files/deliver-file.js";
import { anyText, choice, file, participant, wholeNumber } from "../../line/flag-kinds.js";
import { optional, required, toggle } from "../../line/flags.js";
import { INTERRUPTED, watchForInterrupt } from "../../terminal/interrupt.js";
import { keepBad, keepUnassigned, leftOutInWords } from "../../records/left-out.js";
import { OutputFile } from "../../files/output-file.js";
import { startImportLine, startProgress } from "../../terminal/progress.js";
import { fhirInputs, fhirRecords, fileRecord, type PreparedRecord } from "../../records/record-inputs.js";
import { openSession, type Session } from "../../actor/session.js";
import {
  bytes,
  caution,
  count,
  done,
  facts,
  gas,
  next,
  nextOfOthers,
  PLACES,
  short,
  table,
} from "../../terminal/tables.js";
import { badUsage } from "../../line/usage.js";
import { room } from "../../terminal/width.js";
import { ChartChainError, isChartChainError } from "../../../errors/index.js";
import type { BadFile, ParsedFhir } from "../../../fhir/index.js";
import type { LeftOut } from "../../../fhir/node/index.js";
import { CATEGORIES, isDoubt, type AddedRecord, type Category } from "../../../sdk/index.js";
import { requireMayAnchor } from "../../../sdk/records/may-anchor.js";
import { keepDoubtfulFile } from "../../../sdk/node/index.js";

export default command({
  purpose:
    "Adds records for a patient, as a provider with an active relationship: seals each, pins the ciphertexts, and anchors what is new in one transaction. A FHIR file is split into document-sized records; any other file is one record. Running it again goes on where it stopped, and adds nothing twice.",
  operand: "patient",
  flags: {
    patient: required(participant, "the patient"),
    input: optional(file, "a FHIR R4 Bundle or resource as JSON, NDJSON, or a folder of them"),
    about: optional(anyText("REFERENCE"), "whom of an --input that holds several patients: Patient/ID"),
    "max-mib": MAX_MIB,
    file: optional(file, "any file, with --category and --media-type"),
    category: optional(choice("CATEGORY", CATEGORIES), `of the --file: ${CATEGORIES.join(", ")}`),
    "media-type": optional(anyText("TYPE"), "of the --file, such as application/pdf"),
    confidential: toggle(
      "care that a minor consented to alone: nobody who acts for the patient gets it. Without this, what an --input labels so (ADOL)",
    ),
    "skip-bad": toggle(
      "of an --input folder add the good files: those in doubt wait on the worklist, the others are named",
    ),
    again: toggle("add what was added before once more, as other records"),
    override: optional(
      anyText("REASON"),
      "why it is this patient's although it contradicts what is known of the patient; it is logged",
    ),
    spread: optional(
      wholeNumber("MINUTES", 0, 10_080),
      "seal now, and leave anchoring to chartchain record anchor, from a random moment within so many minutes on",
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
    if (deliver !== undefined && flags.spread !== undefined)
      throw badUsage("--deliver comes after anchoring, and --spread leaves that for later: give one of them");
    check(flags);
    await using output = deliver === undefined ? undefined : await OutputFile.reserve(deliver, flags);
    await using session = await openSession(flags, talk, { account: "sign", vault: "open" });
    const { client, transactions } = session;
    // Reading may take long: whoever may add nothing is told before.
    await requireMayAnchor(client, patient);
    const { records, inputs, unassigned = [], bad = [], notes = [], leftOut = [], doubt } = await prepare(flags, talk);
    for (const note of notes) talk.note(caution(note));
    if (leftOut.length > 0) talk.note(leftOutInWords(leftOut));
    // It has no account that could take anything in.
    const isChild = (await client.childhoodOf({ child: patient })) !== undefined;
    if (isChild && output !== undefined)
      throw badUsage(`patient ${patient} is a child: leave --deliver out, and then ${forRepresentative(patient)}`);
    // An input in doubt goes onto the worklist, for which the vault has to be open.
    const { again, confidential, spread, override } = flags;
    if (doubt !== undefined)
      await keepDoubtfulFile(client, { patient, path: flags.input!, error: doubt, confidential });
    for (const parsed of inputs) await admit(session, talk, { patient, parsed, override, confidential });
    if (unassigned.length > 0) talk.note(await keepUnassigned(session, unassigned, confidential));
    const left = bad.length === 0 ? undefined : await keepBad(session, talk, bad, confidential);
    const isOwn = (await client.ownId()) === patient;
    if (!isOwn)
      session.ifInterrupted(
        `give the patient the keys of what is in the chart: ${deliveryCommand(patient, patient)} --again`,
      );
    const { added, held } = await addAll(session, talk, records, { patient, again, confidential, spread });

    const nothingNew = (cause: unknown) => explain(cause, patient, added.length === 0);
    const delivered = output && (await writeDelivery(client, { patient, viewer: patient }, output).catch(nothingNew));
    const rounds = added.filter(({ roundOpened }) => roundOpened);
    const members = [...new Set(rounds.flatMap((record) => record.members))];
    const forMembers = await Promise.all(
      members.map(async (viewer) => {
        const { grants } = await client.accessOf({ patient, viewer });
        return deliveryCommand(patient, viewer, grants[0]?.purpose ?? "PURPOSE");
      }),
    );
    // A CID serves nobody unless it is whole; --json has it always.
    const shown = room() >= 125;
    return {
      data: {
        patient,
        records: added,
        alreadyThere: held,
        ...(left && { left }),
        ...(delivered && { delivered }),
        transactions,
      },
      text: [
        done(
          `${flags.spread === undefined ? "Added" : "Sealed"} ${inWords(added, held)}${held.length === 0 ? "" : ","} for patient ${patient}`,
        ),
        ...(added.length === 0
          ? []
          : [
              table(
                ["#", "category", "resources", "size", "digest", ...(shown ? ["CID"] : [])],
                added.map((record) => [
                  record.index,
                  record.confidential ? `${record.category}, confidential` : record.category,
                  record.resources ?? "",
                  bytes(record.size),
                  short(record.digest),
                  ...(shown ? [record.cid] : []),
                ]),
              ),
              PLACES,
            ]),
        ...held
          .filter(({ isOpen }) => isOpen)
          .map(({ digest }) =>
            caution(`${short(digest)} is there already, and isn't confidential: others may have it.`),
          ),
        ...held
          .filter(({ category, wanted }) => category !== wanted)
          .map(({ digest, category, wanted }) =>
            caution(`${short(digest)} is there under ${category}, and now belongs under ${wanted}.`),
          ),
        ...(flags.spread === undefined && added.some((record) => record.confidential)
          ? [
              caution(
                "Whoever represents a child sees when something was anchored: let confidential records wait with --spread, and order chartchain record anchor-dummies --within.",
              ),
            ]
          : []),
        facts({
          "gas in all": gas(transactions.reduce((sum, transaction) => sum + transaction.gas, 0)),
          delivery: delivered && `${delivered.file}: ${deliveredInWords(delivered)}`,
        }),
        ...(forMembers.length === 0
          ? []
          : [
              caution("A new key was opened for others, too."),
              ...forMembers.map((command) => next(`for viewer ${/\d+/.exec(command)![0]}: ${command}`)),
            ]),
        output !== undefined && delivered === undefined
          ? caution("The patient was given everything before: no delivery was written.")
          : delivered !== undefined && flags.spread === undefined
            ? nextOfOthers(`the patient takes it in: chartchain record take ${delivered.file}`)
            : next(
                flags.spread !== undefined
                  ? "anchor them when their time has come: chartchain record anchor"
                  : isChild
                    ? forRepresentative(patient)
                    : isOwn
                      ? "chartchain record list"
                      : `give the patient the keys: ${deliveryCommand(patient, patient)}`,
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
  override: string | undefined;
  "skip-bad": boolean;
}

/** What is added; of a FHIR input also how it was read, or the doubt in which that ended. */
interface Prepared {
  records: PreparedRecord[];
  inputs: readonly ParsedFhir[];
  /** About somebody, but nobody says whom. */
  unassigned?: readonly BadFile[];
  /** Refused, of a folder whose other files are taken. */
  bad?: readonly BadFile[];
  notes?: readonly string[];
  leftOut?: readonly LeftOut[];
  doubt?: ChartChainError;
}

function check({ input, file, category, "media-type": mediaType, ...flags }: Input): void {
  if ((input === undefined) === (file === undefined)) throw badUsage("it takes either --input FILE or --file FILE");
  if (file === undefined) {
    if (category === undefined && mediaType === undefined) return;
    throw badUsage("--category and --media-type go with --file: a FHIR file says itself what it holds");
  }
  if (category === undefined || mediaType === undefined) throw badUsage("--file needs --category and --media-type");
  if (flags.about !== undefined) throw badUsage("--about goes with --input");
  if (flags.override !== undefined) throw badUsage("--override goes with --input");
  if (flags["skip-bad"]) throw badUsage("--skip-bad goes with --input");
}

async function prepare(
  { input, file, category, "media-type": mediaType, ...flags }: Input,
  talk: Talk,
): Promise<Prepared> {
  if (file !== undefined) return { records: [await fileRecord(file, category!, mediaType!)], inputs: [] };
  using line = startImportLine(talk);
  const started = performance.now();
  let read = 0;
  const onRead = (): void => {
    const perSecond = (1_000 * read) / (performance.now() - started);
    line.update({ phase: "reading", done: read++, perSecond });
  };
  onRead();
  try {
    const { inputs, ...others } = await fhirInputs(input!, {
      ...{ about: flags.about, maxBytes: flags["max-mib"], skipBad: flags["skip-bad"], onRead },
    });
    return { records: fhirRecords(inputs), inputs, ...others };
  } catch (error) {
    // Of several patients nobody was chosen: that is no doubt about whose data it is.
    if (isDoubt(error) && error.details["patients"] === undefined) return { records: [], inputs: [], doubt: error };
    throw error;
  }
}

/** Holds an input against the chart, before anything is added, and says what ties it to nobody or differs without proof. */
async function admit(
  { client }: Session,
  talk: Talk,
  { override, ...input }: { patient: number; parsed: ParsedFhir; override: string | undefined; confidential: boolean },
): Promise<void> {
  const { warnings } = await client.admitFhir({ ...input, ...(override === undefined ? {} : { override }) });
  warn(talk, input.patient, warnings);
}

function warn(talk: Talk, patient: number, warnings: readonly string[]): void {
  for (const warning of warnings)
    talk.note(caution(`Of patient ${patient}, in the input or beside what is known: ${warning}.`));
}

/** A record that is anchored, or waits for that, as reports show it. */
interface Added {
  /** 0 where it waits. */
  index: number;
  category: Category;
  confidential: boolean;
  resources: number | undefined;
  size: number;
  digest: string;
  cid: string;
  /** The transaction that anchored it, with all others of its batch: what it took stands in `transactions`. */
  transaction?: string;
  roundOpened: boolean;
  members: number[];
}

/** A record that was there before. */
interface Held {
  index: number;
  digest: string;
  category: Category;
  /** What the input files it under now. */
  wanted: Category;
  /** It should be confidential now, and isn't. */
  isOpen: boolean;
}

async function addAll(
  { client }: Session,
  talk: Talk,
  records: readonly PreparedRecord[],
  of: { patient: number; again: boolean; confidential: boolean; spread: number | undefined },
): Promise<{ added: Added[]; held: Held[] }> {
  const streamed = records[0]?.resources === undefined;
  using progress = streamed
    ? startProgress(talk, "Sealing", records[0]!.size, "bytes")
    : startProgress(talk, "Adding records", records.length, "records");
  using interrupt = watchForInterrupt(talk);
  const { signal } = interrupt;
  const [added, held]: [Added[], Held[]] = [[], []];
  const onAdded = async (record: AddedRecord, at: number): Promise<void> => {
    const { category: wanted, confidential: label = false, size, resources, doubts = [] } = records[at]!;
    await client.askAboutSensitivity({ digest: record.digest, patient: of.patient, doubts });
    const { alreadyThere, index, digest, cid, category, confidential, receipt, roundOpened, members } = record;
    // What is split from an input was told of with the whole.
    if (streamed) warn(talk, of.patient, record.warnings ?? []);
    const isOpen = (of.confidential || label) && !confidential;
    if (alreadyThere) held.push({ index, digest, category, wanted, isOpen });
    else {
      const transaction = receipt === undefined ? {} : { transaction: receipt.hash };
      added.push({ index, category, confidential, resources, size, digest, cid, ...transaction, roundOpened, members });
    }
    if (!streamed) progress.update(added.length + held.length);
  };
  try {
    await client.addRecords({
      patient: of.patient,
      records: records.map(({ category, sensitivities, confidential, size, mediaType, content }) => ({
        ...{ category, size, content: content(progress), again: of.again },
        confidential: of.confidential || confidential === true,
        ...(sensitivities === undefined ? {} : { sensitivities }),
        ...(mediaType === undefined ? {} : { mediaType }),
      })),
      ...(of.spread === undefined ? {} : { spread: 60 * of.spread }),
      signal,
      onAdded,
    });
  } catch (cause) {
    if (!signal.aborted && added.length + held.length === 0) throw cause;
    throw stoppedHalfway(added, held, records.length, signal.aborted ? undefined : cause);
  }
  return { added, held };
}

/** "12 records, 8 already there" */
function inWords(added: readonly Added[], held: readonly Held[]): string {
  return [count(added.length, "record"), ...(held.length === 0 ? [] : [`${held.length} already there`])].join(", ");
}

function stoppedHalfway(
  added: readonly Added[],
  held: readonly Held[],
  total: number,
  cause: unknown,
): ChartChainError {
  const interrupted = cause === undefined;
  const so = `${added.length + held.length} of ${count(total, "record")} ${added.length + held.length === 1 ? "is" : "are"} in the chart`;
  const members = [...new Set(added.flatMap((record) => (record.roundOpened ? record.members : [])))];
  return new ChartChainError(
    interrupted ? INTERRUPTED : "RECORDS_PARTLY_ADDED",
    `${interrupted ? "interrupted: " : ""}${so} (${inWords(added, held)})${interrupted ? "" : "; the others failed"}`,
    {
      details: { added: added.map(({ digest }) => digest), alreadyThere: held.length, total, newKeyFor: members },
      hint: "What is added is whole and stays. Run the same again: it goes on there, and adds nothing twice.",
      cause,
    },
  );
}

/** Where nothing was added, the patient may have everything. */
function explain(cause: unknown, patient: number, isNothingAdded: boolean): undefined {
  if (isNothingAdded && isChartChainError(cause, "NOTHING_TO_DELIVER")) return undefined;
  throw notDelivered("The records are added", cause, `Make it with: ${deliveryCommand(patient, patient)} --again`);
}

const forRepresentative = (child: number): string =>
  `give whoever represents the child the keys: chartchain consent grant --deliver-only --patient ${child} --viewer REPRESENTATIVE --deliver FILE`;
