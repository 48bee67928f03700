import { expect } from "chai";

import { bundled, type OpenPage, openPage, sqliteWasm } from "../helpers/chromium.js";
import type { Request } from "./browser-requests.js";
import { PASSPHRASE } from "./helpers.js";

// As text, since the project's types know no browser.
const START = `
  window.workers = [];
  window.ask = (which, request) => new Promise((resolve, reject) => {
    const worker = (window.workers[which] ??= new Worker("/worker.js", { type: "module" }));
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = (event) => reject(new Error(event.message || "the worker can't be loaded"));
    worker.postMessage(request);
  });`;

describe("a vault in Chromium", () => {
  let opened: OpenPage;

  before(async function () {
    opened = await openPage(this, {
      "/start.js": ["text/javascript", START],
      "/worker.js": await bundled(new URL("./browser-worker.ts", import.meta.url)),
      "/sqlite3.wasm": sqliteWasm(),
    });
  });
  after(() => opened?.close());

  const ask = (request: Request, which = 0): Promise<unknown> =>
    opened.page.evaluate(`ask(${which}, ${JSON.stringify(request)})`);

  it("is made, kept over a reload, refused with a wrong passphrase, and had by one worker at a time", async () => {
    expect(await ask({ action: "open", passphrase: PASSPHRASE })).to.deep.equal({ refused: "VAULT_NOT_FOUND" });
    expect(await ask({ action: "open", passphrase: PASSPHRASE, create: true })).to.deep.equal({ is: "open" });
    expect(await ask({ action: "put" })).to.deep.equal({ is: 1 });
    expect(await ask({ action: "open", passphrase: PASSPHRASE }, 1)).to.deep.equal({ refused: "VAULT_IN_USE" });
    expect(await ask({ action: "close" })).to.deep.equal({ is: "closed" });
    expect(await ask({ action: "open", passphrase: PASSPHRASE }, 1)).to.deep.equal({ is: "open" });
    expect(await ask({ action: "close" }, 1)).to.deep.equal({ is: "closed" });

    await opened.load();
    expect(await ask({ action: "open", passphrase: "another oak" })).to.deep.equal({ refused: "WRONG_PASSPHRASE" });
    expect(await ask({ action: "open", passphrase: PASSPHRASE })).to.deep.equal({ is: "open" });
    expect(await ask({ action: "find" })).to.deep.equal({ is: { name: "kept", bytes: 1100 } });
  });

  it("is let go, with everything in it, by a page that went away without closing it", async () => {
    await opened.load();
    let answer: unknown;
    // The browser ends the worker of the page before in its own time.
    for (let left = 100; left > 0; left--) {
      answer = await ask({ action: "open", passphrase: PASSPHRASE });
      if (JSON.stringify(answer) !== JSON.stringify({ refused: "VAULT_IN_USE" })) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(answer).to.deep.equal({ is: "open" });
    expect(await ask({ action: "find" })).to.deep.equal({ is: { name: "kept", bytes: 1100 } });
  });

  it("seals and opens records beside it", async () => {
    for (const size of [0, 1000, 3 * 2 ** 20 + 7]) {
      expect(await ask({ action: "stream", size })).to.deep.equal({ is: size });
    }
  });

  it("says nothing to the console, and offends no policy", async () => {
    expect(await opened.complaints()).to.deep.equal([]);
  });
});
