import { basename } from "node:path";

import type { BadFile } from "../../fhir/index.js";
import type { LeftOut } from "../../fhir/node/index.js";
import type { Talk } from "../terminal/talk.js";
import { printable } from "../terminal/printable.js";
import type { Session } from "../actor/session.js";
import { caution, count } from "../terminal/tables.js";
import { keepBadFiles } from "../../sdk/node/index.js";

/** Keeps what names no patient for a person's word, and says so. */
export async function keepUnassigned(
  { client }: Session,
  unassigned: readonly BadFile[],
  confidential: boolean,
): Promise<string> {
  const { waiting, others } = await keepBadFiles(client, { bad: unassigned, confidential });
  const left = others.length === 0 ? "" : `; ${count(others.length, "other")} had no room there: keep the input`;
  const waits =
    waiting.length === 1
      ? "1 resource of the input is about somebody and doesn't say who. It waits"
      : `${waiting.length} resources of the input are about somebody and don't say who. They wait`;
  return caution(`${waits} on the worklist: chartchain worklist${left}.`);
}

/** Keeps what was left out of a folder in doubt for a person's word, and names every file that was. */
export async function keepBad(
  { client }: Session,
  talk: Talk,
  bad: readonly BadFile[],
  confidential: boolean,
): Promise<Left> {
  const left = await keepBadFiles(client, { bad, confidential });
  const { waiting, others } = left;
  const kept = waiting.map(({ file, item }) => `${file}: waits on the worklist as item ${item}`);
  const lines = [...kept, ...others.map(({ file, code, message }) => `${file}: ${code}: ${message}`)].map(printable);
  talk.note([caution(`Left out of the folder, ${count(bad.length, "file")}:`), ...lines].join("\n"));
  return left;
}

/** What waits, and what is only named. */
export type Left = Awaited<ReturnType<typeof keepBadFiles>>;

/** How many files are named. */
const NAMED = 10;

/** "Left out of the folder: x.txt (neither FHIR …), notes (a folder)" */
export function leftOutInWords(leftOut: readonly LeftOut[]): string {
  const names = leftOut.slice(0, NAMED).map(({ file, reason }) => `${basename(file)} (${reason})`);
  const more = leftOut.length > NAMED ? `, and ${count(leftOut.length - NAMED, "more file")}` : "";
  return caution(`Left out of the folder: ${names.join(", ")}${more}.`);
}
