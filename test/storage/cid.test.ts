import { createHash } from "node:crypto";
import { assert } from "chai";
import fc from "fast-check";
import { parseCid, rawCid } from "../../src/storage/cid.js";
import { cidOfBlock, sha256FromCid } from "../../src/storage/index.js";
import { assertFails, fileBlock } from "./content.js";

describe("CIDs of blocks", () => {
  it("are those that IPFS gives to known content", () => {
    // Published by Kubo: the empty block, and `ipfs add --cid-version=1` of "hello world".
    assert.equal(cidOfBlock(new Uint8Array(0)), "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku");
    const hello = new TextEncoder().encode("hello world");
    assert.equal(cidOfBlock(hello), "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e");
  });

  it("are the sha2-256 digest of the block", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const expected = createHash("sha256").update(bytes).digest();
        assert.deepEqual(sha256FromCid(cidOfBlock(bytes)), Uint8Array.from(expected));
      }),
    );
  });

  it("give no digest for a dag-pb CID, which a digest alone would not lead back to", async () => {
    const { cid } = fileBlock([], []);
    await assertFails(async () => sha256FromCid(cid.toString()), "INVALID_CID");
  });

  it("have one spelling only", async () => {
    const good = rawCid(new Uint8Array(32)).toString();
    assert.equal(parseCid(good).toString(), good);
    // 58 characters of base32 hold 290 bits, 36 bytes only 288: the last two bits must be zero.
    for (const last of "bcd") await assertFails(async () => parseCid(good.slice(0, -1) + last), "INVALID_CID");
  });

  it("are never found in junk", async () => {
    const refused = async (text: string) => void (await assertFails(async () => parseCid(text), "INVALID_CID"));
    const letter = fc.constantFrom(..."abcdefghijklmnopqrstuvwxyz234567");
    const shaped = fc.string({ unit: letter, minLength: 58, maxLength: 58 }).map((text) => `b${text}`);

    await fc.assert(fc.asyncProperty(fc.oneof(fc.string(), shaped), refused));
    for (const notText of [undefined, null, 5, {}])
      await assertFails(async () => parseCid(notText as string), "INVALID_CID");
  });
});
