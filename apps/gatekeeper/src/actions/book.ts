import { createHash } from "node:crypto";

import type { Database } from "chartchain/sqlite";

/** What a signed action was handed over for. */
export type Handed =
  /** It takes something away, and counts here from its receipt on. */
  | "revocation"
  /** A grant at the desk: it counts here until it is final, or its time is over. */
  | "grant"
  /** To be sent, and no more. */
  | "relay";

/** How far a signed action came. */
export type ActionState =
  /** It is to be sent. */
  | "waiting"
  /** It counts here, and this gatekeeper sends nothing: somebody else has to. */
  | "kept"
  | "sent"
  /** The chain has no use for it any more: it was carried out otherwise, or what it names has moved on. */
  | "over"
  | "failed";

/** A signed action that was received. */
export interface ReceivedAction {
  /** Of its signed content: the same file handed over twice is received once. */
  id: string;
  handed: Handed;
  action: string;
  /** The participant whose account signed; 0 for nobody's yet. */
  signer: number;
  /** 0 where it is about none. */
  patient: number;
  /** Whom it is about; empty for everybody. */
  viewers: readonly number[];
  says: string;
  /** Seconds since 1970; and until when a grant may count before it is final. */
  received: number;
  until: number;
  state: ActionState;
  /** Of a failure. */
  code: string | undefined;
  /** The transaction, and its block. */
  hash: string | undefined;
  block: number | undefined;
  tries: number;
  file: unknown;
}

type Row = Omit<ReceivedAction, "viewers" | "code" | "hash" | "block" | "file"> & {
  viewers: string;
  code: string | null;
  hash: string | null;
  block: number | null;
  file: string;
};

const DAY = 86_400;
const FIRST_PAUSE = 2;
const LONGEST_PAUSE = 300;

/** The signed actions that were handed over, and what became of them. Each change is on the disk when it returns. */
export class ActionBook {
  readonly #journal: Database;

  constructor(journal: Database) {
    this.#journal = journal;
  }

  /** The one with this content, if it was received. */
  find(id: string): ReceivedAction | undefined {
    const row = this.#journal.get<Row>("SELECT * FROM actions WHERE id = ?", id);
    return row && actionOf(row);
  }

  /** Notes one, with when: one that was received before stays as it was. */
  receive(
    action: Pick<
      ReceivedAction,
      "id" | "handed" | "action" | "signer" | "patient" | "viewers" | "says" | "received" | "until" | "state" | "file"
    >,
  ): ReceivedAction {
    const { id, handed, action: name, signer, patient, viewers, says, received, until, state, file } = action;
    this.#journal.run(
      `INSERT INTO actions (id, handed, action, signer, patient, viewers, says, received, until, state, file)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
      ...[
        id,
        handed,
        name,
        signer,
        patient,
        JSON.stringify(viewers),
        says,
        received,
        until,
        state,
        JSON.stringify(file),
      ],
    );
    return this.find(id)!;
  }

  /** What is to be sent and may be tried now: what takes away comes first. */
  toSend(now: number): ReceivedAction[] {
    return this.#all(
      "state = 'waiting' AND after <= ? ORDER BY handed = 'revocation' DESC, received, id LIMIT 100",
      now,
    );
  }

  /** A patient's that counted here before the chain had them, the newest first. */
  of(patient: number, handed: Handed): ReceivedAction[] {
    return this.#all("patient = ? AND handed = ? ORDER BY received DESC, id LIMIT 1000", patient, handed);
  }

  /** Grants for a viewer that may count before they are final. */
  grantsFor(viewer: number, now: number): ReceivedAction[] {
    return this.#all("handed = 'grant' AND until > ? AND viewers = ? ORDER BY received", now, JSON.stringify([viewer]));
  }

  /**
   * What a participant had sent within a day: how many actions, and how much gas. One that failed counts.
   *
   * @param free actions that count for nothing
   */
  spent(signer: number, now: number, free: readonly string[]): { actions: number; gas: number } {
    return this.#journal.get<{ actions: number; gas: number }>(
      `SELECT count(*) AS actions, coalesce(sum(gas), 0) AS gas FROM actions
       WHERE signer = ? AND received > ? AND action NOT IN (SELECT value FROM json_each(?))`,
      ...[signer, now - DAY, JSON.stringify(free)],
    )!;
  }

  /** What came of one. */
  settle(
    id: string,
    { state, ...of }: { state: ActionState; code?: string; hash?: string; block?: number; gas?: number },
  ): void {
    this.#journal.run(
      "UPDATE actions SET state = ?, code = ?, hash = ?, block = ?, gas = ? WHERE id = ?",
      ...[state, of.code ?? null, of.hash ?? null, of.block ?? null, of.gas ?? 0, id],
    );
  }

  /** It can't be sent now: later, after a pause that doubles. */
  later({ id, tries }: ReceivedAction, now: number, code: string): void {
    const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** Math.min(tries, 20));
    this.#journal.run("UPDATE actions SET tries = tries + 1, after = ?, code = ? WHERE id = ?", now + pause, code, id);
  }

  #all(where: string, ...values: (string | number)[]): ReceivedAction[] {
    return this.#journal.all<Row>(`SELECT * FROM actions WHERE ${where}`, ...values).map(actionOf);
  }
}

/** What names a signed action: who signed what. How the signature is written doesn't count, nor what travels with it. */
export function idOf(file: unknown): string {
  const { action, message, account } = (file ?? {}) as { action?: unknown; message?: unknown; account?: unknown };
  return createHash("sha256")
    .update(JSON.stringify([action, sorted(message), account]))
    .digest("hex");
}

/** The same for the same fields, in whatever order they came. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, each]) => [name, sorted(each)]);
}

const actionOf = ({ viewers, code, hash, block, file, ...row }: Row): ReceivedAction => ({
  ...row,
  viewers: JSON.parse(viewers) as number[],
  code: code ?? undefined,
  hash: hash ?? undefined,
  block: block ?? undefined,
  file: JSON.parse(file) as unknown,
});
