import { expect } from "chai";

import type { ChartChainError } from "../../../src/errors/index.js";
import { bytes, expectCode, HOUR, inFuture, text } from "../helpers.js";
import { everyMutationOf } from "../mutations.js";
import {
  type Actor,
  backupOf,
  createDevnet,
  type Devnet,
  handOn,
  relate,
  type Restore,
  throughJson,
} from "../../../devnet/index.js";

const DAY = 24 * HOUR;

describe("a new key", () => {
  let world: Devnet;
  let clinic: Actor;
  let alice: Actor;
  let viewer: Actor;
  let digest: string;
  let back: Restore;
  before(async () => {
    world = await createDevnet();
    clinic = await world.institution("General Hospital");
    alice = await world.patient("alice");
    viewer = await world.patient("viewer");
    await relate(clinic, alice);
    ({ digest } = await write("before"));
    const until = await inFuture(world, 100 * DAY);
    await alice.client.grantAccess({ viewer: viewer.id, categories: ["CARE"], purpose: "TREAT", until });
    await changeKey(viewer);
    back = await world.snapshot();
  });
  beforeEach(() => back());
  after(() => world.close());

  const write = (content: string) =>
    clinic.client.addRecord({ patient: alice.id, category: "CARE", content: bytes(content), again: true });
  const changeKey = async (actor: Actor) => {
    await actor.client.changeKey();
    await world.increaseTime(2 * DAY);
    await world.reopen(actor);
  };
  const release = () => clinic.client.releaseKeys({ patient: alice.id, viewer: viewer.id, purpose: "TREAT" });
  const challenge = async () => throughJson(await clinic.client.challengeKey({ participant: viewer.id }));
  const confirmed = async () => throughJson(await viewer.client.answerKeyChallenge({ file: await challenge() }));
  const accept = (file: unknown) => clinic.client.acceptKeyConfirmation({ file });
  const outcome = (attempt: Promise<unknown>) =>
    attempt.then(
      () => "accepted",
      (error: ChartChainError) => error.code ?? String(error),
    );

  it("gets nothing that is older than itself until it is confirmed", async () => {
    await expectCode("KEY_UNCONFIRMED", release());
    await expectCode("KEY_UNCONFIRMED", handOn(clinic, viewer, alice.id));
    expect(await accept(await confirmed())).to.deep.equal({ participant: viewer.id, keyVersion: 2 });
    await handOn(clinic, viewer, alice.id);
    expect(text((await viewer.client.openRecord({ digest, purpose: "TREAT" })).content)).to.equal("before");
  });

  it("gets what is younger than itself at once", async () => {
    const later = await write("after");
    expect(later.round).to.equal(1);
    expect((await handOn(clinic, viewer, alice.id)).grant).to.deep.include({ keys: 1, added: 1 });
    expect(text((await viewer.client.openRecord({ digest: later.digest, purpose: "TREAT" })).content)).to.equal(
      "after",
    );
    await expectCode("RECORD_UNKNOWN", viewer.client.openRecord({ digest, purpose: "TREAT" }));
    await accept(await confirmed());
    expect((await handOn(clinic, viewer, alice.id)).grant).to.deep.include({ added: 1 });
    expect(text((await viewer.client.openRecord({ digest, purpose: "TREAT" })).content)).to.equal("before");
  });

  it("of the patient is treated alike", async () => {
    await changeKey(alice);
    await expectCode("KEY_UNCONFIRMED", handOn(clinic, alice, alice.id));
    const file = await clinic.client.challengeKey({ participant: alice.id });
    await accept(await alice.client.answerKeyChallenge({ file: throughJson(file) }));
    await handOn(clinic, alice, alice.id);
    expect(text((await alice.client.openRecord({ digest })).content)).to.equal("before");
  });

  it("gets nothing from the patient that the patient only received after it: that may be older", async () => {
    await handOn(clinic, alice, alice.id);
    const file = { patient: alice.id, viewer: viewer.id, purpose: "TREAT" } as const;
    await expectCode("KEY_UNCONFIRMED", alice.client.releaseKeys(file));
    const challenge = throughJson(await alice.client.challengeKey({ participant: viewer.id }));
    const answer = throughJson(await viewer.client.answerKeyChallenge({ file: challenge }));
    await alice.client.acceptKeyConfirmation({ file: answer });
    await handOn(alice, viewer, alice.id);
    expect(text((await viewer.client.openRecord({ digest, purpose: "TREAT" })).content)).to.equal("before");
  });

  it("that waited until a recovery lapsed gets nothing from before it counted", async () => {
    const owner = await world.patient("owner");
    const until = await inFuture(world, 100 * DAY);
    await alice.client.grantAccess({ viewer: owner.id, categories: ["SUMMARY"], purpose: "TREAT", until });
    const { file } = await owner.client.setGuardians({ members: [alice.id, viewer.id], threshold: 1, delay: DAY });
    await owner.client.changeKey();
    await viewer.client.startRecovery({ file, newAccount: (await world.actor("again")).wallet.address });
    await world.increaseTime(3 * DAY);
    await clinic.client.addRecord({ patient: alice.id, category: "SUMMARY", content: bytes("while it waited") });
    await world.increaseTime(6 * DAY);
    await world.reopen(owner);
    expect(owner.vault.identity.keyVersion).to.equal(2);
    const keys = () => clinic.client.releaseKeys({ patient: alice.id, viewer: owner.id, purpose: "TREAT" });
    await expectCode("KEY_UNCONFIRMED", keys());
    await clinic.client.addRecord({ patient: alice.id, category: "SUMMARY", content: bytes("once it counted") });
    expect((await keys()).wraps).to.have.length(1);
  });

  it("that was changed once more has to be confirmed once more", async () => {
    const kept = await confirmed();
    await changeKey(viewer);
    const refused = await expectCode("KEY_CONFIRMATION_REFUSED", accept(kept));
    expect(refused.message).to.match(/changed again/);
    await accept(await confirmed());
    await release();
    await changeKey(viewer);
    await expectCode("KEY_UNCONFIRMED", release());
  });

  it("is confirmed by who holds both key and account only", async () => {
    const file = await challenge();
    const thief = await world.actor("thief");
    const withoutKey = await world.clientOf(thief, { runner: viewer.wallet });
    await expectCode("KEY_CHALLENGE_UNANSWERABLE", withoutKey.answerKeyChallenge({ file }));
    const withoutAccount = await world.clientOf(viewer, { runner: alice.wallet });
    const answer = throughJson(await withoutAccount.answerKeyChallenge({ file }));
    const refused = await expectCode("KEY_CONFIRMATION_REFUSED", accept(answer));
    expect(refused.message).to.match(/acts for somebody else/);
    await expectCode("KEY_UNCONFIRMED", release());
  });

  it("is confirmed to who asked, for what was asked, and once", async () => {
    await expectCode("KEY_CHALLENGE_UNANSWERABLE", alice.client.answerKeyChallenge({ file: await challenge() }));
    const lab = await world.institution("Laboratory");
    const older = await confirmed();
    const answer = await confirmed();
    expect(
      (await expectCode("KEY_CONFIRMATION_REFUSED", lab.client.acceptKeyConfirmation({ file: answer }))).message,
    ).to.match(/answers somebody else/);
    expect((await expectCode("KEY_CONFIRMATION_REFUSED", accept(older))).message).to.match(/another challenge/);
    await accept(answer);
    expect((await expectCode("KEY_CONFIRMATION_REFUSED", accept(answer))).message).to.match(/answered already/);
  });

  it("isn't confirmed by files of which any field was altered", async () => {
    const file = await challenge();
    for (const mutation of everyMutationOf(file)) {
      const code = await outcome(viewer.client.answerKeyChallenge({ file: mutation.file }));
      expect(code, mutation.path).to.match(/^(HANDOVER_\w+|KEY_CHALLENGE_UNANSWERABLE)$/);
    }
    const answer = throughJson(await viewer.client.answerKeyChallenge({ file }));
    for (const mutation of everyMutationOf(answer)) {
      expect(await outcome(accept(mutation.file)), mutation.path).to.match(/^HANDOVER_/);
    }
    await accept(answer);
  });

  it("isn't confirmed while a recovery is pending: who answers may be a thief", async () => {
    const [bob, carol] = [await world.patient("bob"), await world.patient("carol")];
    const input = { members: [bob.id, carol.id, alice.id], threshold: 2, delay: DAY };
    const file = throughJson((await viewer.client.setGuardians(input)).file);
    const answer = await confirmed();
    const again = await world.actor("viewer again", { backup: await backupOf(viewer) });
    const asked = { file, newAccount: again.wallet.address };
    await bob.client.startRecovery(asked);
    await carol.client.approveRecovery(asked);
    await expectCode("RECOVERY_PENDING", challenge());
    await expectCode("RECOVERY_PENDING", accept(answer));
    await world.increaseTime(30 * DAY);
    expect(await accept(answer), "once it has lapsed").to.deep.equal({ participant: viewer.id, keyVersion: 2 });
  });

  it("can't be asked for of nobody", async () => {
    await expectCode("UNKNOWN_PARTICIPANT", clinic.client.challengeKey({ participant: 999 }));
  });
});
