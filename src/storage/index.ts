export { cidOfBlock, sha256FromCid } from "./cid.js";
export { linksIn } from "./dag-walk.js";
export { createGatewayStore, type GatewayStoreOptions } from "./gateway.js";
export { readPacked } from "./pack-reader.js";
export {
  DEFAULT_MAX_BYTES,
  DEFAULT_MAX_DEPTH,
  type GetOptions,
  MAX_BLOCK_BYTES,
  MAX_READ_BLOCK_BYTES,
  type PutOptions,
  type RecordStore,
} from "./record-store.js";
