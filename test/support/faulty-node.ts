import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** One JSON-RPC call, as it arrived. */
export interface Asked {
  method: string;
  params: unknown[];
  headers: IncomingHttpHeaders;
  /** When it arrived, in milliseconds of the process's own clock. */
  at: number;
}

/**
 * What goes wrong with a call:
 *
 * - `lose the question`: the node never sees it, and the connection breaks
 * - `lose the answer`: the node does it, and the connection breaks
 * - `ask twice`: the node is asked two times, and the second answer is given
 * - `late`: the answer comes so many milliseconds later
 * - `error`: JSON-RPC's error in place of an answer; the node never sees it
 * - `result`: an answer in the place of the node's, which never sees the question
 * - `status`: an HTTP answer from what stands before the node, which never sees it
 */
export type Fault =
  | "lose the question"
  | "lose the answer"
  | "ask twice"
  | { late: number }
  | { error: { code: number; message: string; data?: unknown } }
  | { result: unknown }
  | { status: number; headers?: Record<string, string>; body?: string };

/** A node behind everything that can go wrong on the way to it. */
export interface FaultyNode extends AsyncDisposable {
  url: string;
  /** All that was asked since it was last emptied. */
  asked: Asked[];
  /** Which fault a call meets; none where it returns nothing. */
  faultOf: (asked: Asked) => Fault | undefined;
  close(): Promise<void>;
}

/** Stands before the node at `target`, on loopback. */
export async function startFaultyNode(target: string): Promise<FaultyNode> {
  const server = createServer((incoming, outgoing) => void answer(incoming, outgoing));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const node: FaultyNode = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: [],
    faultOf: () => undefined,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
    [Symbol.asyncDispose]: () => node.close(),
  };
  return node;

  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const { id, method, params } = JSON.parse(body) as { id: number; method: string; params: unknown[] };
    const asked = { method, params, headers: incoming.headers, at: performance.now() };
    node.asked.push(asked);
    const fault = node.faultOf(asked);
    if (fault === "lose the question") return void incoming.socket.destroy();
    if (typeof fault === "object" && "status" in fault) {
      outgoing.writeHead(fault.status, fault.headers);
      return void outgoing.end(fault.body);
    }
    if (typeof fault === "object" && "error" in fault) {
      outgoing.setHeader("content-type", "application/json");
      return void outgoing.end(JSON.stringify({ jsonrpc: "2.0", id, error: fault.error }));
    }
    if (typeof fault === "object" && "result" in fault) {
      outgoing.setHeader("content-type", "application/json");
      return void outgoing.end(JSON.stringify({ jsonrpc: "2.0", id, result: fault.result }));
    }
    const ask = async () => {
      const response = await fetch(target, { method: "POST", headers: { "content-type": "application/json" }, body });
      return response.text();
    };
    let given = await ask();
    if (fault === "ask twice") given = await ask();
    if (typeof fault === "object") await sleep(fault.late);
    if (fault === "lose the answer") return void incoming.socket.destroy();
    outgoing.setHeader("content-type", "application/json");
    outgoing.end(given);
  }
}

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const PAGE = "<html><body>502 Bad Gateway</body></html>";

/** What public nodes and the services before them do, each about as often as the others. */
export const FAULTS: readonly Fault[] = [
  "lose the question",
  "lose the answer",
  "ask twice",
  { late: 20 },
  { status: 429, headers: { "retry-after": "0" } },
  { status: 429 },
  { status: 502, headers: { "content-type": "text/html" }, body: PAGE },
  { status: 503, headers: { "retry-after": "0" }, body: "no server is available" },
  { status: 200, headers: { "content-type": "text/html" }, body: PAGE },
  { error: { code: -32005, message: "project ID request rate exceeded", data: { rate: { backoff_seconds: 0.01 } } } },
  { error: { code: -32000, message: "header not found" } },
  { error: { code: -32603, message: "Internal error" } },
];
