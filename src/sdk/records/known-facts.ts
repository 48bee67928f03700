import { getBytes } from "ethers";

import { factsOf, type RecordFacts } from "../consent/record-facts.js";
import { requireVault, type Context } from "../context.js";

/** More would be of a record that names thousands of encounters: it is read again each time. */
const MOST_BYTES = 65_536;

/**
 * What a record says of itself. It is read once and kept in the vault, sealed beside the record and erased with it.
 *
 * @param content opens the record
 * @param again reads it once more: newer software may tell more of the same words
 */
export async function factsHere(
  ctx: Context,
  digest: string,
  content: () => Promise<Uint8Array>,
  again = false,
): Promise<RecordFacts | undefined> {
  const { envelopes } = requireVault(ctx);
  const id = getBytes(digest);
  const known = again ? undefined : factsKnown(ctx, digest);
  if (known !== undefined) return known.facts;
  const facts = factsOf(await content());
  const encoded = new TextEncoder().encode(JSON.stringify(facts ?? null));
  const metadata = envelopes.get(id)?.metadata;
  if (metadata !== undefined && encoded.length <= MOST_BYTES) envelopes.describe(id, { ...metadata, facts: encoded });
  return facts;
}

/** What a record was seen to say of itself, if it was read here; it may have told nothing. */
export function factsKnown(ctx: Context, digest: string): { facts: RecordFacts | undefined } | undefined {
  const kept = requireVault(ctx).envelopes.get(getBytes(digest))?.metadata?.facts;
  if (kept === undefined) return undefined;
  return { facts: (JSON.parse(new TextDecoder().decode(kept)) as RecordFacts | null) ?? undefined };
}
