/** Whether a document shows the published counts of the evidence, and the ones that are cheap to count are true. */
import { measured, tableOf } from "../evidence/figures.mjs";
import { PUBLISHED, withTable } from "../evidence/published.mjs";
import { textOf } from "../setup/project.mjs";

const COUNTED_HERE = ["Properties, each with its tests", "Attacks, each with its tests", "Mutants killed"];
const WRITE = "npm run evidence -- --no-run --write";

/** @param {string} document its path. @returns {string[]} what is stale in it, and what to do. */
export function countProblems(document) {
  const published = JSON.parse(textOf(...PUBLISHED) ?? "{}");
  const figures = measured();
  const text = textOf(document) ?? "";
  return [
    ...(withTable(text, tableOf(published)) === text ? [] : [`${document}: not the published counts; run ${WRITE}`]),
    ...COUNTED_HERE.filter((name) => figures[name] !== published[name]).map(
      (name) => `${PUBLISHED.join("/")}: "${name}" is ${figures[name] ?? "unknown"} by now; run ${WRITE}`,
    ),
  ];
}
