import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

import { assert } from "chai";
import { create as createOldClient } from "ipfs-http-client";
import { create as createClient } from "kubo-rpc-client";

import { cidOfBlock, MAX_READ_BLOCK_BYTES } from "../../src/storage/index.js";
import { createKuboStore, type KuboClient } from "../../src/storage/node/index.js";
import { assertFails, assertSameBytes, bytesOf, fileBlock, rawBlock } from "./content.js";

const MIB = 1_048_576;
const clients: Record<string, (options: { url: string }) => KuboClient> = {
  "kubo-rpc-client": createClient,
  "ipfs-http-client": createOldClient,
};

/** How much the sockets of this machine may hold between a node that sends and a reader that has left. */
const UNDER_WAY = 16 * MIB;

/** A node that answers every block with what `answer` writes, and how many bytes that came to. */
async function startNode(answer: (response: ServerResponse, node: { sent: number }) => Promise<void>) {
  const node = { sent: 0, left: Promise.resolve(), url: "", server: undefined as Server | undefined };
  node.server = createServer((request, response) => {
    request.resume();
    if (request.url?.includes("/version") === true) return void response.end('{"Version":"0.42.0"}');
    node.left = once(response, "close").then(() => {});
    void answer(response, node);
  }).listen(0, "127.0.0.1");
  await once(node.server, "listening");
  node.url = `http://127.0.0.1:${(node.server.address() as AddressInfo).port}`;
  return node;
}

/** Sends until nobody listens any more, at the pace of whoever does. */
async function endlessly(response: ServerResponse, node: { sent: number }): Promise<void> {
  const chunks = async function* () {
    // An end all the same, so that a reader who takes everything fails and doesn't fill this machine.
    for (; node.sent < 1_024 * MIB; node.sent += 65_536) yield Buffer.alloc(65_536);
  };
  await pipeline(Readable.from(chunks(), { objectMode: false }), response).catch(() => {});
}

describe("a Kubo node that doesn't answer as one", () => {
  for (const [name, create] of Object.entries(clients)) {
    const file = fileBlock([rawBlock(bytesOf("leaf", 10)).cid], [10n]);
    for (const [what, cid] of [
      ["raw block", cidOfBlock(bytesOf("asked for", 10))],
      ["block with links", file.cid.toString()],
    ] as const) {
      it(`and sends a ${what} without end is left as soon as that is too long, over ${name}`, async () => {
        const node = await startNode(endlessly);
        try {
          const store = createKuboStore({ client: create({ url: node.url }), fetchMs: 60_000 });
          await assertFails(() => store.getBlock(cid), "BLOCK_TOO_LARGE");
          await assertFails(() => store.get(cid), "BLOCK_TOO_LARGE");
          await assertFails(() => store.exportCar(cid), "BLOCK_TOO_LARGE");
          await node.left;
          assert.isAbove(node.sent, 3 * MAX_READ_BLOCK_BYTES);
          assert.isBelow(node.sent, 3 * (MAX_READ_BLOCK_BYTES + UNDER_WAY));
        } finally {
          node.server!.closeAllConnections();
          node.server!.close();
        }
      });
    }

    it(`and sends a block in many small pieces is understood all the same, over ${name}`, async () => {
      const block = bytesOf("in pieces", 100_000);
      const node = await startNode(async (response) => {
        for (let at = 0; at < block.length; at += 999) response.write(block.subarray(at, at + 999));
        response.end();
      });
      try {
        const store = createKuboStore({ client: create({ url: node.url }) });
        assertSameBytes(await store.getBlock(cidOfBlock(block)), block);
      } finally {
        node.server!.closeAllConnections();
        node.server!.close();
      }
    });
  }
});
