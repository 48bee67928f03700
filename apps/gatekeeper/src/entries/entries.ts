import type { Database } from "chartchain/sqlite";

/** Why something was shown. */
export type EntryBasis =
  /** The hospital's own staff read the hospital's own records. */
  | "own"
  /** The patient's own records. */
  | "patient"
  | "relationship"
  | "grant"
  | "research"
  | "delegate"
  | "representative"
  | "emergency"
  /** Nothing allowed it. */
  | "none";

/** One answer about one patient. */
export interface Entry {
  /** Seconds since 1970. */
  time: number;
  /** The participant whose records it is about; undefined where the answer holds nobody's. */
  patient: number | undefined;
  /** The participant who asked; undefined for the hospital's own staff. */
  recipient: number | undefined;
  /** The acting person, as the institution that asks asserts it. */
  person: string | undefined;
  purpose: string;
  /** What was asked, and which resources went out. */
  what: { interaction: string; asked: string; resources: readonly string[] };
  basis: EntryBasis;
  outcome: "shown" | "nothing" | "refused";
  /** Names the request in the service's own logs. */
  request: string;
}

/** What was shown to whom. Whatever goes out is entered first, and durably. */
export class Entries {
  readonly #database: Database;
  #waiting: { entries: readonly Entry[]; done: () => void; failed: (error: unknown) => void }[] = [];

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Enters what is about to go out. Those that are written at the same time reach the disk together.
   *
   * @throws JOURNAL_FULL, JOURNAL_UNUSABLE: then nothing may go out
   */
  write(entries: readonly Entry[]): Promise<void> {
    return new Promise((done, failed) => {
      if (this.#waiting.push({ entries, done, failed }) === 1) setImmediate(() => this.#flush());
    });
  }

  /** A patient's, the oldest first. */
  of(
    patient: number,
    { after = 0, most = 100 }: { after?: number; most?: number } = {},
  ): (Entry & { number: number })[] {
    return this.#database
      .all<Row>("SELECT * FROM entries WHERE patient = ? AND number > ? ORDER BY number LIMIT ?", patient, after, most)
      .map(entryOf);
  }

  /** How many there are. */
  get count(): number {
    return this.#database.get<{ count: number }>("SELECT count(*) AS count FROM entries")!.count;
  }

  #flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    try {
      this.#database.transaction(() => {
        for (const { entries } of waiting) for (const entry of entries) this.#insert(entry);
      });
    } catch (error) {
      for (const { failed } of waiting) failed(error);
      return;
    }
    for (const { done } of waiting) done();
  }

  #insert({ time, patient, recipient, person, purpose, what, basis, outcome, request }: Entry): void {
    this.#database.run(
      "INSERT INTO entries (time, patient, recipient, person, purpose, what, basis, outcome, request) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      ...[time, patient ?? null, recipient ?? null, person ?? null],
      ...[purpose, JSON.stringify(what), basis, outcome, request],
    );
  }
}

interface Row {
  number: number;
  time: number;
  patient: number | null;
  recipient: number | null;
  person: string | null;
  purpose: string;
  what: string;
  basis: EntryBasis;
  outcome: Entry["outcome"];
  request: string;
}

const entryOf = (row: Row): Entry & { number: number } => ({
  ...row,
  patient: row.patient ?? undefined,
  recipient: row.recipient ?? undefined,
  person: row.person ?? undefined,
  what: JSON.parse(row.what) as Entry["what"],
});
