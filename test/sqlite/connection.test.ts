import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";

import { type Connection, RESULT, SqliteError } from "../../src/sqlite/index.js";
import { openFile } from "../../src/sqlite/node/index.js";
import { openFiles } from "../../src/sqlite/web/connection.js";
import { loadEngine } from "../../src/sqlite/web/engine.js";
import { connectionBehavior } from "./connection.behavior.js";
import { type MemoryFile, memoryFile, openMemoryFile } from "./memory-files.js";

describe("a connection of Node's SQLite", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "chartchain-sqlite-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  connectionBehavior(() => openFile(join(folder, "test.sqlite")));
});

describe("a connection of SQLite's WebAssembly build", () => {
  connectionBehavior(async () => (await place()).open());

  const modes = ["DELETE", "WAL"];
  for (const mode of modes) {
    it(`finds again what it kept, also after it was never closed, with the journal mode ${mode}`, async () => {
      const { open, files, copy } = await place();
      const first = open();
      first.exec(`PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = ${mode}; PRAGMA synchronous = FULL`);
      first.exec("CREATE TABLE rows (n INTEGER) STRICT; INSERT INTO rows VALUES (1)");
      first.exec("BEGIN; INSERT INTO rows VALUES (2)");
      // As a crash leaves them, inside a transaction.
      const crashed = await copy();
      first.exec("COMMIT");
      first.close();
      expect(files["-wal"].bytes, "a log outlived its database").to.have.length(0);
      for (const [opened, rows] of [
        [open(), 2],
        [crashed.open(), 1],
      ] as const) {
        opened.exec("PRAGMA locking_mode = EXCLUSIVE");
        expect({ ...(opened.prepare("SELECT count(*) AS count FROM rows").get() as object) }).to.deep.equal({
          count: rows,
        });
        expect({ ...(opened.prepare("PRAGMA integrity_check").get() as object) }).to.deep.equal({
          integrity_check: "ok",
        });
        opened.close();
      }
    });
  }

  it("plays a journal back that a crash left half-way", async () => {
    const { open, copy } = await place();
    const first = open();
    first.exec("PRAGMA cache_size = 1; CREATE TABLE rows (bytes BLOB) STRICT");
    for (let i = 0; i < 40; i++) first.exec("INSERT INTO rows VALUES (zeroblob(3000))");
    // So small a cache writes pages into the database before the commit.
    first.exec("BEGIN; UPDATE rows SET bytes = randomblob(3000)");
    const crashed = await copy();
    first.exec("ROLLBACK");
    first.close();
    expect(crashed.files["-journal"].bytes.length).to.be.greaterThan(512);
    const second = crashed.open();
    const changed = second.prepare("SELECT count(*) AS count FROM rows WHERE bytes <> zeroblob(3000)").get();
    expect({ ...(changed as object) }).to.deep.equal({ count: 0 });
    second.close();
  });

  it("says FULL when its files have no room, IOERR when they break, NOTADB when they hold something else", async () => {
    const result = (code: number, work: () => unknown): void => {
      expect(work).to.throw(SqliteError).with.property("code", code);
    };
    const full = await place();
    const connection = full.open();
    connection.exec("CREATE TABLE rows (bytes BLOB) STRICT");
    full.limit(20_000);
    result(RESULT.FULL, () => connection.exec("INSERT INTO rows VALUES (randomblob(60000))"));
    full.limit(Infinity);
    connection.exec("INSERT INTO rows VALUES (randomblob(60000))");
    full.files[""].isOpen = false;
    result(RESULT.IOERR, () => connection.exec("INSERT INTO rows VALUES (randomblob(60000))"));
    connection.close();
    const other = await place();
    other.files[""].bytes = new Uint8Array(8192).fill(0x51);
    const opened = other.open();
    result(RESULT.NOTADB, () => opened.exec("SELECT * FROM sqlite_schema"));
    opened.close();
  });

  it("refuses whole numbers that are no longer exact, which its engine would store as others", async () => {
    const connection = (await place()).open();
    for (const number of [2 ** 53, -(2 ** 63), 1e300]) {
      expect(() => connection.prepare("SELECT ?").get(number)).to.throw(RangeError);
    }
    connection.close();
  });

  it("closes its files when it is closed, so that they can be opened again", async () => {
    const { open, files } = await place();
    const first = open();
    expect(open).to.throw("NoModificationAllowedError");
    first.close();
    expect(Object.values(files).map(({ isOpen }) => isOpen)).to.deep.equal([false, false, false]);
    open().close();
  });
});

type Files = Record<"" | "-wal" | "-journal", MemoryFile>;

interface Place {
  files: Files;
  open: () => Connection;
  /** The same as it is now, for whoever comes after a crash. */
  copy: () => Promise<Place>;
  /** How many bytes each file may have from now on. */
  limit: (bytes: number) => void;
}

/** Files in memory, and how to open the database in them. */
async function place(
  files: Files = { "": memoryFile(), "-wal": memoryFile(), "-journal": memoryFile() },
): Promise<Place> {
  const engine = await loadEngine();
  let room = Infinity;
  return {
    files,
    open() {
      const handle = (suffix: keyof Files) => openMemoryFile(files[suffix], () => room);
      return openFiles(engine, { "": handle(""), "-wal": handle("-wal"), "-journal": handle("-journal") });
    },
    copy() {
      const copied = (suffix: keyof Files) => ({ bytes: files[suffix].bytes.slice(), isOpen: false });
      return place({ "": copied(""), "-wal": copied("-wal"), "-journal": copied("-journal") });
    },
    limit(bytes) {
      room = bytes;
    },
  };
}
