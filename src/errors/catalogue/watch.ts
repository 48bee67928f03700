import type { Explanations } from "./explanation.js";

export const WATCH = {
  INDEX_CLOSED: {
    why: "The index was closed before this use.",
    fix: "Open it again; close it only after the last use.",
  },
  INDEX_CORRUPT: {
    why: "The file is no index, or a page of it is damaged.",
    fix: "If it was one, delete the file and open it again: nothing is in it that the chain doesn't have.",
  },
  INDEX_FULL: {
    why: "There is no room on the disk.",
    fix: "Free space and repeat; what was fetched before is kept.",
  },
  INDEX_IN_USE: {
    why: "Another program, or this one, has the index open.",
    fix: "Close it there, or give each program a file of its own.",
  },
  INDEX_MISSING: {
    why: "Notices, or an overview, were asked for of a client without an index.",
    fix: "Open one with `openIndex` and give it to `createClient` as `events`.",
  },
  INDEX_UNWRITABLE: {
    why: "The system doesn't let the index be read or written.",
    fix: "Check that folder and file belong to you and that the disk isn't read-only.",
  },
  NODE_BEHIND: {
    why: "The node doesn't have a block that it, or another one behind the same URL, had before; or its newest blocks change each time they are read.",
    fix: "Try again in a moment; use a node that doesn't lag.",
  },
} satisfies Explanations;
