import { expect } from "chai";
import { toQuantity } from "ethers";

import { EVERY_STEWARD, type Client } from "../../../src/sdk/index.js";
import { bytes, HOUR, inFuture, text } from "../helpers.js";
import { requireAnvil, startAnvil } from "../nodes.js";
import { type Actor, createDevnet, type Devnet, relate } from "../../../devnet/index.js";

describe("a reorganisation", () => {
  let world: Devnet;
  let clinic: Actor;
  let alice: Actor;
  let digest: string;
  before(async function () {
    requireAnvil(this);
    world = await createDevnet(startAnvil);
    clinic = await world.institution("General Hospital");
    alice = await world.patient("alice");
    await relate(clinic, alice);
    ({ digest } = await clinic.client.addRecord({ patient: alice.id, category: "SUMMARY", content: bytes("summary") }));
    await mine(70);
  });
  after(() => world?.close());

  const mine = (blocks: number) => world.provider.send("anvil_mine", [toQuantity(blocks)]) as Promise<unknown>;
  const grantTo = async (viewer: Actor) => {
    const until = await inFuture(world, 10 * HOUR);
    await alice.client.grantAccess({ viewer: viewer.id, categories: ["SUMMARY"], purpose: "TREAT", until });
  };
  /** What a viewer with keys and envelopes, and the steward's release of keys, come to. */
  async function attempts(viewer: Actor, finality: number): Promise<[read: string, release: string]> {
    const [reader, releaser] = await Promise.all([
      world.clientOf(viewer, { finality }),
      world.clientOf(clinic, { finality }),
    ]);
    return [await outcome(read(reader)), await outcome(releaser.releaseKeys(releaseTo(viewer)))];
  }
  const releaseTo = (viewer: Actor) => ({ patient: alice.id, viewer: viewer.id, purpose: "TREAT" as const });
  const read = async (client: Client) => text((await client.openRecord({ digest, purpose: "TREAT" })).content);
  const outcome = async (attempt: Promise<unknown>): Promise<string> =>
    attempt.then(
      () => "allowed",
      (error: { code: string; details: { reason?: string } }) => error.details.reason ?? error.code,
    );

  for (const depth of [1, 2, 5, 64]) {
    it(`of ${depth} blocks that removes a grant leaves no read and no release of keys`, async () => {
      const viewer = await world.patient(`viewer of grant ${depth}`);
      await grantTo(viewer);
      const atHead = await world.clientOf(clinic, { finality: 0 });
      const file = await atHead.deliver(releaseTo(viewer));
      await (await world.clientOf(viewer, { finality: 0 })).takeDelivery({ file });
      if (depth > 1) await mine(depth - 1);
      expect(await attempts(viewer, 0), "where the head counts as final").to.deep.equal(["allowed", "allowed"]);
      expect(await attempts(viewer, depth), "never, where it isn't final").to.deep.equal(["NOT_FINAL", "NOT_FINAL"]);

      await world.provider.send("anvil_reorg", [depth, []]);
      for (const finality of [0, depth]) {
        expect(await attempts(viewer, finality)).to.deep.equal(["NOT_GRANTED", "NOT_GRANTED"]);
      }
    });

    it(`of ${depth} blocks that removes a revocation doesn't bring access back`, async () => {
      const viewer = await world.patient(`viewer of revocation ${depth}`);
      await grantTo(viewer);
      await mine(3);
      const atHead = await world.clientOf(clinic, { finality: 0 });
      const file = await atHead.deliver({ ...releaseTo(viewer), again: true });
      await (await world.clientOf(viewer, { finality: 0 })).takeDelivery({ file });
      await alice.client.revokeAccess({ viewer: viewer.id, purpose: "TREAT", steward: EVERY_STEWARD });
      if (depth > 1) await mine(depth - 1);
      expect(await attempts(viewer, 1)).to.deep.equal(["NOT_GRANTED", "NOT_GRANTED"]);

      await world.provider.send("anvil_reorg", [depth, []]);
      const question = { ...releaseTo(viewer), steward: clinic.id, category: "SUMMARY" as const };
      expect(await clinic.client.canView(question), "the contract alone would say yes").to.equal(true);
      expect(await attempts(viewer, 0)).to.deep.equal(["REVOKED_BEFORE", "REVOKED_BEFORE"]);
    });
  }

  it("that leaves a shorter chain isn't read from", async () => {
    const viewer = await world.patient("viewer of a rollback");
    await grantTo(viewer);
    await mine(3);
    expect((await attempts(viewer, 0))[1]).to.equal("allowed");
    await world.provider.send("anvil_rollback", [2]);
    expect((await attempts(viewer, 0))[1]).to.equal("NODE_BEHIND");
  });

  it("at which the chain's own finalized block decides is waited for", async () => {
    const viewer = await world.patient("viewer of the finalized tag");
    await grantTo(viewer);
    const release = clinic.client.releaseKeys(releaseTo(viewer));
    expect(await outcome(release)).to.be.oneOf(["NOT_FINAL", "NODE_BEHIND"]);
  });
});
