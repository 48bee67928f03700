import { expect } from "chai";

import { deployedChain, fixture, registerPatient } from "../../devnet/index.js";
import { DAY } from "../helpers/contracts/typed-data.js";

/** The last minute that a lane of 28 bits can hold: in the year 2480. */
const END_OF_LANES = (2 ** 28 - 1) * 60;

const load = fixture(async () => {
  const chain = await deployedChain();
  const alice = await registerPatient(chain, chain.alice, "Alice");
  const bob = await registerPatient(chain, chain.bob, "Bob");
  await chain.networkHelpers.time.increaseTo(END_OF_LANES - 30 * DAY);
  return { ...chain, ids: { alice, bob } };
});

describe("A grant that would expire after 2480", () => {
  it("is refused, or leaves the next category alone", async () => {
    const { consents, ids, alice } = await load();
    const until = END_OF_LANES + 60 * DAY;
    const given = { viewer: ids.bob, purpose: 0, steward: 0, categories: 1, sensitiveFromAnySteward: false, until };
    await consents
      .connect(alice)
      .grant(ids.alice, given)
      .catch(() => undefined);

    const [, lanes] = await consents.grantOf(ids.alice, ids.bob, 0, 0);
    expect((lanes >> 28n) & (2n ** 28n - 1n), "the lane of MEDICATION").to.equal(0);
  });
});
