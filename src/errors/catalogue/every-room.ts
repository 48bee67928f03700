import type { Explanations } from "./explanation.js";

export const EVERY_ROOM = {
  NODE_TOO_OLD: {
    why: "The running Node lacks something: SQLite (22.13), what the FHIR validator needs (22.18), or ML-KEM in its Web Cryptography (24.7). `details` names the version that is needed and the one that runs. Or the browser has no ML-KEM.",
    fix: 'Run it under a newer Node, or in a newer browser. In this project\'s clone: `export PATH="$PWD/node_modules/.bin:$PATH"`.',
  },
} satisfies Explanations;
