import { plainText } from "./plain-text.js";

/** A piece of a page. Only {@link markup} makes one, so that no text of others becomes one. */
export class Html {
  readonly #markup: string;

  private constructor(markup: string) {
    this.#markup = markup;
  }

  static of(parts: readonly string[], values: readonly HtmlValue[]): Html {
    return new Html(parts.map((part, i) => `${part}${i < values.length ? markupOf(values[i]) : ""}`).join(""));
  }

  toString(): string {
    return this.#markup;
  }
}

/** What a template takes: pieces as they are, everything else as text. */
export type HtmlValue = Html | string | number | undefined | readonly HtmlValue[];

/**
 * A piece of a page out of a template. Texts are escaped, wherever they stand.
 *
 * @example
 * markup`<td>${"<script>"}</td>`.toString() // <td>&lt;script&gt;</td>
 */
export const markup = (parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html => Html.of(parts, values);

function markupOf(value: HtmlValue): string {
  if (value instanceof Html) return value.toString();
  if (Array.isArray(value)) return (value as readonly HtmlValue[]).map(markupOf).join("");
  return value === undefined ? "" : escaped(String(value));
}

const NAMES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
  "`": "&#96;",
};

const escaped = (text: string): string => plainText(text).replace(/[&<>"'`]/g, (letter) => NAMES[letter]!);
