import { expect } from "chai";

import { fixture } from "../../devnet/index.js";
import { setNonce } from "../helpers/contracts/storage.js";
import { signOffer, DAY } from "../helpers/contracts/typed-data.js";
import { Status, TERMS, activate, now, offerToAlice, populate } from "../helpers/contracts/world.js";

/**
 * A provider that proposes and withdraws spends two nonces each time, at no cost to the patient; after eight million
 * rounds (two days of full blocks, or an afternoon on a chain whose gas is free) the 24 bits are used up. Whatever the
 * provider spent, the patient's reductions must still work.
 */
const MAX_NONCE = 2n ** 24n - 1n;
const load = fixture(populate);

describe("A relationship whose nonces a provider used up", () => {
  it("can still be declined or blocked while it is proposed", async () => {
    const world = await load();
    const { relationships, ids, alice, generalHospital } = world;
    await setNonce(world, ids.alice, ids.hospital, MAX_NONCE - 1n);
    // Either nothing can be proposed any more, or what is proposed can be refused.
    const proposed = await relationships
      .connect(generalHospital)
      .propose(ids.alice, TERMS, 0)
      .catch(() => undefined);
    if (proposed === undefined) return;

    await relationships.connect(alice).blockProvider(ids.alice, ids.hospital);
    expect((await relationships.relationship(ids.alice, ids.hospital)).status).to.equal(Status.Declined);
  });

  it("can still be ended once it is active", async () => {
    const world = await load();
    const { relationships, ids, alice, generalHospital } = world;
    await setNonce(world, ids.alice, ids.hospital, MAX_NONCE - 1n);
    const offer = await offerToAlice(world);
    const signed = await signOffer(world, generalHospital, offer, { deadline: (await now(world)) + DAY });
    const accepted = await relationships
      .connect(alice)
      .accept(offer, signed)
      .catch(() => undefined);
    if (accepted === undefined) return;

    await relationships.connect(alice).end(ids.alice, ids.hospital);
    expect(await relationships.isActive(ids.alice, ids.hospital)).to.be.false;
  });

  it("is suspended for good: what was signed before would count again once it was resumed", async () => {
    const world = await load();
    const { relationships, ids, alice } = world;
    await activate(world, alice, world.generalHospital);
    await setNonce(world, ids.alice, ids.hospital, MAX_NONCE);
    await relationships.connect(alice).suspend(ids.alice, ids.hospital);

    await expect(relationships.connect(alice).resume(ids.alice, ids.hospital))
      .to.be.revertedWithCustomError(relationships, "NoncesExhausted")
      .withArgs(ids.alice, ids.hospital);
    await relationships.connect(alice).end(ids.alice, ids.hospital);
  });

  it("leaves the patient's block list working", async () => {
    const world = await load();
    const { relationships, ids, alice } = world;
    await setNonce(world, ids.alice, ids.hospital, MAX_NONCE);
    await relationships.connect(alice).blockProvider(ids.alice, ids.hospital);

    expect((await relationships.relationship(ids.alice, ids.hospital)).blocks % 2n === 1n).to.be.true;
  });
});
