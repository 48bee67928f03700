import { createHash } from "node:crypto";
import { expect } from "chai";
import { createManifest, openRecordStream, openStream, padStream } from "../../src/crypto/index.js";
import { payloadAssociatedData } from "../../src/crypto/associated-data.js";
import { keyCommitment } from "../../src/crypto/key-commitment.js";
import { sealStreamWith } from "../../src/crypto/streaming-aead.js";
import { collect, expectBytes, expectCode, flipBit, hex, pattern, vectors } from "../crypto/helpers.js";

interface Sealed {
  size: number;
  salt: string;
  noncePrefix: string;
  ciphertextSha256: string;
  ciphertext?: string;
}

const { key, associatedData, streams, records } = vectors<{
  key: string;
  associatedData: string;
  streams: Sealed[];
  records: (Sealed & { dek: string; recordId: string; amends?: string })[];
}>("streaming-aead.json");

describe("streams that Tink sealed", () => {
  const streamKey = { key: hex(key), associatedData: hex(associatedData) };

  for (const stream of streams) {
    it(`are sealed byte for byte the same here, and open here (${stream.size} bytes)`, async () => {
      const sealed = await collect(sealStreamWith([pattern(stream.size)], streamKey, headerOf(stream)));
      expectSealed(sealed, stream);
      expectBytes(await collect(openStream([sealed], streamKey)), pattern(stream.size));
    });
  }

  it("are refused with one bit flipped", async () => {
    const short = streams.find(({ size }) => size === 1)?.ciphertext ?? "";
    expect(short).to.have.lengthOf(2 * 57);
    for (let bit = 0; bit < 57 * 8; bit++) {
      await expectCode("CIPHERTEXT_REFUSED", () => collect(openStream([flipBit(hex(short), bit)], streamKey)));
    }
  });
});

describe("records that Tink sealed", () => {
  for (const record of records) {
    const { dek, recordId, amends, size } = record;
    const binding = { recordId: hex(recordId), ...(amends !== undefined && { amends: hex(amends) }) };

    it(`open as the record that they were sealed for (${size} bytes)`, async () => {
      const plaintext = padStream([pattern(size)], size);
      const streamKey = { key: hex(dek), associatedData: payloadAssociatedData(binding) };
      const sealed = await collect(sealStreamWith(plaintext, streamKey, headerOf(record)));
      expectSealed(sealed, record);
      const manifest = createManifest({
        ...binding,
        ...{ patient: 17, steward: 4, author: 4, category: 2, size, createdAt: 1_700_000_000 },
        sha256: Uint8Array.from(createHash("sha256").update(sealed).digest()),
        mediaType: "application/fhir+json",
        keyCommitment: keyCommitment(hex(dek), hex(recordId)),
      });
      const opened = openRecordStream({ ciphertext: [sealed], dek: hex(dek), manifest });
      expectBytes(await collect(opened), pattern(size));
    });
  }

  it("are both first versions and amendments", () => {
    expect(records.filter(({ amends }) => amends !== undefined)).to.have.lengthOf(2);
    expect(records).to.have.lengthOf(4);
  });
});

function headerOf({ salt, noncePrefix }: Sealed) {
  return { salt: hex(salt), noncePrefix: hex(noncePrefix) };
}

function expectSealed(sealed: Uint8Array, { ciphertext, ciphertextSha256 }: Sealed): void {
  if (ciphertext !== undefined) expectBytes(sealed, hex(ciphertext));
  expect(createHash("sha256").update(sealed).digest("hex")).to.equal(ciphertextSha256);
}
