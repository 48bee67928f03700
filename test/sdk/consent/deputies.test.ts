import { expect } from "chai";

import { EVERY_STEWARD, identitySalt, type Appointment, type Client, type Question } from "../../../src/sdk/index.js";
import { HOUR, inFuture, mine, reorganised, thisYear } from "../helpers.js";
import {
  type Actor,
  childRequest,
  comingOfAge,
  createDevnet,
  type Devnet,
  throughJson,
} from "../../../devnet/index.js";

describe("consent of who acts in a patient's place", () => {
  let world: Devnet;
  let clinic: Actor;
  let alice: Actor;
  let bob: Actor;
  let patients = 0;
  before(async () => {
    world = await createDevnet();
    clinic = await world.institution("General Hospital");
  });
  after(() => world.close());
  beforeEach(async () => {
    alice = await world.patient(`alice ${++patients}`);
    bob = await world.patient(`bob ${patients}`);
  });

  const question = (changes: Partial<Question> = {}): Question => ({
    ...{ patient: alice.id, steward: alice.id, viewer: bob.id, category: "CARE", purpose: "TREAT" },
    ...changes,
  });
  const ask = async (changes: Partial<Question> = {}, client: Client = clinic.client) => {
    const { allowed, reason } = await client.decide(question(changes));
    return reason ?? allowed;
  };
  const appoint = async (changes: Partial<Appointment> = {}) => {
    const until = await inFuture(world, HOUR);
    await alice.client.appointDelegate({ delegate: bob.id, view: ["CARE"], until, ...changes });
    return changes.until ?? until;
  };

  describe("a delegate", () => {
    it("is for what it may view, whoever keeps it and what for, and for nothing else", async () => {
      await appoint();
      expect(await ask()).to.equal(true);
      expect(await ask({ steward: clinic.id, purpose: "HPAYMT" })).to.equal(true);
      expect(await ask({ category: "SUMMARY" })).to.equal("NOT_GRANTED");
      expect(await ask({ viewer: clinic.id, steward: alice.id })).to.equal("NOT_GRANTED");
      await appoint({ view: [], approve: true, grant: ["CARE"] });
      expect(await ask(), "to grant isn't to view").to.equal("NOT_GRANTED");
    });

    it("counts once it is final, and ends at the head", async () => {
      const slow = await world.clientOf(clinic, { finality: 5 });
      await appoint();
      expect(await ask({}, slow)).to.equal("NOT_FINAL");
      await mine(world, 5);
      expect(await ask({}, slow)).to.equal(true);
      await alice.client.dismissDelegate({ delegate: bob.id });
      expect(await ask({}, slow)).to.equal("NOT_GRANTED");
    });

    it("ends when the chain's time says so, or only the local clock", async () => {
      const until = await appoint({ until: await inFuture(world, 120) });
      const late = await world.clientOf(clinic, { clock: () => until });
      expect(await ask({}, late)).to.equal("EXPIRED_LOCALLY");
      const early = await world.clientOf(clinic, { clock: () => until - 1 });
      expect(await ask({}, early)).to.equal(true);
      await world.increaseTime(120);
      expect(await ask({}, early)).to.equal("NOT_GRANTED");
    });

    const endings: Record<string, () => Promise<unknown>> = {
      "dismissed it": () => alice.client.dismissDelegate({ delegate: bob.id }),
      "was left by it": () => bob.client.dismissDelegate({ patient: alice.id, delegate: bob.id }),
      "revoked everything": () => alice.client.revokeAccess({ everyone: true }),
    };
    for (const [what, end] of Object.entries(endings)) {
      it(`stays ended when a reorganisation takes back that the patient ${what}, and it was seen`, async () => {
        await appoint();
        await reorganised(world, async () => {
          await end();
          expect(await ask()).to.equal("NOT_GRANTED");
        });
        expect(await clinic.client.canView(question()), "the contract alone would say yes").to.equal(true);
        expect(await ask()).to.equal("REVOKED_BEFORE");
        await world.reopen(clinic);
        expect(await ask(), "after a restart").to.equal("REVOKED_BEFORE");
        await end();
        await appoint();
        expect(await ask(), "an appointment that is newer than the end").to.equal(true);
      });
    }

    it("stays ended by the newest dismissal that was seen, also when an older one is seen after it", async () => {
      await appoint();
      await alice.client.dismissDelegate({ delegate: bob.id });
      // Without a journal, from which it would be sent again.
      const elsewhere = await world.thiefOf(alice);
      const until = await inFuture(world, HOUR);
      await reorganised(world, async () => {
        await elsewhere.appointDelegate({ delegate: bob.id, view: ["CARE"], until });
        await elsewhere.dismissDelegate({ delegate: bob.id });
        expect(await ask()).to.equal("NOT_GRANTED");
      });
      expect(await ask(), "the older one").to.equal("NOT_GRANTED");
      await appoint();
      expect(await ask(), "an appointment that is older than the newest dismissal").to.equal("REVOKED_BEFORE");
      await alice.client.dismissDelegate({ delegate: bob.id });
      await appoint();
      expect(await ask(), "one that is newer than both").to.equal(true);
    });

    it("stays ended when a reorganisation takes back that everything was revoked, which was seen elsewhere", async () => {
      await appoint();
      await reorganised(world, async () => {
        await alice.client.revokeAccess({ everyone: true });
        expect(await ask({ viewer: clinic.id })).to.equal("NOT_GRANTED");
      });
      expect(await ask()).to.equal("REVOKED_BEFORE");
    });

    it("says nothing about what the same viewer was granted, or the other way round", async () => {
      await appoint();
      const until = await inFuture(world, HOUR);
      const grant = { viewer: bob.id, purpose: "TREAT", steward: EVERY_STEWARD } as const;
      await alice.client.grantAccess({ ...grant, categories: ["CARE"], until });
      await reorganised(world, async () => {
        await alice.client.dismissDelegate({ delegate: bob.id });
        expect(await ask(), "by the grant").to.equal(true);
        await alice.client.revokeAccess(grant);
        expect(await ask()).to.equal("NOT_GRANTED");
      });
      expect(await ask()).to.equal("REVOKED_BEFORE");
      await appoint();
      expect(await ask({ purpose: "HPAYMT" })).to.equal(true);
      await alice.client.revokeAccess({ viewer: bob.id });
      expect(await ask(), "by the delegation, which a revocation of the viewer's grants doesn't touch").to.equal(true);
    });

    it("isn't ended by having been asked before there was one", async () => {
      expect(await ask()).to.equal("NOT_GRANTED");
      await appoint();
      expect(await ask()).to.equal(true);
    });
  });

  describe("a child's representative", () => {
    let child: number;
    beforeEach(async () => {
      const attestation = await clinic.client.attestChild({
        ...(await childRequest(bob)),
        ...{ identifier: "mrn|9", salt: identitySalt() },
        comesOfAgeIn: await thisYear(world),
      });
      child = (await bob.client.registerChild({ attestation: throughJson(attestation) })).participant;
    });

    const asked = () => ask({ patient: child, steward: clinic.id });

    it("is for everything, once the registration is final, until the end of the year", async () => {
      for (const category of ["SENSITIVE", "SUMMARY"] as const) {
        expect(await ask({ patient: child, category, purpose: "PATRQT" })).to.equal(true);
      }
      const slow = await world.clientOf(clinic, { finality: 50 });
      expect(await ask({ patient: child }, slow)).to.equal("NOT_FINAL");
      const { until } = (await clinic.client.powersOf({ patient: child, delegate: bob.id }))!;
      const late = await world.clientOf(clinic, { clock: () => until });
      expect(await ask({ patient: child }, late)).to.equal("EXPIRED_LOCALLY");
    });

    it("goes on when the representative revokes everything that was granted", async () => {
      await bob.client.revokeAllOf({ patient: child });
      expect(await asked()).to.equal(true);
    });

    it("stays ended when a reorganisation takes back that the child came of age, and it was seen", async () => {
      const grown = await world.actor(`grown ${patients}`);
      const request = await comingOfAge(grown, child);
      const file = await clinic.client.attestComingOfAge(request);
      await reorganised(world, async () => {
        await alice.client.relay({ file: throughJson(file) });
        expect(await asked()).to.equal("NOT_GRANTED");
      });
      const of = { ...question(), patient: child, steward: clinic.id };
      expect(await clinic.client.canView(of), "the contract alone would say yes").to.equal(true);
      expect(await asked()).to.equal("REVOKED_BEFORE");
    });
  });
});
