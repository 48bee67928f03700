import {
  decodeEnvelope,
  decodeKeyWrap,
  openEnvelope,
  unwrapCompartmentKey,
  type CompartmentKey,
} from "../src/crypto/index.js";
import type { Actor } from "../devnet/published.js";

/**
 * What somebody can open who keeps everything that was ever received and ignores every rule: no SDK, no contract, just
 * keys and bytes.
 *
 * @param adversary whose identity key is used
 * @param received every delivery that the adversary holds
 * @param envelopes encoded envelopes to attack, as if they had leaked
 * @returns how many of them open
 */
export async function openedByForce(
  adversary: Actor,
  received: Actor["received"],
  envelopes: readonly Uint8Array[],
): Promise<number> {
  const keys = await keysFrom(adversary, received);
  return envelopes.filter((bytes) => keys.some((key) => opens(bytes, key))).length;
}

/** Every compartment key that somebody's identity key gets out of the deliveries. */
export async function keysFrom(adversary: Actor, received: Actor["received"]): Promise<CompartmentKey[]> {
  const keyPair = await adversary.vault.identity.keyPair();
  const keys: CompartmentKey[] = [...adversary.vault.compartments.list()];
  for (const wrap of received.flatMap(wrapsIn)) {
    const keyWrap = decodeKeyWrap(new Uint8Array(Buffer.from(wrap, "base64")));
    // Claims to be whoever the wrap names: only the key pair decides.
    const key = await unwrapCompartmentKey(keyWrap, keyPair, { participant: keyWrap.participant }).catch(
      () => undefined,
    );
    if (key !== undefined) keys.push(key);
  }
  return keys;
}

/** Wraps of compartments' keys, and of single records'. */
const wrapsIn = ({ grant, records }: Actor["received"][number]): string[] =>
  [grant, records?.grant].flatMap((file) => file?.wraps ?? []);

function opens(bytes: Uint8Array, key: CompartmentKey): boolean {
  try {
    const envelope = decodeEnvelope(bytes);
    openEnvelope(envelope, key);
    return true;
  } catch {
    return false;
  }
}
