import { expect } from "chai";

import { identitySalt } from "../../../src/sdk/index.js";
import { expectCode, HOUR, inFuture, thisYear } from "../helpers.js";
import {
  type Actor,
  childRequest,
  comingOfAge,
  createDevnet,
  type Devnet,
  throughJson,
} from "../../../devnet/index.js";
import { countOnce } from "./table.js";

describe("a signed action about somebody who acts in a patient's place", () => {
  let world: Devnet;
  let clinic: Actor;
  let ambulance: Actor;
  let dora: Actor;
  let paul: Actor;
  let grown: Actor;
  let child: number;
  before(async () => {
    world = await createDevnet();
    [clinic, ambulance] = await Promise.all([
      world.institution("General Hospital"),
      world.institution("Ambulance Service", ["EMERGENCY"]),
    ]);
    // None of them ever has any ether.
    dora = await world.actor("dora", { ether: false });
    paul = await world.actor("paul", { ether: false });
    grown = await world.actor("grown", { ether: false });
    for (const actor of [dora, paul]) {
      await clinic.client.relay({ file: await actor.client.signRegisterPatient() });
      actor.id = await actor.client.ownId();
    }
  });
  after(() => world.close());

  const appointment = async () => ({
    delegate: paul.id,
    approve: true,
    grant: ["CARE"] as const,
    view: ["SUMMARY"] as const,
    until: await inFuture(world, 24 * HOUR),
  });
  const powers = () => clinic.client.powersOf({ patient: dora.id, delegate: paul.id });
  const question = { category: "CARE", purpose: "TREAT" } as const;
  const salt = identitySalt();

  countOnce(() => ({ world, relayer: clinic }), {
    "an appointment of a delegate": {
      sign: async () => dora.client.signAppointDelegate(await appointment()),
      async check() {
        expect(await powers()).to.deep.include({
          delegate: paul.id,
          approve: true,
          grant: ["CARE"],
          view: ["SUMMARY"],
        });
      },
      replay: "INVALID_SIGNATURE",
    },
    "a grant in a patient's place": {
      async sign() {
        const until = await inFuture(world, HOUR);
        const given = { viewer: clinic.id, categories: ["CARE"], purpose: "TREAT", steward: dora.id, until } as const;
        return paul.client.signGrantAccess({ patient: dora.id, ...given });
      },
      async check() {
        const asked = { ...question, patient: dora.id, steward: dora.id, viewer: clinic.id };
        expect(await clinic.client.canView(asked)).to.equal(true);
      },
      replay: "INVALID_SIGNATURE",
    },
    "a dismissal of a delegate": {
      sign: () => dora.client.signDismissDelegate({ delegate: paul.id }),
      check: async () => void expect(await powers()).to.equal(undefined),
      replay: "STALE_SIGNATURE",
    },
    "a registration of a child": {
      async sign() {
        const attestation = await clinic.client.attestChild({
          ...(await childRequest(paul)),
          ...{ identifier: "mrn|9", salt },
          comesOfAgeIn: await thisYear(world),
        });
        return paul.client.signRegisterChild({ attestation: throughJson(attestation) });
      },
      async check() {
        child = (await clinic.client.resolve({ issuer: clinic.id, identifier: "mrn|9", salt }))!;
        expect((await clinic.client.listDelegates({ patient: child }))[0]).to.deep.include({ delegate: paul.id });
      },
      replay: "IDENTITY_ALREADY_LINKED",
    },
    "a change of a child's settings": {
      sign: () => paul.client.signChangeSettingsOf({ patient: child, longestGrant: 7 }),
      check: async () =>
        void expect(await clinic.client.settingsOf({ patient: child })).to.deep.include({ longestGrant: 7 }),
      replay: "INVALID_SIGNATURE",
    },
    "a revocation of everything over a child's records": {
      sign: () => paul.client.signRevokeAllOf({ patient: child }),
      check: async () =>
        void expect((await clinic.client.contracts.Registrar.epochsOf(child)).accessEpoch).to.equal(1n),
      replay: "INVALID_SIGNATURE",
    },
    "the coming of age": {
      async sign() {
        const request = await comingOfAge(grown, child);
        return clinic.client.attestComingOfAge(request);
      },
      async check() {
        expect(await grown.client.ownId()).to.equal(child);
        expect(await clinic.client.childhoodOf({ child })).to.equal(undefined);
      },
      replay: "NOT_A_CHILD",
    },
    "a review of a break-glass": {
      async sign() {
        const { number } = await ambulance.client.breakGlass({ patient: dora.id, reason: "found unconscious" });
        return dora.client.signReviewEmergency({ responder: ambulance.id, number, justified: true });
      },
      async check() {
        const [emergency] = await dora.client.listEmergencies({ patient: dora.id });
        expect(emergency!.outcome).to.equal("Justified");
      },
      replay: "ALREADY_REVIEWED",
    },
    "a review that finds out otherwise": {
      sign: () => dora.client.signReviewEmergency({ responder: ambulance.id, number: 1, justified: false }),
      async check() {
        const [emergency] = await dora.client.listEmergencies({ patient: dora.id });
        expect(emergency).to.deep.include({ outcome: "Unjustified", until: 0 });
      },
      replay: "ALREADY_REVIEWED",
    },
  });

  it("was paid for by others throughout", async () => {
    for (const { wallet } of [dora, paul, grown]) {
      expect(await world.provider.getBalance(wallet.address)).to.equal(0n);
      expect(await world.provider.getTransactionCount(wallet.address)).to.equal(0);
    }
  });

  it("that was kept back is dead once the delegate was dismissed", async () => {
    const kept = await dora.client.signAppointDelegate(await appointment());
    await clinic.client.relay({ file: await dora.client.signDismissDelegate({ delegate: paul.id }) });
    await expectCode("INVALID_SIGNATURE", clinic.client.relay({ file: kept }));
  });

  it("isn't good from somebody who has no powers", async () => {
    const until = await inFuture(world, HOUR);
    const given = { viewer: clinic.id, categories: ["CARE"], purpose: "TREAT", steward: dora.id, until } as const;
    const file = await paul.client.signGrantAccess({ patient: dora.id, ...given });
    await expectCode("NOT_EMPOWERED", clinic.client.relay({ file }));
    const review = { patient: dora.id, responder: ambulance.id, number: 1, justified: true };
    await expectCode("NOT_EMPOWERED", clinic.client.relay({ file: await paul.client.signReviewEmergency(review) }));
  });
});
