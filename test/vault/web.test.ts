import { expect } from "chai";

import { holdDatabase } from "../../src/sqlite/web/index.js";
import type { Vault } from "../../src/vault/index.js";
import { type OpenVaultOptions, openVault, restoreVault } from "../../src/vault/web/index.js";
import { MemoryFolder } from "../sqlite/memory-files.js";
import { ALICE, CHAIN, COST, PASSPHRASE, digestOf, envelope, expectCode, metadata } from "./helpers.js";

/**
 * What is said of a vault in a browser, on a private file system in memory that gives out a handle once, as browsers do. Left
 * out are the browser itself (browser.test.ts), programs that are killed, and what a browser leaves on its disk.
 */
describe("a vault in a browser's files", () => {
  const browser = globalThis as { FileSystemFileHandle?: unknown };
  let root: MemoryFolder;
  const opened: Vault[] = [];

  beforeEach(() => {
    root = new MemoryFolder();
    browser.FileSystemFileHandle = class {
      createSyncAccessHandle(): void {}
    };
    Object.defineProperty(navigator, "storage", {
      configurable: true,
      value: { getDirectory: async () => root },
    });
  });
  afterEach(() => {
    for (const vault of opened.splice(0)) vault.close();
    delete browser.FileSystemFileHandle;
    delete (navigator as { storage?: unknown }).storage;
  });

  const open = async (options: Partial<OpenVaultOptions> = {}): Promise<Vault> => {
    const own = { name: "31337-alice", chain: CHAIN, passphrase: PASSPHRASE, create: true, cost: COST };
    const vault = await openVault({ ...own, ...options });
    opened.push(vault);
    return vault;
  };
  const files = (name = "31337-alice") => root.folders.get("chartchain")?.folders.get(name)?.files;
  const holds = (needle: Uint8Array): boolean =>
    [...(files()?.values() ?? [])].some(({ bytes }) => Buffer.from(bytes).includes(Buffer.from(needle)));

  it("finds what was stored before", async () => {
    const first = await open();
    first.identity.setParticipant(ALICE);
    const seed = first.identity.seed();
    const kept = envelope("kept", { metadata: metadata() });
    first.transaction(() => {
      first.envelopes.put(kept);
      first.settings.set("name", "value");
    });
    expect(() =>
      first.transaction(() => {
        first.envelopes.put(envelope("undone"));
        throw new Error("no");
      }),
    ).to.throw("no");
    first.close();

    const second = await open({ create: false });
    expect(second.identity.participant).to.equal(ALICE);
    expect(second.identity.seed()).to.deep.equal(seed);
    expect(second.envelopes.get(kept.digest)?.bytes).to.deep.equal(kept.bytes);
    expect(second.envelopes.get(digestOf("undone"))).to.equal(undefined);
    expect(second.settings.get("name")).to.equal("value");
    expect(second.chain).to.deep.equal(CHAIN);
  });

  it("is refused with a wrong passphrase, on another chain, and when it is open, and can be opened after each", async () => {
    (await open()).close();
    await expectCode("WRONG_PASSPHRASE", () => open({ passphrase: "a young oak by the river" }));
    await expectCode("VAULT_OTHER_CHAIN", () => open({ chain: { ...CHAIN, chainId: 1n } }));
    const vault = await open();
    await expectCode("VAULT_IN_USE", () => open());
    await expectCode("VAULT_IN_USE", () => open({ create: false }));
    vault.envelopes.put(envelope("after"));
    vault.close();
    await open();
  });

  it("is not found where there is none, and nothing is left", async () => {
    await expectCode("VAULT_NOT_FOUND", () => open({ create: false }));
    expect(root.folders.size).to.equal(0);
  });

  it("leaves no vault behind when creating it was refused", async () => {
    await expectCode("PASSPHRASE_EMPTY", () => open({ passphrase: "" }));
    await expectCode("VAULT_INPUT_INVALID", () => open({ chain: { ...CHAIN, genesisHash: "0x00" } }));
    await expectCode("VAULT_NOT_FOUND", () => open({ create: false }));
    await open();
  });

  it("deletes nothing where somebody has one of its files", async () => {
    (await open()).close();
    const before = files()!.get("database.sqlite")!.bytes.slice();
    files()!.get("database.sqlite-wal")!.isOpen = true;
    await expectCode("VAULT_IN_USE", () => open());
    expect([...files()!.get("database.sqlite")!.bytes]).to.deep.equal([...before]);
    expect(files()!.get("database.sqlite")!.isOpen, "a handle stayed open").to.equal(false);
    files()!.get("database.sqlite-wal")!.isOpen = false;
    await open({ create: false });
  });

  it("is apart from one of another name", async () => {
    const [alice, bob] = [await open(), await open({ name: "31337-bob" })];
    alice.envelopes.put(envelope("one"));
    expect(bob.envelopes.list()).to.deep.equal([]);
    expect(alice.identity.seed()).not.to.deep.equal(bob.identity.seed());
  });

  it("refuses a name that is no folder's", async () => {
    for (const name of ["", ".", "..", "a/b", "A", "a b", "-a", "a".repeat(65), 7 as never]) {
      await expectCode("VAULT_INPUT_INVALID", () => open({ name }));
    }
    expect(root.folders.size).to.equal(0);
  });

  it("is restored from a backup, and not over another", async () => {
    const vault = await open();
    const kept = envelope("kept");
    vault.envelopes.put(kept);
    const backup = await vault.backup(PASSPHRASE);
    const options = { chain: CHAIN, passphrase: PASSPHRASE, backup, cost: COST };
    const restored = await restoreVault({ ...options, name: "restored" });
    opened.push(restored);
    expect(restored.envelopes.get(kept.digest)?.bytes).to.deep.equal(kept.bytes);
    expect(restored.identity.seed()).to.deep.equal(vault.identity.seed());
    restored.close();
    await expectCode("VAULT_EXISTS", () => restoreVault({ ...options, name: "restored" }));
    await expectCode("WRONG_PASSPHRASE", () => restoreVault({ ...options, name: "third", passphrase: "no" }));
  });

  it("overwrites the key of what is shredded in the bytes that the browser is given", async () => {
    const vault = await open();
    vault.envelopes.put(envelope("gone"));
    vault.close();
    const connection = (await holdDatabase(["chartchain", "31337-alice"], { create: false }))!.connect();
    connection.exec("PRAGMA locking_mode = EXCLUSIVE");
    const keys = connection.prepare("SELECT key FROM erasable_keys").all() as { key: Uint8Array }[];
    connection.close();
    expect(keys.map(({ key }) => holds(key))).to.deep.equal([true]);

    (await open()).shred(digestOf("gone"), { participant: ALICE });
    expect(keys.map(({ key }) => holds(key))).to.deep.equal([false]);
  });

  it("refuses to store where there is no room, and keeps what was stored", async () => {
    const vault = await open();
    vault.envelopes.put(envelope("kept"));
    root.folders.get("chartchain")!.folders.get("31337-alice")!.room = 400_000;
    let stored = 0;
    await expectCode("VAULT_FULL", () => {
      for (; ; stored++) vault.envelopes.put(envelope(stored));
    });
    expect(vault.envelopes.list()).to.have.length(stored + 1);
    root.folders.get("chartchain")!.folders.get("31337-alice")!.room = Infinity;
    vault.envelopes.put(envelope("after"));
    vault.close();
    expect((await open()).envelopes.list()).to.have.length(stored + 2);
  });

  it("says so where no browser has files for it", async () => {
    delete browser.FileSystemFileHandle;
    await expectCode("VAULT_NEEDS_WORKER", () => open());
    browser.FileSystemFileHandle = class {};
    await expectCode("VAULT_NEEDS_WORKER", () => open());
  });

  it("says so when the browser refuses otherwise", async () => {
    root.getDirectoryHandle = () => Promise.reject(new DOMException("not here", "SecurityError"));
    await expectCode("VAULT_UNWRITABLE", () => open());
    root.getDirectoryHandle = () => Promise.reject(new DOMException("no room", "QuotaExceededError"));
    await expectCode("VAULT_FULL", () => open());
  });

  it("lets files go that were held and not opened, once", async () => {
    const held = await holdDatabase(["one"], { create: true });
    expect(held?.exists).to.equal(false);
    held?.release();
    held?.release();
    const again = await holdDatabase(["one"], { create: false });
    const connection = again!.connect();
    again!.release();
    connection.exec("CREATE TABLE rows (n)");
    connection.close();
    expect((await holdDatabase(["one"], { create: false }))?.exists).to.equal(true);
  });
});
