import type { Explanations } from "./explanation.js";

export const WATCH = {
  INDEX_CLOSED: {
    why: "The index was closed before this use.",
    fix: "Open it again; close it only after the last use.",
  },
  INDEX_CORRUPT: {
    why: "The file is no index, or a page of it is damaged.",
    fix: "If it was one, move the file away and open it again: the events come from the chain. Up to where each consumer of `watch` was told, no chain has: give `from`, a block before the gap, or they begin at now.",
  },
  INDEX_FULL: {
    why: "There is no room on the disk.",
    fix: "Free space and repeat; what was fetched before is kept.",
  },
  INDEX_IN_USE: {
    why: "Another program, or this one, has the index open.",
    fix: "Close it there, or give each program a file of its own.",
  },
  INDEX_MISMATCH: {
    why: "The file is the index of another deployment, or has the tables of another version. It is left as it is.",
    fix: "Give each deployment a file of its own, or move this one away: the events come from the chain again. Up to where each consumer of `watch` was told, no chain has: give `from`, a block before the gap.",
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
  WATCH_CONSUMER_IN_USE: {
    why: "Two in one program watch as the same consumer by the same index. Each would be told a part.",
    fix: "Stop the first, give the second a `consumer` of its own, or put their handlers together into one `watch`.",
  },
} satisfies Explanations;
