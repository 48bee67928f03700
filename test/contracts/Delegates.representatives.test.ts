import { expect } from "chai";
import type { Signer } from "ethers";

import { takeOver } from "../helpers/contracts/child-world.js";
import { startOf } from "../helpers/contracts/children.js";
import { decree, suspend } from "../helpers/contracts/decrees.js";
import { ALL, entry, freeze, NONE, signDismissal, type Powers } from "../helpers/contracts/delegates.js";
import { grantToInsurer } from "../helpers/contracts/grants.js";
import { add, end, NOTICE, order, sees, withCourt, type CourtWorld } from "../helpers/contracts/representatives.js";
import { signAtRegistrar } from "../helpers/contracts/signatures.js";
import { DAY } from "../helpers/contracts/typed-data.js";
import { digestOf, now } from "../helpers/contracts/world.js";

const YEAR = 365 * DAY;
const later = (world: CourtWorld, seconds: number) => world.networkHelpers.time.increase(seconds);

/** A court announces somebody for bob. */
async function announce(
  world: CourtWorld,
  {
    by = world.court,
    patient = world.ids.bob,
    representative = world.ids.carol,
    powers = ALL,
    term = YEAR,
  }: {
    by?: Signer;
    patient?: bigint;
    representative?: bigint;
    powers?: Powers;
    term?: number;
  } = {},
) {
  const until = (await now(world)) + term;
  return world.delegates.connect(by).appointAsCourt(patient, representative, powers, until);
}

describe("Delegates: whom a court appoints for an adult", () => {
  it("counts after thirty days, to the second, and says so from the beginning", async () => {
    const world = await withCourt();
    const { delegates, ids } = world;
    const time = await now(world);
    await world.networkHelpers.time.setNextBlockTimestamp(time + 1);
    const from = time + 1 + NOTICE;
    await expect(announce(world))
      .to.emit(delegates, "DelegateAppointed")
      .withArgs(ids.bob, ids.carol, ids.court, entry(ALL, time + YEAR, 0, 1, { from, source: ids.court }));

    expect(await delegates.powersOf(ids.bob, ids.carol)).to.deep.equal([NONE, 0n]);
    await world.networkHelpers.time.increaseTo(from - 1);
    expect(await sees(world, ids.bob, ids.carol)).to.be.false;
    expect(await delegates.mayRepresent(ids.bob, ids.carol)).to.be.false;
    await world.networkHelpers.time.increaseTo(from);
    expect(await sees(world, ids.bob, ids.carol)).to.be.true;
    expect(await delegates.mayRepresent(ids.bob, ids.carol)).to.be.true;
    await world.networkHelpers.time.increaseTo(time + YEAR);
    expect(await sees(world, ids.bob, ids.carol), "its term").to.be.false;
  });

  for (const way of ["directly", "by a signature"]) {
    it(`is dismissed by the person during the notice, ${way}`, async () => {
      const world = await withCourt();
      const { delegates, bob, ids, relayer } = world;
      await announce(world);
      await later(world, NOTICE - 60);
      const dismissal = await signDismissal(world, bob, ids.carol, 1n);
      await expect(
        way === "directly"
          ? delegates.connect(bob).dismiss(ids.bob, ids.carol)
          : delegates.connect(relayer).dismissWithSig(ids.carol, 1, dismissal),
      )
        .to.emit(delegates, "DelegateDismissed")
        .withArgs(ids.bob, ids.carol, ids.bob, 3);

      await later(world, DAY);
      expect(await sees(world, ids.bob, ids.carol)).to.be.false;
      await expect(delegates.connect(bob).appoint(ids.carol, ALL, (await now(world)) + DAY), "bob's own").to.emit(
        delegates,
        "DelegateAppointed",
      );
    });
  }

  it("isn't the person's to dismiss or to change once it counts: AppointedByInstitution", async () => {
    const world = await withCourt();
    const { delegates, bob, carol, ids } = world;
    await announce(world);
    const own = delegates.connect(bob);
    const until = (await now(world)) + DAY;
    const refused = async (acting: Promise<unknown>) =>
      expect(acting)
        .to.be.revertedWithCustomError(delegates, "AppointedByInstitution")
        .withArgs(ids.bob, ids.carol, ids.court);
    await refused(own.appoint(ids.carol, ALL, until));
    await refused(delegates.connect(carol).dismiss(ids.bob, ids.carol));
    await later(world, NOTICE);

    await refused(own.dismiss(ids.bob, ids.carol));
    await refused(own.dismissWithSig(ids.carol, 1, await signDismissal(world, bob, ids.carol, 1n)));
    await refused(own.appoint(ids.carol, ALL, until + NOTICE));
    await refused(delegates.connect(carol).dismiss(ids.bob, ids.carol));
    await later(world, YEAR);
    await expect(own.dismiss(ids.bob, ids.carol), "when it is over").to.emit(delegates, "DelegateDismissed");
  });

  it("outlives what the person revokes, and the person's own delegates don't", async () => {
    const world = await withCourt();
    const { delegates, registrar, bob, ids } = world;
    await announce(world);
    await later(world, NOTICE);
    await delegates.connect(bob).appoint(ids.dave, ALL, (await now(world)) + DAY);
    await registrar.connect(bob).revokeAll(ids.bob);

    expect(await sees(world, ids.bob, ids.carol)).to.be.true;
    expect(await sees(world, ids.bob, ids.dave)).to.be.false;
  });

  it("leaves the person every right: grants, own delegates, revoking everything", async () => {
    const world = await withCourt();
    const { consents, bob, ids } = world;
    await announce(world);
    await later(world, NOTICE);
    await expect(consents.connect(bob).grant(ids.bob, await grantToInsurer(world))).to.emit(consents, "Granted");
    expect(await world.registrar.authenticatePatient(bob.address)).to.equal(ids.bob);
  });

  it("revokes everything and changes the settings, with every power; with fewer neither", async () => {
    const world = await withCourt();
    const { registrar, carol, dave, ids } = world;
    const strict = { knownOnly: true, longestGrant: 1, emergency: 0 };
    await announce(world);
    await announce(world, { representative: ids.dave, powers: { ...ALL, granting: 127 } });
    await announce(world, { representative: ids.erin, powers: { ...ALL, approving: false } });
    await expect(registrar.connect(carol).revokeAll(ids.bob), "not during the notice")
      .to.be.revertedWithCustomError(registrar, "NotTheRepresentative")
      .withArgs(ids.bob, ids.carol);
    await later(world, NOTICE);

    await expect(registrar.connect(carol).revokeAll(ids.bob)).to.emit(registrar, "AllRevoked");
    await expect(registrar.connect(carol).changeSettings(ids.bob, strict)).to.emit(registrar, "SettingsChanged");
    for (const act of [registrar.connect(dave), registrar.connect(world.erin)]) {
      await expect(act.revokeAll(ids.bob)).to.be.revertedWithCustomError(registrar, "NotTheRepresentative");
      await expect(act.changeSettings(ids.bob, strict)).to.be.revertedWithCustomError(
        registrar,
        "NotTheRepresentative",
      );
    }
    await expect(registrar.connect(carol).changeKeyOfChild(ids.bob, digestOf("a key")), "bob keeps his key")
      .to.be.revertedWithCustomError(registrar, "NotAChild")
      .withArgs(ids.bob);
  });

  it("is nobody while the court isn't licensed, and back with the licence", async () => {
    const world = await withCourt();
    const { ids } = world;
    await announce(world);
    await later(world, NOTICE);
    await suspend(world, ids.court);
    expect(await sees(world, ids.bob, ids.carol)).to.be.false;
    expect(await world.delegates.mayRepresent(ids.bob, ids.carol)).to.be.false;
    await decree(world, "reinstate", [ids.court]);
    expect(await sees(world, ids.bob, ids.carol)).to.be.true;
  });

  it("is ended by its court alone, announced or not, and without a licence", async () => {
    const world = await withCourt();
    const { delegates, court, otherCourt, ids } = world;
    await announce(world);
    await announce(world, { representative: ids.dave });
    await later(world, NOTICE);
    await announce(world, { representative: ids.erin });
    await suspend(world, ids.court);

    await expect(delegates.connect(otherCourt).endAsCourt(ids.bob, ids.carol))
      .to.be.revertedWithCustomError(delegates, "NotTheSource")
      .withArgs(ids.bob, ids.carol, ids.otherCourt);
    for (const id of [ids.carol, ids.erin]) {
      await expect(delegates.connect(court).endAsCourt(ids.bob, id))
        .to.emit(delegates, "DelegateDismissed")
        .withArgs(ids.bob, id, ids.court, 3);
    }
    await decree(world, "reinstate", [ids.court]);
    await later(world, NOTICE);
    expect(await Promise.all([ids.carol, ids.dave, ids.erin].map((id) => sees(world, ids.bob, id)))).to.deep.equal([
      false,
      true,
      false,
    ]);
  });

  it("is ended by any court with the authority, also of a court that is no more", async () => {
    const world = await withCourt();
    const { ids } = world;
    await announce(world);
    await later(world, NOTICE);
    await suspend(world, ids.court);

    await expect(end(world, world.otherCourt, [ids.bob, ids.carol]))
      .to.emit(world.delegates, "DelegateDismissed")
      .withArgs(ids.bob, ids.carol, ids.otherCourt, 3);
    await decree(world, "reinstate", [ids.court]);
    expect(await sees(world, ids.bob, ids.carol)).to.be.false;
  });

  it("isn't written twice, nor over what the person or another institution wrote: AlreadyAppointed", async () => {
    const world = await withCourt();
    const { delegates, bob, ids } = world;
    await announce(world);
    await delegates.connect(bob).appoint(ids.dave, ALL, (await now(world)) + DAY);
    for (const [by, representative] of [
      [world.court, ids.carol],
      [world.otherCourt, ids.carol],
      [world.court, ids.dave],
    ] as const) {
      await expect(announce(world, { by, representative }))
        .to.be.revertedWithCustomError(delegates, "AlreadyAppointed")
        .withArgs(ids.bob, representative);
    }
    await later(world, DAY);
    await expect(announce(world, { representative: ids.dave }), "when it is over").to.emit(
      delegates,
      "DelegateAppointed",
    );
  });

  it("is a court's to announce, by an owner: NotALicensedCourt", async () => {
    const world = await withCourt();
    const { delegates, generalHospital, stranger, alice, ids } = world;
    for (const [by, id] of [
      [generalHospital, ids.hospital],
      [alice, ids.alice],
    ] as const) {
      await expect(announce(world, { by })).to.be.revertedWithCustomError(delegates, "NotALicensedCourt").withArgs(id);
    }
    await expect(announce(world, { by: stranger })).to.be.revertedWithCustomError(world.registrar, "NotRegistered");
    await suspend(world, ids.court);
    await expect(announce(world)).to.be.revertedWithCustomError(delegates, "NotALicensedCourt");
  });

  it("may be of one who grew up without an account, and who comes of age all the same", async () => {
    const world = await withCourt();
    const { delegates, registrar, newPhone, ids, child, year } = world;
    await world.networkHelpers.time.increaseTo(startOf(year + 1));
    expect(await delegates.mayRepresent(child, ids.alice), "the mother's time is over").to.be.false;
    await announce(world, { patient: child });
    await later(world, NOTICE - 60);
    expect(await delegates.mayRepresent(child, ids.carol)).to.be.false;
    await later(world, 60);
    expect(await delegates.mayRepresent(child, ids.carol)).to.be.true;

    await takeOver(world);
    expect(await registrar.participantOf(newPhone.address)).to.equal(child);
    expect(await delegates.mayRepresent(child, ids.carol), "as with any other adult").to.be.true;
    await delegates.connect(world.court).endAsCourt(child, ids.carol);
    expect(await delegates.mayRepresent(child, ids.carol)).to.be.false;
  });

  it("is of an adult: PatientIsAChild, PatientNotAPerson", async () => {
    const world = await withCourt();
    const { delegates, ids, child } = world;
    await expect(announce(world, { patient: child }))
      .to.be.revertedWithCustomError(delegates, "PatientIsAChild")
      .withArgs(child);
    await world.networkHelpers.time.increaseTo(startOf(world.year + 1) - 1);
    await expect(announce(world, { patient: child }), "to the last second").to.be.revertedWithCustomError(
      delegates,
      "PatientIsAChild",
    );
    for (const patient of [ids.hospital, 0n, 999n]) {
      await expect(announce(world, { patient }))
        .to.be.revertedWithCustomError(delegates, "PatientNotAPerson")
        .withArgs(patient);
    }
  });

  it("is another person with a power and a term beyond the notice", async () => {
    const world = await withCourt();
    const { delegates, ids } = world;
    const refused = (change: Parameters<typeof announce>[1], error: string) =>
      expect(announce(world, change)).to.be.revertedWithCustomError(delegates, error);
    await refused({ representative: ids.bob }, "DelegateIsPatient");
    await refused({ representative: ids.hospital }, "DelegateNotAPerson");
    await refused({ powers: { approving: false, granting: 0, viewing: 0 } }, "MissingPowers");
    await refused({ term: NOTICE }, "InvalidDelegateTerm");
    await refused({ term: 10 * YEAR + 60 }, "InvalidDelegateTerm");
    await expect(announce(world, { term: NOTICE + 60 })).to.emit(delegates, "DelegateAppointed");
  });
});

describe("Delegates: another representative of a child", () => {
  it("counts at once with a present one's signature, and both act", async () => {
    const world = await withCourt();
    const { delegates, registrar, alice, bob, ids, child, year } = world;
    await expect(add(world, alice, [child, ids.bob]))
      .to.emit(delegates, "DelegateAppointed")
      .withArgs(
        child,
        ids.bob,
        ids.hospital,
        entry(ALL, startOf(year + 1), 0, 1, { source: ids.hospital, ofChild: true }),
      );

    expect([await sees(world, child, ids.alice), await sees(world, child, ids.bob)]).to.deep.equal([true, true]);
    await expect(registrar.connect(bob).revokeAll(child)).to.emit(registrar, "AllRevoked");
    expect(await sees(world, child, ids.bob), "outlives the epoch").to.be.true;
    await expect(add(world, bob, [child, ids.carol]), "the second one is as good").to.emit(
      delegates,
      "DelegateAppointed",
    );
  });

  it("is the issuer's to write: NotTheIssuer, NotALicensedProvider", async () => {
    const world = await withCourt();
    const { delegates, registrar, alice, bob, laboratory, ids, child } = world;
    await expect(add(world, alice, [child, ids.bob], { sender: laboratory }))
      .to.be.revertedWithCustomError(delegates, "NotTheIssuer")
      .withArgs(child, ids.laboratory);
    for (const sender of [alice, bob, world.court]) {
      await expect(add(world, alice, [child, ids.bob], { sender })).to.be.revertedWithCustomError(
        registrar,
        "NotALicensedProvider",
      );
    }
    await suspend(world, ids.hospital);
    await expect(add(world, alice, [child, ids.bob])).to.be.revertedWithCustomError(registrar, "NotALicensedProvider");
  });

  it("takes the signature of one that counts: NotEmpowered, RecoveryPending", async () => {
    const world = await withCourt();
    const { delegates, registrar, alice, bob, ids, child } = world;
    await expect(add(world, bob, [child, ids.carol]))
      .to.be.revertedWithCustomError(delegates, "NotEmpowered")
      .withArgs(child, ids.bob);
    await freeze(world, alice);
    await expect(add(world, alice, [child, ids.bob]))
      .to.be.revertedWithCustomError(registrar, "RecoveryPending")
      .withArgs(ids.alice);
  });

  it("is what was signed: InvalidSignature", async () => {
    const world = await withCourt();
    const { delegates, registrar, alice, ids, child } = world;
    for (const other of [
      { issuer: ids.laboratory },
      { child: ids.bob },
      { representative: ids.carol },
      { version: 1n },
      { signatureEpoch: 7n },
    ]) {
      await expect(add(world, alice, [child, ids.bob], other), Object.keys(other)[0]).to.be.revertedWithCustomError(
        delegates,
        "InvalidSignature",
      );
    }
    await registrar.connect(alice).revokeAll(child);
    await expect(
      add(world, alice, [child, ids.bob], { signatureEpoch: 1n }),
      "signed before",
    ).to.be.revertedWithCustomError(delegates, "InvalidSignature");
  });

  it("is of a child, and not there yet: PatientNotAChild, AlreadyAppointed", async () => {
    const world = await withCourt();
    const { delegates, alice, ids, child, year } = world;
    await expect(add(world, alice, [ids.bob, ids.carol])).to.be.revertedWithCustomError(delegates, "PatientNotAChild");
    await expect(add(world, alice, [child, ids.alice]))
      .to.be.revertedWithCustomError(delegates, "AlreadyAppointed")
      .withArgs(child, ids.alice);
    await world.networkHelpers.time.increaseTo(startOf(year + 1));
    await expect(add(world, alice, [child, ids.bob]))
      .to.be.revertedWithCustomError(delegates, "PatientNotAChild")
      .withArgs(child);
  });
});

describe("Delegates: a child's representative by order", () => {
  for (const who of ["issuer", "court"] as const) {
    it(`is ended by ${who} and authority, at once, and replaced after the authority's delay`, async () => {
      const world = await withCourt();
      const { delegates, registrar, alice, bob, ids, child } = world;
      const by = who === "issuer" ? world.generalHospital : world.court;
      const source = who === "issuer" ? ids.hospital : ids.court;
      await expect(end(world, by, [child, ids.alice]))
        .to.emit(delegates, "DelegateDismissed")
        .withArgs(child, ids.alice, source, 3);
      expect(await sees(world, child, ids.alice), "reading stops").to.be.false;
      await expect(registrar.connect(alice).revokeAll(child)).to.be.revertedWithCustomError(
        registrar,
        "NotTheRepresentative",
      );

      await expect(order(world, by, [child, ids.bob]))
        .to.emit(delegates, "DelegateAppointed")
        .withArgs(child, ids.bob, source, entry(ALL, startOf(world.year + 1), 0, 1, { source, ofChild: true }));
      expect(await sees(world, child, ids.bob)).to.be.true;
      await expect(registrar.connect(bob).changeKeyOfChild(child, digestOf("bob's")), "with a key of its own").to.emit(
        registrar,
        "KeyChanging",
      );
      expect(await registrar.keyDocumentOf(child)).to.equal(digestOf("bob's"));
    });
  }

  it("stays when its issuer, or the court that appointed it, is no more", async () => {
    const world = await withCourt();
    const { ids, child } = world;
    await order(world, world.court, [child, ids.bob]);
    for (const id of [ids.hospital, ids.court]) await suspend(world, id);

    expect([await sees(world, child, ids.alice), await sees(world, child, ids.bob)]).to.deep.equal([true, true]);
  });

  it("isn't ended by one of the two alone", async () => {
    const world = await withCourt();
    const { delegates, generalHospital, court, alice, ids, child } = world;
    for (const by of [generalHospital, court]) {
      await expect(delegates.connect(by).endAsCourt(child, ids.alice)).to.be.revertedWithCustomError(
        delegates,
        "NotTheSource",
      );
      await expect(end({ ...world, authority: by }, by, [child, ids.alice])).to.be.revertedWithCustomError(
        delegates,
        "AccessManagedUnauthorized",
      );
    }
    await order(world, court, [child, ids.bob]);
    await expect(delegates.connect(court).endAsCourt(child, ids.bob), "its own, either").to.be.revertedWithCustomError(
      delegates,
      "NotTheSource",
    );
    await expect(end(world, alice, [child, ids.alice])).to.be.revertedWithCustomError(delegates, "NotTheSource");
    await expect(end(world, world.laboratory, [child, ids.alice]))
      .to.be.revertedWithCustomError(delegates, "NotTheSource")
      .withArgs(child, ids.alice, ids.laboratory);
  });

  it("is appointed by its licensed issuer or a court, and nobody else: NotTheIssuer", async () => {
    const world = await withCourt();
    const { delegates, laboratory, generalHospital, ids, child } = world;
    await expect(order(world, laboratory, [child, ids.bob]))
      .to.be.revertedWithCustomError(delegates, "NotTheIssuer")
      .withArgs(child, ids.laboratory);
    await suspend(world, ids.hospital);
    await expect(order(world, generalHospital, [child, ids.bob])).to.be.revertedWithCustomError(
      delegates,
      "NotTheIssuer",
    );
    await expect(order(world, world.court, [ids.bob, ids.carol]))
      .to.be.revertedWithCustomError(delegates, "PatientNotAChild")
      .withArgs(ids.bob);
    await expect(order(world, world.court, [child, ids.alice])).to.be.revertedWithCustomError(
      delegates,
      "AlreadyAppointed",
    );
  });

  it("is what the institution's owner signed, once: InvalidSignature", async () => {
    const world = await withCourt();
    const { delegates, court, ids, child } = world;
    for (const other of [
      { institution: ids.hospital },
      { version: 0n },
      { patient: ids.bob },
      { representative: ids.bob },
    ]) {
      await expect(end(world, court, [child, ids.alice], other), Object.keys(other)[0]).to.be.revertedWithCustomError(
        delegates,
        "InvalidSignature",
      );
    }
    for (const other of [
      { institution: ids.hospital },
      { version: 1n },
      { child: ids.bob },
      { representative: ids.carol },
    ]) {
      await expect(order(world, court, [child, ids.bob], other), Object.keys(other)[0]).to.be.revertedWithCustomError(
        delegates,
        "InvalidSignature",
      );
    }
  });

  it("can't resign, nor be dismissed: AppointedByInstitution", async () => {
    const world = await withCourt();
    const { delegates, alice, bob, ids, child } = world;
    await expect(delegates.connect(alice).dismiss(child, ids.alice))
      .to.be.revertedWithCustomError(delegates, "AppointedByInstitution")
      .withArgs(child, ids.alice, ids.hospital);
    await expect(delegates.connect(bob).dismiss(child, ids.alice)).to.be.revertedWithCustomError(
      delegates,
      "NotEmpowered",
    );
  });

  it("ends when the child comes of age, whoever appointed it; the grown child may appoint it anew", async () => {
    const world = await withCourt();
    const { delegates, newPhone, alice, ids, child, year } = world;
    await add(world, alice, [child, ids.bob]);
    await order(world, world.court, [child, ids.carol]);
    await world.networkHelpers.time.increaseTo(startOf(year));
    await takeOver(world);

    for (const id of [ids.alice, ids.bob, ids.carol]) {
      expect(await delegates.powersOf(child, id)).to.deep.equal([NONE, 0n]);
      expect(await delegates.mayRepresent(child, id)).to.be.false;
    }
    await expect(delegates.connect(newPhone).appoint(ids.alice, ALL, (await now(world)) + DAY)).to.emit(
      delegates,
      "DelegateAppointed",
    );
    await expect(announce(world, { patient: child, representative: ids.carol }), "an adult like any other").to.emit(
      delegates,
      "DelegateAppointed",
    );
  });

  it("is written first by the Registrar alone: NotTheRegistrar", async () => {
    const world = await withCourt();
    const { delegates, bob, generalHospital, authority, ids, child } = world;
    for (const by of [bob, generalHospital, authority]) {
      await expect(delegates.connect(by).representChild(child, ids.bob, ids.hospital, 2040))
        .to.be.revertedWithCustomError(delegates, "NotTheRegistrar")
        .withArgs(by.address);
    }
  });
});

describe("Registrar: a child's key", () => {
  it("is changed by a representative's signature, once", async () => {
    const world = await withCourt();
    const { registrar, alice, relayer, child } = world;
    const keyDocument = digestOf("another key");
    const signed = await signAtRegistrar(world, "KeyChange", alice, { participant: child, keyDocument, keyVersion: 2 });
    const change = () => registrar.connect(relayer).changeKeyOfChildWithSig(child, keyDocument, signed);
    await expect(change()).to.emit(registrar, "KeyChanging");
    expect(await registrar.keyVersionOf(child)).to.equal(2);
    await expect(change()).to.be.revertedWithCustomError(registrar, "InvalidSignature");
  });

  it("is changed at once, and again after six hours: KeyChangedJustNow", async () => {
    const world = await withCourt();
    const { registrar, alice, bob, ids, child, networkHelpers } = world;
    await add(world, alice, [child, ids.bob]);
    await registrar.connect(alice).changeKeyOfChild(child, digestOf("alice's"));
    const next = (await now(world)) + 6 * 3600;

    for (const by of [alice, bob]) {
      await expect(registrar.connect(by).changeKeyOfChild(child, digestOf("another key")))
        .to.be.revertedWithCustomError(registrar, "KeyChangedJustNow")
        .withArgs(child, next);
    }
    await networkHelpers.time.setNextBlockTimestamp(next);
    await registrar.connect(bob).changeKeyOfChild(child, digestOf("bob's"));
    expect(await registrar.keyDocumentOf(child)).to.equal(digestOf("bob's"));
    expect(await registrar.keyVersionOf(child)).to.equal(3);
  });

  it("keeps its representative's signature until either of them cancels", async () => {
    const world = await withCourt();
    const { registrar, alice, child } = world;
    const keyDocument = digestOf("another key");
    const fields = { participant: child, keyDocument, keyVersion: 2 };
    const before = await signAtRegistrar(world, "KeyChange", alice, fields);
    await registrar.connect(alice).cancelSignatures();
    await expect(registrar.changeKeyOfChildWithSig(child, keyDocument, before)).to.be.revertedWithCustomError(
      registrar,
      "InvalidSignature",
    );
    const after = await signAtRegistrar(world, "KeyChange", alice, fields);
    await expect(registrar.changeKeyOfChildWithSig(child, keyDocument, after)).to.emit(registrar, "KeyChanging");
  });

  it("isn't changed by anybody else, nor by a frozen representative, nor for nothing", async () => {
    const world = await withCourt();
    const { registrar, alice, bob, ids, child } = world;
    const change = (by: Signer, keyDocument = digestOf("another key"), id = child) =>
      registrar.connect(by).changeKeyOfChild(id, keyDocument);
    await expect(change(bob)).to.be.revertedWithCustomError(registrar, "NotTheRepresentative").withArgs(child, ids.bob);
    await expect(change(alice, `0x${"00".repeat(32)}`)).to.be.revertedWithCustomError(registrar, "MissingKeyDocument");
    await expect(change(alice, digestOf("a key"), ids.alice)).to.be.revertedWithCustomError(registrar, "NotAChild");
    await freeze(world, alice);
    await expect(change(alice)).to.be.revertedWithCustomError(registrar, "RecoveryPending").withArgs(ids.alice);
  });
});
