import { expect } from "chai";
import type { AddressLike } from "ethers";

import { fixture, keyDocumentOf } from "../../devnet/index.js";
import { ETREAT, breakGlass, inHours, withResponders } from "../helpers/contracts/emergencies.js";
import { HRESCH, MEDICATION, SENSITIVE, SUMMARY, maskOf } from "../helpers/contracts/grants.js";
import { birthOf, registerChild, yearOf } from "../helpers/contracts/children.js";
import { DEFAULT_EMERGENCY } from "../helpers/contracts/participants.js";
import { suspend } from "../helpers/contracts/decrees.js";
import { DAY, authorize } from "../helpers/contracts/typed-data.js";
import { COMMITMENT, Status, activate, digestOf, now, populate } from "../helpers/contracts/world.js";
import { changeSettingsAs, revokeAllAs } from "../helpers/contracts/settings.js";

const load = fixture(async () => {
  const world = await populate();
  await activate(world, world.alice, world.generalHospital);
  await activate(world, world.alice, world.laboratory, BigInt((await now(world)) + DAY));
  return world;
});

const loadWithResponders = fixture(withResponders);

const COUNT = 2n ** 40n;

describe("Summary", () => {
  it("says everything that the chain knows about a patient", async () => {
    const { summary, registrar, records, relationships, ids, alice, generalHospital } = await load();
    await records.connect(generalHospital).anchor(ids.alice, digestOf("a record"));
    await revokeAllAs(registrar, alice);
    const head = await records.headOf(ids.alice);

    const overview = await summary.overviewOf(ids.alice, 0, 10);

    expect(overview.patient).to.equal(ids.alice);
    expect(overview.keyDocument).to.equal(keyDocumentOf("Alice"));
    expect(overview.keyVersion).to.equal(1);
    expect(overview.accessEpoch).to.equal(1);
    expect(overview.signatureEpoch).to.equal(1);
    expect(overview.settings).to.deep.equal([false, 0n, BigInt(DEFAULT_EMERGENCY)]);
    expect(overview.recordCount).to.equal(1);
    expect(BigInt(overview.recordChain)).to.equal(head / COUNT);
    expect(overview.relationshipCount).to.equal(2);
    expect(overview.relationships.map((entry) => entry.provider)).to.deep.equal([ids.hospital, ids.laboratory]);
    for (const entry of overview.relationships) {
      expect(entry.relationship).to.deep.equal(await relationships.relationship(ids.alice, entry.provider));
      expect(entry.licensed).to.be.true;
    }
  });

  it("shows what the patient decided: settings, cancelled signatures, another key", async () => {
    const { summary, registrar, ids, alice, networkHelpers } = await load();
    const key = digestOf("another key document");
    await changeSettingsAs(registrar, alice, { knownOnly: true, longestGrant: 90, emergency: 0b101 });
    await registrar.connect(alice).cancelSignatures();
    await registrar.connect(alice).changeKey(key);
    const before = await summary.overviewOf(ids.alice, 0, 10);
    await networkHelpers.time.increase(2 * DAY);
    const after = await summary.overviewOf(ids.alice, 0, 10);

    expect(before.settings).to.deep.equal([true, 90n, 0b101n]);
    expect([before.accessEpoch, before.signatureEpoch]).to.deep.equal([0n, 2n]);
    expect([before.keyDocument, before.keyVersion]).to.deep.equal([keyDocumentOf("Alice"), 1n]);
    expect([after.keyDocument, after.keyVersion]).to.deep.equal([key, 2n]);
  });

  it("is there for a child, too", async () => {
    const world = await load();
    const { summary, registrar, relationships, ids, alice, generalHospital } = world;
    const child = (await registrar.participantCount()) + 1n;
    const birth = birthOf((await yearOf(world)) + 12);
    await registerChild(world, "direct", { representative: alice, clinic: generalHospital, birth });
    await relationships.connect(generalHospital).propose(child, digestOf("terms"), 0);
    await relationships.connect(alice).approve(child, ids.hospital, 1, digestOf("terms"), 0);

    const overview = await summary.overviewOf(child, 0, 10);

    expect(overview.patient).to.equal(child);
    expect(overview.keyDocument).to.equal(birth.keyDocument);
    expect(overview.relationships.map((entry) => entry.provider)).to.deep.equal([ids.hospital]);
  });

  it("shows what changed since: ended by its term, suspended, without a licence", async () => {
    const { summary, registrar, relationships, ids, alice, authority, networkHelpers } = await load();
    await relationships.connect(alice).suspend(ids.alice, ids.hospital);
    await networkHelpers.time.increase(2 * DAY);
    await registrar.connect(authority).suspend(ids.hospital);

    const [hospital, laboratory] = (await summary.overviewOf(ids.alice, 0, 10)).relationships;

    expect(hospital?.relationship.status).to.equal(Status.SuspendedByPatient);
    expect(hospital?.licensed).to.be.false;
    expect(laboratory?.relationship.status).to.equal(Status.Ended);
    expect(laboratory?.licensed).to.be.true;
  });

  it("is read in pages", async () => {
    const { summary, ids } = await load();

    for (const [offset, limit, expected] of [
      [0, 1, [ids.hospital]],
      [1, 1, [ids.laboratory]],
      [1, 9, [ids.laboratory]],
      [2, 9, []],
      [0, 0, []],
    ] as const) {
      const overview = await summary.overviewOf(ids.alice, offset, limit);
      expect(overview.relationshipCount).to.equal(2);
      expect(overview.relationships.map((entry) => entry.provider)).to.deep.equal(expected);
    }
  });

  it("doesn't show what the patient never approved", async () => {
    const { summary, relationships, ids, generalHospital } = await load();
    await relationships.connect(generalHospital).propose(ids.bob, digestOf("terms"), 0);

    const overview = await summary.overviewOf(ids.bob, 0, 10);

    expect(overview.relationshipCount).to.equal(0);
    expect(overview.relationships).to.deep.equal([]);
  });

  it("is about patients: NotAPatient", async () => {
    const { summary, ids } = await load();

    for (const id of [ids.hospital, 0n, 999n]) {
      await expect(summary.overviewOf(id, 0, 1))
        .to.be.revertedWithCustomError(summary, "NotAPatient")
        .withArgs(id);
    }
  });

  describe("viewersAmong", () => {
    const EVERYTHING = 0xff;

    it("says of many viewers what each may see, for any purpose, and of nobody more", async () => {
      const world = await loadWithResponders();
      const { summary, consents, ids, alice } = world;
      const until = await inHours(world, 24);
      const grant = { viewer: ids.insurer, steward: ids.hospital, sensitiveFromAnySteward: false, until };
      const categories = maskOf(MEDICATION, SENSITIVE);
      await consents.connect(alice).grant(ids.alice, { ...grant, purpose: HRESCH, categories });
      await breakGlass(world);
      const viewers = [ids.alice, ids.hospital, ids.insurer, ids.bob, ids.ambulance, ids.clinic, 0n, 999n, ids.insurer];

      const seen = await summary.viewersAmong(ids.alice, ids.hospital, EVERYTHING, viewers);

      // Bob is alice's delegate, who views summaries.
      expect(seen.map(Number)).to.deep.equal([
        ...[EVERYTHING, EVERYTHING, categories, maskOf(SUMMARY)],
        ...[DEFAULT_EMERGENCY, 0, 0, 0, categories],
      ]);
    });

    it("answers for the categories that were asked about alone", async () => {
      const { summary, ids } = await load();
      for (const asked of [0, maskOf(SUMMARY), maskOf(SENSITIVE), 0x7e, EVERYTHING]) {
        expect(await summary.viewersAmong(ids.alice, ids.hospital, asked, [ids.alice, ids.bob])).to.deep.equal([
          BigInt(asked),
          0n,
        ]);
      }
      expect(await summary.viewersAmong(ids.alice, ids.hospital, EVERYTHING, [])).to.deep.equal([]);
    });

    it("says that nobody sees anything of one who is no patient", async () => {
      const { summary, ids } = await load();
      for (const patient of [ids.hospital, 0n, 999n]) {
        const seen = await summary.viewersAmong(patient, ids.hospital, EVERYTHING, [patient, ids.hospital, ids.alice]);
        expect(seen).to.deep.equal([0n, 0n, 0n]);
      }
    });

    it("says what counts now: not what expired or was revoked", async () => {
      const world = await loadWithResponders();
      const { summary, consents, ids, alice, networkHelpers } = world;
      const asked = () => summary.viewersAmong(ids.alice, ids.hospital, EVERYTHING, [ids.insurer, ids.ambulance]);
      await breakGlass(world);
      const grant = { viewer: ids.insurer, purpose: ETREAT, steward: 0n, sensitiveFromAnySteward: false };
      await consents
        .connect(alice)
        .grant(ids.alice, { ...grant, categories: maskOf(SUMMARY), until: await inHours(world, 24) });
      expect(await asked()).to.deep.equal([BigInt(maskOf(SUMMARY)), BigInt(DEFAULT_EMERGENCY)]);
      await networkHelpers.time.increase(4 * 60 * 60);
      expect(await asked()).to.deep.equal([BigInt(maskOf(SUMMARY)), 0n]);
      await consents.connect(alice).revokeViewer(ids.alice, ids.insurer);
      expect(await asked()).to.deep.equal([0n, 0n]);
    });
  });

  describe("says in one answer whether an account may anchor:", () => {
    const askedOf = async ({ summary }: Awaited<ReturnType<typeof load>>, patient: bigint, account: AddressLike) => {
      const { author, admitted, withdrawn } = await summary.anchoringOf(patient, account);
      return { author, admitted, withdrawn };
    };

    it("a steward's, as long as relationship and licence last, and how the relationship stands", async () => {
      const world = await load();
      const { summary, relationships, records, ids, alice, generalHospital, laboratory } = world;
      const author = ids.hospital;
      expect(await askedOf(world, ids.alice, generalHospital)).to.deep.equal({
        author,
        admitted: true,
        withdrawn: false,
      });
      const { relationship } = await summary.anchoringOf(ids.alice, generalHospital);
      expect(relationship).to.deep.equal(await relationships.relationship(ids.alice, ids.hospital));

      await relationships.connect(alice).end(ids.alice, ids.hospital);
      expect((await askedOf(world, ids.alice, generalHospital)).admitted, "ended").to.be.false;
      await expect(records.connect(generalHospital).anchor(ids.alice, digestOf("a record")))
        .to.be.revertedWithCustomError(records, "NotAnActiveSteward")
        .withArgs(ids.alice, ids.hospital);
      expect((await askedOf(world, ids.alice, laboratory)).admitted, "another's").to.be.true;
      await suspend(world, ids.laboratory);
      expect((await askedOf(world, ids.alice, laboratory)).admitted, "suspended").to.be.false;
    });

    it("the patient's own, and nobody's", async () => {
      const world = await load();
      const { ids, alice, bob, insurer, relayer } = world;
      expect(await askedOf(world, ids.alice, alice)).to.deep.equal({
        author: ids.alice,
        admitted: true,
        withdrawn: false,
      });
      expect((await askedOf(world, ids.alice, bob)).admitted, "another person").to.be.false;
      expect((await askedOf(world, ids.insurer, insurer)).admitted, "an institution's about itself").to.be.false;
      expect(await askedOf(world, ids.alice, relayer)).to.deep.equal({ author: 0n, admitted: false, withdrawn: false });
      expect((await askedOf(world, 0n, relayer)).admitted, "nobody's about nobody").to.be.false;
    });

    it("and whether the author withdrew who the patient is", async () => {
      const world = await load();
      const { registrar, ids, alice, generalHospital, laboratory } = world;
      const said = { issuer: ids.hospital, account: alice.address, commitment: COMMITMENT };
      const deadline = (await now(world)) + DAY;
      const attested = await authorize(registrar, "IdentityAttestation", { ...said, deadline }, generalHospital);
      await registrar.linkIdentity(alice.address, COMMITMENT, attested);
      expect((await askedOf(world, ids.alice, generalHospital)).withdrawn, "attested").to.be.false;
      await registrar.connect(generalHospital).withdrawIdentity(COMMITMENT, true);
      expect((await askedOf(world, ids.alice, generalHospital)).withdrawn).to.be.true;
      expect((await askedOf(world, ids.alice, laboratory)).withdrawn, "another's word").to.be.false;
    });
  });

  it("says in one answer where a history stands and whose an account is", async () => {
    const { summary, records, registrar, ids, alice, generalHospital, relayer, networkHelpers } = await load();
    await records.connect(generalHospital).anchor(ids.alice, digestOf("a record"));
    const head = await records.headOf(ids.alice);

    expect(await summary.readingOf(ids.alice, alice)).to.deep.equal([head, ids.alice]);
    expect(await summary.readingOf(ids.alice, generalHospital)).to.deep.equal([head, ids.hospital]);
    expect(await summary.readingOf(ids.alice, relayer), "nobody's account").to.deep.equal([head, 0n]);
    expect(await summary.readingOf(999n, alice), "nobody's history").to.deep.equal([0n, ids.alice]);
    await registrar.connect(alice).retireAccount(alice);
    await networkHelpers.time.increase(30 * DAY);
    expect(await summary.readingOf(ids.alice, alice)).to.deep.equal([head, await registrar.participantOf(alice)]);
  });
});
