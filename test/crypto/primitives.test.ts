import crypto from "node:crypto";

import { expect } from "chai";
import fc from "fast-check";

import { nodePrimitives } from "../../src/crypto/node/primitives.js";
import { platform } from "../../src/crypto/platform.js";
import type { AesGcm, Primitives } from "../../src/crypto/primitives.js";
import { webPrimitives } from "../../src/crypto/web/primitives.js";

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"));
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const sha256 = (primitives: Primitives, ...parts: Uint8Array[]): Uint8Array => {
  const hash = primitives.startSha256();
  for (const part of parts) hash.update(part);
  return hash.digest();
};

const node = nodePrimitives(crypto);
const PLATFORMS: Record<string, Primitives> = { Node: node, "Web Cryptography and noble": webPrimitives };

const bytes = (constraints?: { minLength?: number; maxLength?: number }): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array(constraints);
const aes = fc.record({
  key: bytes({ minLength: 32, maxLength: 32 }),
  nonce: bytes({ minLength: 12, maxLength: 12 }),
  associatedData: bytes({ maxLength: 100 }),
});

describe("primitives", () => {
  it("are Node's own under Node", () => {
    // OpenSSL's scrypt refuses by its own words; noble would have answered otherwise.
    expect(() => platform.equal(new Uint8Array(1), new Uint8Array(2))).to.throw("same byte length");
  });

  for (const [name, primitives] of Object.entries(PLATFORMS)) {
    describe(name, () => {
      it("hashes as FIPS 180-4 has it", () => {
        const digest = hex("ba7816bf 8f01cfea 414140de 5dae2223 b00361a3 96177a9c b410ff61 f20015ad");
        expect(sha256(primitives, utf8("a"), utf8("bc"))).to.deep.equal(digest);
      });

      it("computes HMAC as RFC 4231 has it (test case 2)", () => {
        const tag = hex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        expect(primitives.hmacSha256(utf8("Jefe"), utf8("what do ya want for nothing?"))).to.deep.equal(tag);
      });

      it("derives as RFC 5869 has it (test case 1)", () => {
        const key = hex("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b");
        const okm = hex("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
        const derived = primitives.hkdfSha256(key, hex("000102030405060708090a0b0c"), hex("f0f1f2f3f4f5f6f7f8f9"), 42);
        expect(derived).to.deep.equal(okm);
      });

      it("stretches as RFC 7914 has it (second vector)", async () => {
        const key = hex("fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162");
        expect(await primitives.scrypt("password", utf8("NaCl"), { N: 1024, r: 8, p: 16 })).to.deep.equal(key);
      });

      it("encrypts as the GCM specification has it (test case 16)", async () => {
        const options: AesGcm = {
          key: hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"),
          nonce: hex("cafebabefacedbaddecaf888"),
          associatedData: hex("feedfacedeadbeeffeedfacedeadbeefabaddad2"),
        };
        const plaintext = hex(
          "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72 1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
        );
        const sealed = hex(
          "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa 8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662 76fc6ece0f4e1768cddf8853bb2d551b",
        );
        expect(primitives.sealBytes(plaintext, options)).to.deep.equal(sealed);
        const parts = [plaintext.subarray(0, 20), plaintext.subarray(20)];
        expect(await primitives.sealSegment(utf8("front"), parts, options)).to.deep.equal(
          Uint8Array.from([...utf8("front"), ...sealed]),
        );
      });

      it("gives nothing for a tag that doesn't verify", async () => {
        await fc.assert(
          fc.asyncProperty(
            aes,
            bytes({ maxLength: 300 }),
            fc.nat(),
            fc.integer({ min: 1, max: 255 }),
            async (...given) => {
              const [options, plaintext, at, by] = given;
              const sealed = primitives.sealBytes(plaintext, options);
              sealed[at % sealed.length]! ^= by;
              expect(primitives.openBytes(sealed, options)).to.equal(undefined);
              const end = sealed.length - 16;
              const opened = await primitives.openSegment([sealed.subarray(0, end)], sealed.subarray(end), options);
              expect(opened).to.equal(undefined);
            },
          ),
        );
      });

      it("draws each number below its limit, and no other", () => {
        for (const limit of [1, 2, 3, 7]) {
          const drawn = new Set(Array.from({ length: 400 }, () => primitives.randomInt(limit)));
          expect([...drawn].sort()).to.deep.equal(Array.from({ length: limit }, (_, i) => i));
        }
        expect(() => primitives.randomInt(0)).to.throw(RangeError);
      });

      it("fills more random bytes than Web Cryptography gives at a time", () => {
        const drawn = primitives.randomBytes(200_000);
        expect(drawn).to.have.length(200_000);
        for (let at = 0; at < drawn.length; at += 20_000) {
          expect(drawn.subarray(at, at + 20_000).every((byte) => byte === 0)).to.equal(false);
        }
      });

      it("compares byte by byte", () => {
        expect(primitives.equal(hex("010203"), hex("010203"))).to.equal(true);
        for (const other of ["000203", "010303", "010204"]) {
          expect(primitives.equal(hex("010203"), hex(other))).to.equal(false);
        }
      });

      it("returns plain byte arrays", async () => {
        const options = { key: new Uint8Array(32), nonce: new Uint8Array(12) };
        const sealed = primitives.sealBytes(utf8("a"), options);
        const results = [
          primitives.randomBytes(3),
          sha256(primitives),
          primitives.hmacSha256(utf8("k"), utf8("m")),
          sealed,
          primitives.openBytes(sealed, options),
          await primitives.sealSegment(new Uint8Array(0), [utf8("a")], options),
          await primitives.scrypt("p", utf8("s"), { N: 2, r: 1, p: 1 }),
        ];
        for (const result of results) expect(result?.constructor).to.equal(Uint8Array);
      });
    });
  }

  it("open on each platform what the other one sealed", async () => {
    await fc.assert(
      fc.asyncProperty(aes, fc.array(bytes({ maxLength: 200 }), { maxLength: 4 }), async (options, parts) => {
        const plaintext = Uint8Array.from(parts.flatMap((part) => [...part]));
        for (const [from, to] of [
          [node, webPrimitives],
          [webPrimitives, node],
        ] as const) {
          expect(to.openBytes(from.sealBytes(plaintext, options), options)).to.deep.equal(plaintext);
          const segment = await from.sealSegment(new Uint8Array(0), parts, options);
          const end = segment.length - 16;
          const opened = await to.openSegment([segment.subarray(0, end)], segment.subarray(end), options);
          expect(Uint8Array.from(opened!.flatMap((part) => [...part]))).to.deep.equal(plaintext);
        }
      }),
    );
  });

  it("derive, hash and authenticate the same on both", () => {
    fc.assert(
      fc.property(bytes({ minLength: 1 }), bytes(), bytes({ maxLength: 1024 }), (key, salt, info) => {
        expect(node.hkdfSha256(key, salt, info, 32)).to.deep.equal(webPrimitives.hkdfSha256(key, salt, info, 32));
        expect(node.hmacSha256(key, info)).to.deep.equal(webPrimitives.hmacSha256(key, info));
        expect(sha256(node, salt, info)).to.deep.equal(sha256(webPrimitives, salt, info));
      }),
    );
  });
});
