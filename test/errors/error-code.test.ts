import { expect } from "chai";

import { ChartChainError, isChartChainError, type ErrorCode } from "../../src/errors/index.js";

describe("an error's code", () => {
  it("is one of the catalogue: of another the compiler says so", () => {
    // Each of these lines fails the check "types" when it compiles without the comment above it.
    // @ts-expect-error No room of the catalogue has it.
    const error = new ChartChainError("NO_SUCH_CODE", "nothing throws this");
    // @ts-expect-error Nor can be asked for it.
    expect(isChartChainError(error, "NO_SUCH_CODES")).to.equal(false);
    // @ts-expect-error A text of any kind is no code.
    const code: ErrorCode = "NO_SUCH_CODE".toString();
    expect(error.toJSON().code).to.equal(code);
  });

  it("is read as what it is", () => {
    const code: ErrorCode = new ChartChainError("CONSENT_DENIED", "no").code;
    expect(code).to.equal("CONSENT_DENIED");
    expect(isChartChainError(new ChartChainError("CONSENT_DENIED", "no"), "NO_KEYS")).to.equal(false);
  });
});
