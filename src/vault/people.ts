import { toHex } from "./bytes.js";
import type { Database } from "../sqlite/index.js";
import type { Erasable } from "./erasable.js";
import { invalidInput, requireBytes, requireParticipant } from "./input.js";
import type { Sealer } from "./sealer.js";
import type { JsonValue } from "./settings.js";

const PLACE = "people";

/** So many forms and ids of one person. Who has more is written down anew by hand. */
const MAX_FORMS = 128;

/** That a form was learned from a record. */
export interface Lesson {
  /** Digest of the record, 32 bytes. */
  record: Uint8Array;
  /** Participant id of whose chart it is. */
  participant: number;
  /** Place among the participant's forms, from 0. */
  form: number;
}

/**
 * What is known of the persons whose charts are here, so that somebody else's data is noticed. All of it is sealed, and each
 * form is forgotten with the last record that it was learned from.
 */
export class People {
  readonly #database: Database;
  readonly #sealer: Sealer;
  readonly #erasable: Erasable;

  constructor(database: Database, sealer: Sealer, erasable: Erasable) {
    this.#database = database;
    this.#sealer = sealer;
    this.#erasable = erasable;
  }

  /** The forms in which a participant was accepted, oldest first; none for somebody who isn't known. */
  get(participant: number): JsonValue[] {
    requireParticipant(participant, "participant");
    const row = this.#database.get<{ sealed: Uint8Array }>(
      "SELECT sealed FROM people WHERE participant = ?",
      participant,
    );
    if (row === undefined) return [];
    const opened = this.#erasable.open(PLACE, this.#name(participant), row.sealed);
    return JSON.parse(new TextDecoder().decode(opened)) as JsonValue[];
  }

  /**
   * Adds a form in which the participant was accepted. The same one again is kept once.
   *
   * @param record digest (32 bytes) of the record that it was learned from; left out where a person decided. What no record
   *   taught stays until one has, and that one is gone
   * @throws `VAULT_INPUT_INVALID` for the 129th
   *
   * @example
   * vault.people.add(17, { resourceType: "Patient", birthDate: "1961-04-17" }, digest);
   */
  add(participant: number, form: JsonValue, record?: Uint8Array): void {
    this.#database.transaction(() => {
      const forms = this.get(participant);
      const text = JSON.stringify(form);
      if (!forms.some((each) => JSON.stringify(each) === text)) {
        if (forms.length >= MAX_FORMS) throw invalidInput("form", `one of at most ${MAX_FORMS} of a person`);
        this.#keep(participant, [...forms, form]);
      }
      if (record === undefined) return;
      this.#database.run(
        "INSERT INTO lessons VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        this.#lesson(record),
        this.#form(participant, form),
        participant,
      );
    });
  }

  /**
   * Forgets what a record (its digest, 32 bytes) alone taught: what other records taught, too, stays. No byte of it is left in
   * the vault's files.
   *
   * @returns how many forms were forgotten
   */
  unlearn(record: Uint8Array): number {
    return this.#database.transaction(() => {
      const lesson = this.#lesson(record);
      const rows = this.#database.all<{ form: Uint8Array; participant: number }>(
        `SELECT form, participant FROM lessons WHERE record = ?1
         AND NOT EXISTS (SELECT 1 FROM lessons AS others WHERE others.form = lessons.form AND others.record <> ?1)`,
        lesson,
      );
      this.#database.run("DELETE FROM lessons WHERE record = ?", lesson);
      for (const participant of new Set(rows.map((row) => row.participant))) {
        const gone = new Set(rows.map(({ form }) => toHex(form)));
        const left = this.get(participant).filter((form) => !gone.has(toHex(this.#form(participant, form))));
        // Under another key: the former one opened what is forgotten.
        this.#erasable.erase(this.#name(participant));
        if (left.length > 0) this.#keep(participant, left);
        else this.#database.run("DELETE FROM people WHERE participant = ?", participant);
      }
      if (rows.length > 0) this.#database.scrub();
      return rows.length;
    });
  }

  /** Everybody who is known. */
  list(): { participant: number; forms: JsonValue[] }[] {
    const rows = this.#database.all<{ participant: number }>("SELECT participant FROM people ORDER BY participant");
    return rows.map(({ participant }) => ({ participant, forms: this.get(participant) }));
  }

  /** What was learned from a record (its digest, 32 bytes): for backups. */
  lessonsOf(record: Uint8Array): Lesson[] {
    const rows = this.#database.all<{ form: Uint8Array; participant: number }>(
      "SELECT form, participant FROM lessons WHERE record = ? ORDER BY participant, form",
      this.#lesson(record),
    );
    return rows.map(({ form, participant }) => {
      const tags = this.get(participant).map((each) => toHex(this.#form(participant, each)));
      return { record, participant, form: tags.indexOf(toHex(form)) };
    });
  }

  #keep(participant: number, forms: JsonValue[]): void {
    this.#database.run(
      "INSERT INTO people VALUES (?, ?) ON CONFLICT DO UPDATE SET sealed = excluded.sealed",
      participant,
      this.#erasable.seal(PLACE, this.#name(participant), new TextEncoder().encode(JSON.stringify(forms))),
    );
  }

  #name(participant: number): Uint8Array {
    return this.#sealer.tag(PLACE, participant);
  }

  // Neither which records say the same of a person, nor which ceased to, is readable in the file.
  #lesson(record: Uint8Array): Uint8Array {
    requireBytes(record, "record", 32);
    return this.#sealer.tag("lessons", toHex(record));
  }

  #form(participant: number, form: JsonValue): Uint8Array {
    return this.#sealer.tag("forms", participant, JSON.stringify(form));
  }
}
