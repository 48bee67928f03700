import { expect } from "chai";

import { expectCode, HOUR, inFuture } from "../helpers.js";
import { type Actor, createDevnet, type Devnet, relate, throughJson } from "../../../devnet/index.js";

const DAY = 24 * HOUR;

describe("a patient's settings", () => {
  let world: Devnet;
  let clinic: Actor;
  let alice: Actor;
  let patients = 0;
  before(async () => {
    world = await createDevnet();
    clinic = await world.institution("General Hospital");
  });
  after(() => world.close());
  beforeEach(async () => {
    alice = await world.patient(`alice ${++patients}`);
  });

  const settings = () => clinic.client.settingsOf({ patient: alice.id });

  it("are open to everybody's proposals, to every term, and to emergencies, until they are changed", async () => {
    expect(await settings()).to.deep.equal({
      refuseUnknownProviders: false,
      longestGrant: 0,
      emergencyCategories: ["SUMMARY", "MEDICATION"],
    });
  });

  it("are changed one by one; the others stay", async () => {
    await alice.client.changeSettings({ longestGrant: 90 });
    await alice.client.changeSettings({ refuseUnknownProviders: true });
    await alice.client.changeSettings({ emergencyCategories: ["SENSITIVE", "SUMMARY"] });
    const expected = {
      refuseUnknownProviders: true,
      longestGrant: 90,
      emergencyCategories: ["SUMMARY", "SENSITIVE"],
    };
    expect(await settings()).to.deep.equal(expected);
    expect((await alice.client.overviewOf({ patient: alice.id })).settings).to.deep.equal(expected);
    await alice.client.changeSettings({ emergencyCategories: [], refuseUnknownProviders: false, longestGrant: 0 });
    expect(await settings()).to.deep.equal({ refuseUnknownProviders: false, longestGrant: 0, emergencyCategories: [] });
  });

  it("that are signed name all of them, as they were when they were signed", async () => {
    await alice.client.changeSettings({ longestGrant: 90 });
    const file = await alice.client.signChangeSettings({ emergencyCategories: ["CARE"] });
    expect(file.message).to.deep.include({ refuseProposalsFromUnknownProviders: false, longestGrantInDays: 90 });
    expect(file.message["emergencyCategories"]).to.deep.include({ care: true, summary: false });
    await clinic.client.relay({ file: throughJson(file) });
    expect(await settings()).to.deep.include({ longestGrant: 90, emergencyCategories: ["CARE"] });
  });

  it("keep unknown providers from proposing, and known ones and offers aren't kept off", async () => {
    await relate(clinic, alice);
    await alice.client.endRelationship({ patient: alice.id, provider: clinic.id });
    await alice.client.changeSettings({ refuseUnknownProviders: true });
    await clinic.client.proposeRelationship({ patient: alice.id });
    const lab = await world.institution(`Laboratory ${patients}`);
    await expectCode("ONLY_KNOWN_PROVIDERS", lab.client.proposeRelationship({ patient: alice.id }));
    await relate(lab, alice);
  });

  it("bound the term of a grant, whoever signs it when", async () => {
    const grant = async (days: number) => ({
      ...{ viewer: clinic.id, categories: ["CARE"] as const, purpose: "TREAT" as const },
      until: (await inFuture(world, days * DAY)) - 60,
    });
    await alice.client.changeSettings({ longestGrant: 30 });
    await expectCode("EXPIRY_TOO_FAR", alice.client.grantAccess(await grant(31)));
    await alice.client.grantAccess(await grant(30));
    const signed = await alice.client.signGrantAccess(await grant(31));
    await expectCode("EXPIRY_TOO_FAR", clinic.client.relay({ file: signed }));
  });

  it("aren't changed to what doesn't exist, nor by somebody who is no person", async () => {
    await expectCode("UNKNOWN_NAME", alice.client.changeSettings({ emergencyCategories: ["GOSSIP" as "CARE"] }));
    await expectCode("ARGUMENT_INVALID", alice.client.changeSettings({ longestGrant: 2 ** 16 }));
    await expectCode("NOT_A_PERSON", clinic.client.changeSettings({ longestGrant: 1 }));
    // From plain JavaScript, a misspelt one would change nothing and cancel every signature.
    for (const misspelt of [{ longestGrants: 7 }, { longestGrant: 7, emergency: [] }] as object[]) {
      const { hint } = await expectCode("ARGUMENT_INVALID", alice.client.changeSettings(misspelt));
      expect(hint).to.include("emergencyCategories");
      await expectCode("ARGUMENT_INVALID", alice.client.signChangeSettings(misspelt));
      await expectCode("ARGUMENT_INVALID", alice.client.changeSettingsOf({ patient: alice.id, ...misspelt }));
    }
    expect(await settings()).to.include({ longestGrant: 0 });
    const stranger = await world.actor("stranger");
    await expectCode("NOT_REGISTERED", stranger.client.changeSettings({ longestGrant: 1 }));
  });
});
