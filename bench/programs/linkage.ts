import { join } from "node:path";
import { env } from "node:process";

import { conclude } from "../linkage/links.js";
import { bundlesOf, play } from "../linkage/stage.js";
import { given, report } from "../lib/child.js";

const SYNTHEA =
  env["CHARTCHAIN_SYNTHEA"] ?? join(import.meta.dirname, "..", "..", "..", "shared", "data", "fhir", "synthea");

const { people } = given<{ people: number }>();
const files = await bundlesOf(SYNTHEA, people);
if (files.length < 2)
  report({ skipped: "no Synthea bundles lie beside the project, and CHARTCHAIN_SYNTHEA names none" });
else {
  const { seen, truth } = await play(files);
  const links = conclude(seen, truth);
  const cids = new Set(truth.records.map(({ cid }) => cid));
  const packs = seen.files.filter(({ cid }) => cids.has(cid));
  const shares = Object.entries(links).map(([name, share]) => [name, [100 * share]]);
  report({
    samples: {
      ...(Object.fromEntries(shares) as Record<string, number[]>),
      people: [truth.people.length],
      transactions: [seen.transactions.length],
      records: [truth.records.length],
      files: [cids.size],
      aboveGuessing: [100 * (links.categories - links.guessed)],
      presentAboveGuessing: [100 * (links.present - links.presentGuessed)],
      stored: [sumOf(packs.map(({ size }) => size)) / sumOf(truth.records.map(({ size }) => size))],
    },
  });
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
