/** How far an import has come. */
export interface ImportProgress {
  /** `reading` while the source is read, `importing` while charts are filled. */
  phase: "reading" | "importing";
  /** Resources that are through. */
  done: number;
  /** Of so many; left out where nobody knows yet. */
  total?: number;
  /** Resources a second, since the phase began. */
  perSecond: number;
  /** Seconds left at that rate; left out where the total isn't known or nothing is done yet. */
  secondsLeft?: number;
}

/**
 * Tells how far a phase of an import has come.
 *
 * @param tell is given the progress; nothing is told without it
 * @param total resources, where that is known
 * @example
 * const advance = startProgress(onProgress, "importing", 1_200);
 * advance(40);
 */
export function startProgress(
  tell: ((progress: ImportProgress) => void) | undefined,
  phase: ImportProgress["phase"],
  total?: number,
): (resources: number) => void {
  const began = Date.now();
  let done = 0;
  return (resources) => {
    done += resources;
    const seconds = Math.max(1, Date.now() - began) / 1000;
    const perSecond = done / seconds;
    tell?.({
      ...{ phase, done, perSecond },
      ...(total === undefined ? {} : { total }),
      ...(total === undefined || done === 0 ? {} : { secondsLeft: Math.max(0, total - done) / perSecond }),
    });
  };
}
