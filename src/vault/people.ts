import type { Database } from "./database.js";
import type { Erasable } from "./erasable.js";
import { invalidInput, requireParticipant } from "./input.js";
import type { Sealer } from "./sealer.js";
import type { JsonValue } from "./settings.js";

const PLACE = "people";

/** A person who changed this often is written down anew by hand. */
const MAX_FORMS = 32;

/** What is known of the persons whose charts are here, so that somebody else's data is noticed. All of it is sealed. */
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
   * Adds a form in which the participant was accepted.
   *
   * @throws `VAULT_INPUT_INVALID` for the 33rd
   */
  add(participant: number, form: JsonValue): void {
    this.#database.transaction(() => {
      const forms = [...this.get(participant), form];
      if (forms.length > MAX_FORMS) throw invalidInput("form", `one of at most ${MAX_FORMS} of a person`);
      const encoded = new TextEncoder().encode(JSON.stringify(forms));
      this.#database.run(
        "INSERT INTO people VALUES (?, ?) ON CONFLICT DO UPDATE SET sealed = excluded.sealed",
        participant,
        this.#erasable.seal(PLACE, this.#name(participant), encoded),
      );
    });
  }

  /** Erases what is known of a participant. Returns false when nothing was. */
  forget(participant: number): boolean {
    requireParticipant(participant, "participant");
    return this.#database.transaction(() => {
      this.#erasable.erase(this.#name(participant));
      this.#database.scrub();
      return this.#database.run("DELETE FROM people WHERE participant = ?", participant) > 0;
    });
  }

  /** Everybody who is known. */
  list(): { participant: number; forms: JsonValue[] }[] {
    const rows = this.#database.all<{ participant: number }>("SELECT participant FROM people ORDER BY participant");
    return rows.map(({ participant }) => ({ participant, forms: this.get(participant) }));
  }

  #name(participant: number): Uint8Array {
    return this.#sealer.tag(PLACE, participant);
  }
}
