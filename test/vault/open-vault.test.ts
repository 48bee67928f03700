import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect } from "chai";
import { openVault } from "../../src/vault/node/index.js";
import { SCHEMA_VERSION } from "../../src/vault/schema.js";
import { ALICE, CHAIN, COST, PASSPHRASE, digestOf, envelope, expectCode, workspace } from "./helpers.js";
import { startWorker } from "./processes.js";

describe("opening a vault", () => {
  const { directory: newDirectory, open } = workspace();
  const fileOf = (directory: string): string => join(directory, "vault.sqlite");

  async function createdVault(): Promise<string> {
    const directory = newDirectory();
    const vault = await open(directory);
    vault.envelopes.put(envelope("kept"));
    vault.close();
    return directory;
  }

  it("finds what was stored before", async () => {
    const directory = newDirectory();
    const first = await open(directory);
    first.identity.setParticipant(ALICE);
    const seed = first.identity.seed();
    const kept = envelope("kept");
    first.envelopes.put(kept);
    first.close();

    const second = await open(directory, { create: false });
    expect(second.identity.participant).to.equal(ALICE);
    expect(second.identity.seed()).to.deep.equal(seed);
    expect(second.envelopes.get(kept.digest)?.bytes).to.deep.equal(kept.bytes);
    expect(second.chain).to.deep.equal(CHAIN);
  });

  it("creates folder and files for their owner alone", async () => {
    const directory = join(newDirectory(), "31337");
    await open(directory);
    expect(statSync(directory).mode & 0o777).to.equal(0o700);
    const files = readdirSync(directory);
    expect(files).to.include("vault.sqlite");
    for (const name of files) expect(statSync(join(directory, name)).mode & 0o777, name).to.equal(0o600);
  });

  it("narrows the rights of a file that was copied with wider ones", async () => {
    const directory = await createdVault();
    chmodSync(fileOf(directory), 0o644);
    await open(directory);
    expect(statSync(fileOf(directory)).mode & 0o777).to.equal(0o600);
  });

  it("gives every new vault another seed", async () => {
    const [one, two] = [await open(newDirectory()), await open(newDirectory())];
    expect(one.identity.seed()).not.to.deep.equal(two.identity.seed());
  });

  it("is refused when there is none, and creates nothing", async () => {
    const directory = join(newDirectory(), "missing");
    await expectCode("VAULT_NOT_FOUND", () => open(directory, { create: false }));
    expect(existsSync(directory)).to.equal(false);
  });

  it("treats a file whose creation was cut short as none", async () => {
    const directory = newDirectory();
    writeFileSync(fileOf(directory), "");
    await expectCode("VAULT_NOT_FOUND", () => open(directory, { create: false }));
    await open(directory);
  });

  it("leaves no vault behind when creating it was refused", async () => {
    const directory = newDirectory();
    await expectCode("PASSPHRASE_EMPTY", () => open(directory, { passphrase: "" }));
    await expectCode("VAULT_NOT_FOUND", () => open(directory, { create: false }));
    await open(directory);
  });

  it("is refused in a folder that others may enter", async () => {
    const directory = await createdVault();
    chmodSync(directory, 0o755);
    await expectCode("HOME_NOT_PRIVATE", () => open(directory));
  });

  describe("with a passphrase", () => {
    it("is refused when it is wrong, and opens with the right one afterwards", async () => {
      const directory = await createdVault();
      const error = await expectCode("WRONG_PASSPHRASE", () => open(directory, { passphrase: "guess" }));
      expect(JSON.stringify(error)).not.to.include("guess");
      await open(directory);
    });

    it("is refused when it is empty", async () => {
      const directory = await createdVault();
      await expectCode("PASSPHRASE_EMPTY", () => open(directory, { passphrase: "" }));
    });

    it("asks for it only when everything else is right", async () => {
      const directory = await createdVault();
      let asked = 0;
      const passphrase = async (): Promise<string> => {
        asked++;
        return PASSPHRASE;
      };
      const other = { ...CHAIN, genesisHash: `0x${"2b".repeat(32)}` };
      await expectCode("VAULT_OTHER_CHAIN", () => open(directory, { passphrase, chain: other }));
      await expectCode("VAULT_NOT_FOUND", () => open(newDirectory(), { passphrase, create: false }));
      expect(asked).to.equal(0);
      await open(directory, { passphrase });
      expect(asked).to.equal(1);
    });

    it("releases the vault when asking for it fails", async () => {
      const directory = await createdVault();
      const cancelled = new Error("cancelled");
      const passphrase = async (): Promise<string> => Promise.reject(cancelled);
      let thrown: unknown;
      await open(directory, { passphrase }).catch((error: unknown) => (thrown = error));
      expect(thrown).to.equal(cancelled);
      await open(directory);
    });
  });

  describe("on a chain", () => {
    const others = {
      "another chain id": { ...CHAIN, chainId: 1n },
      "another genesis block": { ...CHAIN, genesisHash: `0x${"2b".repeat(32)}` },
      "another contract": { ...CHAIN, contracts: { ...CHAIN.contracts, Registrar: `0x${"03".repeat(20)}` } },
      "a contract missing": { ...CHAIN, contracts: { Registrar: CHAIN.contracts["Registrar"] as string } },
    };
    for (const [name, chain] of Object.entries(others)) {
      it(`is refused with ${name}, and changes nothing`, async () => {
        const directory = await createdVault();
        const before = readFileSync(fileOf(directory));
        const error = await expectCode("VAULT_OTHER_CHAIN", () => open(directory, { chain }));
        expect(error.details["vault"]).to.deep.equal({ ...CHAIN, chainId: "31337" });
        expect(error.details["differences"]).to.have.length(1);
        expect(readFileSync(fileOf(directory)).equals(before)).to.equal(true);
        expect((await open(directory)).envelopes.get(digestOf("kept"))).not.to.equal(undefined);
      });
    }

    it("names both genesis blocks when the local chain was restarted", async () => {
      const directory = await createdVault();
      const genesisHash = `0x${"2b".repeat(32)}`;
      const { message } = await expectCode("VAULT_OTHER_CHAIN", () =>
        open(directory, { chain: { ...CHAIN, genesisHash } }),
      );
      expect(message).to.include(CHAIN.genesisHash).and.to.include(genesisHash);
    });

    it("takes addresses in any letter case, with and without a checksum", async () => {
      const chain = { ...CHAIN, contracts: { Registrar: "0x5FbDB2315678afecb367f032d93F642f64180aa3" } };
      const directory = newDirectory();
      (await open(directory, { chain })).close();
      await open(directory, {
        chain: { ...chain, contracts: { Registrar: "0x5fbdb2315678afecb367f032d93f642f64180aa3" } },
      });
    });

    it("learns of a module deployed later, and then insists on it", async () => {
      const directory = await createdVault();
      const extended = { ...CHAIN, contracts: { ...CHAIN.contracts, DataBank: `0x${"04".repeat(20)}` } };
      (await open(directory, { chain: extended })).close();
      const moved = { ...CHAIN, contracts: { ...CHAIN.contracts, DataBank: `0x${"05".repeat(20)}` } };
      await expectCode("VAULT_OTHER_CHAIN", () => open(directory, { chain: moved }));
    });

    const invalid = {
      "no contracts": { ...CHAIN, contracts: {} },
      "a short address": { ...CHAIN, contracts: { Registrar: "0x01" } },
      "a genesis hash that is none": { ...CHAIN, genesisHash: "genesis" },
      "no chain id": { ...CHAIN, chainId: 0n },
    };
    for (const [name, chain] of Object.entries(invalid)) {
      it(`is refused with ${name}`, async () => {
        await expectCode("VAULT_INPUT_INVALID", () => open(newDirectory(), { chain }));
      });
    }
  });

  describe("at the same time", () => {
    it("is refused a second time in the same process, until the first is closed", async () => {
      const directory = newDirectory();
      const first = await open(directory);
      await expectCode("VAULT_IN_USE", () => open(directory));
      first.envelopes.put(envelope("still working"));
      first.close();
      expect((await open(directory)).envelopes.list()).to.have.length(1);
    });

    it("is refused to a second process, until the first ends, however it ends", async () => {
      const directory = await createdVault();
      const first = startWorker("hold", directory);
      await first.printed(1);
      await expectCode("VAULT_IN_USE", () => open(directory));
      expect(await startWorker("try", directory).done()).to.deep.equal(["VAULT_IN_USE"]);
      await first.kill();
      await open(directory);
    });

    it("is refused to another process after a refused attempt in this one", async () => {
      const directory = newDirectory();
      await open(directory);
      await expectCode("VAULT_IN_USE", () => open(directory));
      expect(await startWorker("try", directory).done()).to.deep.equal(["VAULT_IN_USE"]);
    });

    it("gives the vault to one at most of many that come at once", async () => {
      const directory = newDirectory();
      const attempts = await Promise.allSettled(Array.from({ length: 8 }, () => open(directory)));
      expect(attempts.filter(({ status }) => status === "fulfilled")).to.have.length(1);
      for (const attempt of attempts) {
        if (attempt.status === "rejected") expect(attempt.reason).to.have.property("code", "VAULT_IN_USE");
      }
    });
  });

  describe("of a damaged file", () => {
    it("is refused when it is no database", async () => {
      const directory = newDirectory();
      writeFileSync(fileOf(directory), "not a database ".repeat(1000));
      await expectCode("VAULT_CORRUPT", () => open(directory));
    });

    it("is refused when its header is overwritten", async () => {
      const directory = await createdVault();
      const bytes = readFileSync(fileOf(directory));
      bytes.fill(0xff, 0, 64);
      writeFileSync(fileOf(directory), bytes);
      await expectCode("VAULT_CORRUPT", () => open(directory));
    });

    it("is refused when it was cut off", async () => {
      const directory = await createdVault();
      truncateSync(fileOf(directory), statSync(fileOf(directory)).size / 2);
      await expectCode("VAULT_CORRUPT", () => open(directory));
    });

    it("is refused when a page in the middle is garbage", async () => {
      const directory = await createdVault();
      const bytes = readFileSync(fileOf(directory));
      for (let page = 8192; page < bytes.length; page += 4096) bytes.fill(0xa5, page, page + 100);
      writeFileSync(fileOf(directory), bytes);
      await expectCode("VAULT_CORRUPT", () => open(directory));
    });

    it("is refused when it is another program's database", async () => {
      const directory = newDirectory();
      const database = new DatabaseSync(fileOf(directory));
      database.exec("CREATE TABLE notes (text)");
      database.close();
      await expectCode("VAULT_CORRUPT", () => open(directory));
    });

    const changes = {
      "its lock is missing": "DELETE FROM vault_lock",
      "its lock is damaged": "UPDATE vault_lock SET locked = zeroblob(103)",
    };
    for (const [name, sql] of Object.entries(changes)) {
      it(`is refused when ${name}`, async () => {
        const directory = await createdVault();
        change(directory, sql);
        await expectCode("VAULT_CORRUPT", () => open(directory));
      });
    }

    it("opens, but refuses an entry that was changed or swapped", async () => {
      const directory = newDirectory();
      const vault = await open(directory);
      vault.envelopes.put(envelope("one"));
      vault.envelopes.put(envelope("two"));
      vault.settings.set("one", 1);
      vault.settings.set("two", 2);
      vault.close();
      change(directory, "UPDATE settings SET sealed = (SELECT sealed FROM settings WHERE name = 'two')");
      change(directory, "UPDATE erasable_names SET key_id = 1");
      const reopened = await open(directory);
      expect(reopened.settings.get("two")).to.equal(2);
      await expectCode("VAULT_CORRUPT", () => reopened.settings.get("one"));
      await expectCode("VAULT_CORRUPT", () => reopened.envelopes.get(digestOf("two")));
    });

    it("opens, but refuses an entry whose key is missing", async () => {
      const directory = await createdVault();
      change(directory, "DELETE FROM erasable_names");
      const vault = await open(directory);
      await expectCode("VAULT_CORRUPT", () => vault.envelopes.get(digestOf("kept")));
    });
  });

  it("is refused when a newer version wrote it", async () => {
    const directory = await createdVault();
    change(directory, `PRAGMA user_version = ${SCHEMA_VERSION + 1}`);
    const { details } = await expectCode("VAULT_VERSION", () => open(directory));
    expect(details).to.include({ version: SCHEMA_VERSION + 1, supported: SCHEMA_VERSION });
  });

  it("is refused when a folder is in the file's place", async () => {
    const directory = newDirectory();
    mkdirSync(fileOf(directory), { mode: 0o700 });
    await expectCode("VAULT_UNWRITABLE", () => open(directory));
  });

  it("is refused when the file is not ours to write", async function () {
    const directory = await createdVault();
    const nobody = 65_534;
    const root = process.getuid?.() === 0;
    if (root) {
      // Root may write everything, so another user tries.
      chownSync(directory, nobody, nobody);
      const probe = startWorker("nothing", directory, { uid: nobody });
      if (
        !(await probe.done().then(
          () => true,
          () => false,
        ))
      ) {
        console.log("      skipped: another user cannot run this checkout");
        return this.skip();
      }
    }
    chmodSync(fileOf(directory), 0o400);
    const limits = root ? { uid: nobody } : {};
    expect(await startWorker("try", directory, limits).done()).to.deep.equal(["VAULT_UNWRITABLE"]);
    chmodSync(directory, 0o500);
    expect(await startWorker("try", directory, limits).done()).to.deep.equal(["VAULT_UNWRITABLE"]);
    chmodSync(directory, 0o700);
  });

  it("is refused with a folder that is a file", async () => {
    const file = join(newDirectory(), "file");
    writeFileSync(file, "");
    await expectCode("HOME_UNUSABLE", () =>
      openVault({ directory: join(file, "31337"), chain: CHAIN, passphrase: PASSPHRASE, create: true, cost: COST }),
    );
  });

  function change(directory: string, sql: string): void {
    const database = new DatabaseSync(fileOf(directory));
    database.exec(sql);
    database.close();
  }
});
