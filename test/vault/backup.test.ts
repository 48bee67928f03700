import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { createCompartmentKey } from "../../src/crypto/index.js";
import type { Vault } from "../../src/vault/index.js";
import { type RestoreVaultOptions, restoreVault } from "../../src/vault/node/index.js";
import {
  ALICE,
  CHAIN,
  COST,
  GENERAL_HOSPITAL,
  INSURER,
  PASSPHRASE,
  digestOf,
  envelope,
  expectCode,
  idOf,
  metadata,
  workspace,
} from "./helpers.js";

describe("backup", () => {
  const { directory: newDirectory, open } = workspace();
  const compartment = createCompartmentKey({
    patient: ALICE,
    steward: GENERAL_HOSPITAL,
    category: 7,
    classes: 1,
    round: 2,
  });
  const grant = {
    patient: ALICE,
    viewer: INSURER,
    purpose: 0,
    steward: 0,
    category: 0,
    accessEpoch: 1,
    generation: 1,
    version: 1,
  };
  const restored: Vault[] = [];
  afterEach(() => restored.splice(0).forEach((vault) => vault.close()));

  const waiting = (key: string) => ({ key, code: "NO_PATIENT", at: 7, about: { file: key }, content: digestOf(key) });

  async function fullVault(): Promise<Vault> {
    const vault = await open(newDirectory());
    vault.identity.setParticipant(ALICE);
    vault.identity.addKeyVersion(2);
    vault.identity.useKeyVersion(2);
    vault.compartments.put(compartment, { openedAtBlock: 5, source: GENERAL_HOSPITAL });
    vault.compartments.addExposed(compartment.id, [INSURER]);
    vault.envelopes.put(envelope("one", { compartmentId: compartment.id, metadata: metadata() }));
    vault.envelopes.put(envelope("two", { status: "anchored", anchor: { block: 1, index: 0 } }));
    vault.envelopes.put(envelope("gone"));
    vault.shred(digestOf("gone"), { participant: ALICE });
    vault.pins.put({ digest: digestOf("one"), cid: metadata().cid });
    vault.pins.release(`${metadata().cid}a`);
    vault.pins.notePackDue(metadata().cid, 1_700_000_000);
    const said = { patient: ALICE, author: ALICE, content: digestOf("text") };
    vault.additions.begin({ digest: digestOf("one"), content: vault.additions.keyOf(said) });
    vault.additions.begin({ digest: digestOf("two"), content: digestOf("other") });
    vault.additions.finish(digestOf("two"));
    for (const recipient of [INSURER, GENERAL_HOSPITAL]) {
      vault.releases.append({
        ...{ patient: ALICE, recipient, purpose: 0, compartmentIds: [idOf("a")], wrapDigests: [], at: 1 },
        block: { number: 1, hash: CHAIN.genesisHash },
      });
    }
    vault.denials.record(grant);
    vault.denials.recordEveryone({ patient: ALICE, accessEpoch: 1 });
    vault.inbox.markSeen(digestOf("file"));
    vault.settings.set("name", "value");
    vault.people.add(ALICE, { birthDate: "1970-01-01" });
    vault.people.add(ALICE, { gender: "female" }, digestOf("two"));
    vault.worklist.remove(vault.worklist.put(waiting("first")));
    vault.worklist.put(waiting("second"));
    vault.decisions.append({ kind: "discard", by: ALICE, at: 5, reason: "sent twice", about: { item: 1 } });
    vault.retractions.note({ record: digestOf("one"), patient: ALICE, author: INSURER, anchored: digestOf("two") });
    vault.authorSignatures.keep(
      { patient: ALICE, author: INSURER, digest: digestOf("one"), count: 0 },
      { account: `0x${"a1".repeat(20)}`, signature: "0x51" },
    );
    vault.retractions.putStatement({ digest: digestOf("said"), patient: ALICE, signed: { kind: "statement" } });
    vault.cursors.set("records", { block: 9, hash: CHAIN.genesisHash });
    return vault;
  }

  async function restore(backup: Uint8Array, options: Partial<RestoreVaultOptions> = {}): Promise<Vault> {
    const directory = options.directory ?? join(newDirectory(), "restored");
    const vault = await restoreVault({
      directory,
      chain: CHAIN,
      passphrase: PASSPHRASE,
      backup,
      cost: COST,
      ...options,
    });
    restored.push(vault);
    return vault;
  }

  it("gives everything back but cursors and transactions, which the chain gives", async () => {
    const before = await fullVault();
    const after = await restore(await before.backup(PASSPHRASE));
    expect(after.identity.participant).to.equal(ALICE);
    expect(after.identity.keyVersion).to.equal(2);
    for (const version of [1, 2]) expect(after.identity.seed(version)).to.deep.equal(before.identity.seed(version));
    expect(after.compartments.list()).to.deep.equal(before.compartments.list());
    expect(after.compartments.exposed(compartment.id)).to.deep.equal(new Set([INSURER]));
    for (const { digest, sequence } of before.envelopes.list()) {
      const [was, is] = [before.envelopes.get(digest), after.envelopes.get(digest)];
      expect({ ...is, sequence }).to.deep.equal(was);
    }
    expect(after.envelopes.list()).to.have.length(2);
    expect(after.pins.list()).to.deep.equal(before.pins.list());
    expect(after.pins.duePacks()).to.deep.equal(before.pins.duePacks());
    expect(after.pins.toRelease().map(({ cid }) => cid)).to.deep.equal([`${metadata().cid}a`]);
    const found = after.additions.find(
      after.additions.keyOf({ patient: ALICE, author: ALICE, content: digestOf("text") }),
    );
    // Its transaction may be under way, and the journal, which would know, stayed behind.
    expect(found.map(({ digest, state }) => [digest, state])).to.deep.equal([[digestOf("one"), "sending"]]);
    expect(after.additions.find(digestOf("other")).map(({ state }) => state)).to.deep.equal(["anchored"]);
    expect(after.releases.root()).to.deep.equal(before.releases.root());
    expect(after.denials.blocks(grant)).to.equal(true);
    expect(after.denials.blocks({ ...grant, viewer: 99, accessEpoch: 0 })).to.equal(true);
    expect(after.inbox.seen(digestOf("file"))).to.equal(true);
    expect(after.settings.get("name")).to.equal("value");
    expect(after.people.list()).to.deep.equal(before.people.list());
    after.people.unlearn(digestOf("two"));
    expect(after.people.get(ALICE), "with the record that taught it").to.deep.equal([{ birthDate: "1970-01-01" }]);
    expect(after.worklist.list().map(({ id, about }) => [id, about])).to.deep.equal([[2, { file: "second" }]]);
    expect(after.worklist.get(2)?.content).to.deep.equal(digestOf("second"));
    expect(after.worklist.put(waiting("second")), "the same again is the same").to.equal(2);
    expect(after.decisions.list()).to.deep.equal(before.decisions.list());
    expect(after.authorSignatures.list()).to.have.length(1);
    expect(after.authorSignatures.list()).to.deep.equal(before.authorSignatures.list());
    expect(after.retractions.list()).to.deep.equal(before.retractions.list());
    expect(after.retractions.statements()).to.deep.equal(before.retractions.statements());
    expect(after.cursors.get("records")).to.equal(undefined);
    await expectCode("RECORD_SHREDDED", () => after.envelopes.put(envelope("gone")));
  });

  it("gives a vault that opens again, and works on", async () => {
    const directory = join(newDirectory(), "restored");
    const backup = await (await fullVault()).backup(PASSPHRASE);
    (await restore(backup, { directory })).close();
    const vault = await open(directory, { create: false });
    vault.envelopes.put(envelope("three"));
    expect(vault.envelopes.list()).to.have.length(3);
  });

  it("of a fresh vault restores one without participant", async () => {
    const before = await open(newDirectory());
    const after = await restore(await before.backup(PASSPHRASE));
    expect(after.identity.participant).to.equal(undefined);
    expect(after.identity.seed()).to.deep.equal(before.identity.seed());
  });

  it("has a passphrase of its own, asked for once when both are the same", async () => {
    const vault = await fullVault();
    const backup = await vault.backup("another one");
    await expectCode("WRONG_PASSPHRASE", () => restore(backup));
    await restore(backup, { backupPassphrase: "another one" });
    let asked = 0;
    const passphrase = async (): Promise<string> => {
      asked++;
      return "another one";
    };
    await restore(backup, { passphrase });
    expect(asked).to.equal(1);
  });

  it("says nothing without the passphrase", async () => {
    const vault = await fullVault();
    const backup = Buffer.from(await vault.backup(PASSPHRASE));
    expect(backup.includes(Buffer.from(compartment.key))).to.equal(false);
    expect(backup.includes(Buffer.from(vault.identity.seed()))).to.equal(false);
    expect(backup.includes("value")).to.equal(false);
  });

  it("is refused with any byte changed, or cut off anywhere", async () => {
    const backup = await (await open(newDirectory())).backup(PASSPHRASE);
    const directory = join(newDirectory(), "restored");
    for (const at of [0, 7, 8, 11, 12, 19, 20, 60, 120, backup.length - 1]) {
      const changed = backup.slice();
      changed[at] = (changed[at] as number) ^ 1;
      let code: string | undefined;
      await restore(changed, { directory }).catch((error: { code: string }) => (code = error.code));
      expect(code, `byte ${at}`).to.be.oneOf(["BACKUP_MALFORMED", "WRONG_PASSPHRASE"]);
    }
    for (const length of [0, 8, 12, 60, 115, 140, backup.length - 1]) {
      await expectCode("BACKUP_MALFORMED", () => restore(backup.slice(0, length), { directory }));
    }
  });

  it("is refused on another chain", async () => {
    const backup = await (await fullVault()).backup(PASSPHRASE);
    const chain = { ...CHAIN, genesisHash: `0x${"2b".repeat(32)}` };
    await expectCode("VAULT_OTHER_CHAIN", () => restore(backup, { chain }));
  });

  it("is refused where there is a vault, which stays as it is", async () => {
    const directory = newDirectory();
    const there = await open(directory);
    there.envelopes.put(envelope("kept"));
    there.close();
    const backup = await (await fullVault()).backup(PASSPHRASE);
    await expectCode("VAULT_EXISTS", () => restore(backup, { directory }));
    expect((await open(directory)).envelopes.list()).to.have.length(1);
  });

  it("leaves no vault behind when it was refused", async () => {
    const directory = join(newDirectory(), "restored");
    const backup = await (await fullVault()).backup(PASSPHRASE);
    await expectCode("WRONG_PASSPHRASE", () => restore(backup, { directory, passphrase: "guess" }));
    await expectCode("VAULT_NOT_FOUND", () => open(directory, { create: false }));
    await restore(backup, { directory });
    expect(existsSync(directory)).to.equal(true);
  });
});
