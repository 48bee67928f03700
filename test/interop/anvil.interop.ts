import { expect } from "chai";
import { verifyTypedData } from "ethers";
import fc from "fast-check";
import { type Anvil, startAnvil } from "./anvil.js";
import { skipSuite } from "./engine.js";
import { Ledger } from "./ledger.js";
import { SIGNED_TYPES, payloadOf, requests } from "./typed-messages.js";

describe("EIP-712 of anvil", () => {
  const ledger = new Ledger("anvil (alloy)");
  let anvil: Anvil;

  before(async function () {
    const started = await startAnvil();
    if ("reason" in started) return skipSuite(this, ledger, started.reason);
    anvil = started;
    ledger.version(anvil.version);
  });

  after(() => {
    anvil?.stop();
    ledger.close();
  });

  it("is asked about every type that the network signs", () => {
    expect(SIGNED_TYPES.map(({ primaryType }) => primaryType)).to.include.members(["Grant", "ConsentChanges"]);
    expect(SIGNED_TYPES.length).to.be.at.least(30);
  });

  for (const type of SIGNED_TYPES) {
    it(`signs ${type.primaryType} exactly as ethers does`, async () => {
      const { wallet, call } = anvil;
      await fc.assert(
        fc.asyncProperty(requests(type), async (request) => {
          const payload = payloadOf(type, request);
          expect(payload).to.have.property("primaryType", type.primaryType);
          const theirs = await call<string>("eth_signTypedData_v4", [wallet.address, payload]);
          // Both derive the nonce from key and digest (RFC 6979), so an equal signature is an equal digest.
          expect(theirs).to.equal(await wallet.signTypedData(request.domain, type.types, request.message));
          expect(verifyTypedData(request.domain, type.types, request.message, theirs)).to.equal(wallet.address);
          ledger.count("signatures equal");
        }),
      );
    });
  }
});
