import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { gunzipSync } from "node:zlib";
import { expect } from "chai";

import { wipe } from "../../src/crypto/index.js";
import { ACCESS_TABLES, type AnyAccessTable } from "../../src/vault/access.js";
import type { JsonValue, Vault, VaultChain } from "../../src/vault/index.js";
import { openVault, restoreVault } from "../../src/vault/node/index.js";
import { SCHEMA_VERSION } from "../../src/vault/schema.js";
import { Sealer } from "../../src/vault/sealer.js";
import { unlockVaultKey } from "../../src/vault/vault-lock.js";
import { ALICE, BOB, COST, digestOf, expectCode, INSURER, openDatabase, PASSPHRASE, workspace } from "./helpers.js";
import { findBytes } from "./processes.js";

type TableName = keyof typeof ACCESS_TABLES;

const DIGEST = `0x${Buffer.from(digestOf("one")).toString("hex")}`;
const ACCOUNT = `0x${"a1".repeat(20)}`;

/** For each table: a key, what its row was called among the settings, a value, another one, and values of other shapes. */
const CASES: Record<TableName, { key: object; former: string; value: JsonValue; other: JsonValue; wrong: unknown[] }> =
  {
    acceptedParticipants: {
      ...{ key: { participant: ALICE }, former: `accepted:${ALICE}` },
      value: {
        ...{ name: "", keyVersion: 2, keyDocument: DIGEST, accounts: { [ACCOUNT]: "owner" }, inactive: {} },
        ...{ seenAt: 7, changedAfter: 5, former: [DIGEST] },
      },
      other: { keyVersion: 0, keyDocument: "", accounts: { [ACCOUNT]: "operator" } },
      wrong: [
        null,
        [],
        { keyVersion: 1, keyDocument: DIGEST },
        { keyVersion: 1, keyDocument: "0x12", accounts: {} },
        { keyVersion: -1, keyDocument: DIGEST, accounts: {} },
        { keyVersion: 1, keyDocument: DIGEST, accounts: { [ACCOUNT]: "administrator" } },
        { keyVersion: 1, keyDocument: DIGEST, accounts: { nobody: "owner" } },
        { keyVersion: 1, keyDocument: DIGEST, accounts: {}, inactive: [] },
        { keyVersion: 1, keyDocument: DIGEST, accounts: {}, seenAt: "later" },
        { keyVersion: 1, keyDocument: DIGEST, accounts: {}, former: DIGEST },
        { keyVersion: 1, keyDocument: DIGEST, accounts: {}, former: ["0x12"] },
        { keyVersion: 1, keyDocument: DIGEST, accounts: {}, name: 7 },
      ],
    },
    keyDocumentSignatures: {
      ...{ key: { digest: DIGEST }, former: `key-document-signed:${DIGEST}` },
      value: { participant: ALICE, account: ACCOUNT, signature: "0x51" },
      other: { participant: BOB, account: ACCOUNT, signature: "0x52" },
      wrong: [
        "0x51",
        { participant: 0, account: ACCOUNT, signature: "0x51" },
        { participant: ALICE, account: ACCOUNT },
      ],
    },
    plainAccounts: {
      // Before, whoever wrote it chose the case of its letters.
      ...{ key: { account: ACCOUNT }, former: `plain-account:${ACCOUNT.toUpperCase().replace("X", "x")}` },
      ...{ value: true, other: true, wrong: [false, 1, null] },
    },
    confirmedKeys: {
      ...{ key: { participant: ALICE }, former: `key-confirmed:${ALICE}`, value: 2, other: 3 },
      wrong: ["2", -1, 1.5, null],
    },
    keyChallenges: {
      ...{ key: { participant: ALICE }, former: `key-challenge:${ALICE}` },
      value: { keyVersion: 2, nonce: DIGEST, keyDocument: DIGEST },
      other: { keyVersion: 3, nonce: DIGEST, keyDocument: DIGEST },
      wrong: [7, { keyVersion: 2, nonce: "0x12", keyDocument: DIGEST }, { keyVersion: 2, nonce: DIGEST }],
    },
    recoveryKeys: {
      ...{ key: { version: 2 }, former: "recovery-key:2", value: ACCOUNT, other: `0x${"b2".repeat(20)}` },
      wrong: ["somebody", 7],
    },
    endedDelegations: {
      ...{
        key: { patient: ALICE, viewer: BOB },
        former: `delegate-ended:${ALICE}:${BOB}`,
        value: [1, 2],
        other: [2, 0],
      },
      wrong: [[1], [1, "2"], { accessEpoch: 1, version: 2 }, 1],
    },
    endedEmergencies: {
      ...{ key: { patient: ALICE, viewer: BOB }, former: `emergency-ended:${ALICE}:${BOB}`, value: 1, other: 2 },
      wrong: ["1", -1],
    },
    constraints: {
      ...{ key: { digest: DIGEST }, former: `constraint:${DIGEST}`, value: "narrowed:", other: "otherwise:" },
      wrong: ["", 7, {}],
    },
    agreedTerms: {
      ...{ key: { patient: ALICE, provider: INSURER }, former: `terms:${ALICE}:${INSURER}` },
      value: [{ digest: ACCOUNT, categories: ["CARE"], purposes: ["TREAT"], approved: true }],
      other: [],
      wrong: [
        {},
        [{ digest: ACCOUNT, categories: ["CARE"], purposes: ["TREAT"], approved: "yes" }],
        [{ digest: ACCOUNT, categories: "CARE", purposes: ["TREAT"], approved: true }],
        [{ digest: DIGEST, categories: ["CARE"], purposes: ["TREAT"], approved: true }],
        [{ digest: ACCOUNT, categories: ["CARE"], purposes: [7], approved: true }],
      ],
    },
    emergencyWishes: {
      ...{ key: { patient: ALICE }, former: `emergency-wish:${ALICE}` },
      value: { message: { patient: ALICE, showSensitive: "nothing" }, account: ACCOUNT, signature: "0x51" },
      other: { message: { patient: ALICE, showSensitive: "all" }, account: ACCOUNT, signature: "0x51" },
      wrong: [{ message: "all", account: ACCOUNT, signature: "0x51" }, { message: {}, account: ACCOUNT }, 7],
    },
    newestGrants: {
      ...{ key: { granter: ALICE, patient: BOB }, former: `newest-grant:${ALICE}:${BOB}`, value: 7, other: 9 },
      wrong: ["7", null],
    },
  };

const cases = Object.entries(CASES) as [TableName, (typeof CASES)[TableName]][];
const tableOf = (vault: Vault, name: TableName) => vault.access[name] as unknown as AnyAccessTable;
const fileOf = (directory: string) => join(directory, "vault.sqlite");

describe("the tables that decide access", () => {
  const { directory: newDirectory, open } = workspace();

  it("are all tried here", async () => {
    const vault = await open(newDirectory());
    expect(cases.map(([name]) => name).sort()).to.deep.equal(Object.keys(vault.access).sort());
  });

  for (const [name, { key, value, other, wrong }] of cases) {
    describe(name, () => {
      it("keeps a value by its key, also after reopening, replaces and forgets it", async () => {
        const directory = newDirectory();
        const first = await open(directory);
        expect(tableOf(first, name).get(key as never)).to.equal(undefined);
        tableOf(first, name).set(key as never, value);
        first.close();
        const table = tableOf(await open(directory), name);
        expect(table.get(key as never)).to.deep.equal(value);
        expect(table.list()).to.deep.equal([{ key, value }]);
        table.set(key as never, other);
        expect(table.get(key as never)).to.deep.equal(other);
        expect(table.delete(key as never)).to.equal(true);
        expect(table.delete(key as never)).to.equal(false);
        expect(table.get(key as never)).to.equal(undefined);
      });

      it("refuses what isn't of its shape, and a key that is none", async () => {
        const table = tableOf(await open(newDirectory()), name);
        for (const each of wrong) {
          await expectCode("VAULT_INPUT_INVALID", () => table.set(key as never, each as never));
        }
        expect(table.list()).to.deep.equal([]);
        for (const column of Object.keys(key)) {
          for (const part of [undefined, -1, "0x12"]) {
            const wrongKey = { ...key, [column]: part } as never;
            await expectCode("VAULT_INPUT_INVALID", () => table.get(wrongKey));
            await expectCode("VAULT_INPUT_INVALID", () => table.set(wrongKey, value));
          }
        }
      });

      it("says that the vault is damaged where a row doesn't open, or is of another shape", async () => {
        const directory = newDirectory();
        const { table: called } = ACCESS_TABLES[name];
        const row = Object.values(key).join("/");
        const planted: ((sealer: Sealer) => Uint8Array)[] = [
          ...wrong.map((each) => (sealer: Sealer) => sealer.seal(called, row, utf8(JSON.stringify(each)))),
          (sealer) => sealer.seal(called, row, utf8("{")),
          (sealer) => sealer.seal(called, `${row}0`, utf8(JSON.stringify(value))),
          (sealer) => sealer.seal("settings", row, utf8(JSON.stringify(value))),
          () => new Uint8Array(60),
        ];
        for (const seal of planted) {
          const writing = await open(directory);
          tableOf(writing, name).set(key as never, value);
          writing.close();
          await inFile(directory, (database, sealer) => database.run(`UPDATE ${called} SET sealed = ?`, seal(sealer)));
          const vault = await open(directory);
          const error = await expectCode("VAULT_CORRUPT", () => tableOf(vault, name).get(key as never));
          expect(error.message).to.include(called);
          await expectCode("VAULT_CORRUPT", () => tableOf(vault, name).list());
          vault.close();
        }
      });
    });
  }

  it("take no row for another one's", async () => {
    const directory = newDirectory();
    const vault = await open(directory);
    for (const [i, participant] of [ALICE, BOB].entries()) vault.access.confirmedKeys.set({ participant }, i + 1);
    vault.close();
    await inFile(directory, (database) =>
      database.run(
        `UPDATE confirmed_keys SET sealed = (SELECT sealed FROM confirmed_keys WHERE participant = ${ALICE})`,
      ),
    );
    const { confirmedKeys } = (await open(directory)).access;
    expect(confirmedKeys.get({ participant: ALICE })).to.equal(1);
    await expectCode("VAULT_CORRUPT", () => confirmedKeys.get({ participant: BOB }));
  });

  it("say nothing of their values in the file", async () => {
    const directory = newDirectory();
    const vault = await open(directory);
    vault.access.acceptedParticipants.set(
      { participant: ALICE },
      { name: "General Hospital of the River", keyVersion: 1, keyDocument: "", accounts: {} },
    );
    expect(findBytes(directory, [Buffer.from("General Hospital of the River")])).to.deep.equal([false]);
  });

  it("come back from a backup", async () => {
    const vault = await open(newDirectory());
    for (const [name, { key, value }] of cases) tableOf(vault, name).set(key as never, value);
    const backup = await vault.backup(PASSPHRASE);
    const directory = join(newDirectory(), "restored");
    const restored = await restoreVault({ directory, chain: vault.chain, passphrase: PASSPHRASE, backup, cost: COST });
    for (const [name, { key, value }] of cases) {
      expect(tableOf(restored, name).list(), name).to.deep.equal([{ key, value }]);
    }
    restored.close();
  });
});

describe("a vault of the first version, in which what decides access stood among the settings", () => {
  // Committed before there were tables of their own: a patient's.
  const fixture = new URL("../fixtures/formats/1/", import.meta.url);
  const deployment = JSON.parse(readFileSync(new URL("deployment.json", fixture), "utf8")) as DeploymentFile;
  const chain = { ...deployment, chainId: BigInt(deployment.chainId) };
  const directories: string[] = [];
  afterEach(() => {
    for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
  });

  /** The fixture, with these rows among its settings besides, or in the place of its own. */
  async function former(rows: Record<string, unknown> = {}): Promise<string> {
    const directory = mkdtempSync(join(tmpdir(), "chartchain-former-"));
    directories.push(directory);
    writeFileSync(fileOf(directory), gunzipSync(readFileSync(new URL("vault.sqlite.gz", fixture))), { mode: 0o600 });
    await inFile(directory, (database, sealer) => {
      for (const [name, value] of Object.entries(rows)) {
        const sealed = sealer.seal("settings", name, utf8(JSON.stringify(value)));
        database.run(
          "INSERT INTO settings VALUES (?, ?) ON CONFLICT DO UPDATE SET sealed = excluded.sealed",
          ...[name, sealed],
        );
      }
    });
    return directory;
  }

  const openFormer = (directory: string) => openVault({ directory, chain, passphrase: PASSPHRASE });
  const queried = (directory: string, sql: string) => {
    const database = new DatabaseSync(fileOf(directory), { readOnly: true });
    const rows = database.prepare(sql).all();
    database.close();
    return rows;
  };
  const versionOf = (directory: string) => queried(directory, "PRAGMA user_version")[0]!["user_version"];
  const everything = (directory: string) => [
    ...["PRAGMA user_version", "SELECT name FROM sqlite_schema", "SELECT * FROM settings"].map((sql) =>
      queried(directory, sql),
    ),
  ];

  it("is brought to tables of their own, once, and loses nothing", async () => {
    const preference = { anything: ["at", "all"] };
    const unknown = { "accepted:17:18": 1, "delivered:17:18:TREAT": {}, "somebody's own": preference };
    const rows = Object.fromEntries(cases.map(([, { former, value }]) => [former, value]));
    const directory = await former({ ...rows, ...unknown });
    expect(versionOf(directory)).to.equal(1);
    for (const times of ["first", "second"]) {
      const vault = await openFormer(directory);
      for (const [name, { key, value }] of cases) {
        expect(tableOf(vault, name).get(key as never), `${name}, the ${times} time`).to.deep.equal(value);
      }
      // What the fixture itself held.
      expect(vault.access.acceptedParticipants.list().map(({ key }) => key.participant)).to.deep.equal([1, 3, ALICE]);
      expect(vault.access.emergencyWishes.get({ patient: 4 })).to.deep.include({ kind: "chartchain/emergency-wish" });
      for (const [name, value] of Object.entries(unknown)) expect(vault.settings.get(name)).to.deep.equal(value);
      const left = vault.settings.names().map((name) => name.split(":")[0]);
      expect([...new Set(left)]).to.deep.equal([
        "accepted",
        "delivered",
        "guardians",
        "key-document",
        "own-key-documents",
        "sealed-terms",
        "somebody's own",
      ]);
      expect(vault.envelopes.list()).not.to.have.length(0);
      vault.close();
      expect(versionOf(directory)).to.equal(SCHEMA_VERSION);
    }
  });

  for (const [name, { former: called, wrong }] of cases) {
    it(`stays as it was where a row of ${name} isn't what belongs there`, async () => {
      const directory = await former({ [called]: wrong[0] });
      const before = everything(directory);
      const error = await expectCode("VAULT_CORRUPT", () => openFormer(directory));
      expect(error.message).to.include(called);
      expect(everything(directory)).to.deep.equal(before);
    });
  }

  it("stays as it was where a row doesn't open", async () => {
    const directory = await former();
    await inFile(directory, (database) =>
      database.run("UPDATE settings SET sealed = zeroblob(60) WHERE name = 'accepted:3'"),
    );
    const before = everything(directory);
    await expectCode("VAULT_CORRUPT", () => openFormer(directory));
    expect(everything(directory)).to.deep.equal(before);
  });

  it("comes back from its backup into those tables", async () => {
    const directory = join(await former(), "restored");
    const backup = readFileSync(new URL("backup.bin", fixture));
    const restored = await restoreVault({ directory, chain, passphrase: PASSPHRASE, backup, cost: COST });
    expect(restored.access.acceptedParticipants.list().map(({ key }) => key.participant)).to.deep.equal([1, 3]);
    expect(restored.access.newestGrants.get({ granter: 1, patient: 4 })).to.be.greaterThan(0);
    expect(restored.settings.names().filter((name) => /^(accepted|newest-grant|terms):/.test(name))).to.deep.equal([]);
    restored.close();
  });
});

type DeploymentFile = Omit<VaultChain, "chainId"> & { chainId: number };

const utf8 = (text: string) => new TextEncoder().encode(text);

/** Works on a closed vault's file, with the key that seals its rows. */
async function inFile(
  directory: string,
  work: (database: ReturnType<typeof openDatabase>, sealer: Sealer) => void,
): Promise<void> {
  const database = openDatabase(fileOf(directory));
  const key = await unlockVaultKey(database, PASSPHRASE);
  work(database, new Sealer(key, fileOf(directory)));
  wipe(key);
  database.close();
}
