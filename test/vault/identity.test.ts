import { expect } from "chai";
import { deriveKeyPair, generateSeed } from "../../src/crypto/index.js";
import { ALICE, BOB, expectCode, workspace } from "./helpers.js";

describe("identity", () => {
  const { directory: newDirectory, open } = workspace();

  it("has the key pair of its seed, from the first version on", async () => {
    const { identity } = await open(newDirectory());
    expect(identity.keyVersion).to.equal(1);
    const { publicKey } = await identity.keyPair();
    expect(publicKey).to.deep.equal((await deriveKeyPair(identity.seed())).publicKey);
    expect(await identity.keyPair(1)).to.equal(await identity.keyPair());
  });

  it("does not know its participant before it was told, and then keeps it", async () => {
    const directory = newDirectory();
    const first = await open(directory);
    expect(first.identity.participant).to.equal(undefined);
    first.identity.setParticipant(ALICE);
    first.identity.setParticipant(ALICE);
    first.close();
    expect((await open(directory)).identity.participant).to.equal(ALICE);
  });

  it("refuses to become another participant", async () => {
    const { identity } = await open(newDirectory());
    identity.setParticipant(ALICE);
    await expectCode("VAULT_IDENTITY_CONFLICT", () => identity.setParticipant(BOB));
    expect(identity.participant).to.equal(ALICE);
  });

  it("refuses a participant that is nobody", async () => {
    const { identity } = await open(newDirectory());
    for (const participant of [0, -1, 1.5, 2 ** 40]) {
      await expectCode("VAULT_INPUT_INVALID", () => identity.setParticipant(participant));
    }
  });

  it("keeps earlier keys when a new one takes over", async () => {
    const directory = newDirectory();
    const { identity } = await open(directory);
    const before = (await identity.keyPair()).publicKey;
    const seed = generateSeed();
    identity.addKeyVersion(2, seed);
    expect(identity.keyVersion, "not before the change took effect").to.equal(1);
    identity.useKeyVersion(2);
    expect(identity.keyVersion).to.equal(2);
    expect(identity.keyVersions()).to.deep.equal([1, 2]);
    expect(identity.seed()).to.deep.equal(seed);
    expect((await identity.keyPair(1)).publicKey).to.deep.equal(before);
    expect((await identity.keyPair()).publicKey).not.to.deep.equal(before);
  });

  it("replaces a key that doesn't count yet, and no other one", async () => {
    const directory = newDirectory();
    const vault = await open(directory);
    const { identity } = vault;
    identity.addKeyVersion(2);
    const before = (await identity.keyPair(2)).publicKey;
    identity.replaceKeyVersion(2);
    const after = (await identity.keyPair(2)).publicKey;
    expect(after).not.to.deep.equal(before);
    await expectCode("VAULT_KEY_VERSION_UNKNOWN", () => identity.replaceKeyVersion(3));
    await expectCode("VAULT_IDENTITY_CONFLICT", () => identity.replaceKeyVersion(1));
    identity.useKeyVersion(2);
    await expectCode("VAULT_IDENTITY_CONFLICT", () => identity.replaceKeyVersion(2));
    vault.close();
    expect((await (await open(directory)).identity.keyPair()).publicKey).to.deep.equal(after);
  });

  it("refuses another seed for a version, and a version it has no seed for", async () => {
    const { identity } = await open(newDirectory());
    await expectCode("VAULT_IDENTITY_CONFLICT", () => identity.addKeyVersion(1));
    await expectCode("VAULT_KEY_VERSION_UNKNOWN", () => identity.useKeyVersion(2));
    await expectCode("VAULT_KEY_VERSION_UNKNOWN", () => identity.keyPair(2));
    await expectCode("VAULT_INPUT_INVALID", () => identity.addKeyVersion(2, new Uint8Array(31)));
    expect(identity.keyVersion).to.equal(1);
  });

  it("forgets a key pair whose seed was rolled back", async () => {
    const vault = await open(newDirectory());
    const { identity } = vault;
    let undone: ReturnType<typeof identity.keyPair> | undefined;
    expect(() =>
      vault.transaction(() => {
        identity.addKeyVersion(2);
        undone = identity.keyPair(2);
        throw new Error("no");
      }),
    ).to.throw("no");
    await expectCode("VAULT_KEY_VERSION_UNKNOWN", () => identity.keyPair(2));
    identity.addKeyVersion(2);
    expect((await identity.keyPair(2)).publicKey).not.to.deep.equal((await undone)?.publicKey);
  });
});
