import { hexlify } from "ethers";

import {
  createCompartmentKey,
  decodeEnvelope,
  encodeEnvelope,
  kindOf,
  openEnvelope,
  resealEnvelope,
} from "../../crypto/index.js";
import { isChartChainError } from "../../errors/index.js";
import type { EnvelopeEntry, StoredCompartment } from "../../vault/index.js";
import type { Decision } from "../consent/decide.js";
import { requireVault, type Context } from "../context.js";
import { header, toBase64 } from "../handover/file.js";
import { wrappable } from "../people/confirmed-keys.js";
import { keyDocumentOf } from "../people/participants.js";
import { proveIn, type EnvelopesFile } from "./release-envelopes.js";
import { release, type ReleaseKeysInput, type KeysFile } from "./release-keys.js";

/** Single records, each with a key of its own that opens nothing else. */
export interface RecordsFile {
  grant: KeysFile;
  envelopes: EnvelopesFile[];
}

/** A record that goes out singly. */
export interface Chosen {
  entry: EnvelopeEntry;
  /** The key that opens its envelope here. */
  from: StoredCompartment;
}

/** Those of the records whose own compartment's key might go to the viewer's key of now. */
export async function confirmedFor(ctx: Context, viewer: number, entries: readonly EnvelopeEntry[]): Promise<Chosen[]> {
  const chosen = entries.flatMap((entry) => {
    const from = openingKey(ctx, entry);
    return from === undefined ? [] : [{ entry, from }];
  });
  if (chosen.length === 0) return [];
  const { keyVersion, onlyAfter } = await keyDocumentOf(ctx, viewer);
  const keys = await wrappable(
    ctx,
    chosen.map(({ from }) => from),
    { participant: viewer, keyVersion, onlyAfter },
  );
  return chosen.filter(({ from }) => keys.includes(from));
}

function openingKey(ctx: Context, entry: EnvelopeEntry): StoredCompartment | undefined {
  const { compartments, envelopes } = requireVault(ctx);
  const envelope = decodeEnvelope(envelopes.get(entry.digest)!.bytes);
  return compartments.find(entry.compartmentId, entry).find((key) => {
    try {
      openEnvelope(envelope, key);
      return true;
    } catch (error) {
      if (isChartChainError(error)) return false;
      throw error;
    }
  });
}

/** Seals each record's envelope to a key of its own and releases these keys. */
export async function sealSingly(
  ctx: Context,
  asked: Pick<ReleaseKeysInput, "patient" | "viewer" | "purpose">,
  chosen: readonly Chosen[],
  block: Decision["block"],
): Promise<RecordsFile> {
  const { compartments, envelopes } = requireVault(ctx);
  const openedAtBlock = await ctx.provider.getBlockNumber();
  const held = compartments.list({ patient: asked.patient }).filter(({ source }) => source === "own");
  const keys: StoredCompartment[] = [];
  const files = new Map<number, EnvelopesFile>();
  for (const { entry, from } of chosen) {
    const { patient, steward, digest } = entry;
    const isIts = ({ record }: StoredCompartment) => record !== undefined && hexlify(record) === hexlify(digest);
    let key = held.find(isIts);
    if (key === undefined) {
      // One key for a record, whoever gets it: a second one would contradict the first.
      const made = createCompartmentKey({ patient, steward, ...kindOf(from), round: 0, record: digest });
      compartments.put(made, { openedAtBlock, source: "own" });
      key = { ...made, openedAtBlock, source: "own" };
    }
    keys.push(key);
    const envelope = resealEnvelope(decodeEnvelope(envelopes.get(digest)!.bytes), from, key);
    const file = files.get(steward) ?? {
      ...header(ctx, "chartchain/envelopes"),
      ...{ patient, steward, next: 0, envelopes: [], signatures: [] },
    };
    file.envelopes.push(toBase64(encodeEnvelope(envelope)));
    await proveIn(ctx, file, digest);
    files.set(steward, file);
  }
  return { grant: await release(ctx, asked, keys, block), envelopes: [...files.values()] };
}
