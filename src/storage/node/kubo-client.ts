/**
 * What the Kubo store uses of a client. Both `kubo-rpc-client` and the older `ipfs-http-client` fit: CIDs go in as
 * strings and come out through `String()`, because each client brings its own CID class. Parameters are `never` so
 * that any client's own types are accepted.
 */
export interface KuboClient {
  version(options?: never): Promise<unknown>;
  block: { stat(cid: never, options?: never): Promise<unknown> };
  cat(cid: never, options?: never): AsyncIterable<Uint8Array>;
  dag: { import(source: never, options?: never): AsyncIterable<unknown> };
  pin: {
    add(cid: never, options?: never): Promise<unknown>;
    rm(cid: never, options?: never): Promise<unknown>;
    ls(options?: never): AsyncIterable<unknown>;
  };
  repo: { gc(options?: never): AsyncIterable<unknown>; stat(options?: never): Promise<unknown> };
}

/** The same client with the parameters that this room passes. */
export interface KuboCalls {
  version(options: CallOptions): Promise<unknown>;
  block: { stat(cid: string, options: CallOptions): Promise<unknown> };
  cat(cid: string, options: CallOptions): AsyncIterable<Uint8Array>;
  dag: {
    import(source: AsyncIterable<Uint8Array>, options: CallOptions & { pinRoots: boolean }): AsyncIterable<unknown>;
  };
  pin: {
    add(cid: string, options: CallOptions): Promise<unknown>;
    rm(cid: string, options: CallOptions): Promise<unknown>;
    ls(options: CallOptions & { type: "recursive" }): AsyncIterable<{ cid: unknown }>;
  };
  repo: {
    gc(options: CallOptions): AsyncIterable<{ cid?: unknown; err?: Error | null }>;
    stat(options: CallOptions): Promise<{ repoSize: bigint }>;
  };
}

/** Options that both clients pass on. */
export interface CallOptions {
  signal: AbortSignal;
  /** Look at what the node holds and ask no peer. */
  offline?: boolean;
}
