import { expect } from "chai";

import { identitySalt, type Client, type GuardiansFile } from "../../../src/sdk/index.js";
import { keyDocumentOf } from "../../../src/sdk/people/participants.js";
import { bytes, expectCode, HOUR, inFuture, text, thisYear } from "../helpers.js";
import {
  type Actor,
  childRequest,
  backupOf,
  createDevnet,
  type Devnet,
  handOn,
  propose,
  relate,
  throughJson,
} from "../../../devnet/index.js";

const DAY = 24 * HOUR;

describe("a recovery", () => {
  let world: Devnet;
  let clinic: Actor;
  let viewer: Actor;
  let bob: Actor;
  let carol: Actor;
  let erin: Actor;
  let alice: Actor;
  /** Alice with another account, and her vault out of a backup. */
  let again: Actor;
  let file: GuardiansFile;
  let patients = 0;
  before(async () => {
    world = await createDevnet();
    clinic = await world.institution("General Hospital");
    viewer = await world.patient("viewer");
    bob = await world.patient("bob");
    carol = await world.patient("carol");
    erin = await world.patient("erin");
  });
  after(() => world.close());
  beforeEach(async () => {
    alice = await world.patient(`alice ${++patients}`);
    const members = [bob.id, carol.id, erin.id];
    file = throughJson((await alice.client.setGuardians({ members, threshold: 2, delay: DAY })).file);
    again = await world.actor(`alice ${patients} again`, { backup: await backupOf(alice) });
  });

  const asked = () => ({ file, newAccount: again.wallet.address });
  const recovery = (starter = bob) => clinic.client.recoveryOf({ participant: alice.id, starter: starter.id });
  const open = () => clinic.client.listRecoveries({ participant: alice.id });
  const pend = async () => {
    await bob.client.startRecovery(asked());
    await carol.client.approveRecovery(asked());
  };
  const execute = async () => {
    await world.increaseTime(DAY + 60);
    await again.client.executeRecovery({ file });
    again.id = await again.client.ownId();
  };
  const grant = async (changes: object = {}) => ({
    ...{ viewer: viewer.id, categories: ["CARE"] as const, purpose: "TREAT" as const },
    until: await inFuture(world, 60 * DAY),
    ...changes,
  });
  const write = (content: string) =>
    clinic.client.addRecord({ patient: alice.id, category: "CARE", content: bytes(content), again: true });
  const canView = () =>
    clinic.client.canView({
      patient: alice.id,
      steward: alice.id,
      viewer: viewer.id,
      category: "CARE",
      purpose: "TREAT",
    });

  describe("goes", () => {
    it("from a start through approvals to a delay", async () => {
      expect(await open()).to.deep.equal([]);
      const { events } = await bob.client.startRecovery(asked());
      expect(events["RecoveryStarted"]).to.deep.include({ id: BigInt(alice.id), newAccount: again.wallet.address });
      const started = { participant: alice.id, starter: bob.id, number: 1, newAccount: again.wallet.address };
      expect(await recovery()).to.deep.include({ ...started, stage: "Collecting", approvals: 1 });
      await expectCode("RECOVERY_OPEN", bob.client.startRecovery(asked()));
      await expectCode("ALREADY_APPROVED", bob.client.approveRecovery(asked()));
      await carol.client.approveRecovery(asked());
      expect(await open()).to.have.length(1);
      const [pending] = await open();
      expect(pending).to.deep.include({ ...started, stage: "Pending", approvals: 2 });
      expect(Math.abs(pending!.since - (await inFuture(world, 0)))).to.be.at.most(60);
      await erin.client.approveRecovery(asked());
      expect(await recovery()).to.deep.include({ stage: "Pending", approvals: 3 });
    });

    it("its own way for each guardian, and the one that is meant is approved", async () => {
      const other = await world.actor(`other ${patients}`);
      await bob.client.startRecovery({ file, newAccount: other.wallet.address });
      await carol.client.startRecovery(asked());
      expect((await open()).map(({ starter, newAccount }) => [starter, newAccount])).to.deep.equal([
        [bob.id, other.wallet.address],
        [carol.id, again.wallet.address],
      ]);
      await erin.client.approveRecovery(asked());
      expect((await recovery(carol)).stage).to.equal("Pending");
      await expectCode("RECOVERY_PENDING", erin.client.approveRecovery({ file, newAccount: other.wallet.address }));
      await execute();
      expect(await open(), "the execution ends the others").to.deep.equal([]);
    });

    it("on with the one of the same account that a guardian hasn't approved yet, and that is nearest to its end", async () => {
      await bob.client.startRecovery(asked());
      await carol.client.startRecovery(asked());
      await bob.client.approveRecovery({ ...asked(), newAccount: again.wallet.address.toLowerCase() });
      expect(await recovery(carol)).to.deep.include({ stage: "Pending", approvals: 2, approvedBy: [0, 1] });
      await alice.client.vetoRecovery();
      await erin.client.approveRecovery(asked());
      expect(await recovery(bob)).to.deep.include({ stage: "Collecting", approvedBy: [0] });
      expect(await recovery(carol)).to.deep.include({ stage: "Unstoppable", approvedBy: [0, 1, 2] });
      await world.increaseTime(DAY);
      await execute();
      expect(again.id).to.equal(alice.id);
    });

    it("nowhere without enough guardians, or when nobody goes on with it", async () => {
      await bob.client.startRecovery(asked());
      await expectCode("NO_RECOVERY_PENDING", again.client.executeRecovery({ file }));
      await world.increaseTime(3 * DAY + 60);
      expect([await open(), (await recovery()).stage]).to.deep.equal([[], "None"]);
      await expectCode("NO_RECOVERY_FOR_ACCOUNT", carol.client.approveRecovery(asked()));
      await expectCode("NO_RECOVERY_FOR_ACCOUNT", again.client.executeRecovery({ file }));
      await pend();
      expect(await recovery()).to.deep.include({ number: 2, stage: "Pending" });
      await expectCode("RECOVERY_TOO_EARLY", again.client.executeRecovery({ file }));
      await world.increaseTime(9 * DAY);
      expect((await recovery()).stage, "nobody executed it").to.equal("None");
      await alice.client.grantAccess(await grant());
    });
  });

  describe("is refused", () => {
    it("for another account than the one that was verified", async () => {
      const thief = await world.actor(`thief ${patients}`);
      await bob.client.startRecovery({ file, newAccount: thief.wallet.address });
      const error = await expectCode("NO_RECOVERY_FOR_ACCOUNT", carol.client.approveRecovery(asked()));
      expect(error.details["open"]).to.deep.equal([thief.wallet.address]);
      await expectCode("NO_RECOVERY_FOR_ACCOUNT", carol.client.signApproveRecovery(asked()));
      await world.increaseTime(3 * DAY + 60);
      await pend();
      await world.increaseTime(DAY + 60);
      await expectCode("NO_RECOVERY_FOR_ACCOUNT", thief.client.executeRecovery({ file }));
      await expectCode("NO_RECOVERY_FOR_ACCOUNT", thief.client.signExecuteRecovery({ file }));
      const stolen = { ...(await again.client.signExecuteRecovery({ file })), account: thief.wallet.address };
      await expectCode("HANDOVER_ALTERED", thief.client.relay({ file: stolen }));
    });

    it("to who is no guardian, doesn't know them, or names an account that is taken", async () => {
      await expectCode("NOT_A_GUARDIAN", viewer.client.startRecovery(asked()));
      await expectCode("NOT_A_GUARDIAN", alice.client.startRecovery(asked()));
      await expectCode("ALREADY_REGISTERED", bob.client.startRecovery({ file, newAccount: viewer.wallet.address }));
      await expectCode("ARGUMENT_INVALID", bob.client.startRecovery({ file, newAccount: "alice" }));
      const guess = { ...file, guardians: { ...file.guardians, salt: `0x${"00".repeat(32)}` } };
      await expectCode("GUARDIANS_MISMATCH", bob.client.startRecovery({ ...asked(), file: guess }));
      await expectCode(
        "NO_GUARDIANS",
        bob.client.startRecovery({ ...asked(), file: { ...file, participant: viewer.id } }),
      );
      await bob.client.startRecovery(asked());
      await expectCode("NOT_A_GUARDIAN", viewer.client.approveRecovery(asked()));
    });
  });

  describe("is vetoed", () => {
    it("once: then it takes one guardian more and twice the delay, and nothing stops it", async () => {
      await expectCode("NO_RECOVERY_RUNNING", alice.client.vetoRecovery());
      await bob.client.startRecovery(asked());
      await expectCode("NO_RECOVERY_RUNNING", alice.client.vetoRecovery({ file }));
      await carol.client.approveRecovery(asked());
      await expectCode(
        "NO_RECOVERY_RUNNING",
        viewer.client.vetoRecovery({ file: { ...file, participant: viewer.id } }),
      );
      await alice.client.vetoRecovery();
      expect(await recovery()).to.deep.include({ stage: "Escalated", approvals: 2 });
      await expectCode("NOT_VETOABLE", alice.client.vetoRecovery());
      await world.increaseTime(DAY + 60);
      await expectCode("NO_RECOVERY_PENDING", again.client.executeRecovery({ file }));
      await erin.client.approveRecovery(asked());
      expect(await recovery()).to.deep.include({ stage: "Unstoppable", approvals: 3 });
      await expectCode("NOT_VETOABLE", alice.client.vetoRecovery());
      await world.increaseTime(DAY + 60);
      await expectCode("RECOVERY_TOO_EARLY", again.client.executeRecovery({ file }));
      await execute();
      expect(again.id).to.equal(alice.id);
    });

    it("to its end, where nobody more approves", async () => {
      await pend();
      await alice.client.vetoRecovery();
      await world.increaseTime(3 * DAY + HOUR + 60);
      expect(await open()).to.deep.equal([]);
      await alice.client.grantAccess(await grant());
    });
  });

  it("lets nothing increase while it is pending, and everything be taken away", async () => {
    const phone = await world.actor(`phone ${patients}`);
    await alice.client.addAccount({ file: await phone.client.signJoining({ participant: alice.id }) });
    await alice.client.retireAccount({ account: phone.wallet.address });
    await alice.client.blockProvider({ provider: clinic.id });
    await alice.client.grantAccess(await grant());
    await alice.client.changeSettings({ longestGrant: 90 });
    const appointment = { delegate: bob.id, view: ["CARE"] as const, until: await inFuture(world, 50 * DAY) };
    await alice.client.appointDelegate(appointment);
    await alice.client.changeKey();
    const tablet = await world.actor(`tablet ${patients}`);
    const joining = await tablet.client.signJoining({ participant: alice.id });
    const attestation = await clinic.client.attestChild({
      ...(await childRequest(alice)),
      ...{ identifier: "mrn|9", salt: identitySalt() },
      comesOfAgeIn: await thisYear(world),
    });
    const lab = await world.institution(`Laboratory ${patients}`);
    const { termsDigest } = await propose(lab, alice.id, [alice]);
    await pend();

    const { client } = alice;
    const increases: Record<string, (as: Client) => Promise<unknown>> = {
      "a grant": async () => client.grantAccess(await grant({ purpose: "ETREAT" })),
      "several changes with a grant": async () => client.changeConsents({ grants: [await grant()] }),
      "an account": () => client.addAccount({ file: joining }),
      "an account that was to go": () => client.keepAccount({ account: phone.wallet.address }),
      "a key": () => client.changeKey(),
      guardians: () => client.setGuardians({ members: [bob.id, carol.id], threshold: 1 }),
      "a delegate": () => client.appointDelegate({ ...appointment, approve: true }),
      "a child": () => client.registerChild({ attestation }),
      "longer grants": () => client.changeSettings({ longestGrant: 0 }),
      "a wider policy for emergencies": () => client.changeSettings({ emergencyCategories: ["SENSITIVE"] }),
      "a relationship": () => client.approveRelationship({ provider: lab.id, termsDigest }),
      "a provider that was blocked": () => client.unblockProvider({ provider: clinic.id }),
    };
    for (const [what, increase] of Object.entries(increases)) {
      const error = await expectCode("RECOVERY_PENDING", increase(client));
      expect(error.details["id"], what).to.equal(alice.id);
    }

    const scope = { viewer: viewer.id, purpose: "TREAT" as const };
    await client.changeConsents({ revocations: [scope] });
    await client.revokeAccess({ viewer: viewer.id });
    await client.dismissDelegate({ delegate: bob.id });
    await client.changeSettings({ longestGrant: 30, refuseUnknownProviders: true, emergencyCategories: [] });
    await client.cancelKeyChange();
    await client.cancelSignatures();
    await client.declineRelationship({ provider: lab.id });
    await client.retireAccount({ account: alice.wallet.address });
    await client.revokeAccess({ everyone: true });
    expect(await canView()).to.equal(false);
  });

  describe("that is executed", () => {
    it("gives the person one account, and ends every other one for good", async () => {
      const phone = await world.actor(`phone ${patients}`);
      await alice.client.addAccount({ file: await phone.client.signJoining({ participant: alice.id }) });
      await pend();
      await execute();
      expect(again.id).to.equal(alice.id);
      for (const former of [alice, phone]) {
        await expectCode("ACCOUNT_RETIRED", former.client.ownId());
        await expectCode("ACCOUNT_RETIRED", former.client.grantAccess(await grant()));
        await expectCode("ACCOUNT_RETIRED", former.client.cancelSignatures());
      }
      expect(await open()).to.deep.equal([]);
      await expectCode("NO_RECOVERY_FOR_ACCOUNT", again.client.executeRecovery({ file }));
    });

    it("may give back an account that the person had", async () => {
      again.client = await world.clientOf(again, { runner: alice.wallet });
      again.wallet = alice.wallet;
      await pend();
      await execute();
      expect(await alice.client.ownId()).to.equal(alice.id);
    });

    it("leaves relationships, ends what was granted, and offers it for one signature", async () => {
      await relate(clinic, alice);
      const granted = await grant();
      await alice.client.grantAccess(granted);
      await alice.client.appointDelegate({ delegate: bob.id, view: ["CARE"], until: granted.until });
      const kept = await alice.client.signGrantAccess(await grant({ purpose: "HPAYMT" }));
      await pend();
      await execute();
      const { relationships } = await again.client.overviewOf({ patient: again.id });
      expect(relationships.map(({ provider, status }) => [provider, status])).to.deep.equal([[clinic.id, "Active"]]);
      expect(await canView()).to.equal(false);
      expect(await clinic.client.listDelegates({ patient: again.id })).to.deep.equal([]);
      await expectCode("ACCOUNT_RETIRED", clinic.client.relay({ file: throughJson(kept) }));

      const former = await again.client.formerGrants();
      expect(former.map(({ viewer: of, categories }) => [of, categories])).to.deep.equal([[viewer.id, ["CARE"]]]);
      const signed = await again.client.signChangeConsents({ grants: former });
      await clinic.client.relay({ file: throughJson(signed) });
      expect(await canView()).to.equal(true);
    });

    it("brings a key of the restored vault, which counts at once and reads what was there before", async () => {
      await relate(clinic, alice);
      const { digest } = await write("before");
      await handOn(clinic, alice, alice.id);
      const restored = await world.actor(`alice ${patients} restored`, { backup: await backupOf(alice) });
      again = restored;
      await pend();
      await execute();
      const { publicKey, keyVersion } = await keyDocumentOf(clinic.client, again.id);
      expect([keyVersion, again.vault.identity.keyVersion]).to.deep.equal([2, 2]);
      expect(publicKey).to.deep.equal((await again.vault.identity.keyPair()).publicKey);
      expect(alice.vault.identity.keyVersions(), "which the former vault doesn't have").to.deep.equal([1]);
      expect(text((await again.client.openRecord({ digest })).content)).to.equal("before");
      expect((await again.client.verifyHistory({ patient: again.id })).complete).to.equal(true);
      await world.reopen(again);
      expect(again.vault.identity.keyVersion).to.equal(2);
    });

    it("is followed by the vault also where somebody else sent it", async () => {
      await pend();
      await world.increaseTime(DAY + 60);
      const signed = await again.client.signExecuteRecovery({ file });
      await clinic.client.relay({ file: throughJson(signed) });
      await world.reopen(again);
      expect([await again.client.ownId(), again.vault.identity.keyVersion]).to.deep.equal([alice.id, 2]);
    });

    it("closes what comes later to the former vault and its account", async () => {
      await relate(clinic, alice);
      const before = await write("before");
      await handOn(clinic, alice, alice.id);
      await pend();
      await execute();
      const after = await write("after");
      expect(after).to.deep.include({ round: 1, roundOpened: true });
      expect((await write("after that")).round).to.equal(1);
      const delivery = throughJson(await clinic.client.deliver({ patient: again.id, viewer: again.id }));
      await again.client.takeDelivery({ file: delivery });
      expect(text((await again.client.openRecord({ digest: after.digest })).content)).to.equal("after");

      // Whoever has the former vault has the account's key, and somehow gets the file.
      await expectCode("ACCOUNT_RETIRED", alice.client.takeDelivery({ file: delivery }));
      const posing = await world.clientOf(alice, { runner: again.wallet });
      await expectCode("VAULT_KEY_VERSION_UNKNOWN", posing.takeDelivery({ file: delivery }));
      await expectCode("RECORD_UNKNOWN", posing.openRecord({ digest: after.digest }));
      await expectCode("ACCOUNT_RETIRED", alice.client.openRecord({ digest: before.digest }));
    });

    it("brings a fresh key even where the former vault, which a thief may have, had prepared the next one", async () => {
      await relate(clinic, alice);
      await alice.client.changeKey();
      again = await world.actor(`alice ${patients} restored late`, { backup: await backupOf(alice) });
      expect(again.vault.identity.keyVersions()).to.deep.equal([1, 2]);
      await pend();
      await world.increaseTime(DAY + 60);
      const first = await again.client.signExecuteRecovery({ file });
      const signed = await again.client.signExecuteRecovery({ file });
      expect(signed.message["keyDocument"], "the same for each acceptance").to.equal(first.message["keyDocument"]);
      await clinic.client.relay({ file: throughJson(signed) });
      await world.reopen(again);
      again.id = await again.client.ownId();
      const { publicKey, keyVersion } = await keyDocumentOf(clinic.client, again.id);
      expect([keyVersion, again.vault.identity.keyVersion]).to.deep.equal([2, 2]);
      expect(publicKey).to.deep.equal((await again.vault.identity.keyPair(2)).publicKey);
      expect(publicKey).not.to.deep.equal((await alice.vault.identity.keyPair(2)).publicKey);

      const after = await write("after");
      const delivery = throughJson(await clinic.client.deliver({ patient: again.id, viewer: again.id }));
      const posing = await world.clientOf(alice, { runner: again.wallet });
      await posing.takeDelivery({ file: delivery }).then(
        () => expect.fail("the former vault opened it"),
        () => undefined,
      );
      await again.client.takeDelivery({ file: delivery });
      expect(text((await again.client.openRecord({ digest: after.digest })).content)).to.equal("after");
    });

    it("calls off what a thief had announced: a key, and other guardians", async () => {
      const thief = await world.actor(`thief ${patients}`);
      const stolen = await world.clientOf(thief, { runner: alice.wallet });
      await stolen.changeKey();
      const thieves = await stolen.setGuardians({ members: [viewer.id, clinic.id], threshold: 1, delay: DAY });
      await pend();
      await world.increaseTime(3 * DAY);
      expect((await clinic.client.describeParticipant({ id: alice.id })).keyVersion, "it waits").to.equal(1);
      await execute();
      const { publicKey, keyVersion } = await keyDocumentOf(clinic.client, again.id);
      expect(keyVersion).to.equal(2);
      expect(publicKey).to.deep.equal((await again.vault.identity.keyPair(2)).publicKey);
      expect(await clinic.client.keyChangeOf({ participant: again.id })).to.equal(undefined);
      await world.increaseTime(40 * DAY);
      const newAccount = thief.wallet.address;
      await expectCode("GUARDIANS_MISMATCH", viewer.client.startRecovery({ file: thieves.file, newAccount }));
      await bob.client.startRecovery({ file, newAccount });
    });
  });
});
