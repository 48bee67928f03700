#!/usr/bin/env node
/** No file of the tree holds what belongs to one machine or one day: local paths, registry hosts, open ends, muted tests. */
import { spawnSync } from "node:child_process";
import { exit } from "node:process";

import { ROOT, textOf } from "./setup/project.mjs";

/** Every pattern is written so that it does not match itself. */
const RULES = [
  { what: "a path of one machine", pattern: /(?<![\w.$@{}:-])\/(?:work|farm|root|home\/\w+|Users\/\w+|tmp\/bash)[/]/ },
  { what: "a path of one machine", pattern: /\b[A-Z]:\\{1,2}Users\\/ },
  {
    what: "a registry host",
    pattern: /registry[.](?:npmjs|yarnpkg|npmmirror)|npm[.]pkg[.]github|proxy[.]golang[.]org|pypi[.]org[/]simple/,
  },
  { what: "an open end", pattern: /\b(?:TO[D]O|FIX[M]E|XX[X])\b/ },
  { what: "a test that mutes others", pattern: /\b(?:describe|context|it|specify|suite|test)[.]only\b/ },
  {
    what: "a muted test",
    pattern: /\b(?:describe|context|it|specify|suite|test)[.]skip\b(?![(][)])|\bx(?:it|describe|specify)[(]/,
  },
];

const listed = spawnSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
  cwd: ROOT,
  encoding: "utf8",
});
if (listed.status !== 0) {
  console.error(`git cannot list the files of the tree: ${listed.error?.message ?? listed.stderr}`);
  exit(1);
}

let found = 0;
for (const file of new Set(listed.stdout.split("\0").filter((name) => name !== ""))) {
  const text = textOf(file);
  // Deleted but still listed, or not text.
  if (text === undefined || text.includes("\0")) continue;
  for (const { what, pattern } of RULES) {
    if (!pattern.test(text)) continue;
    for (const [index, line] of text.split("\n").entries()) {
      if (!pattern.test(line)) continue;
      console.error(`${file}:${index + 1}: ${what}: ${line.trim().slice(0, 120)}`);
      found++;
    }
  }
}
exit(found === 0 ? 0 : 1);
