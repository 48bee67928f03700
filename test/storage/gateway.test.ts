import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

import { assert } from "chai";
import { create as createClient } from "kubo-rpc-client";

import { cidOfBlock, createGatewayStore, type GatewayStoreOptions, type RecordStore } from "../../src/storage/index.js";
import { createKuboStore } from "../../src/storage/node/index.js";
import { assertFails, assertSameBytes, bytesOf, collected, fileBlock, rawBlock, streamOf } from "./content.js";
import { fileOfBlock, type KuboDaemon, startKubo } from "./kubo-daemon.js";

const MIB = 1_048_576;
/** How much the sockets of this machine may hold between a gateway that sends and a reader that has left. */
const UNDER_WAY = 16 * MIB;

type Answer = (response: ServerResponse, request: IncomingMessage) => unknown;

/** A gateway that answers as it likes, read by `run`. */
async function reading(
  answer: Answer,
  run: (store: RecordStore, gateway: { url: string; asked: IncomingMessage[] }) => Promise<unknown>,
  options: Partial<GatewayStoreOptions> = {},
): Promise<void> {
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    asked.push(request);
    answer(response, request);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    await run(createGatewayStore({ url, patienceMs: 60_000, ...options }), { url, asked });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe("a gateway store", () => {
  const bytes = bytesOf("a block", 1_000);
  const cid = cidOfBlock(bytes);
  const giving =
    (content: Uint8Array, status = 200): Answer =>
    (response) =>
      response.writeHead(status).end(content);

  it("asks for a raw block by its CID alone, below the path that it was given", async () => {
    await reading(giving(bytes), async (_, { url, asked }) => {
      for (const [base, path] of [
        [url, ""],
        [`${url}/`, ""],
        [`${url}/a/b`, "/a/b"],
      ] as const) {
        assertSameBytes(await createGatewayStore({ url: base }).getBlock(cid), bytes);
        const { url: target, headers, method } = asked.at(-1)!;
        assert.deepEqual([method, target], ["GET", `${path}/ipfs/${cid}?format=raw`]);
        assert.equal(headers.accept, "application/vnd.ipld.raw");
        assert.notProperty(headers, "referer");
      }
    });
  });

  for (const [what, content] of [
    ["other bytes", bytesOf("another block", 1_000)],
    ["a page that says that nothing was found", new TextEncoder().encode("<!doctype html>")],
    ["the beginning alone", bytes.subarray(0, 999)],
    ["nothing", new Uint8Array(0)],
  ] as const) {
    it(`isn't given ${what} for a block`, async () => {
      await reading(giving(content), async (store) => {
        await assertFails(() => store.getBlock(cid), "BLOCK_CORRUPT");
        await assertFails(() => store.get(cid), "BLOCK_CORRUPT");
        await assertFails(() => store.has(cid), "BLOCK_CORRUPT");
        await assertFails(() => store.exportCar(cid), "BLOCK_CORRUPT");
      });
    });
  }

  it("hands out nothing of a block below the root that isn't what it should be", async () => {
    const leaf = rawBlock(bytes);
    const file = fileBlock([leaf.cid], [1_000n]);
    const lying: Answer = (response, { url }) =>
      response.end(url?.includes(file.cid.toString()) === true ? file.bytes : bytesOf("other", 1_000));
    await reading(lying, async (store) => {
      let given = 0;
      await assertFails(async () => {
        for await (const chunk of store.get(file.cid.toString())) given += chunk.length;
      }, "BLOCK_CORRUPT");
      assert.equal(given, 0);
    });
  });

  it("leaves a block without end as soon as it is too long for one", async () => {
    let sent = 0;
    const endless: Answer = (response) => {
      const chunks = async function* () {
        // An end all the same, so that a reader who takes everything fails and doesn't fill this machine.
        for (; sent < 1_024 * MIB; sent += 65_536) yield Buffer.alloc(65_536);
      };
      pipeline(Readable.from(chunks(), { objectMode: false }), response).catch(() => {});
    };
    await reading(endless, async (store) => {
      await assertFails(() => store.getBlock(cid), "BLOCK_TOO_LARGE");
      assert.isBelow(sent, UNDER_WAY);
    });
  });

  for (const [what, answer] of [
    ["nothing", () => {}],
    ["a beginning", (response) => response.write(bytes.subarray(0, 10))],
    [
      "a byte now and then",
      (response) => {
        const drip = setInterval(() => response.write(Uint8Array.of(1)), 10);
        response.on("close", () => clearInterval(drip));
      },
    ],
  ] as [string, Answer][]) {
    it(`doesn't wait for ever where ${what} comes`, async () => {
      await reading(
        answer,
        async (store) => {
          const error = await assertFails(() => store.getBlock(cid), "STORE_UNREACHABLE");
          assert.include(error.message, "within 200 ms");
        },
        { patienceMs: 200 },
      );
    });
  }

  it("stops when it is told to, with the reason that it is given", async () => {
    const stop = new AbortController();
    const reason = new Error("enough");
    await reading(
      () => stop.abort(reason),
      async (store) => {
        const failed = await store.getBlock(cid, { signal: stop.signal }).catch((error: unknown) => error);
        assert.strictEqual(failed, reason);
      },
    );
  });

  it("doesn't follow a gateway that sends elsewhere", async () => {
    let followed = 0;
    await reading(
      (response) => {
        followed += 1;
        response.end(bytes);
      },
      async (_, elsewhere) => {
        for (const status of [301, 302, 307, 308]) {
          await reading(
            (response) => response.writeHead(status, { location: `${elsewhere.url}/ipfs/${cid}` }).end(),
            async (store) => {
              const error = await assertFails(() => store.getBlock(cid), "STORE_FAILED");
              assert.include(error.message, "sends to another address");
            },
          );
        }
      },
    );
    assert.equal(followed, 0);
  });

  it("tells a block that isn't there from a gateway that can't answer, and from one that won't", async () => {
    for (const [status, code] of [
      [404, "BLOCK_MISSING"],
      [410, "BLOCK_MISSING"],
      [504, "BLOCK_MISSING"],
      [429, "STORE_UNREACHABLE"],
      [503, "STORE_UNREACHABLE"],
      [403, "STORE_FAILED"],
      [500, "STORE_FAILED"],
      // A part, and an answer without one.
      [206, "STORE_FAILED"],
      [204, "STORE_FAILED"],
    ] as const) {
      await reading(giving(bytes, status), async (store) => {
        await assertFails(() => store.getBlock(cid), code);
        if (code === "BLOCK_MISSING") assert.isFalse(await store.has(cid));
      });
    }
    let url = "";
    await reading(giving(bytes), async (_, gateway) => {
      ({ url } = gateway);
    });
    await assertFails(() => createGatewayStore({ url }).getBlock(cid), "STORE_UNREACHABLE");
  });

  it("keeps nothing, and says so; there is nothing to collect", async () => {
    const store = createGatewayStore({ url: "https://gateway.example" });
    for (const write of [
      () => store.put(streamOf(bytes)),
      () => store.putBlock(bytes),
      () => store.pin(cid),
      () => store.importCar(streamOf(bytes)),
    ])
      await assertFails(write, "STORE_READ_ONLY");
    await store.unpin(cid);
    assert.deepEqual(await store.gc(), { removed: 0, bytes: 0 });
    for await (const pin of store.pins()) assert.fail(pin);
  });

  it("asks nobody about a path, or once it is closed", async () => {
    await reading(giving(bytes), async (store, { asked }) => {
      const calls = (text: string): (() => unknown)[] => [
        () => store.getBlock(text),
        () => store.get(text),
        () => store.has(text),
        () => store.exportCar(text),
        () => store.pin(text),
        () => store.unpin(text),
      ];
      for (const text of ["", "../x", `${cid}/x`, `${cid}?`, cid.toUpperCase()])
        for (const call of calls(text)) await assertFails(call, "INVALID_CID");
      await store.close();
      for (const call of [...calls(cid), () => store.pins(), () => store.gc(), () => store.putBlock(bytes)])
        await assertFails(call, "STORE_CLOSED");
      assert.lengthOf(asked, 0);
    });
  });

  it("refuses what is no gateway's address", () => {
    for (const url of [
      "",
      "gateway.example",
      "ftp://gateway.example",
      "https://me:word@gateway.example",
      "https://g/?a=b",
    ])
      assert.throws(() => createGatewayStore({ url }), "not the address of an IPFS gateway");
  });

  describe("of a Kubo node", () => {
    let daemon: KuboDaemon;
    let node: RecordStore;
    let store: RecordStore;
    before(async function () {
      daemon = await startKubo(this);
      node = createKuboStore({ client: createClient({ url: daemon.url }) });
      store = createGatewayStore({ url: daemon.gateway, patienceMs: 60_000 });
    });
    after(() => daemon?.stop());

    it("reads whole files, ranges, blocks and CARs as the node has them", async () => {
      for (const size of [0, 1, MIB, 3 * MIB + 7]) {
        const content = bytesOf(`gateway ${size}`, size);
        const put = await node.put(streamOf(content));
        assertSameBytes(await collected(store.get(put.cid)), content);
        assertSameBytes(await collected(store.exportCar(put.cid)), await collected(node.exportCar(put.cid)));
        assert.isTrue(await store.has(put.cid));
        const range = { offset: Math.floor(size / 2), length: 1_000 };
        assertSameBytes(await collected(store.get(put.cid, range)), await collected(node.get(put.cid, range)));
      }
    });

    it("finds no block that the node hasn't", async () => {
      const nowhere = cidOfBlock(bytesOf("nowhere", 10));
      await assertFails(() => store.getBlock(nowhere), "BLOCK_MISSING");
      assert.isFalse(await store.has(nowhere));
    });

    it("isn't given what went bad on the node's disk", async () => {
      const content = bytesOf("went bad", 5_000);
      const put = await node.put(streamOf(content));
      const file = await fileOfBlock(daemon, content);
      const flipped = await readFile(file);
      flipped[7]! ^= 1;
      await writeFile(file, flipped);
      await assertFails(() => store.get(put.cid), "BLOCK_CORRUPT");
    });
  });
});
