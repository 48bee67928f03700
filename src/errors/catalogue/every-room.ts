import type { Explanations } from "./explanation.js";

export const EVERY_ROOM = {
  NODE_TOO_OLD: {
    why: "The running Node lacks something: SQLite (22.13), an SQLite that says whether it is in a transaction (22.16), or what the FHIR validator needs (22.18). `details` names the version that is needed and the one that runs.",
    fix: 'Run it under a newer Node. In this project\'s clone: `export PATH="$PWD/node_modules/.bin:$PATH"`.',
  },
} satisfies Explanations;
