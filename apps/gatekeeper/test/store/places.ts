import { sql } from "kysely";
import { type Database, openDatabase } from "../../src/store/database.js";
import { type Store, storeOn } from "../../src/store/index.js";
import { PROGRAMS, type Server, startPostgres } from "./postgres.js";

/** A store, and the database under it. */
export interface Opened {
  store: Store;
  database: Database;
  /** Takes everything out of it. */
  empty: () => Promise<void>;
}

/** What page tokens of tests are sealed with. */
export const PAGE_KEY = new Uint8Array(32).fill(7);

/**
 * Tells the same tests of a store on PGlite and, where Debian's is there, on PostgreSQL.
 *
 * @param tests told with a function that opens an empty store; it is closed at the end
 */
export function onEachDatabase(name: string, tests: (open: () => Promise<Opened>) => void): void {
  describe(`${name}, on PGlite`, () => {
    const opened: Opened[] = [];
    after(async () => {
      for (const { store } of opened) await store.close();
    });
    tests(async () => keep(opened, await openDatabase({ folder: "memory://" })));
  });

  describe(`${name}, on PostgreSQL`, () => {
    if (PROGRAMS === undefined) {
      it("isn't tried", function () {
        console.log("    without PostgreSQL: there is no /usr/lib/postgresql/*/bin here");
        this.skip();
      });
      return;
    }
    const opened: Opened[] = [];
    let server: Server;
    before(async () => {
      server = await startPostgres();
    });
    after(async () => {
      for (const { store } of opened) await store.close();
      await server.stop();
    });
    tests(async () => keep(opened, await openDatabase({ url: await server.database() })));
  });
}

function keep(opened: Opened[], database: Database): Opened {
  const one = {
    store: storeOn(database, { pageKey: PAGE_KEY }),
    database,
    empty: async () => {
      await sql`truncate terms, held, records, versions, contents`.execute(database);
      await sql`truncate upstream_state, upstream_people, upstream_resources, upstream_companions, upstream_arrivals`.execute(
        database,
      );
    },
  };
  opened.push(one);
  return one;
}
