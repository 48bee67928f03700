import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** What a write costs, and what it may cost at the most. */
export interface GasResult {
  action: string;
  gas: number;
  ceiling?: number;
  met?: boolean;
}

const FOLDER = join(import.meta.dirname, "..", "..", "test", "gas");

/** The committed gas snapshot against its ceilings. Measured by the tests, which also keep it fresh; only shown here. */
export async function readGas(): Promise<GasResult[]> {
  const snapshot = await readFile(join(FOLDER, "snapshot.json"), "utf8").catch(() => undefined);
  if (snapshot === undefined) return [];
  // Read as the snapshot is, as data.
  const { CEILINGS } = (await import(pathToFileURL(join(FOLDER, "ceilings.ts")).href)) as {
    CEILINGS: Readonly<Record<string, number>>;
  };
  return Object.entries(JSON.parse(snapshot) as Record<string, number>).map(([action, gas]) => {
    const ceiling = CEILINGS[action];
    return ceiling === undefined ? { action, gas } : { action, gas, ceiling, met: gas <= ceiling };
  });
}
