import { NO_RECORD, type RetractionMessage } from "../../sdk/index.js";
import { keysInWords } from "../files/deliver-file.js";
import type { Taken } from "../files/take-files.js";
import { caution, count, done, short } from "../terminal/tables.js";

/** What a file brought, and what of it was left out. */
export const takenInWords = (taken: Taken): string[] => [broughtInWords(taken), ...refusedInWords(taken)];

function broughtInWords(taken: Taken): string {
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
