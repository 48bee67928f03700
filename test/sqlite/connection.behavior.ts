import { expect } from "chai";
import fc from "fast-check";

import { type Connection, RESULT, SqliteError } from "../../src/sqlite/index.js";

const CONSTRAINT = 19;
const ERROR = 1;

/**
 * What every engine behind the seam does alike. Left out, because it isn't the seam's: locks between processes, what lies on
 * a disk after erasing (both in test/vault), and what an engine makes of statements that nobody here writes.
 *
 * @param open a new connection, to a database of its own that nothing is in
 */
export function connectionBehavior(open: () => Connection | Promise<Connection>): void {
  let connection: Connection;
  beforeEach(async () => {
    connection = await open();
  });
  afterEach(() => {
    if (connection.isOpen) connection.close();
  });

  const one = (sql: string, ...parameters: (null | number | bigint | string | Uint8Array)[]): unknown =>
    connection.prepare(sql).get(...parameters);
  const thrown = (work: () => unknown): unknown => {
    try {
      work();
    } catch (error) {
      return error;
    }
    return undefined;
  };
  const expectResult = (code: number, work: () => unknown): void => {
    const error = thrown(work);
    expect(error).to.be.instanceOf(SqliteError);
    expect((error as SqliteError).code, String(error)).to.equal(code);
    expect((error as SqliteError).cause).to.be.instanceOf(Error);
  };

  describe("statements", () => {
    beforeEach(() =>
      connection.exec("CREATE TABLE things (id INTEGER PRIMARY KEY, text TEXT, bytes BLOB, number REAL) STRICT"),
    );

    it("count the rows that they changed", () => {
      const insert = connection.prepare("INSERT INTO things (text) VALUES (?)");
      expect(insert.run("one")).to.equal(1);
      expect(insert.run("two")).to.equal(1);
      expect(connection.prepare("UPDATE things SET text = 'three'").run()).to.equal(2);
      expect(connection.prepare("DELETE FROM things WHERE id > 5").run()).to.equal(0);
    });

    it("give the first row, all of them, or none", () => {
      connection.exec("INSERT INTO things (text) VALUES ('a'), ('b')");
      expect({ ...(one("SELECT id, text FROM things ORDER BY id") as object) }).to.deep.equal({ id: 1, text: "a" });
      const all = connection.prepare("SELECT text FROM things ORDER BY id").all() as object[];
      expect(all.map((row) => ({ ...row }))).to.deep.equal([{ text: "a" }, { text: "b" }]);
      expect(one("SELECT * FROM things WHERE id = 9")).to.equal(undefined);
      expect(connection.prepare("SELECT * FROM things WHERE id = ?").all(9)).to.deep.equal([]);
    });

    it("give back what they were given", () => {
      const statement = connection.prepare("SELECT ? AS number, ? AS text, ? AS bytes, ? AS absent");
      fc.assert(
        fc.property(
          fc.oneof(fc.maxSafeInteger(), fc.double({ noNaN: true, min: -(2 ** 53) + 1, max: 2 ** 53 - 1 })),
          fc.string({ unit: "grapheme" }).filter((text) => !text.includes("\0")),
          fc.uint8Array({ maxLength: 300 }),
          (number, text, bytes) => {
            const row = statement.get(number, text, bytes, null) as Record<string, unknown>;
            expect(row.number === number, `${number}`).to.equal(true);
            expect(row.text).to.equal(text);
            expect([...(row.bytes as Uint8Array)]).to.deep.equal([...bytes]);
            expect(row.absent).to.equal(null);
          },
        ),
      );
    });

    it("give bytes that are the caller's own, also none", () => {
      connection.prepare("INSERT INTO things (bytes) VALUES (?), (zeroblob(2)), (NULL)").run(new Uint8Array(0));
      const read = (id: number): unknown =>
        (one("SELECT bytes FROM things WHERE id = ?", id) as { bytes: unknown }).bytes;
      expect(read(1)).to.be.instanceOf(Uint8Array).with.length(0);
      expect(read(3)).to.equal(null);
      (read(2) as Uint8Array).fill(7);
      expect([...(read(2) as Uint8Array)]).to.deep.equal([0, 0]);
    });

    it("take whole numbers of 53 bits from `number` and `bigint`, and refuse to give longer ones rounded", () => {
      for (const number of [Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER, 2 ** 31, 0, -1]) {
        connection.prepare("INSERT OR REPLACE INTO things (id) VALUES (?)").run(number);
        expect({ ...(one("SELECT id FROM things WHERE id = ?", BigInt(number)) as object) }).to.deep.equal({
          id: number,
        });
      }
      expect(() => one("SELECT 9007199254740993 AS long")).to.throw(RangeError);
      expect({ ...(one("SELECT 1 AS short") as object) }).to.deep.equal({ short: 1 });
    });

    it("remember no parameter of the run before, and run again after one failed", () => {
      const insert = connection.prepare("INSERT INTO things (id, text) VALUES (?, ?)");
      insert.run(1, "secret");
      expectResult(CONSTRAINT, () => insert.run(1, "again"));
      insert.run(2);
      const texts = connection.prepare("SELECT text FROM things ORDER BY id").all() as { text: unknown }[];
      expect(texts.map(({ text }) => text)).to.deep.equal(["secret", null]);
    });

    it("refuse what is no value", () => {
      for (const value of [undefined, Symbol("no")]) {
        expect(() => one("SELECT ?", value as never), String(value)).to.throw(TypeError);
      }
    });
  });

  describe("errors", () => {
    it("come by the engine's code", () => {
      expectResult(ERROR, () => connection.exec("SELECT nonsense"));
      expectResult(ERROR, () => connection.prepare("SELECT * FROM nothing"));
      connection.exec("CREATE TABLE numbers (n INTEGER NOT NULL UNIQUE) STRICT");
      expectResult(CONSTRAINT, () => connection.prepare("INSERT INTO numbers VALUES (?)").run(null));
      expectResult(CONSTRAINT, () => connection.prepare("INSERT INTO numbers VALUES (?)").run("no number"));
      expectResult(CONSTRAINT, () => connection.exec("INSERT INTO numbers VALUES (1), (1)"));
      expect({ ...(one("SELECT count(*) AS count FROM numbers") as object) }).to.deep.equal({ count: 0 });
    });

    it("come from triggers, with their words", () => {
      connection.exec(`
        CREATE TABLE log (entry TEXT) STRICT;
        CREATE TRIGGER log_never_changes BEFORE UPDATE ON log BEGIN SELECT raise(ABORT, 'append-only'); END;
        INSERT INTO log VALUES ('said')`);
      expectResult(CONSTRAINT, () => connection.exec("UPDATE log SET entry = 'unsaid'"));
      expect(() => connection.prepare("UPDATE log SET entry = ?").run("unsaid")).to.throw("append-only");
      expect({ ...(one("SELECT entry FROM log") as object) }).to.deep.equal({ entry: "said" });
    });

    it("say FULL when there is no room, and keep what was there", () => {
      connection.exec("CREATE TABLE rows (bytes); PRAGMA max_page_count = 10; INSERT INTO rows VALUES (x'01')");
      expectResult(RESULT.FULL, () => connection.prepare("INSERT INTO rows VALUES (zeroblob(?))").run(100_000));
      expect({ ...(one("SELECT count(*) AS count FROM rows") as object) }).to.deep.equal({ count: 1 });
    });

    it("say MISUSE of a database that was closed, also of statements made before", () => {
      const statement = connection.prepare("SELECT 1");
      expect(connection.isOpen).to.equal(true);
      connection.close();
      expect(connection.isOpen).to.equal(false);
      const uses: (() => unknown)[] = [
        () => connection.exec("SELECT 1"),
        () => connection.prepare("SELECT 1"),
        () => statement.get(),
        () => statement.all(),
        () => statement.run(),
      ];
      for (const use of uses) expectResult(RESULT.MISUSE, use);
    });
  });

  describe("transactions", () => {
    const count = (): unknown => (one("SELECT count(*) AS count FROM rows") as { count: unknown }).count;
    beforeEach(() => connection.exec("CREATE TABLE rows (n INTEGER) STRICT"));

    it("are seen while they last, and are kept or undone as a whole", () => {
      expect(connection.isTransaction).to.equal(false);
      for (const [end, rows] of [
        ["ROLLBACK", 0],
        ["COMMIT", 2],
      ] as const) {
        connection.prepare("BEGIN IMMEDIATE").run();
        expect(connection.isTransaction).to.equal(true);
        connection.exec("INSERT INTO rows VALUES (1), (2)");
        connection.prepare(end).run();
        expect(connection.isTransaction).to.equal(false);
        expect(count()).to.equal(rows);
      }
    });

    it("can be undone in part", () => {
      connection.exec("BEGIN; INSERT INTO rows VALUES (1); SAVEPOINT inside; INSERT INTO rows VALUES (2)");
      connection.exec("ROLLBACK TO inside; RELEASE inside");
      expect(connection.isTransaction).to.equal(true);
      connection.exec("INSERT INTO rows VALUES (3); COMMIT");
      const rows = connection.prepare("SELECT n FROM rows ORDER BY n").all() as { n: number }[];
      expect(rows.map(({ n }) => n)).to.deep.equal([1, 3]);
    });
  });
}
