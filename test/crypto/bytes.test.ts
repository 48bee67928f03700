import { expect } from "chai";
import { concatBytes, plainBytes, requireBytes, requireInteger, wipe } from "../../src/crypto/bytes.js";
import { equalBytes } from "../../src/crypto/platform.js";
import { expectCode } from "./helpers.js";

describe("bytes", () => {
  it("wipes every array it is given and skips what is undefined", () => {
    const [a, b] = [Uint8Array.of(1, 2), Uint8Array.of(3)];
    wipe(a, undefined, b);
    expect([...a, ...b]).to.deep.equal([0, 0, 0]);
  });

  it("concatenates into memory of its own", () => {
    const part = Uint8Array.of(1);
    const joined = concatBytes(part, Uint8Array.of(2, 3), new Uint8Array(0));
    part[0] = 9;
    expect([...joined]).to.deep.equal([1, 2, 3]);
  });

  it("tells equal arrays from arrays of other content or length", () => {
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).to.be.true;
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).to.be.false;
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1))).to.be.false;
  });

  it("gives a plain view over a Buffer's memory", () => {
    const buffer = Buffer.from([1, 2, 3]).subarray(1);
    const view = plainBytes(buffer);
    buffer[0] = 7;
    expect(Buffer.isBuffer(view)).to.be.false;
    expect([...view]).to.deep.equal([7, 3]);
  });

  it("refuses a secret of a wrong length without showing it", async () => {
    const error = await expectCode("CRYPTO_INPUT_INVALID", () => requireBytes(Uint8Array.of(251, 252), 32, "key"));
    expect(JSON.stringify(error))
      .to.include("32 bytes")
      .and.not.match(/251|fbfc/);
    expect(error.details).to.deep.equal({ name: "key", expected: 32, actual: 2 });
    await expectCode("CRYPTO_INPUT_INVALID", () => requireBytes("x".repeat(32), 32, "key"));
  });

  it("refuses numbers that are no integers or out of range", async () => {
    for (const value of [-1, 8, 1.5, NaN, Infinity, "3", 3n]) {
      await expectCode("CRYPTO_INPUT_INVALID", () => requireInteger(value, 0, 7, "category"));
    }
    requireInteger(0, 0, 7, "category");
    requireInteger(7, 0, 7, "category");
  });
});
