import { expect } from "chai";

import type { Category, ProposalInput } from "../../../src/sdk/index.js";
import { type Actor, createDevnet, type Devnet, handOn, throughJson } from "../../../devnet/index.js";
import { bytes, expectCode, HOUR, inFuture, outcomeOf } from "../helpers.js";

describe("the terms of a relationship", () => {
  let world: Devnet;
  let clinic: Actor;
  let alice: Actor;
  before(async () => {
    world = await createDevnet();
    clinic = await world.institution("General Hospital", ["PROVIDER", "RESEARCHER"]);
  });
  after(() => world.close());
  beforeEach(async () => {
    alice = await world.patient("alice");
  });

  const offer = async (terms: Partial<ProposalInput> = {}) =>
    throughJson(await clinic.client.offerRelationship({ patient: alice.id, categories: ["SUMMARY"], ...terms }));
  const agree = async (terms: Partial<ProposalInput> = {}) => alice.client.acceptOffer({ offer: await offer(terms) });
  const write = (category: Category, author = clinic) =>
    author.client.addRecord({ patient: alice.id, category, content: bytes(category) });
  const both = { patient: 0, provider: 0 };
  beforeEach(() => Object.assign(both, { patient: alice.id, provider: clinic.id }));

  it("bind the provider to the categories that were approved, before anything is sealed", async () => {
    await agree({ categories: ["SUMMARY", "CARE"] });
    await write("SUMMARY");
    const error = await expectCode("OUTSIDE_TERMS", write("FINANCIAL"));
    expect(error.details).to.deep.include({ category: "FINANCIAL", agreed: ["SUMMARY", "CARE"] });
    expect(clinic.vault.compartments.list({ patient: alice.id })).to.have.length(1);
    expect(await clinic.client.listRecords({ patient: alice.id })).to.have.length(1);
    await write("FINANCIAL", alice);
    expect(await clinic.client.approvedTerms(both)).to.deep.equal({
      categories: ["SUMMARY", "CARE"],
      purposes: ["TREAT"],
    });
  });

  it("are those that were approved, not those that were offered besides or before", async () => {
    const [narrow, wide] = [await offer(), await offer({ categories: ["SUMMARY", "FINANCIAL"] })];
    expect(await clinic.client.approvedTerms(both), "only offered").to.equal(undefined);
    await alice.client.acceptOffer({ offer: narrow });
    await expectCode("OUTSIDE_TERMS", write("FINANCIAL"));
    await expectCode("ALREADY_OPEN", alice.client.acceptOffer({ offer: wide }));
    await alice.client.endRelationship(both);
    await agree({ categories: ["FINANCIAL"] });
    await write("FINANCIAL");
    await expectCode("OUTSIDE_TERMS", write("SUMMARY"));
  });

  it("of many offers that nobody accepted don't push the approved ones out", async () => {
    await agree();
    for (let i = 0; i < 25; i++) await offer({ categories: ["FINANCIAL"] });
    await expectCode("OUTSIDE_TERMS", write("FINANCIAL"));
  });

  it("mark in the patient's list what a provider wrote all the same", async () => {
    await agree();
    await write("SUMMARY");
    // As a client does that keeps no terms.
    clinic.vault.access.agreedTerms.delete({ patient: alice.id, provider: clinic.id });
    await write("FINANCIAL");
    await write("FINANCIAL", alice);
    await handOn(clinic, alice, alice.id);
    const marks = async () =>
      (await alice.client.listRecords({ patient: alice.id })).map(({ steward, category, outsideTerms }) => [
        steward,
        category,
        outsideTerms,
      ]);
    expect(await marks()).to.have.deep.members([
      [clinic.id, "SUMMARY", undefined],
      [clinic.id, "FINANCIAL", true],
      [alice.id, "FINANCIAL", undefined],
    ]);
    await alice.client.endRelationship(both);
    await agree({ categories: ["FINANCIAL"] });
    await alice.client.approvedTerms(both);
    expect(await marks(), "agreed on later").to.deep.include([clinic.id, "FINANCIAL", undefined]);
    expect(await marks(), "agreed on before").to.deep.include([clinic.id, "SUMMARY", undefined]);
  });

  it("bind the provider to the purposes for its own records, and never keep it from care", async () => {
    await agree({ purposes: ["HPAYMT"] });
    const { digest } = await write("SUMMARY");
    const opens = (purpose?: "TREAT" | "ETREAT" | "HRESCH" | "HPAYMT" | "PUBHLTH") =>
      outcomeOf(clinic.client.openRecord({ digest, ...(purpose === undefined ? {} : { purpose }) }));
    for (const purpose of ["TREAT", "ETREAT", "HPAYMT", undefined] as const) {
      expect(await opens(purpose), purpose).to.equal("done");
    }
    expect([await opens("HRESCH"), await opens("PUBHLTH")]).to.deep.equal(["OUTSIDE_TERMS", "OUTSIDE_TERMS"]);
    const of = { patient: alice.id, steward: clinic.id, category: "SUMMARY" } as const;
    expect(await clinic.client.purposesOfSteward(of)).to.deep.equal(["HPAYMT"]);
    const until = await inFuture(world, HOUR);
    await alice.client.grantAccess({ viewer: clinic.id, categories: ["SUMMARY"], purpose: "HRESCH", until });
    expect(await opens("HRESCH"), "granted besides").to.equal("done");
    expect(await opens("PUBHLTH")).to.equal("OUTSIDE_TERMS");
    await alice.client.revokeAccess({ viewer: clinic.id });
    expect(await opens("HRESCH")).to.equal("OUTSIDE_TERMS");
  });

  it("ask nothing where this vault never saw them", async () => {
    await agree();
    clinic.vault.access.agreedTerms.delete({ patient: alice.id, provider: clinic.id });
    const { digest } = await write("GENOMIC");
    await clinic.client.openRecord({ digest, purpose: "HRESCH" });
    const of = { patient: alice.id, steward: clinic.id, category: "GENOMIC" } as const;
    expect(await clinic.client.purposesOfSteward(of)).to.have.length(7);
  });
});
