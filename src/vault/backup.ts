import { decode, encode } from "@ipld/dag-cbor";
import {
  BOX_OVERHEAD,
  openBox,
  sealBox,
  unlockSecret,
  wipe,
  concatBytes,
  equalBytes,
  randomBytes,
} from "../crypto/index.js";
import { ChartChainError, FORMAT_VERSION, isChartChainError, refuseNewer } from "../errors/index.js";
import type { ACCESS_TABLES } from "./access.js";
import type { Addition } from "./additions.js";
import type { AnchorStatement, AuthorSignature } from "./author-signatures.js";
import type { VaultChain } from "./chain.js";
import type { StoredCompartment } from "./compartments.js";
import type { Decision } from "./decisions.js";
import type { StoredEnvelope } from "./envelopes.js";
import type { Lesson } from "./people.js";
import type { PinNote } from "./pins.js";
import type { Retraction, RetractionStatement } from "./retractions.js";
import type { JsonValue } from "./settings.js";
import type { Tombstone } from "./tombstones.js";
import { lockVaultKey } from "./vault-lock.js";
import type { Tables } from "./tables.js";
import type { WorklistItem } from "./worklist.js";

// Layout: magic (8) ‖ length of the locked key (4, big-endian) ‖ locked key ‖ box. All but the box is its associated data.
const PREFIX = new TextEncoder().encode("CCVAULT");
const MAGIC = Uint8Array.of(...PREFIX, FORMAT_VERSION);
const HEADER_LENGTH = MAGIC.length + 4;

/** In 2 what decides access left the settings. A backup of 1 is taken still. */
const BACKUP_VERSION = 2;

/** What is in a backup. */
export interface BackupContent {
  version: 1 | typeof BACKUP_VERSION;
  chain: Omit<VaultChain, "chainId"> & { chainId: string };
  participant?: number;
  keyVersion: number;
  seeds: { version: number; seed: Uint8Array }[];
  compartments: (StoredCompartment & { exposed: number[] })[];
  envelopes: StoredEnvelope[];
  /** Lists of batches, as they are handed over. */
  batches: { patient: number; list: Uint8Array }[];
  batchProofs: { record: Uint8Array; proof: Uint8Array }[];
  authorSignatures: (AnchorStatement & AuthorSignature)[];
  additions: Addition[];
  pins: PinNote[];
  /** CIDs. */
  unpins: string[];
  /** Packs that are to be packed again. */
  repacks: { cid: string; at: number }[];
  tombstones: Tombstone[];
  releases: Uint8Array[];
  denials: number[][];
  inbox: Uint8Array[];
  /** Each table's rows; not there in version 1. */
  access?: Partial<Record<keyof typeof ACCESS_TABLES, { key: Record<string, string | number>; value: JsonValue }[]>>;
  settings: { name: string; value: JsonValue }[];
  people: { participant: number; forms: JsonValue[] }[];
  lessons: Lesson[];
  worklist: WorklistItem[];
  decisions: Decision[];
  retractions: Retraction[];
  statements: RetractionStatement[];
}

/** Reads everything in one go, so that the copy is of one moment, and seals it under a fresh key. */
export async function createBackup(vault: Tables, passphrase: string, cost?: number): Promise<Uint8Array> {
  const key = randomBytes(32);
  const content = vault.transaction(() => collect(vault));
  const plaintext = encode(content);
  try {
    const locked = await lockVaultKey(key, passphrase, cost);
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, locked.length);
    const header = concatBytes(MAGIC, length, locked);
    return concatBytes(header, sealBox(key, plaintext, header));
  } finally {
    wipe(key, plaintext, ...content.seeds.map(({ seed }) => seed));
  }
}

/**
 * Opens a backup.
 *
 * @throws `WRONG_PASSPHRASE`; `FORMAT_NEWER`; `BACKUP_MALFORMED` when the bytes are no backup or were damaged
 */
export async function openBackup(backup: Uint8Array, passphrase: string): Promise<BackupContent> {
  if (startsWith(backup, PREFIX)) refuseNewer("backup", backup[PREFIX.length]);
  const isBackup = backup.length > HEADER_LENGTH && startsWith(backup, MAGIC);
  const boxStart = isBackup ? HEADER_LENGTH + uint32At(backup, MAGIC.length) : Infinity;
  if (backup.length < boxStart + BOX_OVERHEAD) throw malformed();
  let key: Uint8Array | undefined;
  let plaintext: Uint8Array | undefined;
  try {
    key = await unlockSecret(backup.subarray(HEADER_LENGTH, boxStart), passphrase);
    plaintext = openBox(key, backup.subarray(boxStart), backup.subarray(0, boxStart));
    const content = decode<BackupContent>(plaintext);
    refuseNewer("backup", content.version, "FORMAT_NEWER", BACKUP_VERSION);
    if (![1, BACKUP_VERSION].includes(content.version)) throw malformed();
    return content;
  } catch (cause) {
    if (!isChartChainError(cause, "BOX_REFUSED") && !isChartChainError(cause, "LOCKED_SECRET_MALFORMED")) throw cause;
    throw malformed(cause);
  } finally {
    wipe(key, plaintext);
  }
}

function collect(vault: Tables): BackupContent {
  const { identity, compartments, envelopes, additions, pins, tombstones, releases, denials, inbox, settings } = vault;
  const { people, worklist, decisions, retractions } = vault;
  const { chainId, ...chain } = vault.chain;
  const { participant } = identity;
  return {
    version: BACKUP_VERSION,
    chain: { ...chain, chainId: String(chainId) },
    ...(participant === undefined ? {} : { participant }),
    keyVersion: identity.keyVersion,
    seeds: identity.keyVersions().map((version) => ({ version, seed: identity.seed(version) })),
    compartments: compartments
      .list()
      .map((compartment) => ({ ...compartment, exposed: [...compartments.exposed(compartment.id)] })),
    envelopes: envelopes.list().map(({ digest }) => envelopes.get(digest) as StoredEnvelope),
    batches: vault.batches.list().map(({ patient, batch }) => ({ patient, list: batch.encode() })),
    batchProofs: vault.batches.proofs(),
    authorSignatures: vault.authorSignatures.list(),
    additions: additions.list().map((addition) => ({ ...addition })),
    pins: pins.list(),
    unpins: pins.toRelease().map(({ cid }) => cid),
    repacks: pins.duePacks().map(({ cid, at }) => ({ cid, at })),
    tombstones: tombstones.list().map((tombstone) => ({ ...tombstone })),
    releases: releases.list().map(({ index }) => releases.leaf(index)),
    denials: denials.dump(),
    inbox: inbox.list(),
    access: Object.fromEntries(Object.entries(vault.access).map(([name, table]) => [name, table.list()])),
    settings: settings.names().map((name) => ({ name, value: settings.get(name) ?? null })),
    people: people.list(),
    lessons: envelopes.list().flatMap(({ digest }) => people.lessonsOf(digest)),
    worklist: worklist.list().map(({ id }) => worklist.get(id)!),
    decisions: decisions.list(),
    retractions: retractions.list(),
    statements: retractions.statements(),
  };
}

const startsWith = (bytes: Uint8Array, start: Uint8Array): boolean =>
  equalBytes(bytes.subarray(0, start.length), start);

const uint32At = (bytes: Uint8Array, at: number): number =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at);

function malformed(cause?: unknown): ChartChainError {
  return new ChartChainError("BACKUP_MALFORMED", "the bytes are no backup of a vault, or were damaged", {
    hint: "Give the bytes that backup returned, unchanged; a newer format needs a newer version.",
    cause,
  });
}
