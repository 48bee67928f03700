import { expect } from "chai";

import type { ChartChainError } from "../../../src/errors/index.js";
import { ContractAccountSigner } from "../contract-account.js";
import { bytes, expectCode, HOUR, inFuture, text } from "../helpers.js";
import { everyMutationOf } from "../mutations.js";
import { type Actor, backupOf, createDevnet, type Devnet, handOn, relate, throughJson } from "../../../devnet/index.js";

const DAY = 24 * HOUR;

describe("the accounts of a participant", () => {
  let world: Devnet;
  let clinic: Actor;
  let alice: Actor;
  let phone: Actor;
  let made = 0;
  before(async () => {
    world = await createDevnet();
    clinic = await world.institution("General Hospital");
  });
  after(() => world.close());
  beforeEach(async () => {
    alice = await world.patient(`alice ${++made}`);
    phone = await world.actor(`phone ${made}`);
  });

  const joining = async (participant = alice.id, lifetime = HOUR) =>
    throughJson(await phone.client.signJoining({ participant, lifetime }));
  const add = async () => alice.client.addAccount({ file: await joining() });
  const account = () => ({ account: phone.wallet.address });

  it("are as many as were added: each acts for the same participant, with a copy of the vault", async () => {
    phone = await world.actor("phone with alice's vault", { backup: await backupOf(alice) });
    const { events } = await add();
    expect(events["AccountAdded"]).to.deep.include({ id: BigInt(alice.id), account: phone.wallet.address, scope: 1n });
    expect(await phone.client.ownId()).to.equal(alice.id);
    await relate(clinic, { ...alice, client: phone.client });
    const until = await inFuture(world, HOUR);
    await phone.client.grantAccess({ viewer: clinic.id, categories: ["CARE"], purpose: "TREAT", until });
    const question = {
      patient: alice.id,
      steward: alice.id,
      viewer: clinic.id,
      category: "CARE",
      purpose: "TREAT",
    } as const;
    expect(await clinic.client.canView(question)).to.equal(true);
  });

  it("may be a contract's, which says itself that it joins", async () => {
    const signer = await ContractAccountSigner.deploy(phone.wallet);
    phone.client = await world.clientOf(phone, { runner: signer });
    await alice.client.addAccount({ file: await joining() });
    expect(await phone.client.ownId()).to.equal(alice.id);
    await clinic.client.relay({ file: await phone.client.signCancelSignatures() });
  });

  it("may be an institution's operators, which the authority freezes and an owner removes", async () => {
    await clinic.client.addAccount({ file: await joining(clinic.id) });
    expect(await phone.client.ownId()).to.equal(clinic.id);
    await phone.client.proposeRelationship({ patient: alice.id });
    await expectCode("NOT_AN_OWNER", phone.client.changeKey());
    await expectCode("NOT_AN_OWNER", phone.client.retireAccount({ account: clinic.wallet.address }));

    const institution = { institution: clinic.id };
    await expectCode("FREEZE_UNCHANGED", world.authority.thawOperators(institution));
    await world.authority.freezeOperators(institution);
    await expectCode("FREEZE_UNCHANGED", world.authority.freezeOperators(institution));
    await expectCode("OPERATOR_FROZEN", phone.client.ownId());
    expect(await clinic.client.ownId()).to.equal(clinic.id);
    await world.authority.thawOperators(institution);
    expect(await phone.client.ownId()).to.equal(clinic.id);

    await clinic.client.retireAccount(account());
    await expectCode("ACCOUNT_RETIRED", phone.client.ownId());
    await expectCode("ACCOUNT_RETIRED", clinic.client.keepAccount(account()));
  });

  it("may be an institution's owners, who act after two days unless one that is there stops it", async () => {
    await clinic.client.addAccount({ file: await joining(clinic.id), scope: "owner" });
    const stopped = await world.actor(`stopped ${made}`);
    const file = throughJson(await stopped.client.signJoining({ participant: clinic.id }));
    await phone.client.relay({ file: await clinic.client.signAddAccount({ file, scope: "owner" }) });
    await expectCode("OWNER_PENDING", phone.client.ownId());
    await clinic.client.retireAccount({ account: stopped.wallet.address });
    await world.increaseTime(2 * DAY);
    expect(await phone.client.ownId()).to.equal(clinic.id);
    await expectCode("ACCOUNT_RETIRED", stopped.client.ownId());
    await phone.client.changeKey();
    await phone.client.cancelKeyChange();
  });

  it("are listed with what they may do and whether they act", async () => {
    const lab = await world.institution(`Laboratory ${made}`);
    await lab.client.addAccount({ file: await joining(lab.id) });
    const owner = await world.actor(`owner ${made}`);
    const file = throughJson(await owner.client.signJoining({ participant: lab.id }));
    await lab.client.addAccount({ file, scope: "owner" });
    await lab.client.retireAccount({ account: lab.wallet.address });
    const listed = await alice.client.listAccounts({ participant: lab.id });
    expect(listed.map(({ account: address, scope, acts }) => [address, scope, acts])).to.deep.equal([
      [lab.wallet.address, "owner", true],
      [phone.wallet.address, "operator", true],
      [owner.wallet.address, "owner", false],
    ]);
    const [first, , last] = listed;
    expect(last!.actsFrom).to.be.greaterThan(first!.actsFrom + 2 * DAY - HOUR);
    expect(first!.retiresAt).to.be.greaterThan(first!.actsFrom);
    expect(await lab.client.listAccounts()).to.deep.equal(listed);
    expect((await alice.client.listAccounts()).map(({ scope }) => scope)).to.deep.equal(["owner"]);
  });

  it("are no operators of a person", async () => {
    await expectCode("NOT_AN_INSTITUTION", alice.client.addAccount({ file: await joining(), scope: "operator" }));
  });

  it("aren't added without asking the account, nor for anybody but whom it asked for", async () => {
    const file = await joining();
    for (const mutation of everyMutationOf(file)) {
      const outcome = await alice.client.addAccount({ file: mutation.file }).then(
        () => "added",
        (error: ChartChainError) => error.code ?? String(error),
      );
      expect(outcome, mutation.path).to.match(/^HANDOVER_/);
    }
    const bob = await world.patient(`bob ${made}`);
    await expectCode("INVALID_SIGNATURE", bob.client.addAccount({ file }));
    await expectCode("HANDOVER_WRONG_KIND", alice.client.addAccount({ file: { ...file, kind: "chartchain/grant" } }));
    await alice.client.addAccount({ file });
  });

  it("aren't added when the word is too old, was cancelled, or the account is taken", async () => {
    const late = await joining(alice.id, 60);
    await world.increaseTime(120);
    await expectCode("SIGNATURE_EXPIRED", alice.client.addAccount({ file: late }));
    const cancelled = await joining();
    await alice.client.cancelSignatures();
    await expectCode("INVALID_SIGNATURE", alice.client.addAccount({ file: cancelled }));
    await add();
    await expectCode("ALREADY_REGISTERED", add());
    await expectCode("ALREADY_REGISTERED", clinic.client.addAccount({ file: await joining(clinic.id) }));
  });

  it("retire in 30 days, unless one of them is kept, also by itself", async () => {
    await add();
    await alice.client.retireAccount(account());
    await expectCode("RETIREMENT_UNCHANGED", alice.client.retireAccount(account()));
    await world.increaseTime(29 * DAY);
    expect(await phone.client.ownId(), "it acts until then").to.equal(alice.id);
    await phone.client.keepAccount(account());
    await world.increaseTime(2 * DAY);
    expect(await phone.client.ownId()).to.equal(alice.id);
    await expectCode("RETIREMENT_UNCHANGED", alice.client.keepAccount(account()));

    await alice.client.retireAccount(account());
    await world.increaseTime(30 * DAY);
    await expectCode("ACCOUNT_RETIRED", phone.client.ownId());
    await expectCode("ACCOUNT_RETIRED", phone.client.keepAccount(account()));
    await expectCode("ACCOUNT_RETIRED", alice.client.keepAccount(account()));
    await expectCode("ALREADY_REGISTERED", phone.client.registerPatient());
    expect(await alice.client.ownId()).to.equal(alice.id);
  });

  it("are the participant's own to retire and keep", async () => {
    const stranger = await world.patient(`stranger ${made}`);
    const { address } = alice.wallet;
    await expectCode("NOT_OWN_ACCOUNT", stranger.client.retireAccount({ account: address }));
    await expectCode("NOT_OWN_ACCOUNT", stranger.client.keepAccount({ account: address }));
    await expectCode("NOT_REGISTERED", alice.client.retireAccount(account()));
    await expectCode("NOT_REGISTERED", phone.client.retireAccount(account()));
    await expectCode("NOT_REGISTERED", phone.client.cancelSignatures());
  });

  it("that are retired give no more keys that anybody takes", async () => {
    await add();
    await relate(clinic, alice);
    const { digest } = await clinic.client.addRecord({ patient: alice.id, category: "CARE", content: bytes("a note") });
    await handOn(clinic, alice, alice.id);
    const until = await inFuture(world, 60 * DAY);
    const viewer = await world.patient(`viewer ${made}`);
    await alice.client.grantAccess({ viewer: viewer.id, categories: ["CARE"], purpose: "TREAT", until });
    const asPhone = await world.clientOf(alice, { runner: phone.wallet });
    const file = await asPhone.deliver({ patient: alice.id, viewer: viewer.id, purpose: "TREAT" });
    await alice.client.retireAccount(account());
    await world.increaseTime(30 * DAY);
    await expectCode("GRANTER_NOT_ENTITLED", viewer.client.takeDelivery({ file: throughJson(file) }));
    const again = await alice.client.deliver({ patient: alice.id, viewer: viewer.id, purpose: "TREAT", again: true });
    await viewer.client.takeDelivery({ file: throughJson(again) });
    expect(text((await viewer.client.openRecord({ digest, purpose: "TREAT" })).content)).to.equal("a note");
  });

  it("cancel what was signed and not used, and nothing else", async () => {
    const until = await inFuture(world, HOUR);
    const of = { viewer: clinic.id, purpose: "TREAT", until } as const;
    await alice.client.grantAccess({ ...of, categories: ["CARE"] });
    const kept = await alice.client.signGrantAccess({ ...of, categories: ["SUMMARY"] });
    const before = await alice.client.overviewOf({ patient: alice.id });
    const { events } = await alice.client.cancelSignatures();
    expect(events["SignaturesCancelled"]).to.deep.equal({ id: BigInt(alice.id), signatureEpoch: 1n });
    const after = await alice.client.overviewOf({ patient: alice.id });
    expect(after).to.deep.equal({ ...before, signatureEpoch: before.signatureEpoch + 1 });
    await expectCode("INVALID_SIGNATURE", clinic.client.relay({ file: kept }));
    const question = {
      patient: alice.id,
      steward: alice.id,
      viewer: clinic.id,
      category: "CARE",
      purpose: "TREAT",
    } as const;
    expect(await clinic.client.canView(question)).to.equal(true);
  });
});
