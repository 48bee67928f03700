import { expect } from "chai";
import { concat, keccak256, toBeHex, toUtf8Bytes } from "ethers";

import { identityCommitment, identitySalt } from "../../../src/sdk/index.js";
import { expectCode } from "../helpers.js";
import { type Actor, createDevnet, type Devnet, throughJson } from "../../../devnet/index.js";

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
    const file = await clinic.client.attestIdentity({ account: alice.wallet.address, identifier, salt });
    await alice.client.linkIdentity({ file: throughJson(file) });
    expect(await clinic.client.resolve(claim)).to.equal(alice.id);
    expect(await clinic.client.resolve({ ...claim, salt: identitySalt() })).to.equal(undefined);
    expect(await clinic.client.resolve({ ...claim, issuer: alice.id })).to.equal(undefined);
    await expectCode("IDENTITY_ALREADY_LINKED", alice.client.linkIdentity({ file }));
  });

  it("counts for the account that it names only", async () => {
    const mallory = await world.patient("mallory");
    const salt = identitySalt();
    const file = await clinic.client.attestIdentity({ account: alice.wallet.address, identifier, salt });
    const stolen = { ...file, message: { ...file.message, account: mallory.wallet.address } };
    await expectCode("HANDOVER_ALTERED", mallory.client.linkIdentity({ file: stolen }));
    await mallory.client.linkIdentity({ file });
    expect(await clinic.client.resolve({ issuer: clinic.id, identifier, salt })).to.equal(alice.id);
  });

  it("is worth nothing from somebody who is no licensed provider", async () => {
    const file = await alice.client.attestIdentity({
      account: alice.wallet.address,
      identifier,
      salt: identitySalt(),
    });
    await expectCode("NOT_A_LICENSED_PROVIDER", alice.client.linkIdentity({ file }));
  });
});
