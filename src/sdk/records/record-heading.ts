import { getBytes } from "ethers";

import { headingOf, type RecordHeading } from "../../fhir/index.js";
import { requireVault, type Context } from "../context.js";
import type { Purpose } from "../vocabulary.js";
import { factsHere, factsKnown } from "./known-facts.js";
import { openRecord } from "./open-record.js";

/** What is larger isn't read for its title alone, in bytes. */
const LARGEST = 4 * 1024 * 1024;

/**
 * What a record says it is. It is opened for that once, as {@link openRecord} opens it; then the vault knows. Whoever shows it asks
 * first whether the record may be read now.
 *
 * @param purpose what for
 * @returns undefined for what isn't FHIR, and for what is too large to be read for this
 * @throws as {@link openRecord}, where it wasn't read before
 */
export async function recordHeading(
  ctx: Context,
  { digest, purpose }: { digest: string; purpose: Purpose },
): Promise<RecordHeading | undefined> {
  const known = factsKnown(ctx, digest);
  if (known?.facts?.heading !== undefined) return known.facts.heading;
  const { mediaType, size = 0 } = requireVault(ctx).envelopes.get(getBytes(digest))?.metadata ?? {};
  if (size > LARGEST || !/^application\/fhir\+json/.test(mediaType ?? "application/fhir+json")) return undefined;
  const { content } = await openRecord(ctx, { digest, purpose });
  await factsHere(ctx, digest, () => Promise.resolve(content), true);
  return headingOf(content);
}
