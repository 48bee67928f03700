import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** What one engine was found to agree about, for the table at the end of a run. */
export interface Entry {
  /** Which other implementation it is, with its version. */
  engine: string;
  /** How often each thing was checked, in words such as `streams opened`. */
  checked: Record<string, number>;
  /** Why it did not take part. */
  skipped?: string;
}

/** Counts what an engine checks. The runner names the file to leave the entry in; without one nothing is written. */
export class Ledger {
  readonly #entry: Entry;

  constructor(engine: string) {
    this.#entry = { engine, checked: {} };
    this.#write();
  }

  /** Adds the version, once the engine runs. */
  version(version: string): void {
    this.#entry.engine += ` ${version}`;
    this.#write();
  }

  count(what: string, times = 1): void {
    this.#entry.checked[what] = (this.#entry.checked[what] ?? 0) + times;
  }

  skip(reason: string): void {
    this.#entry.skipped = reason;
    this.#write();
  }

  /** Call it when the suite ends. */
  close(): void {
    this.#write();
  }

  #write(): void {
    const file = process.env["CHARTCHAIN_INTEROP_LEDGER"];
    if (file === undefined) return;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify(this.#entry));
  }
}
