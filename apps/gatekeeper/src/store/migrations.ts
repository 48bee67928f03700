import { type Kysely, sql } from "kysely";
import type { Migration, MigrationProvider } from "kysely/migration";

/** The versions of the schema, in their order. One that was released is never changed. */
const MIGRATIONS: Readonly<Record<string, Migration>> = {
  "0001-resources-and-records": {
    async up(database: Kysely<unknown>): Promise<void> {
      for (const statement of FIRST) await sql.raw(statement).execute(database);
    },
  },
  "0002-upstream": {
    async up(database: Kysely<unknown>): Promise<void> {
      for (const statement of UPSTREAM) await sql.raw(statement).execute(database);
    },
  },
};

/** "C": order and comparison are the same everywhere. A value is indexed by its beginning: an index takes no long one. */
const FIRST = [
  `create table contents (
    number integer generated always as identity primary key,
    type text collate "C" not null,
    id text collate "C" not null,
    hash text collate "C" not null,
    meta text not null,
    body text not null,
    first double precision,
    last double precision,
    unique (type, id, hash)
  )`,
  `create table versions (
    number integer generated always as identity primary key,
    patient integer not null,
    type text collate "C" not null,
    id text collate "C" not null,
    variant integer not null,
    content integer references contents,
    version_id text collate "C" not null unique,
    updated double precision not null,
    current boolean not null,
    name text,
    labels text not null,
    source_updated double precision,
    classes jsonb not null
  )`,
  `create unique index versions_current on versions (type, id, patient, variant) where current`,
  `create index versions_history on versions (type, id, number)`,
  `create index versions_patient on versions (patient) where current`,
  `create index versions_content on versions (content) where current`,
  `create table records (
    number integer generated always as identity primary key,
    patient integer not null,
    key text collate "C" not null,
    category text collate "C" not null,
    confidential boolean not null,
    medicines boolean not null,
    classes jsonb not null,
    encounter text,
    first double precision,
    last double precision,
    live boolean not null,
    unique (patient, key)
  )`,
  `create table held (
    version integer not null references versions,
    record integer not null references records,
    kind integer not null,
    primary key (version, record)
  )`,
  `create index held_record on held (record)`,
  `create table terms (
    content integer not null references contents,
    type text collate "C" not null,
    parameter text collate "C" not null,
    system text collate "C",
    value text collate "C",
    exact text collate "C",
    low double precision,
    high double precision
  )`,
  `create index terms_value on terms (type, parameter, left(value, 100))`,
  `create index terms_range on terms (type, parameter, low)`,
  `create index terms_content on terms (content, parameter)`,
  `create index terms_target on terms (system, left(value, 100)) where system is not null`,
];

const UPSTREAM = [
  `create table upstream_state (name text primary key, value text not null)`,
  `create table upstream_people (
    id text collate "C" primary key,
    number integer generated always as identity,
    json text,
    participant integer,
    state text not null,
    doubts text not null,
    decided text
  )`,
  `create table upstream_resources (
    chart integer not null,
    type text collate "C" not null,
    id text collate "C" not null,
    stamp text not null,
    owner text collate "C",
    primary key (chart, type, id)
  )`,
  `create index upstream_resources_name on upstream_resources (type, id)`,
  `create index upstream_resources_owner on upstream_resources (owner)`,
  `create table upstream_companions (
    type text collate "C" not null,
    id text collate "C" not null,
    json text not null,
    stamp text not null,
    primary key (type, id)
  )`,
  `create table upstream_arrivals (
    type text collate "C" not null,
    id text collate "C" not null,
    json text,
    owner text collate "C",
    primary key (type, id)
  )`,
  `create index upstream_arrivals_owner on upstream_arrivals (owner)`,
];

export const migrations: MigrationProvider = { getMigrations: async () => MIGRATIONS };
