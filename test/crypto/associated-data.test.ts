import { expect } from "chai";
import { payloadAssociatedData } from "../../src/crypto/index.js";
import { expectBytes, expectCode, utf8 } from "./helpers.js";

describe("payloadAssociatedData", () => {
  const recordId = new Uint8Array(16).fill(0xaa);

  it("is the documented concatenation", () => {
    const expected = Buffer.concat([
      utf8("ChartChain/payload/v1\0"),
      recordId,
      new Uint8Array(32).fill(0xbb),
      utf8("AES256_GCM_HKDF_1MB/PADME"),
    ]);
    expectBytes(payloadAssociatedData({ recordId, amends: new Uint8Array(32).fill(0xbb) }), expected);
  });

  it("has zeros where nothing is amended", () => {
    const first = payloadAssociatedData({ recordId });
    expectBytes(first, payloadAssociatedData({ recordId, amends: new Uint8Array(32) }));
    expect(first.length).to.be.below(1024);
  });

  it("refuses values of a wrong length", async () => {
    await expectCode("CRYPTO_INPUT_INVALID", () => payloadAssociatedData({ recordId: new Uint8Array(15) }));
    await expectCode("CRYPTO_INPUT_INVALID", () => payloadAssociatedData({ recordId, amends: new Uint8Array(31) }));
  });
});
