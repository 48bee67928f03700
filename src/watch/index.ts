export { ChainIndex } from "./chain-index.js";
export type { IndexScope, IndexState, SyncProgress } from "./follower.js";
export { openIndexAt } from "./open-index.js";
export type { IndexOptions, IndexPlace } from "./open-index.js";
export type { NoticeKind, NoticeKinds } from "./notice-kinds.js";
export { watch } from "./notices.js";
export type { Expiring, Notice, NoticeHandlers, NoticeOf, WatchOptions, Watching } from "./notices.js";
