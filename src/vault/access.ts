import type { Database } from "../sqlite/index.js";
import { invalidInput, requireHex, requireInteger, requireName, requireParticipant } from "./input.js";
import {
  type KeyColumns,
  requireObject,
  SealedTable,
  sealedTableSql,
  type KeyOf,
  type TableShape,
} from "./sealed-table.js";
import type { Sealer } from "./sealer.js";
import type { JsonValue } from "./settings.js";

/** What an account may do for its participant. */
type Scope = "operator" | "owner";

/**
 * What this vault accepted about a participant when it met it first. A node can't replace it afterwards: a name never changes,
 * a key and an account only by an event of their own that proves itself.
 */
export interface AcceptedParticipant {
  /** Of an institution; empty for a person; undefined where it couldn't be verified yet. */
  name?: string;
  keyVersion: number;
  /** The key document's digest. */
  keyDocument: string;
  /** Accounts that act for it, or did, each with what it may do: an operator's signature gives no account and no key. */
  accounts: Record<string, Scope>;
  /** Accounts that didn't act for it when this vault met it, but once did: they count for what was anchored then. */
  inactive?: Record<string, Scope>;
  /** The newest block at which this key was seen to be the current one. */
  seenAt?: number;
  /** At which block the key before it still was; 0 once its holder confirmed this one. */
  changedAfter?: number;
  /** Digests of key documents that don't count any more: none of them comes back. */
  former?: string[];
}

/** A participant's signature over its key document. */
export interface KeyDocumentSignature {
  participant: number;
  account: string;
  signature: string;
}

/** A number that only the holder of a new key can read, until it comes back. */
export interface OpenKeyChallenge {
  keyVersion: number;
  /** 32 bytes in hex. */
  nonce: string;
  /** The digest of the document of the key that it was sealed to. */
  keyDocument: string;
}

/** Terms that a vault has seen, with whether they were the relationship's when it last looked. */
export interface SeenTerms {
  /** The first 160 bits of their digest, in hex: what the relationship names. */
  digest: string;
  /** Names of categories, and of purposes of use. */
  categories: string[];
  purposes: string[];
  approved: boolean;
}

/** What somebody signed, as it was handed over: message, account and signature, and the file's other fields. */
export interface SignedStatement {
  message: { [name: string]: JsonValue };
  account: string;
  signature: string;
  [name: string]: JsonValue;
}

/** Lets the compiler find out a table's types, and keeps what its rows were called among the settings, before they had tables. */
const table = <const Columns extends KeyColumns, Value>(
  shape: TableShape<Columns, Value> & { formerly: string },
): TableShape<Columns, Value> & { formerly: string } => shape;

/**
 * The tables that decide who may see something, or whose word is taken. What is missing from one is never a yes by itself, and
 * a row that doesn't open, or isn't of its table's shape, is an error: `VAULT_CORRUPT`.
 */
export const ACCESS_TABLES = {
  /** Who is whom, and whose key is whose: what nodes can't replace. */
  acceptedParticipants: table({
    ...{ table: "accepted_participants", formerly: "accepted", columns: { participant: "participant" } },
    check(value: AcceptedParticipant) {
      requireObject(value, "value");
      const { name, keyVersion, keyDocument, accounts, inactive = {}, seenAt, changedAfter, former = [] } = value;
      if (name !== undefined && typeof name !== "string") throw invalidInput("name", "a text");
      requireInteger(keyVersion, "keyVersion");
      if (keyDocument !== "") requireHex(keyDocument, "keyDocument", 32);
      for (const scopes of [accounts, inactive]) requireScopes(scopes);
      for (const block of [seenAt, changedAfter]) if (block !== undefined) requireInteger(block, "block");
      requireList(former, "former");
      for (const digest of former) requireHex(digest, "former", 32);
    },
  }),
  /** Signatures over key documents, by the document's digest: a change of keys that a known owner signed is its word. */
  keyDocumentSignatures: table({
    ...{ table: "key_document_signatures", formerly: "key-document-signed", columns: { digest: "digest" } },
    check(value: KeyDocumentSignature) {
      requireObject(value, "value");
      requireParticipant(value.participant, "participant");
      requireHex(value.account, "account", 20);
      requireHex(value.signature, "signature");
    },
  }),
  /** Accounts that sign with a key of their own: no contract answers for their signatures. */
  plainAccounts: table({
    ...{ table: "plain_accounts", formerly: "plain-account", columns: { account: "account" } },
    check(value: true) {
      if (value !== true) throw invalidInput("value", "true");
    },
  }),
  /** The version of the key that a participant proved to hold: it may have what is older than itself. */
  confirmedKeys: table({
    ...{ table: "confirmed_keys", formerly: "key-confirmed", columns: { participant: "participant" } },
    check: (value: number) => requireInteger(value, "keyVersion"),
  }),
  /** Challenges of new keys that weren't answered yet. */
  keyChallenges: table({
    ...{ table: "key_challenges", formerly: "key-challenge", columns: { participant: "participant" } },
    check(value: OpenKeyChallenge) {
      requireObject(value, "value");
      requireInteger(value.keyVersion, "keyVersion");
      requireHex(value.nonce, "nonce", 32);
      requireHex(value.keyDocument, "keyDocument", 32);
    },
  }),
  /** Which account a key of this vault was made for, by the key's version: a recovery uses no other. */
  recoveryKeys: table({
    ...{ table: "recovery_keys", formerly: "recovery-key", columns: { version: "number" } },
    check: (value: string) => void requireHex(value, "account", 20),
  }),
  /** The access epoch and version at which a delegate was seen to have ended: what a reorganisation brings back stays ended. */
  endedDelegations: table({
    ...{ table: "ended_delegations", formerly: "delegate-ended" },
    columns: { patient: "participant", viewer: "participant" },
    check(value: [number, number]) {
      requireList(value, "value");
      if (value.length !== 2) throw invalidInput("value", "an access epoch and a version");
      for (const counter of value) requireInteger(counter, "counter");
    },
  }),
  /** The number of the last break-glass that was seen to have ended by a review: it stays ended, too. */
  endedEmergencies: table({
    ...{ table: "ended_emergencies", formerly: "emergency-ended" },
    columns: { patient: "participant", viewer: "participant" },
    check: (value: number) => requireInteger(value, "number"),
  }),
  /** What narrows a grant, by the digest that the chain has: the constraint and its list. */
  constraints: table({
    ...{ table: "constraints", formerly: "constraint", columns: { digest: "digest" } },
    check(value: string) {
      if (typeof value !== "string" || value === "") throw invalidInput("value", "a text");
    },
  }),
  /** The terms of a relationship, those that were approved and the newest others: what a provider may write, and what for. */
  agreedTerms: table({
    ...{ table: "agreed_terms", formerly: "terms", columns: { patient: "participant", provider: "participant" } },
    check(value: SeenTerms[]) {
      requireList(value, "value");
      for (const { digest, categories, purposes, approved } of value) {
        requireHex(digest, "digest", 20);
        for (const names of [categories, purposes]) {
          requireList(names, "names");
          for (const name of names) requireName(name, "name");
        }
        if (typeof approved !== "boolean") throw invalidInput("approved", "true or false");
      }
    },
  }),
  /** A patient's signed wish for emergencies: what of SENSITIVE goes through a broken glass. */
  emergencyWishes: table({
    ...{ table: "emergency_wishes", formerly: "emergency-wish", columns: { patient: "participant" } },
    check(value: SignedStatement) {
      requireObject(value, "value");
      requireObject(value.message, "message");
      requireHex(value.account, "account", 20);
      requireHex(value.signature, "signature");
    },
  }),
  /** When the newest grant of a granter about a patient was issued: an older one that was taken before is a replay. */
  newestGrants: table({
    ...{ table: "newest_grants", formerly: "newest-grant" },
    columns: { granter: "participant", patient: "participant" },
    check: (value: number) => requireInteger(value, "issuedAt"),
  }),
} as const;

/** A vault's tables that decide access, each by its name. */
export type AccessTables = {
  readonly [Name in keyof typeof ACCESS_TABLES]: (typeof ACCESS_TABLES)[Name] extends TableShape<
    infer Columns,
    infer Value
  >
    ? SealedTable<Columns, Value>
    : never;
};

/** One of them, when it doesn't matter which. */
export type AnyAccessTable = SealedTable<KeyColumns, JsonValue>;

/** The statements that create them. */
export const accessTablesSql = (): string =>
  Object.values(ACCESS_TABLES)
    .map((shape) => sealedTableSql(shape))
    .join("\n");

/** The tables of an open vault. */
export const accessTables = (database: Database, sealer: Sealer): AccessTables =>
  Object.fromEntries(
    Object.entries(ACCESS_TABLES).map(([name, shape]) => [
      name,
      new SealedTable(database, sealer, shape as unknown as TableShape<KeyColumns, JsonValue>),
    ]),
  ) as unknown as AccessTables;

/**
 * Where a setting of the first edition belongs now, in which what decides access stood among the settings.
 *
 * @param name `accepted:17`: what it is, and its key
 * @returns undefined for what is a setting still
 */
export function formerSetting(
  access: AccessTables,
  name: string,
): { table: AnyAccessTable; key: KeyOf<KeyColumns> } | undefined {
  const [kind, ...parts] = name.split(":");
  for (const [tableName, { formerly, columns }] of Object.entries(ACCESS_TABLES)) {
    const names = Object.entries<string>(columns);
    if (formerly !== kind || parts.length !== names.length) continue;
    const key = names.map(([column, columnKind], i) => [
      column,
      columnKind === "digest" || columnKind === "account" ? parts[i]! : Number(parts[i]),
    ]);
    const table = access[tableName as keyof AccessTables] as unknown as AnyAccessTable;
    return { table, key: Object.fromEntries(key) as KeyOf<KeyColumns> };
  }
  return undefined;
}

function requireScopes(value: unknown): void {
  requireObject(value, "accounts");
  for (const [account, scope] of Object.entries(value)) {
    requireHex(account, "account", 20);
    if (scope !== "operator" && scope !== "owner") throw invalidInput("scope", "operator or owner");
  }
}

function requireList(value: unknown, name: string): asserts value is unknown[] {
  if (!Array.isArray(value)) throw invalidInput(name, "a list");
}
