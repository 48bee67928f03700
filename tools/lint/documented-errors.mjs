import { textOf } from "../setup/project.mjs";

/**
 * Reads an error page: under each heading `### CODE` one paragraph that begins with `Why:` and one with `Fix:`.
 *
 * @param {string} path from the root.
 * @returns {{ codes: Map<string, number>, faults: string[] }} the line of each code, and what is wrong with the page.
 */
export function documentedErrors(path) {
  const text = textOf(path);
  if (text === undefined) return { codes: new Map(), faults: [`${path} is missing`] };
  /** @type {Map<string, number>} */
  const codes = new Map();
  const faults = [];
  const sections = text.split(/^(?=#{1,6} )/m);
  let line = 1;
  for (const section of sections) {
    const [, code] = /^### `?([A-Z][A-Z0-9_]*)`?\s*$/m.exec(section.split("\n", 1)[0] ?? "") ?? [];
    if (code !== undefined) {
      if (codes.has(code)) faults.push(`${path}:${line}: ${code} is there twice`);
      codes.set(code, line);
      for (const word of ["Why", "Fix"]) {
        const filled = new RegExp(`^(\\*\\*)?${word}:(\\*\\*)? *\\S`, "m").test(section);
        if (!filled) faults.push(`${path}:${line}: ${code} has no paragraph "${word}: …"`);
      }
    }
    line += section.split("\n").length - 1;
  }
  return { codes, faults };
}
