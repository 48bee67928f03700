import init, { type Sqlite3Static } from "@sqlite.org/sqlite-wasm";

export type Engine = Sqlite3Static;

let started: Promise<Engine> | undefined;

/** SQLite's own WebAssembly build. It fetches `sqlite3.wasm`, which a bundler puts beside the bundle, once for a worker. */
export function loadEngine(): Promise<Engine> {
  started ??= start().catch((error: unknown) => {
    // A network that failed may be back at the next try.
    started = undefined;
    throw error;
  });
  return started;
}

async function start(): Promise<Engine> {
  const silent = (): void => undefined;
  // Read and removed by what comes next. Its own ways to files start workers or name databases; it has ours alone, and
  // writes no statement to the console: what went wrong is thrown.
  (globalThis as { sqlite3ApiConfig?: object }).sqlite3ApiConfig = {
    ...{ debug: silent, log: silent, warn: silent, error: silent },
    disable: { vfs: { kvvfs: true, opfs: true, "opfs-vfs": true, "opfs-sahpool": true, "opfs-wl": true } },
  };
  return init();
}
