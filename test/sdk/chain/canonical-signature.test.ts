import { expect } from "chai";
import { concat, dataSlice, getBytes, hexlify, Signature, SigningKey, toBeHex, toBigInt, Wallet } from "ethers";
import fc from "fast-check";

import { createClient, type SignedActionFile } from "../../../src/sdk/index.js";
import { canonicalSignature } from "../../../src/sdk/chain/canonical-signature.js";
import { type Actor, createDevnet, type Devnet, throughJson } from "../../../devnet/index.js";
import { expectCode } from "../helpers.js";

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** The same signature as wallets write it: all of it is good, and only the first is what the contracts take. */
const FORMS: Record<string, (signature: Signature) => string> = {
  "as the contracts take it": ({ serialized }) => serialized,
  "with v as 0 or 1": ({ r, s, yParity }) => concat([r, s, toBeHex(yParity, 1)]),
  "in compact form (EIP-2098)": ({ compactSerialized }) => compactSerialized,
  "with s in the upper half": ({ r, s, v }) => concat([r, toBeHex(ORDER - toBigInt(s), 32), toBeHex(55 - v, 1)]),
  "with s in the upper half and v as 0 or 1": ({ r, s, yParity }) =>
    concat([r, toBeHex(ORDER - toBigInt(s), 32), toBeHex(1 - yParity, 1)]),
  "in capitals": ({ serialized }) => `0x${serialized.slice(2).toUpperCase()}`,
};

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(hexlify);
// A key is from 1 to the order, without it.
const key = bytes32.filter((hex) => toBigInt(hex) > 0n && toBigInt(hex) < ORDER);

describe("a plain account's signature", () => {
  for (const [form, write] of Object.entries(FORMS)) {
    it(`is the same one ${form}`, () => {
      fc.assert(
        fc.property(key, bytes32, (secret, digest) => {
          const { address } = new Wallet(secret);
          const signature = new SigningKey(secret).sign(digest);
          expect(canonicalSignature(digest, write(signature), address)).to.equal(signature.serialized);
        }),
        { numRuns: 30 },
      );
    });
  }

  it("is nobody else's, of nothing else, and no other bytes", () => {
    fc.assert(
      fc.property(key, bytes32, bytes32, fc.nat(64), (secret, digest, other, at) => {
        fc.pre(digest !== other);
        const { address } = new Wallet(secret);
        const { serialized, compactSerialized } = new SigningKey(secret).sign(digest);
        expect(canonicalSignature(other, serialized, address)).to.equal(undefined);
        expect(canonicalSignature(digest, serialized, new Wallet(`0x${"11".repeat(32)}`).address)).to.equal(undefined);
        const changed = getBytes(serialized);
        changed[at]! ^= 4;
        expect(canonicalSignature(digest, hexlify(changed), address)).to.equal(undefined);
        for (const cut of [dataSlice(serialized, 0, 63), concat([serialized, "0x00"]), `${compactSerialized}zz`, "0x"])
          expect(canonicalSignature(digest, cut, address)).to.equal(undefined);
      }),
      { numRuns: 30 },
    );
  });

  it("never has r or s as nought, or out of the curve's order", () => {
    const [digest, address] = [`0x${"22".repeat(32)}`, new Wallet(`0x${"11".repeat(32)}`).address];
    const zero = toBeHex(0, 32);
    const good = new SigningKey(`0x${"11".repeat(32)}`).sign(digest);
    for (const [r, s] of [
      [zero, good.s],
      [good.r, zero],
      [toBeHex(ORDER, 32), good.s],
      [good.r, toBeHex(ORDER, 32)],
      [good.r, `0x${"ff".repeat(32)}`],
    ] as const) {
      for (const v of ["0x00", "0x1b", "0x1c"])
        expect(canonicalSignature(digest, concat([r, s, v]), address)).to.equal(undefined);
    }
  });

  describe("in a handover file", () => {
    let world: Devnet;
    let clinic: Actor;
    before(async () => {
      world = await createDevnet();
      clinic = await world.institution("General Hospital");
    });
    after(() => world.close());

    for (const [form, write] of Object.entries(FORMS)) {
      it(`is written as the contracts take it by a wallet that makes it ${form}`, async () => {
        const actor = await world.actor(`writes ${form}`, { ether: false });
        const signer = new Proxy(actor.wallet, {
          get: (wallet, name) =>
            name === "signTypedData"
              ? async (...data: Parameters<Wallet["signTypedData"]>) =>
                  write(Signature.from(await wallet.signTypedData(...data)))
              : (Reflect.get(wallet, name, wallet) as unknown),
        });
        const client = await createClient({ ...actor, runner: signer, deployment: world.deployment });
        const file = await client.signRegisterPatient();
        expect(file.signature).to.equal(Signature.from(file.signature).serialized);
        await clinic.client.relay({ file: throughJson(file) });
        expect(await actor.client.ownId()).to.be.greaterThan(0);
      });

      it(`is relayed when it stands there ${form}`, async () => {
        const actor = await world.actor(`stands ${form}`, { ether: false });
        const file = await actor.client.signRegisterPatient();
        const foreign: SignedActionFile = { ...file, signature: write(Signature.from(file.signature)) };
        await clinic.client.relay({ file: throughJson(foreign) });
        actor.id = await actor.client.ownId();

        // The signature of an offer, inside a file and on its own.
        const offer = await clinic.client.offerRelationship({ patient: actor.id });
        const written = { ...offer, signature: write(Signature.from(offer.signature)) };
        await clinic.client.relay({
          file: throughJson(await actor.client.signAcceptOffer({ offer: throughJson(written) })),
        });
        expect((await actor.client.overviewOf({ patient: actor.id })).relationships[0]?.status).to.equal("Active");
      });
    }

    it("is refused when it is somebody else's, in whatever form", async () => {
      const actor = await world.actor("somebody", { ether: false });
      const file = await actor.client.signRegisterPatient();
      for (const write of Object.values(FORMS)) {
        const other = Signature.from(await clinic.wallet.signMessage("something else"));
        const altered = { ...file, signature: write(other) };
        await expectCode("HANDOVER_ALTERED", clinic.client.relay({ file: throughJson(altered) }));
      }
    });
  });
});
