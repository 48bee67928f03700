import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect } from "chai";
import type { Browser, Page } from "playwright-core";

import { siteProblems } from "../../tools/docs/links.mjs";
import { serveSite } from "../../tools/docs/serve.mjs";
import { launch } from "../helpers/chromium.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SITE = join(ROOT, ".cache", "docs", "site");
/** A telephone's and a laptop's, in pixels. */
const WIDTHS = [360, 1_280];
const AT_ONCE = 3;

/** What `npm run test:docs` builds before it comes here: that takes as long as all of this. */
describe("the documentation's site", () => {
  let site: { url: string; close(): void };
  let browser: Browser;
  let origin: string;
  let pages: string[];

  before(async function () {
    pages = readdirSync(SITE, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".html"));
    site = await serveSite(SITE);
    ({ origin } = new URL(site.url));
    browser = await launch(this);
  });
  after(async () => {
    await browser?.close();
    site?.close();
  });

  /** A page of the browser, and what went wrong in it. */
  async function open(): Promise<{ page: Page; complaints: string[] }> {
    const complaints: string[] = [];
    const page = await browser.newPage();
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("request", (request) => {
      const { protocol, origin: to } = new URL(request.url());
      if (to !== origin && protocol !== "data:") complaints.push(`asks ${request.url()}`);
    });
    page.on("response", (response) => {
      if (response.status() >= 400) complaints.push(`${response.status()} ${response.url()}`);
    });
    return { page, complaints };
  }

  it("shows each page on a telephone and on a laptop: nothing sticks out, nothing complains, nothing comes from elsewhere", async () => {
    // Listings of contracts are of one kind: one stands for all.
    const waiting = pages.filter((file) => !/^404|^project\/contracts\/(?!Records)/.test(file));
    const problems: string[] = [];
    const walk = async () => {
      const { page, complaints } = await open();
      for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
        await page.goto(`${origin}/${file}`, { waitUntil: "load" });
        for (const width of WIDTHS) {
          await page.setViewportSize({ width, height: 800 });
          const wide = await page.evaluate("document.documentElement.scrollWidth");
          if (wide !== width) problems.push(`${file}: ${String(wide)} pixels wide on ${width}`);
        }
        problems.push(...complaints.splice(0).map((complaint) => `${file}: ${complaint}`));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, walk));

    expect(pages.length).to.be.greaterThan(100);
    expect(problems).to.deep.equal([]);
  });

  for (const [width, word, expected] of [
    [360, "break-glass", "architecture.html"],
    [1_280, "NOT_AN_ACTIVE_STEWARD", "reference/errors.html"],
    [1_280, "anchorBatches", "reference/contracts/interfaces/IRecords.html"],
  ] as const) {
    it(`finds ${word} by the search, ${width} pixels wide`, async () => {
      const { page, complaints } = await open();
      await page.setViewportSize({ width, height: 800 });
      await page.goto(origin);
      await page.locator(".DocSearch-Button").click();
      await page.locator("#localsearch-input").fill(word);
      await page.locator(`.results a[href*="${expected}"]`).first().click();
      await page.waitForURL(`${origin}/${expected}**`);

      expect(complaints).to.deep.equal([]);
    });
  }
});

describe("what shows the documentation", () => {
  let folder: string;
  let site: { url: string; close(): void };

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "chartchain-docs-"));
    mkdirSync(join(folder, "site", "guides"), { recursive: true });
    writeFileSync(join(folder, "secret.html"), "secret");
    writeFileSync(join(folder, "site", "guides", "index.html"), "guides");
    site = await serveSite(join(folder, "site"), { base: "/base/" });
  });
  after(() => {
    site.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("answers with the index of a folder", async () => {
    const answer = await fetch(`${site.url}guides/`);

    expect(await answer.text()).to.equal("guides");
    expect(answer.headers.get("content-type")).to.equal("text/html; charset=utf-8");
  });
  for (const path of ["guides/gone.html", "..%2fsecret.html", "%2e%2e%2fsecret.html", "../base-not/guides/", "%"]) {
    it(`gives nothing for ${path}`, async () => {
      expect((await fetch(site.url + path)).status).to.equal(404);
    });
  }
});

describe("what the documentation's build refuses", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "chartchain-docs-"));
    mkdirSync(join(folder, "guides"));
    writeFileSync(join(folder, "index.html"), '<h1 id="start">Start</h1><a href="/base/guides/run.html#first">Run</a>');
    writeFileSync(join(folder, "guides", "run.html"), '<h2 id="first">First</h2><a href="../#start">Start</a>');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("finds nothing wrong with a site that holds together", () => {
    expect(siteProblems(folder, "/base/")).to.deep.equal([]);
  });
  for (const [what, html, problem] of [
    ["a link to a page that isn't there", '<a class="x" href="guides/gone.html">', "guides/gone.html leads nowhere"],
    [
      "a link to a heading that isn't there",
      '<a href="guides/run.html#second">',
      "guides/run.html#second leads to a page without that heading",
    ],
    ["a script of another host", '<script src="https://cdn.example/a.js">', "it loads https://cdn.example/a.js"],
    ["a font of another host", '<link rel="x" href="//cdn.example/a.woff2">', "it loads //cdn.example/a.woff2"],
  ] as const) {
    it(`refuses ${what}`, () => {
      writeFileSync(join(folder, "page.html"), html);

      expect(siteProblems(folder, "/base/")).to.deep.equal([`page.html: ${problem}`]);
    });
  }
  it("refuses a picture of another host in a style sheet", () => {
    writeFileSync(join(folder, "style.css"), "a { background: url(https://cdn.example/a.png) }");

    expect(siteProblems(folder, "/base/")).to.deep.equal(["style.css: it loads url(https://cdn.example/a.png"]);
  });
});
