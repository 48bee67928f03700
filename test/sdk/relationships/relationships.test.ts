import { expect } from "chai";
import { getBytes, sha256 } from "ethers";
import fc from "fast-check";

import { sealTo } from "../../../src/crypto/index.js";
import type { ChartChainError, ErrorCode } from "../../../src/errors/index.js";
import { buildConsent } from "../../../src/fhir/index.js";
import type { PendingProposal } from "../../../src/sdk/index.js";
import { fromBase64, toBase64 } from "../../../src/sdk/handover/file.js";
import { keyDocumentOf, participantIdentifier } from "../../../src/sdk/people/participants.js";
import { termsDigestOf, termsFile } from "../../../src/sdk/relationships/terms.js";
import { rawCid } from "../../../src/storage/cid.js";
import { bytes, expectCode, HOUR, inFuture } from "../helpers.js";
import { mutationsOf } from "../mutations.js";
import { type Actor, createDevnet, type Devnet, relate, throughJson, propose } from "../../../devnet/index.js";

describe("a relationship", () => {
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

  const parties = () => ({ patient: alice.id, provider: clinic.id });
  const status = async () =>
    (await alice.client.overviewOf({ patient: alice.id })).relationships.find(({ provider }) => provider === clinic.id)
      ?.status;
  const onlyPending = async (): Promise<PendingProposal> => {
    const pending = await alice.client.listPending();
    expect(pending).to.have.length(1);
    return pending[0]!;
  };

  describe("that is proposed", () => {
    it("is shown to the patient with the provider's verified name and the terms, and is active once approved", async () => {
      const until = await inFuture(world, 100 * HOUR);
      const purposes = ["TREAT", "HRESCH"] as const;
      const proposed = await propose(clinic, alice.id, [alice], {
        categories: ["SUMMARY"],
        purposes,
        policyUri: "https://hospital.example/privacy",
        until,
      });
      const proposal = await onlyPending();
      const end = Math.floor(until / 60) * 60;
      expect(proposal).to.deep.include({
        provider: clinic.id,
        providerName: "General Hospital",
        licensed: true,
        nonce: proposed.nonce,
        termsDigest: proposed.termsDigest,
        until: end,
        problem: undefined,
      });
      expect(proposal.terms!.resourceType).to.equal("Consent");
      expect(new Date(proposal.terms!.provision!.period!.end!).getTime() / 1000).to.equal(end);
      expect(
        (await alice.client.overviewOf({ patient: alice.id })).relationships,
        "nothing of the patient's",
      ).to.deep.equal([]);

      await alice.client.approveRelationship(proposal);
      const { relationships } = await clinic.client.overviewOf({ patient: alice.id });
      expect(relationships).to.have.length(1);
      expect(relationships[0]).to.deep.include({ provider: clinic.id, status: "Active", licensed: true, until: end });
      expect(await alice.client.listPending()).to.deep.equal([]);
      await expectCode("NOT_PROPOSED", alice.client.approveRelationship(proposal));
    });

    it("is declined by the patient, or withdrawn by the provider", async () => {
      await clinic.client.proposeRelationship({ patient: alice.id });
      await alice.client.declineRelationship({ provider: clinic.id });
      await expectCode("NOT_PROPOSED", alice.client.declineRelationship({ provider: clinic.id }));
      await clinic.client.proposeRelationship({ patient: alice.id });
      await expectCode("ALREADY_OPEN", clinic.client.proposeRelationship({ patient: alice.id }));
      await clinic.client.withdrawProposal({ patient: alice.id });
      await expectCode("NOT_PROPOSED", clinic.client.withdrawProposal({ patient: alice.id }));
      expect(await alice.client.listPending()).to.deep.equal([]);
    });

    it("isn't pending any more once it has lapsed", async () => {
      const { termsDigest } = await clinic.client.proposeRelationship({ patient: alice.id });
      await world.increaseTime(31 * 24 * HOUR);
      expect(await alice.client.listPending()).to.deep.equal([]);
      await expectCode("NOT_PROPOSED", alice.client.approveRelationship({ provider: clinic.id, termsDigest }));
    });

    it("isn't approved with other terms than those that were shown", async () => {
      await propose(clinic, alice.id, [alice]);
      const shown = await onlyPending();
      await clinic.client.withdrawProposal({ patient: alice.id });
      const { termsDigest } = await propose(clinic, alice.id, [alice], { purposes: ["HRESCH"] });
      const error = await expectCode("TERMS_MISMATCH", alice.client.approveRelationship(shown));
      expect(error.details).to.deep.equal({ shown: shown.termsDigest, proposed: termsDigest });
      await expectCode("TERMS_MISMATCH", alice.client.signApproveRelationship(shown));
      const { nonce, until } = shown;
      const { PatientProviderRelationships } = alice.client.contracts;
      const args = [alice.id, clinic.id, nonce, shown.termsDigest, until] as const;
      const swapped = PatientProviderRelationships.approve.staticCall(...args);
      expect(await swapped.catch((e: Error) => e), "the contract neither").to.be.instanceOf(Error);
    });

    it("isn't proposed to somebody who doesn't exist, is no patient, or for a time that is over", async () => {
      await expectCode("UNKNOWN_PARTICIPANT", clinic.client.proposeRelationship({ patient: 999 }));
      await expectCode("NOT_A_PATIENT", clinic.client.proposeRelationship({ patient: lab.id }));
      await expectCode("INVALID_END", clinic.client.proposeRelationship({ patient: alice.id, until: 60 }));
      await expectCode("NOT_A_LICENSED_PROVIDER", alice.client.proposeRelationship({ patient: alice.id }));
    });
  });

  describe("whose terms aren't what they should be", () => {
    const SALT = `0x${"5a".repeat(32)}`;
    /** Proposes with terms of the test's own making, which the patient has. */
    async function proposeSealed(sealed: Uint8Array, { until = 0 } = {}): Promise<void> {
      const terms = { salt: SALT, terms: toBase64(sealed) };
      await alice.client.takeTerms({ file: termsFile(alice.client, alice.id, clinic.id, terms) });
      const { PatientProviderRelationships } = clinic.client.contracts;
      await (await PatientProviderRelationships.propose(alice.id, termsDigestOf(terms), until)).wait();
    }
    const consentOf = (patient: number, provider: number, end?: string) =>
      buildConsent({
        patient: participantIdentifier(clinic.client, patient),
        recipient: participantIdentifier(clinic.client, provider),
        custodian: participantIdentifier(clinic.client, provider),
        purposes: ["TREAT"],
        categories: ["SUMMARY"],
        period: { start: "2026-01-01T00:00:00Z", ...(end === undefined ? {} : { end }) },
        dateTime: "2026-01-01T00:00:00Z",
        policyUri: "https://hospital.example/privacy",
      });
    async function seal(content: unknown, to = alice.id, between = [alice.id, clinic.id]): Promise<Uint8Array> {
      const { publicKey } = await keyDocumentOf(clinic.client, to);
      const info = bytes(`ChartChain relationship terms v1|${between.join("|")}`);
      return sealTo(publicKey, info, bytes(typeof content === "string" ? content : JSON.stringify(content)));
    }
    async function isRefused(code: ErrorCode, problem: RegExp): Promise<void> {
      const proposal = await onlyPending();
      expect(proposal.terms).to.equal(undefined);
      expect(proposal.problem).to.match(problem);
      const error = await expectCode(code, alice.client.approveRelationship(proposal));
      expect(error.message).to.match(problem);
      await expectCode(code, alice.client.signApproveRelationship(proposal));
    }

    it("is taken when a consent made by hand is right", async () => {
      await proposeSealed(await seal(consentOf(alice.id, clinic.id)));
      expect((await onlyPending()).terms!.resourceType).to.equal("Consent");
    });

    const cases: Record<string, [make: () => Promise<Uint8Array>, problem: RegExp]> = {
      "about another patient": [() => seal(consentOf(lab.id, clinic.id)), /another patient/],
      "about another provider": [() => seal(consentOf(alice.id, lab.id)), /another provider/],
      "about another end": [() => seal(consentOf(alice.id, clinic.id, "2030-01-01T00:00:00Z")), /another end/],
      "no consent": [() => seal({ ...consentOf(alice.id, clinic.id), resourceType: "Patient" }), /FHIR Consent/],
      "without any actor": [() => seal({ ...consentOf(alice.id, clinic.id), provision: {} }), /another provider/],
      "without a reference": [
        () => seal({ ...consentOf(alice.id, clinic.id), provision: { actor: [{}] } }),
        /another provider/,
      ],
      "no JSON": [() => seal("{"), /sealed to this patient/],
      "JSON, but nothing": [() => seal("null"), /FHIR Consent/],
      "sealed to somebody else": [() => seal(consentOf(alice.id, clinic.id), lab.id), /sealed to this patient/],
      "sealed for another relationship": [
        () => seal(consentOf(alice.id, clinic.id), alice.id, [alice.id, lab.id]),
        /sealed to this patient/,
      ],
      "not sealed at all": [
        async () => bytes(JSON.stringify(consentOf(alice.id, clinic.id))),
        /sealed to this patient/,
      ],
    };
    for (const [what, [make, problem]] of Object.entries(cases)) {
      it(`is never approved when they are ${what}`, async () => {
        await proposeSealed(await make());
        await isRefused("TERMS_INVALID", problem);
      });
    }

    it("is never approved when they name no end, and the chain does", async () => {
      await proposeSealed(await seal(consentOf(alice.id, clinic.id)), { until: await inFuture(world, 10 * HOUR) });
      await isRefused("TERMS_INVALID", /another end/);
    });

    it("is never approved before their file was handed over, and the error says whom to ask", async () => {
      await clinic.client.proposeRelationship({ patient: alice.id });
      await isRefused("TERMS_UNAVAILABLE", /aren't in this vault/);
      const error = await expectCode("TERMS_UNAVAILABLE", alice.client.approveRelationship(await onlyPending()));
      expect(error.hint).to.include(`Ask provider ${clinic.id} for the terms file`);
    });

    it("is never approved when their file was altered", async () => {
      const { terms } = await clinic.client.proposeRelationship({ patient: alice.id });
      const sealed = fromBase64(terms.terms);
      sealed[0]! ^= 1;
      await alice.client.takeTerms({ file: { ...terms, terms: toBase64(sealed) } });
      await alice.client.takeTerms({ file: { ...terms, salt: SALT } });
      await isRefused("TERMS_UNAVAILABLE", /aren't in this vault/);
      await alice.client.takeTerms({ file: throughJson(terms) });
      expect((await onlyPending()).problem).to.equal(undefined);
    });

    it("has a digest that is the CID of nothing: no store has anything of it", async () => {
      const { terms, termsDigest } = await clinic.client.proposeRelationship({ patient: alice.id });
      expect(sha256(fromBase64(terms.terms))).not.to.equal(termsDigest);
      for (const digest of [termsDigest, sha256(fromBase64(terms.terms))]) {
        await expectCode("BLOCK_MISSING", clinic.store.getBlock(rawCid(getBytes(digest)).toString()));
      }
    });
  });

  describe("that is offered", () => {
    const offer = (changes: object = {}) => clinic.client.offerRelationship({ patient: alice.id, ...changes });

    it("is active once the patient accepts, once", async () => {
      const file = throughJson(await offer());
      await alice.client.acceptOffer({ offer: file });
      expect(await status()).to.equal("Active");
      await expectCode("ALREADY_OPEN", alice.client.acceptOffer({ offer: file }));
      await alice.client.endRelationship(parties());
      await expectCode("WRONG_NONCE", alice.client.acceptOffer({ offer: file }));
    });

    it("is refused with any field altered", async () => {
      const file = throughJson(await offer({ until: await inFuture(world, 100 * HOUR) }));
      await fc.assert(
        fc.asyncProperty(mutationsOf(file), async (mutation) => {
          const outcome = await alice.client.acceptOffer({ offer: mutation.file }).then(
            () => "accepted",
            (error: ChartChainError) => error.code ?? String(error),
          );
          expect(outcome, mutation.path).to.match(/^HANDOVER_/);
        }),
        { numRuns: 60 },
      );
      expect(await status()).to.equal(undefined);
    });

    it("is for the patient it names only, and until its deadline", async () => {
      const file = await offer({ lifetime: 60 });
      const error = await expectCode(
        "OFFER_FOR_SOMEBODY_ELSE",
        (await world.patient("bob")).client.acceptOffer({ offer: file }),
      );
      expect(error.details["patient"]).to.equal(alice.id);
      await world.increaseTime(120);
      await expectCode("HANDOVER_EXPIRED", alice.client.acceptOffer({ offer: file }));
      await expectCode("HANDOVER_EXPIRED", alice.client.signAcceptOffer({ offer: file }));
      await expectCode(
        "HANDOVER_WRONG_KIND",
        alice.client.acceptOffer({ offer: { ...file, kind: "chartchain/grant" } }),
      );
    });

    it("is accepted only with the terms that it names", async () => {
      const file = await offer();
      const { terms, salt } = await offer({ purposes: ["HRESCH"] });
      const swapped = { ...file, terms, salt };
      await expectCode("HANDOVER_ALTERED", alice.client.acceptOffer({ offer: swapped }));
      await expectCode("HANDOVER_ALTERED", alice.client.signAcceptOffer({ offer: swapped }));
    });

    it("can't be made to nobody", async () => {
      await expectCode("UNKNOWN_PARTICIPANT", offer({ patient: 999 }));
    });
  });

  it("is suspended and resumed by the same side", async () => {
    await relate(clinic, alice);
    await clinic.client.suspendRelationship(parties());
    expect(await status()).to.equal("SuspendedByProvider");
    await expectCode("NOT_SUSPENDED_BY", alice.client.resumeRelationship(parties()));
    await expectCode("NOT_ACTIVE", alice.client.suspendRelationship(parties()));
    await clinic.client.resumeRelationship(parties());
    await alice.client.suspendRelationship(parties());
    expect(await status()).to.equal("SuspendedByPatient");
    await expectCode("NOT_SUSPENDED_BY", clinic.client.resumeRelationship(parties()));
    await alice.client.resumeRelationship(parties());
    expect(await status()).to.equal("Active");
    await expectCode("NOT_EMPOWERED", lab.client.suspendRelationship(parties()));
  });

  it("is ended by either side, and begins again under a higher nonce", async () => {
    await relate(clinic, alice);
    await clinic.client.endRelationship(parties());
    expect(await status()).to.equal("Ended");
    await expectCode("NOT_OPEN", alice.client.endRelationship(parties()));
    await relate(clinic, alice);
    expect(await status()).to.equal("Active");
    await expectCode("NOT_EMPOWERED", lab.client.endRelationship(parties()));
  });

  it("isn't proposed or offered any more by a provider whom the patient blocked", async () => {
    const kept = await clinic.client.offerRelationship({ patient: alice.id });
    await alice.client.blockProvider({ provider: clinic.id });
    await expectCode("BLOCKED", clinic.client.proposeRelationship({ patient: alice.id }));
    await expectCode("BLOCKED", alice.client.acceptOffer({ offer: kept }));
    await expectCode("BLOCK_UNCHANGED", alice.client.blockProvider({ provider: clinic.id }));
    await alice.client.unblockProvider({ provider: clinic.id });
    await expectCode("WRONG_NONCE", alice.client.acceptOffer({ offer: kept }));
    await relate(clinic, alice);
    expect(await status()).to.equal("Active");
  });
});
