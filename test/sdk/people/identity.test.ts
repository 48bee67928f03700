import { expect } from "chai";
import { concat, keccak256, toBeHex, toUtf8Bytes } from "ethers";

import { attestationCode, identityCommitment, identitySalt } from "../../../src/sdk/index.js";
import { bytes, expectCode, HOUR, inFuture } from "../helpers.js";
import { type Actor, createDevnet, type Devnet, handOn, relate, throughJson } from "../../../devnet/index.js";

describe("an attested identity", () => {
  let world: Devnet;
  let clinic: Actor;
  let alice: Actor;
  before(async () => {
    world = await createDevnet();
    clinic = await world.institution("General Hospital");
    alice = await world.patient("alice");
  });
  after(() => world.close());

  const identifier = "http://hospital.example/mrn|12345";
  const attest = async (person: Actor, salt = identitySalt()) => {
    const code = await person.client.ownAttestationCode();
    return clinic.client.attestIdentity({ account: person.wallet.address, code, identifier, salt });
  };

  it("is a commitment over issuer, salt and identifier", () => {
    const salt = `0x${"5a".repeat(32)}`;
    const parts = [toUtf8Bytes("ChartChain identity v1"), toBeHex(7, 5), salt, toUtf8Bytes(identifier)];
    expect(identityCommitment({ issuer: 7, identifier, salt })).to.equal(keccak256(concat(parts)));
    expect(identitySalt())
      .to.match(/^0x[0-9a-f]{64}$/)
      .and.not.equal(identitySalt());
  });

  it("leads to the person for those who know identifier and salt, and for nobody else", async () => {
    const salt = identitySalt();
    const claim = { issuer: clinic.id, identifier, salt };
    expect(await clinic.client.resolve(claim)).to.equal(undefined);
    const file = await attest(alice, salt);
    await alice.client.linkIdentity({ file: throughJson(file) });
    expect(await clinic.client.resolve(claim)).to.equal(alice.id);
    expect(await clinic.client.resolve({ ...claim, salt: identitySalt() })).to.equal(undefined);
    expect(await clinic.client.resolve({ ...claim, issuer: alice.id })).to.equal(undefined);
    await expectCode("IDENTITY_ALREADY_LINKED", alice.client.linkIdentity({ file }));
  });

  it("counts for the account that it names only", async () => {
    const mallory = await world.patient("mallory");
    const salt = identitySalt();
    const file = await attest(alice, salt);
    const stolen = { ...file, message: { ...file.message, account: mallory.wallet.address } };
    await expectCode("HANDOVER_ALTERED", mallory.client.linkIdentity({ file: stolen }));
    await mallory.client.linkIdentity({ file });
    expect(await clinic.client.resolve({ issuer: clinic.id, identifier, salt })).to.equal(alice.id);
  });

  it("is worth nothing from somebody who is no licensed provider", async () => {
    const file = await alice.client.attestIdentity({
      account: alice.wallet.address,
      code: await alice.client.ownAttestationCode(),
      identifier,
      salt: identitySalt(),
    });
    await expectCode("NOT_A_LICENSED_PROVIDER", alice.client.linkIdentity({ file }));
  });

  it("is attested only with the code on the person's own screen", async () => {
    const mallory = await world.patient("mallory again");
    const code = await alice.client.ownAttestationCode();
    expect(code).to.match(/^\d{4}( \d{4}){4}$/);
    // Mallory's account instead of alice's, which the clinic was told over the wire.
    const swapped = { account: mallory.wallet.address, code, identifier, salt: identitySalt() };
    await expectCode("ATTESTATION_CODE_DIFFERS", clinic.client.attestIdentity(swapped));
    const unknown = { ...swapped, account: `0x${"11".repeat(20)}` };
    await expectCode("ATTESTATION_CODE_DIFFERS", clinic.client.attestIdentity(unknown));
    await clinic.client.attestIdentity({ ...swapped, account: alice.wallet.address, code: code.replaceAll(" ", "") });
  });

  it("has a code of account and key document, and of nothing else", () => {
    const [account, keyDocument] = [`0x${"5a".repeat(20)}`, `0x${"7b".repeat(32)}`];
    const code = attestationCode({ account, keyDocument });
    expect(attestationCode({ account: account.toUpperCase().replace("0X", "0x"), keyDocument })).to.equal(code);
    expect(attestationCode({ account: `0x${"5b".repeat(20)}`, keyDocument })).not.to.equal(code);
    expect(attestationCode({ account, keyDocument: `0x${"7c".repeat(32)}` })).not.to.equal(code);
  });
});

describe("an identity that its issuer withdraws", () => {
  let world: Devnet;
  let clinic: Actor;
  let lab: Actor;
  let alice: Actor;
  const write = (text: string, by = clinic) =>
    by.client.addRecord({ patient: alice.id, category: "SUMMARY", content: bytes(text) });
  let digest: string;
  let wrong: string;
  before(async () => {
    world = await createDevnet();
    [clinic, lab] = [await world.institution("General Hospital"), await world.institution("Laboratory")];
    alice = await world.patient("alice");
    for (const provider of [clinic, lab]) await relate(provider, alice);
    const code = await alice.client.ownAttestationCode();
    const about = { account: alice.wallet.address, code, identifier: "mrn|1", salt: identitySalt() };
    await clinic.client.linkIdentity({ file: await clinic.client.attestIdentity(about) });
    ({ digest } = await write("before"));
    ({ digest: wrong } = await write("somebody else's"));
    await handOn(clinic, alice, alice.id);
    const until = await inFuture(world, HOUR);
    await alice.client.grantAccess({
      viewer: lab.id,
      categories: ["SUMMARY"],
      purpose: "TREAT",
      steward: clinic.id,
      until,
    });
    await handOn(clinic, lab, alice.id);
    await alice.client.grantAccess({ ...payment(), categories: ["SUMMARY"], until, constraint: { records: [digest] } });
    const constraint = await alice.client.releaseConstraint({ ...payment(), to: clinic.id });
    await clinic.client.takeConstraint({ file: constraint });
  });
  const payment = () => ({ viewer: lab.id, purpose: "HPAYMT", steward: clinic.id }) as const;
  after(() => world.close());

  it("names who received keys", async () => {
    await expectCode("NO_SUCH_IDENTITY", lab.client.withdrawIdentity({ participant: alice.id }));
    const { released } = await clinic.client.withdrawIdentity({ participant: alice.id });
    expect(released.map(({ last: _, ...each }) => each)).to.deep.equal([
      { patient: alice.id, recipient: alice.id, purpose: "PATRQT" },
      { patient: alice.id, recipient: lab.id, purpose: "TREAT" },
    ]);
  });

  it("has nothing sealed or released by that issuer any more", async () => {
    for (const attempt of [
      () => write("after"),
      () => clinic.client.deliver({ patient: alice.id, viewer: alice.id, again: true }),
      () => clinic.client.releaseKeys({ patient: alice.id, viewer: alice.id, purpose: "PATRQT" }),
      () => clinic.client.releaseEnvelopes({ patient: alice.id, viewer: lab.id, purpose: "TREAT" }),
      () => clinic.client.releaseConstraint({ ...payment(), patient: alice.id, to: lab.id }),
    ]) {
      await expectCode("IDENTITY_WITHDRAWN", attempt);
    }
    await write("another provider's", lab);
    await clinic.client.retractRecord({ digest: wrong, reason: "somebody else's" });
    await expectCode("RECORD_RETRACTED", alice.client.openRecord({ digest: wrong }));
  });

  it("takes nothing from the person: reading, handing on, revoking", async () => {
    expect((await alice.client.openRecord({ digest })).content).to.deep.equal(bytes("before"));
    await handOn(alice, lab, alice.id);
    await alice.client.revokeAccess({ viewer: lab.id });
    await alice.client.endRelationship({ patient: alice.id, provider: clinic.id });
    await relate(clinic, alice);
  });

  it("is as before once the issuer restores it", async () => {
    await clinic.client.restoreIdentity({ participant: alice.id });
    await write("restored");
    await handOn(clinic, alice, alice.id);
  });
});
