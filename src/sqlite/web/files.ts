import { RESULT } from "../connection.js";
import type { Engine } from "./engine.js";

/**
 * Where the bytes of one file lie: OPFS's `FileSystemSyncAccessHandle` (https://fs.spec.whatwg.org), which nobody else can have
 * while it is open. A file of no bytes counts as none.
 */
export interface FileHandle {
  read: (into: Uint8Array, options: { at: number }) => number;
  write: (bytes: Uint8Array, options: { at: number }) => number;
  truncate: (size: number) => void;
  getSize: () => number;
  /** Answers when the bytes are on the disk. */
  flush: () => void;
  close: () => void;
}

/** The files of one database, under what SQLite adds to its name. */
export const SUFFIXES = ["", "-wal", "-journal"] as const;
export type DatabaseFiles = Record<(typeof SUFFIXES)[number], FileHandle>;

const NAME = "chartchain";
const LONGEST_PATH = 64;
const SECTOR = 4096;
/** Days from noon of 24 November 4714 before Christ, where SQLite's time begins, to 1970. */
const UNIX_EPOCH = 2_440_587.5;
const DAY = 86_400_000;

type Pointer = number;
/** What the engine calls, with pointers and numbers. Those that it declares with a type of their own are numbers too. */
type Methods = Record<string, (...args: number[]) => number>;
type Install = (options: { io: object; vfs: object }) => void;

const systems = new WeakMap<Engine, FileSystem>();

/** The one file system of an engine. */
export function fileSystemOf(engine: Engine): FileSystem {
  let system = systems.get(engine);
  if (system === undefined) systems.set(engine, (system = new FileSystem(engine)));
  return system;
}

/**
 * A VFS (https://www.sqlite.org/vfs.html) over files that are open already and held by nobody else. Therefore nothing is
 * locked, and a write-ahead log needs no shared memory (https://www.sqlite.org/wal.html#noshm).
 *
 * The engine's own `opfs-sahpool` isn't used: where it can't have one of its files, it deletes the folder of them all.
 */
class FileSystem {
  readonly name = NAME;
  readonly #engine: Engine;
  readonly #paths = new Map<string, FileHandle>();
  readonly #open = new Map<Pointer, FileHandle>();
  #mounts = 0;

  constructor(engine: Engine) {
    const { capi, vfs } = engine;
    this.#engine = engine;
    const io = new capi.sqlite3_io_methods();
    // What follows is declared otherwise than it is named.
    (io as unknown as { $iVersion: number }).$iVersion = 1;
    const system = new capi.sqlite3_vfs();
    system.$iVersion = 1;
    system.$szOsFile = (capi.sqlite3_file as unknown as { structInfo: { sizeof: number } }).structInfo.sizeof;
    system.$mxPathname = LONGEST_PATH;
    (vfs.installVfs as Install)({
      io: { struct: io, methods: this.#ioMethods() },
      vfs: { struct: system, methods: this.#vfsMethods(io.pointer), name: NAME, asDefault: false },
    });
  }

  /** Gives a database's files a path, which opens them as often as they are needed, until `unmount`. */
  mount(files: DatabaseFiles): string {
    const path = `/${++this.#mounts}`;
    for (const suffix of SUFFIXES) this.#paths.set(path + suffix, files[suffix]);
    return path;
  }

  unmount(path: string): void {
    for (const suffix of SUFFIXES) this.#paths.delete(path + suffix);
  }

  /** The number of arguments of each is checked by the engine, so that none is left out. */
  #ioMethods(): Methods {
    const { capi, wasm } = this.#engine;
    const memory = (at: Pointer, length: number): Uint8Array => wasm.heap8u().subarray(Number(at), Number(at) + length);
    const of = (file: Pointer): FileHandle => this.#open.get(file)!;
    return {
      xClose: (file) => {
        const handle = of(file);
        this.#open.delete(file);
        return coded(() => handle.flush(), capi.SQLITE_IOERR_CLOSE);
      },
      xRead: (file, into, length, at) =>
        coded(() => {
          const bytes = memory(into, length);
          const read = of(file).read(bytes, { at: Number(at) });
          if (read === length) return capi.SQLITE_OK;
          bytes.fill(0, read);
          return capi.SQLITE_IOERR_SHORT_READ;
        }, capi.SQLITE_IOERR_READ),
      xWrite: (file, from, length, at) =>
        coded(
          () =>
            of(file).write(memory(from, length), { at: Number(at) }) === length ? capi.SQLITE_OK : capi.SQLITE_FULL,
          capi.SQLITE_IOERR_WRITE,
        ),
      xTruncate: (file, size) => coded(() => of(file).truncate(Number(size)), capi.SQLITE_IOERR_TRUNCATE),
      xSync: (file, _flags) => coded(() => of(file).flush(), capi.SQLITE_IOERR_FSYNC),
      xFileSize: (file, size) =>
        coded(() => void wasm.poke64(size, BigInt(of(file).getSize())), capi.SQLITE_IOERR_FSTAT),
      xLock: (_file, _level) => capi.SQLITE_OK,
      xUnlock: (_file, _level) => capi.SQLITE_OK,
      // Nobody else: a journal that lies there is of a crash, and is played back.
      xCheckReservedLock: (_file, is) => {
        wasm.poke32(is, 0);
        return capi.SQLITE_OK;
      },
      xFileControl: (_file, _operation, _argument) => capi.SQLITE_NOTFOUND,
      xSectorSize: (_file) => SECTOR,
      xDeviceCharacteristics: (_file) => 0,
    };
  }

  #vfsMethods(ioMethods: Pointer): Methods {
    const { capi, wasm } = this.#engine;
    const named = (path: Pointer): FileHandle | undefined => {
      const text = wasm.cstrToJs(path);
      return text === null ? undefined : this.#paths.get(text);
    };
    return {
      xOpen: (_vfs, path, file, flags, flagsOut) => {
        const handle = named(path);
        // What has no name would be temporary: nothing of ours goes there.
        if (handle === undefined) return capi.SQLITE_CANTOPEN;
        const struct = new capi.sqlite3_file(file);
        struct.$pMethods = ioMethods;
        struct.dispose();
        this.#open.set(file, handle);
        if (Number(flagsOut) !== 0) wasm.poke32(flagsOut, flags);
        return capi.SQLITE_OK;
      },
      xDelete: (_vfs, path, _sync) =>
        coded(() => {
          const handle = named(path);
          handle?.truncate(0);
          handle?.flush();
        }, capi.SQLITE_IOERR_DELETE),
      xAccess: (_vfs, path, _flags, is) =>
        coded(() => {
          wasm.poke32(is, (named(path)?.getSize() ?? 0) > 0 ? 1 : 0);
        }, capi.SQLITE_IOERR_ACCESS),
      xFullPathname: (_vfs, path, length, into) =>
        wasm.cstrncpy(into, path, length) < length ? capi.SQLITE_OK : capi.SQLITE_CANTOPEN,
      xRandomness: (_vfs, length, into) => {
        const random = globalThis.crypto.getRandomValues(new Uint8Array(length));
        wasm.heap8u().set(random, Number(into));
        return length;
      },
      xSleep: (_vfs, _microseconds) => 0,
      xCurrentTime: (_vfs, time) => {
        wasm.poke(time, UNIX_EPOCH + Date.now() / DAY, "double");
        return capi.SQLITE_OK;
      },
      xGetLastError: (_vfs, _length, _into) => 0,
    };
  }
}

/** Runs what answers with a result code or nothing, and makes one of what it throws: nothing is thrown through the engine. */
function coded(work: () => number | void, failed: number): number {
  try {
    return work() ?? 0;
  } catch (error) {
    return error instanceof Error && error.name === "QuotaExceededError" ? RESULT.FULL : failed;
  }
}
