import { randomBytes } from "node:crypto";
import { expect } from "chai";
import fc from "fast-check";
import {
  encodeKind,
  kindOf,
  type CompartmentKey,
  createManifest,
  decodeEnvelope,
  decodeKeyWrap,
  deriveKeyPair,
  encodeEnvelope,
  encodeKeyDocument,
  encodeKeyWrap,
  keyDocumentDigest,
  keyWrapDigest,
  manifestDigest,
  openEnvelope,
  openRecordStream,
  sealEnvelope,
  sealRecord,
  unwrapCompartmentKey,
  wrapCompartmentKey,
} from "../../src/crypto/index.js";
import { cidOfBlock } from "../../src/storage/index.js";
import { collect, expectBytes, flipBit } from "../crypto/helpers.js";
import { type Engine, engineFor, fromBase64 } from "./engine.js";
import { Ledger } from "./ledger.js";
import { compartmentKeys, keyDocuments } from "./values.js";

/** What one participant gets of a record. */
interface Parcel {
  wrap: Uint8Array;
  envelope: Uint8Array;
  payload: Uint8Array;
}

const MEDIA_TYPE = "application/fhir+json";
const recipients = fc.record({
  seed: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  participant: fc.integer({ min: 1, max: 2 ** 40 - 1 }),
  keyVersion: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
});
const content = fc
  .oneof(fc.nat(3000), fc.constantFrom(0, 1, 2, 1_048_519, 1_048_521))
  .map((size) => Uint8Array.from(randomBytes(size)));
const maybeDigest = fc.option(fc.uint8Array({ minLength: 32, maxLength: 32 }), { nil: undefined });

describe("A second implementation of the record format", () => {
  const ledger = new Ledger("record format in Go, over Tink");
  let second: Engine;

  before(async function () {
    second = await engineFor(this, "record", ledger, "github.com/tink-crypto/tink-go/v2");
  });

  after(() => {
    second?.close();
    ledger.close();
  });

  it("opens a whole record of ours, from the seed to the last byte, and knows its digests", async () => {
    await fc.assert(
      fc.asyncProperty(recipients, compartmentKeys, content, maybeDigest, async (recipient, key, source, amends) => {
        const { parcel, manifest } = await sealHere(recipient, key, source, amends);
        const opened = await second.ask<Record<"content" | "manifestDigest" | "wrapDigest", string>>("open", {
          Seed: recipient.seed,
          ...parcel,
        });
        expectBytes(fromBase64(opened.content), source);
        expectBytes(fromBase64(opened.manifestDigest), manifestDigest(manifest));
        expectBytes(fromBase64(opened.wrapDigest), keyWrapDigest(decodeKeyWrap(parcel.wrap)));
        ledger.count("our records opened");
      }),
      { numRuns: 50 },
    );
  });

  it("seals a whole record that we open", async () => {
    await fc.assert(
      fc.asyncProperty(recipients, compartmentKeys, content, maybeDigest, async (recipient, key, source, amends) => {
        const { patient, steward, id, round } = key;
        const kind = encodeKind(key);
        const sealed = await second.ask<Record<keyof Parcel, string>>("seal", {
          PublicKey: (await deriveKeyPair(recipient.seed)).publicKey,
          Participant: recipient.participant,
          KeyVersion: recipient.keyVersion,
          Compartment: { id, patient, steward, kind, round, key: key.key },
          Manifest: {
            ...{ patient, steward, author: steward, kind, createdAt: 1_700_000_000 },
            ...{ recordId: bytes(16), salt: bytes(32) },
            ...{ mediaType: MEDIA_TYPE, ...(amends && { amends }) },
          },
          Place: placeOf(source),
          DEK: bytes(32),
          Content: source,
        });
        const wrap = decodeKeyWrap(fromBase64(sealed.wrap));
        const compartmentKey = await unwrapCompartmentKey(wrap, await deriveKeyPair(recipient.seed), recipient);
        expect(compartmentKey).to.deep.equal(key);
        const { manifest, dek } = openEnvelope(decodeEnvelope(fromBase64(sealed.envelope)), compartmentKey);
        const ciphertext = [fromBase64(sealed.payload)];
        expectBytes(await collect(openRecordStream({ ciphertext, dek, manifest })), source);
        ledger.count("its records opened");
      }),
      { numRuns: 50 },
    );
  });

  it("writes key documents, and their digests on chain, as we do", async () => {
    await fc.assert(
      fc.asyncProperty(keyDocuments, async (document) => {
        const { version, suite, publicKey, service } = document;
        const given = { Version: version, Suite: suite, PublicKey: publicKey, Service: service };
        const theirs = await second.ask<Record<"document" | "digest", string>>("describeKey", given);
        const ours = encodeKeyDocument(document);
        expectBytes(fromBase64(theirs.document), ours);
        expectBytes(fromBase64(theirs.digest), keyDocumentDigest(ours));
        ledger.count("key documents equal");
      }),
      { numRuns: 50 },
    );
  });

  it("refuses a record in which any part was changed or belongs to another", async () => {
    const [recipient] = fc.sample(recipients, 1);
    const [key, otherKey] = fc.sample(compartmentKeys, 2);
    if (recipient === undefined || key === undefined || otherKey === undefined) throw new Error("no samples");
    const { parcel } = await sealHere(recipient, key, bytes(500), undefined);
    const { parcel: ofSameKey } = await sealHere(recipient, key, bytes(500), undefined);
    const { parcel: ofOtherKey } = await sealHere(recipient, otherKey, bytes(500), undefined);
    const open = { Seed: recipient.seed, ...parcel };
    expect(await second.refuses("open", open), "it refuses what is in order").to.equal(false);

    const end = (part: Uint8Array) => flipBit(part, part.length * 8 - 1);
    for (const change of [
      { Seed: flipBit(recipient.seed, 0) },
      { wrap: end(parcel.wrap) },
      { wrap: ofOtherKey.wrap },
      { envelope: end(parcel.envelope) },
      { envelope: ofSameKey.envelope },
      { envelope: ofOtherKey.envelope },
      { payload: end(parcel.payload) },
      { payload: ofSameKey.payload },
    ]) {
      expect(await second.refuses("open", { ...open, ...change }), Object.keys(change)[0]).to.equal(true);
      ledger.count("changes refused");
    }
  });
});

const placeOf = (pack: Uint8Array) => ({ cid: cidOfBlock(pack), offset: 7, packSize: 16_384, packing: 1 });

async function sealHere(
  recipient: { seed: Uint8Array; participant: number; keyVersion: number },
  compartmentKey: CompartmentKey,
  source: Uint8Array,
  amends: Uint8Array | undefined,
) {
  const { patient, steward } = compartmentKey;
  const sealed = sealRecord({ source: [source], size: source.length, ...(amends && { amends }) });
  const payload = await collect(sealed.ciphertext);
  const manifest = createManifest({
    ...sealed,
    ...{
      patient,
      steward,
      ...kindOf(compartmentKey),
      author: steward,
      createdAt: 1_700_000_000,
      mediaType: MEDIA_TYPE,
    },
    sha256: sealed.sha256(),
  });
  const envelope = encodeEnvelope(sealEnvelope({ manifest, dek: sealed.dek, place: placeOf(payload), compartmentKey }));
  const { participant, keyVersion } = recipient;
  const recipientPublicKey = (await deriveKeyPair(recipient.seed)).publicKey;
  const wrap = await wrapCompartmentKey({ compartmentKey, recipientPublicKey, participant, keyVersion });
  return { manifest, parcel: { wrap: encodeKeyWrap(wrap), envelope, payload } satisfies Parcel };
}

const bytes = (length: number): Uint8Array => Uint8Array.from(randomBytes(length));
