import { expect } from "chai";
import { bigEndian, domain } from "../../src/crypto/domain.js";

describe("domain", () => {
  it("ends with a zero byte, so that no label is the beginning of another", () => {
    const label = domain("envelope");
    expect(label.indexOf(0)).to.equal(label.length - 1);
    expect(Buffer.from(label).toString()).to.equal("ChartChain/envelope/v1\0");
  });

  it("writes numbers big-endian", () => {
    expect([...bigEndian(0x0102, 4)]).to.deep.equal([0, 0, 1, 2]);
    expect([...bigEndian(2 ** 40 - 1, 8)]).to.deep.equal([0, 0, 0, 255, 255, 255, 255, 255]);
  });
});
