/** The page of all error codes: what src/errors/catalogue says of each, and where it is thrown. Runs under tsx. */
import { format } from "prettier";

import { CATALOGUE } from "../../src/errors/catalogue/index.ts";
import { contractErrors, thrownErrors } from "./thrown-errors.mjs";

export const ERRORS_PAGE = "docs/reference/errors.md";

const INTRODUCTION = `# Errors

Every public function throws one class, \`ChartChainError\`, with a \`code\`, a \`message\` (what and where), \`details\` (the
offending values; never a secret, never a patient's data), a \`hint\` (what to do) and a \`cause\`. This page says for each
code why it is thrown, what to do, and which files throw it.

A custom error of a contract becomes a code of the same words: \`NotRegistered(address account)\` is thrown as
\`NOT_REGISTERED\` with \`details.account\`.

\`npm run errors\` writes this page from \`src/errors/catalogue/\`.`;

/**
 * The places that throw each code: `file:line` in src/, tour/, devnet/ and apps/, and the Solidity files that revert with it.
 *
 * @returns {{ places: Map<string, string[]>, unreadable: string[] }} `unreadable`: where a code can't be read off.
 */
export function placesOfErrors() {
  const { codes, unreadable } = thrownErrors(["src", "tour", "devnet", "apps/gatekeeper/src"]);
  const places = new Map(codes);
  for (const [code, files] of contractErrors()) places.set(code, [...(places.get(code) ?? []), ...files]);
  return { places, unreadable };
}

/** The page as it has to be, as Prettier leaves it. @returns {Promise<string>} */
export async function errorsPage() {
  const { places } = placesOfErrors();
  const sections = Object.entries(CATALOGUE).flatMap(([heading, explanations]) => [
    `## ${heading}`,
    ...Object.entries(explanations).map(([code, { why, fix }]) => {
      const files = new Set((places.get(code) ?? []).map((place) => place.replace(/:\d+$/, "")));
      const thrownIn = [...files].sort().map((file) => `\`${file}\``);
      return `### ${code}\n\nWhy: ${why}\n\nFix: ${fix}\n\nThrown in: ${thrownIn.join(", ")}`;
    }),
  ]);
  const text = [INTRODUCTION, ...sections].join("\n\n");
  return format(text, { parser: "markdown", printWidth: 120, proseWrap: "always" });
}
