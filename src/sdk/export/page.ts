import type { Bundle, Resource } from "@medplum/fhirtypes";
import { encodeBase64 } from "ethers";

import { sha256 } from "../../crypto/index.js";
import { categoryInWords, resourceInWords, TRAVELLING } from "../../fhir/index.js";
import type { RecordStanding } from "./amendments.js";
import { accessSection } from "./page-access.js";
import { table } from "./page-table.js";
import { statusInWords } from "./status-in-words.js";
import { markup, type Html, type HtmlValue } from "./markup.js";
import type { Gathered } from "./gather.js";
import { leftOutInWords } from "./left-out.js";
import type { ExportManifest, LeftOut } from "./manifest.js";
import { STYLE } from "./page-style.js";
import type { ExportedRecord } from "./record-entries.js";
import {
  categoriesInWords,
  LIMITS,
  OUTCOMES_IN_WORDS,
  purposeInWords,
  STATUSES_IN_WORDS,
  timeInWords,
} from "./sentences.js";

// Nothing runs, nothing is loaded, nothing is sent: the page's own style sheet, by its hash, is all that there is.
const POLICY = `default-src 'none'; style-src 'sha256-${encodeBase64(sha256(new TextEncoder().encode(STYLE)))}'; form-action 'none'; base-uri 'none'`;

/** The page as far as the records: who, when, and who may see what. */
export function pageHead(gathered: Gathered): string {
  const { patient, exporter, block, nameOf } = gathered;
  const who = exporter === patient ? "" : `, exported by ${nameOf(exporter)} in the patient's place`;
  const title = `Health records of participant ${patient}`;
  return [
    `<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n`,
    `<meta http-equiv="Content-Security-Policy" content="${POLICY}">\n`,
    `<meta name="viewport" content="width=device-width, initial-scale=1">\n`,
    `<meta name="referrer" content="no-referrer">\n`,
    markup`<title>${title}</title> `,
    `<style>${STYLE}</style>\n</head>\n<body>\n<main>\n`,
    markup`<h1>${title}</h1>
      <p class="soft">
        As the chain stood at block ${block.number}, ${timeInWords(block.time)}${who}. What is here was opened and
        checked against the chain as it was written.
      </p> `,
    markup`<nav>
      <a href="#access">Who may see what</a><a href="#agreed">What was agreed</a
      ><a href="#disclosed">What was disclosed</a><a href="#records">Records</a><a href="#missing">What is missing</a>
    </nav> `,
    accessSection(gathered),
    agreedSection(gathered),
    disclosedSection(gathered),
    `<section id="records">\n`,
    markup`<h2>Records</h2>
      <p class="soft">By who keeps them; what was added last comes first.</p> `,
  ].join("");
}

/** Begins the records of one provider, or the patient's own. */
export const pageSteward = (steward: number, { patient, nameOf }: Gathered): string =>
  markup`<h3>${steward === patient ? "What the patient reported" : nameOf(steward)}</h3> `.toString();

/**
 * One record: its resources in a few words each. Narratives stay in the Bundle: they are others' markup.
 *
 * @param standing how it stands to the other records
 * @param later the places of later versions, by the names of its resources that have one
 */
export function pageRecord(
  record: ExportedRecord,
  standing: RecordStanding,
  later: ReadonlyMap<string, number>,
): string {
  const { category, createdAt, index, digest } = record;
  const caption = `${categoryInWords(category)}, added ${timeInWords(createdAt)}, place ${index} of the history`;
  // Whoever reads that it was replaced looks there.
  const against = standing.against.length > 0 ? standing.against : laterInWords(record, later);
  const verified =
    against.length === 0
      ? markup`<span class="good">Verified</span>`
      : markup`<span class="bad">${against.join(". ")}.</span> Verified as it was added`;
  const about = standing.about.map((sentence) => ` ${sentence}.`).join("");
  const mark = markup`${verified} <span class="mono">${digest.slice(0, 18)}…</span>.${about}`;
  const names = ["Kind", "What", "Value", "When"];
  return markup`${table(names, rowsOf(record, later), markup`${caption}. ${mark}`)} `.toString();
}

/** What a record says of whom it is about changes without its findings. */
const isFinding = (resource: object): boolean => {
  const { resourceType } = resource as Resource;
  return resourceType !== "Patient" && !TRAVELLING.has(resourceType);
};

/** A record of which resources were added once more, in another version. */
function laterInWords({ entries }: ExportedRecord, later: ReadonlyMap<string, number>): string[] {
  const findings = entries.filter(({ resource }) => isFinding(resource));
  const places = new Set(findings.flatMap(({ fullUrl }) => later.get(fullUrl) ?? []));
  if (places.size === 0) return [];
  const isWhole = findings.every(({ fullUrl }) => later.has(fullUrl));
  return [`${isWhole ? "A" : "In part a"} later version was added at place ${[...places].join(", ")}`];
}

/** A row for each resource, and one for all those that travel with them: who, where and what with. */
function rowsOf({ entries, document, isDocument }: ExportedRecord, later: ReadonlyMap<string, number>): HtmlValue[][] {
  if (document !== undefined) {
    return [["Document", markup`<a href="${document.name}">${document.name}</a>`, document.mediaType, ""]];
  }
  const told = isDocument
    ? entries.flatMap(({ resource }) => membersOf(resource as Bundle)).map((resource) => wordsOf(resource))
    : entries.map(({ resource, fullUrl }) => wordsOf(resource, later.get(fullUrl)));
  const alone = told.filter(({ kind }) => !TRAVELLING.has(kind));
  const along = told.filter(({ kind }) => TRAVELLING.has(kind)).map(({ kind, what }) => what || kind);
  return [
    ...alone.map(({ kind, what, value, when, status, place }) => {
      const notes = [status, ...(place === undefined ? [] : [`later version at place ${place}`])].filter(Boolean);
      const note = notes.length === 0 ? "" : markup` <span class="bad">${notes.join("; ")}</span>`;
      return [kind, [what, note], value, when];
    }),
    ...(along.length === 0 ? [] : [["With", [...new Set(along)].join(", "), "", ""]]),
  ];
}

function wordsOf(resource: object, place?: number) {
  const words = { kind: (resource as Resource).resourceType, ...resourceInWords(resource) };
  return { ...words, place, status: statusInWords(resource) };
}

/** What stands in a document, which the Bundle holds as a whole. */
const membersOf = ({ entry = [] }: Bundle): Resource[] => entry.flatMap(({ resource }) => resource ?? []);

/** The end of the page: what is missing, and how much there is. */
export function pageEnd(gathered: Gathered, leftOut: readonly LeftOut[], counts: ExportManifest["counts"]): string {
  const { history } = gathered;
  const unknown = unknownPlaces(gathered);
  const but =
    unknown === 0
      ? "."
      : `; ${unknown} ${unknown === 1 ? "place of a batch is a dummy, or a record that was" : "places of batches are dummies, or records that were"} never delivered to this vault: only their author can tell which.`;
  const whole =
    leftOut.length === 0
      ? markup`<p${unknown === 0 ? markup` class="good"` : ""}>Nothing that this vault can tell of is missing${but}</p>`
      : markup`<p class="bad">
            ${leftOut.length} ${leftOut.length === 1 ? "thing is" : "things are"} missing or unproved${but}
          </p>
          <ul>
            ${leftOut.map((each) => markup`<li>${leftOutInWords(each, gathered)}${each.fix === undefined ? "" : ` ${each.fix}`}</li>`)}
          </ul>`;
  return [
    counts.records === 0 ? markup`<p>No record could be opened.</p> ` : "",
    `</section>\n`,
    `<section id="missing">\n`,
    markup`<h2>What is missing</h2>
      ${whole} `,
    markup`<h3>What no export can say</h3>
      <ul>
        ${LIMITS.map((limit) => markup`<li>${limit}</li>`)}
      </ul> `,
    `</section>\n`,
    markup`<section>
      <h2>How this was checked</h2>
      <p>
        ${counts.records} records with ${counts.resources} resources, of ${history.count} places in the patient's
        history. The history's anchors come to its head on the chain, <span class="mono">${history.chain}</span>;
        authors signed for ${history.signed} of ${history.signed + history.unproved.length} anchors.
      </p>
      <p>
        The files beside this page: <span class="mono">records.fhir.json</span>, a FHIR R4 Bundle with every record,
        grant and disclosure; <span class="mono">summary.fhir.json</span>, an International Patient Summary;
        <span class="mono">export.json</span>, with the SHA-256 of each file.
      </p>
    </section> `,
    `</main>\n</body>\n</html>\n`,
  ].join("");
}

/** Places of which this vault can't tell whether a record stands there. */
export const unknownPlaces = ({ history }: Gathered): number =>
  history.batches.reduce((sum, batch) => sum + (batch.records === undefined ? 0 : batch.unknown), 0);

function agreedSection({ relationships, nameOf }: Gathered): Html {
  const rows = relationships.map(({ provider, status, licensed, since, until, terms }) => [
    nameOf(provider),
    `${STATUSES_IN_WORDS[status]} since ${timeInWords(since)}${until === 0 ? "" : `, until ${timeInWords(until)}`}${licensed ? "" : "; not licensed now"}`,
    terms === undefined ? "not in this vault" : categoriesInWords(terms.categories),
    terms === undefined ? "" : terms.purposes.map(purposeInWords).join(", "),
  ]);
  return markup`<section id="agreed">
    <h2>What was agreed</h2>
    ${rows.length === 0 ? markup`<p>There is no relationship with a provider.</p>` : table(["Provider", "Relationship", "May keep", "What for"], rows)}
  </section> `;
}

function disclosedSection({ emergencies, releases, nameOf }: Gathered): Html {
  const glasses = emergencies.map(({ responder, categories, at, until, outcome }) => [
    ...[nameOf(responder), categoriesInWords(categories), timeInWords(at), timeInWords(until)],
    OUTCOMES_IN_WORDS[outcome],
  ]);
  const given = releases.map(({ recipient, purpose, keys, at }) => [
    ...[nameOf(recipient), purposeInWords(purpose), keys, timeInWords(at)],
  ]);
  return markup`<section id="disclosed">
    <h2>What was disclosed</h2>
    ${
      glasses.length === 0
        ? markup`<p>Nobody broke the glass.</p>`
        : markup`<h3>In emergencies</h3>
            ${table(["Who", "What", "When", "Until", "Review"], glasses)}`
    }
    ${
      given.length === 0
        ? markup`<p>This vault handed out no keys.</p>`
        : markup`<h3>Keys that this vault handed out</h3>
            ${table(["To", "What for", "Keys", "When"], given)}`
    }
    <p class="soft">${LIMITS[0]}</p>
  </section> `;
}
