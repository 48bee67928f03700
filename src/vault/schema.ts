import type { Database } from "../sqlite/index.js";
import { ChartChainError } from "../errors/index.js";
import { accessTablesSql } from "./access.js";
import { corruptVault } from "./vault-errors.js";

/**
 * Version of the tables below. A vault of a newer one is refused, one of an older is brought to this one when it is opened
 * (`migrate.ts`). In 2 what decides access left the settings for tables of its own.
 */
export const SCHEMA_VERSION = 2;

/** "CCVT", so that no other program's database passes as a vault. */
const APPLICATION_ID = 0x43435654;

// What is in the clear: numbers of participants, digests and blocks, all of which the chain shows too, and random ids.
// Every `sealed` column is a box under the vault's key, and `content`, `retraction`, `pack` and what lessons name are
// keyed hashes.
const TABLES = `
CREATE TABLE meta (name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE contracts (name TEXT PRIMARY KEY, address TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE vault_lock (id INTEGER PRIMARY KEY CHECK (id = 1), locked BLOB NOT NULL) STRICT;
CREATE TABLE identity_seeds (version INTEGER PRIMARY KEY, sealed BLOB NOT NULL) STRICT;

CREATE TABLE erasable_keys (id INTEGER PRIMARY KEY, key BLOB NOT NULL) STRICT;
CREATE TABLE erasable_names (name BLOB PRIMARY KEY, key_id INTEGER NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE compartments (
  id BLOB PRIMARY KEY, scope BLOB NOT NULL, round INTEGER NOT NULL, patient INTEGER NOT NULL, steward INTEGER NOT NULL,
  opened_at_block INTEGER NOT NULL, source INTEGER NOT NULL, sealed BLOB NOT NULL, UNIQUE (scope, round)
) STRICT;
CREATE INDEX compartments_by_patient ON compartments (patient);
CREATE TABLE exposures (
  compartment BLOB NOT NULL, viewer INTEGER NOT NULL, PRIMARY KEY (compartment, viewer)
) STRICT, WITHOUT ROWID;

CREATE TABLE envelopes (
  id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, sequence INTEGER NOT NULL UNIQUE, compartment BLOB NOT NULL,
  patient INTEGER NOT NULL, steward INTEGER NOT NULL, anchored INTEGER NOT NULL, block INTEGER, position INTEGER,
  sealed_metadata BLOB, retraction BLOB, sealed BLOB NOT NULL
) STRICT;
CREATE INDEX envelopes_by_patient ON envelopes (patient, sequence);
CREATE INDEX envelopes_by_compartment ON envelopes (compartment, sequence);
CREATE INDEX envelopes_by_retraction ON envelopes (retraction) WHERE retraction IS NOT NULL;
CREATE TABLE pins (digest BLOB PRIMARY KEY, pack BLOB NOT NULL, sealed BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX pins_by_pack ON pins (pack);
CREATE TABLE repacks (pack BLOB PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE tombstones (id BLOB PRIMARY KEY, kind TEXT NOT NULL, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE releases (
  id INTEGER PRIMARY KEY, patient INTEGER NOT NULL, leaf_hash BLOB NOT NULL, sealed BLOB NOT NULL
) STRICT;
CREATE INDEX releases_by_patient ON releases (patient);
CREATE TRIGGER releases_never_change BEFORE UPDATE ON releases BEGIN SELECT raise(ABORT, 'append-only'); END;
CREATE TRIGGER releases_never_vanish BEFORE DELETE ON releases BEGIN SELECT raise(ABORT, 'append-only'); END;

CREATE TABLE denials (
  patient INTEGER NOT NULL, viewer INTEGER NOT NULL, purpose INTEGER NOT NULL, steward INTEGER NOT NULL,
  category INTEGER NOT NULL, access_epoch INTEGER NOT NULL, generation INTEGER NOT NULL, version INTEGER NOT NULL,
  PRIMARY KEY (patient, viewer, purpose, steward, category)
) STRICT, WITHOUT ROWID;

CREATE TABLE cursors (name TEXT PRIMARY KEY, block INTEGER NOT NULL, hash TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE transactions (
  key TEXT PRIMARY KEY, sender TEXT NOT NULL, nonce INTEGER NOT NULL, hash TEXT NOT NULL, status TEXT NOT NULL,
  block INTEGER, replaced TEXT NOT NULL, sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX transactions_by_nonce ON transactions (sender, nonce) WHERE status <> 'dropped';
CREATE INDEX transactions_pending ON transactions (status) WHERE status = 'pending';
CREATE TABLE inbox (digest BLOB PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE settings (name TEXT PRIMARY KEY, sealed BLOB NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE additions (
  digest BLOB PRIMARY KEY, content BLOB NOT NULL, state TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX additions_by_content ON additions (content);
CREATE INDEX additions_unfinished ON additions (state) WHERE state <> 'anchored';
CREATE TABLE unpins (id BLOB PRIMARY KEY, sealed BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE anchors (
  patient INTEGER NOT NULL, position INTEGER NOT NULL, size INTEGER, author INTEGER NOT NULL, digest BLOB NOT NULL,
  block INTEGER NOT NULL, chain BLOB NOT NULL, PRIMARY KEY (patient, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX anchors_by_digest ON anchors (patient, digest);
CREATE TABLE batches (digest BLOB PRIMARY KEY, patient INTEGER NOT NULL, sealed BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE batch_proofs (
  record BLOB NOT NULL, batch BLOB NOT NULL, sealed BLOB NOT NULL, PRIMARY KEY (record, batch)
) STRICT, WITHOUT ROWID;
CREATE INDEX batch_proofs_by_batch ON batch_proofs (batch);
CREATE TABLE author_signatures (
  digest BLOB NOT NULL, author INTEGER NOT NULL, patient INTEGER NOT NULL, count INTEGER NOT NULL, sealed BLOB NOT NULL,
  PRIMARY KEY (digest, author, patient, count)
) STRICT, WITHOUT ROWID;
CREATE TABLE people (participant INTEGER PRIMARY KEY, sealed BLOB NOT NULL) STRICT;
CREATE TABLE lessons (
  record BLOB NOT NULL, form BLOB NOT NULL, participant INTEGER NOT NULL, PRIMARY KEY (record, form)
) STRICT, WITHOUT ROWID;
CREATE INDEX lessons_by_form ON lessons (form);
CREATE TABLE worklist (
  id INTEGER PRIMARY KEY AUTOINCREMENT, name BLOB NOT NULL UNIQUE, code TEXT NOT NULL, at INTEGER NOT NULL,
  size INTEGER NOT NULL, sealed_about BLOB NOT NULL, sealed BLOB NOT NULL
) STRICT;
CREATE TABLE decisions (id INTEGER PRIMARY KEY, sealed BLOB NOT NULL) STRICT;
CREATE TRIGGER decisions_never_change BEFORE UPDATE ON decisions BEGIN SELECT raise(ABORT, 'append-only'); END;
CREATE TRIGGER decisions_never_vanish BEFORE DELETE ON decisions BEGIN SELECT raise(ABORT, 'append-only'); END;
CREATE TABLE retractions (name BLOB PRIMARY KEY, sealed BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE retraction_statements (
  sequence INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, patient INTEGER NOT NULL, sealed BLOB NOT NULL
) STRICT;
`;

/** Creates the tables. Inside the transaction that also fills them, so that no half-made vault is ever seen. */
export function createSchema(database: Database): void {
  database.exec(
    `${TABLES} ${accessTablesSql()} PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}`,
  );
}

/**
 * The version of the vault's tables; undefined when nothing was ever stored in the file.
 *
 * @throws `VAULT_VERSION` when a newer version wrote it; `VAULT_CORRUPT` when it is no vault
 */
export function schemaVersion(database: Database): number | undefined {
  const { application_id: application } = database.get<{ application_id: number }>("PRAGMA application_id")!;
  const { user_version: version } = database.get<{ user_version: number }>("PRAGMA user_version")!;
  const { tables } = database.get<{ tables: number }>("SELECT count(*) AS tables FROM sqlite_schema")!;
  if (application === 0 && version === 0 && tables === 0) return undefined;
  if (application !== APPLICATION_ID) throw corruptVault(database.file, "it is another program's database");
  if (version > SCHEMA_VERSION) {
    throw new ChartChainError("VAULT_VERSION", `a newer version of chartchain wrote this vault: ${database.file}`, {
      details: { file: database.file, version, supported: SCHEMA_VERSION },
      hint: "Update chartchain; this version would not keep what it does not know.",
    });
  }
  return version;
}

/**
 * Sets how the engine writes: every commit reaches the disk before it is answered, what is deleted is overwritten, and
 * nothing goes to temporary files.
 */
export function configure(database: Database): void {
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA secure_delete = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA foreign_keys = ON;
    PRAGMA trusted_schema = OFF`);
}
