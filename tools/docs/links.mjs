/** Whether the site that was built holds together: every link leads somewhere, and nothing is loaded from elsewhere. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join, posix, sep } from "node:path";

/**
 * @param {string} folder of the site.
 * @param {string} base the path that it is served below.
 * @returns {string[]} what is wrong, and where.
 */
export function siteProblems(folder, base) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .split(sep)
        .join("/"),
    );
  const pages = new Map(files.filter((file) => file.endsWith(".html")).map((file) => [file, pageIn(folder, file)]));
  const problems = [];
  for (const [page, { links, loads }] of pages) {
    const here = new URL(`https://site${base}${page}`);
    for (const link of links) {
      const { origin, pathname, hash } = new URL(link, here);
      if (origin !== here.origin) continue;
      const to = targetOf(pathname.slice(base.length));
      const ids = pages.get(to)?.ids;
      if (!existsSync(join(folder, to))) problems.push(`${page}: ${link} leads nowhere`);
      else if (hash !== "" && ids && !ids.has(decodeURIComponent(hash.slice(1)))) {
        problems.push(`${page}: ${link} leads to a page without that heading`);
      }
    }
    for (const load of loads) {
      const { origin, protocol } = new URL(load, here);
      if (origin !== here.origin && protocol !== "data:") problems.push(`${page}: it loads ${load}`);
    }
  }
  for (const file of files.filter((name) => name.endsWith(".css"))) {
    const foreign = readFileSync(join(folder, file), "utf8").match(/(?:url\(|@import)\s*["']?(?:https?:)?\/\/[^)"']+/g);
    for (const load of foreign ?? []) problems.push(`${file}: it loads ${load}`);
  }
  return [...new Set(problems)];
}

/** @param {string} path */
function targetOf(path) {
  const decoded = decodeURIComponent(path);
  return decoded === "" || decoded.endsWith("/") ? posix.join(decoded, "index.html") : decoded;
}

/** What a page links to, what it loads by itself, and the names in it that links may lead to. @param {string} folder @param {string} file */
function pageIn(folder, file) {
  const html = readFileSync(join(folder, file), "utf8");
  const all = (/** @type {RegExp} */ pattern) => [...html.matchAll(pattern)].map(([, found = ""]) => unescaped(found));
  return {
    links: all(/<a\b[^>]*? href="([^"]*)"/g),
    loads: [...all(/<(?:script|img|iframe|source)\b[^>]*? src="([^"]*)"/g), ...all(/<link\b[^>]*? href="([^"]*)"/g)],
    ids: new Set(all(/ id="([^"]*)"/g)),
  };
}

const unescaped = (/** @type {string} */ text) => text.replaceAll("&amp;", "&").replaceAll("&quot;", '"');
