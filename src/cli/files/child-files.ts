import { ChartChainError, refuseNewer } from "../../errors/index.js";
import { readJsonFile } from "./input-file.js";

const CHILD_REQUEST = "chartchain/child-request";

/** What a parent asks a clinic to attest: its own number, and the child's key document. */
export interface ChildRequestFile {
  representative: number;
  keyDocument: string;
}

export const childRequestFile = (request: ChildRequestFile) => ({ kind: CHILD_REQUEST, version: 1, ...request });

/**
 * Reads what `chartchain child register --request` wrote.
 *
 * @throws HANDOVER_NEWER, HANDOVER_MALFORMED, and what {@link readJsonFile} throws
 */
export async function readChildRequest(path: string): Promise<ChildRequestFile> {
  const file = (await readJsonFile(path)) as (Partial<ChildRequestFile> & { kind?: string; version?: number }) | null;
  if (file?.kind === CHILD_REQUEST) refuseNewer("request", file.version, "HANDOVER_NEWER");
  if (file?.kind === CHILD_REQUEST && file.version === 1) {
    const { representative, keyDocument } = file;
    if (isId(representative) && isDigest(keyDocument)) return { representative, keyDocument };
  }
  throw new ChartChainError("HANDOVER_MALFORMED", `this is no such request: ${path}`, {
    details: { path },
    hint: "Give the file that the representative wrote with chartchain child register --request.",
  });
}

const isId = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) > 0;
const isDigest = (value: unknown): value is string => typeof value === "string" && /^0x[0-9a-f]{64}$/.test(value);
