import { getBytes } from "ethers";

import { decodeEnvelope, openEnvelope, type Envelope } from "../../crypto/index.js";
import { ChartChainError } from "../../errors/index.js";
import { requireVault, type Context } from "../context.js";
import { fromBase64, is, malformed, parseHandover } from "../handover/file.js";
import { verifiedRecords } from "../records/verified-history.js";
import type { EnvelopesFile } from "./export-envelopes.js";

/** What imported envelopes came to. */
export interface ImportedEnvelopes {
  patient: number;
  steward: number;
  /** Newly kept. */
  added: number;
  /** Here already. */
  known: number;
  /** Left out, because this vault has no key for them. */
  locked: number;
  /** Left out, because this vault shredded them. */
  shredded: number;
}

const SHAPE = {
  patient: is.id,
  steward: is.id,
  next: is.count,
  envelopes: is.listOf((envelope) => is.base64(envelope) && (envelope as string).length < 65_536),
};

/**
 * Takes envelopes into the vault. Each has to open with a key that is held here, be about this patient and steward, and
 * be anchored on chain; one that was shredded here stays out.
 *
 * @param file what {@link exportEnvelopes} made
 * @throws HANDOVER_…, RECORD_NOT_ANCHORED, ENVELOPE_REFUSED, MANIFEST_MISMATCH, KEY_COMMITMENT_MISMATCH. Nothing is kept
 *   then.
 *
 * @example
 * await viewer.importEnvelopes({ file: JSON.parse(await readFile("envelopes.json", "utf8")) });
 */
export async function importEnvelopes(ctx: Context, { file }: { file: unknown }): Promise<ImportedEnvelopes> {
  const vault = requireVault(ctx);
  const { patient, steward, envelopes } = parseHandover<EnvelopesFile>(ctx, "chartchain/envelopes", SHAPE, file);
  const anchors = new Map((await verifiedRecords(ctx, patient)).map((record) => [record.digest, record]));
  const counts = { added: 0, known: 0, locked: 0, shredded: 0 };
  vault.transaction(() => {
    for (const encoded of envelopes) {
      const bytes = fromBase64(encoded);
      const envelope = decode(bytes);
      const digest = `0x${Buffer.from(envelope.digest).toString("hex")}`;
      const compartmentKey = vault.compartments.get(envelope.compartmentId);
      if (vault.tombstones.has(envelope.digest)) counts.shredded++;
      else if (vault.envelopes.get(envelope.digest) !== undefined) counts.known++;
      else if (compartmentKey === undefined) counts.locked++;
      else {
        const { manifest } = openEnvelope(envelope, compartmentKey);
        const anchor = anchors.get(digest);
        if (manifest.patient !== patient || manifest.steward !== steward || anchor?.author !== manifest.author) {
          throw new ChartChainError(
            "RECORD_NOT_ANCHORED",
            "the chain doesn't have a record of the file from this author",
            {
              details: { digest, patient, steward },
              hint: "Don't rely on it. If it was just added, wait for its block.",
            },
          );
        }
        vault.envelopes.put({
          digest: getBytes(digest),
          compartmentId: envelope.compartmentId,
          bytes,
          patient,
          steward,
          status: "anchored",
          anchor: { block: anchor.block, index: anchor.index - 1 },
          metadata: manifest,
        });
        counts.added++;
      }
    }
  });
  return { patient, steward, ...counts };
}

function decode(bytes: Uint8Array): Envelope {
  try {
    return decodeEnvelope(bytes);
  } catch (cause) {
    throw malformed("an envelope in it can't be read", cause);
  }
}
