import { expect } from "chai";
import { getBytes, hexlify } from "ethers";

import type { ChartChainError } from "../../../src/errors/index.js";
import { connect, EVERY_STEWARD, type Category } from "../../../src/sdk/index.js";
import { bytes, expectCode, HOUR, inFuture, text } from "../helpers.js";
import { everyMutationOf } from "../mutations.js";
import { openedByForce } from "../../../tour/adversary.js";
import { startProxy, type Response } from "../proxy.js";
import { type Actor, createDevnet, type Devnet, handOn, relate, throughJson } from "../../../devnet/index.js";

describe("an emergency", () => {
  let world: Devnet;
  let clinic: Actor;
  let ambulance: Actor;
  let alice: Actor;
  let patients = 0;
  before(async () => {
    world = await createDevnet();
    [clinic, ambulance] = await Promise.all([
      world.institution("General Hospital"),
      world.institution("Ambulance Service", ["EMERGENCY"]),
    ]);
  });
  after(() => world.close());
  beforeEach(async () => {
    alice = await world.patient(`alice ${++patients}`);
  });

  const reason = "found unconscious after a fall";
  const breakGlass = (changes: object = {}, by = ambulance) =>
    by.client.breakGlass({ patient: alice.id, reason, ...changes });
  const canView = (category: Category, purpose: "ETREAT" | "TREAT" = "ETREAT") =>
    clinic.client.canView({ patient: alice.id, steward: clinic.id, viewer: ambulance.id, category, purpose });
  const listed = async () => (await alice.client.listEmergencies({ patient: alice.id })).at(-1)!;
  const outcome = (attempt: Promise<unknown>) =>
    attempt.then(
      () => "accepted",
      (error: ChartChainError) => error.code ?? String(error),
    );

  describe("card", () => {
    it("tells a responder who somebody is, and nothing else", async () => {
      const card = await alice.client.emergencyCard();
      expect(await ambulance.client.readEmergencyCard({ card })).to.deep.equal({ patient: alice.id });
      expect(await ambulance.client.readEmergencyCard({ card: ` ${card}\n` })).to.deep.equal({ patient: alice.id });
      expect(card).to.match(
        /^chartchain:emergency\?v=1&chain=eip155:31337&registrar=0x[0-9a-fA-F]{40}&participant=\d+$/,
      );
    });

    it("that is altered, of another network or of nobody isn't read", async () => {
      const card = await alice.client.emergencyCard();
      const read = (text: string) => ambulance.client.readEmergencyCard({ card: text });
      const unreadable = ["", "hello", `${card}&more=1`, card.replace("emergency", "urgent"), `x${card}`, `${card}.5`];
      for (const text of unreadable) await expectCode("EMERGENCY_CARD_UNREADABLE", read(text));
      await expectCode("HANDOVER_WRONG_CHAIN", read(card.replace(":31337", ":1")));
      const { Records, Registrar } = world.deployment.contracts;
      await expectCode("HANDOVER_WRONG_CHAIN", read(card.replace(Registrar, Records)));
      for (const id of ["0", "999", String(clinic.id)]) {
        await expectCode("UNKNOWN_PARTICIPANT", read(card.replace(/\d+$/, id)));
      }
      const stranger = await world.actor(`stranger ${patients}`);
      await expectCode("NOT_REGISTERED", stranger.client.emergencyCard());
    });
  });

  describe("opens", () => {
    it("what the patient's policy admits, to a certified responder, for four hours at the most", async () => {
      const before = await inFuture(world, 0);
      const broken = await breakGlass();
      expect(broken).to.deep.include({ number: 1, categories: ["SUMMARY", "MEDICATION"] });
      expect(broken.until).to.be.within(before + 4 * HOUR, before + 4 * HOUR + 60);
      expect([await canView("SUMMARY"), await canView("CARE"), await canView("SUMMARY", "TREAT")]).to.deep.equal([
        true,
        false,
        false,
      ]);
      expect(await listed()).to.deep.include({
        ...{ patient: alice.id, responder: ambulance.id, responderName: "Ambulance Service", number: 1 },
        ...{ categories: ["SUMMARY", "MEDICATION"], until: broken.until, outcome: "Unreviewed" },
        block: broken.receipt.blockNumber,
      });
      await expectCode("GLASS_ALREADY_BROKEN", breakGlass());
      await world.increaseTime(4 * HOUR);
      expect(await canView("SUMMARY")).to.equal(false);
      expect(await breakGlass({ seconds: HOUR })).to.deep.include({ number: 2 });
      expect(await alice.client.listEmergencies({ patient: alice.id })).to.have.length(2);
    });

    it("and is listed beside the others where its name can't be verified", async () => {
      await breakGlass();
      const name = `Mountain Rescue ${patients}`;
      const other = await world.institution(name, ["EMERGENCY"]);
      await breakGlass({}, other);
      const proxy = await startProxy(world.url);
      const provider = await connect(proxy.url);
      const client = await world.clientOf(alice, { runner: alice.wallet.connect(provider) });
      const hex = (text: string) => Buffer.from(text).toString("hex");
      proxy.after = (_, response) =>
        JSON.parse(JSON.stringify(response).replaceAll(hex(name), hex(name.replace("Rescue", "Quacks")))) as Response;
      const entries = await client.listEmergencies({ patient: alice.id });
      provider.destroy();
      await proxy.close();
      expect(entries.map(({ responder, responderName }) => [responder, responderName])).to.deep.equal([
        [ambulance.id, "Ambulance Service"],
        [other.id, ""],
      ]);
      expect(entries[0]!.problem).to.equal(undefined);
      expect(entries[1]!.problem).to.include(String(other.id)).and.include("can't be verified");
      await alice.client.reviewEmergency({ responder: other.id, number: 1, justified: false });
      expect((await listed()).outcome).to.equal("Unjustified");
    });

    it("more, or less, where the patient said so before", async () => {
      await alice.client.changeSettings({ emergencyCategories: ["SUMMARY", "CARE", "SENSITIVE"] });
      expect((await breakGlass()).categories).to.deep.equal(["SUMMARY", "CARE", "SENSITIVE"]);
      await alice.client.changeSettings({ emergencyCategories: ["CARE"] });
      expect([await canView("CARE"), await canView("SUMMARY")], "also meanwhile").to.deep.equal([true, false]);
      await alice.client.changeSettings({ emergencyCategories: ["CARE", "GENOMIC"] });
      expect(await canView("GENOMIC"), "never more than when it was broken").to.equal(false);
    });

    it("nothing of a patient who opted out", async () => {
      await breakGlass();
      await alice.client.changeSettings({ emergencyCategories: [] });
      expect(await canView("SUMMARY")).to.equal(false);
      const other = await world.institution(`Rescue Service ${patients}`, ["EMERGENCY"]);
      await expectCode("OPTED_OUT", breakGlass({}, other));
      await expectCode("OPTED_OUT", breakGlass({ patient: clinic.id }));
      await expectCode("OPTED_OUT", breakGlass({ patient: 999 }));
    });

    it("nothing to anybody who isn't certified, without a reason, or for too long", async () => {
      await expectCode("NOT_CERTIFIED_FOR_EMERGENCIES", breakGlass({}, clinic));
      await expectCode("NOT_CERTIFIED_FOR_EMERGENCIES", breakGlass({ patient: alice.id }, alice));
      await expectCode("MISSING_REASON", breakGlass({ reason: " \n" }));
      await expectCode("EXPIRY_TOO_FAR", breakGlass({ seconds: 4 * HOUR + 60 }));
      await expectCode("EXPIRY_IN_THE_PAST", breakGlass({ seconds: 0 }));
      expect(await alice.client.listEmergencies({ patient: alice.id })).to.deep.equal([]);
    });

    it("nothing any more once the patient revoked the responder", async () => {
      await breakGlass();
      await alice.client.revokeAccess({ viewer: ambulance.id });
      expect(await canView("SUMMARY")).to.equal(false);
    });
  });

  describe("lets whoever keeps the records hand single ones out", () => {
    const write = (content: string, category: Category = "SUMMARY") =>
      clinic.client.addRecord({ patient: alice.id, category, content: bytes(content), again: true });
    const asked = () => ({ patient: alice.id, viewer: ambulance.id, purpose: "ETREAT" as const });
    /** Whether any key in a vault opens the clinic's envelope of a record, whatever the client says. */
    const isOpenedByForce = async (actor: Actor, digest: string) => {
      const envelope = clinic.vault.envelopes.get(getBytes(digest))!.bytes;
      return (
        (await actor.client.openRecord({ digest, purpose: "ETREAT" }).then(
          () => true,
          () => false,
        )) || (await openedByForce(actor, actor.received, [envelope])) > 0
      );
    };
    const opened = async (actor: Actor, digest: string) =>
      text((await actor.client.openRecord({ digest, purpose: "ETREAT" })).content);
    beforeEach(() => relate(clinic, alice));

    it("at the head, without waiting for finality, and leaves the compartment as it was", async () => {
      const summary = await write("allergic to penicillin");
      const care = await write("a note", "CARE");
      const finality = 1_000;
      const slow = {
        clinic: { ...clinic, client: await world.clientOf(clinic, { finality }) },
        ambulance: { ...ambulance, client: await world.clientOf(ambulance, { finality }) },
      };
      await expectCode("CONSENT_DENIED", handOn(slow.clinic, slow.ambulance, alice.id, "ETREAT"));
      const { until } = await breakGlass();
      expect((await handOn(slow.clinic, slow.ambulance, alice.id, "ETREAT")).grant).to.equal(undefined);
      expect(await opened(slow.ambulance, summary.digest)).to.equal("allergic to penicillin");
      await expectCode("RECORD_UNKNOWN", slow.ambulance.client.openRecord({ digest: care.digest, purpose: "ETREAT" }));
      await expectCode(
        "CONSENT_DENIED",
        slow.ambulance.client.openRecord({ digest: summary.digest, purpose: "TREAT" }),
      );
      const during = await write("given: adrenaline");
      expect(during).to.deep.include({ round: 0, members: [] });
      await handOn(slow.clinic, slow.ambulance, alice.id, "ETREAT");
      expect(await opened(slow.ambulance, during.digest)).to.equal("given: adrenaline");

      await world.increaseTime(until - (await inFuture(world, 0)));
      await expectCode("CONSENT_DENIED", ambulance.client.openRecord({ digest: summary.digest, purpose: "ETREAT" }));
      const after = await write("recovered");
      expect(after).to.deep.include({ round: 0, roundOpened: false, members: [] });
      expect(await isOpenedByForce(ambulance, after.digest), "under no key that it has").to.equal(false);
      await handOn(clinic, alice, alice.id);
      expect(await opened(alice, after.digest)).to.equal("recovered");
      const [disclosure] = await clinic.client.listDisclosures({ patient: alice.id });
      expect(disclosure).to.deep.include({ recipient: ambulance.id, purpose: "ETREAT", keys: 1 });
    });

    it("of the emergency's categories, each with a key that opens nothing else, and once", async () => {
      const given = [await write("penicillin"), await write("insulin", "MEDICATION")].map(({ digest }) => digest);
      const others = [await write("a note", "CARE"), await write("lithium", "SENSITIVE")].map(({ digest }) => digest);
      await breakGlass();
      await handOn(clinic, ambulance, alice.id, "ETREAT");

      expect(ambulance.received.at(-1)).to.deep.include({ envelopes: [] }).and.not.have.property("grant");
      const keys = ambulance.vault.compartments.list({ patient: alice.id });
      expect(keys.map(({ record }) => record && hexlify(record))).to.have.members(given);
      for (const digest of [...given, ...others]) {
        expect(await isOpenedByForce(ambulance, digest), digest).to.equal(given.includes(digest));
      }
      await handOn(clinic, ambulance, alice.id, "ETREAT");
      expect(ambulance.received.at(-1), "nothing new").not.to.have.any.keys("grant", "records", "constraints");
    });

    it("from the patient's own vault, where no steward can be reached", async () => {
      const { digest } = await write("penicillin");
      await write("a note", "CARE");
      await handOn(clinic, alice, alice.id);
      await breakGlass();
      await handOn(alice, ambulance, alice.id, "ETREAT");
      expect(await opened(ambulance, digest)).to.equal("penicillin");
      expect(ambulance.vault.compartments.list({ patient: alice.id })).to.have.length(1);
    });

    it("and takes no compartment's key, whoever gives it", async () => {
      await write("penicillin");
      await breakGlass();
      await expectCode(
        "CONSENT_DENIED",
        clinic.client.releaseKeys({ patient: alice.id, viewer: ambulance.id, purpose: "ETREAT" }),
      );
      const until = await inFuture(world, HOUR);
      await alice.client.grantAccess({ viewer: ambulance.id, categories: ["SUMMARY"], purpose: "ETREAT", until });
      const file = await clinic.client.releaseKeys({ patient: alice.id, viewer: ambulance.id, purpose: "ETREAT" });
      await alice.client.revokeAccess({ viewer: ambulance.id, purpose: "ETREAT", steward: EVERY_STEWARD });
      const error = await expectCode("CONSENT_DENIED", ambulance.client.takeKeys({ file: throughJson(file) }));
      expect(error.details["reason"]).to.equal("SINGLE_RECORDS");
    });

    it("and nothing more once the glass is whole again", async () => {
      const first = await write("penicillin");
      const { number } = await breakGlass();
      await handOn(clinic, ambulance, alice.id, "ETREAT");
      expect(await opened(ambulance, first.digest)).to.equal("penicillin");
      await write("latex");
      const file = throughJson(await clinic.client.deliver(asked()));
      await alice.client.reviewEmergency({ responder: ambulance.id, number, justified: false });
      await expectCode("CONSENT_DENIED", ambulance.client.takeDelivery({ file }));
      await expectCode("CONSENT_DENIED", ambulance.client.openRecord({ digest: first.digest, purpose: "ETREAT" }));
      await expectCode("CONSENT_DENIED", clinic.client.deliver({ ...asked(), again: true }));
    });

    it("and opens no round after round beside a grant that is narrowed", async () => {
      const until = await inFuture(world, HOUR);
      const given = { viewer: ambulance.id, categories: ["SUMMARY"], purpose: "ETREAT", until } as const;
      const { digest } = await write("penicillin");
      await alice.client.grantAccess({ ...given, constraint: { records: [digest] } });
      await breakGlass();
      const rounds = [];
      for (const content of ["one", "two", "three"]) rounds.push((await write(content)).round);
      expect(new Set(rounds).size, rounds.join()).to.equal(1);
    });
  });

  describe("has a reason that", () => {
    it("is in the file, with its digest on the chain", async () => {
      const { reasonFile } = await breakGlass();
      const file = throughJson(reasonFile);
      expect(await alice.client.readEmergencyReason({ file })).to.deep.include({ reason, number: 1 });
      expect((await listed()).reasonDigest).to.match(/^0x[0-9a-f]{64}$/);
      const { reasonFile: other } = await breakGlass({}, await world.institution(`Rescue ${patients}`, ["EMERGENCY"]));
      const entries = await alice.client.listEmergencies({ patient: alice.id });
      expect(entries[0]!.reasonDigest, "salted").not.to.equal(entries[1]!.reasonDigest);
      expect(other.salt).not.to.equal(file.salt);
    });

    it("can be as long as it takes", async () => {
      const long = "a long story ".repeat(1_000);
      const { reasonFile } = await breakGlass({ reason: long });
      expect((await alice.client.readEmergencyReason({ file: throughJson(reasonFile) })).reason).to.equal(long);
    });

    it("is kept in the responder's vault, before anything is sent", async () => {
      const { reasonFile } = await breakGlass();
      const { number } = reasonFile;
      const again = await ambulance.client.emergencyReasonOf({ patient: alice.id, number });
      expect(again).to.deep.equal(reasonFile);
      expect(await alice.client.readEmergencyReason({ file: throughJson(again) })).to.deep.include({ reason });
      const wanted = { patient: alice.id, number: number + 1 };
      await expectCode("UNKNOWN_EMERGENCY", ambulance.client.emergencyReasonOf(wanted));
      await expectCode("UNKNOWN_EMERGENCY", clinic.client.emergencyReasonOf({ patient: alice.id, number }));
      const elsewhere = await world.actor(`elsewhere ${patients}`);
      const posing = await world.clientOf(elsewhere, { runner: ambulance.wallet });
      await expectCode("REASON_NOT_KEPT", posing.emergencyReasonOf({ patient: alice.id, number }));
    });

    it("isn't taken when any field of the file was altered", async () => {
      const file = throughJson((await breakGlass()).reasonFile);
      for (const mutation of everyMutationOf(file)) {
        const code = await outcome(alice.client.readEmergencyReason({ file: mutation.file }));
        expect(code, mutation.path).to.match(/^(HANDOVER_\w+|REASON_ALTERED|UNKNOWN_EMERGENCY)$/);
      }
      const softened = { ...file, reason: "a routine check" };
      await expectCode("REASON_ALTERED", alice.client.readEmergencyReason({ file: softened }));
      await expectCode("UNKNOWN_EMERGENCY", alice.client.readEmergencyReason({ file: { ...file, number: 2 } }));
    });
  });

  describe("is reviewed", () => {
    const broken = (changes: object = {}) => ({ responder: ambulance.id, number: 1, justified: true, ...changes });
    const asAuthority = (changes: object = {}) =>
      world.authority.reviewEmergencyAsAuthority({ patient: alice.id, ...broken(changes) });
    beforeEach(() => breakGlass());

    it("by the patient: one that was justified goes on, one that wasn't ends at once", async () => {
      const { events } = await alice.client.reviewEmergency(broken());
      expect(events["EmergencyReviewed"]).to.deep.include({ number: 1n, outcome: 1n, by: BigInt(alice.id) });
      expect((await listed()).outcome).to.equal("Justified");
      expect(await canView("SUMMARY")).to.equal(true);
      await expectCode("ALREADY_REVIEWED", alice.client.reviewEmergency(broken()));
      await alice.client.reviewEmergency(broken({ justified: false }));
      expect(await listed()).to.deep.include({ outcome: "Unjustified", until: 0 });
      expect(await canView("SUMMARY")).to.equal(false);
      await expectCode("ALREADY_REVIEWED", alice.client.reviewEmergency(broken()));
    });

    it("also when it is over, and only where there was one", async () => {
      const { until } = await listed();
      await world.increaseTime(4 * HOUR);
      await breakGlass();
      await alice.client.reviewEmergency(broken({ justified: false }));
      const [first, second] = await alice.client.listEmergencies({ patient: alice.id });
      expect([first!.outcome, first!.until]).to.deep.equal(["Unjustified", until]);
      expect(second!.outcome).to.equal("Unreviewed");
      expect(await canView("SUMMARY"), "by the second one").to.equal(true);
      await expectCode("NO_SUCH_EMERGENCY", alice.client.reviewEmergency(broken({ number: 3 })));
      await expectCode("NO_SUCH_EMERGENCY", alice.client.reviewEmergency(broken({ number: 0 })));
      await expectCode("NO_SUCH_EMERGENCY", alice.client.reviewEmergency(broken({ responder: clinic.id })));
    });

    it("by a delegate who approves relationships, itself or by a signature that another relays", async () => {
      const bob = await world.patient(`bob ${patients}`);
      const until = await inFuture(world, HOUR);
      await expectCode("NOT_EMPOWERED", bob.client.reviewEmergency({ patient: alice.id, ...broken() }));
      await alice.client.appointDelegate({ delegate: bob.id, view: ["SUMMARY"], until });
      await expectCode("NOT_EMPOWERED", bob.client.reviewEmergency({ patient: alice.id, ...broken() }));
      await alice.client.appointDelegate({ delegate: bob.id, approve: true, until });
      await bob.client.reviewEmergency({ patient: alice.id, ...broken() });
      const file = await bob.client.signReviewEmergency({ patient: alice.id, ...broken({ justified: false }) });
      expect(file.message).to.include({ responderName: "Ambulance Service", justified: false });
      await clinic.client.relay({ file: throughJson(file) });
      expect((await listed()).outcome).to.equal("Unjustified");
    });

    it("by the authority, unless somebody did; and the patient has the last word", async () => {
      await asAuthority();
      expect((await listed()).outcome).to.equal("Justified");
      await expectCode("ALREADY_REVIEWED", asAuthority({ justified: false }));
      await alice.client.reviewEmergency(broken({ justified: false }));
      expect((await listed()).outcome).to.equal("Unjustified");
      await expectCode("ALREADY_REVIEWED", asAuthority());
    });

    it("by nobody else", async () => {
      const as = (actor: Actor) =>
        actor.client.reviewEmergencyAsAuthority({ patient: alice.id, ...broken({ justified: false }) });
      await expectCode("ACCESS_MANAGED_UNAUTHORIZED", as(ambulance));
      await expectCode("ACCESS_MANAGED_UNAUTHORIZED", as(alice));
      await expectCode("NOT_A_PERSON", ambulance.client.reviewEmergency({ patient: alice.id, ...broken() }));
      expect((await listed()).outcome).to.equal("Unreviewed");
    });
  });
});
