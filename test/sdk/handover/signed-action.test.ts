import { expect } from "chai";

import { EVERY_STEWARD, identitySalt, type SignedActionFile } from "../../../src/sdk/index.js";
import { ContractAccountSigner } from "../contract-account.js";
import { bytes, expectCode, HOUR, inFuture, text } from "../helpers.js";
import { behindProxy } from "../proxy.js";
import { countOnce } from "./table.js";
import { type Actor, createDevnet, type Devnet, handOn, throughJson, propose } from "../../../devnet/index.js";

describe("a signed action", () => {
  let world: Devnet;
  let clinic: Actor;
  let lab: Actor;
  let insurer: Actor;
  let bob: Actor;
  let dora: Actor;
  before(async () => {
    world = await createDevnet();
    [clinic, lab, insurer] = await Promise.all([
      world.institution("General Hospital"),
      world.institution("Laboratory"),
      world.institution("Mutual Insurance", ["PAYER"]),
    ]);
    // Neither of them ever has any ether.
    bob = await world.actor("bob", { ether: false });
    dora = await world.actor("dora", { ether: false });
    await clinic.client.relay({ file: await dora.client.signRegisterPatient() });
    dora.id = await dora.client.ownId();
    await clinic.client.relay({
      file: await dora.client.signAcceptOffer({ offer: await clinic.client.offerRelationship({ patient: dora.id }) }),
    });
  });
  after(() => world.close());

  const grantTerms = async () => ({
    viewer: insurer.id,
    categories: ["SUMMARY", "CARE"] as const,
    purpose: "TREAT" as const,
    until: await inFuture(world, HOUR),
  });
  const question = () => ({
    patient: dora.id,
    steward: clinic.id,
    viewer: insurer.id,
    category: "CARE" as const,
    purpose: "TREAT" as const,
  });
  const statusWith = async (provider: Actor) =>
    (await dora.client.overviewOf({ patient: dora.id })).relationships.find((entry) => entry.provider === provider.id)
      ?.status;
  const isBlocked = async () => {
    const { PatientProviderRelationships } = clinic.client.contracts;
    return (await PatientProviderRelationships.relationship(dora.id, insurer.id)).blocks % 2n === 1n;
  };
  const relay = (file: SignedActionFile) => clinic.client.relay({ file: throughJson(file) });
  const salt = identitySalt();

  countOnce(() => ({ world, relayer: clinic }), {
    "a registration": {
      sign: () => bob.client.signRegisterPatient(),
      async check() {
        bob.id = await bob.client.ownId();
        expect((await clinic.client.describeParticipant({ id: bob.id })).kind).to.equal("person");
      },
      replay: "ALREADY_REGISTERED",
    },
    "an attested identity": {
      async sign() {
        const code = await dora.client.ownAttestationCode();
        return clinic.client.attestIdentity({ account: dora.wallet.address, code, identifier: "mrn|7", salt });
      },
      async check() {
        const claim = { issuer: clinic.id, identifier: "mrn|7", salt };
        expect(await lab.client.resolve(claim)).to.equal(dora.id);
      },
      replay: "IDENTITY_ALREADY_LINKED",
    },
    "an approval of a proposal": {
      async sign() {
        const { termsDigest } = await propose(lab, dora.id, [dora]);
        return dora.client.signApproveRelationship({ provider: lab.id, termsDigest });
      },
      check: async () => void expect(await statusWith(lab)).to.equal("Active"),
      replay: "NOT_PROPOSED",
    },
    "a suspension of a relationship": {
      sign: () => dora.client.signSuspendRelationship({ provider: lab.id }),
      check: async () => void expect(await statusWith(lab)).to.equal("SuspendedByPatient"),
      replay: "WRONG_NONCE",
    },
    "a resumption of a relationship": {
      sign: () => dora.client.signResumeRelationship({ provider: lab.id }),
      check: async () => void expect(await statusWith(lab)).to.equal("Active"),
      replay: "NOT_SUSPENDED_BY",
    },
    "a block of a provider": {
      sign: () => dora.client.signBlockProvider({ provider: insurer.id }),
      check: async () => void expect(await isBlocked()).to.equal(true),
      replay: "WRONG_NONCE",
    },
    "the end of a block": {
      sign: () => dora.client.signUnblockProvider({ provider: insurer.id }),
      check: async () => void expect(await isBlocked()).to.equal(false),
      replay: "WRONG_NONCE",
    },
    "the end of a relationship": {
      sign: () => dora.client.signEndRelationship({ provider: lab.id }),
      check: async () => void expect(await statusWith(lab)).to.equal("Ended"),
      replay: "WRONG_NONCE",
    },
    "a refusal of a proposal": {
      async sign() {
        await propose(lab, dora.id, [dora]);
        return dora.client.signDeclineRelationship({ provider: lab.id });
      },
      check: async () => void expect(await statusWith(lab)).to.equal("Declined"),
      replay: "NOT_PROPOSED",
    },
    "an acceptance of an offer": {
      async sign() {
        return dora.client.signAcceptOffer({ offer: await lab.client.offerRelationship({ patient: dora.id }) });
      },
      check: async () => void expect(await statusWith(lab)).to.equal("Active"),
      replay: "ALREADY_OPEN",
    },
    "a grant": {
      sign: async () => dora.client.signGrantAccess(await grantTerms()),
      check: async () => void expect(await clinic.client.canView(question())).to.equal(true),
      replay: "INVALID_SIGNATURE",
    },
    "a revocation of a grant": {
      sign: () => dora.client.signRevokeAccess({ viewer: insurer.id, purpose: "TREAT", steward: EVERY_STEWARD }),
      check: async () => void expect(await clinic.client.canView(question())).to.equal(false),
      replay: "STALE_SIGNATURE",
    },
    "a revocation of a viewer": {
      async sign() {
        await relay(await dora.client.signGrantAccess(await grantTerms()));
        return dora.client.signRevokeAccess({ viewer: insurer.id });
      },
      check: async () => void expect(await clinic.client.canView(question())).to.equal(false),
      replay: "INVALID_SIGNATURE",
    },
    "a revocation of everything": {
      async sign() {
        await relay(await dora.client.signGrantAccess(await grantTerms()));
        return dora.client.signRevokeAccess({ everyone: true });
      },
      check: async () => void expect(await clinic.client.canView(question())).to.equal(false),
      replay: "INVALID_SIGNATURE",
    },
  });

  it("was paid for by others throughout", async () => {
    for (const { wallet } of [bob, dora]) {
      expect(await world.provider.getBalance(wallet.address)).to.equal(0n);
      expect(await world.provider.getTransactionCount(wallet.address)).to.equal(0);
    }
  });

  it("that needs a provider's offer has one, and no other has", async () => {
    const { offer, ...accepting } = await dora.client.signAcceptOffer({
      offer: await clinic.client.offerRelationship({ patient: dora.id }),
    });
    await expectCode("HANDOVER_MALFORMED", clinic.client.relay({ file: accepting }));
    const grant = await dora.client.signGrantAccess(await grantTerms());
    await expectCode("HANDOVER_MALFORMED", clinic.client.relay({ file: { ...grant, offer } }));
  });

  it("of a contract can't be checked while the node is out of reach", async () => {
    const proxy = await behindProxy(world, clinic);
    const { client } = proxy;
    const file = {
      ...(await dora.client.signGrantAccess(await grantTerms())),
      account: world.deployment.contracts.Records,
    };
    await expectCode("HANDOVER_ALTERED", client.relay({ file }));
    proxy.before = ({ method }) => (method === "eth_call" ? "hang up" : undefined);
    await expectCode("CHAIN_UNREACHABLE", client.relay({ file }));
    await proxy.close();
  });

  it("is no file of another kind, another chain or another version, nor anything else", async () => {
    const file = await dora.client.signGrantAccess(await grantTerms());
    const { client } = clinic;
    await expectCode("HANDOVER_WRONG_KIND", client.relay({ file: { ...file, kind: "chartchain/grant" } }));
    await expectCode("HANDOVER_WRONG_CHAIN", client.relay({ file: { ...file, chainId: 1 } }));
    await expectCode("HANDOVER_WRONG_CHAIN", client.relay({ file: { ...file, genesisHash: `0x${"00".repeat(32)}` } }));
    await expectCode("HANDOVER_NEWER", client.relay({ file: { ...file, version: 2 } }));
    await expectCode("HANDOVER_MALFORMED", client.relay({ file: { ...file, comment: "hello" } }));
    for (const nothing of [undefined, null, 7, "file", [], {}, { kind: 7 }]) {
      await expectCode("HANDOVER_MALFORMED", client.relay({ file: nothing }));
    }
  });

  it("is refused after its deadline, by the client and by the contract", async () => {
    const file = await dora.client.signGrantAccess({ ...(await grantTerms()), lifetime: 60 });
    const late = await world.clientOf(clinic, { clock: () => Math.floor(Date.now() / 1000) + 10 * 365 * 24 * HOUR });
    await expectCode("HANDOVER_EXPIRED", late.relay({ file }));
    await clinic.client.relay({ file });
  });

  it("that was kept back is dead after any revocation", async () => {
    const revocations = [
      { viewer: insurer.id, purpose: "TREAT", steward: EVERY_STEWARD },
      { viewer: insurer.id },
      { everyone: true },
    ] as const;
    for (const revocation of revocations) {
      const kept = await dora.client.signGrantAccess(await grantTerms());
      await relay(await dora.client.signRevokeAccess(revocation));
      await expectCode("INVALID_SIGNATURE", relay(kept));
    }
  });

  it("of a grant names one steward, where it is for one", async () => {
    const file = await dora.client.signGrantAccess({
      ...(await grantTerms()),
      categories: ["SENSITIVE"],
      steward: clinic.id,
    });
    expect(file.message).to.include({ viewerName: "Mutual Insurance", stewardName: "General Hospital" });
    expect((await dora.client.signGrantAccess(await grantTerms())).message["stewardName"]).to.equal("every steward");
    await relay(file);
    expect(await clinic.client.canView({ ...question(), category: "SENSITIVE" })).to.equal(true);
  });

  it("is good from an account that is a contract, and not from its owner in its name alone", async () => {
    const erin = await world.actor("erin");
    const signer = await ContractAccountSigner.deploy(erin.wallet);
    erin.client = await world.clientOf(erin, { runner: signer });
    const registration = await erin.client.signRegisterPatient();
    await expectCode(
      "HANDOVER_ALTERED",
      clinic.client.relay({ file: { ...registration, signature: `0x${"11".repeat(65)}` } }),
    );
    await relay(registration);
    erin.id = await erin.client.ownId();
    const offer = await clinic.client.offerRelationship({ patient: erin.id });
    await relay(await erin.client.signAcceptOffer({ offer }));
    await relay(await erin.client.signGrantAccess(await grantTerms()));

    const { digest } = await clinic.client.addRecord({ patient: erin.id, category: "CARE", content: bytes("a note") });
    await handOn(clinic, erin, erin.id);
    const file = throughJson(await erin.client.deliver({ patient: erin.id, viewer: insurer.id, purpose: "TREAT" }));
    // What a contract answers is a node's word: not one alone.
    await expectCode("HANDOVER_ALTERED", insurer.client.takeDelivery({ file }));
    await (await world.clientOf(insurer, { otherNodes: [world.url] })).takeDelivery({ file });
    expect(text((await insurer.client.openRecord({ digest, purpose: "TREAT" })).content)).to.equal("a note");

    const foreign = await dora.client.signGrantAccess(await grantTerms());
    await expectCode("HANDOVER_ALTERED", relay({ ...foreign, account: await signer.getAddress() }));
  });

  it("can't be made by somebody who isn't registered", async () => {
    const stranger = await world.actor("stranger", { ether: false });
    await expectCode("NOT_REGISTERED", stranger.client.signGrantAccess(await grantTerms()));
    await expectCode("NOT_REGISTERED", stranger.client.signRevokeAccess({ everyone: true }));
  });
});
