/**
 * The pages that people wrote, and what they link to in this repository: other documents and sources, so that no link leads
 * out of the site.
 */
import { copyFileSync, existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, posix } from "node:path";

import { at, filesBelow, textOf } from "../setup/project.mjs";
import { PAGES } from "./places.mjs";

/** Documents outside of docs that the site shows whether one links to them or not. */
const ALSO = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"];
/** Larger files are offered as they are, without a page. */
const LARGEST_SHOWN = 200_000;
/** By the end of a file's name; a page shows others as plain text. @type {Record<string, string>} */
const LANGUAGES = { cjs: "js", js: "js", json: "json", mjs: "js", sh: "sh", sol: "solidity", ts: "ts", yaml: "yaml" };

/** Writes them as pages of the site. Throws when a document links to a file that isn't there. */
export function writeDocuments() {
  const files = new Set([...filesBelow("docs").filter((file) => !file.includes("/.vitepress/")), ...ALSO]);
  // A set gives what is added to it while it is gone through.
  for (const file of files) {
    const page = pageOf(file);
    mkdirSync(dirname(at(PAGES, page)), { recursive: true });
    if (file.endsWith(".md"))
      writeFileSync(
        at(PAGES, page),
        withLinks(file, (linked) => files.add(linked)),
      );
    else if (page.endsWith(".md")) writeSource(file);
    else copyFileSync(at(file), at(PAGES, page));
  }
}

/** Writes a page that shows a file of this repository. @param {string} file */
export function writeSource(file) {
  const text = textOf(file) ?? "";
  const language = LANGUAGES[file.split(".").at(-1) ?? ""] ?? "text";
  const page = [
    "---\nsearch: false\naside: false\nprev: false\nnext: false\n---",
    `# ${posix.basename(file)}`,
    `\`${file}\``,
    `\`\`\`\`\`${language}\n${text.trimEnd()}\n\`\`\`\`\``,
  ];
  mkdirSync(dirname(at(PAGES, pageOf(file))), { recursive: true });
  writeFileSync(at(PAGES, pageOf(file)), `${page.join("\n\n")}\n`);
}

/** The path in the site of what a file of this repository becomes there. @param {string} file */
export function pageOf(file) {
  if (file === "docs/README.md") return "index.md";
  if (file.startsWith("docs/")) return `${file.endsWith(".md") ? "" : "public/"}${file.slice("docs/".length)}`;
  if (file.endsWith(".md")) return `project/${file}`;
  return statSync(at(file)).size > LARGEST_SHOWN ? `public/project/${file}` : `project/${file.replaceAll(".", "-")}.md`;
}

/**
 * A document's text, with links that lead to where things are in the site.
 *
 * @param {string} document
 * @param {(file: string) => void} onLink told of each file that it links to.
 */
function withLinks(document, onLink) {
  const from = posix.dirname(pageOf(document));
  return outsideOfCode(textOf(document) ?? "", (text) =>
    text.replace(/\]\((?!\w+:|#)([^)\s#]+)(#[^)\s]*)?\)/g, (_, path, anchor = "") => {
      const file = posix.join(posix.dirname(document), path);
      if (!existsSync(at(file))) throw new Error(`${document} links to ${path}, which isn't there: mend the link`);
      if (statSync(at(file)).isDirectory()) throw new Error(`${document} links to the folder ${path}: link to a file`);
      onLink(file);
      const page = pageOf(file);
      return page.startsWith("public/")
        ? `](/${page.slice("public/".length)})`
        : `](${posix.relative(from, page)}${anchor})`;
    }),
  );
}

/** Changes what stands outside of fenced code. @param {string} text @param {(text: string) => string} change */
function outsideOfCode(text, change) {
  return text
    .split(/^(```[^]*?^```$)/m)
    .map((part, i) => (i % 2 === 0 ? change(part) : part))
    .join("");
}
