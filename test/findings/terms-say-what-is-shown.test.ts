import { expect } from "chai";
import fc from "fast-check";

import { proposalFacts } from "../../src/cli/words/proposal-facts.js";
import { sealTo } from "../../src/crypto/index.js";
import { buildConsent } from "../../src/fhir/index.js";
import { toBase64 } from "../../src/sdk/handover/file.js";
import { signMessage } from "../../src/sdk/handover/signature.js";
import { RELATIONSHIP_OFFER } from "../../src/sdk/handover/signed/relationships.js";
import { keyDocumentOf, participantIdentifier } from "../../src/sdk/people/participants.js";
import { termsDigestOf, termsFile, type SealedTerms } from "../../src/sdk/relationships/terms.js";
import { createDevnet, type Actor, type Devnet, throughJson } from "../../devnet/index.js";
import { bytes, expectCode, HOUR, inFuture } from "../sdk/helpers.js";

type Json = Record<string, unknown>;

/**
 * Terms that said more than a patient was shown were signed all the same; and one provider's malformed terms broke the list of
 * everybody's proposals.
 */
describe("terms of a proposal", () => {
  let world: Devnet;
  let clinic: Actor;
  let quack: Actor;
  let alice: Actor;
  let patients = 0;
  before(async () => {
    world = await createDevnet();
    [clinic, quack] = [await world.institution("General Hospital"), await world.institution("Quacks")];
  });
  after(() => world.close());
  beforeEach(async () => {
    alice = await world.patient(`alice ${++patients}`);
  });

  const plain = (provider = quack) => {
    const party = (id: number) => participantIdentifier(quack.client, id);
    const start = "2026-01-01T00:00:00Z";
    const consent = buildConsent({
      ...{ patient: party(alice.id), recipient: party(provider.id), custodian: party(provider.id) },
      ...{ purposes: ["TREAT"], categories: ["SUMMARY"], period: { start }, dateTime: start },
      policyUri: "https://quacks.example/privacy",
    });
    return JSON.parse(JSON.stringify(consent)) as Json & { provision: Json };
  };
  /** Hands over terms of the test's own making. */
  async function handOver(text: string): Promise<SealedTerms & { termsDigest: string }> {
    const { publicKey } = await keyDocumentOf(quack.client, alice.id);
    const info = bytes(`ChartChain relationship terms v1|${alice.id}|${quack.id}`);
    const sealed = { salt: `0x${"5a".repeat(32)}`, terms: toBase64(await sealTo(publicKey, info, bytes(text))) };
    await alice.client.takeTerms({ file: termsFile(quack.client, alice.id, quack.id, sealed) });
    return { ...sealed, termsDigest: termsDigestOf(sealed) };
  }
  const propose = async (text: string) => {
    const { termsDigest } = await handOver(text);
    await (await quack.client.contracts.PatientProviderRelationships.propose(alice.id, termsDigest, 0)).wait();
  };
  /** An offer that the quack signed over terms of the test's own making. */
  async function offer(text: string): Promise<unknown> {
    const { file } = { file: await quack.client.offerRelationship({ patient: alice.id }) };
    const { termsDigest, ...sealed } = await handOver(text);
    const message = { ...file.message, termsDigest };
    return throughJson({ ...file, ...(await signMessage(quack.client, RELATIONSHIP_OFFER, message)), ...sealed });
  }

  const told: Record<string, (consent: Json & { provision: Json }) => string> = {
    "name a second recipient": (c) => {
      (c.provision["actor"] as Json[]).push({ role: { text: "x" }, reference: { reference: "Organization/insurer" } });
      return JSON.stringify(c);
    },
    "permit more in a nested provision": (c) => {
      c.provision["provision"] = [{ type: "permit", class: [{ code: "SENSITIVE" }] }];
      return JSON.stringify(c);
    },
    "name a purpose that isn't shown": (c) => {
      (c.provision["purpose"] as Json[]).push({ system: "urn:example", code: "MARKETING" });
      return JSON.stringify(c);
    },
    "deny, and show empty lines": (c) => JSON.stringify({ ...c, provision: { ...c.provision, type: "deny" } }),
    "tell a story": (c) => JSON.stringify({ ...c, text: { status: "additional", div: "<div>all is permitted</div>" } }),
    "name another custodian": (c) =>
      JSON.stringify({ ...c, organization: [participantIdentifier(clinic.client, clinic.id)] }),
    "are active before anybody agreed": (c) => JSON.stringify({ ...c, status: "active" }),
    "say that somebody else agrees": (c) => JSON.stringify({ ...c, performer: [{ display: "the director" }] }),
    "begin at another time than they were made": (c) => JSON.stringify({ ...c, dateTime: "2020-01-01T00:00:00Z" }),
    "name the provision twice": (c) =>
      JSON.stringify(c).replace('"provision":', '"provision":{"type":"permit"},"provision":'),
    "hide something behind white space": (c) => `${JSON.stringify(c)}\n\n`,
  };
  for (const [what, textOf] of Object.entries(told)) {
    it(`that ${what} are listed with the reason, and never approved`, async () => {
      const text = textOf(plain());
      await propose(text);
      const [proposal] = await alice.client.listPending();
      expect(proposal!.terms).to.equal(undefined);
      expect(proposal!.problem).to.match(/can't be used/);
      expect(proposalFacts(proposal!)).to.match(/Don't approve/);
      await expectCode("TERMS_INVALID", alice.client.approveRelationship(proposal!));
      await expectCode("TERMS_INVALID", alice.client.signApproveRelationship(proposal!));
      const offered = await offer(text);
      await expectCode("TERMS_INVALID", alice.client.acceptOffer({ offer: offered }));
      await expectCode("TERMS_INVALID", alice.client.signAcceptOffer({ offer: offered }));
    });
  }

  it("that are plain are approved, also in an offer", async () => {
    await propose(`${JSON.stringify(plain())}   `);
    const [proposal] = await alice.client.listPending();
    expect(proposal!.problem).to.equal(undefined);
    await alice.client.signApproveRelationship(proposal!);
    await alice.client.declineRelationship({ provider: quack.id });
    await alice.client.acceptOffer({ offer: await offer(JSON.stringify(plain())) });
  });

  it("that no patient would be shown aren't proposed", async () => {
    const until = await inFuture(world, HOUR);
    await expectCode("TERMS_INVALID", clinic.client.proposeRelationship({ patient: alice.id, categories: [], until }));
    const twice = { patient: alice.id, purposes: ["TREAT", "TREAT"] as const };
    await expectCode("TERMS_INVALID", clinic.client.offerRelationship(twice));
    await expectCode("TERMS_INVALID", clinic.client.offerRelationship({ patient: alice.id, policyUri: "our policy" }));
  });

  const malformed: Record<string, (consent: Json & { provision: Json }) => unknown> = {
    "a policy that is no list": (c) => ({ ...c, policy: 5 }),
    "a class that is no list": (c) => ({ ...c, provision: { ...c.provision, class: { code: "SUMMARY" } } }),
    "an actor that is no list": (c) => ({ ...c, provision: { ...c.provision, actor: "me" } }),
    "a null among its classes": (c) => ({ ...c, provision: { ...c.provision, class: [null] } }),
    "a start that is no time": (c) => ({ ...c, provision: { ...c.provision, period: { start: "whenever" } } }),
    "a patient that is null": (c) => ({ ...c, patient: null }),
    "a provision that is null": (c) => ({ ...c, provision: null }),
  };
  for (const [what, change] of Object.entries(malformed)) {
    it(`with ${what} don't break the list of all`, async () => {
      await propose(JSON.stringify(change(plain())));
      await alice.client.takeTerms({ file: (await clinic.client.proposeRelationship({ patient: alice.id })).terms });
      const pending = await alice.client.listPending();
      expect(pending.map(({ provider }) => provider)).to.have.members([quack.id, clinic.id]);
      const [bad, good] = [quack, clinic].map(({ id }) => pending.find(({ provider }) => provider === id)!);
      expect(bad!.problem).to.match(/can't be used/);
      expect(pending.map(proposalFacts).join("\n")).to.include("General Hospital");
      await alice.client.approveRelationship(good!);
    });
  }

  it("may be any JSON: the list shows it with its problem", async () => {
    const digests = new Map<string, string>();
    await fc.assert(
      fc.asyncProperty(fc.json(), async (text) => {
        digests.set(text, (await handOver(text)).termsDigest);
        const { PatientProviderRelationships: relationships } = quack.client.contracts;
        await (await relationships.propose(alice.id, digests.get(text)!, 0)).wait();
        const [proposal] = await alice.client.listPending();
        expect(proposal!.problem).to.match(/can't be used/);
        expect(proposalFacts(proposal!)).to.match(/Don't approve/);
        await (await relationships.withdraw(alice.id)).wait();
      }),
      { numRuns: 10 },
    );
  });

  it("of a provider whose name can't be verified are listed without one, and never approved", async () => {
    await clinic.client.proposeRelationship({ patient: alice.id });
    await quack.client.proposeRelationship({ patient: alice.id });
    alice.vault.access.acceptedParticipants.set(
      { participant: quack.id },
      { name: "Laboratory", keyVersion: 1, keyDocument: `0x${"11".repeat(32)}`, accounts: {} },
    );
    const pending = await alice.client.listPending();
    expect(pending.map(({ providerName }) => providerName)).to.have.members(["General Hospital", ""]);
    const bad = pending.find(({ provider }) => provider === quack.id)!;
    expect(bad.problem).to.include('"Laboratory"').and.include('"Quacks"');
    expect(proposalFacts(bad)).to.include("isn't verified");
    await expectCode("NAME_CHANGED", alice.client.approveRelationship(bad));
  });
});
