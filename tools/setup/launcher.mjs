import { chmodSync, writeFileSync } from "node:fs";

import { at, textOf } from "./project.mjs";

/** The programs of this checkout. In packages they are built. */
const PROGRAMS = { chartchain: "src/cli/main.ts", "chartchain-gatekeeper": "apps/gatekeeper/src/main.ts" };

/** Runs a program from the sources, under the project's own Node, wherever it is started. @param {string} main */
const textFor = (main) => `#!/bin/sh
here=$(dirname "$(readlink -f "$0")")/..
TSX_TSCONFIG_PATH="$here/../tsconfig.json" exec "$here/.bin/node" --import "$here/tsx/dist/loader.mjs" "$here/../${main}" "$@"
`;

/** Makes `npx chartchain`, and the like, the programs of this checkout. */
export function writeLaunchers() {
  for (const [name, main] of Object.entries(PROGRAMS)) {
    const place = ["node_modules", ".bin", name];
    if (textOf(...place) === textFor(main)) continue;
    writeFileSync(at(...place), textFor(main));
    chmodSync(at(...place), 0o755);
  }
}
