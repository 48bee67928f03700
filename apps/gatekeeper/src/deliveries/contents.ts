import { CATEGORIES, type Client, type DeliveryFile, EVERY_STEWARD, PURPOSES } from "chartchain";
import { decodeEnvelope, decodeKeyWrap } from "chartchain/crypto";
import type { Vault } from "chartchain/vault";

import type { Asked, Delivery, Kind } from "./outbox.js";

/** What a delivery is about, so that it can be asked again whether it may go out, without opening it. */
export function contentsOf(vault: Vault, file: DeliveryFile): Pick<Delivery, "kinds" | "singles"> {
  const kinds = new Map<string, Kind>();
  const add = (category: number, confidential = false, singly = false) => {
    const kind = { category: CATEGORIES[category]!, confidential, singly };
    kinds.set(JSON.stringify(kind), kind);
  };
  for (const wrap of file.grant?.wraps ?? []) {
    const key = vault.compartments.get(decodeKeyWrap(bytesOf(wrap)).compartmentId);
    if (key !== undefined) add(key.category, key.confidential);
  }
  for (const digest of digestsIn(file.envelopes)) {
    const metadata = vault.envelopes.get(digest)?.metadata;
    if (metadata !== undefined) add(metadata.category, metadata.confidential);
  }
  const singles = digestsIn(file.records?.envelopes ?? []);
  for (const digest of singles) {
    const metadata = vault.envelopes.get(digest)?.metadata;
    if (metadata !== undefined) add(metadata.category, metadata.confidential, true);
  }
  return { kinds: [...kinds.values()], singles: singles.map((digest) => Buffer.from(digest).toString("hex")) };
}

/** What narrows a viewer's grants of this institution's records now: the digests, by the chain's head. */
export async function narrowingOf(
  { contracts }: Client,
  { patient, viewer, purpose }: Asked,
  steward: number,
): Promise<string> {
  const digests = [steward, EVERY_STEWARD].map((of) =>
    contracts.Consents.constraintOf(patient, viewer, PURPOSES.indexOf(purpose), of),
  );
  return (await Promise.all(digests)).join(" ");
}

/** Whether there is nothing in a delivery that its recipient hasn't. */
export const isEmpty = ({ grant, envelopes, records, retractions = [], constraints = [] }: DeliveryFile): boolean =>
  grant === undefined &&
  records === undefined &&
  retractions.length + constraints.length === 0 &&
  !envelopes.some(({ envelopes: each, batches }) => each.length > 0 || batches !== undefined);

/** How many records a delivery's envelopes and single keys are of. */
export const digestsIn = (files: DeliveryFile["envelopes"]): Uint8Array[] =>
  files.flatMap(({ envelopes }) => envelopes.map((each) => decodeEnvelope(bytesOf(each)).digest));

const bytesOf = (base64: string): Uint8Array => Uint8Array.from(Buffer.from(base64, "base64"));
