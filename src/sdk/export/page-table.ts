import { markup, type Html, type HtmlValue } from "./markup.js";

/** A table: each cell knows its column, for where there is no room for columns. */
export function table(names: readonly string[], rows: readonly (readonly HtmlValue[])[], caption?: Html): Html {
  return markup`<table${caption === undefined ? "" : markup` class="record"`}>${
    caption === undefined
      ? ""
      : markup`<caption>
          ${caption}
        </caption>`
  }
<thead><tr>${names.map((name) => markup`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>
${rows.map(
  (row) =>
    markup`<tr>
      ${row.map((cell, i) => markup`<td dir="auto" data-name="${names[i]}">${cell}</td>`)}
    </tr> `,
)}</tbody></table>`;
}
