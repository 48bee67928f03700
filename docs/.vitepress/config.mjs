/** How VitePress makes the site of the pages that tools/docs puts together. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { defineConfig } from "vitepress";

const cache = new URL("../../.cache/docs/", import.meta.url);
const pages = new URL("pages/", cache);

export default defineConfig({
  title: "ChartChain",
  description: "Patient-owned medical records: consent on chain, records sealed with post-quantum encryption on IPFS.",
  lang: "en",
  srcDir: fileURLToPath(pages),
  outDir: fileURLToPath(new URL("site", cache)),
  cacheDir: fileURLToPath(new URL("vitepress", cache)),
  head: [["link", { rel: "icon", href: "data:," }]],
  // The build looks at every link itself, with its heading: tools/docs/links.mjs.
  ignoreDeadLinks: false,
  markdown: {
    // The pages are Markdown as the forge shows it: what looks like a tag or a Vue expression is text.
    html: false,
    anchor: { slugify: headingId },
    config: (md) => {
      md.inline.ruler.push("name", named);
      md.renderer.rules.text = (tokens, i) => md.utils.escapeHtml(tokens[i].content).replaceAll("{{", "&#123;&#123;");
    },
  },
  vite: {
    // The index of the search is one file, loaded when somebody searches.
    build: { chunkSizeWarningLimit: 5_000 },
  },
  themeConfig: {
    search: { provider: "local" },
    outline: [2, 3],
    nav: [
      { text: "Guides", link: "/guides/start" },
      { text: "Commands", link: "/reference/commands/" },
      { text: "Package", link: "/reference/package/" },
      { text: "Contracts", link: "/reference/contracts/" },
      { text: "Errors", link: "/reference/errors" },
    ],
    sidebar: [
      {
        text: "ChartChain",
        items: [
          { text: "Start", link: "/" },
          { text: "README", link: "/project/README" },
          ...pagesOf("", { not: ["index"] }),
        ],
      },
      { text: "Guides", items: pagesOf("guides/") },
      {
        text: "Reference",
        items: [
          ...pagesOf("reference/"),
          { text: "Commands", link: "/reference/commands/", collapsed: true, items: below("reference/commands/") },
          { text: "Package", link: "/reference/package/", collapsed: true, items: below("reference/package/") },
          { text: "Contracts", link: "/reference/contracts/", collapsed: true, items: below("reference/contracts/") },
        ],
      },
      { text: "Assurance", items: pagesOf("assurance/") },
      {
        text: "Project",
        items: [
          { text: "Contributing", link: "/project/CONTRIBUTING" },
          { text: "Changelog", link: "/project/CHANGELOG" },
        ],
      },
    ],
  },
});

/** Lets a name through that links lead to: TypeDoc writes one into each row of a table. */
function named(state, silent) {
  const [name] = /^<a id="[\w-]+"><\/a>/.exec(state.src.slice(state.pos)) ?? [];
  if (name === undefined) return false;
  if (!silent) state.push("html_inline", "", 0).content = name;
  state.pos += name.length;
  return true;
}

/** The name of a heading in links, as the forge makes it. @param {string} heading */
function headingId(heading) {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}_ -]/gu, "")
    .replaceAll(" ", "-");
}

/** The pages of a folder by their titles. @param {string} folder @param {{ not?: string[] }} [options] */
function pagesOf(folder, { not = [] } = {}) {
  return namesIn(folder)
    .filter((name) => !not.includes(name))
    .map((name) => ({ text: titleOf(`${folder}${name}.md`), link: `/${folder}${name}` }))
    .sort((a, b) => a.text.localeCompare(b.text));
}

/** The pages of a folder and of those in it, by their paths. @param {string} folder */
function below(folder) {
  if (!existsSync(new URL(folder, pages))) return [];
  return readdirSync(new URL(folder, pages), { recursive: true })
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => file.endsWith(".md") && file !== "index.md")
    .map((file) => file.slice(0, -".md".length))
    .sort()
    .map((name) => ({ text: name.replace(/\/index$/, ""), link: `/${folder}${name}` }));
}

/** @param {string} folder */
function namesIn(folder) {
  if (!existsSync(new URL(folder, pages))) return [];
  return readdirSync(new URL(folder, pages))
    .filter((file) => file.endsWith(".md"))
    .map((file) => file.slice(0, -".md".length));
}

/** @param {string} page */
function titleOf(page) {
  return /^# (.+)$/m.exec(readFileSync(new URL(page, pages), "utf8"))?.[1] ?? page;
}
