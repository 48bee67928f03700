import { rmSync } from "node:fs";
import { readdir, unlink } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";

/** Those that this process writes now: a process before it may have had the same number. */
const ours = new Set<string>();

/** Removes them all, before the process ends at once. */
export function removePartialFiles(): void {
  for (const path of ours) rmSync(path, { force: true });
}

/**
 * Where a file is written before it has its name. What processes of this machine that are gone left there is removed:
 * whoever is ended at once cleans nothing up. Of other machines that share the folder nobody knows here.
 *
 * @example
 * await using partial = await PartialFile.beside("delivery.json");
 * await writeFile(partial.path, text);
 * await rename(partial.path, "delivery.json");
 */
export class PartialFile implements AsyncDisposable {
  private constructor(readonly path: string) {
    ours.add(path);
  }

  static async beside(target: string): Promise<PartialFile> {
    const [folder, start] = [dirname(target), `${basename(target)}.${hostname()}-`];
    // A folder that can't be listed may well be one to write to.
    for (const name of await readdir(folder).catch(() => [])) {
      const number = name.startsWith(start) ? /^(\d+)\.partial$/.exec(name.slice(start.length))?.[1] : undefined;
      if (number !== undefined && isGone(Number(number), join(folder, name))) {
        await unlink(join(folder, name)).catch(() => {});
      }
    }
    return new PartialFile(join(folder, `${start}${process.pid}.partial`));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    ours.delete(this.path);
    await unlink(this.path).catch(() => {});
  }
}

function isGone(pid: number, path: string): boolean {
  if (pid === process.pid) return !ours.has(path);
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    // EPERM: it runs, as somebody else.
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}
