import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";

import type { JsonRpcProvider } from "ethers";

import type { Actor, Devnet } from "../../devnet/index.js";
import { connect, type Client } from "../../src/sdk/index.js";

/** One JSON-RPC call. */
export interface Request {
  id: number;
  method: string;
  params: unknown[];
}

/** What a node answers. */
export interface Response {
  result?: unknown;
  error?: { code: number; message: string };
}

/** Stands between a client and its node, and can lie, or keep silent. */
export interface Proxy {
  url: string;
  /** The methods that were asked for since it was last emptied. */
  calls: string[];
  /** Changes what is asked for, before anything else sees it. */
  rewrite: (request: Request) => Promise<void> | void;
  /** Answers in the node's place, where it returns something; `"hang up"` closes the connection. */
  before: (request: Request) => Response | "hang up" | undefined;
  /** Changes what the node answered. */
  after: (request: Request, response: Response) => Response;
  close(): Promise<void>;
}

/** Starts a proxy before the node at `target`. */
export async function startProxy(target: string): Promise<Proxy> {
  const server = createServer((incoming, outgoing) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
      const request = JSON.parse(Buffer.concat(chunks).toString()) as Request;
      proxy.calls.push(request.method);
      await proxy.rewrite(request);
      let response = proxy.before(request);
      if (response === "hang up") return void incoming.socket.destroy();
      if (response === undefined) {
        const answer = await fetch(target, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(request),
        });
        response = proxy.after(request, (await answer.json()) as Response);
      }
      outgoing.setHeader("content-type", "application/json");
      outgoing.end(JSON.stringify({ ...response, jsonrpc: "2.0", id: request.id }));
    })();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const proxy: Proxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: [],
    rewrite: () => undefined,
    before: () => undefined,
    after: (_, response) => response,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return proxy;
}

/** A proxy before a devnet's node, and a client that asks nothing else. Closing it ends both. */
export interface ProxiedClient extends Proxy {
  client: Client;
  provider: JsonRpcProvider;
}

/** Gives an actor, with its own vault and store, a second client that asks through a proxy. */
export async function behindProxy(world: Devnet, actor: Actor): Promise<ProxiedClient> {
  const proxy = await startProxy(world.url);
  const provider = await connect(proxy.url);
  const client = await world.clientOf(actor, { runner: actor.wallet.connect(provider) });
  const end = proxy.close.bind(proxy);
  const close = async () => {
    provider.destroy();
    await end();
  };
  return Object.assign(proxy, { client, provider, close });
}
