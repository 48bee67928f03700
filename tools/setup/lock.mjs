/** One setup at a time: `npm start` and `npm test` may be called together on a fresh clone. */
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { kill, pid } from "node:process";
import { setTimeout as sleep } from "node:timers/promises";

import { at } from "./project.mjs";

const LOCK = at(".cache", "setup.lock");
const OWNER = join(LOCK, "pid");
/** A lock without an owner's id is abandoned after this many milliseconds: the id is written right after the folder. */
const GRACE = 5_000;

/** Runs `work` while no other process of this clone is in setup. @param {() => Promise<void>} work */
export async function withLock(work) {
  mkdirSync(at(".cache"), { recursive: true });
  let told = false;
  while (!take()) {
    if (abandoned()) {
      release();
      continue;
    }
    if (!told) console.error(`Waiting for another setup of this clone (process ${owner() ?? "unknown"}) …`);
    told = true;
    await sleep(500);
  }
  try {
    await work();
  } finally {
    release();
  }
}

/** mkdir either makes the folder or fails: that is the lock. */
function take() {
  try {
    mkdirSync(LOCK);
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  }
  writeFileSync(OWNER, String(pid));
  return true;
}

function abandoned() {
  const holder = owner();
  try {
    if (holder === undefined) return Date.now() - statSync(LOCK).mtimeMs > GRACE;
    kill(holder, 0);
    return false;
  } catch (error) {
    return error.code === "ESRCH";
  }
}

function owner() {
  try {
    return Number.parseInt(readFileSync(OWNER, "utf8"), 10) || undefined;
  } catch {
    return undefined;
  }
}

/** Moved away before it is removed, so that two processes never empty the same folder. */
function release() {
  const gone = `${LOCK}.${pid}`;
  try {
    renameSync(LOCK, gone);
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
  }
  rmSync(gone, { recursive: true, force: true });
}
