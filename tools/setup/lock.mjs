/** One setup at a time, and one packing: `npm start` and `npm test` may be called together on a fresh clone. */
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { kill, pid } from "node:process";
import { setTimeout as sleep } from "node:timers/promises";

import { at } from "./project.mjs";

/** A lock without an owner's id is abandoned after this many milliseconds: the id is written right after the folder. */
const GRACE = 5_000;

/**
 * Runs `work` while no other process of this clone does what has this name.
 *
 * @param {() => Promise<void>} work
 * @param {string} name
 */
export async function withLock(work, name = "setup") {
  mkdirSync(at(".cache"), { recursive: true });
  const lock = at(".cache", `${name}.lock`);
  let told = false;
  while (!take(lock)) {
    if (abandoned(lock)) {
      release(lock);
      continue;
    }
    if (!told) console.error(`Waiting for another ${name} of this clone (process ${owner(lock) ?? "unknown"}) …`);
    told = true;
    await sleep(500);
  }
  try {
    await work();
  } finally {
    release(lock);
  }
}

/** mkdir either makes the folder or fails: that is the lock. @param {string} lock */
function take(lock) {
  try {
    mkdirSync(lock);
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  }
  writeFileSync(join(lock, "pid"), String(pid));
  return true;
}

/** @param {string} lock */
function abandoned(lock) {
  const holder = owner(lock);
  try {
    if (holder === undefined) return Date.now() - statSync(lock).mtimeMs > GRACE;
    kill(holder, 0);
    return false;
  } catch (error) {
    return error.code === "ESRCH";
  }
}

/** @param {string} lock */
function owner(lock) {
  try {
    return Number.parseInt(readFileSync(join(lock, "pid"), "utf8"), 10) || undefined;
  } catch {
    return undefined;
  }
}

/** Moved away before it is removed, so that two processes never empty the same folder. @param {string} lock */
function release(lock) {
  const gone = `${lock}.${pid}`;
  try {
    renameSync(lock, gone);
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
  }
  rmSync(gone, { recursive: true, force: true });
}
