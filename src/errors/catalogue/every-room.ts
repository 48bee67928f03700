import type { Explanations } from "./explanation.js";

export const EVERY_ROOM = {
  NODE_TOO_OLD: {
    why: "The running Node is older than the oldest that is supported (`engines` in package.json). `details` names that version and the one that runs.",
    fix: 'Run it under a newer Node. In this project\'s clone: `export PATH="$PWD/node_modules/.bin:$PATH"`.',
  },
} satisfies Explanations;
