import { Agent, request } from "node:http";
import { setTimeout } from "node:timers/promises";

/** What a client asks, by its path, and how it went. */
export interface Asked {
  status: number;
  /** From when it was to be sent until the last byte, in milliseconds. */
  milliseconds: number;
}

/** A client that keeps its connections. */
export class LoadClient {
  readonly #agent: Agent;
  readonly #url: string;
  readonly #token: string;

  constructor(url: string, token: string, connections: number) {
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
    this.#url = url;
    this.#token = token;
  }

  /** Asks once. @param from when it was to be sent: whoever waits for a connection waits, too */
  ask(path: string, from = performance.now()): Promise<Asked> {
    return new Promise((resolve, reject) => {
      const sent = request(this.#url + path, {
        agent: this.#agent,
        headers: { authorization: `Bearer ${this.#token}`, accept: "application/fhir+json" },
      });
      sent.on("response", (answer) => {
        answer.on("error", reject);
        answer.on("end", () => resolve({ status: answer.statusCode!, milliseconds: performance.now() - from }));
        answer.resume();
      });
      sent.on("error", reject);
      sent.end();
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** Asks as fast as it is answered, over so many connections. @returns answers per second; every one has to be 200 */
export async function flatOut(client: LoadClient, paths: () => string, seconds: number, connections: number) {
  const begun = performance.now();
  const end = begun + seconds * 1000;
  const asked: Asked[] = [];
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (performance.now() < end) asked.push(await client.ask(paths()));
    }),
  );
  requireShown(asked);
  return { perSecond: asked.length / ((performance.now() - begun) / 1000), asked };
}

/** Asks so many times a second, whether it is answered in time or not. */
export async function steadily(client: LoadClient, paths: () => string, perSecond: number, seconds: number) {
  const begun = performance.now();
  const all: Promise<Asked>[] = [];
  for (let at = 0; at < perSecond * seconds; at++) {
    const due = begun + (at * 1000) / perSecond;
    const early = due - performance.now();
    if (early > 0) await setTimeout(early);
    all.push(client.ask(paths(), due));
  }
  const asked = await Promise.all(all);
  requireShown(asked);
  return asked;
}

/** A benchmark of refusals would be a fast one. */
function requireShown(asked: readonly Asked[]): void {
  const other = asked.find(({ status }) => status !== 200);
  if (other !== undefined) throw new Error(`an answer had the status ${other.status}`);
}

/** The value below which so many of them lie. @param part from 0 to 1 */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * part) - 1)] ?? NaN;
}
