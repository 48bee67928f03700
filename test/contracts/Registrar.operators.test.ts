import { expect } from "chai";
import type { Signer } from "ethers";

import { ContractAccount__factory } from "../../typechain-types/index.js";
import {
  OWNER_DELAY,
  RETIREMENT_DELAY,
  WAYS,
  add,
  keep,
  loadOperator,
  retire,
  type OperatorWorld,
} from "../helpers/contracts/accounts.js";
import { loadOfAge, takeOver } from "../helpers/contracts/child-world.js";
import { decree, freeze } from "../helpers/contracts/decrees.js";
import { Kind, OPERATOR, OWNER } from "../helpers/contracts/participants.js";
import { signAtRegistrar, signJoining } from "../helpers/contracts/signatures.js";
import { DAY, signOffer } from "../helpers/contracts/typed-data.js";
import { TERMS, digestOf, now, offerToAlice } from "../helpers/contracts/world.js";

const propose = ({ relationships, ids }: OperatorWorld, by: Signer) =>
  relationships.connect(by).propose(ids.alice, TERMS, 0);

for (const way of WAYS) {
  const join = async (world: OperatorWorld, joining: Signer & { address: string }, scope: bigint, by = world.owner) =>
    add(world, way, by, await signJoining(world, joining, world.ids.hospital), scope);

  describe(`Registrar: operators and owners, ${way}`, () => {
    it("adds an operator, which does the daily work at once", async () => {
      const world = await loadOperator();
      const { registrar, relationships, ids, newPhone } = world;
      const epoch = (await registrar.epochsOf(ids.hospital))[1];

      await expect(join(world, newPhone, OPERATOR))
        .to.emit(registrar, "AccountAdded")
        .withArgs(ids.hospital, newPhone.address, OPERATOR, (from: bigint) => from > 0n);

      const since = BigInt(await now(world));
      expect(await registrar.accountOf(newPhone.address)).to.deep.equal([
        ...[ids.hospital, Kind.INSTITUTION, OPERATOR],
        ...[0n, since, 0n],
      ]);
      expect(await registrar.authenticateProvider(newPhone.address)).to.equal(ids.hospital);
      expect((await registrar.epochsOf(ids.hospital))[1], "nothing that was signed dies").to.equal(epoch);
      await expect(propose(world, newPhone)).to.emit(relationships, "RelationshipProposed");
    });

    it("has a new owner wait for two days: OwnerPending", async () => {
      const world = await loadOperator();
      const { registrar, ids, newPhone, networkHelpers } = world;
      await join(world, newPhone, OWNER);
      const from = (await now(world)) + OWNER_DELAY;

      for (const ask of [registrar.authenticate, registrar.authenticateOwner, registrar.authenticateProvider]) {
        await expect(ask(newPhone.address))
          .to.be.revertedWithCustomError(registrar, "OwnerPending")
          .withArgs(newPhone.address, from);
      }
      expect(await registrar.participantOf(newPhone.address)).to.equal(0);
      await networkHelpers.time.increaseTo(from);
      expect(await registrar.authenticateOwner(newPhone.address)).to.equal(ids.hospital);
    });

    it("lets an owner stop a new one while it waits, for good: AccountRetired", async () => {
      const world = await loadOperator();
      const { registrar, ids, newPhone, networkHelpers } = world;
      await join(world, newPhone, OWNER);

      await expect(retire(world, way, world.owner, newPhone.address))
        .to.emit(registrar, "AccountRetiring")
        .withArgs(ids.hospital, newPhone.address, (from: bigint) => from > 0n);

      await expect(keep(world, way, world.owner, newPhone.address))
        .to.be.revertedWithCustomError(registrar, "AccountRetired")
        .withArgs(newPhone.address);
      await networkHelpers.time.increase(OWNER_DELAY);
      await expect(registrar.authenticate(newPhone.address)).to.be.revertedWithCustomError(registrar, "AccountRetired");
    });

    it("removes an operator at once and for good: AccountRetired", async () => {
      const world = await loadOperator();
      const { registrar, ids, owner, operator } = world;
      await retire(world, way, owner, operator.address);

      expect((await registrar.accountOf(operator.address)).retiresAt).to.equal(await now(world));
      await expect(propose(world, operator)).to.be.revertedWithCustomError(registrar, "AccountRetired");
      await expect(keep(world, way, owner, operator.address)).to.be.revertedWithCustomError(
        registrar,
        "AccountRetired",
      );
      await expect(retire(world, way, owner, operator.address)).to.be.revertedWithCustomError(
        registrar,
        "AccountRetired",
      );
      await expect(join(world, operator, OPERATOR))
        .to.be.revertedWithCustomError(registrar, "AlreadyRegistered")
        .withArgs(operator.address);
      expect(await registrar.participantOf(operator.address)).to.equal(0);
      expect(await registrar.participantOf(owner.address)).to.equal(ids.hospital);
    });

    it("retires an owner that acts in thirty days, as a person's account", async () => {
      const world = await loadOperator();
      const { registrar, ids, owner, newPhone, networkHelpers } = world;
      await join(world, newPhone, OWNER);
      await networkHelpers.time.increase(OWNER_DELAY);
      await retire(world, way, newPhone, owner.address);

      expect((await registrar.accountOf(owner.address)).retiresAt).to.equal((await now(world)) + RETIREMENT_DELAY);
      await keep(world, way, owner, owner.address);
      expect(await registrar.authenticateOwner(owner.address)).to.equal(ids.hospital);
    });

    it("has no operator decide about accounts: NotAnOwner", async () => {
      const world = await loadOperator();
      const { registrar, owner, operator, newPhone } = world;

      for (const [what, act] of [
        ["adds an operator", () => join(world, newPhone, OPERATOR, operator)],
        ["adds an owner", () => join(world, newPhone, OWNER, operator)],
        ["retires the owner", () => retire(world, way, operator, owner.address)],
        ["retires itself", () => retire(world, way, operator, operator.address)],
        ["keeps itself", () => keep(world, way, operator, operator.address)],
      ] as const) {
        await expect(act(), what).to.be.revertedWithCustomError(registrar, "NotAnOwner").withArgs(operator.address);
      }
    });

    it("gives a person no operator: NotAnInstitution", async () => {
      const world = await loadOperator();
      const { registrar, alice, newPhone, ids } = world;

      await expect(add(world, way, alice, await signJoining(world, newPhone, ids.alice), OPERATOR))
        .to.be.revertedWithCustomError(registrar, "NotAnInstitution")
        .withArgs(ids.alice);
    });
  });
}

describe("Registrar: an invitation", () => {
  it("is for the scope that it names: InvalidSignature", async () => {
    const world = await loadOperator();
    const { registrar, owner, newPhone, ids } = world;
    const joining = await signJoining(world, newPhone, ids.hospital);
    for (const [word, scope] of [
      ["operator", OWNER],
      ["owner", OPERATOR],
    ] as const) {
      const invitation = { account: newPhone.address, scope: word };
      const inviting = await signAtRegistrar(world, "AccountInvitation", owner, invitation);
      await expect(registrar.addAccountWithSig(scope, joining, inviting))
        .to.be.revertedWithCustomError(registrar, "InvalidSignature")
        .withArgs(owner.address);
    }
  });
});

describe("Registrar: the freeze of operators", () => {
  it("has only the owners act, at once, until it is lifted after the authority's delay: OperatorFrozen", async () => {
    const world = await loadOperator();
    const { registrar, relationships, ids, owner, operator, authority } = world;
    await expect(freeze(world, ids.hospital)).to.emit(registrar, "OperatorsFrozen").withArgs(ids.hospital);

    await expect(propose(world, operator))
      .to.be.revertedWithCustomError(registrar, "OperatorFrozen")
      .withArgs(operator.address);
    expect(await registrar.participantOf(operator.address)).to.equal(0);
    await expect(propose(world, owner)).to.emit(relationships, "RelationshipProposed");
    await expect(registrar.connect(authority).thawOperators(ids.hospital)).to.be.revertedWithCustomError(
      world.accessManager,
      "AccessManagerNotScheduled",
    );
    await expect(decree(world, "thawOperators", [ids.hospital]))
      .to.emit(registrar, "OperatorsThawed")
      .withArgs(ids.hospital);
    await expect(relationships.connect(operator).withdraw(ids.alice)).to.emit(relationships, "RelationshipWithdrawn");
  });

  it("lasts, and counts for operators that are added under it", async () => {
    const world = await loadOperator();
    const { registrar, ids, owner, newPhone, networkHelpers } = world;
    await freeze(world, ids.hospital);
    await add(world, "direct", owner, await signJoining(world, newPhone, ids.hospital), OPERATOR);

    await networkHelpers.time.increase(300 * DAY);
    for (const account of [world.operator, newPhone]) {
      await expect(registrar.authenticate(account.address)).to.be.revertedWithCustomError(registrar, "OperatorFrozen");
    }
  });

  it("keeps the owners from nothing: they add, remove and change keys", async () => {
    const world = await loadOperator();
    const { registrar, ids, owner, operator, networkHelpers } = world;
    await freeze(world, ids.hospital);

    await registrar.connect(owner).retireAccount(operator.address);
    await registrar.connect(owner).changeKey(digestOf("the next key"));
    await networkHelpers.time.increase(2 * DAY);
    expect(await registrar.keyDocumentOf(ids.hospital)).to.equal(digestOf("the next key"));
    expect(await registrar.isInGoodStanding(ids.hospital), "it isn't suspended").to.be.true;
  });

  it("is another institution's matter only where it is frozen, too", async () => {
    const world = await loadOperator();
    const { registrar, ids, operator } = world;
    await freeze(world, ids.laboratory);

    expect(await registrar.participantOf(operator.address)).to.equal(ids.hospital);
  });

  it("comes and goes once: FreezeUnchanged", async () => {
    const world = await loadOperator();
    const { registrar, ids } = world;

    await expect(decree(world, "thawOperators", [ids.hospital]))
      .to.be.revertedWithCustomError(registrar, "FreezeUnchanged")
      .withArgs(ids.hospital);
    await freeze(world, ids.hospital);
    await expect(freeze(world, ids.hospital)).to.be.revertedWithCustomError(registrar, "FreezeUnchanged");
  });

  it("is for institutions: NotAnInstitution", async () => {
    const world = await loadOperator();
    const { registrar, ids } = world;

    for (const id of [ids.alice, 0n]) {
      await expect(freeze(world, id)).to.be.revertedWithCustomError(registrar, "NotAnInstitution").withArgs(id);
      await expect(decree(world, "thawOperators", [id])).to.be.revertedWithCustomError(registrar, "NotAnInstitution");
    }
  });
});

describe("An operator's signature", () => {
  it("lets no child come of age: that gives a person away: NotAnOwner", async () => {
    const world = await loadOfAge();
    const { registrar, generalHospital, tablet, ids } = world;
    await add(world, "direct", generalHospital, await signJoining(world, tablet, ids.hospital), OPERATOR);

    await expect(takeOver(world, { clinic: tablet }))
      .to.be.revertedWithCustomError(registrar, "NotAnOwner")
      .withArgs(tablet.address);
    await expect(takeOver(world)).to.emit(registrar, "CameOfAge");
  });

  it("counts for an offer as long as the operator acts, also that of a contract account (ERC-1271)", async () => {
    const world = await loadOperator();
    const { registrar, relationships, alice, owner, operator, mallory, ids } = world;
    const account = await new ContractAccount__factory(mallory).deploy(mallory.address);
    const joining = await signJoining(world, mallory, ids.hospital, { account: await account.getAddress() });
    await registrar.connect(owner).addAccount(OPERATOR, { ...joining, account: await account.getAddress() });
    const offer = await offerToAlice(world);
    const deadline = (await now(world)) + DAY;
    const signed = {
      "a plain account": await signOffer(world, operator, offer, { deadline }),
      "a contract": { ...(await signOffer(world, mallory, offer, { deadline })), account: await account.getAddress() },
    };

    for (const [what, authorization] of Object.entries(signed)) {
      const accepting = relationships.connect(alice).accept.staticCall(offer, authorization);
      await accepting.catch((error: unknown) => expect.fail(`${what}: ${String(error)}`));
      await freeze(world, ids.hospital);
      await expect(relationships.connect(alice).accept(offer, authorization), what)
        .to.be.revertedWithCustomError(registrar, "OperatorFrozen")
        .withArgs(authorization.account);
      await decree(world, "thawOperators", [ids.hospital]);
      await registrar.connect(owner).retireAccount(authorization.account);
      await expect(relationships.connect(alice).accept(offer, authorization), what).to.be.revertedWithCustomError(
        registrar,
        "AccountRetired",
      );
    }
  });
});
