import { expect } from "chai";

import { changesMessage, mutations, prepareChanges, scopeOf, signChanges } from "../helpers/contracts/batches.js";
import { fixture } from "../../devnet/index.js";
import { grantToInsurer, inADay } from "../helpers/contracts/grants.js";
import { DAY, authorize, signGrant, type Grant } from "../helpers/contracts/typed-data.js";
import { withRelationship, type World } from "../helpers/contracts/world.js";
import { revokeAllAs } from "../helpers/contracts/settings.js";

const load = fixture(withRelationship);

describe("Consents: several changes in one signature", () => {
  /** Two of each kind, so that their order counts as well. */
  async function signed() {
    const world = await load();
    const { insurers, bobs, grants } = await prepareChanges(world);
    const revocations = [scopeOf(insurers), scopeOf(bobs)];
    const message = await changesMessage(world, world.ids.alice, revocations, grants);
    return { world, revocations, grants, message };
  }

  it("count as they are shown, and each altered place makes another signature: InvalidSignature", async () => {
    const { world, revocations, grants, message } = await signed();
    const { consents, alice } = world;
    const all = mutations(message);
    // 5 entries of 7 fields and 8 categories, 3 of them with 2 more; 3 fields beside; 3 ways for each of the 2 lists.
    expect(all.length).to.equal(5 * (7 + 8) + 3 * 2 + 3 + 2 * 3);
    for (const [where, altered] of all) {
      const wrong = await authorize(consents, "ConsentChanges", altered, alice);
      const submitted = { ...wrong, deadline: message.deadline };
      await expect(consents.changeConsentsWithSig(revocations, grants, submitted), where)
        .to.be.revertedWithCustomError(consents, "InvalidSignature")
        .withArgs(alice.address);
    }

    await consents.changeConsentsWithSig(
      revocations,
      grants,
      await authorize(consents, "ConsentChanges", message, alice),
    );
  });

  it("count once: InvalidSignature", async () => {
    for (const [withRevocations, withGrants] of [
      [true, true],
      [true, false],
      [false, true],
    ] as const) {
      const { world, ...all } = await signed();
      const { consents, alice } = world;
      const revocations = withRevocations ? all.revocations : [];
      const grants = withGrants ? all.grants : [];
      const authorization = await signChanges(world, alice, revocations, grants);
      await consents.changeConsentsWithSig(revocations, grants, authorization);

      await expect(consents.changeConsentsWithSig(revocations, grants, authorization))
        .to.be.revertedWithCustomError(consents, "InvalidSignature")
        .withArgs(alice.address);
    }
  });

  it("are of one deadline: SignatureExpired", async () => {
    const { world, revocations, grants, message } = await signed();
    const { consents, alice } = world;
    const authorization = await authorize(consents, "ConsentChanges", message, alice);
    await world.networkHelpers.time.increase(2 * DAY);

    await expect(consents.changeConsentsWithSig(revocations, grants, authorization))
      .to.be.revertedWithCustomError(consents, "SignatureExpired")
      .withArgs(message.deadline);
  });

  const since: Record<string, (world: World, grants: Grant[]) => Promise<unknown>> = {
    "everything was revoked": ({ registrar, alice }) => revokeAllAs(registrar, alice),
    "signatures were cancelled": ({ registrar, alice }) => registrar.connect(alice).cancelSignatures(),
    "one viewer was revoked": ({ consents, alice, ids }) =>
      consents.connect(alice).revokeViewer(ids.alice, ids.laboratory),
    "one of the grants was revoked": ({ consents, alice, ids }, grants) => {
      const { viewer, purpose, steward, categories } = grants[2]!;
      return consents.connect(alice).revokeGrant(ids.alice, viewer, purpose, steward, categories);
    },
    "one of the grants was made already": ({ consents, alice, ids }, grants) =>
      consents.connect(alice).grant(ids.alice, grants[1]!),
  };
  for (const [what, happen] of Object.entries(since)) {
    it(`are all dead once ${what}: InvalidSignature`, async () => {
      const { world, revocations, grants, message } = await signed();
      const { consents, alice } = world;
      const keptBack = await authorize(consents, "ConsentChanges", message, alice);
      await happen(world, grants);

      await expect(consents.changeConsentsWithSig(revocations, grants, keptBack))
        .to.be.revertedWithCustomError(consents, "InvalidSignature")
        .withArgs(alice.address);
    });
  }

  it("aren't a single grant's signature, nor the other way round", async () => {
    const world = await load();
    const { consents, alice, ids } = world;
    const given = await grantToInsurer(world);
    const batch = await signChanges(world, alice, [], [given]);
    const single = await signGrant(world, alice, given, await inADay(world));

    await expect(consents.grantWithSig(ids.alice, given, batch)).to.be.revertedWithCustomError(
      consents,
      "InvalidSignature",
    );
    await expect(consents.changeConsentsWithSig([], [given], single)).to.be.revertedWithCustomError(
      consents,
      "InvalidSignature",
    );
  });

  it("show the name that the Registrar has, and no other one", async () => {
    const { world, revocations, grants } = await signed();
    const { consents, alice, ids } = world;
    const names = new Map([...world.names, [ids.insurer, "General Hospital"]]);
    const misled = await signChanges({ ...world, names }, alice, revocations, grants);

    await expect(consents.changeConsentsWithSig(revocations, grants, misled)).to.be.revertedWithCustomError(
      consents,
      "InvalidSignature",
    );
  });
});
