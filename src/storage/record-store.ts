/** How a write is carried out. */
export interface PutOptions {
  /**
   * Pin the content in the same step (default false). Between a `put` and a later `pin` only the grace period keeps
   * the content from collection; with this there is no such gap.
   */
  pin?: boolean;
  /** Stops the write; nothing of it becomes visible. */
  signal?: AbortSignal;
}

/** Which bytes of a file to read, and how much a reader is willing to follow. */
export interface GetOptions {
  /** First byte to return (default 0). */
  offset?: number;
  /** How many bytes to return at most (default: to the end). */
  length?: number;
  /** Stops the read. */
  signal?: AbortSignal;
  /** Refuse content that declares more bytes than this (default {@link DEFAULT_MAX_BYTES}). */
  maxBytes?: number;
  /** Refuse a DAG with more layers below its root than this (default {@link DEFAULT_MAX_DEPTH}). */
  maxDepth?: number;
}

/**
 * Content-addressed storage of ciphertext. CIDs are strings: CIDv1, base32, sha2-256, codec raw or dag-pb, and nothing
 * else. Whatever is behind it (a folder, a Kubo node), every block is hashed on its way in from a CAR and on every way
 * out.
 *
 * Every method throws `INVALID_CID` for a string that is no such CID, and `STORE_CLOSED` after {@link close}. A store
 * over a remote node also throws `STORE_UNREACHABLE`.
 *
 * @example
 * const { cid } = await store.put(sealed, { pin: true });
 * for await (const chunk of store.get(cid, { offset: 1_048_576 })) decrypt(chunk);
 */
export interface RecordStore {
  /**
   * Stores a stream as a UnixFS file (profile `unixfs-v1-2025`, IPIP-499: 1 MiB raw leaves, 1,024 links per node) and
   * answers once it is durable. Chunks may have any size, but must not be overwritten by the caller afterwards.
   *
   * @returns the CID, the same that Kubo computes, and the number of bytes that the stream held.
   * @throws STORE_FULL, STORE_BUSY, STORE_FAILED; BLOCK_TOO_LARGE over the store's `maxBytes`; whatever `source` throws.
   */
  put(source: AsyncIterable<Uint8Array>, options?: PutOptions): Promise<{ cid: string; size: number }>;

  /**
   * Stores one raw block of at most 1 MiB, so that the sha2-256 digest of `bytes` is its CID.
   *
   * @throws BLOCK_TOO_LARGE for more than 1 MiB; STORE_FULL, STORE_BUSY, STORE_FAILED.
   */
  putBlock(bytes: Uint8Array, options?: PutOptions): Promise<string>;

  /**
   * One block, hashed.
   *
   * @throws BLOCK_MISSING, BLOCK_CORRUPT; BLOCK_TOO_LARGE for a block over 2 MiB.
   */
  getBlock(cid: string, options?: { signal?: AbortSignal }): Promise<Uint8Array>;

  /**
   * The bytes of a file, in chunks of at most one block, with every block hashed before any of it is handed out. Only
   * the blocks that the range needs are fetched, at most one ahead of the consumer. Errors are thrown by the iteration.
   *
   * @throws BLOCK_MISSING, BLOCK_CORRUPT; BLOCK_TOO_LARGE, DAG_TOO_DEEP over a cap; DAG_INVALID for a DAG that is not a
   *   file or contradicts itself; INVALID_RANGE for an offset past the end.
   */
  get(cid: string, options?: GetOptions): AsyncIterable<Uint8Array>;

  /** True when this very block (not: all blocks under it) is held here. */
  has(cid: string): Promise<boolean>;

  /**
   * Keeps everything under `cid` from collection until {@link unpin}. Pinning twice is pinning once.
   *
   * @throws BLOCK_MISSING when a block under `cid` is not held; then nothing is pinned.
   */
  pin(cid: string): Promise<void>;

  /** Releases this participant's pin. Not pinned is no error. */
  unpin(cid: string): Promise<void>;

  /** The CIDs that this participant pinned, in no particular order. */
  pins(): AsyncIterable<string>;

  /**
   * Removes what nobody's pin reaches.
   *
   * @returns how many blocks and bytes went (a Kubo node only estimates the bytes).
   * @throws STORE_BUSY when writers do not finish in time; BLOCK_MISSING or BLOCK_CORRUPT when a pinned DAG cannot be
   *   followed: then nothing is removed, because what it needs is unknown.
   */
  gc(): Promise<{ removed: number; bytes: number }>;

  /**
   * Everything under `cid` as a CARv1 stream, each block hashed and sent once.
   *
   * @throws BLOCK_MISSING, BLOCK_CORRUPT, DAG_TOO_DEEP from the iteration.
   */
  exportCar(cid: string): AsyncIterable<Uint8Array>;

  /**
   * Stores the blocks of a CARv1 stream, all or none: every block is hashed, and every root must be complete.
   *
   * @returns the roots that the CAR names; they are not pinned.
   * @throws CAR_INVALID, BLOCK_CORRUPT, BLOCK_MISSING, BLOCK_TOO_LARGE, DAG_TOO_DEEP; then nothing is stored.
   */
  importCar(source: AsyncIterable<Uint8Array>): Promise<string[]>;

  /** Refuses further calls. Calls under way finish. */
  close(): Promise<void>;
}

/** Largest block that is written: one leaf of `unixfs-v1-2025`, in bytes. */
export const MAX_BLOCK_BYTES = 1_048_576;

/** Largest block that is read, in bytes: what IPFS peers exchange at most. */
export const MAX_READ_BLOCK_BYTES = 2_097_152;

/** Largest file that is read or written unless told otherwise, in bytes (16 GiB). */
export const DEFAULT_MAX_BYTES = 17_179_869_184;

/** Most layers below a root unless told otherwise; three layers of 1,024 links already hold 1 PiB. */
export const DEFAULT_MAX_DEPTH = 8;
