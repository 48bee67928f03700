import { ChartChainError } from "../../src/errors/index.js";
import { readJsonFile } from "./input-file.js";

const CHILD_REQUEST = "chartchain/child-request";
const COMING_OF_AGE_REQUEST = "chartchain/coming-of-age-request";

/** What a guardian asks a clinic to attest: its own number, and the child's key document. */
export interface ChildRequestFile {
  guardian: number;
  keyDocument: string;
}

/** What somebody who came of age asks the clinic to attest: an account's signed wish, and a key document of its own. */
export interface ComingOfAgeRequestFile {
  child: number;
  keyDocument: string;
  joining: unknown;
}

export const childRequestFile = (request: ChildRequestFile) => ({ kind: CHILD_REQUEST, version: 1, ...request });

export const comingOfAgeRequestFile = (request: ComingOfAgeRequestFile) => ({
  kind: COMING_OF_AGE_REQUEST,
  version: 1,
  ...request,
});

/**
 * Reads what `register-child --request` wrote.
 *
 * @throws HANDOVER_MALFORMED, and what {@link readJsonFile} throws
 */
export async function readChildRequest(path: string): Promise<ChildRequestFile> {
  const { guardian, keyDocument } = await read<ChildRequestFile>(path, CHILD_REQUEST, "the guardian", "register-child");
  if (isId(guardian) && isDigest(keyDocument)) return { guardian, keyDocument };
  throw malformed(path, "the guardian", "register-child");
}

/**
 * Reads what `come-of-age --request` wrote. The contract knows whether the signature in it is good.
 *
 * @throws HANDOVER_MALFORMED, and what {@link readJsonFile} throws
 */
export async function readComingOfAgeRequest(path: string): Promise<ComingOfAgeRequestFile> {
  const who = "the one who came of age";
  const file = await read<ComingOfAgeRequestFile>(path, COMING_OF_AGE_REQUEST, who, "come-of-age");
  const { child, keyDocument, joining } = file;
  if (isId(child) && isDigest(keyDocument)) return { child, keyDocument, joining };
  throw malformed(path, who, "come-of-age");
}

async function read<T>(path: string, expected: string, who: string, step: string): Promise<Partial<T>> {
  const file = (await readJsonFile(path)) as (Partial<T> & { kind?: string; version?: number }) | null;
  if (file?.kind === expected && file.version === 1) return file;
  throw malformed(path, who, step);
}

const isId = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) > 0;
const isDigest = (value: unknown): value is string => typeof value === "string" && /^0x[0-9a-f]{64}$/.test(value);

const malformed = (path: string, who: string, step: string) =>
  new ChartChainError("HANDOVER_MALFORMED", `this is no such request: ${path}`, {
    details: { path },
    hint: `Give the file that ${who} wrote with ${step} --request.`,
  });
