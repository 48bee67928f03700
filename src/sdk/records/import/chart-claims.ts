import type { Patient } from "@medplum/fhirtypes";

import {
  comparePeople,
  demographicsOf,
  hasSeen,
  hasSeenServer,
  tellingNumbers,
  type PatientClaim,
  type PatientClaims,
} from "../../../fhir/index.js";

/** What a chart knows of its person. */
export interface KnownPerson {
  /** The forms in which the person was accepted: what tells somebody from others. */
  forms: readonly Patient[];
  /** Ids that the person was seen under, in canonical form. */
  ids: ReadonlySet<string>;
  /** What whole inputs said that were held against the chart. It ties a record of theirs, and contradicts nothing. */
  admitted?: Pick<KnownPerson, "forms" | "ids">;
}

/** What an input's claims come to beside a chart. */
export interface ClaimsComparison {
  /** `identifier` and `id`, where the input names somebody else by it. */
  differs: string[];
  /** What ties nobody to the chart, and what is only a hint, in words for a person. */
  warnings: string[];
}

/** How far a claim is about the chart's person. Only the first proves it. */
type Tie = "tied" | "alike" | "loose";

/**
 * Holds what an input says of its patient, by reference or by identifier, against a chart.
 *
 * - Another number than the chart's in a system of which it has one: somebody else. Here a wrong check digit makes no
 *   difference: nothing but the number says who is meant.
 * - A number or an id that the chart has: the same person; and so is whom the input calls by another name of that one.
 * - Another id of a server of which the chart knows one: another patient there.
 * - Else an id of a system that is new to the chart is a new provider's, or somebody else's: that takes a person's look.
 *
 * @example
 * compareClaims(known, claimsIn(parsed.entries)) // { differs: ["identifier"], warnings: [] }
 */
export function compareClaims(known: KnownPerson, { claims, isSameId }: PatientClaims): ClaimsComparison {
  const differs = new Set<string>();
  const warnings = new Map<string, string>();
  if (known.forms.length === 0 && known.ids.size === 0) return { differs: [], warnings: [] };
  const numbers = known.forms.flatMap(({ identifier }) => tellingNumbers(identifier ?? []));
  for (const { identifiers, patient } of claims) {
    // Whole Patients are compared in all that they hold.
    if (patient !== undefined) continue;
    for (const { system, value } of tellingNumbers(identifiers)) {
      const ours = numbers.filter((one) => one.system === system);
      if (ours.some(({ current }) => current) && ours.every((one) => one.value !== value)) differs.add("identifier");
    }
  }
  const ties = tiesOf(known, { claims, isSameId });
  claims.forEach((claim, at) => {
    const { place, ids, identifiers, display } = claim;
    if (display !== undefined && namesOther(known.forms, display)) {
      warnings.set(`display:${display}`, `${place}.display has other words than the patient's: ${CHECK}`);
    }
    if (ties[at] === "tied") return;
    const foreign = ids.filter((id) => !hasSeen(known.ids, id) && !hasSeen(known.admitted?.ids ?? new Set(), id));
    if (foreign.some((id) => hasSeenServer(known.ids, id))) differs.add("id");
    if (ties[at] === "alike" || (ids.length === 0 && identifiers.length === 0)) return;
    const [what = identifiers[0]?.system ?? ""] = foreign;
    const named = foreign.length > 0 ? `refers to ${what}, an id` : `gives an identifier of ${what}`;
    warnings.set(
      what,
      `${place} ${named} that this chart has never seen, and nothing else says that it is the patient: ${CHECK}`,
    );
  });
  return { differs: [...differs], warnings: [...warnings.values()] };
}

const CHECK = "check whose data it is, and retract the record if it is somebody else's";

/** What ties each claim: itself, or another place of the input that means the same one. */
function tiesOf(known: KnownPerson, { claims, isSameId }: PatientClaims): Tie[] {
  const ties = claims.map((claim) => tieOf(known, claim));
  for (const strength of ["tied", "alike"] as const) {
    const queue = claims.filter((_, at) => ties[at] === strength);
    for (let from = queue.pop(); from !== undefined; from = queue.pop()) {
      claims.forEach((claim, at) => {
        if (ties[at] !== "loose" && !(strength === "tied" && ties[at] === "alike")) return;
        if (!meansSame(from, claim, isSameId)) return;
        ties[at] = strength;
        queue.push(claim);
      });
    }
  }
  return ties;
}

function tieOf({ forms, ids, admitted }: KnownPerson, claim: PatientClaim): Tie {
  if (admitted !== undefined && tieOf(admitted, claim) === "tied") return "tied";
  const numbers = tellingNumbers(claim.identifiers);
  const known = forms.flatMap(({ identifier }) => tellingNumbers(identifier ?? []));
  const hasNumber = numbers.some((one) => known.some((own) => own.system === one.system && own.value === one.value));
  if (hasNumber || claim.ids.some((id) => hasSeen(ids, id))) return "tied";
  if (claim.patient === undefined) return "loose";
  const person = demographicsOf(claim.patient);
  // Half of all people agree in their gender.
  const agrees = forms.flatMap((form) => comparePeople(form, person).agrees);
  return agrees.some((element) => element !== "gender") ? "alike" : "loose";
}

function meansSame(one: PatientClaim, other: PatientClaim, isSameId: PatientClaims["isSameId"]): boolean {
  if (one.ids.some((id) => other.ids.some((another) => isSameId(id, another)))) return true;
  const numbers = tellingNumbers(one.identifiers);
  return tellingNumbers(other.identifiers).some(({ system, value }) =>
    numbers.some((number) => number.system === system && number.value === value),
  );
}

/** Words that a display may have beside a name. */
const NO_NAMES = new Set(["mr", "mrs", "ms", "miss", "mx", "dr", "prof", "herr", "frau", "born", "geb", "patient"]);

/** Whether a text for people has a name that shares no word with the patient's, or another birth date. */
function namesOther(forms: readonly Patient[], display: string): boolean {
  const own = new Set(
    forms.flatMap(({ name }) => {
      const names: unknown[] = Array.isArray(name) ? name : [];
      return names.flatMap((each) => wordsOf(JSON.stringify(Object.values(each ?? {}))));
    }),
  );
  const said = wordsOf(display).filter((word) => !NO_NAMES.has(word));
  if (own.size > 0 && said.length > 1 && said.every((word) => !own.has(word))) return true;
  const born = forms.flatMap(({ birthDate }) => (typeof birthDate === "string" ? [birthDate] : []));
  const dates = display.match(/\d{4}-\d\d-\d\d/g) ?? [];
  return born.length > 0 && dates.length > 0 && !dates.some((date) => born.some((one) => date.startsWith(one)));
}

/** Words in Latin letters, without their accents: those of other scripts are not compared. */
const wordsOf = (text: string): string[] =>
  text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .match(/\p{Script=Latin}{2,}/gu) ?? [];
