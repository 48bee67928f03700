/** Where the counts are published, and how a document shows them. */
export const PUBLISHED = ["tools", "evidence", "published.json"];

const HEAD = "| What | Count | By |";

/** @param {string} document its text. @param {string} table @returns {string} the document with this table of counts. */
export function withTable(document, table) {
  const lines = document.split("\n");
  const from = lines.indexOf(HEAD);
  if (from < 0) throw new Error(`there is no table "${HEAD}" to write to`);
  let to = from;
  while (lines[to]?.startsWith("|")) to++;
  return [...lines.slice(0, from), table, ...lines.slice(to)].join("\n");
}
