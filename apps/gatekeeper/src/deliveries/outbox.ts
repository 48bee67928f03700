import { randomBytes } from "node:crypto";

import type { Category, DeliveryFile, Purpose } from "chartchain";
import type { Database } from "chartchain/sqlite";

/** Whose records, for whom, what for. */
export interface Asked {
  patient: number;
  viewer: number;
  purpose: Purpose;
}

/** Something that has to be looked at: whether there is something new to release. */
export interface Due {
  patient: number;
  /** {@link EVERYBODY} who may see something, or one. */
  viewer: number;
  purpose: Purpose | "";
  /** The block of what happened: it is looked at once that is final. */
  block: number;
  /** How often something happened: what happens while it is looked at isn't forgotten. */
  notices: number;
  tries: number;
}

/** A kind of records whose keys or envelopes are in a delivery. */
export interface Kind {
  category: Category;
  confidential: boolean;
  /** Single records of it alone, which go out where no compartment's key does. */
  singly: boolean;
}

/** A delivery that waits for its recipient. */
export interface Delivery extends Asked {
  id: string;
  /** Its place; undefined until it counts as given. */
  number: number | undefined;
  kinds: readonly Kind[];
  /** The digests of the single records in it. */
  singles: readonly string[];
  /** By what they were narrowed: the digests of the constraints. */
  narrowing: string;
  file: DeliveryFile;
}

/** In a {@link Due}: whoever may see something. */
export const EVERYBODY = 0;

interface Row extends Asked {
  id: string;
  number: number | null;
  kinds: string;
  singles: string;
  narrowing: string;
  file: string;
}

/** So long it takes until something that failed is tried again, in seconds: twice as long each time, an hour at the most. */
const FIRST_PAUSE = 4;
const LONGEST_PAUSE = 3_600;

/** What is ready for others, and what is still to be looked at. Each change is on the disk when it returns. */
export class Outbox {
  readonly #journal: Database;

  constructor(journal: Database) {
    this.#journal = journal;
  }

  /** By which name clients know the order of this outbox: another one after the journal was lost. */
  get name(): string {
    const fresh = randomBytes(9).toString("base64url");
    this.#journal.run("INSERT OR IGNORE INTO names VALUES ('outbox', ?)", fresh);
    return this.#journal.get<{ value: string }>("SELECT value FROM names WHERE name = 'outbox'")!.value;
  }

  /** Notes that there may be something new. What is noted already is looked at once, no earlier than the latest asks. */
  note({ patient, viewer, purpose, block }: Pick<Due, "patient" | "viewer" | "purpose" | "block">): void {
    this.#journal.run(
      `INSERT INTO due VALUES (?, ?, ?, ?, 1, 0, 0) ON CONFLICT DO UPDATE
       SET block = max(block, excluded.block), notices = notices + 1, tries = 0, after = 0`,
      ...[patient, viewer, purpose, block],
    );
  }

  /** What may be looked at now: it is time, and its block is final. What is about everybody comes first. */
  due(now: number, final: number): Due[] {
    return this.#journal.all<Due>(
      `SELECT patient, viewer, purpose, block, notices, tries FROM due WHERE after <= ? AND block <= ?
       ORDER BY viewer, patient, purpose`,
      ...[now, final],
    );
  }

  /** How much of a viewer's is still to be looked at. */
  waiting(viewer: number): number {
    return this.#journal.get<{ count: number }>("SELECT count(*) AS count FROM due WHERE viewer = ?", viewer)!.count;
  }

  /** How much there is in all. */
  get size(): number {
    return this.#journal.get<{ count: number }>("SELECT count(*) AS count FROM due")!.count;
  }

  /** It was looked at; what has happened meanwhile stays to be. With `then`, in one step. */
  done({ patient, viewer, purpose, notices }: Due, then?: () => void): void {
    this.#journal.transaction(() => {
      then?.();
      this.#journal.run(
        "DELETE FROM due WHERE patient = ? AND viewer = ? AND purpose = ? AND notices = ?",
        ...[patient, viewer, purpose, notices],
      );
    });
  }

  /** It can't be done now: later. */
  later({ patient, viewer, purpose, tries }: Due, now: number): void {
    const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** Math.min(tries, 20));
    this.#journal.run(
      "UPDATE due SET tries = tries + 1, after = ? WHERE patient = ? AND viewer = ? AND purpose = ?",
      ...[now + pause, patient, viewer, purpose],
    );
  }

  /** Looks at a viewer's anew: what stood in the way may be gone. */
  wake(viewer: number): void {
    this.#journal.run("UPDATE due SET tries = 0, after = 0 WHERE viewer = ?", viewer);
  }

  /** Keeps a delivery, which doesn't count yet: see {@link count} and {@link drop}. Returns its id. */
  keep(delivery: Omit<Delivery, "id" | "number">, time: number): string {
    const { patient, viewer, purpose, kinds, singles, narrowing, file } = delivery;
    const id = randomBytes(16).toString("hex");
    const [kindsText, singlesText, fileText] = [kinds, singles, file].map((each) => JSON.stringify(each));
    this.#journal.run(
      "INSERT INTO deliveries VALUES (?, NULL, ?, ?, ?, ?, ?, ?, ?, 0, ?)",
      ...[id, patient, viewer, purpose, time, kindsText!, singlesText!, narrowing, fileText!],
    );
    return id;
  }

  /** From now on a delivery counts: its recipient finds it after all that counted before. */
  count(id: string): void {
    this.#journal.run(
      "UPDATE deliveries SET number = (SELECT coalesce(max(number), 0) + 1 FROM deliveries) WHERE id = ?",
      id,
    );
  }

  /** Those that were kept and don't count: the process ended between the two. */
  uncounted(): string[] {
    return this.#journal.all<{ id: string }>("SELECT id FROM deliveries WHERE number IS NULL").map(({ id }) => id);
  }

  /** Forgets one that never counted. */
  drop(id: string): void {
    this.#journal.run("DELETE FROM deliveries WHERE id = ? AND number IS NULL", id);
  }

  /** A recipient's, after a place, so many that they aren't much longer than `size` characters together; one at least. */
  after(viewer: number, number: number, size: number): { deliveries: Delivery[]; more: boolean } {
    const places = this.#journal.all<{ id: string; length: number }>(
      "SELECT id, length(file) AS length FROM deliveries WHERE viewer = ? AND number > ? ORDER BY number",
      ...[viewer, number],
    );
    let total = 0;
    const chosen = places.filter(({ length }, i) => {
      total += length;
      return i === 0 || total <= size;
    });
    const deliveries = chosen.map(({ id }) =>
      deliveryOf(this.#journal.get<Row>("SELECT * FROM deliveries WHERE id = ?", id)!),
    );
    return { deliveries, more: chosen.length < places.length };
  }

  /** The newest place there is. */
  get last(): number {
    return this.#journal.get<{ last: number }>("SELECT coalesce(max(number), 0) AS last FROM deliveries")!.last;
  }

  /** Its recipient was passed by: it may not see this now. */
  pass(id: string): void {
    this.#journal.run("UPDATE deliveries SET passed = 1 WHERE id = ?", id);
  }

  /** What a recipient was passed by with comes again, after all that counts now: it may see something again. */
  again({ patient, viewer, purpose }: Asked): void {
    this.#journal.transaction(() => {
      const passed = this.#journal.all<{ id: string }>(
        "SELECT id FROM deliveries WHERE patient = ? AND viewer = ? AND purpose = ? AND passed = 1 ORDER BY number",
        ...[patient, viewer, purpose],
      );
      for (const { id } of passed) {
        this.count(id);
        this.#journal.run("UPDATE deliveries SET passed = 0 WHERE id = ?", id);
      }
    });
  }

  /** The single records of a patient's that a viewer was given. */
  singlesFor(patient: number, viewer: number): Set<string> {
    const rows = this.#journal.all<{ singles: string }>(
      "SELECT singles FROM deliveries WHERE patient = ? AND viewer = ? AND number IS NOT NULL AND singles <> '[]'",
      ...[patient, viewer],
    );
    return new Set(rows.flatMap(({ singles }) => JSON.parse(singles) as string[]));
  }
}

const deliveryOf = ({ id, number, patient, viewer, purpose, kinds, singles, narrowing, file }: Row): Delivery => ({
  ...{ id, number: number ?? undefined, patient, viewer, purpose, narrowing },
  kinds: JSON.parse(kinds) as Kind[],
  singles: JSON.parse(singles) as string[],
  file: JSON.parse(file) as DeliveryFile,
});
