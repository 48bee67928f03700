import { expect } from "chai";

import { CATEGORIES, EVERY_STEWARD, type Category, type GrantInput } from "../../../src/sdk/index.js";
import { expectCode, HOUR, inFuture } from "../helpers.js";
import { type Actor, createDevnet, type Devnet, throughJson } from "../../../devnet/index.js";

const DAY = 24 * HOUR;

describe("several changes of consent", () => {
  let world: Devnet;
  let clinic: Actor;
  let lab: Actor;
  let alice: Actor;
  let patients = 0;
  before(async () => {
    world = await createDevnet();
    [clinic, lab] = await Promise.all([world.institution("General Hospital"), world.institution("Laboratory")]);
  });
  after(() => world.close());
  beforeEach(async () => {
    alice = await world.patient(`alice ${++patients}`);
  });

  const grant = async (viewer: Actor, categories: readonly Category[], changes: Partial<GrantInput> = {}) => ({
    ...{ viewer: viewer.id, categories, purpose: "TREAT" as const, until: await inFuture(world, DAY) },
    ...changes,
  });
  const canView = (viewer: Actor, category: Category = "CARE") =>
    clinic.client.canView({ patient: alice.id, steward: alice.id, viewer: viewer.id, category, purpose: "TREAT" });
  const whole = (viewer: Actor) => ({ viewer: viewer.id, purpose: "TREAT" as const });

  describe("are made in one transaction", () => {
    it("grants and revocations alike", async () => {
      await alice.client.changeConsents({
        grants: [await grant(clinic, ["CARE", "SUMMARY"]), await grant(lab, ["SENSITIVE"], { steward: alice.id })],
      });
      expect([await canView(clinic), await canView(clinic, "SUMMARY"), await canView(lab, "SENSITIVE")]).to.deep.equal([
        true,
        true,
        true,
      ]);
      await alice.client.changeConsents({
        revocations: [
          { ...whole(clinic), categories: ["CARE"] },
          { ...whole(lab), steward: alice.id },
        ],
        grants: [await grant(lab, ["CARE"])],
      });
      expect([await canView(clinic), await canView(clinic, "SUMMARY"), await canView(lab, "SENSITIVE")]).to.deep.equal([
        false,
        true,
        false,
      ]);
      expect(await canView(lab)).to.equal(true);
    });

    it("revocations first: a grant may replace what was revoked", async () => {
      await alice.client.grantAccess(await grant(clinic, CATEGORIES, { sensitiveFromAnySteward: true }));
      await alice.client.changeConsents({ revocations: [whole(clinic)], grants: [await grant(clinic, ["CARE"])] });
      const allowed = await Promise.all(CATEGORIES.map((category) => canView(clinic, category)));
      expect(CATEGORIES.filter((_, i) => allowed[i])).to.deep.equal(["CARE"]);
    });

    it("all of them, or none", async () => {
      const bad = await grant(lab, ["GENOMIC"]);
      await expectCode(
        "SENSITIVE_NEEDS_EXPLICIT_CONSENT",
        alice.client.changeConsents({ grants: [await grant(clinic, ["CARE"]), bad] }),
      );
      expect(await canView(clinic)).to.equal(false);
      await expectCode("MISSING_CHANGES", alice.client.changeConsents({}));
      await expectCode("MISSING_CHANGES", alice.client.changeConsents({ grants: [], revocations: [] }));
      await expectCode("MISSING_CATEGORIES", alice.client.changeConsents({ grants: [await grant(clinic, [])] }));
      await expectCode("VIEWER_IS_PATIENT", alice.client.changeConsents({ grants: [await grant(alice, ["CARE"])] }));
      await expectCode("NOT_A_PERSON", clinic.client.changeConsents({ grants: [await grant(lab, ["CARE"])] }));
    });
  });

  describe("are signed once", () => {
    const relay = (file: unknown) => lab.client.relay({ file: throughJson(file) });

    it("and shown with every name, purpose and category", async () => {
      const file = await alice.client.signChangeConsents({
        revocations: [{ ...whole(lab), steward: clinic.id }],
        grants: [await grant(clinic, ["CARE"], { until: 60 * 29_000_000 + 59 })],
      });
      const scope = { viewerName: "General Hospital", purpose: "TREAT", stewardName: "every steward" };
      const { revocations, grants } = file.message as { revocations: object[]; grants: object[] };
      expect(grants[0]).to.deep.include({ ...scope, sensitiveFromAnySteward: false, until: 60 * 29_000_000 });
      expect(revocations[0]).to.deep.include({ viewerName: "Laboratory", stewardName: "General Hospital" });
      expect(revocations[0]).not.to.have.property("until");
    });

    it("mixed, and counted from the state before all of them", async () => {
      await alice.client.grantAccess(await grant(clinic, ["CARE", "SUMMARY"]));
      const grants = [await grant(clinic, ["SUMMARY"]), await grant(lab, ["CARE"])];
      await relay(await alice.client.signChangeConsents({ revocations: [whole(clinic)], grants }));
      expect([await canView(clinic), await canView(clinic, "SUMMARY"), await canView(lab)]).to.deep.equal([
        false,
        true,
        true,
      ]);
    });

    it("and die with the next write to any of them, and with every revocation of everything", async () => {
      const sign = async () =>
        alice.client.signChangeConsents({ grants: [await grant(clinic, ["CARE"]), await grant(lab, ["CARE"])] });
      const writes: (() => Promise<unknown>)[] = [
        async () => alice.client.grantAccess(await grant(lab, ["SUMMARY"])),
        () => alice.client.revokeAccess({ ...whole(clinic), steward: EVERY_STEWARD }),
        () => alice.client.revokeAccess({ viewer: lab.id }),
        () => alice.client.revokeAccess({ everyone: true }),
      ];
      for (const write of writes) {
        const kept = await sign();
        await write();
        await expectCode("INVALID_SIGNATURE", relay(kept));
      }
      await relay(await sign());
      expect([await canView(clinic), await canView(lab)]).to.deep.equal([true, true]);
    });

    it("by the patient only: a delegate signs one grant at a time", async () => {
      const bob = await world.patient(`bob ${patients}`);
      const until = await inFuture(world, DAY);
      await alice.client.appointDelegate({ delegate: bob.id, grant: ["CARE"], until });
      const file = await bob.client.signChangeConsents({ grants: [await grant(lab, ["CARE"])] });
      expect(file.message["patient"]).to.equal(bob.id);
      await relay(file);
      expect(await canView(lab)).to.equal(false);
    });
  });
});
