import { expect } from "chai";

import { fixture } from "../../devnet/index.js";
import { DAY, signApproval } from "../helpers/contracts/typed-data.js";
import { Status, TERMS, digestOf, now, offerToAlice, populate, type World } from "../helpers/contracts/world.js";

const load = fixture(populate);

const OTHER_TERMS = digestOf("other terms");

const propose = (world: World, terms: string, until = 0n) =>
  world.relationships.connect(world.generalHospital).propose(world.ids.alice, terms, until);

/**
 * Alice approves what she read; then the chain is reorganised, and the proposal under the same nonce says something
 * else. `evm_revert` stands in for the reorganisation.
 */
describe("A proposal that a reorganisation swapped", () => {
  const swaps: [string, (world: World) => Promise<unknown>, string][] = [
    ["other terms", (world) => propose(world, OTHER_TERMS), "TermsMismatch"],
    ["another end", async (world) => propose(world, TERMS, BigInt((await now(world)) + DAY)), "EndMismatch"],
    [
      "another nonce",
      async (world) => {
        await propose(world, TERMS);
        await world.relationships.connect(world.generalHospital).withdraw(world.ids.alice);
        await propose(world, TERMS);
      },
      "WrongNonce",
    ],
    ["nothing", async () => undefined, "NotProposed"],
  ];

  for (const [what, swap, error] of swaps) {
    it(`for ${what} isn't approved: ${error}`, async () => {
      const world = await load();
      const { relationships, ids, alice, relayer, provider } = world;
      const before = (await provider.send("evm_snapshot", [])) as string;
      await propose(world, TERMS);
      const read = await offerToAlice(world, { nonce: 1n });
      const approved = await signApproval(world, alice, read, { deadline: (await now(world)) + DAY });
      await provider.send("evm_revert", [before]);
      await swap(world);

      await expect(
        relationships.connect(alice).approve(ids.alice, ids.hospital, read.nonce, read.termsDigest, read.until),
      ).to.be.revertedWithCustomError(relationships, error);
      await expect(relationships.connect(relayer).approveWithSig(read, approved)).to.be.revertedWithCustomError(
        relationships,
        error,
      );
      const { status } = await relationships.relationship(ids.alice, ids.hospital);
      expect(status).to.equal(what === "nothing" ? Status.None : Status.Proposed);
    });
  }

  it("for the very same is approved", async () => {
    const world = await load();
    const { relationships, ids, alice, relayer, provider } = world;
    const before = (await provider.send("evm_snapshot", [])) as string;
    await propose(world, TERMS);
    const read = await offerToAlice(world, { nonce: 1n });
    const approved = await signApproval(world, alice, read, { deadline: (await now(world)) + DAY });
    await provider.send("evm_revert", [before]);
    await propose(world, TERMS);
    await relationships.connect(relayer).approveWithSig(read, approved);

    expect(await relationships.isActive(ids.alice, ids.hospital)).to.be.true;
  });
});
