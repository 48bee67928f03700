import { ChartChainError } from "../../errors/index.js";

const HOUR = 3600;

/** How many records may be opened within an hour. One that is opened again within it counts once. */
export class ReadingLimit {
  /** When each record was opened last, in seconds, in that order. */
  readonly #opened = new Map<string, number>();

  constructor(
    readonly perHour: number,
    readonly now: () => number,
  ) {}

  /** How many further records may be opened now. */
  get left(): number {
    this.#forget();
    return this.perHour - this.#opened.size;
  }

  /** Throws AGENT_LIMIT_REACHED where the record is one too many. */
  require(digest: string): void {
    if (this.left > 0 || this.#opened.has(digest)) return;
    const [first] = this.#opened.values();
    const seconds = first! + HOUR - this.now();
    throw new ChartChainError("AGENT_LIMIT_REACHED", `${this.perHour} records were read within an hour: no more`, {
      details: { perHour: this.perHour, seconds },
      hint: `Wait ${Math.ceil(seconds / 60)} minutes; whoever runs the tools sets the limit.`,
    });
  }

  note(digest: string): void {
    this.#opened.delete(digest);
    this.#opened.set(digest, this.now());
  }

  #forget(): void {
    const before = this.now() - HOUR;
    for (const [digest, at] of this.#opened) {
      if (at > before) return;
      this.#opened.delete(digest);
    }
  }
}
