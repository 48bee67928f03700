import { expect } from "chai";
import { ZeroHash, type Signer } from "ethers";

import { fixture, keyDocumentOf } from "../../devnet/index.js";
import { pending, withGuardians, type RecoveryWorld } from "../helpers/contracts/recovery.js";
import { signAtRegistrar } from "../helpers/contracts/signatures.js";
import { DAY } from "../helpers/contracts/typed-data.js";
import { digestOf, now } from "../helpers/contracts/world.js";

const load = fixture(withGuardians);
const KEY_CHANGE_DELAY = 2 * DAY;
const [SECOND, THIRD] = [digestOf("the second key document"), digestOf("the third key document")];

const WAYS = ["direct", "signed"] as const;
type Way = (typeof WAYS)[number];

async function change(world: RecoveryWorld, way: Way, by: Signer, keyDocument: string) {
  const { registrar, relayer } = world;
  if (way === "direct") return registrar.connect(by).changeKey(keyDocument);
  const id = await registrar.participantOf(await by.getAddress());
  const keyVersion = (await registrar.keyVersionOf(id)) + 1n;
  const signed = await signAtRegistrar(world, "KeyChange", by, { keyDocument, keyVersion });
  return registrar.connect(relayer).changeKeyWithSig(keyDocument, signed);
}

/** What everybody reads about a participant's key. */
async function keyOf({ registrar }: RecoveryWorld, id: bigint) {
  const [announced, from] = await registrar.keyChangeOf(id);
  return {
    keyDocument: await registrar.keyDocumentOf(id),
    keyVersion: await registrar.keyVersionOf(id),
    announced,
    from,
  };
}

const first = { keyDocument: keyDocumentOf("Alice"), keyVersion: 1n, announced: ZeroHash, from: 0n };
const second = { keyDocument: SECOND, keyVersion: 2n, announced: ZeroHash, from: 0n };

for (const way of WAYS) {
  describe(`Registrar: changing the key, ${way}`, () => {
    it("counts after two days and not a second earlier", async () => {
      const world = await load();
      const { registrar, alice, ids, networkHelpers } = world;
      const time = (await now(world)) + 60;
      const from = time + KEY_CHANGE_DELAY;
      await networkHelpers.time.setNextBlockTimestamp(time);

      await expect(change(world, way, alice, SECOND))
        .to.emit(registrar, "KeyChanging")
        .withArgs(ids.alice, SECOND, 2, from);

      await networkHelpers.time.increaseTo(from - 1);
      expect(await keyOf(world, ids.alice)).to.deep.equal({ ...first, announced: SECOND, from: BigInt(from) });
      await networkHelpers.time.increaseTo(from);
      expect(await keyOf(world, ids.alice)).to.deep.equal(second);
      expect(await keyOf(world, ids.bob)).to.deep.equal({ ...first, keyDocument: keyDocumentOf("Bob") });
    });

    it("can be repeated once it counts", async () => {
      const world = await load();
      const { registrar, alice, ids, networkHelpers } = world;
      await change(world, way, alice, SECOND);
      await networkHelpers.time.increase(KEY_CHANGE_DELAY);
      const time = (await now(world)) + 60;
      await networkHelpers.time.setNextBlockTimestamp(time);

      await expect(change(world, way, alice, THIRD))
        .to.emit(registrar, "KeyChanging")
        .withArgs(ids.alice, THIRD, 3, time + KEY_CHANGE_DELAY);

      const from = BigInt(time + KEY_CHANGE_DELAY);
      expect(await keyOf(world, ids.alice)).to.deep.equal({ ...second, announced: THIRD, from });
      await networkHelpers.time.increase(KEY_CHANGE_DELAY);
      expect(await keyOf(world, ids.alice)).to.deep.equal({ ...second, keyDocument: THIRD, keyVersion: 3n });
    });

    it("is for institutions, too", async () => {
      const world = await load();
      const { generalHospital, ids, networkHelpers } = world;
      await change(world, way, generalHospital, SECOND);
      await networkHelpers.time.increase(KEY_CHANGE_DELAY);

      expect(await keyOf(world, ids.hospital)).to.deep.equal(second);
    });

    it("needs a key document: MissingKeyDocument", async () => {
      const world = await load();

      await expect(change(world, way, world.alice, ZeroHash)).to.be.revertedWithCustomError(
        world.registrar,
        "MissingKeyDocument",
      );
    });

    it("is one at a time: KeyChangeUnderWay", async () => {
      const world = await load();
      const { registrar, alice, ids, networkHelpers } = world;
      await change(world, way, alice, SECOND);
      await networkHelpers.time.increase(KEY_CHANGE_DELAY - 60);

      await expect(change(world, way, alice, THIRD))
        .to.be.revertedWithCustomError(registrar, "KeyChangeUnderWay")
        .withArgs(ids.alice);
    });

    it("is refused while a recovery is pending: RecoveryPending", async () => {
      const world = await load();
      const { registrar, alice, ids } = world;
      await pending(world);

      await expect(change(world, way, alice, SECOND))
        .to.be.revertedWithCustomError(registrar, "RecoveryPending")
        .withArgs(ids.alice);
    });

    it("is for those who are registered: NotRegistered", async () => {
      const world = await load();
      const { registrar, stranger } = world;

      await expect(change(world, way, stranger, SECOND))
        .to.be.revertedWithCustomError(registrar, "NotRegistered")
        .withArgs(stranger.address);
    });
  });
}

describe("Registrar: calling off a change of the key", () => {
  it("leaves the key as it was, and kills the signature that may have asked for the change", async () => {
    const world = await load();
    const { registrar, alice, relayer, ids, networkHelpers } = world;
    const fields = { keyDocument: SECOND, keyVersion: 2n };
    const signed = await signAtRegistrar(world, "KeyChange", alice, fields);
    await registrar.connect(relayer).changeKeyWithSig(SECOND, signed);

    await expect(registrar.connect(alice).cancelKeyChange())
      .to.emit(registrar, "KeyChangeCancelled")
      .withArgs(ids.alice);

    expect(await keyOf(world, ids.alice)).to.deep.equal(first);
    await expect(registrar.connect(relayer).changeKeyWithSig(SECOND, signed))
      .to.be.revertedWithCustomError(registrar, "InvalidSignature")
      .withArgs(alice.address);
    await networkHelpers.time.increase(KEY_CHANGE_DELAY);
    expect(await keyOf(world, ids.alice)).to.deep.equal(first);
  });

  it("is called off by a signature, which counts once, also for the same document in the same second", async () => {
    const world = await load();
    const { registrar, alice, relayer, ids, networkHelpers } = world;
    await registrar.connect(alice).changeKey(SECOND);
    const fields = { keyDocument: SECOND, keyVersion: 2n };
    const signed = await signAtRegistrar(world, "KeyChangeCancellation", alice, fields);
    const at = await networkHelpers.time.latest();
    await networkHelpers.time.setNextBlockTimestamp(at);
    await expect(registrar.connect(relayer).cancelKeyChangeWithSig(signed))
      .to.emit(registrar, "KeyChangeCancelled")
      .withArgs(ids.alice);
    expect(await keyOf(world, ids.alice)).to.deep.equal(first);

    await networkHelpers.time.setNextBlockTimestamp(at);
    await registrar.connect(alice).changeKey(SECOND);
    await expect(registrar.connect(relayer).cancelKeyChangeWithSig(signed))
      .to.be.revertedWithCustomError(registrar, "InvalidSignature")
      .withArgs(alice.address);
  });

  it("is called off by a signature for this change and not for the next one", async () => {
    const world = await load();
    const { registrar, alice, relayer, networkHelpers } = world;
    await registrar.connect(alice).changeKey(SECOND);
    const fields = { keyDocument: SECOND, keyVersion: 2n, deadline: BigInt((await now(world)) + 10 * DAY) };
    const signed = await signAtRegistrar(world, "KeyChangeCancellation", alice, fields);
    await networkHelpers.time.increase(KEY_CHANGE_DELAY);
    await registrar.connect(alice).changeKey(SECOND);

    await expect(registrar.connect(relayer).cancelKeyChangeWithSig(signed))
      .to.be.revertedWithCustomError(registrar, "InvalidSignature")
      .withArgs(alice.address);
  });

  it("needs one also where it is signed: NoKeyChange", async () => {
    const world = await load();
    const { registrar, alice, ids } = world;
    const fields = { keyDocument: ZeroHash, keyVersion: 2n };
    const signed = await signAtRegistrar(world, "KeyChangeCancellation", alice, fields);

    await expect(registrar.cancelKeyChangeWithSig(signed))
      .to.be.revertedWithCustomError(registrar, "NoKeyChange")
      .withArgs(ids.alice);
  });

  it("can be followed by another change", async () => {
    const world = await load();
    const { registrar, alice, ids, networkHelpers } = world;
    await registrar.connect(alice).changeKey(THIRD);
    await registrar.connect(alice).cancelKeyChange();
    await registrar.connect(alice).changeKey(SECOND);
    await networkHelpers.time.increase(KEY_CHANGE_DELAY);

    expect(await keyOf(world, ids.alice)).to.deep.equal(second);
  });

  it("needs one: NoKeyChange", async () => {
    const { registrar, alice, ids } = await load();

    await expect(registrar.connect(alice).cancelKeyChange())
      .to.be.revertedWithCustomError(registrar, "NoKeyChange")
      .withArgs(ids.alice);
  });

  it("comes too late for one that counts: NoKeyChange", async () => {
    const { registrar, alice, ids, networkHelpers } = await load();
    await registrar.connect(alice).changeKey(SECOND);
    await networkHelpers.time.increase(KEY_CHANGE_DELAY);

    await expect(registrar.connect(alice).cancelKeyChange())
      .to.be.revertedWithCustomError(registrar, "NoKeyChange")
      .withArgs(ids.alice);
  });

  it("is for those who are registered: NotRegistered", async () => {
    const { registrar, stranger } = await load();

    await expect(registrar.connect(stranger).cancelKeyChange())
      .to.be.revertedWithCustomError(registrar, "NotRegistered")
      .withArgs(stranger.address);
  });
});

describe("Registrar: a change of the key that a recovery overtakes", () => {
  it("doesn't count while the recovery is pending, and can be called off", async () => {
    const world = await load();
    const { registrar, alice, ids, networkHelpers } = world;
    await registrar.connect(alice).changeKey(SECOND);
    await pending(world);
    await networkHelpers.time.increase(KEY_CHANGE_DELAY);

    expect((await keyOf(world, ids.alice)).keyVersion).to.equal(1);
    expect((await keyOf(world, ids.alice)).announced).to.equal(SECOND);
    await registrar.connect(alice).cancelKeyChange();
    expect(await keyOf(world, ids.alice)).to.deep.equal(first);
  });

  it("counts once the recovery has lapsed", async () => {
    const world = await load();
    const { registrar, alice, ids, networkHelpers } = world;
    await registrar.connect(alice).changeKey(SECOND);
    await pending(world);
    await networkHelpers.time.increase(30 * DAY);

    expect(await keyOf(world, ids.alice)).to.deep.equal(second);
  });

  it("stays where it counted before the recovery was pending", async () => {
    const world = await load();
    const { registrar, alice, ids, networkHelpers } = world;
    await registrar.connect(alice).changeKey(SECOND);
    await networkHelpers.time.increase(KEY_CHANGE_DELAY);
    await pending(world);

    expect(await keyOf(world, ids.alice)).to.deep.equal(second);
  });
});

describe("Registrar: the key of nobody", () => {
  it("is none", async () => {
    const world = await load();

    for (const id of [0n, 999n]) {
      expect(await keyOf(world, id)).to.deep.equal({
        keyDocument: ZeroHash,
        keyVersion: 0n,
        announced: ZeroHash,
        from: 0n,
      });
    }
  });
});
