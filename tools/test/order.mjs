/** In which order test files run, and which of them are slow. */

/** Files that take longest, the longest first: begun last, one of them would run alone while the other lanes are idle. */
const SLOW = [];

/** @param {string} file */
export const isSlow = (file) => SLOW.includes(file);

/** @param {readonly string[]} files */
export const heavyFirst = (files) => [
  ...SLOW.filter((file) => files.includes(file)),
  ...files.filter((file) => !isSlow(file)),
];
