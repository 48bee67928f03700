import { expect } from "chai";
import { HDNodeWallet, TypedDataEncoder, type TypedDataDomain, verifyTypedData } from "ethers";
import { vectors } from "../crypto/helpers.js";
import { SIGNED_TYPES } from "../interop/typed-messages.js";

interface Message {
  contract: string;
  primaryType: string;
  encodedType: string;
  domain: TypedDataDomain;
  message: Record<string, unknown>;
  domainSeparator: string;
  digest: string;
  signature: string;
}

const { phrase, signer, messages } = vectors<{ phrase: string; signer: string; messages: Message[] }>("eip712.json");

describe("typed data of go-ethereum and anvil", () => {
  const wallet = HDNodeWallet.fromPhrase(phrase);

  it("is of every type that the network signs, and of no other", () => {
    const kinds = (list: { contract: string; primaryType: string }[]) =>
      [...new Set(list.map(({ contract, primaryType }) => `${contract} ${primaryType}`))].sort();
    expect(kinds(messages)).to.deep.equal(kinds(SIGNED_TYPES));
  });

  for (const { primaryType, types } of SIGNED_TYPES) {
    it(`has the type, domain separator, digest and signature of our ${primaryType}`, async () => {
      const ours = messages.filter((message) => message.primaryType === primaryType);
      expect(ours).to.have.lengthOf(3);
      for (const { encodedType, domain, message, domainSeparator, digest, signature } of ours) {
        expect(TypedDataEncoder.from(types).encodeType(primaryType)).to.equal(encodedType);
        expect(TypedDataEncoder.hashDomain(domain)).to.equal(domainSeparator);
        expect(TypedDataEncoder.hash(domain, types, message)).to.equal(digest);
        expect(await wallet.signTypedData(domain, types, message)).to.equal(signature);
        expect(verifyTypedData(domain, types, message, signature)).to.equal(signer);
      }
    });
  }
});
