/** Where tests keep their files. */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Where Linux keeps files in memory. */
const IN_MEMORY = "/dev/shm";

/** All tests together take less, in bytes. */
const ENOUGH = 4 * 1024 ** 3;

/**
 * A folder in memory for the tests' vaults, stores and nodes, where this machine has room for one. A vault waits until the
 * disk has what it wrote, for every transaction; the tests make so many that they would wait for minutes. What they test is
 * the same: also of a process that is killed, everything stays that it wrote.
 *
 * @returns {string | undefined} gone when this process ends
 */
export function scratchFolder() {
  try {
    const { bavail, bsize } = statfsSync(IN_MEMORY);
    if (Math.min(bavail * bsize, process.availableMemory()) < ENOUGH) return undefined;
    const folder = mkdtempSync(join(IN_MEMORY, "chartchain-"));
    process.once("exit", () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
    // Without a listener they end a process without an exit; what stays in memory is missing there.
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => process.exit(1));
    // As the system's own folder: run by root, some tests start processes of another user.
    chmodSync(folder, 0o1777);
    return canRunFrom(folder) ? folder : undefined;
  } catch {
    return undefined;
  }
}

/** Tests also start what they write; some machines forbid that in memory. @param {string} folder */
function canRunFrom(folder) {
  const script = join(folder, "try");
  writeFileSync(script, "#!/bin/sh\n", { mode: 0o755 });
  const { status } = spawnSync(script);
  rmSync(script);
  return status === 0;
}
