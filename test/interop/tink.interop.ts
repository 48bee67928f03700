import { createHash, randomBytes } from "node:crypto";
import { expect } from "chai";
import fc from "fast-check";
import {
  SEGMENT_SIZE,
  type StreamKey,
  createManifest,
  openRecordStream,
  openStream,
  padStream,
  sealRecord,
  sealStream,
} from "../../src/crypto/index.js";
import { collect, expectBytes, expectCode, flipBit } from "../crypto/helpers.js";
import { type Engine, engineFor } from "./engine.js";
import { Ledger } from "./ledger.js";

const FIRST = SEGMENT_SIZE - 56;
const LATER = SEGMENT_SIZE - 16;

/** The ends of the first four segments, give or take one byte, and several MiB. */
const SIZES = [
  0,
  1,
  ...[0, 1, 2, 3].flatMap((more) => [-1, 0, 1].map((step) => FIRST + more * LATER + step)),
  7 * 2 ** 20 + 11,
];

const aKey = (): StreamKey => ({ key: bytes(32), associatedData: bytes(Math.floor(Math.random() * 1025)) });
const bytes = (size: number): Uint8Array => Uint8Array.from(randomBytes(size));

describe("Tink", () => {
  const ledger = new Ledger("tink-go");
  let tink: Engine;

  before(async function () {
    tink = await engineFor(this, "tink", ledger, "github.com/tink-crypto/tink-go/v2");
  });

  after(() => {
    tink?.close();
    ledger.close();
  });

  it("has the template that the streaming AEAD is written for", async () => {
    expect(await tink.ask("template")).to.deep.equal({
      keySize: 32,
      derivedKeySize: 32,
      ciphertextSegmentSize: SEGMENT_SIZE,
      hash: "SHA256",
    });
  });

  for (const size of SIZES) {
    it(`and we open each other's streams of ${size} bytes`, async () => {
      await bothWays(size, aKey());
    });
  }

  it("and we open each other's streams of random sizes, keys and associated data", async () => {
    const size = fc.oneof(fc.nat(2000), fc.integer({ min: FIRST - 40, max: FIRST + LATER + 40 }));
    await fc.assert(
      fc.asyncProperty(size, fc.uint8Array({ maxLength: 1024 }), async (length, associatedData) =>
        bothWays(length, { key: bytes(32), associatedData }),
      ),
      { numRuns: 40 },
    );
  });

  async function bothWays(size: number, { key, associatedData }: StreamKey): Promise<void> {
    const plaintext = bytes(size);
    const ours = await collect(sealStream([plaintext], { key, associatedData }));
    expectBytes(await tink.askBytes("open", { Key: key, AssociatedData: associatedData, Data: ours }), plaintext);
    ledger.count("our streams opened");

    const theirs = await tink.askBytes("seal", { Key: key, AssociatedData: associatedData, Data: plaintext });
    expectBytes(await collect(openStream([theirs], { key, associatedData })), plaintext);
    ledger.count("its streams opened");
  }

  it("opens sealed records from their published associated data, and we open records that it sealed", async () => {
    for (const size of [0, 1, 1000, 100_000, FIRST - 1, 3_000_000]) {
      for (const amends of [undefined, bytes(32)]) {
        const content = bytes(size);
        const sealed = sealRecord({ source: [content], size, ...(amends && { amends }) });
        const Record = { RecordID: sealed.recordId, ...(amends && { Amends: amends }) };
        const request = { Key: sealed.dek, Record };
        const padded = await collect(padStream([content], size));
        const ciphertext = await collect(sealed.ciphertext);
        expectBytes(await tink.askBytes("open", { ...request, Data: ciphertext }), padded);
        ledger.count("our records opened");

        const theirs = await tink.askBytes("seal", { ...request, Data: padded });
        const sha256 = Uint8Array.from(createHash("sha256").update(theirs).digest());
        const manifest = createManifest({ ...sealed, ...ABOUT, sha256 });
        const opened = openRecordStream({ ciphertext: [theirs], dek: sealed.dek, manifest });
        expectBytes(await collect(opened), content);
        ledger.count("its records opened");
      }
    }
  });

  it("refuses every flipped bit of a short stream, as we do", async () => {
    for (const seal of [
      async (streamKey: StreamKey) => collect(sealStream([bytes(9)], streamKey)),
      async ({ key, associatedData }: StreamKey) =>
        tink.askBytes("seal", { Key: key, AssociatedData: associatedData, Data: bytes(9) }),
    ]) {
      const streamKey = aKey();
      const sealed = await seal(streamKey);
      for (let bit = 0; bit < sealed.length * 8; bit++) await bothRefuse(flipBit(sealed, bit), streamKey);
    }
  });

  it("refuses a longer stream that was flipped, cut, extended or reordered, as we do", async () => {
    const streamKey = aKey();
    const sealed = await collect(sealStream([bytes(FIRST + LATER + 1000)], streamKey));
    const segment = (index: number) => sealed.subarray(index * SEGMENT_SIZE, (index + 1) * SEGMENT_SIZE);
    const borders = [1, 2].flatMap((index) => [index * SEGMENT_SIZE - 1, index * SEGMENT_SIZE]);
    for (const place of [0, 1, 33, 40, 500_000, ...borders, sealed.length - 17, sealed.length - 1]) {
      await bothRefuse(flipBit(sealed, place * 8 + Math.floor(Math.random() * 8)), streamKey);
    }
    for (const cut of [0, 39, 40, 55, SEGMENT_SIZE, SEGMENT_SIZE + 1, 2 * SEGMENT_SIZE, sealed.length - 1]) {
      await bothRefuse(sealed.slice(0, cut), streamKey);
    }
    await bothRefuse(Buffer.concat([sealed, Uint8Array.of(0)]), streamKey);
    await bothRefuse(Buffer.concat([segment(0), segment(2)]), streamKey);
    await bothRefuse(Buffer.concat([segment(0), segment(1), segment(1), segment(2)]), streamKey);
  });

  it("refuses another key and other associated data, as we do", async () => {
    const streamKey = aKey();
    const sealed = await collect(sealStream([bytes(100)], streamKey));
    await bothRefuse(sealed, { ...streamKey, key: bytes(32) });
    await bothRefuse(sealed, { ...streamKey, associatedData: Buffer.concat([streamKey.associatedData, bytes(1)]) });
  });

  async function bothRefuse(sealed: Uint8Array, { key, associatedData }: StreamKey): Promise<void> {
    const request = { Key: key, AssociatedData: associatedData, Data: sealed };
    expect(await tink.refuses("open", request), "Tink opens it").to.equal(true);
    await expectCode("CIPHERTEXT_REFUSED", () => collect(openStream([sealed], { key, associatedData })));
    ledger.count("changes refused by both");
  }
});

/** What a manifest says besides what the ciphertext depends on. */
const ABOUT = {
  patient: 17,
  steward: 4,
  author: 4,
  category: 2,
  mediaType: "application/fhir+json",
  createdAt: 1_700_000_000,
};
