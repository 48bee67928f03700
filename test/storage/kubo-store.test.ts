import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";
import { assert } from "chai";
import { create as createOldClient } from "ipfs-http-client";
import { create as createClient } from "kubo-rpc-client";
import { cidOfBlock, type RecordStore } from "../../src/storage/index.js";
import { createKuboStore, type KuboClient } from "../../src/storage/node/index.js";
import { importContent } from "../../src/storage/unixfs-import.js";
import { assertFails, assertSameBytes, bytesOf, collected, streamOf, streamOfSize } from "./content.js";
import { watchMemory } from "./memory.js";
import { fileOfBlock, type KuboDaemon, startKubo } from "./kubo-daemon.js";
import { recordStoreBehavior } from "./record-store.behavior.js";

const MIB = 1_048_576;
const clients: Record<string, (options: { url: string }) => KuboClient> = {
  "kubo-rpc-client": createClient,
  "ipfs-http-client": createOldClient,
};

// On a busy machine a node takes seconds to answer.
const PATIENCE = 60_000;
/** Of a store that is to give up. */
const SHORT_PATIENCE = 5_000;

describe("Kubo store", () => {
  let daemon: KuboDaemon | undefined;
  const node = () => {
    assert.isDefined(daemon);
    return daemon;
  };
  before(async function () {
    daemon = await startKubo(this);
  });
  after(() => daemon?.stop());

  for (const [name, create] of Object.entries(clients))
    describe(`over ${name}`, () => {
      const open = (options = {}): RecordStore =>
        createKuboStore({ client: create({ url: node().url }), patienceMs: PATIENCE, ...options });

      recordStoreBehavior(open);

      it("refuses bytes that the node serves without having checked them", async () => {
        const store = open();
        const content = bytesOf(`${name} flipped`, MIB + 5);
        const { cid } = await store.put(streamOf(content));
        const path = await fileOfBlock(node(), content.subarray(0, MIB));
        const bytes = await readFile(path);
        bytes[77] = (bytes[77] ?? 0) ^ 4;
        await writeFile(path, bytes);

        await assertFails(() => store.get(cid), "BLOCK_CORRUPT");
        await assertFails(() => store.exportCar(cid), "BLOCK_CORRUPT");
      });

      it("takes little memory for content of any size", async () => {
        const store = open();
        const memory = watchMemory();
        await store.put(streamOfSize(name, 320 * MIB));

        assert.isBelow(memory.peak(), 256 * MIB);
      });

      it("says that the node refuses a call that it does not know", async () => {
        const store = createKuboStore({ client: create({ url: `${node().url}/api/v9` }) });
        await assertFails(() => store.pin(cidOfBlock(bytesOf(name, 1))), "STORE_FAILED");
      });
    });

  describe("CIDs", () => {
    // 175 leaves are one more than a node had in the older profile, unixfs-v0-2015.
    for (const size of [0, 1, MIB - 1, MIB, MIB + 1, 5 * MIB + 3, 175 * MIB])
      it(`are those that Kubo computes for ${size} bytes`, async () => {
        const content = bytesOf("as Kubo does", size);
        const profile = ["--cid-version=1", "--raw-leaves", "--chunker=size-1048576", "--max-file-links=1024"];
        const theirs = node()
          .run(["add", "--only-hash", "--quieter", ...profile], content)
          .trim();
        const ours = await importContent(streamOf(content), { put: async () => undefined }, { maxBytes: size });

        assert.equal(ours.cid.toString(), theirs);
      });

    it("do not depend on the node's settings", async () => {
      const content = bytesOf("settings", 2 * MIB + 1);
      const store = createKuboStore({ client: createClient({ url: node().url }), patienceMs: PATIENCE });
      const ours = await importContent(streamOf(content), { put: async () => undefined }, { maxBytes: content.length });

      assert.equal((await store.put(streamOf(content))).cid, ours.cid.toString());
      assert.notEqual(node().run(["add", "--only-hash", "--quieter"], content).trim(), ours.cid.toString());
    });

    it("lead any Kubo to the same bytes", async () => {
      const store = createKuboStore({ client: createClient({ url: node().url }), patienceMs: PATIENCE });
      const { cid } = await store.put(streamOf(new TextEncoder().encode("sealed ".repeat(200_000))));

      assert.equal(node().run(["cat", cid]), "sealed ".repeat(200_000));
    });
  });

  it("lists only pins that are this network's kind of CID", async () => {
    const store = createKuboStore({ client: createClient({ url: node().url }), patienceMs: PATIENCE });
    const foreign = node().run(["add", "--quieter"], bytesOf("foreign", 10)).trim();
    const cid = await store.putBlock(bytesOf("ours", 10), { pin: true });

    const listed: string[] = [];
    for await (const each of store.pins()) listed.push(each);
    assert.include(listed, cid);
    assert.notInclude(listed, foreign);
  });
});

describe("Kubo store without a node", () => {
  for (const [name, create] of Object.entries(clients)) {
    const cid = cidOfBlock(bytesOf(name, 10));
    const calls: Record<string, (store: RecordStore) => unknown> = {
      put: (store) => store.put(streamOf(bytesOf(name, 3 * MIB))),
      putBlock: (store) => store.putBlock(bytesOf(name, 10)),
      getBlock: (store) => store.getBlock(cid),
      get: (store) => store.get(cid),
      has: (store) => store.has(cid),
      pin: (store) => store.pin(cid),
      unpin: (store) => store.unpin(cid),
      pins: (store) => store.pins(),
      gc: (store) => store.gc(),
      exportCar: (store) => store.exportCar(cid),
    };
    const unreachableAt = async (port: number) => {
      const store = createKuboStore({ client: create({ url: `http://127.0.0.1:${port}` }) });
      const failing = Object.entries(calls).map(async ([method, call]) => {
        const error = await assertFails(() => call(store), "STORE_UNREACHABLE");
        assert.isDefined(error.cause, method);
      });
      await Promise.all(failing);
    };

    it(`fails every call when the node is down, over ${name}`, async () => {
      const { server, port } = await listening();
      server.close();
      await once(server, "close");

      await unreachableAt(port);
    });

    it(`fails every call when the node accepts connections and never answers, over ${name}`, async () => {
      const { server, port } = await listening();
      const sockets: Socket[] = [];
      server.on("connection", (socket) => sockets.push(socket));

      await unreachableAt(port);
      for (const socket of sockets) socket.destroy();
      server.close();
    });
  }
});

/** A server on a free port of this machine. */
async function listening(): Promise<{ server: Server; port: number }> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, port: (server.address() as AddressInfo).port };
}

describe("Kubo store on a node in trouble", () => {
  let daemon: KuboDaemon | undefined;
  let store: RecordStore;
  before(async function () {
    daemon = await startKubo(this, { online: true });
  });
  after(() => daemon?.stop());

  for (const [name, create] of Object.entries(clients)) {
    it(`misses a block that no peer offers in time, over ${name}`, async () => {
      store = createKuboStore({ client: create({ url: daemon?.url ?? "" }), fetchMs: 600, patienceMs: PATIENCE });
      await assertFails(() => store.getBlock(cidOfBlock(bytesOf(`nobody has ${name}`, 10))), "BLOCK_MISSING");
    });

    it(`gives a stalled node up, and works again when the node does, over ${name}`, async () => {
      store = createKuboStore({ client: create({ url: daemon?.url ?? "" }), patienceMs: PATIENCE });
      const hasty = createKuboStore({ client: create({ url: daemon?.url ?? "" }), patienceMs: SHORT_PATIENCE });
      const content = bytesOf(`stalled ${name}`, 2 * MIB);
      const { cid } = await store.put(streamOf(content));

      daemon?.process.kill("SIGSTOP");
      await Promise.all([
        assertFails(() => hasty.get(cid), "STORE_UNREACHABLE"),
        assertFails(() => hasty.put(streamOf(bytesOf(name, 64 * MIB), MIB)), "STORE_UNREACHABLE"),
      ]);
      daemon?.process.kill("SIGCONT");

      assertSameBytes(await collected(store.get(cid)), content);
    });

    it(`takes as long as a slow source takes, over ${name}`, async () => {
      store = createKuboStore({ client: create({ url: daemon?.url ?? "" }), patienceMs: SHORT_PATIENCE });
      async function* slow() {
        for (let part = 0; part < 4; part++) {
          await new Promise((resolve) => setTimeout(resolve, SHORT_PATIENCE / 3));
          yield bytesOf(`slow ${part}`, MIB);
        }
      }
      const { cid, size } = await store.put(slow());
      assert.equal(size, 4 * MIB);
      assert.isTrue(await store.has(cid));
    });
  }

  it("fails a put when the node dies in the middle of it, and lets the source go", async () => {
    store = createKuboStore({ client: createClient({ url: daemon?.url ?? "" }) });
    let released = false;
    async function* endless() {
      try {
        for (let part = 0; ; part++) {
          if (part === 20) daemon?.process.kill("SIGKILL");
          yield bytesOf(`endless ${part}`, MIB);
        }
      } finally {
        released = true;
      }
    }
    await assertFails(() => store.put(endless()), "STORE_UNREACHABLE");
    while (!released) await setImmediate();
  });
});
