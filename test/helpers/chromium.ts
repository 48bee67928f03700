import { EventEmitter, once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";
import { type Browser, chromium, type Page } from "playwright-core";

const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
/** Where the browser tells of what the policy refused, in workers as well, and how that is told here. */
const [REPORTS, REPORT] = ["/policy-reports", "offends the policy: "];
const MARKER = "https://nobody.example/";
const QUIET = ["background-networking", "component-update", "sync", "quic"].map((what) => `--disable-${what}`);

/** A path, its media type, and what lies there. */
export type Files = Record<string, readonly [type: string, content: string | Uint8Array]>;

/** A page in a browser. */
export interface OpenPage {
  page: Page;
  /** What it and its workers said to the console, what they threw, and where they offended the policy, until now. */
  complaints(): Promise<string[]>;
  /** Loads it, also once more. */
  load(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens a page in Chromium, from localhost: a secure context. Without a Chromium it prints why and skips the suite.
 *
 * @param files what is served beside the page; `/start.js` is loaded by it as a module
 * @param options `connect`: where the page may connect to, besides where it came from
 */
export async function openPage(
  suite: Mocha.Context,
  files: Files,
  { connect = [] }: { connect?: readonly string[] } = {},
): Promise<OpenPage> {
  const browser = await launch(suite);
  const complaints: string[] = [];
  const reported = new EventEmitter();
  const server = await serve(files, policy(connect), (report) => {
    complaints.push(report);
    reported.emit("report");
  });
  const page = await browser.newPage();
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  const opened: OpenPage = {
    page,
    async complaints() {
      // The browser reports in its own time. A report of an offence of ours comes after those of all before.
      const isOurs = (text: string) => text.includes(MARKER);
      await page.evaluate(`fetch("${MARKER}").catch(() => undefined)`);
      while (!complaints.some((text) => isOurs(text) && text.startsWith(REPORT))) await once(reported, "report");
      return complaints.filter((text) => !isOurs(text));
    },
    async load() {
      await page.goto(`http://localhost:${(server.address() as AddressInfo).port}/`);
    },
    async close() {
      await browser.close();
      server.closeAllConnections();
      server.close();
    },
  };
  await opened.load();
  return opened;
}

/** Starts Chromium; without one prints why and skips the suite. */
export async function launch(suite: Mocha.Context): Promise<Browser> {
  if (CHROMIUM === undefined) {
    console.log("    skipped: there is no Chromium on this machine; on Debian: apt-get install chromium");
    return suite.skip();
  }
  return chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--no-first-run", ...QUIET] });
}

/** As strict as a page of ours may be: no script but the origin's, none inline, and of WebAssembly that it is compiled. */
const policy = (connect: readonly string[]): string =>
  [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "worker-src 'self'",
    `connect-src ${["'self'", ...connect].join(" ")}`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    `report-uri ${REPORTS}`,
  ].join("; ");

/** A program and all that it needs, as one file for a browser. @param entry a file's URL */
export async function bundled(entry: URL): Promise<readonly ["text/javascript", Uint8Array]> {
  const { outputFiles } = await build({
    ...({
      bundle: true,
      write: false,
      format: "esm",
      platform: "browser",
      target: "es2024",
      logLevel: "silent",
    } as const),
    entryPoints: [fileURLToPath(entry)],
    // Validation of FHIR is optional, and not for browsers.
    external: ["@medplum/*"],
  });
  return ["text/javascript", outputFiles[0]!.contents];
}

/** SQLite's engine, which is fetched from beside the bundle. */
export const sqliteWasm = (): readonly ["application/wasm", Uint8Array] => [
  "application/wasm",
  readFileSync(fileURLToPath(import.meta.resolve("@sqlite.org/sqlite-wasm/sqlite3.wasm"))),
];

const PAGE =
  '<!doctype html><title>chartchain</title><link rel="icon" href="data:,"><script type="module" src="/start.js"></script>';

async function serve(files: Files, policy: string, onReport: (report: string) => void): Promise<Server> {
  const all: Files = { "/": ["text/html", PAGE], ...files };
  const server = createServer((request, response) => {
    if (request.url === REPORTS) {
      void text(request).then((report) => onReport(REPORT + report));
      return void response.writeHead(204).end();
    }
    const [type, content] = all[request.url ?? ""] ?? [];
    response.writeHead(type === undefined ? 404 : 200, {
      "content-type": type ?? "text/plain",
      "content-security-policy": policy,
      "x-content-type-options": "nosniff",
    });
    response.end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  return server;
}
