/** The reference of the command line: a page for each thing that commands are about, made of what `--help` shows. */
import { mkdirSync, writeFileSync } from "node:fs";
import { posix } from "node:path";

import { tsImport } from "tsx/esm/api";

import { at } from "../setup/project.mjs";
import { PAGES } from "./places.mjs";

const FOLDER = posix.join(PAGES, "reference", "commands");

/**
 * @typedef {{ placeholder?: string, help: string, required?: boolean }} Flag
 * @typedef {{ purpose: string, flags: Record<string, Flag>, operand?: string, examples: string[] }} Command
 * @typedef {[about: string, load: () => Promise<{ default: Command }>]} Verb
 * @typedef {{ about: string, verbs: Record<string, Verb> }} Noun
 */

/** Writes them all, and the page that lists them. */
export async function writeCommands() {
  /** @type {{ SECTIONS: Record<string, Record<string, Verb | Noun>> }} */
  const { SECTIONS } = await tsImport("../../src/cli/commands/index.ts", import.meta.url);
  mkdirSync(at(FOLDER), { recursive: true });
  const list = [
    "# Commands",
    "",
    "`chartchain` finds what it works with by profile; every command takes `--json`, `--quiet` and `--profile`.",
    "",
  ];
  for (const [section, entries] of Object.entries(SECTIONS)) {
    list.push(`## ${section}`, "", "| Command | Does |", "|---|---|");
    for (const [name, entry] of Object.entries(entries)) {
      const isNoun = "verbs" in entry;
      const verbs = Object.entries(isNoun ? entry.verbs : { "": entry });
      const pages = await Promise.all(
        verbs.map(async ([verb, [, load]]) => described(`${name} ${verb}`.trim(), (await load()).default)),
      );
      const about = isNoun ? entry.about : entry[0];
      const text = [`# chartchain ${name}`, "", `${about[0]?.toUpperCase()}${about.slice(1)}.`, "", ...pages.flat()];
      writeFileSync(at(FOLDER, `${name}.md`), text.join("\n"));
      const links = verbs.map(([verb]) => (verb === "" ? "" : ` [${verb}](${name}.md#${name}-${verb})`));
      list.push(`| [${name}](${name}.md) | ${about}${isNoun ? ":" : ""}${links.join(",")} |`);
    }
    list.push("");
  }
  writeFileSync(at(FOLDER, "index.md"), list.join("\n"));
}

/** @param {string} name @param {Command} command */
function described(name, { purpose, flags, operand, examples }) {
  const cell = (/** @type {string} */ text) => text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
  const rows = Object.entries(flags).map(([flag, { placeholder, help, required }]) => {
    const notes = [required ? "Required." : "", flag === operand ? "May stand first, without its name." : ""];
    const said = [`${help[0]?.toUpperCase()}${help.slice(1)}.`.replace(/\.\.$/, "."), ...notes]
      .filter(Boolean)
      .join(" ");
    return `| \`--${flag}${placeholder === undefined ? "" : ` ${cell(placeholder)}`}\` | ${cell(said)} |`;
  });
  return [
    `## ${name}`,
    "",
    purpose,
    "",
    "```sh",
    ...examples.map((example) => `chartchain ${name} ${example}`.trimEnd()),
    "```",
    "",
    "| Option | |",
    "|---|---|",
    ...rows,
    "",
  ];
}
