/** What `npm run prove` proves, in parts that don't wait for each other. */
import { ENTRANCES, proveRelationship } from "./relationships.mjs";
import { proveWords } from "./words.mjs";

/** @typedef {(changes: import("./compiler.mjs").Changes) => import("./claims.mjs").Claim[]} Task */

/** @type {Record<string, Task>} */
export const TASKS = {
  words: proveWords,
  ...Object.fromEntries(
    ENTRANCES.map((entrance) => [
      entrance,
      (/** @type {import("./compiler.mjs").Changes} */ changes) => proveRelationship(entrance, changes),
    ]),
  ),
};
