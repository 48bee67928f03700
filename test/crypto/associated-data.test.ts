import { expect } from "chai";
import { payloadAssociatedData } from "../../src/crypto/index.js";
import { expectBytes, expectCode, hex, utf8 } from "./helpers.js";

describe("payloadAssociatedData", () => {
  const recordId = new Uint8Array(16).fill(0xaa);

  it("is the documented concatenation", () => {
    const expected = Buffer.concat([
      utf8("ChartChain/payload/v1\0"),
      recordId,
      hex("00000102"),
      new Uint8Array(32).fill(0xbb),
      utf8("AES256_GCM_HKDF_1MB/PADME"),
    ]);
    expectBytes(payloadAssociatedData({ recordId, round: 258, amends: new Uint8Array(32).fill(0xbb) }), expected);
  });

  it("has zeros where nothing is amended", () => {
    const first = payloadAssociatedData({ recordId, round: 0 });
    expectBytes(first, payloadAssociatedData({ recordId, round: 0, amends: new Uint8Array(32) }));
    expect(first.length).to.be.below(1024);
  });

  it("refuses values of a wrong length or range", async () => {
    await expectCode("CRYPTO_INPUT_INVALID", () => payloadAssociatedData({ recordId: new Uint8Array(15), round: 0 }));
    await expectCode("CRYPTO_INPUT_INVALID", () => payloadAssociatedData({ recordId, round: 2 ** 32 }));
    await expectCode("CRYPTO_INPUT_INVALID", () =>
      payloadAssociatedData({ recordId, round: 0, amends: new Uint8Array(31) }),
    );
  });
});
