import { readFhirJson, resourceInWords } from "../../fhir/index.js";
import { printable } from "../terminal/printable.js";
import { caution, count, table } from "../terminal/tables.js";

const SHOWN = 25;

/** What stands in a FHIR record: kind, what it says, when; a line for each of its first resources. */
export function fhirInWords(bytes: Uint8Array): string {
  const { entries } = readFhirJson(bytes, "record");
  const rows = entries.slice(0, SHOWN).map(({ resource }) => {
    const { what, value, when } = resourceInWords(resource);
    return [
      ellipsis(resource.resourceType, 19),
      ellipsis(printable(what), 60),
      ellipsis(printable(value), 40),
      printable(when),
    ];
  });
  const rest = entries.length - rows.length;
  return [
    table(["resource", "what", "value", "when"], rows),
    ...(rest > 0 ? [caution(`and ${count(rest, "more resource")}: --out FILE keeps everything`)] : []),
  ].join("\n");
}

const ellipsis = (text: string, room: number) => (text.length <= room ? text : `${text.slice(0, room - 1)}…`);
