import { expect } from "chai";

import { deployedChain, fixture, registerPatient } from "../../devnet/index.js";
import { licenseCrowd } from "../helpers/contracts/crowd.js";
import { DAY } from "../helpers/contracts/typed-data.js";
import { Status, TERMS } from "../helpers/contracts/world.js";

/** 2^32 seconds after 1970: 7 February 2106. Minutes in 28 bits last until 2480, and so must what is made of them. */
const END_OF_32_BITS = 2 ** 32;

const load = fixture(async () => {
  const chain = await deployedChain();
  await chain.networkHelpers.time.increaseTo(END_OF_32_BITS - 2 * DAY);
  const alice = await registerPatient(chain, chain.alice, "Alice");
  const [clinic] = await licenseCrowd(chain, 1);
  return { ...chain, id: alice, clinic: clinic! };
});

describe("A proposal that is made after the year 2106", () => {
  it("is read, answered and taken back like any other", async () => {
    const { relationships, networkHelpers, provider, alice, id, clinic } = await load();
    await networkHelpers.time.increaseTo(END_OF_32_BITS + DAY);
    await relationships.connect(await provider.getSigner(clinic.account)).propose(id, TERMS, 0);

    expect((await relationships.relationship(id, clinic.id)).status).to.equal(Status.Proposed);
    await relationships.connect(alice).approve(id, clinic.id, 1, TERMS, 0);
    expect(await relationships.isActive(id, clinic.id)).to.be.true;
  });
});
