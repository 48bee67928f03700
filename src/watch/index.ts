export { ChainIndex } from "./chain-index.js";
export type { IndexScope, IndexState, SyncProgress } from "./follower.js";
export { openIndexAt } from "./open-index.js";
export type { IndexOptions, IndexPlace } from "./open-index.js";
