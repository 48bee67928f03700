import { mkdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { syncFolder } from "./block-file.js";
import { BlockFolder } from "./block-folder.js";
import { onDisk } from "../failures.js";
import { type LocalLimits, LocalStore } from "../local-store.js";
import { PinFolder } from "./pin-folder.js";
import type { RecordStore } from "../record-store.js";
import { StoreLock } from "./store-lock.js";

/** Where an embedded store lives and how patient it is. */
export interface EmbeddedStoreOptions extends LocalLimits {
  /** The folder; created (0700) if missing. Any number of processes and participants may share it. */
  directory: string;
  /** Whose pins these are: any label of 1 to 64 bytes, such as a participant id. */
  participant: string;
}

/**
 * A record store in a folder, without a daemon.
 *
 * Writing and pinning hold a shared lock, collection the exclusive one. What was put but not yet pinned is safe for
 * `graceMs` after its last put, in whichever process; `put(…, { pin: true })` needs no grace at all. A process killed
 * anywhere leaves whole blocks and temporary files, which the next collection clears.
 *
 * @throws INVALID_PARTICIPANT; STORE_FULL, STORE_FAILED when the folder cannot be made.
 *
 * @example
 * const store = await createEmbeddedStore({ directory: join(home, "ipfs"), participant: "17" });
 * const { cid } = await store.put(createReadStream("scan.sealed"), { pin: true });
 */
export async function createEmbeddedStore(options: EmbeddedStoreOptions): Promise<RecordStore> {
  const directory = resolve(options.directory);
  const locks = join(directory, "locks");
  const blocks = new BlockFolder(directory);
  const pins = new PinFolder(directory, options.participant);
  await onDisk("create the store's folder", async () => {
    const first = await mkdir(locks, { recursive: true, mode: 0o700 });
    if (first === undefined) return;
    // What a later put makes durable lies under these names.
    for (let made = directory; made.startsWith(first); made = dirname(made)) await syncFolder(dirname(made));
  });
  await blocks.create();
  await pins.create();
  return new LocalStore({ blocks, pins, lock: new StoreLock(locks) }, options);
}
