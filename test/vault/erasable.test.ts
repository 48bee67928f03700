import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect } from "chai";
import { digestOf, envelope, idOf, workspace } from "./helpers.js";
import { findBytes, startWorker } from "./processes.js";

describe("erasure", () => {
  const { directory: newDirectory, open } = workspace();
  const participant = 17;

  /** The keys that everything erasable is sealed under, by name in hex, read from a closed vault. */
  function erasableKeys(directory: string): Map<string, Uint8Array> {
    const database = new DatabaseSync(join(directory, "vault.sqlite"), { readOnly: true });
    const rows = database.prepare("SELECT name, key FROM erasable_names JOIN erasable_keys ON id = key_id").all();
    database.close();
    return new Map(rows.map(({ name, key }) => [hex(name as Uint8Array), key as Uint8Array]));
  }

  /** What is stored sealed for one record, read from a closed vault. */
  function sealedBytes(directory: string, digest: Uint8Array): Uint8Array[] {
    const database = new DatabaseSync(join(directory, "vault.sqlite"), { readOnly: true });
    const envelopes = database.prepare("SELECT sealed, sealed_metadata FROM envelopes WHERE digest = ?").get(digest);
    const pin = database.prepare("SELECT sealed FROM pins WHERE digest = ?").get(digest);
    database.close();
    return [...Object.values(envelopes ?? {}), ...Object.values(pin ?? {})] as Uint8Array[];
  }

  it("never has an envelope, a compartment key or a seed on disk unsealed", async () => {
    const directory = newDirectory();
    const vault = await open(directory);
    const { bytes, digest } = envelope("one");
    const key = new Uint8Array(randomBytes(32));
    vault.envelopes.put(envelope("one", { bytes }));
    vault.compartments.put(
      { id: idOf("compartment"), patient: 17, steward: 4, category: 7, classes: 1, round: 0, key },
      { openedAtBlock: 1, source: "own" },
    );
    expect(findBytes(directory, [bytes, key, vault.identity.seed()])).to.deep.equal([false, false, false]);
    expect(findBytes(directory, [digest]), "the search finds what is there").to.deep.equal([true]);
  });

  it("leaves no byte of a shredded record in any file, while the vault stays open", async () => {
    const directory = newDirectory();
    const first = await open(directory);
    for (const name of ["one", "two", "three"]) {
      first.envelopes.put(envelope(name, { metadata: { ...metadataOf(name) } }));
      first.pins.put({ digest: digestOf(name), cid: metadataOf(name).cid });
    }
    first.close();
    const key = erasableKeys(directory).get(hex(digestOf("two"))) as Uint8Array;
    const secrets = [key, ...sealedBytes(directory, digestOf("two"))];
    expect(secrets).to.have.length(4);

    const vault = await open(directory);
    vault.envelopes.markAnchored(digestOf("two"), { block: 5, index: 0 });
    expect(findBytes(directory, secrets)).to.deep.equal([true, true, true, true]);
    vault.shred(digestOf("two"), { participant });
    expect(findBytes(directory, secrets)).to.deep.equal([false, false, false, false]);
    expect(vault.envelopes.get(digestOf("one"))).not.to.equal(undefined);
    expect(vault.envelopes.get(digestOf("three"))).not.to.equal(undefined);
  });

  it("leaves no byte of a shredded compartment's key", async () => {
    const directory = newDirectory();
    const id = idOf("compartment");
    const first = await open(directory);
    const key = new Uint8Array(randomBytes(32));
    first.compartments.put(
      { id, patient: 17, steward: 4, category: 7, classes: 1, round: 0, key },
      { openedAtBlock: 1, source: 4 },
    );
    first.envelopes.put(envelope("one"));
    first.close();
    const keys = [...erasableKeys(directory).values()];
    expect(keys).to.have.length(2);

    const vault = await open(directory);
    expect(findBytes(directory, keys)).to.deep.equal([true, true]);
    vault.shredCompartment(id, { participant });
    expect(findBytes(directory, [...keys, key])).to.deep.equal([false, false, false]);
  });

  it("happens with the transaction that it is part of, and not when that is undone", async () => {
    const directory = newDirectory();
    const first = await open(directory);
    first.envelopes.put(envelope("one"));
    first.close();
    const keys = [...erasableKeys(directory).values()];

    const vault = await open(directory);
    expect(() =>
      vault.transaction(() => {
        vault.shred(digestOf("one"), { participant });
        throw new Error("no");
      }),
    ).to.throw("no");
    expect(vault.envelopes.get(digestOf("one"))).not.to.equal(undefined);
    expect(vault.tombstones.has(digestOf("one"))).to.equal(false);
    vault.transaction(() => vault.shred(digestOf("one"), { participant }));
    expect(findBytes(directory, keys)).to.deep.equal([false]);
  });

  it("is completed on the next opening when the process dies right after the commit", async () => {
    const directory = newDirectory();
    const first = await open(directory);
    first.envelopes.put(envelope("one"));
    first.close();
    const keys = [...erasableKeys(directory).values()];

    const worker = startWorker("die-before-scrub", directory);
    expect(await worker.done().catch((error: Error) => error.message)).to.include("SIGKILL");
    expect(findBytes(directory, keys), "still in the database, the erasure being in the log").to.deep.equal([true]);
    await open(directory);
    expect(findBytes(directory, keys)).to.deep.equal([false]);
  });

  it("leaves no byte of an erased key behind, however the tables grow and shrink", async () => {
    const directory = newDirectory();
    const live: Uint8Array[] = [];
    const dead: Uint8Array[] = [];
    let keys = new Map<string, Uint8Array>();
    let name = 0;
    for (let phase = 0; phase < 4; phase++) {
      const vault = await open(directory);
      for (let batch = 0; batch < 10; batch++) {
        vault.transaction(() => {
          for (let i = 0; i < 60; i++) {
            const bytes = new Uint8Array(randomBytes(300 + ((name * 997) % 3500)));
            vault.envelopes.put(envelope(name, { bytes, metadata: metadataOf(String(name)) }));
            live.push(digestOf(name++));
          }
        });
        // Keys of this phase are not known yet: only earlier ones are erased.
        vault.transaction(() => {
          for (let i = 0; i < 30 && phase > 0; i++) {
            const [digest] = live.splice((i * 7919) % (phase * 150), 1) as [Uint8Array];
            vault.shred(digest, { participant });
            const key = keys.get(hex(digest));
            if (key) dead.push(key);
          }
        });
      }
      vault.close();
      keys = new Map([...keys, ...erasableKeys(directory)]);
    }
    expect(dead.length).to.be.greaterThan(700);
    expect(findBytes(directory, dead).filter(Boolean)).to.have.length(0);
    const alive = live.slice(0, 50).map((digest) => keys.get(hex(digest)) as Uint8Array);
    expect(findBytes(directory, alive).every(Boolean)).to.equal(true);
  });
});

function metadataOf(name: string) {
  return {
    ...{ recordId: idOf(name), category: 7, classes: 1, cid: `bafkrei${hex(digestOf(`cid of ${name}`))}`, size: 100 },
    ...{ createdAt: 1_750_000_000, author: 4 },
  };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
