import { expect } from "chai";
import { ZeroHash } from "ethers";

import type { Client, Question } from "../../../src/sdk/index.js";
import { HOUR, inFuture, mine, reorganised } from "../helpers.js";
import { createDevnet, type Actor, type Devnet } from "../../../devnet/index.js";

describe("consent in an emergency", () => {
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

  const question = (changes: Partial<Question> = {}): Question => ({
    ...{ patient: alice.id, steward: clinic.id, viewer: ambulance.id, category: "SUMMARY", purpose: "ETREAT" },
    record: { digest: ZeroHash },
    ...changes,
  });
  const ask = async (changes: Partial<Question> = {}, client: Client = clinic.client) => {
    const { allowed, reason } = await client.decide(question(changes));
    return reason ?? allowed;
  };
  const breakGlass = (seconds = HOUR) =>
    ambulance.client.breakGlass({ patient: alice.id, reason: "found unconscious", seconds });
  const broken = () => ({ responder: ambulance.id, number: 1 });

  it("is the responder's at once: it doesn't wait for finality", async () => {
    const slow = await world.clientOf(clinic, { finality: 1_000 });
    expect(await ask({}, slow)).to.equal("NOT_GRANTED");
    await breakGlass();
    expect(await ask({}, slow)).to.equal(true);
    expect(await ask({ category: "MEDICATION", steward: alice.id }, slow)).to.equal(true);
  });

  it("opens single records, and no compartment: that takes a grant", async () => {
    const { patient, steward, viewer, category, purpose } = question();
    const compartment = { patient, steward, viewer, category, purpose };
    const asked = async () => (await clinic.client.decide(compartment)).reason;
    await breakGlass();
    expect(await asked()).to.equal("SINGLE_RECORDS");
    const until = await inFuture(world, HOUR);
    await alice.client.grantAccess({ viewer: ambulance.id, categories: ["SUMMARY"], purpose: "ETREAT", until });
    expect(await asked()).to.equal(undefined);
  });

  it("doesn't ask what a record says, though a constraint narrows a grant of the responder's", async () => {
    const until = await inFuture(world, HOUR);
    const given = { viewer: ambulance.id, categories: ["SUMMARY"], purpose: "ETREAT", until } as const;
    await alice.client.grantAccess({ ...given, constraint: { encounter: "Encounter/9" } });
    const facts = () => Promise.reject(new Error("it was asked"));
    expect(await ask({ record: { digest: ZeroHash, facts } })).to.equal("CONSTRAINED");
    await breakGlass();
    expect(await ask({ record: { digest: ZeroHash, facts } })).to.equal(true);
  });

  it("is for emergencies only, what the patient's policy admits, and the responder who broke the glass", async () => {
    await breakGlass();
    expect(await ask({ purpose: "TREAT" })).to.equal("NOT_GRANTED");
    expect(await ask({ category: "CARE" })).to.equal("NOT_GRANTED");
    expect(await ask({ viewer: clinic.id, steward: alice.id })).to.equal("NOT_GRANTED");
    const other = await world.institution(`Rescue Service ${patients}`, ["EMERGENCY"]);
    expect(await ask({ viewer: other.id })).to.equal("NOT_GRANTED");
  });

  it("doesn't wait for a grant that isn't final, nor is it kept up by one", async () => {
    const slow = await world.clientOf(clinic, { finality: 1_000 });
    const until = await inFuture(world, HOUR);
    const grant = { viewer: ambulance.id, categories: ["SUMMARY"], purpose: "ETREAT", until } as const;
    await alice.client.grantAccess(grant);
    expect(await ask({}, slow)).to.equal("NOT_FINAL");
    await breakGlass();
    expect(await ask({}, slow)).to.equal(true);
    await alice.client.changeSettings({ emergencyCategories: ["CARE"] });
    expect(await ask({}, slow), "the policy is the one of now").to.equal("NOT_FINAL");
    await alice.client.changeSettings({ emergencyCategories: ["SUMMARY"] });
    expect(await ask({}, slow)).to.equal(true);
    await alice.client.revokeAccess({ viewer: ambulance.id });
    await alice.client.grantAccess(grant);
    expect(await ask({}, slow), "the glass is the revoked responder's").to.equal("NOT_FINAL");
    await breakGlass();
    expect(await ask({}, slow)).to.equal(true);
    await alice.client.reviewEmergency({ ...broken(), number: 2, justified: false });
    expect(await ask({}, slow)).to.equal("NOT_FINAL");
  });

  it("isn't kept up by a grant once the responder's certificate is gone", async () => {
    const rescue = await world.institution(`Rescue Service ${patients}`, ["EMERGENCY", "PROVIDER"]);
    const slow = await world.clientOf(clinic, { finality: 1_000 });
    await rescue.client.breakGlass({ patient: alice.id, reason: "found unconscious" });
    const until = await inFuture(world, HOUR);
    await alice.client.grantAccess({ viewer: rescue.id, categories: ["SUMMARY"], purpose: "ETREAT", until });
    expect(await ask({ viewer: rescue.id }, slow)).to.equal(true);
    await world.authority.licenseInstitution({
      ...{ institution: rescue.id, roles: ["PROVIDER"], until: await inFuture(world, 1_000 * HOUR) },
      onWait: () => void world.increaseTime(2),
    });
    expect(await ask({ viewer: rescue.id }, slow)).to.equal("NOT_FINAL");
  });

  it("ends when the chain's time says so, or only the local clock", async () => {
    const { until } = await breakGlass();
    const late = await world.clientOf(clinic, { clock: () => until });
    expect(await ask({}, late)).to.equal("EXPIRED_LOCALLY");
    const early = await world.clientOf(clinic, { clock: () => until - 1 });
    expect(await ask({}, early)).to.equal(true);
    await world.increaseTime(HOUR);
    expect(await ask({}, early)).to.equal("NOT_GRANTED");
  });

  const endings: Record<string, () => Promise<unknown>> = {
    "found it unjustified": () => alice.client.reviewEmergency({ ...broken(), justified: false }),
    "revoked the responder": () => alice.client.revokeAccess({ viewer: ambulance.id }),
    "revoked everything": () => alice.client.revokeAccess({ everyone: true }),
  };
  for (const [what, end] of Object.entries(endings)) {
    it(`stays ended when a reorganisation takes back that the patient ${what}, and it was seen`, async () => {
      await breakGlass();
      await reorganised(world, async () => {
        await end();
        expect(await ask()).to.equal("NOT_GRANTED");
      });
      expect(await clinic.client.canView(question()), "the contract alone would say yes").to.equal(true);
      expect(await ask()).to.equal("REVOKED_BEFORE");
      await world.reopen(clinic);
      expect(await ask(), "after a restart").to.equal("REVOKED_BEFORE");
      // The client sends again what was lost before anything else.
      await alice.client.cancelSignatures();
      expect(await ask()).to.equal("NOT_GRANTED");
      await breakGlass();
      expect(await ask(), "another emergency").to.equal(true);
    });
  }

  it("goes on when it was found justified", async () => {
    await breakGlass();
    await alice.client.reviewEmergency({ ...broken(), justified: true });
    expect(await ask()).to.equal(true);
  });

  it("is denied by a node that is behind", async () => {
    const strict = await world.clientOf(clinic, { finality: 0 });
    await breakGlass();
    const snapshot: unknown = await world.provider.send("evm_snapshot", []);
    await mine(world, 3);
    expect(await ask({}, strict)).to.equal(true);
    await world.provider.send("evm_revert", [snapshot]);
    expect(await ask({}, strict)).to.equal("NODE_BEHIND");
    await mine(world, 3);
  });
});
