import { categoryInWords } from "../../fhir/index.js";
import type { Gathered } from "./gather.js";
import type { GrantStanding } from "./grant-acts.js";
import { markup, type Html } from "./markup.js";
import { table } from "./page-table.js";
import {
  categoriesInWords,
  granterInWords,
  narrowingOf,
  powersInWords,
  purposeInWords,
  sourceInWords,
  stewardInWords,
  timeInWords,
} from "./sentences.js";

const ENDED_IN_WORDS: Readonly<Record<Exclude<GrantStanding, "active">, string>> = {
  expired: "expired",
  revoked: "revoked",
  replaced: "replaced by a later grant",
};

/**
 * Who may see what at the export's block, on whatever basis, as `Consents.canView` has it: by a grant, what they keep themselves,
 * by a break-glass, in the patient's place.
 */
export function accessSection(gathered: Gathered): Html {
  const { grants, delegates, nameOf } = gathered;
  const live = [...ofGrants(gathered), ...ofStewards(gathered), ...ofGlasses(gathered)];
  const ended = grants.flatMap((act) => {
    const categories = act.categories.flatMap(({ category, standing }) =>
      standing === "active" ? [] : `${categoryInWords(category)} ${ENDED_IN_WORDS[standing]}`,
    );
    if (categories.length === 0) return [];
    return [
      [
        ...[nameOf(act.viewer), categories.join(", "), stewardInWords(act.steward, gathered)],
        ...[purposeInWords(act.purpose), timeInWords(act.at), granterInWords(act, gathered)],
      ],
    ];
  });
  const acting = delegates.map((entry) => [
    ...[nameOf(entry.delegate), powersInWords(entry)],
    `${entry.from > gathered.block.time ? `from ${timeInWords(entry.from)} ` : ""}until ${timeInWords(entry.until)}`,
    sourceInWords(entry, gathered),
  ]);
  return markup`<section id="access">
    <h2>Who may see what</h2>
    ${live.length === 0 ? markup`<p>Nobody has a grant, a relationship or a break-glass by which to see anything now.</p>` : table(["Who", "What", "Kept by", "What for", "Until", "Basis"], live)}
    ${
      acting.length === 0
        ? ""
        : markup`<h3>Who may act in the patient's place</h3>
            ${table(["Who", "May", "When", "By the word of"], acting)}`
    }
    ${
      ended.length === 0
        ? ""
        : markup`<h3>Grants that ended</h3>
            ${table(["Who", "What", "Kept by", "What for", "Granted", "Granted by"], ended)}`
    }
  </section> `;
}

function ofGrants(gathered: Gathered): string[][] {
  return gathered.grants.flatMap((act) => {
    const categories = act.categories.flatMap(({ category, standing }) => (standing === "active" ? [category] : []));
    if (categories.length === 0) return [];
    const narrowing = narrowingOf(act);
    return [
      [
        gathered.nameOf(act.viewer),
        `${categoriesInWords(categories)}${narrowing === undefined ? "" : `, ${narrowing}`}`,
        ...[stewardInWords(act.steward, gathered), purposeInWords(act.purpose)],
        untilInWords(act.until, !gathered.unlicensed.has(act.viewer)),
        `granted by ${granterInWords(act, gathered)}`,
      ],
    ];
  });
}

/** A provider sees what it keeps itself, whatever it is and is for. */
const ofStewards = ({ relationships, block, nameOf }: Gathered): string[][] =>
  relationships
    .filter(({ status, until }) => status === "Active" && (until === 0 || block.time < until))
    .map(({ provider, until, licensed }) => [
      ...[nameOf(provider), "all that it keeps", "itself", "any purpose", untilInWords(until, licensed)],
      "its relationship with the patient",
    ]);

const ofGlasses = ({ emergencies, nameOf }: Gathered): string[][] =>
  emergencies
    .filter(({ open }) => open.length > 0)
    .map(({ responder, open, until, certified }) => [
      ...[nameOf(responder), categoriesInWords(open), "every provider", purposeInWords("ETREAT")],
      ...[untilInWords(until, certified), "broke the glass"],
    ]);

const untilInWords = (until: number, isLicensed: boolean): string =>
  `${until === 0 ? "no end" : timeInWords(until)}${isLicensed ? "" : "; not now: its licence isn't live"}`;
