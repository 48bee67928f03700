import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect } from "chai";
import fc from "fast-check";
import { rootOf, verifyConsistency, verifyInclusion } from "../../src/crypto/index.js";
import { type Release, decodeRelease, encodeRelease } from "../../src/vault/index.js";
import { ALICE, BOB, CHAIN, INSURER, digestOf, expectCode, idOf, workspace } from "./helpers.js";

describe("release log", () => {
  const { directory: newDirectory, open } = workspace();
  const release = (changes: Partial<Release> = {}): Omit<Release, "salt"> => ({
    ...{ patient: ALICE, recipient: INSURER, purpose: 2, at: 1_750_000_000 },
    ...{ compartmentIds: [idOf("a"), idOf("b")], wrapDigests: [digestOf("a"), digestOf("b")] },
    block: { number: 1200, hash: CHAIN.genesisHash },
    ...changes,
  });

  it("keeps every release in order, also after reopening", async () => {
    const directory = newDirectory();
    const first = await open(directory);
    expect(first.releases.size).to.equal(0);
    const logged = [ALICE, BOB, ALICE].map((patient) => first.releases.append(release({ patient })));
    expect(logged.map(({ index }) => index)).to.deep.equal([0, 1, 2]);
    expect(logged[1]).to.deep.include(release({ patient: BOB }));
    first.close();
    const { releases } = await open(directory);
    expect(releases.size).to.equal(3);
    expect(releases.list()).to.deep.equal(logged);
    expect(releases.list({ patient: ALICE }).map(({ index }) => index)).to.deep.equal([0, 2]);
    expect(releases.list({ since: 1, patient: ALICE }).map(({ index }) => index)).to.deep.equal([2]);
  });

  it("gives the same release two different leaves, so that nobody guesses it from its hash", async () => {
    const { releases } = await open(newDirectory());
    releases.append(release());
    releases.append(release());
    expect(releases.leaf(0)).not.to.deep.equal(releases.leaf(1));
  });

  it("proves every entry and every growth, as RFC 9162 verifies them", async () => {
    const { releases } = await open(newDirectory());
    const roots = [releases.root()];
    for (let i = 0; i < 9; i++) {
      releases.append(release({ at: i }));
      roots.push(releases.root());
    }
    const leaves = releases.list().map((entry) => encodeRelease(entry));
    expect(releases.root()).to.deep.equal(rootOf(leaves));
    for (let second = 1; second <= 9; second++) {
      const [size, root] = [second, roots[second] as Uint8Array];
      expect(releases.root(size)).to.deep.equal(root);
      for (let index = 0; index < size; index++) {
        const claim = { entry: releases.leaf(index), index, size, root };
        expect(verifyInclusion({ ...claim, proof: releases.inclusionProof(index, size) })).to.equal(true);
      }
      for (let earlier = 0; earlier <= second; earlier++) {
        const claim = { first: earlier, second, firstRoot: roots[earlier] as Uint8Array, secondRoot: root };
        expect(verifyConsistency({ ...claim, proof: releases.consistencyProof(earlier, second) })).to.equal(true);
      }
    }
  });

  it("has the same root after reopening, and goes on from it", async () => {
    const directory = newDirectory();
    const first = await open(directory);
    for (let i = 0; i < 5; i++) first.releases.append(release());
    const root = first.releases.root();
    first.close();
    const { releases } = await open(directory);
    releases.append(release());
    expect(releases.root(5)).to.deep.equal(root);
    const claim = { first: 5, second: 6, firstRoot: root, secondRoot: releases.root() };
    expect(verifyConsistency({ ...claim, proof: releases.consistencyProof(5) })).to.equal(true);
  });

  it("has no entry that was rolled back, in its root neither", async () => {
    const vault = await open(newDirectory());
    vault.releases.append(release());
    const root = vault.releases.root();
    expect(() =>
      vault.transaction(() => {
        vault.releases.append(release());
        expect(vault.releases.root()).not.to.deep.equal(root);
        throw new Error("no");
      }),
    ).to.throw("no");
    expect(vault.releases.size).to.equal(1);
    expect(vault.releases.root()).to.deep.equal(root);
    expect(vault.releases.append(release()).index).to.equal(1);
  });

  it("cannot be changed or shortened, even by other statements on its file", async () => {
    const directory = newDirectory();
    const vault = await open(directory);
    vault.releases.append(release());
    vault.close();
    const database = new DatabaseSync(join(directory, "vault.sqlite"));
    expect(() => database.exec("DELETE FROM releases")).to.throw("append-only");
    expect(() => database.exec("UPDATE releases SET patient = 1")).to.throw("append-only");
    database.close();
  });

  it("refuses to ask beyond its end", async () => {
    const { releases } = await open(newDirectory());
    releases.append(release());
    await expectCode("LOG_INDEX_OUT_OF_RANGE", () => releases.leaf(1));
    await expectCode("LOG_INDEX_OUT_OF_RANGE", () => releases.root(2));
    await expectCode("LOG_INDEX_OUT_OF_RANGE", () => releases.inclusionProof(1));
    await expectCode("LOG_INDEX_OUT_OF_RANGE", () => releases.consistencyProof(2));
    await expectCode("VAULT_INPUT_INVALID", () => releases.leaf(-1));
  });

  const invalid: Record<string, Partial<Release>> = {
    "no patient": { patient: 0 },
    "no recipient": { recipient: 0 },
    "no purpose": { purpose: -1 },
    "a short compartment id": { compartmentIds: [new Uint8Array(15)] },
    "a short wrap digest": { wrapDigests: [new Uint8Array(31)] },
    "no block hash": { block: { number: 1, hash: "0x" } },
    "a block before the first": { block: { number: -1, hash: CHAIN.genesisHash } },
    "no time": { at: NaN },
  };
  for (const [name, changes] of Object.entries(invalid)) {
    it(`refuses a release with ${name}`, async () => {
      const { releases } = await open(newDirectory());
      await expectCode("VAULT_INPUT_INVALID", () => releases.append(release(changes)));
      expect(releases.size).to.equal(0);
    });
  }

  it("encodes every release so that it decodes to itself, and two different ones differently", () => {
    const bytes = (length: number): fc.Arbitrary<Uint8Array> =>
      fc.uint8Array({ minLength: length, maxLength: length }).map((array) => Uint8Array.from(array));
    const releases = fc.record({
      ...{
        salt: bytes(16),
        patient: fc.integer({ min: 1, max: 2 ** 40 - 1 }),
        recipient: fc.integer({ min: 1, max: 9 }),
      },
      ...{
        purpose: fc.integer({ min: 0, max: 6 }),
        at: fc.nat(),
        compartmentIds: fc.array(bytes(16), { maxLength: 3 }),
      },
      wrapDigests: fc.array(bytes(32), { maxLength: 3 }),
      block: fc.record({ number: fc.nat(), hash: bytes(32).map((hash) => `0x${Buffer.from(hash).toString("hex")}`) }),
    });
    fc.assert(
      fc.property(releases, releases, (one, other) => {
        expect(decodeRelease(encodeRelease(one))).to.deep.equal(one);
        const same = Buffer.compare(encodeRelease(one), encodeRelease(other)) === 0;
        expect(same).to.equal(
          JSON.stringify(decodeRelease(encodeRelease(other))) === JSON.stringify(decodeRelease(encodeRelease(one))),
        );
      }),
    );
  });
});
