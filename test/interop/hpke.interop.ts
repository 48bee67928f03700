import { randomBytes } from "node:crypto";
import { expect } from "chai";
import fc from "fast-check";
import {
  type CompartmentKey,
  type IdentityKeyPair,
  type KeyWrap,
  deriveKeyPair,
  encodeCompartmentKey,
  openSealed,
  sealTo,
  unwrapCompartmentKey,
  wrapCompartmentKey,
} from "../../src/crypto/index.js";
import { expectBytes, expectCode, flipBit } from "../crypto/helpers.js";
import { type Engine, engineFor } from "./engine.js";
import { Ledger } from "./ledger.js";
import { compartmentKeys } from "./values.js";

const ENCAPSULATED = 1120;

const seed = fc.uint8Array({ minLength: 32, maxLength: 32 });
const participant = fc.integer({ min: 1, max: 2 ** 40 - 1 });
const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });

describe("HPKE of Go", () => {
  const ledger = new Ledger("Go crypto/hpke");
  let go: Engine;

  before(async function () {
    go = await engineFor(this, "hpke", ledger);
  });

  after(() => {
    go?.close();
    ledger.close();
  });

  it("derives the same public key from a seed", async () => {
    await fc.assert(
      fc.asyncProperty(seed, async (Seed) => {
        expectBytes(await go.askBytes("publicKey", { Seed }), (await deriveKeyPair(Seed)).publicKey);
        ledger.count("public keys equal");
      }),
    );
  });

  it("opens our key wraps from their published info, and we open the wraps that it made", async () => {
    await fc.assert(
      fc.asyncProperty(seed, compartmentKeys, participant, uint32, async (Seed, wrapped, recipient, keyVersion) => {
        const keyPair = await deriveKeyPair(Seed);
        const Wrap = { CompartmentID: wrapped.id, Participant: recipient, KeyVersion: keyVersion };

        const options = { compartmentKey: wrapped, recipientPublicKey: keyPair.publicKey, keyVersion };
        const ours = await wrapCompartmentKey({ ...options, participant: recipient });
        const Data = Buffer.concat([ours.enc, ours.ciphertext]);
        expectBytes(await go.askBytes("open", { Seed, Wrap, Data }), encodeCompartmentKey(wrapped));
        ledger.count("our key wraps opened");

        const theirs = await wrapByGo(keyPair, wrapped, recipient, keyVersion);
        expect(await unwrapCompartmentKey(theirs, keyPair, { participant: recipient })).to.deep.equal(wrapped);
        ledger.count("its key wraps opened");
      }),
    );
  });

  async function wrapByGo(keyPair: IdentityKeyPair, wrapped: CompartmentKey, recipient: number, keyVersion: number) {
    const sealed = await go.askBytes("seal", {
      PublicKey: keyPair.publicKey,
      Wrap: { CompartmentID: wrapped.id, Participant: recipient, KeyVersion: keyVersion },
      Data: encodeCompartmentKey(wrapped),
    });
    return {
      compartmentId: wrapped.id,
      participant: recipient,
      keyVersion,
      enc: sealed.slice(0, ENCAPSULATED),
      ciphertext: sealed.slice(ENCAPSULATED),
    } satisfies KeyWrap;
  }

  it("and we open each other's messages of any size and info", async () => {
    const size = fc.oneof(fc.nat(2000), fc.constantFrom(0, 1, 65_536, 1_000_000));
    await fc.assert(
      fc.asyncProperty(seed, fc.uint8Array({ maxLength: 300 }), size, async (Seed, Info, length) => {
        const keyPair = await deriveKeyPair(Seed);
        const message = Uint8Array.from(randomBytes(length));
        const ours = await sealTo(keyPair.publicKey, Info, message);
        expectBytes(await go.askBytes("open", { Seed, Info, Data: ours }), message);
        const theirs = await go.askBytes("seal", { PublicKey: keyPair.publicKey, Info, Data: message });
        expectBytes(await openSealed(keyPair, Info, theirs), message);
        ledger.count("messages opened both ways");
      }),
      { numRuns: 50 },
    );
  });

  it("refuses changed messages, another info and another key, as we do", async () => {
    const Seed = Uint8Array.from(randomBytes(32));
    const Info = Uint8Array.from(randomBytes(50));
    const keyPair = await deriveKeyPair(Seed);
    const sealed = await sealTo(keyPair.publicKey, Info, Uint8Array.from(randomBytes(64)));

    const bits = [0, 1088 * 8 - 1, 1088 * 8, ENCAPSULATED * 8 - 9, ENCAPSULATED * 8, sealed.length * 8 - 1];
    for (let i = 0; i < 200; i++) bits.push(Math.floor(Math.random() * sealed.length * 8));
    // X25519 ignores the highest bit of a share (RFC 7748, section 5), but the combiner hashes the share as it came.
    bits.push(ENCAPSULATED * 8 - 1);
    for (const bit of bits) await bothRefuse({ Seed, Info, Data: flipBit(sealed, bit) });
    for (const length of [0, 1, 1088, 1119, 1120, 1135, 1136, sealed.length - 1]) {
      await bothRefuse({ Seed, Info, Data: sealed.slice(0, length) });
    }
    await bothRefuse({ Seed, Info: flipBit(Info, 7), Data: sealed });
    await bothRefuse({ Seed: flipBit(Seed, 7), Info, Data: sealed });
  });

  async function bothRefuse(request: { Seed: Uint8Array; Info: Uint8Array; Data: Uint8Array }): Promise<void> {
    expect(await go.refuses("open", request), "Go opens it").to.equal(true);
    const keyPair = await deriveKeyPair(request.Seed);
    await expectCode("SEALED_REFUSED", () => openSealed(keyPair, request.Info, request.Data));
    ledger.count("changes refused by both");
  }

  it("refuses a wrap whose recipient or key version was changed, as we do", async () => {
    const Seed = Uint8Array.from(randomBytes(32));
    const keyPair = await deriveKeyPair(Seed);
    const wrapped = fc.sample(compartmentKeys, 1)[0] as CompartmentKey;
    const wrap = await wrapByGo(keyPair, wrapped, 9, 1);
    for (const change of [{ participant: 10 }, { keyVersion: 2 }, { compartmentId: flipBit(wrapped.id, 0) }]) {
      const changed = { ...wrap, ...change };
      const recipient = { participant: changed.participant };
      await expectCode("KEY_WRAP_REFUSED", () => unwrapCompartmentKey(changed, keyPair, recipient));
      const Wrap = {
        CompartmentID: changed.compartmentId,
        Participant: changed.participant,
        KeyVersion: changed.keyVersion,
      };
      const Data = Buffer.concat([wrap.enc, wrap.ciphertext]);
      expect(await go.refuses("open", { Seed, Wrap, Data }), "Go opens it").to.equal(true);
      ledger.count("changes refused by both");
    }
  });
});
