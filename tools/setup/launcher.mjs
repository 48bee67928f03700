import { chmodSync, writeFileSync } from "node:fs";

import { at, textOf } from "./project.mjs";

const LAUNCHER = ["node_modules", ".bin", "chartchain"];

/** Runs the command line from the sources, under the project's own Node, wherever it is started. */
const TEXT = `#!/bin/sh
here=$(dirname "$(readlink -f "$0")")/..
exec "$here/.bin/node" --import "$here/tsx/dist/loader.mjs" "$here/../src/cli/main.ts" "$@"
`;

/** Makes `npx chartchain` the command line of this checkout. In the package it is built. */
export function writeLauncher() {
  if (textOf(...LAUNCHER) === TEXT) return;
  writeFileSync(at(...LAUNCHER), TEXT);
  chmodSync(at(...LAUNCHER), 0o755);
}
