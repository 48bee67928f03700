import { readFile, stat } from "node:fs/promises";

import { ChartChainError } from "../../errors/index.js";

const MAX_BYTES = 256 * 1024 * 1024;

/**
 * Reads a JSON file, such as one that somebody handed over. What is in it is for the SDK to judge.
 *
 * @throws FILE_UNREADABLE, FILE_TOO_LARGE, FILE_NOT_JSON
 */
export async function readJsonFile(path: string): Promise<unknown> {
  const { size } = await sizeOfFile(path);
  if (size > MAX_BYTES) {
    throw new ChartChainError("FILE_TOO_LARGE", `the file has ${size} bytes: ${path}`, {
      details: { path, size, max: MAX_BYTES },
      hint: "Check that it is the right one: a handover file stays far below this.",
    });
  }
  const bytes = await readBytes(path);
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    throw new ChartChainError("FILE_NOT_JSON", `the file is not JSON: ${path}`, {
      details: { path },
      hint: "Check that it is the right one and that it was copied as a whole.",
    });
  }
}

/** A file as it is. Throws FILE_UNREADABLE. */
export async function readBytes(path: string): Promise<Buffer> {
  await sizeOfFile(path);
  return readFile(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
}

/** How large a file is. Throws FILE_UNREADABLE when it isn't there, isn't a plain file or isn't ours to read. */
export async function sizeOfFile(path: string): Promise<{ size: number }> {
  try {
    const found = await stat(path);
    if (!found.isFile()) throw Object.assign(new Error("not a file"), { code: "EISDIR" });
    return { size: found.size };
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function unreadable(path: string, cause: unknown): ChartChainError {
  return new ChartChainError("FILE_UNREADABLE", `the file can't be read: ${path}`, {
    details: { path, reason: (cause as NodeJS.ErrnoException).code },
    hint: "Check that the path is right and that the file is yours to read.",
    cause,
  });
}
