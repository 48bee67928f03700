import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

import { assert } from "chai";

import { cidOfBlock } from "../../src/storage/index.js";
import { createBrowserStore } from "../../src/storage/web/index.js";
import { bundled, type OpenPage, openPage } from "../helpers/chromium.js";
import type { Outcome } from "./browser-suite.js";
import { assertFails, bytesOf } from "./content.js";

const BLOCK = bytesOf("of a gateway", 1_000);

/** Gateways of another origin, which any page may read: the first folder of the path says how each answers. */
function answerAsGateway({ url = "" }: IncomingMessage, response: ServerResponse): void {
  response.setHeader("access-control-allow-origin", "*");
  const answers: Record<string, () => unknown> = {
    honest: () => response.end(BLOCK),
    lying: () => response.end(bytesOf("another", 1_000)),
    endless: () => pipeline(Readable.from(endless(), { objectMode: false }), response).catch(() => {}),
    moved: () => response.writeHead(301, { location: url.replace("moved", "honest") }).end(),
  };
  answers[url.split("/")[1] ?? ""]?.();
}

function* endless(): Generator<Uint8Array> {
  for (;;) yield new Uint8Array(65_536);
}

describe("a store in Chromium", () => {
  let gateway: Server;
  let address: string;
  let opened: OpenPage;

  before(async function () {
    gateway = createServer(answerAsGateway).listen(0, "127.0.0.1");
    await once(gateway, "listening");
    address = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`;
    const files = { "/start.js": await bundled(new URL("./browser-suite.ts", import.meta.url)) };
    opened = await openPage(this, files, { connect: [address] });
  });
  after(async () => {
    await opened?.close();
    gateway.closeAllConnections();
    gateway.close();
  });

  it("says that there is no room, and stores nothing by halves", async () => {
    // First of all: a browser remembers for a while how much room there was.
    const { origin } = new URL(opened.page.url());
    const devtools = await opened.page.context().newCDPSession(opened.page);
    await devtools.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 2 * 1_048_576 });
    try {
      assert.deepEqual(await opened.page.evaluate("overfill()"), { outcome: "STORE_FULL", isHalfThere: false });
    } finally {
      await devtools.send("Storage.overrideQuotaForOrigin", { origin });
    }
  });

  it("does what every store does, there", async () => {
    const outcomes = await opened.page.evaluate<Outcome[]>("runSuite()");
    assert.deepEqual(
      outcomes.filter(({ error }) => error !== undefined),
      [],
    );
    assert.isAbove(outcomes.length, 50);
  });

  it("keeps what it answered for when the page goes away, and nothing of what it was about to write", async () => {
    await opened.page.evaluate("keepAndHang()");
    await opened.load();
    assert.deepEqual(await opened.page.evaluate("lookAgain()"), {
      ...{ kept: true, isPinned: true, isHalfThere: false },
      collected: 2,
    });
  });

  it("reads a gateway of another origin, and believes it nothing", async () => {
    const readGateway = (name: string) =>
      opened.page.evaluate<unknown>(`readGateway("${address}/${name}", "${cidOfBlock(BLOCK)}")`);
    assert.equal(await readGateway("honest"), BLOCK.length);
    assert.equal(await readGateway("lying"), "BLOCK_CORRUPT");
    assert.equal(await readGateway("endless"), "BLOCK_TOO_LARGE");
    assert.equal(await readGateway("moved"), "STORE_FAILED");
  });

  it("says nothing to the console, and offends no policy", async () => {
    assert.deepEqual(await opened.complaints(), []);
  });
});

describe("a browser's store without a browser", () => {
  it("says what it needs", async () => {
    await assertFails(() => createBrowserStore({ participant: "alice" }), "STORE_NEEDS_BROWSER");
  });
});
