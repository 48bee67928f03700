import type { Bundle, Observation } from "@medplum/fhirtypes";
import { hexlify } from "ethers";

import type { Actor } from "../../../../devnet/index.js";
import { text } from "../../helpers.js";

/** What a chart's records hold that none other amends: names of resources with what was measured. */
export async function chartOf({ client, vault }: Actor, { id }: Actor): Promise<string[]> {
  const own = vault.envelopes.list({ patient: id });
  const amended = new Set(own.flatMap(({ metadata }) => (metadata?.amends ? [hexlify(metadata.amends)] : [])));
  const records = (await client.listRecords({ patient: id })).filter(({ digest }) => !amended.has(digest));
  const held: string[] = [];
  for (const { digest } of records) {
    const { content } = await client.openRecord({ digest, purpose: "TREAT" });
    for (const { resource } of (JSON.parse(text(content)) as Bundle).entry!) {
      const value = (resource as Observation).valueQuantity?.value;
      held.push(`${resource!.resourceType}/${resource!.id}${value === undefined ? "" : ` ${value}`}`);
    }
  }
  return held.sort();
}
