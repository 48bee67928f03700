import { join } from "node:path";
import { expect } from "chai";
import { digestOf, envelope, expectCode, openDatabase, workspace } from "./helpers.js";
import { startWorker } from "./processes.js";

describe("transactions of a vault", () => {
  const { directory, open } = workspace();
  const cursor = { block: 1, hash: `0x${"1a".repeat(32)}` };

  it("keep everything that was stored in them, and return what their function returns", async () => {
    const vault = await open(directory());
    const result = vault.transaction(() => {
      vault.cursors.set("one", cursor);
      vault.cursors.set("two", cursor);
      return "done";
    });
    expect(result).to.equal("done");
    expect(vault.cursors.get("one")).to.deep.equal(cursor);
    expect(vault.cursors.get("two")).to.deep.equal(cursor);
  });

  it("keep nothing when their function throws, and throw the same", async () => {
    const vault = await open(directory());
    const failure = new Error("no");
    expect(() =>
      vault.transaction(() => {
        vault.cursors.set("one", cursor);
        vault.envelopes.put(envelope("one"));
        throw failure;
      }),
    ).to.throw(failure);
    expect(vault.cursors.get("one")).to.equal(undefined);
    expect(vault.envelopes.list()).to.deep.equal([]);
  });

  it("can fail inside another, which goes on", async () => {
    const vault = await open(directory());
    vault.transaction(() => {
      vault.cursors.set("before", cursor);
      expect(() =>
        vault.transaction(() => {
          vault.cursors.set("inside", cursor);
          throw new Error("no");
        }),
      ).to.throw("no");
      vault.cursors.set("after", cursor);
    });
    expect(["before", "inside", "after"].filter((name) => vault.cursors.get(name))).to.deep.equal(["before", "after"]);
  });

  it("are undone with the one around them", async () => {
    const vault = await open(directory());
    expect(() =>
      vault.transaction(() => {
        vault.transaction(() => vault.cursors.set("inside", cursor));
        throw new Error("no");
      }),
    ).to.throw("no");
    expect(vault.cursors.get("inside")).to.equal(undefined);
  });

  it("refuse a function that returns a promise, and keep nothing of it", async () => {
    const vault = await open(directory());
    await expectCode("VAULT_TRANSACTION_ASYNC", () => vault.transaction(async () => vault.cursors.set("one", cursor)));
    expect(vault.cursors.get("one")).to.equal(undefined);
    vault.cursors.set("one", cursor);
  });

  it("refuse to go on after an error that ended them", async () => {
    const vault = await open(directory());
    const database = openDatabase(join(directory(), "test.sqlite"));
    database.exec("CREATE TABLE numbers (number)");
    const code = expectCode("VAULT_TRANSACTION_LOST", () =>
      database.transaction(() => {
        database.run("INSERT INTO numbers VALUES (1)");
        // The engine does the same by itself after some errors of the disk.
        database.exec("ROLLBACK");
        database.run("INSERT INTO numbers VALUES (2)");
      }),
    );
    await code;
    expect(database.all("SELECT number FROM numbers")).to.deep.equal([]);
    database.close();
    vault.close();
  });

  it("are refused after the vault was closed", async () => {
    const folder = directory();
    const vault = await open(folder);
    vault.close();
    vault.close();
    const error = await expectCode("VAULT_CLOSED", () => vault.transaction(() => undefined));
    expect(error.details["file"]).to.be.a("string").and.contain(folder);
    await expectCode("VAULT_CLOSED", () => vault.envelopes.get(digestOf("one")));
    await expectCode("VAULT_CLOSED", () => vault.releases.size);
  });

  it("let errors pass that are not the engine's, and those of our own statements", () => {
    const database = openDatabase(join(directory(), "test.sqlite"));
    expect(() => database.exec("SELECT nonsense")).to.throw(/no such column/);
    expect(() => database.get("SELECT ?", Symbol() as never)).to.throw(TypeError);
    database.close();
  });
});

describe("a full disk", () => {
  const { directory: newDirectory, open } = workspace();

  it("refuses to store and keeps what was stored, also when it comes inside a transaction", async () => {
    const directory = newDirectory();
    const database = openDatabase(join(directory, "test.sqlite"));
    database.exec("PRAGMA journal_mode = WAL; CREATE TABLE rows (bytes); PRAGMA max_page_count = 20");
    let stored = 0;
    await expectCode("VAULT_FULL", () => {
      for (; ; stored++) database.run("INSERT INTO rows VALUES (zeroblob(3000))");
    });
    await expectCode("VAULT_FULL", () =>
      database.transaction(() => {
        database.run("UPDATE rows SET bytes = NULL WHERE rowid = 1");
        for (;;) database.run("INSERT INTO rows VALUES (zeroblob(3000))");
      }),
    );
    expect(database.get("SELECT count(*) AS count, count(bytes) AS whole FROM rows")).to.include({
      count: stored,
      whole: stored,
    });
    database.exec("PRAGMA max_page_count = 40");
    expect(database.run("INSERT INTO rows VALUES (zeroblob(3000))")).to.equal(1);
    database.close();
  });

  it("stops a vault with a clear error, and everything acknowledged stays readable, then and later", async () => {
    const directory = newDirectory();
    const worker = startWorker("fill", directory, { blocks: 4000 });
    expect(await worker.done()).to.deep.equal(["VAULT_UNWRITABLE", "all readable"]);
    const vault = await open(directory);
    expect(vault.envelopes.list().length).to.be.greaterThan(10);
    vault.envelopes.put(envelope("after"));
  });
});
