import { existsSync } from "node:fs";
import { unlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { besideDeployment, type Chain } from "../actor/chain.js";
import { kuboAt } from "../actor/session.js";
import type { ACTOR_FLAGS } from "../line/common-flags.js";
import type { Values } from "../line/flags.js";
import { hostOf } from "../terminal/host.js";
import { bad, good, LIMIT_MS, look, type Finding } from "./finding.js";

/** Where sealed records go: a Kubo node that answers, or a folder that can be written. */
export const lookAtStore = (flags: Values<typeof ACTOR_FLAGS>, chain: Chain): Promise<Finding> =>
  look("Store", () =>
    flags.ipfs === undefined ? writable(flags.store ?? besideDeployment(chain, "ipfs")) : reachable(flags.ipfs),
  );

async function writable(folder: string) {
  // One that isn't there yet is made below the nearest that is.
  let place = folder;
  while (!existsSync(place) && dirname(place) !== place) place = dirname(place);
  const file = join(place, `.chartchain-doctor-${process.pid}`);
  try {
    await writeFile(file, "", { flag: "wx", mode: 0o600 });
    await unlink(file);
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    return bad(
      `the folder can't be written (${code}): ${place}`,
      "Make it yours to write, or name another with --store.",
    );
  }
  return good(place === folder ? folder : `${folder}, once there is something to keep`);
}

async function reachable(given: string) {
  const { url, headers = {} } = kuboAt(given);
  const mend =
    "Start it (ipfs daemon), or check --ipfs: it is the URL of Kubo's RPC, http://127.0.0.1:5001 by default.";
  try {
    const answer = await fetch(new URL("/api/v0/version", url), {
      method: "POST",
      headers,
      signal: AbortSignal.timeout(LIMIT_MS),
    });
    const { Version } = (await answer.json()) as { Version?: string };
    if (answer.ok && Version !== undefined) return good(`Kubo ${Version} at ${hostOf(given)}`);
    return bad(`${hostOf(given)} answers, and is no Kubo RPC (${answer.status})`, mend);
  } catch {
    return bad(`no Kubo RPC answers at ${hostOf(given)}`, mend);
  }
}
