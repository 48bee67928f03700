import pc from "picocolors";

import { fitted } from "../terminal/width.js";
import { columns } from "./help.js";
import { isNoun, type Noun, type Verb } from "./tree.js";

/** What `chartchain --help` prints on so many columns. */
export function renderOverview(
  sections: Readonly<Record<string, Readonly<Record<string, Noun | Verb>>>>,
  width: number,
): string {
  return [
    fitted("Consent for medical records, held on a chain by the patient.", width),
    "",
    `${pc.bold("Usage:")} chartchain COMMAND [options]`,
    ...Object.entries(sections).flatMap(([title, entries]) => [
      "",
      pc.bold(`${title}:`),
      ...columns(
        Object.entries(entries).map(([name, entry]) => [name, isNoun(entry) ? entry.about : entry[0]]),
        width,
      ),
    ]),
    "",
    fitted("chartchain COMMAND --help says more of each.", width),
    "",
  ].join("\n");
}

/** What `chartchain NOUN --help` prints on so many columns. */
export function renderNoun(name: string, { about, verbs }: Noun, width: number): string {
  return [
    fitted(`${name}: ${about}`, width),
    "",
    `${pc.bold("Usage:")} chartchain ${name} COMMAND [options]`,
    "",
    pc.bold("Commands:"),
    ...columns(
      Object.entries(verbs).map(([word, [text]]) => [word, text]),
      width,
    ),
    "",
    fitted(`chartchain ${name} COMMAND --help says more of each.`, width),
    "",
  ].join("\n");
}
