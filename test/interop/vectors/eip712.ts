import fc from "fast-check";
import type { Anvil } from "../anvil.js";
import type { Engine } from "../engine.js";
import { SIGNED_TYPES, payloadOf, requests } from "../typed-messages.js";

interface Payload {
  domain: object;
  message: object;
}

interface Signed {
  digest: string;
  domainSeparator: string;
  encodedType: string;
  signature: string;
}

/** Digests that go-ethereum computes, and signatures over them on which it and anvil agree. */
export async function eip712Vectors(geth: Engine, anvil: Anvil): Promise<object> {
  const { wallet } = anvil;
  const messages: object[] = [];
  for (const type of SIGNED_TYPES) {
    for (const request of fc.sample(requests(type), { seed: 712, numRuns: 3 })) {
      const TypedData = payloadOf(type, request) as Payload;
      const theirs = await geth.ask<Signed>("sign", { TypedData, PrivateKey: wallet.privateKey });
      const signature = await anvil.call<string>("eth_signTypedData_v4", [wallet.address, TypedData]);
      if (theirs.signature !== signature) throw new Error(`go-ethereum and anvil differ over a ${type.primaryType}`);
      const { encodedType, domainSeparator, digest } = theirs;
      const { domain } = request;
      const { message } = TypedData;
      const { contract, primaryType } = type;
      messages.push({ contract, primaryType, encodedType, domain, message, domainSeparator, digest, signature });
    }
  }
  const version = (await geth.versions())["github.com/ethereum/go-ethereum"];
  return {
    source: `Digests computed by go-ethereum ${version} (signer/core/apitypes), signatures made by it and, equally, by anvil ${anvil.version}.`,
    phrase: wallet.mnemonic?.phrase,
    signer: wallet.address,
    messages,
  };
}
