/** A time in seconds, rounded down to the whole minute that the contracts count. */
export const wholeMinute = (seconds: number): number => Math.floor(seconds / 60) * 60;
