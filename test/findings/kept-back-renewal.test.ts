import { expect } from "chai";

import { fixture } from "../../devnet/index.js";
import { DAY, signApproval, signOffer } from "../helpers/contracts/typed-data.js";
import { activate, now, offerToAlice, populate } from "../helpers/contracts/world.js";

/**
 * An active relationship with a term, and its renewal, signed by both sides and kept back by a relayer. What the
 * patient does to the relationship afterwards must kill it: it must not come back to life by itself.
 */
const load = fixture(async () => {
  const world = await populate();
  const until = BigInt((await now(world)) + DAY);
  await activate(world, world.alice, world.generalHospital, until);
  const renewal = await offerToAlice(world);
  const deadline = (await now(world)) + 300 * DAY;
  const offered = await signOffer(world, world.generalHospital, renewal, { deadline });
  const approved = await signApproval(world, world.alice, renewal, { deadline });
  return { ...world, until, renewal, offered, approved };
});

describe("A renewal that is kept back", () => {
  it("fails after the patient blocked the provider while the relationship was active, and lifted the block", async () => {
    const { relationships, ids, alice, relayer, networkHelpers, until, renewal, offered, approved } = await load();
    await relationships.connect(alice).blockProvider(ids.alice, ids.hospital);
    await networkHelpers.time.increaseTo(until);
    await relationships.connect(alice).unblockProvider(ids.alice, ids.hospital);

    await expect(relationships.connect(relayer).establish(renewal, offered, approved)).to.be.revertedWithCustomError(
      relationships,
      "WrongNonce",
    );
  });

  it("fails after the patient suspended the relationship and let it end by its term", async () => {
    const { relationships, ids, alice, relayer, networkHelpers, until, renewal, offered, approved } = await load();
    await relationships.connect(alice).suspend(ids.alice, ids.hospital);
    await networkHelpers.time.increaseTo(until);

    await expect(relationships.connect(relayer).establish(renewal, offered, approved)).to.be.revertedWithCustomError(
      relationships,
      "WrongNonce",
    );
  });
});
