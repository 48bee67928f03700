/** The page's one style sheet. It names no font, no picture and no other file. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1c2330; --soft: #5a6475; --line: #d8dde6; --paper: #fff; --wash: #f4f6f9;
  --accent: #0b5c8a; --good: #1d6b3a; --bad: #97320f; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ee; --soft: #a3adbd; --line: #3a4352; --paper: #14181f;
  --wash: #1c222c; --accent: #7cc4ee; --good: #7fd39f; --bad: #f0a184; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--wash); color: var(--ink); font: 16px/1.5 system-ui, sans-serif;
  overflow-wrap: anywhere; }
main { max-width: 62rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { margin: 0 0 .25rem; font-size: 1.7rem; line-height: 1.2; }
h2 { margin: 0 0 .75rem; font-size: 1.2rem; }
h3 { margin: 1.5rem 0 .25rem; font-size: 1rem; }
p { margin: 0 0 .75rem; }
a { color: var(--accent); }
nav { margin: 1rem 0; }
nav a { display: inline-block; margin: 0 1rem .25rem 0; }
section { margin: 1rem 0; padding: 1.25rem; background: var(--paper); border: 1px solid var(--line); border-radius: .5rem; }
.soft { color: var(--soft); font-size: .9rem; }
.good { color: var(--good); font-weight: 600; }
.bad { color: var(--bad); font-weight: 600; }
.mono { font-family: ui-monospace, monospace; font-size: .85em; }
table { width: 100%; border-collapse: collapse; font-size: .93rem; table-layout: fixed; }
.record th:nth-child(1) { width: 20%; }
.record th:nth-child(2) { width: 46%; }
.record th:nth-child(4) { width: 14%; }
caption { text-align: left; padding: .25rem .5rem; background: var(--wash); border-radius: .25rem; }
table + table, table + p { margin-top: 1.25rem; }
th, td { padding: .4rem .5rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top;
  unicode-bidi: isolate; }
th { color: var(--soft); font-weight: 600; }
tr:last-child td { border-bottom: 0; }
ul { margin: 0; padding-left: 1.25rem; }
li { margin-bottom: .4rem; }
@media (max-width: 40rem) {
  section { padding: 1rem .75rem; }
  table, caption, tbody, tr, td { display: block; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tr { padding: .5rem 0; border-bottom: 1px solid var(--line); }
  td { border: 0; padding: .1rem 0; }
  td[data-name]::before { content: attr(data-name) ": "; color: var(--soft); }
  td:empty { display: none; }
}
@page { margin: 15mm; }
@media print {
  :root { color-scheme: light; --ink: #000; --soft: #444; --line: #bbb; --paper: #fff; --wash: #fff; --accent: #000; }
  body { font-size: 10pt; }
  main { max-width: none; padding: 0; }
  nav { display: none; }
  section { border: 0; padding: 0; margin: 0 0 1rem; }
  tr, h2, h3 { break-inside: avoid; break-after: auto; }
  h2, h3 { break-after: avoid; }
  thead { display: table-header-group; }
}
`;
