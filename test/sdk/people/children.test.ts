import { expect } from "chai";

import type { ChartChainError } from "../../../src/errors/index.js";
import { attestationCode, CATEGORIES, identitySalt, type Category } from "../../../src/sdk/index.js";
import { keyDocumentOf } from "../../../src/sdk/people/participants.js";
import { bytes, expectCode, HOUR, inFuture, text, thisYear } from "../helpers.js";
import { everyMutationOf } from "../mutations.js";
import {
  type Actor,
  childRequest,
  comingOfAge,
  createDevnet,
  type Devnet,
  handOn,
  relate,
  throughJson,
  propose,
} from "../../../devnet/index.js";

const DAY = 24 * HOUR;

describe("a child", () => {
  let world: Devnet;
  let clinic: Actor;
  let lab: Actor;
  let parent: Actor;
  let salt: string;
  let parents = 0;
  beforeEach(async () => {
    parent = await world.patient(`parent ${++parents}`);
    salt = identitySalt();
  });
  before(async () => {
    world = await createDevnet();
    [clinic, lab] = await Promise.all([world.institution("General Hospital"), world.institution("Laboratory")]);
  });
  after(() => world.close());

  const identifier = "http://hospital.example/mrn|9";
  /** What a clinic attests about a child that comes of age in this year. */
  const attestation = async (changes: object = {}, by = clinic) =>
    throughJson(
      await by.client.attestChild({
        ...(await childRequest(parent)),
        ...{ identifier, salt },
        comesOfAgeIn: await thisYear(world),
        ...changes,
      }),
    );
  const register = async (changes: object = {}) =>
    (await parent.client.registerChild({ attestation: await attestation(changes) })).participant;
  const status = async (child: number, provider: Actor) =>
    (await clinic.client.overviewOf({ patient: child })).relationships.find((each) => each.provider === provider.id)
      ?.status;
  /** The child comes of age, with an account and a vault of its own. */
  async function comeOfAge(child: number): Promise<Actor> {
    const grown = await world.actor(`grown ${parents}`);
    const file = await clinic.client.attestComingOfAge(await comingOfAge(grown, child));
    await lab.client.relay({ file: throughJson(file) });
    await world.reopen(grown);
    grown.id = child;
    return grown;
  }

  describe("is registered", () => {
    it("by its representative, with a clinic's attestation", async () => {
      const year = await thisYear(world);
      const file = await attestation({ comesOfAgeIn: year + 10 });
      const { participant: child, events } = await parent.client.registerChild({ attestation: file });
      expect(events["ChildRegistered"]).to.deep.include({ child: BigInt(child), representative: BigInt(parent.id) });
      expect(await lab.client.describeParticipant({ id: child })).to.deep.include({ kind: "person", keyVersion: 1 });
      expect(await lab.client.resolve({ issuer: clinic.id, identifier, salt })).to.equal(child);
      const until = Date.UTC(year + 11, 0, 1) / 1000;
      expect(await lab.client.powersOf({ patient: child, delegate: parent.id })).to.deep.include({
        until,
        source: clinic.id,
      });
      expect(await lab.client.childhoodOf({ child: parent.id })).to.equal(undefined);
      const entry = { delegate: parent.id, approve: true, grant: [...CATEGORIES], view: [...CATEGORIES], until };
      const [listed, ...others] = await lab.client.listDelegates({ patient: child });
      expect(listed).to.deep.include({ ...entry, source: clinic.id });
      expect(others).to.deep.equal([]);
      await expectCode("IDENTITY_ALREADY_LINKED", parent.client.registerChild({ attestation: file }));
    });

    it("as signed by its representative, too", async () => {
      const file = await parent.client.signRegisterChild({ attestation: await attestation() });
      await lab.client.relay({ file: throughJson(file) });
      const child = (await lab.client.resolve({ issuer: clinic.id, identifier, salt }))!;
      expect((await lab.client.listDelegates({ patient: child }))[0]!.delegate).to.equal(parent.id);
    });

    it("by nobody but the representative whom the clinic names", async () => {
      const mallory = await world.patient(`mallory ${parents}`);
      const file = await attestation();
      const error = await expectCode(
        "ATTESTATION_FOR_SOMEBODY_ELSE",
        mallory.client.registerChild({ attestation: file }),
      );
      expect(error.details).to.deep.equal({ representative: parent.id, own: mallory.id });
      await expectCode("ATTESTATION_FOR_SOMEBODY_ELSE", mallory.client.signRegisterChild({ attestation: file }));
      for (const mutation of everyMutationOf(file)) {
        const outcome = await parent.client.registerChild({ attestation: mutation.file }).then(
          () => "registered",
          (error: ChartChainError) => error.code ?? String(error),
        );
        expect(outcome, mutation.path).to.match(/^HANDOVER_/);
      }
    });

    it("after its clinic was told the code on the representative's own screen", async () => {
      const { representative, keyDocument, code } = await childRequest(parent);
      expect(code).to.match(/^\d{4}( \d{4}){4}$/);
      const mallory = await childRequest(await world.patient(`mallory ${parents}`));
      for (const wrong of [
        { representative: mallory.representative },
        { keyDocument: mallory.keyDocument },
        { code: mallory.code },
        { code: "" },
        { code: undefined },
      ]) {
        await expectCode("ATTESTATION_CODE_DIFFERS", attestation(wrong));
      }
      // One that stands for an account can't stand for a child.
      await expectCode("ATTESTATION_CODE_DIFFERS", attestation({ code: await parent.client.ownAttestationCode() }));
      await attestation({ representative, keyDocument, code: code.replaceAll(" ", "") });
    });

    it("for a year that is neither over nor too far, and by a licensed provider", async () => {
      const year = await thisYear(world);
      for (const comesOfAgeIn of [year - 1, year + 27, 0]) {
        await expectCode("INVALID_YEAR", register({ comesOfAgeIn }));
      }
      const insurer = await world.institution(`Insurance ${parents}`, ["PAYER"]);
      const file = await attestation({}, insurer);
      await expectCode("NOT_A_LICENSED_PROVIDER", parent.client.registerChild({ attestation: file }));
    });
  });

  describe("has a representative who", () => {
    let child: number;
    beforeEach(async () => {
      child = await register({ comesOfAgeIn: (await thisYear(world)) + 1 });
    });

    it("reads the terms of a proposal, and approves or declines it", async () => {
      await propose(clinic, child, [parent], { categories: ["CARE"] });
      const [proposal] = await parent.client.listPending({ patient: child });
      expect(proposal).to.deep.include({ providerName: "General Hospital", problem: undefined });
      expect(proposal!.terms!.resourceType).to.equal("Consent");
      await expectCode("NOT_PROPOSED", parent.client.approveRelationship(proposal!));
      await parent.client.approveRelationship({ ...proposal!, patient: child });
      expect(await status(child, clinic)).to.equal("Active");

      const { termsDigest } = await propose(lab, child, [parent]);
      const signed = await parent.client.signApproveRelationship({ patient: child, provider: lab.id, termsDigest });
      await clinic.client.relay({ file: throughJson(signed) });
      expect(await status(child, lab)).to.equal("Active");
      await parent.client.endRelationship({ patient: child, provider: lab.id });
      await propose(lab, child, [parent]);
      await parent.client.declineRelationship({ patient: child, provider: lab.id });
      expect(await status(child, lab)).to.equal("Declined");
    });

    it("accepts an offer", async () => {
      await parent.client.acceptOffer({
        offer: throughJson(await clinic.client.offerRelationship({ patient: child })),
      });
      const offer = throughJson(await lab.client.offerRelationship({ patient: child }));
      await clinic.client.relay({ file: throughJson(await parent.client.signAcceptOffer({ offer })) });
      expect([await status(child, clinic), await status(child, lab)]).to.deep.equal(["Active", "Active"]);
    });

    it("reads terms also when it has changed its own key since", async () => {
      const { termsDigest } = await propose(clinic, child, [parent]);
      await parent.client.changeKey();
      await world.increaseTime(2 * DAY);
      await world.reopen(parent);
      await parent.client.approveRelationship({ patient: child, provider: clinic.id, termsDigest });
    });

    it("receives and opens the records, with its own vault", async () => {
      await relate(clinic, { ...parent, id: child });
      const { digest, members } = await write(child, "SENSITIVE", "a secret");
      expect(members).to.deep.equal([parent.id]);
      expect((await handOn(clinic, parent, child)).grant).to.deep.include({ keys: 1, added: 1 });
      expect(text((await parent.client.openRecord({ digest })).content)).to.equal("a secret");
      expect((await parent.client.verifyHistory({ patient: child })).complete).to.equal(true);
    });

    it("grants and revokes in the child's place", async () => {
      const canView = (category: Category) =>
        clinic.client.canView({ patient: child, steward: child, viewer: lab.id, category, purpose: "TREAT" });
      const until = await inFuture(world, DAY);
      const given = { patient: child, viewer: lab.id, purpose: "TREAT", until } as const;
      await parent.client.grantAccess({ ...given, categories: ["CARE"] });
      const file = await parent.client.signGrantAccess({ ...given, categories: ["SUMMARY"] });
      await clinic.client.relay({ file: throughJson(file) });
      expect([await canView("CARE"), await canView("SUMMARY")]).to.deep.equal([true, true]);
      await expectCode(
        "NOT_EMPOWERED",
        parent.client.grantAccess({ ...given, categories: ["CARE"], purpose: "HRESCH" }),
      );
      await parent.client.revokeAccess({ patient: child, viewer: lab.id });
      expect([await canView("CARE"), await canView("SUMMARY")]).to.deep.equal([false, false]);
      await parent.client.grantAccess({ ...given, categories: ["CARE"] });
      await parent.client.revokeAllOf({ patient: child });
      expect(await canView("CARE")).to.equal(false);
      await parent.client.grantAccess({ ...given, categories: ["CARE"] });
      await parent.client.revokeAccess({ patient: child, everyone: true });
      expect(await canView("CARE")).to.equal(false);
      await parent.client.grantAccess({ ...given, categories: ["CARE"] });
      const everything = await parent.client.signRevokeAccess({ patient: child, everyone: true });
      expect(everything.message["patient"], "the child's, not the representative's own").to.equal(child);
      await clinic.client.relay({ file: throughJson(everything) });
      expect(await canView("CARE")).to.equal(false);
      expect(await lab.client.powersOf({ patient: child, delegate: parent.id })).not.to.equal(undefined);
      const mallory = await world.patient(`mallory ${parents}`);
      await expectCode("NOT_THE_REPRESENTATIVE", mallory.client.revokeAllOf({ patient: child }));
      await expectCode("NOT_THE_REPRESENTATIVE", mallory.client.revokeAccess({ patient: child, everyone: true }));
    });

    it("decides the child's settings, one by one", async () => {
      const settings = () => clinic.client.settingsOf({ patient: child });
      await parent.client.changeSettingsOf({ patient: child, longestGrant: 30 });
      await parent.client.changeSettingsOf({ patient: child, emergencyCategories: ["CARE"] });
      const expected = { refuseUnknownProviders: false, longestGrant: 30, emergencyCategories: ["CARE"] };
      expect(await settings()).to.deep.equal(expected);
      expect((await clinic.client.settingsOf({ patient: parent.id })).longestGrant, "of the representative").to.equal(
        0,
      );
      const mallory = await world.patient(`mallory of ${parents}`);
      await expectCode("NOT_THE_REPRESENTATIVE", mallory.client.changeSettingsOf({ patient: child, longestGrant: 0 }));
      expect(await settings()).to.deep.equal(expected);
    });

    it("loses that with the end of the year", async () => {
      child = await register({ identifier: "another", salt: identitySalt() });
      await relate(clinic, { ...parent, id: child });
      const { digest } = await write(child, "CARE", "before");
      await handOn(clinic, parent, child);
      const { until } = (await clinic.client.powersOf({ patient: child, delegate: parent.id }))!;
      await world.increaseTime(until - (await inFuture(world, 0)));
      await expectCode("CONSENT_DENIED", parent.client.openRecord({ digest }));
      await expectCode("NOT_THE_REPRESENTATIVE", parent.client.revokeAllOf({ patient: child }));
      await expectCode("NOT_THE_REPRESENTATIVE", parent.client.changeSettingsOf({ patient: child, longestGrant: 1 }));
      expect((await write(child, "CARE", "after")).round).to.equal(1);
      expect(await clinic.client.listDelegates({ patient: child })).to.deep.equal([]);
    });
  });

  describe("comes of age", () => {
    it("with an account, a vault and a key of its own", async () => {
      const child = await register();
      const before = await keyDocumentOf(clinic.client, child);
      const grown = await comeOfAge(child);
      expect(await grown.client.ownId()).to.equal(child);
      const { publicKey, keyVersion } = await keyDocumentOf(clinic.client, child);
      expect(keyVersion).to.equal(2);
      expect(publicKey).not.to.deep.equal(before.publicKey);
      expect(grown.vault.identity.keyVersion, "as the chain counts it").to.equal(2);
      expect(publicKey).to.deep.equal((await grown.vault.identity.keyPair()).publicKey);
      expect(await clinic.client.childhoodOf({ child })).to.equal(undefined);
      expect(await clinic.client.listDelegates({ patient: child })).to.deep.equal([]);
      await propose(clinic, child, [grown]);
      const [proposal] = await grown.client.listPending();
      await grown.client.approveRelationship(proposal!);
    });

    it("and the representative opens nothing that comes later, nor what it has for much longer", async () => {
      const child = await register();
      await relate(clinic, { ...parent, id: child });
      const before = await write(child, "CARE", "before");
      await handOn(clinic, parent, child);
      const keys = parent.vault.compartments.list({ patient: child });
      expect(keys).to.have.length(1);
      const grown = await comeOfAge(child);

      const after = await write(child, "CARE", "after");
      expect(after).to.deep.include({ round: 1, members: [] });
      await expectCode(
        "CONSENT_DENIED",
        clinic.client.releaseKeys({ patient: child, viewer: parent.id, purpose: "PATRQT" }),
      );
      const files = throughJson(await clinic.client.releaseEnvelopes({ patient: child, viewer: child }));
      const imported = await parent.client.takeEnvelopes({ file: files[0] });
      expect(imported).to.deep.include({ added: 0, known: 1, locked: 1 });
      await expectCode("CONSENT_DENIED", parent.client.openRecord({ digest: before.digest }));
      await expectCode("RECORD_UNKNOWN", parent.client.openRecord({ digest: after.digest }));
      await expectCode(
        "NOT_EMPOWERED",
        parent.client.grantAccess({
          ...{ patient: child, viewer: parent.id, categories: ["CARE"], purpose: "TREAT" as const },
          until: await inFuture(world, HOUR),
        }),
      );

      // What is younger than the key comes at once, what is older once the key is confirmed.
      await handOn(clinic, grown, child);
      expect(text((await grown.client.openRecord({ digest: after.digest })).content)).to.equal("after");
      await expectCode("RECORD_UNKNOWN", grown.client.openRecord({ digest: before.digest }));
      const challenge = throughJson(await clinic.client.challengeKey({ participant: child }));
      const answer = throughJson(await grown.client.answerKeyChallenge({ file: challenge }));
      await clinic.client.acceptKeyConfirmation({ file: answer });
      await handOn(clinic, grown, child);
      expect(text((await grown.client.openRecord({ digest: before.digest })).content)).to.equal("before");
    });

    it("and what the representative gave away, or signed and kept back, ends", async () => {
      const child = await register();
      const of = { patient: child, steward: child, viewer: lab.id, category: "CARE", purpose: "TREAT" } as const;
      const given = async () => ({
        ...{ patient: child, viewer: lab.id, categories: ["CARE"] as const, purpose: "TREAT" as const },
        until: await inFuture(world, DAY),
      });
      await parent.client.grantAccess(await given());
      const kept = await parent.client.signGrantAccess(await given());
      await comeOfAge(child);
      expect(await clinic.client.canView(of)).to.equal(false);
      await expectCode("NOT_EMPOWERED", clinic.client.relay({ file: throughJson(kept) }));
    });

    it("not before its year, not without its clinic or its representative, and once", async () => {
      const child = await register({ comesOfAgeIn: (await thisYear(world)) + 1 });
      const grown = await world.actor(`early ${parents}`);
      const request = await comingOfAge(grown, child, 800 * DAY);
      const attested = async (by: Actor) =>
        throughJson(await by.client.attestComingOfAge({ ...request, lifetime: 800 * DAY }));
      await expectCode("TOO_YOUNG", clinic.client.relay({ file: await attested(clinic) }));
      const adult = { ...(await attested(clinic)), message: { ...(await attested(clinic)).message, child: parent.id } };
      await expectCode("HANDOVER_ALTERED", clinic.client.relay({ file: adult }));

      const second = await register({ identifier: "another", salt: identitySalt() });
      const other = await world.actor(`other ${parents}`);
      const file = throughJson(await lab.client.attestComingOfAge(await comingOfAge(other, second)));
      await expectCode("NOT_A_PERSON", lab.client.relay({ file }));
      await parent.client.relay({ file });
      expect(await other.client.ownId(), "another clinic attests with the representative's consent").to.equal(second);
      await expectCode("NOT_A_CHILD", parent.client.relay({ file }));
    });

    it("with the account that was asked for this child only", async () => {
      const child = await register();
      const grown = await world.actor(`wrong ${parents}`);
      const { request, code } = await comingOfAge(grown, child);
      const file = await clinic.client.attestComingOfAge({ request, code });
      const joining = throughJson(await grown.client.signJoining({ participant: child }));
      await expectCode("HANDOVER_WRONG_KIND", clinic.client.attestComingOfAge({ request: joining, code }));
      await expectCode("HANDOVER_MALFORMED", clinic.client.relay({ file: { ...file, joining: undefined } }));
      const altered = { ...request, account: parent.wallet.address };
      await expectCode("HANDOVER_ALTERED", clinic.client.attestComingOfAge({ request: altered, code }));
      const another = { ...request, message: { ...request.message, child: parent.id } };
      await expectCode("HANDOVER_ALTERED", clinic.client.attestComingOfAge({ request: another, code }));
    });

    it("after its clinic was told the code on its own screen", async () => {
      const child = await register();
      const grown = await world.actor(`grown ${parents}`);
      const { request, code } = await comingOfAge(grown, child);
      const keyDocument = request.message["keyDocument"];
      expect(code).to.equal(attestationCode({ account: grown.wallet.address, keyDocument }));
      // A thief's request instead of the child's, which the clinic got over the wire.
      const mallory = await world.actor(`mallory ${parents}`);
      const thief = await comingOfAge(mallory, child);
      // The child's account, with a key of the thief's.
      const client = await world.clientOf(mallory, { runner: grown.wallet });
      const otherKey = await comingOfAge({ ...mallory, client }, child);
      expect(otherKey.request.account).to.equal(request.account);
      for (const wrong of [
        { request: thief.request, code },
        { request: otherKey.request, code },
        { request, code: thief.code },
        { request, code: "" },
        { request, code: undefined as unknown as string },
      ]) {
        await expectCode("ATTESTATION_CODE_DIFFERS", clinic.client.attestComingOfAge(wrong));
      }
      await clinic.client.attestComingOfAge({ request, code: code.replaceAll(" ", "") });
    });
  });

  const write = (patient: number, category: Category, content: string) =>
    clinic.client.addRecord({ patient, category, content: bytes(content), again: true });
});
