import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { KeyDocuments } from "../index.js";

/**
 * A folder that stands in for the services of everybody on a local chain: each puts its own key document there, and finds
 * those of others by their digest. On a network there is no such place; an institution answers for its own, a patient hands
 * out a file.
 *
 * @example
 * const client = await createClient({ runner, deployment, vault, keyDocuments: keyDocumentFolder("./key-documents") });
 */
export function keyDocumentFolder(directory: string): KeyDocuments {
  return {
    async get(digest) {
      if (!/^0x[0-9a-f]{64}$/.test(digest)) return undefined;
      try {
        return new Uint8Array(await readFile(join(directory, digest)));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw error;
      }
    },
    async put(digest, document) {
      await mkdir(directory, { recursive: true });
      // Whole or not at all, whoever reads meanwhile.
      const partial = join(directory, `.${randomUUID()}`);
      await writeFile(partial, document);
      await rename(partial, join(directory, digest));
    },
  };
}
