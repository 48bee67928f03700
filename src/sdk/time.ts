/** Waits for so many milliseconds. */
export const sleep = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

/** A time in seconds, rounded down to the whole minute that the contracts count. */
export const wholeMinute = (seconds: number): number => Math.floor(seconds / 60) * 60;
