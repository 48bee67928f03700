/**
 * What work comes to, or what is said where it takes longer. The work itself goes on: give it a limit of its own, too.
 *
 * @param limit in milliseconds
 */
export async function inTime<T>(limit: number, work: Promise<T>, late: () => T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<T>((resolve) => {
    timer = setTimeout(() => resolve(late()), limit);
  });
  try {
    return await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
  }
}
