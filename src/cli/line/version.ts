import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** This package's version. Read and not imported: the compiler would put a copy of the file into what is built. */
export function version(): string {
  const path = fileURLToPath(import.meta.resolve("chartchain/package.json"));
  return (JSON.parse(readFileSync(path, "utf8")) as { version: string }).version;
}
