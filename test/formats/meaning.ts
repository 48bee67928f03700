import { hexlify } from "ethers";

import { openRecordStream, type EnvelopeContent } from "../../src/crypto/index.js";
import { readPacked } from "../../src/storage/index.js";
import { ACCESS_TABLES } from "../../src/vault/access.js";
import type { Vault } from "../../src/vault/index.js";

/** What locks the fixtures. */
export const PASSPHRASE = "an old oak by the river";

/** What opens the fixtures. */
export interface Keys {
  /** Whose chart the fixtures are about, and whose vault and key these are. */
  patient: number;
  participant: number;
  /** Of the first key version, in hex. */
  seed: string;
  /** A private key that no other chain knows. */
  wallet: string;
}

/** A value as JSON says it: bytes in hex. */
export const plain = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, function (this: Record<string, unknown>, name: string, each: unknown) {
      const raw = this[name];
      if (raw instanceof Uint8Array) return hexlify(raw);
      return typeof each === "bigint" ? String(each) : each;
    }),
  );

/** What an envelope's content and the record in its pack say. */
export async function meaningOfContent({ manifest, place, dek }: EnvelopeContent, pack: Uint8Array) {
  const store = {
    async *get() {
      yield pack;
    },
  };
  const chunks: Uint8Array[] = [];
  const ciphertext = readPacked(store, place, manifest.length);
  for await (const chunk of openRecordStream({ ciphertext, dek: dek.slice(), manifest })) chunks.push(chunk);
  return plain({ manifest, place, record: Buffer.concat(chunks).toString("utf8") });
}

/** What a vault says, as far as a backup keeps it, too. */
export function meaningOfVault(vault: Vault, patient: number): unknown {
  const { identity, compartments, envelopes, batches, authorSignatures, pins, retractions, settings } = vault;
  return plain({
    participant: identity.participant,
    seeds: identity.keyVersions().map((version) => identity.seed(version)),
    compartments: compartments.list({ patient }),
    envelopes: envelopes.list({ patient }).map(({ digest, compartmentId, steward, status, metadata }) => ({
      ...{ digest, compartmentId, steward, status, metadata },
      bytes: envelopes.get(digest)!.bytes.length,
    })),
    batches: batches.list(patient).map(({ batch }) => batch.digest()),
    proofs: batches.proofs().map(({ record }) => record),
    signatures: authorSignatures.list(),
    pins: pins.list(),
    retractions: retractions.list({ patient }),
    statements: retractions.statements({ patient }).map(({ digest }) => digest),
    settings: [...settings.names(), ...namesInTables(vault)].map((name) => name.toLowerCase()).sort(),
  });
}

/** The rows of the tables that decide access, as they were called while they stood among the settings. */
const namesInTables = ({ access }: Vault): string[] =>
  Object.entries(access).flatMap(([name, table]) =>
    table
      .list()
      .map(({ key }) =>
        [ACCESS_TABLES[name as keyof typeof ACCESS_TABLES].formerly, ...Object.values<string | number>(key)].join(":"),
      ),
  );
