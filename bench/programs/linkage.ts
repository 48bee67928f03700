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
  const shares = Object.entries(links).map(([name, share]) => [name, [100 * share]]);
  report({
    samples: {
      ...(Object.fromEntries(shares) as Record<string, number[]>),
      people: [truth.people.length],
      transactions: [seen.transactions.length],
      records: [truth.records.length],
      files: [new Set(truth.records.map(({ cid }) => cid)).size],
    },
  });
}
