/**
 * The journal's tables, by edition: what each edition added to the one before. A journal of an older edition gets what it lacks when it
 * is opened.
 */
export const EDITIONS: readonly string[] = [
  `
  CREATE TABLE challenges (
    nonce TEXT PRIMARY KEY,
    secret BLOB NOT NULL,
    account TEXT NOT NULL,
    purpose TEXT NOT NULL,
    message TEXT NOT NULL,
    expires INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX challenges_by_end ON challenges (expires);
  CREATE TABLE sessions (
    token BLOB PRIMARY KEY,
    account TEXT NOT NULL,
    participant INTEGER NOT NULL,
    purpose TEXT NOT NULL,
    expires INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX sessions_by_end ON sessions (expires);
  CREATE TABLE entries (
    number INTEGER PRIMARY KEY,
    time INTEGER NOT NULL,
    patient INTEGER,
    recipient INTEGER,
    person TEXT,
    purpose TEXT NOT NULL,
    what TEXT NOT NULL,
    basis TEXT NOT NULL,
    outcome TEXT NOT NULL,
    request TEXT NOT NULL
  ) STRICT;
  CREATE INDEX entries_by_patient ON entries (patient, number);
  `,
  `
  CREATE TABLE due (
    patient INTEGER NOT NULL,
    viewer INTEGER NOT NULL,
    purpose TEXT NOT NULL,
    block INTEGER NOT NULL,
    notices INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    after INTEGER NOT NULL,
    PRIMARY KEY (patient, viewer, purpose)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE deliveries (
    id TEXT PRIMARY KEY,
    number INTEGER,
    patient INTEGER NOT NULL,
    viewer INTEGER NOT NULL,
    purpose TEXT NOT NULL,
    time INTEGER NOT NULL,
    kinds TEXT NOT NULL,
    singles TEXT NOT NULL,
    narrowing TEXT NOT NULL,
    passed INTEGER NOT NULL DEFAULT 0,
    file TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX deliveries_by_viewer ON deliveries (viewer, number);
  CREATE UNIQUE INDEX deliveries_by_number ON deliveries (number);
  CREATE TABLE names (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE actions (
    id TEXT PRIMARY KEY,
    handed TEXT NOT NULL,
    action TEXT NOT NULL,
    signer INTEGER NOT NULL,
    patient INTEGER NOT NULL,
    viewers TEXT NOT NULL,
    says TEXT NOT NULL,
    received INTEGER NOT NULL,
    until INTEGER NOT NULL,
    state TEXT NOT NULL,
    code TEXT,
    hash TEXT,
    block INTEGER,
    gas INTEGER NOT NULL DEFAULT 0,
    tries INTEGER NOT NULL DEFAULT 0,
    after INTEGER NOT NULL DEFAULT 0,
    file TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX actions_by_patient ON actions (patient, received);
  CREATE INDEX actions_by_signer ON actions (signer, received);
  CREATE INDEX actions_waiting ON actions (state, received) WHERE state = 'waiting';
  CREATE TABLE invitations (code BLOB PRIMARY KEY, expires INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  `,
];
