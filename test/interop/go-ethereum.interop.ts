import { expect } from "chai";
import { TypedDataEncoder, Wallet } from "ethers";
import fc from "fast-check";
import { type Engine, engineFor } from "./engine.js";
import { Ledger } from "./ledger.js";
import { SIGNED_TYPES, payloadOf, requests } from "./typed-messages.js";

/** What go-ethereum says about a request to sign; all values in hex. */
interface Signed {
  digest: string;
  domainSeparator: string;
  encodedType: string;
  signature: string;
}

describe("EIP-712 of go-ethereum", () => {
  const ledger = new Ledger("go-ethereum");
  const wallet = new Wallet(`0x${"5a".repeat(32)}`);
  let geth: Engine;

  before(async function () {
    geth = await engineFor(this, "ethereum", ledger, "github.com/ethereum/go-ethereum");
  });

  after(() => {
    geth?.close();
    ledger.close();
  });

  for (const type of SIGNED_TYPES) {
    it(`has the same type, domain separator, digest and signature of ${type.primaryType} as ethers`, async () => {
      const encoder = new TypedDataEncoder(type.types);
      await fc.assert(
        fc.asyncProperty(requests(type), async (request) => {
          const { domain, message } = request;
          const TypedData = payloadOf(type, request);
          const theirs = await geth.ask<Signed>("sign", { TypedData, PrivateKey: wallet.privateKey });
          expect(theirs.encodedType).to.equal(encoder.encodeType(type.primaryType));
          expect(theirs.domainSeparator).to.equal(TypedDataEncoder.hashDomain(domain));
          expect(theirs.digest).to.equal(TypedDataEncoder.hash(domain, type.types, message));
          expect(theirs.signature).to.equal(await wallet.signTypedData(domain, type.types, message));
          ledger.count("digests and signatures equal");
        }),
      );
    });
  }
});
