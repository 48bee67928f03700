import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { create as createOldClient } from "ipfs-http-client";
import { create as createClient } from "kubo-rpc-client";

import { cidOfBlock, type RecordStore } from "../../src/storage/index.js";
import { createEmbeddedStore, createKuboStore, type KuboClient } from "../../src/storage/node/index.js";
import { assertFails, bytesOf, streamOf } from "./content.js";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What Kubo answers with when something fails after it has begun to answer. */
const ERROR = { Message: "no space left on device", Code: 0, Type: "error" };

/**
 * A node whose disk is full: it takes every import, answers 200, and says in the body that it failed; and it holds nothing.
 * `others`: what it answers to everything else besides its version.
 */
async function fullNode(others: { status: number; body: unknown }) {
  const server = createServer((incoming, outgoing) => {
    incoming.resume();
    incoming.on("end", () => {
      const { pathname } = new URL(incoming.url!, "http://node");
      const [status, body] = pathname.endsWith("/dag/import")
        ? [200, ERROR]
        : pathname.endsWith("/version")
          ? [200, { Version: "0.40.0" }]
          : [others.status, others.body];
      outgoing.writeHead(status, { "content-type": "application/json" });
      outgoing.end(JSON.stringify(body));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

const clients: Record<string, (options: { url: string }) => KuboClient> = {
  "kubo-rpc-client": createClient,
  "ipfs-http-client": createOldClient,
};

const NOT_HELD = {
  Message: "block was not found locally (offline): ipld: could not find node",
  Code: 0,
  Type: "error",
};

describe("a Kubo node that fails in the middle of an import", () => {
  async function* carOfSomething() {
    const directory = await mkdtemp(join(tmpdir(), "chartchain-car-source-"));
    const store = await createEmbeddedStore({ directory, participant: `0x${"11".repeat(20)}` });
    try {
      const { cid } = await store.put(streamOf(bytesOf("a car", 3_000_000)));
      yield* store.exportCar(cid);
    } finally {
      await store.close();
      await rm(directory, { recursive: true });
    }
  }

  const content = bytesOf("something", 3_000_000);
  const block = bytesOf("a block", 300);
  const calls: Record<string, (store: RecordStore) => Promise<unknown>> = {
    put: (store) => store.put(streamOf(content)),
    "put with a pin": (store) => store.put(streamOf(content), { pin: true }),
    putBlock: (store) => store.putBlock(block),
    "putBlock with a pin": (store) => store.putBlock(block, { pin: true }),
    importCar: (store) => store.importCar(carOfSomething()),
  };

  for (const [name, create] of Object.entries(clients)) {
    for (const [call, run] of Object.entries(calls)) {
      it(`says so to ${call}, over ${name}`, async () => {
        for (const others of [
          { status: 500, body: NOT_HELD },
          { status: 200, body: ERROR },
          { status: 404, body: {} },
        ]) {
          await using node = await fullNode(others);
          const store = createKuboStore({ client: create({ url: node.url }) });
          await assertFails(() => run(store), "STORE_FAILED");
        }
      });
    }

    it(`isn't one that is out of reach when it answers what nobody can read, over ${name}`, async () => {
      await using node = await fullNode({ status: 200, body: {} });
      const store = createKuboStore({ client: create({ url: node.url }) });
      await assertFails(() => store.has(cidOfBlock(block)), "STORE_FAILED");
    });
  }
});
