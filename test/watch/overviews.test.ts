import { join } from "node:path";

import { expect } from "chai";
import { Wallet } from "ethers";

import { type Client, EVERY_STEWARD } from "../../src/sdk/index.js";
import {
  type ChainIndex,
  consentHistory,
  disclosuresOnChain,
  grantsOf,
  openEmergencies,
  openRecoveries,
  patientsOf,
  relationshipsOf,
  whoAmI,
  whoMaySee,
  whoseRecords,
} from "../../src/watch/index.js";
import { openIndex } from "../../src/watch/node/index.js";
import { type Actor, createDevnet, type Devnet, relate } from "../../devnet/index.js";
import { throughJson } from "../../devnet/handover.js";
import { expectCode, inFuture } from "../sdk/helpers.js";

const DAY = 24 * 60 * 60;

describe("an overview", () => {
  let world: Devnet;
  let hospital: Actor;
  let ambulance: Actor;
  let insurer: Actor;
  let alice: Actor;
  let bob: Actor;
  const indexes: ChainIndex[] = [];
  /** A client of somebody's own, whose index knows nothing yet. */
  const own = async (actor: Actor): Promise<Client> => {
    const { provider, deployment, folder } = world;
    const index = await openIndex({ file: join(folder, `index-${indexes.length}.sqlite`), provider, deployment });
    indexes.push(index);
    return world.clientOf(actor, { events: index });
  };
  before(async () => {
    world = await createDevnet();
    hospital = await world.institution("General Hospital");
    ambulance = await world.institution("Ambulance", ["EMERGENCY"]);
    insurer = await world.institution("Health Insurer", ["PAYER"]);
    alice = await world.patient("alice");
    bob = await world.patient("bob");
    await relate(hospital, alice);
  });
  after(async () => {
    for (const index of indexes) await index.close();
    await world.close();
  });

  it("tells a patient who may see what, until when and why, and what waits for a licence", async () => {
    const until = (await inFuture(world, DAY)) - ((await inFuture(world, DAY)) % 60);
    const steward = hospital.id;
    await alice.client.grantAccess({ viewer: insurer.id, categories: ["CARE"], purpose: "HPAYMT", steward, until });
    await alice.client.appointDelegate({ delegate: bob.id, view: ["SUMMARY"], until });
    const client = await own(alice);
    const { seers, patient } = await whoMaySee(client);
    expect(patient).to.equal(alice.id);
    expect(seers.map(({ viewer, basis, sees }) => [viewer, basis, sees.length])).to.deep.equal([
      [hospital.id, "relationship", 8],
      [bob.id, "delegate", 1],
      [insurer.id, "grant", 1],
    ]);
    expect(seers[2]).to.deep.equal({
      ...{ viewer: insurer.id, basis: "grant", steward, purpose: "HPAYMT", sees: [{ category: "CARE", until }] },
      ...{ constrained: false, source: undefined, waitsFor: undefined },
    });
    await world.authority.suspendInstitution({ institution: insurer.id });
    expect((await whoMaySee(client)).seers[2]?.waitsFor).to.equal("licence");
    await expectCode("NOT_A_PATIENT", whoMaySee(client, { patient: insurer.id }));
    await expectCode("INDEX_MISSING", whoMaySee(alice.client));
  });
  it("shows nothing as standing that has ended by the person's own clock: an idle chain's newest block may be old", async () => {
    const dora = await world.patient("dora");
    const laboratory = await world.institution("Laboratory");
    const until = await inFuture(world, DAY);
    await dora.client.grantAccess({ viewer: laboratory.id, categories: ["CARE"], purpose: "TREAT", until });
    const { provider, deployment, folder } = world;
    const index = await openIndex({ file: join(folder, `index-${indexes.length}.sqlite`), provider, deployment });
    indexes.push(index);
    let clock = until - 60;
    const client = await world.clientOf(dora, { events: index, clock: () => clock });

    expect((await whoMaySee(client)).seers).to.have.length(1);
    clock = until;
    expect((await whoMaySee(client)).seers).to.deep.equal([]);
    const { grants } = await grantsOf(client);
    expect(grants.map(({ sees, expired }) => [sees.length, expired.length])).to.deep.equal([[0, 1]]);
  });

  it("tells a viewer whose records it may see, as those patients are told", async () => {
    const carol = await world.patient("carol");
    const until = await inFuture(world, DAY);
    await carol.client.grantAccess({ viewer: hospital.id, categories: ["SUMMARY"], purpose: "TREAT", until });
    const client = await own(hospital);
    const told = await Promise.all([alice, bob, carol].map(({ id }) => whoMaySee(client, { patient: id })));
    for (const viewer of [hospital, insurer, alice, bob]) {
      const expected = told
        .map(({ patient, seers }) => ({ patient, seers: seers.filter((seer) => seer.viewer === viewer.id) }))
        .filter(({ seers }) => seers.length > 0);
      const { patients: found } = await whoseRecords(client, { viewer: viewer.id });
      expect(found, viewer.name).to.have.deep.members(expected);
    }
    const { patients } = await whoseRecords(client, { viewer: hospital.id });
    expect(patients.map(({ patient, seers }) => [patient, seers[0]?.basis])).to.have.deep.members([
      [alice.id, "relationship"],
      [carol.id, "grant"],
    ]);
    await expectCode("ARGUMENT_INVALID", whoseRecords(client, { viewer: 0 }));
  });

  it("follows licences by kind, and not whoever has one", async () => {
    const before = (await Promise.all(indexes.map(async (index) => (await index.sync(), index.state.followed)))).at(
      -1,
    )!;
    await alice.client.grantAccess({
      ...{ viewer: hospital.id, categories: ["CARE"], purpose: "TREAT", until: await inFuture(world, DAY) },
    });
    const client = await world.clientOf(alice, { events: indexes.at(-1)! });
    await whoMaySee(client);
    expect(indexes.at(-1)!.state.followed).to.equal(before);
    await alice.client.revokeAccess({ viewer: hospital.id });
  });

  it("tells what was granted and revoked, when, and by whom, whoever sent it, page by page", async () => {
    const client = await own(alice);
    const steward = hospital.id;
    const until = await inFuture(world, DAY);
    await alice.client.appointDelegate({ delegate: bob.id, grant: ["CARE"], until });
    const given = { viewer: hospital.id, categories: ["CARE" as const], purpose: "TREAT" as const, steward, until };
    await bob.client.grantAccess({ ...given, patient: alice.id });
    const file = throughJson(await alice.client.signRevokeAccess({ viewer: hospital.id }));
    await hospital.client.relay({ file });
    const { history, before } = await consentHistory(client, { most: 3 });
    expect(history.map(({ kind, actor }) => [kind, actor])).to.deep.equal([
      ["revocation", alice.id],
      ["grant", bob.id],
      ["delegate", alice.id],
    ]);
    const block = await world.provider.getBlock(history[0]!.block);
    expect(history[0]!.at).to.equal(block!.timestamp);
    const older = await consentHistory(client, { most: 100, before });
    expect(older.before).to.equal(undefined);
    expect(older.history.at(-1)).to.include({ kind: "relationship", change: "approved", actor: alice.id });
    const all = await consentHistory(client);
    expect([...history, ...older.history].map(({ id }) => id)).to.deep.equal(all.history.map(({ id }) => id));
  });

  it("tells what is left when everything was revoked: what the provider keeps itself", async () => {
    const client = await own(alice);
    const until = await inFuture(world, DAY);
    const { id: viewer } = ambulance;
    await alice.client.grantAccess({ viewer, categories: ["CARE"], purpose: "TREAT", steward: hospital.id, until });
    await alice.client.appointDelegate({ delegate: bob.id, view: ["CARE"], until });
    await ambulance.client.breakGlass({ patient: alice.id, reason: "unconscious" });
    const before = (await whoMaySee(client)).seers.map(({ basis }) => basis);
    expect(before).to.include.members(["grant", "delegate", "emergency"]);
    await alice.client.revokeAccess({ everyone: true });
    const { seers } = await whoMaySee(client);
    expect(seers.map(({ basis }) => basis)).to.deep.equal(["relationship"]);
    expect((await consentHistory(client)).history[0]).to.include({ kind: "revocation", of: "everybody" });
    await alice.client.appointDelegate({ delegate: bob.id, view: ["SUMMARY"], until });
  });

  it("tells a provider its patients, until when, and who leaves soon", async () => {
    const carol = await world.patient("carol");
    const { terms } = await hospital.client.proposeRelationship({
      patient: carol.id,
      until: await inFuture(world, 10 * DAY),
    });
    const client = await own(hospital);
    expect((await patientsOf(client)).proposed.map(({ patient }) => patient)).to.deep.equal([carol.id]);
    await carol.client.takeTerms({ file: throughJson(terms) });
    const [proposal] = await carol.client.listPending();
    await carol.client.approveRelationship(proposal!);
    const { patients, ending, proposed } = await patientsOf(client, { endingWithin: 20 });
    expect(patients.map(({ patient }) => patient)).to.deep.equal([alice.id, carol.id]);
    expect(ending.map(({ patient, status, licensed }) => [patient, status, licensed])).to.deep.equal([
      [carol.id, "Active", true],
    ]);
    expect(ending[0]!.termsDigest).to.match(/^0x[0-9a-f]{64}$/);
    expect(proposed).to.deep.equal([]);
    expect((await patientsOf(client, { endingWithin: 5 })).ending).to.deep.equal([]);
    const { relationships } = await relationshipsOf(await own(carol));
    const { relationships: stored } = await carol.client.overviewOf({ patient: carol.id });
    expect(relationships).to.have.length(1);
    expect(relationships[0]).to.deep.include({ ...stored[0] });
  });

  it("tells what emergencies there were, and which are open", async () => {
    const client = await own(alice);
    const { number } = await ambulance.client.breakGlass({ patient: alice.id, reason: "unconscious" });
    const [open, ...others] = (await openEmergencies(client)).emergencies;
    expect(others).to.deep.equal([]);
    expect(open).to.include({ responder: ambulance.id, number, outcome: "Unreviewed", isOpen: true });
    expect((await whoMaySee(client)).seers.map(({ basis }) => basis)).to.include("emergency");
    await alice.client.reviewEmergency({ responder: ambulance.id, number, justified: false });
    expect((await openEmergencies(client)).emergencies).to.deep.equal([]);
    const { emergencies } = await disclosuresOnChain(client);
    expect(emergencies.map((each) => each.number)).to.deep.equal([2, 1]);
    expect(emergencies[0]).to.include({ outcome: "Unjustified", isOpen: false, at: open!.at });
  });

  it("tells an account who it is, who acts for it, and for whom it acts", async () => {
    expect(await whoAmI(await own(alice))).to.deep.include({
      ...{ id: alice.id, kind: "person", account: { account: alice.wallet.address, scope: "owner" } },
      ...{ childhood: undefined, actsFor: [], recoveries: [] },
    });
    const me = await whoAmI(await own(bob));
    expect(me?.actsFor.map(({ patient, isChild, source }) => [patient, isChild, source])).to.deep.equal([
      [alice.id, false, alice.id],
    ]);
    const client = await own(hospital);
    expect(await whoAmI(client)).to.deep.include({
      kind: "institution",
      name: "General Hospital",
      roles: ["PROVIDER"],
    });
    const nobody = await world.clientOf(alice, {
      ...{ runner: new Wallet(Wallet.createRandom().privateKey, world.provider), events: client.events },
    });
    expect(await whoAmI(nobody)).to.equal(undefined);
    expect((await whoAmI(nobody, { participant: bob.id }))?.account).to.equal(undefined);
  });

  it("tells of a recovery whoever's account it is, and the guardian who started it", async () => {
    const dave = await world.patient("dave");
    const { file } = await alice.client.setGuardians({ members: [bob.id, dave.id], threshold: 1 });
    const joining = await world.actor("alice's new phone");
    await bob.client.startRecovery({ file: throughJson(file), newAccount: joining.wallet.address });
    for (const client of [await own(alice), await own(bob)]) {
      const [recovery] = await openRecoveries(client);
      expect(recovery).to.include({ participant: alice.id, starter: bob.id, newAccount: joining.wallet.address });
    }
    expect(await openRecoveries(await own(hospital))).to.deep.equal([]);
  });

  it("tells what grants stand, expired and were revoked apart, to who granted and to who was granted", async () => {
    const [viewer, purpose, hour] = [hospital.id, "TREAT" as const, 60 * 60];
    const grant = async (categories: readonly ("SUMMARY" | "CARE" | "MEDICATION")[], seconds: number) =>
      bob.client.grantAccess({ viewer, categories, purpose, until: await inFuture(world, seconds) });
    await grant(["SUMMARY"], hour);
    await grant(["CARE", "MEDICATION"], 2 * DAY);
    await bob.client.revokeAccess({ viewer, purpose, steward: EVERY_STEWARD, categories: ["MEDICATION"] });
    await world.increaseTime(2 * hour);
    const { grants } = await grantsOf(await own(bob));
    expect(grants).to.have.length(1);
    const [only] = grants;
    expect(only).to.deep.include({ patient: bob.id, viewer, purpose, steward: EVERY_STEWARD, revoked: ["MEDICATION"] });
    expect(only!.sees.map(({ category }) => category)).to.deep.equal(["CARE"]);
    expect(only!.expired.map(({ category }) => category)).to.deep.equal(["SUMMARY"]);
    for (const category of ["SUMMARY", "CARE", "MEDICATION"] as const) {
      const asked = { patient: bob.id, steward: bob.id, viewer, category, purpose };
      expect(await bob.client.canView(asked), category).to.equal(category === "CARE");
    }
    const received = (await grantsOf(await own(hospital), { viewer })).grants;
    expect(received.filter(({ patient }) => patient === bob.id)).to.deep.equal([only]);
    await bob.client.revokeAccess({ everyone: true });
    const [none] = (await grantsOf(await own(bob))).grants;
    expect(none).to.deep.include({ sees: [], expired: [], revoked: ["SUMMARY", "MEDICATION", "CARE"] });
    await expectCode("ARGUMENT_INVALID", grantsOf(bob.client, { viewer: 0 }));
  });

  it("is of a participant, and has as many entries, or days, as can be counted", async () => {
    const client = await own(alice);
    const none = "3" as unknown as number;
    for (const id of [0, -1, 1.5, NaN, none]) {
      await expectCode("ARGUMENT_INVALID", whoMaySee(client, { patient: id }));
      await expectCode("ARGUMENT_INVALID", consentHistory(client, { patient: id }));
      await expectCode("ARGUMENT_INVALID", consentHistory(client, { most: id }));
      await expectCode("ARGUMENT_INVALID", disclosuresOnChain(client, { patient: id }));
      await expectCode("ARGUMENT_INVALID", openEmergencies(client, { patient: id }));
      await expectCode("ARGUMENT_INVALID", openRecoveries(client, { participant: id }));
      await expectCode("ARGUMENT_INVALID", relationshipsOf(client, { participant: id }));
      await expectCode("ARGUMENT_INVALID", patientsOf(client, { provider: id }));
      await expectCode("ARGUMENT_INVALID", whoAmI(client, { participant: id }));
    }
    for (const endingWithin of [-1, NaN, none])
      await expectCode("ARGUMENT_INVALID", patientsOf(client, { endingWithin }));
  });
});
