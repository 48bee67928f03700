import { existsSync } from "node:fs";
import { stat, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";

import { configurationFile } from "../actor/profile.js";
import { version } from "../line/version.js";
import type { Environment } from "../terminal/program.js";
import { bad, doubtful, good, look, type Finding } from "./finding.js";

const [GIB, ALMOST_FULL] = [2 ** 30, 0.1];

/** What this machine has: versions, who may read what is secret, and room. */
export const lookAtMachine = (home: string, wallet: string, vault: string | undefined, environment: Environment) =>
  Promise.all<Finding>([
    look("Versions", async () => good(`chartchain ${version()}, Node ${process.versions.node}`)),
    look("Home", async () => {
      if (!existsSync(home)) return doubtful(`there is none yet: ${home}`, "chartchain init makes one.");
      return good(home);
    }),
    look("Permissions", async () => {
      const secret = [
        ...[configurationFile(environment), wallet, ...(vault === undefined ? [] : [join(vault, "vault.sqlite")])].map(
          (path) => ({ path, mode: "600" }),
        ),
        ...[home, ...(vault === undefined ? [] : [vault])].map((path) => ({ path, mode: "700" })),
      ];
      const open = [];
      for (const { path, mode } of secret) {
        const found = await stat(path).catch(() => undefined);
        // Windows has no such bits: there the profile folder's access list keeps others out.
        if (found !== undefined && process.platform !== "win32" && (found.mode & 0o077) !== 0)
          open.push({ path, mode });
      }
      if (open.length === 0) return good("home, wallet, vault and configuration are yours alone");
      return bad(
        `others can get at ${open.map(({ path }) => path).join(", ")}`,
        open.map(({ path, mode }) => `chmod ${mode} '${path}'`).join("; "),
      );
    }),
    look("Disk", async () => {
      let folder = home;
      while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
      const { bavail, bsize } = await statfs(folder);
      const free = (bavail * bsize) / GIB;
      const says = `${free.toFixed(1)} GiB free`;
      if (free < ALMOST_FULL)
        return bad(says, `Make room where ${folder} lies: a vault that can't be written is of no use.`);
      return free < 1 ? doubtful(says, `Make room where ${folder} lies, soon.`) : good(says);
    }),
  ]);
