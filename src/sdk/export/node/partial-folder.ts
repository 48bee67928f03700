import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";

/**
 * A folder under another name beside the one that it will have. What processes of this machine that are gone left there is
 * removed: whoever is ended at once cleans nothing up.
 */
export class PartialFolder implements AsyncDisposable {
  private constructor(
    readonly path: string,
    private readonly target: string,
  ) {}

  static async beside(target: string): Promise<PartialFolder> {
    const [parent, start] = [dirname(target), `${basename(target)}.${hostname()}-`];
    for (const name of await readdir(parent).catch(() => [])) {
      const number = name.startsWith(start) ? /^(\d+)\.partial$/.exec(name.slice(start.length))?.[1] : undefined;
      if (number !== undefined && isGone(Number(number))) await remove(join(parent, name)).catch(() => {});
    }
    const path = join(parent, `${start}${process.pid}.partial`);
    await mkdir(path, { mode: 0o700 });
    return new PartialFolder(path, target);
  }

  /** Gives the folder its name. Fails where something took it meanwhile, but an empty folder. */
  finish(): Promise<void> {
    return rename(this.path, this.target);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await remove(this.path).catch(() => {});
  }
}

const remove = (path: string): Promise<void> => rm(path, { recursive: true, force: true });

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    // EPERM: it runs, as somebody else.
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}
