import { ChartChainError, refuseNewer } from "../../errors/index.js";
import type { IdentityClaim } from "../../sdk/index.js";
import { readJsonFile } from "./input-file.js";

const KIND = "chartchain/identity-claim";

/** What a patient keeps of an attested identity: it opens an account with the Data Bank. */
export const identityClaimFile = (claim: IdentityClaim) => ({ kind: KIND, version: 1, ...claim });

/**
 * Reads what `chartchain identity attest` wrote. The chain knows whether it is true.
 *
 * @throws HANDOVER_NEWER, HANDOVER_MALFORMED, and what {@link readJsonFile} throws
 */
export async function readIdentityClaim(path: string): Promise<IdentityClaim> {
  const file = (await readJsonFile(path)) as Partial<IdentityClaim & { kind: string; version: number }> | null;
  const { kind, version, issuer, identifier, salt } = file ?? {};
  if (kind === KIND) refuseNewer("identity claim", version, "HANDOVER_NEWER");
  const isClaim =
    kind === KIND &&
    version === 1 &&
    Number.isSafeInteger(issuer) &&
    typeof identifier === "string" &&
    typeof salt === "string" &&
    /^0x[0-9a-f]{64}$/.test(salt);
  if (isClaim) return { issuer: issuer!, identifier, salt };
  throw new ChartChainError("HANDOVER_MALFORMED", `this is no identity claim: ${path}`, {
    details: { path },
    hint: "Give the file that the provider wrote with attest-identity.",
  });
}
