import { fhirInWords } from "./fhir-in-words.js";
import { printable } from "../terminal/printable.js";
import { caution, count } from "../terminal/tables.js";

const LINES = 20;

/** The content of a record for a person to look at: FHIR as a table, text as its first lines, else only its size. */
export function recordInWords(mediaType: string, content: Uint8Array): string {
  if (mediaType === "application/fhir+json") return fhirInWords(content);
  if (!/^text\/|[/+]json$/.test(mediaType)) return caution(`${mediaType}: write it to a file with --out FILE`);
  const lines = new TextDecoder().decode(content).split("\n");
  const rest = lines.length - LINES;
  return [
    ...lines.slice(0, LINES).map(printable),
    ...(rest > 0 ? [caution(`and ${count(rest, "more line")}: --out FILE keeps everything`)] : []),
  ].join("\n");
}
