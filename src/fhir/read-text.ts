import { constants } from "node:buffer";
import { open } from "node:fs/promises";
import { ChartChainError } from "../errors/index.js";

/** The largest file that is read unless told otherwise: 128 MiB. */
export const DEFAULT_MAX_BYTES = 128 * 1024 * 1024;

/**
 * Reads one whole regular file as UTF-8 text (a leading byte order mark is dropped).
 *
 * @param path the file
 * @param maxBytes cap in bytes, checked before a byte is read
 * @throws ChartChainError FHIR_FILE_UNREADABLE, FHIR_FILE_TOO_LARGE, NOT_UTF8
 * @example
 * const text = await readText("patient.json", DEFAULT_MAX_BYTES)
 */
export async function readText(path: string, maxBytes: number): Promise<string> {
  const bytes = await readBytes(path, Math.min(maxBytes, constants.MAX_STRING_LENGTH));
  return decodeUtf8(bytes, path);
}

/** Decodes UTF-8 strictly. @throws ChartChainError NOT_UTF8 */
export function decodeUtf8(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    // The platform's own error says nothing more.
    throw new ChartChainError("NOT_UTF8", `${name} is not UTF-8 text`, {
      details: { file: name },
      hint: "Save the file as UTF-8; FHIR JSON knows no other encoding.",
    });
  }
}

async function readBytes(path: string, maxBytes: number): Promise<Uint8Array> {
  try {
    await using file = await open(path, "r");
    const stat = await file.stat();
    // A device or a pipe could block or never end.
    if (!stat.isFile()) throw unreadable(path, "it is not a regular file");
    if (stat.size > maxBytes) throw tooLarge(path, stat.size, maxBytes);
    const bytes = await file.readFile();
    // The file may have grown since.
    if (bytes.length > maxBytes) throw tooLarge(path, bytes.length, maxBytes);
    return bytes;
  } catch (error) {
    if (error instanceof ChartChainError) throw error;
    const reason = (error as NodeJS.ErrnoException).code ?? "unknown reason";
    throw unreadable(path, reason, error);
  }
}

function unreadable(path: string, reason: string, cause?: unknown): ChartChainError {
  return new ChartChainError("FHIR_FILE_UNREADABLE", `${path} cannot be read: ${reason}`, {
    details: { file: path, reason },
    hint: "Check the path and the file's permissions.",
    ...(cause === undefined ? {} : { cause }),
  });
}

function tooLarge(path: string, bytes: number, maxBytes: number): ChartChainError {
  return new ChartChainError("FHIR_FILE_TOO_LARGE", `${path} has ${bytes} bytes, more than the ${maxBytes} allowed`, {
    details: { file: path, bytes, maxBytes },
    hint: "Split the input into smaller Bundles, or raise maxBytes.",
  });
}
