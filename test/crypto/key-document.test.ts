import { createHash } from "node:crypto";
import { encode } from "@ipld/dag-cbor";
import { expect } from "chai";
import {
  HPKE_SUITE,
  decodeKeyDocument,
  deriveKeyPair,
  encodeKeyDocument,
  generateSeed,
  keyDocumentDigest,
} from "../../src/crypto/index.js";
import { cidOfBlock, sha256FromCid } from "../../src/storage/index.js";
import { expectBytes, expectCode, utf8 } from "./helpers.js";

describe("key document", () => {
  const service = "https://gatekeeper.hospital.example/fhir";
  let publicKey: Uint8Array;

  before(async () => {
    ({ publicKey } = await deriveKeyPair(generateSeed()));
  });

  it("carries version, suite, key and service", () => {
    expect(decodeKeyDocument(encodeKeyDocument({ publicKey, service }))).to.deep.equal({
      version: 1,
      suite: HPKE_SUITE,
      publicKey,
      service,
    });
    expect(decodeKeyDocument(encodeKeyDocument({ publicKey }))).to.not.have.property("service");
  });

  it("has one encoding, and a digest under a label, which is no CID's", () => {
    const bytes = encodeKeyDocument({ publicKey });
    expectBytes(encodeKeyDocument(decodeKeyDocument(bytes)), bytes);
    const labelled = createHash("sha256").update("ChartChain/key-document/v1\0").update(bytes);
    expectBytes(keyDocumentDigest(bytes), labelled.digest());
    expect(keyDocumentDigest(bytes)).not.to.deep.equal(sha256FromCid(cidOfBlock(bytes)));
  });

  for (const [name, change] of Object.entries<Record<string, unknown>>({
    "another version": { version: 0 },
    "another suite": { suite: "X25519" },
    "a short key": { publicKey: new Uint8Array(32) },
    "a service without encryption": { service: "http://hospital.example/" },
    "a service with a password": { service: "https://user:secret@hospital.example/" },
    "a service with a fragment": { service: "https://hospital.example/#x" },
    "a service that is no URL": { service: "hospital" },
    "a service beyond any length": { service: `https://hospital.example/${"x".repeat(1024)}` },
    "an unknown field": { name: "Somebody" },
  })) {
    it(`is refused with ${name}`, async () => {
      const document = { version: 1, suite: HPKE_SUITE, publicKey, ...change };
      await expectCode("KEY_DOCUMENT_MALFORMED", () => decodeKeyDocument(encode(document)));
      await expectCode("KEY_DOCUMENT_MALFORMED", () => encodeKeyDocument(document as never));
    });
  }

  it("is refused without a key, and when it is not DAG-CBOR", async () => {
    await expectCode("KEY_DOCUMENT_MALFORMED", () => decodeKeyDocument(encode({ version: 1, suite: HPKE_SUITE })));
    await expectCode("KEY_DOCUMENT_MALFORMED", () => decodeKeyDocument(utf8('{"version":1}')));
  });
});
