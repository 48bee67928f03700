import { expect } from "chai";

import type { VerifiedAnchor } from "../../src/vault/index.js";
import { digestOf, expectCode, workspace } from "./helpers.js";

describe("verified histories", () => {
  const { directory: newDirectory, open } = workspace();
  const anchor = (index: number, changes: Partial<VerifiedAnchor> = {}): VerifiedAnchor => ({
    ...{
      index,
      size: null,
      author: 4,
      digest: digestOf(index),
      block: 100 + index,
      chain: digestOf(index).slice(0, 27),
    },
    ...changes,
  });
  const plain = (rows: readonly VerifiedAnchor[]) => rows.map(({ index, author, block }) => ({ index, author, block }));

  it("are kept for each patient, also after reopening, and extended", async () => {
    const directory = newDirectory();
    const first = await open(directory);
    expect(first.anchors.last(17)).to.equal(undefined);
    first.anchors.keep(17, 0, [anchor(1), anchor(2)]);
    first.anchors.keep(18, 0, [anchor(1, { author: 9 })]);
    first.close();
    const { anchors } = await open(directory);
    anchors.keep(17, 2, [anchor(3)]);
    expect(plain(anchors.list(17)).map(({ index }) => index)).to.deep.equal([1, 2, 3]);
    expect(anchors.last(17)).to.deep.include({ index: 3, block: 103 });
    expect(anchors.at(17, 2)?.digest).to.deep.equal(digestOf(2));
    expect([anchors.at(17, 4), anchors.last(19)]).to.deep.equal([undefined, undefined]);
    expect(plain(anchors.list(18))).to.deep.equal([{ index: 1, author: 9, block: 101 }]);
  });

  it("are replaced from where a reorganisation changed them", async () => {
    const { anchors } = await open(newDirectory());
    anchors.keep(17, 0, [anchor(1), anchor(2), anchor(3)]);
    anchors.keep(17, 1, [anchor(2, { author: 5 })]);
    expect(plain(anchors.list(17))).to.deep.equal([
      { index: 1, author: 4, block: 101 },
      { index: 2, author: 5, block: 102 },
    ]);
  });

  it("tell every place of a digest, since anybody may anchor somebody else's again", async () => {
    const { anchors } = await open(newDirectory());
    anchors.keep(17, 0, [anchor(1), anchor(2), anchor(3, { author: 5, digest: digestOf(1) })]);
    expect(plain(anchors.find(17, digestOf(1)))).to.deep.equal([
      { index: 1, author: 4, block: 101 },
      { index: 3, author: 5, block: 103 },
    ]);
    expect(anchors.find(18, digestOf(1))).to.deep.equal([]);
  });

  it("have batches, which take several places", async () => {
    const { anchors } = await open(newDirectory());
    anchors.keep(17, 0, [anchor(1), anchor(2, { size: 8 }), anchor(10), anchor(11, { size: 1 })]);
    expect(anchors.list(17).map(({ index, size }) => [index, size])).to.deep.equal([
      [1, null],
      [2, 8],
      [10, null],
      [11, 1],
    ]);
    expect([1, 2, 9, 10, 11].map((place) => anchors.at(17, place)?.index)).to.deep.equal([1, 2, 2, 10, 11]);
    expect([0, 12].map((place) => anchors.at(17, place))).to.deep.equal([undefined, undefined]);
    anchors.keep(17, 1, [anchor(2, { size: 64 })]);
    expect(anchors.last(17)).to.include({ index: 2, size: 64 });
  });

  it("refuse what is no anchor, and then keep nothing of it", async () => {
    const { anchors } = await open(newDirectory());
    const bad = [
      { index: 1 },
      { size: 0 },
      { size: 32_769 },
      { block: -1 },
      { author: 0 },
      { digest: new Uint8Array(31) },
      { chain: new Uint8Array(32) },
    ];
    for (const changes of bad) {
      await expectCode("VAULT_INPUT_INVALID", () => anchors.keep(17, 1, [anchor(2), anchor(3, changes)]));
    }
    await expectCode("VAULT_INPUT_INVALID", () => anchors.find(17, new Uint8Array(31)));
    expect(anchors.list(17)).to.deep.equal([]);
  });
});
