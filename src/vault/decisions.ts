import { requireInteger, requireName, requireParticipant } from "./input.js";
import type { Database } from "../sqlite/index.js";
import type { Sealer } from "./sealer.js";
import type { JsonValue } from "./settings.js";

const PLACE = "decisions";

/** What a person decided where the software was in doubt. */
export interface Decision {
  /** What was decided, in one word, such as `override`. */
  kind: string;
  /** Participant id of whose vault it was decided in. */
  by: number;
  /** When, in seconds since 1970. */
  at: number;
  /** Why, in the person's words: 1 to 200 characters. */
  reason: string;
  /** What it was about. */
  about: { [name: string]: JsonValue };
}

/** A decision with its place in the log. */
export interface LoggedDecision extends Decision {
  /** From 0 on. */
  index: number;
}

/** The log of what people decided against a doubt. The engine itself refuses to change or delete an entry. */
export class Decisions {
  readonly #database: Database;
  readonly #sealer: Sealer;

  constructor(database: Database, sealer: Sealer) {
    this.#database = database;
    this.#sealer = sealer;
  }

  /**
   * Logs a decision, in the same transaction as what follows from it.
   *
   * @throws `VAULT_INPUT_INVALID`
   *
   * @example
   * vault.decisions.append({ kind: "discard", by: 4, at, reason: "sent twice", about: { item: 3 } });
   */
  append({ kind, by, at, reason, about }: Decision): LoggedDecision {
    requireName(kind, "kind");
    requireParticipant(by, "by");
    requireInteger(at, "at");
    requireName(reason, "reason");
    const decision = { kind, by, at, reason, about };
    return this.#database.transaction(() => {
      const next = this.#database.get<{ next: number }>("SELECT coalesce(max(id) + 1, 0) AS next FROM decisions")!.next;
      const sealed = this.#sealer.seal(PLACE, next, new TextEncoder().encode(JSON.stringify(decision)));
      this.#database.run("INSERT INTO decisions VALUES (?, ?)", next, sealed);
      return { ...decision, index: next };
    });
  }

  /** All of them, or those from a place in the log on, oldest first. */
  list({ from = 0 }: { from?: number } = {}): LoggedDecision[] {
    requireInteger(from, "from");
    const rows = this.#database.all<{ id: number; sealed: Uint8Array }>(
      "SELECT id, sealed FROM decisions WHERE id >= ? ORDER BY id",
      from,
    );
    return rows.map(({ id, sealed }) => ({
      ...(JSON.parse(new TextDecoder().decode(this.#sealer.open(PLACE, id, sealed))) as Decision),
      index: id,
    }));
  }
}
