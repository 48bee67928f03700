import { randomBytes } from "node:crypto";
import { expect } from "chai";
import fc from "fast-check";
import type { EnvelopeEntry, EnvelopeStatus, NewEnvelope } from "../../src/vault/index.js";
import { ALICE, BOB, INSURER, digestOf, envelope, expectCode, idOf, metadata, workspace } from "./helpers.js";

describe("envelopes", () => {
  const { directory: newDirectory, open } = workspace();
  const digests = (entries: EnvelopeEntry[]): string[] => entries.map(({ digest }) => key(digest));
  const named = (...names: (string | number)[]): string[] => names.map((name) => key(digestOf(name)));

  it("come back as they were put, also after reopening", async () => {
    const directory = newDirectory();
    const first = await open(directory);
    const [plain, full] = [envelope("plain"), envelope("full", { status: "anchored", anchor: { block: 7, index: 0 } })];
    expect(first.envelopes.put(plain)).to.equal(1);
    const described = metadata({ mediaType: "application/fhir+json", amends: digestOf("a"), disputes: digestOf("b") });
    expect(first.envelopes.put({ ...full, metadata: described })).to.equal(3);
    first.close();
    const { envelopes } = await open(directory);
    expect(envelopes.get(plain.digest)).to.deep.equal({ ...plain, sequence: 1 });
    expect(envelopes.get(full.digest)).to.deep.equal({ ...full, metadata: described, sequence: 3 });
    expect(envelopes.get(digestOf("other"))).to.equal(undefined);
  });

  it("are listed without their bytes, in the order they came", async () => {
    const { envelopes } = await open(newDirectory());
    for (const name of ["c", "a", "b"]) envelopes.put(envelope(name));
    expect(digests(envelopes.list())).to.deep.equal(named("c", "a", "b"));
    expect(envelopes.list()[0]).to.have.keys("digest", "compartmentId", "patient", "steward", "sequence", "status");
  });

  it("are listed by patient, steward, compartments and status, at most so many", async () => {
    const { envelopes } = await open(newDirectory());
    envelopes.put(envelope(1));
    envelopes.put(envelope(2, { patient: BOB }));
    envelopes.put(envelope(3, { steward: INSURER, status: "anchored" }));
    envelopes.put(envelope(4, { compartmentId: idOf("x") }));
    envelopes.put(envelope(5, { compartmentId: idOf("y"), steward: INSURER }));
    const listed = (filter: Parameters<typeof envelopes.list>[0]): string[] => digests(envelopes.list(filter));
    expect(listed({ patient: BOB })).to.deep.equal(named(2));
    expect(listed({ patient: ALICE, steward: INSURER })).to.deep.equal(named(3, 5));
    expect(listed({ compartmentIds: [idOf("x"), idOf("y"), idOf("z")] })).to.deep.equal(named(4, 5));
    expect(listed({ compartmentIds: [] })).to.deep.equal([]);
    expect(listed({ status: "anchored" })).to.deep.equal(named(3));
    expect(listed({ status: "pending", limit: 2 })).to.deep.equal(named(1, 2));
    expect(listed({ since: 2, limit: 1 })).to.deep.equal(named(3));
  });

  it("may be put again, which changes nothing but makes a pending one anchored", async () => {
    const { envelopes } = await open(newDirectory());
    const one = envelope("one");
    const sequence = envelopes.put(one);
    expect(envelopes.put(one)).to.equal(sequence);
    expect(envelopes.put({ ...one, status: "anchored" })).to.be.greaterThan(sequence);
    envelopes.put(one);
    expect(envelopes.get(one.digest)).to.include({ status: "anchored" });
  });

  it("refuse other bytes for the same digest, unless they replace them", async () => {
    const { envelopes } = await open(newDirectory());
    const [one, other] = [envelope("one"), envelope("one", { compartmentId: idOf("next round") })];
    envelopes.put(one);
    await expectCode("ENVELOPE_CONFLICT", () => envelopes.put(other));
    expect(envelopes.get(one.digest)?.bytes).to.deep.equal(one.bytes);
    expect(envelopes.put({ ...other, replace: true })).to.equal(2);
    expect(envelopes.get(one.digest)).to.deep.include({ bytes: other.bytes, compartmentId: idOf("next round") });
    for (const elsewhere of [{ patient: BOB }, { steward: INSURER }]) {
      await expectCode("ENVELOPE_CONFLICT", () => envelopes.put({ ...other, ...elsewhere, replace: true }));
    }
  });

  it("are anchored, moved by a reorganization, and pending again", async () => {
    const { envelopes } = await open(newDirectory());
    const { digest } = envelope("one");
    envelopes.put(envelope("one"));
    envelopes.markAnchored(digest, { block: 10, index: 3 });
    expect(envelopes.get(digest)).to.deep.include({ status: "anchored", anchor: { block: 10, index: 3 }, sequence: 2 });
    envelopes.markAnchored(digest, { block: 10, index: 3 });
    expect(envelopes.get(digest)).to.include({ sequence: 2 });
    envelopes.markAnchored(digest, { block: 11, index: 4 });
    expect(envelopes.get(digest)).to.deep.include({ anchor: { block: 11, index: 4 }, sequence: 3 });
    envelopes.markPending(digest);
    envelopes.markPending(digest);
    expect(envelopes.get(digest)).to.include({ status: "pending", sequence: 4 });
    expect(envelopes.get(digest)).not.to.have.property("anchor");
  });

  it("keep what their manifest says, and replace it", async () => {
    const { envelopes } = await open(newDirectory());
    envelopes.put(envelope("one"));
    envelopes.describe(digestOf("one"), metadata());
    expect(envelopes.list()[0]?.metadata).to.deep.equal(metadata());
    envelopes.describe(digestOf("one"), metadata({ size: 1 }));
    expect(envelopes.list()[0]?.metadata).to.deep.equal(metadata({ size: 1 }));
  });

  it("keep the whole kind that their manifest says", async () => {
    const { envelopes } = await open(newDirectory());
    const kind = { category: 7, classes: 0b10001, confidential: true } as const;
    envelopes.put(envelope("one", { metadata: metadata(kind) }));
    expect(envelopes.list()[0]?.metadata).to.deep.equal(metadata(kind));
  });

  it("take a manifest as metadata, and keep no more of it than is listed", async () => {
    const { envelopes } = await open(newDirectory());
    const manifest = { ...metadata(), salt: digestOf("salt"), keyCommitment: digestOf("commitment") };
    envelopes.put(envelope("one", { metadata: manifest }));
    expect(envelopes.get(digestOf("one"))?.metadata).to.deep.equal(metadata());
  });

  it("must be there to be anchored or described", async () => {
    const { envelopes } = await open(newDirectory());
    const digest = digestOf("missing");
    await expectCode("RECORD_UNKNOWN", () => envelopes.markAnchored(digest, { block: 1, index: 1 }));
    await expectCode("RECORD_UNKNOWN", () => envelopes.markPending(digest));
    await expectCode("RECORD_UNKNOWN", () => envelopes.describe(digest, metadata()));
  });

  const invalid: Record<string, Partial<Record<keyof NewEnvelope, unknown>>> = {
    "a short digest": { digest: new Uint8Array(31) },
    "a short compartment id": { compartmentId: new Uint8Array(15) },
    "no bytes": { bytes: new Uint8Array(0) },
    "no patient": { patient: 0 },
    "no steward": { steward: 0 },
    "another status": { status: "lost" },
    "an anchor while pending": { anchor: { block: 1, index: 1 } },
    "an anchor in no block": { status: "anchored", anchor: { block: -1, index: 1 } },
    "metadata of no category": { metadata: metadata({ category: 8 }) },
    "metadata without CID": { metadata: metadata({ cid: "" }) },
    "metadata with an eighth class": { metadata: metadata({ classes: 128 }) },
    "metadata that is neither confidential nor not": { metadata: metadata({ confidential: false as never }) },
    "metadata with a long media type": { metadata: metadata({ mediaType: "a".repeat(256) }) },
  };
  for (const [name, changes] of Object.entries(invalid)) {
    it(`are refused with ${name}, and nothing is stored`, async () => {
      const { envelopes } = await open(newDirectory());
      await expectCode("VAULT_INPUT_INVALID", () => envelopes.put(envelope("one", changes as Partial<NewEnvelope>)));
      expect(envelopes.list()).to.deep.equal([]);
    });
  }

  it("refuse a limit that is none", async () => {
    const { envelopes } = await open(newDirectory());
    await expectCode("VAULT_INPUT_INVALID", () => envelopes.list({ limit: -1 }));
  });

  it("are exported by increments that add up to the whole, whatever happens between", async () => {
    const name = fc.integer({ min: 0, max: 5 });
    const step = fc.oneof(
      fc.record({ act: fc.constantFrom("put", "put anchored", "replace", "anchor", "unanchor", "shred"), name }),
      fc.record({ act: fc.constant("pull"), name: fc.constantFrom(0, 1) }),
    );
    const property = fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const vault = await open(newDirectory());
      const { envelopes } = vault;
      // One reader mirrors everything, the other only what is anchored.
      const readers: { status?: EnvelopeStatus; since: number; mirror: Map<string, string> }[] = [
        { since: 0, mirror: new Map() },
        { status: "anchored", since: 0, mirror: new Map() },
      ];
      const pull = (reader: (typeof readers)[number]): void => {
        const { status, since } = reader;
        const news = envelopes.list({ since, ...(status && { status }) });
        for (const { digest, sequence } of news) {
          expect(sequence).to.be.greaterThan(reader.since);
          reader.since = sequence;
          reader.mirror.set(key(digest), key(envelopes.get(digest)?.bytes as Uint8Array));
        }
      };
      for (const { act, name } of steps) {
        const digest = digestOf(name);
        const held = envelopes.get(digest);
        const dead = vault.tombstones.has(digest);
        if (act === "pull") pull(readers[name] as (typeof readers)[number]);
        else if (act === "shred") vault.shred(digest, { participant: ALICE });
        else if (act === "anchor" && held) envelopes.markAnchored(digest, { block: name, index: name });
        else if (act === "unanchor" && held) envelopes.markPending(digest);
        else if (act.startsWith("put") && !dead && !held) {
          envelopes.put(envelope(name, { status: act === "put" ? "pending" : "anchored" }));
        } else if (act === "replace" && held) envelopes.put({ ...envelope(name), replace: true });
      }
      for (const reader of readers) {
        pull(reader);
        const mirrored = new Map([...reader.mirror].filter(([hex]) => !vault.tombstones.has(Buffer.from(hex, "hex"))));
        for (const { digest, status } of envelopes.list()) {
          const bytes = key(envelopes.get(digest)?.bytes as Uint8Array);
          if (reader.status === undefined || status === "anchored") expect(mirrored.get(key(digest))).to.equal(bytes);
          mirrored.delete(key(digest));
        }
        expect(mirrored.size, "nothing that is not there").to.equal(0);
      }
      vault.close();
    });
    await fc.assert(property, { numRuns: 40 });
  });

  it("number ten thousand and are found by every way, the last ones without the rest", async () => {
    const vault = await open(newDirectory());
    const { envelopes } = vault;
    const count = 10_000;
    vault.transaction(() => {
      for (let i = 0; i < count; i++) {
        const bytes = new Uint8Array(randomBytes(1100));
        const compartmentId = idOf(i % 100);
        envelopes.put(envelope(i, { bytes, compartmentId, patient: 1 + (i % 1000), metadata: metadata({ size: i }) }));
      }
    });
    const all = envelopes.list();
    expect(all).to.have.length(count);
    expect(all.every(({ metadata }, i) => metadata?.size === i)).to.equal(true);
    expect(envelopes.list({ patient: 5 })).to.have.length(10);
    expect(envelopes.list({ compartmentIds: [idOf(3), idOf(4)] })).to.have.length(200);
    expect(envelopes.list({ since: count - 3 }).map(({ sequence }) => sequence)).to.deep.equal([9998, 9999, 10_000]);
    expect(envelopes.get(digestOf(count - 1))?.bytes).to.have.length(1100);
  });
});

function key(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
