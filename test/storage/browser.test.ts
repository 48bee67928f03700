import { assert } from "chai";

import { createBrowserStore } from "../../src/storage/web/index.js";
import { bundled, type OpenPage, openPage } from "../helpers/chromium.js";
import type { Outcome } from "./browser-suite.js";
import { assertFails } from "./content.js";

describe("a store in Chromium", () => {
  let opened: OpenPage;

  before(async function () {
    opened = await openPage(this, { "/start.js": await bundled(new URL("./browser-suite.ts", import.meta.url)) });
  });
  after(() => opened?.close());

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

  it("says nothing to the console, and offends no policy", async () => {
    assert.deepEqual(await opened.complaints(), []);
  });
});

describe("a browser's store without a browser", () => {
  it("says what it needs", async () => {
    await assertFails(() => createBrowserStore({ participant: "alice" }), "STORE_NEEDS_BROWSER");
  });
});
