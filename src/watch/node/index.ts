export { openIndex } from "./open-index.js";
export type { OpenIndexOptions } from "./open-index.js";
