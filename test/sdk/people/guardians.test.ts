import { expect } from "chai";

import type { ChartChainError } from "../../../src/errors/index.js";
import type { GuardianChoice } from "../../../src/sdk/index.js";
import { expectCode, HOUR, inFuture } from "../helpers.js";
import { everyMutationOf } from "../mutations.js";
import { type Actor, backupOf, createDevnet, type Devnet, throughJson } from "../../../devnet/index.js";
import { guardiansDigest } from "../../../src/sdk/handover/guardians.js";

const DAY = 24 * HOUR;
const NONE = `0x${"00".repeat(32)}`;

describe("guardians", () => {
  let world: Devnet;
  let alice: Actor;
  let bob: Actor;
  let carol: Actor;
  let erin: Actor;
  let patients = 0;
  before(async () => {
    world = await createDevnet();
    bob = await world.patient("bob");
    carol = await world.patient("carol");
    erin = await world.patient("erin");
  });
  after(() => world.close());
  beforeEach(async () => {
    alice = await world.patient(`alice ${++patients}`);
  });

  const choose = (changes: Partial<GuardianChoice> = {}) =>
    alice.client.setGuardians({ members: [erin.id, bob.id, carol.id], threshold: 2, delay: DAY, ...changes });
  const digest = () => alice.client.contracts.Registrar.guardiansOf(alice.id);
  const elsewhere = () => world.actor(`elsewhere ${patients}`);

  it("are a file for each of them; the chain has its digest alone", async () => {
    expect(await digest()).to.equal(NONE);
    const { file, events } = await choose();
    expect(file).to.deep.include({ kind: "chartchain/guardians", participant: alice.id });
    expect(file.guardians).to.deep.include({ members: [bob.id, carol.id, erin.id], threshold: 2, delay: DAY });
    expect(file.guardians.salt).to.match(/^0x[0-9a-f]{64}$/);
    expect(await digest()).to.equal(guardiansDigest(alice.id, file.guardians));
    expect(Object.keys(events)).to.deep.equal(["GuardiansChanging"]);
    const other = await world.patient(`other ${patients}`);
    const again = await other.client.setGuardians({ members: [bob.id, carol.id, erin.id], threshold: 2, delay: DAY });
    expect(again.file.guardians.salt, "fresh").not.to.equal(file.guardians.salt);
  });

  it("are waited for three days unless told otherwise, and named once", async () => {
    const { file } = await alice.client.setGuardians({ members: [bob.id, carol.id, bob.id], threshold: 1 });
    expect(file.guardians).to.deep.include({ members: [bob.id, carol.id], delay: 3 * DAY });
  });

  it("are announced, and seen by everybody, before they count", async () => {
    const change = () => bob.client.guardianChangeOf({ participant: alice.id });
    await choose();
    expect(await change(), "the first ones count at once").to.equal(undefined);
    const { file } = await choose({ threshold: 1 });
    const { guardiansDigest: announced, from } = (await change())!;
    expect(announced).to.equal(guardiansDigest(alice.id, file.guardians));
    expect(from - (await inFuture(world, 0))).to.be.closeTo(30 * DAY, 120);
    await world.increaseTime(30 * DAY + HOUR);
    expect(await change(), "they count by now").to.equal(undefined);
    expect(await digest()).to.equal(announced);
  });

  it("aren't taken where they could never be used", async () => {
    const many = Array.from({ length: 17 }, (_, i) => i + 1);
    const unusable: Record<string, Partial<GuardianChoice>> = {
      "one is too few": { members: [bob.id], threshold: 1 },
      "the same one twice is one": { members: [bob.id, bob.id], threshold: 1 },
      "seventeen are too many": { members: many },
      "nobody guards himself": { members: [alice.id, bob.id] },
      "one doesn't exist": { members: [bob.id, 999] },
      "one is nobody": { members: [bob.id, 0] },
      "one is no number": { members: [bob.id, 1.5] },
      "as many as there are is too many": { threshold: 3 },
      "none is needed": { threshold: 0 },
      "the threshold is no number": { threshold: 1.5 },
      "the delay is too short": { delay: DAY - 1 },
      "the delay is too long": { delay: 7 * DAY + 1 },
      "the delay is no number": { delay: Number.NaN },
    };
    for (const [why, changes] of Object.entries(unusable)) {
      const error = await expectCode("GUARDIANS_UNUSABLE", choose(changes));
      expect(error.message, why).to.match(/can't be used: /);
    }
    expect(await digest()).to.equal(NONE);
    expect(alice.vault.settings.names().filter((name) => name.startsWith("guardians"))).to.deep.equal([]);
    const stranger = await elsewhere();
    await expectCode("NOT_REGISTERED", stranger.client.setGuardians({ members: [bob.id, carol.id], threshold: 1 }));
  });

  it("change in 30 days from the first ones on", async () => {
    await choose();
    const first = await digest();
    const { file } = await choose({ members: [bob.id, carol.id], threshold: 1 });
    expect(await digest()).to.equal(first);
    await world.increaseTime(30 * DAY);
    expect(await digest()).to.equal(first);
    await world.increaseTime(60);
    expect(await digest()).to.equal(guardiansDigest(alice.id, file.guardians));
  });

  it("whose file any field was altered of start nothing", async () => {
    const file = throughJson((await choose()).file);
    const newAccount = (await elsewhere()).wallet.address;
    for (const mutation of everyMutationOf(file)) {
      const outcome = await bob.client.startRecovery({ file: mutation.file, newAccount }).then(
        () => "started",
        (error: ChartChainError) => error.code ?? String(error),
      );
      expect(outcome, mutation.path).to.match(/^(HANDOVER_\w+|GUARDIANS_MISMATCH|NO_GUARDIANS)$/);
    }
    expect(await bob.client.listRecoveries({ participant: alice.id })).to.deep.equal([]);
  });

  describe("are known to the vault", () => {
    /** Guardians give alice another account: what she could veto. */
    async function recover(file: unknown): Promise<void> {
      const newAccount = (await elsewhere()).wallet.address;
      await bob.client.startRecovery({ file, newAccount });
      await carol.client.approveRecovery({ file, newAccount });
    }

    it("that set them, also after a restart", async () => {
      await recover((await choose()).file);
      await world.reopen(alice);
      await alice.client.vetoRecovery();
    });

    it("as those that count, while others are announced or were refused", async () => {
      const { file } = await choose();
      await choose({ members: [carol.id, erin.id], threshold: 1 });
      await recover(file);
      await expectCode("RECOVERY_PENDING", choose({ members: [bob.id, erin.id], threshold: 1 }));
      await alice.client.vetoRecovery();
    });

    it("as the later ones, once these count", async () => {
      await choose({ members: [carol.id, erin.id], threshold: 1 });
      const { file } = await choose();
      await world.increaseTime(30 * DAY + 60);
      await recover(file);
      const veto = await alice.client.signVetoRecovery();
      await carol.client.relay({ file: throughJson(veto) });
    });

    it("in a copy out of a backup, too", async () => {
      await recover((await choose()).file);
      const copy = await world.actor(`copy ${patients}`, { backup: await backupOf(alice) });
      const client = await world.clientOf(copy, { runner: alice.wallet });
      await client.vetoRecovery();
    });

    it("that set them only: another one is given the file", async () => {
      const { file } = await choose();
      await recover(file);
      const { vault } = await world.actor(`new vault ${patients}`);
      const client = await world.clientOf({ ...alice, vault });
      await expectCode("GUARDIANS_UNKNOWN", client.vetoRecovery());
      await expectCode("GUARDIANS_UNKNOWN", client.signVetoRecovery());
      await client.vetoRecovery({ file: throughJson(file) });
    });
  });
});
