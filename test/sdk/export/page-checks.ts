import { expect } from "chai";

/** Elements and attributes that a page of ours may have. None of them runs, loads or sends anything. */
const ELEMENTS: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(
    [
      "head",
      "title",
      "style",
      "body",
      "main",
      "h1",
      "h2",
      "h3",
      "nav",
      "caption",
      "thead",
      "tbody",
      "tr",
      "ul",
      "li",
    ].map((name) => [name, []]),
  ),
  html: ["lang"],
  meta: ["charset", "http-equiv", "name", "content"],
  section: ["id"],
  p: ["class"],
  span: ["class"],
  a: ["href"],
  table: ["class"],
  th: ["scope"],
  td: ["dir", "data-name"],
};
const VOID = ["meta"];

/**
 * Reads a page as strictly as it is written: each `<` begins a tag of {@link ELEMENTS}, closed in its order, with quoted
 * attributes. A text that became markup doesn't pass.
 *
 * @returns the words of the page, tags taken out
 */
export function readPage(page: string): string {
  const body = page.replace(/^<!doctype html>\n/, "");
  expect(body.length, "it begins with its doctype").to.be.lessThan(page.length);
  const open: string[] = [];
  let words = "";
  let at = 0;
  for (const match of body.matchAll(/<(\/?)([^\s<>"]*)((?:\s+[a-z-]+="[^"<>]*")*)\s*>/g)) {
    const [tag, slash, name = "", attributes = ""] = match;
    const text = body.slice(at, match.index);
    expect(text, "a text holds no tag").not.to.match(/[<>]/);
    if (open.at(-1) !== "style") words += text;
    at = match.index + tag.length;
    expect(Object.keys(ELEMENTS), tag).to.include(name);
    if (slash === "/") {
      expect(open.pop(), tag).to.equal(name);
      continue;
    }
    for (const [, attribute, value] of attributes.matchAll(/([a-z-]+)="([^"]*)"/g)) {
      expect(ELEMENTS[name], tag).to.include(attribute);
      if (attribute === "href") expect(value).to.match(/^(#[a-z]+|document-[0-9a-f]{64}\.[a-z]+)$/);
      if (attribute === "http-equiv") expect(value).to.equal("Content-Security-Policy");
    }
    if (!VOID.includes(name)) open.push(name);
  }
  expect(open, "all is closed").to.deep.equal([]);
  expect(body.slice(at).trim(), "nothing follows").to.equal("");
  expect(page, "no address to load from").not.to.match(/https?:|url\(|@import|javascript:|data:/i);
  return unescaped(words);
}

const unescaped = (text: string): string =>
  text
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&quot;/g, '"')
    .replace(/&amp;/g, "&");
