import { hexlify } from "ethers";

import {
  createManifest,
  encodeEnvelope,
  intoPacks,
  manifestDigest,
  packRecords,
  sealedLength,
  sealEnvelope,
  sealRecord,
  kindOf,
  type RecordKind,
  wipe,
} from "../../crypto/index.js";
import { requireStore, requireVault, type Context } from "../context.js";
import type { KnownContent } from "./content-digest.js";
import type { Admission } from "./import/known-people.js";
import { describedManifest } from "./retraction/retractions.js";
import type { Chart } from "./admissions.js";
import type { Round } from "./rounds.js";
import { releaseWhatCanBe, takeBack } from "./settle-additions.js";

/** A record that is to be sealed. */
export interface NewRecord {
  /** The key of its content. */
  key: Uint8Array;
  kind: RecordKind;
  known: KnownContent;
  /** In bytes. */
  size: number;
  mediaType: string;
  refersTo: { amends?: Uint8Array; disputes?: Uint8Array };
  /** Remembers whom the record is about, by its digest. */
  accept: Admission["accept"];
}

/** What of a round matters here. */
type SealingRound = Pick<Round, "compartmentKey" | "asOf">;

/** A sealed record that lies in a pinned pack and is kept in the vault as pending. */
export interface Packed<T extends NewRecord> {
  record: T;
  digest: Uint8Array;
  cid: string;
}

/**
 * Seals records of one patient, puts them into packs whatever their categories are, keeps them in the vault and pins the
 * packs. What is confidential has packs of its own: in one with others, what nobody else's records account for would tell.
 *
 * @param roundOf the round that a record goes into
 * @returns in the order of `records`
 * @throws SIZE_MISMATCH, RECORD_CHANGED, CHART_CONTRADICTED, what the store throws, the reason of `signal`: nothing of any
 *   pack remains
 */
export async function sealInPacks<T extends NewRecord>(
  ctx: Context,
  of: Chart,
  roundOf: (record: T) => SealingRound,
  records: readonly T[],
  signal?: AbortSignal,
): Promise<Packed<T>[]> {
  const packed: Packed<T>[] = [];
  try {
    for (const group of Map.groupBy(records, ({ kind }) => kind.confidential === true).values()) {
      for (const pack of intoPacks(group.map(({ size }) => sealedLength(size)))) {
        const together = pack.map((at) => ({ record: group[at]!, ...roundOf(group[at]!) }));
        packed.push(...(await sealPack(ctx, of, together, signal)));
      }
    }
    const order = new Map(records.map((record, at) => [record, at]));
    return packed.sort((a, b) => order.get(a.record)! - order.get(b.record)!);
  } catch (error) {
    for (const { digest } of packed) takeBack(requireVault(ctx), digest);
    await releaseWhatCanBe(ctx);
    throw error;
  }
}

async function sealPack<T extends NewRecord>(
  ctx: Context,
  { patient, steward }: Chart,
  records: readonly ({ record: T } & SealingRound)[],
  signal: AbortSignal | undefined,
): Promise<Packed<T>[]> {
  const [store, vault] = [requireStore(ctx), requireVault(ctx)];
  const sealed = records.map(
    ({
      record: {
        known,
        size,
        refersTo: { amends },
      },
      compartmentKey,
    }) => ({
      ...sealRecord({ source: known.source(), size, ...(amends && { amends }) }),
      beside: hexlify(compartmentKey.id),
    }),
  );
  try {
    const { stream, size: packSize, offsets } = packRecords(sealed);
    const { cid } = await store.put(stream, signal === undefined ? {} : { signal });
    // A local chain may run ahead of the clock.
    const createdAt = Math.max(ctx.clock(), ...records.map(({ asOf }) => asOf));
    const packed = vault.transaction(() =>
      records.map(({ record, compartmentKey }, at) => {
        const { recordId, keyCommitment, sha256, dek } = sealed[at]!;
        const { size, mediaType, refersTo, key: content } = record;
        const manifest = createManifest({
          ...{ recordId, patient, steward, author: steward, ...kindOf(compartmentKey) },
          ...{ sha256: sha256(), size, mediaType, createdAt, keyCommitment, ...refersTo },
        });
        const digest = manifestDigest(manifest);
        const place = { cid, offset: offsets[at]!, packSize, packing: 0 };
        // With the record, so that no crash leaves one without the other: the next input is held against both or neither.
        record.accept(digest);
        vault.envelopes.put({
          ...{ digest, patient, steward, compartmentId: compartmentKey.id, status: "pending" },
          bytes: encodeEnvelope(sealEnvelope({ manifest, dek, place, compartmentKey })),
          metadata: describedManifest(manifest, place),
        });
        vault.pins.put({ digest, cid });
        vault.additions.begin({ digest, content });
        return { record, digest, cid };
      }),
    );
    // Only now: a pin without a note would be left behind by a crash. Until it is pinned, the store's grace keeps it.
    try {
      await store.pin(cid);
    } catch (error) {
      for (const { digest } of packed) takeBack(vault, digest);
      await releaseWhatCanBe(ctx);
      throw error;
    }
    return packed;
  } finally {
    wipe(...sealed.map(({ dek }) => dek));
  }
}
