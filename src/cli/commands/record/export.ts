import { command } from "../../line/command.js";
import { ACTOR_FLAGS } from "../../line/common-flags.js";
import { folder, participant } from "../../line/flag-kinds.js";
import { optional, required } from "../../line/flags.js";
import { INTERRUPTED, watchForInterrupt } from "../../terminal/interrupt.js";
import { startProgress, type Progress } from "../../terminal/progress.js";
import { openSession } from "../../actor/session.js";
import { bytes, caution, count, done, facts, short, time } from "../../terminal/tables.js";
import { ChartChainError, isChartChainError } from "../../../errors/index.js";
import type { ExportManifest, LeftOut } from "../../../sdk/index.js";
import { exportToFolder } from "../../../sdk/node/index.js";

/** So many of what is left out are printed; the export names all. */
const SHOWN = 10;

export default command({
  purpose:
    "Exports everything that this participant can open of a patient's, each record verified while it is written: a FHIR Bundle with records, grants, terms and disclosures, a patient summary, and a page to read and print. What is missing is named.",
  flags: {
    out: required(folder, "the folder to make; nothing may be there yet"),
    patient: optional(participant, "whose records, where one acts in somebody's place (one's own)"),
    ...ACTOR_FLAGS,
  },
  examples: ["--out my-records --home homes/alice", "--patient 7 --out my-childs-records --home homes/parent"],
  async run({ out, patient, ...flags }, talk) {
    await using session = await openSession(flags, talk, { account: "address", vault: "open" });
    using interrupt = watchForInterrupt(talk);
    let progress: Progress | undefined;
    try {
      const manifest = await exportToFolder(session.client, {
        folder: out,
        ...(patient === undefined ? {} : { patient }),
        onRecord: (number, of) => (progress ??= startProgress(talk, "Exporting", of, "records")).update(number),
        signal: interrupt.signal,
      });
      return { data: { folder: out, ...manifest }, text: inWords(out, manifest) };
    } catch (error) {
      if (!isChartChainError(error, INTERRUPTED)) throw error;
      throw new ChartChainError(INTERRUPTED, "interrupted: nothing was kept", { hint: "Run the same again." });
    } finally {
      progress?.[Symbol.dispose]();
    }
  },
});

function inWords(out: string, { patient, block, counts, files, leftOut }: ExportManifest): string {
  const size = files.reduce((sum, file) => sum + file.bytes, 0);
  const rest = leftOut.length - SHOWN;
  return [
    done(`Exported and verified ${count(counts.records, "record")} of patient ${patient}, ${bytes(size)}`),
    facts({
      folder: out,
      "to read": "index.html",
      "for programs": "records.fhir.json, export.json",
      "patient summary": files.some(({ name }) => name === "summary.fhir.json") ? "summary.fhir.json" : "none",
      resources: counts.resources,
      "other files": counts.documents === 0 ? undefined : counts.documents,
      grants: counts.grants,
      relationships: counts.relationships,
      "break-glasses": counts.emergencies,
      "keys handed out": counts.releases,
      "at block": `${block.number}, ${time(block.time)}`,
    }),
    caution("It isn't encrypted: whoever gets at the folder reads it."),
    ...leftOut.slice(0, SHOWN).map((each) => caution(`Left out: ${leftOutInWords(each)}`)),
    ...(rest > 0 ? [caution(`and ${rest} more: export.json names them`)] : []),
  ].join("\n");
}

function leftOutInWords({ what, digest, author, from, to, why, fix, code }: LeftOut): string {
  const named =
    what === "record"
      ? `record ${short(digest ?? "")}`
      : what === "places"
        ? `places ${from} to ${to} of the history`
        : "the patient summary";
  return `${named}${author === undefined ? "" : ` by participant ${author}`}: ${why} (${code})${fix === undefined ? "" : `. ${fix}`}`;
}
