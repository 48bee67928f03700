export { createEmbeddedStore, type EmbeddedStoreOptions } from "./embedded-store.js";
export type { KuboClient } from "./kubo-client.js";
export { createKuboStore, type KuboStoreOptions } from "./kubo-store.js";
