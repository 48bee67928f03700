import {
  createManifest,
  encodeEnvelope,
  manifestDigest,
  packRecords,
  sealEnvelope,
  sealRecord,
  WHOLE_PACK,
  wipe,
} from "../../crypto/index.js";
import { currentTime, requireStore, requireVault, type Context } from "../context.js";
import { categoryIndex, type SensitivityClass } from "../vocabulary.js";
import type { KnownContent } from "./content-digest.js";
import type { Admission } from "./known-people.js";
import { describedManifest } from "./retractions.js";
import type { Round, Scope } from "./rounds.js";
import { releaseWhatCanBe, takeBack } from "./settle-additions.js";

/** A record that is to be sealed. */
export interface NewRecord {
  /** The key of its content. */
  key: Uint8Array;
  known: KnownContent;
  /** In bytes. */
  size: number;
  mediaType: string;
  sensitivities: readonly SensitivityClass[] | undefined;
  refersTo: { amends?: Uint8Array; disputes?: Uint8Array };
  /** Remembers whom the record is about, by its digest. */
  accept: Admission["accept"];
}

/** A sealed record that lies in a pinned pack and is kept in the vault as pending. */
export interface Packed<T extends NewRecord> {
  record: T;
  digest: Uint8Array;
  cid: string;
}

/**
 * Seals records of one compartment, puts them into packs, keeps them in the vault and pins the packs. What is larger than a
 * pack that is fetched as a whole gets one of its own.
 *
 * @throws SIZE_MISMATCH, RECORD_CHANGED, CHART_CONTRADICTED, what the store throws, the reason of `signal`: nothing of the
 *   pack in which that happened remains
 */
export async function sealInPacks<T extends NewRecord>(
  ctx: Context,
  scope: Scope,
  round: Round,
  records: readonly T[],
  signal?: AbortSignal,
): Promise<Packed<T>[]> {
  const packed: Packed<T>[] = [];
  let [group, length]: [T[], number] = [[], 0];
  const put = async (): Promise<void> => {
    if (group.length > 0) packed.push(...(await sealPack(ctx, scope, round, group, signal)));
    [group, length] = [[], 0];
  };
  try {
    for (const record of records) {
      // Padding adds little to what is this large.
      if (length + record.size > WHOLE_PACK) await put();
      group.push(record);
      length += record.size;
    }
    await put();
    return packed;
  } catch (error) {
    for (const { digest } of packed) takeBack(requireVault(ctx), digest);
    await releaseWhatCanBe(ctx);
    throw error;
  }
}

async function sealPack<T extends NewRecord>(
  ctx: Context,
  scope: Scope,
  { compartmentKey }: Round,
  records: readonly T[],
  signal: AbortSignal | undefined,
): Promise<Packed<T>[]> {
  const [store, vault] = [requireStore(ctx), requireVault(ctx)];
  const { patient, steward } = scope;
  const sealed = records.map(({ known, size, refersTo: { amends } }) =>
    sealRecord({ source: known.source(), size, ...(amends && { amends }) }),
  );
  try {
    const { stream, size: packSize, offsets } = packRecords(sealed);
    const { cid } = await store.put(stream, signal === undefined ? {} : { signal });
    const createdAt = await currentTime(ctx);
    const packed = vault.transaction(() =>
      records.map((record, at) => {
        const { recordId, keyCommitment, sha256, dek } = sealed[at]!;
        const { size, mediaType, sensitivities, refersTo, key: content } = record;
        const manifest = createManifest({
          ...{ recordId, patient, steward, author: steward, category: categoryIndex(scope.category) },
          ...{ sha256: sha256(), size, mediaType, createdAt, keyCommitment, ...refersTo },
        });
        const digest = manifestDigest(manifest);
        const place = { cid, offset: offsets[at]!, packSize, packing: 0 };
        // With the record, so that no crash leaves one without the other: the next input is held against both or neither.
        record.accept(digest);
        vault.envelopes.put({
          ...{ digest, patient, steward, compartmentId: compartmentKey.id, status: "pending" },
          bytes: encodeEnvelope(sealEnvelope({ manifest, dek, place, compartmentKey })),
          metadata: {
            ...describedManifest(manifest, place),
            ...(sensitivities === undefined ? {} : { sensitivities }),
          },
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
