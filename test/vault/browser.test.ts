import { existsSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { build } from "esbuild";
import { type Browser, type Page, chromium } from "playwright-core";

import type { Request } from "./browser-requests.js";
import { PASSPHRASE } from "./helpers.js";

const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
const QUIET = ["background-networking", "component-update", "sync", "quic"].map((what) => `--disable-${what}`);
/** As strict as a page of ours may be: no script but the origin's, none inline, and of WebAssembly that it is compiled. */
const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'";

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
  let server: Server;
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];

  before(async function () {
    if (CHROMIUM === undefined) {
      console.log("    skipped: there is no Chromium on this machine; on Debian: apt-get install chromium");
      return this.skip();
    }
    server = await serve();
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--no-first-run", ...QUIET] });
    page = await browser.newPage();
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    await load();
  });
  after(async () => {
    await browser?.close();
    server?.close();
    server?.closeAllConnections();
  });

  async function load(): Promise<void> {
    await page.goto(`http://localhost:${(server.address() as AddressInfo).port}/`);
  }
  const ask = (request: Request, which = 0): Promise<unknown> =>
    page.evaluate(`ask(${which}, ${JSON.stringify(request)})`);

  it("is made, kept over a reload, refused with a wrong passphrase, and had by one worker at a time", async () => {
    expect(await ask({ action: "open", passphrase: PASSPHRASE })).to.deep.equal({ refused: "VAULT_NOT_FOUND" });
    expect(await ask({ action: "open", passphrase: PASSPHRASE, create: true })).to.deep.equal({ is: "open" });
    expect(await ask({ action: "put" })).to.deep.equal({ is: 1 });
    expect(await ask({ action: "open", passphrase: PASSPHRASE }, 1)).to.deep.equal({ refused: "VAULT_IN_USE" });
    expect(await ask({ action: "close" })).to.deep.equal({ is: "closed" });
    expect(await ask({ action: "open", passphrase: PASSPHRASE }, 1)).to.deep.equal({ is: "open" });
    expect(await ask({ action: "close" }, 1)).to.deep.equal({ is: "closed" });

    await load();
    expect(await ask({ action: "open", passphrase: "another oak" })).to.deep.equal({ refused: "WRONG_PASSPHRASE" });
    expect(await ask({ action: "open", passphrase: PASSPHRASE })).to.deep.equal({ is: "open" });
    expect(await ask({ action: "find" })).to.deep.equal({ is: { name: "kept", bytes: 1100 } });
  });

  it("is let go, with everything in it, by a page that went away without closing it", async () => {
    await load();
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

  it("says nothing to the console, and offends no policy", () => {
    expect(complaints).to.deep.equal([]);
  });
});

/** A page that can ask workers, from localhost: a secure context. */
async function serve(): Promise<Server> {
  const worker = fileURLToPath(new URL("./browser-worker.ts", import.meta.url));
  const options = { bundle: true, write: false, format: "esm", platform: "browser", target: "es2024" } as const;
  const bundle = await build({ ...options, entryPoints: [worker], logLevel: "silent" });
  const wasm = fileURLToPath(import.meta.resolve("@sqlite.org/sqlite-wasm/sqlite3.wasm"));
  const files: Record<string, [type: string, content: string | Uint8Array]> = {
    "/": [
      "text/html",
      '<!doctype html><title>vault</title><link rel="icon" href="data:,"><script src="/start.js"></script>',
    ],
    "/start.js": ["text/javascript", START],
    "/worker.js": ["text/javascript", bundle.outputFiles[0]!.contents],
    "/sqlite3.wasm": ["application/wasm", readFileSync(wasm)],
  };
  const server = createServer((request, response) => {
    const [type, content] = files[request.url ?? ""] ?? [];
    response.writeHead(type === undefined ? 404 : 200, {
      "content-type": type ?? "text/plain",
      "content-security-policy": POLICY,
    });
    response.end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  return server;
}
